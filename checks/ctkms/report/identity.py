"""What makes a finding the same one in the next scan: its rule, its resource and the element that decides, no line."""

from __future__ import annotations

import hashlib
import re
from importlib import metadata
from typing import Dict, Iterable, Iterator, Tuple

from ctkms.report.results import Record

_STATEMENT = re.compile(r"(Statement/)\[\d+\]")


def fingerprints(records: Iterable[Record]) -> Iterator[Tuple[Record, str]]:
    """Each record with a text that stays when lines move; where two would have the same one, they are numbered."""
    seen: Dict[str, int] = {}
    for record in records:
        parts = (record.rule, record.block.file, record.resource, _element(record))
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        yield record, digest if seen[digest] == 1 else f"{digest}:{seen[digest]}"


def _element(record: Record) -> str:
    """The path of the deciding element; a statement by its Sid, since others may be written before it."""
    return _STATEMENT.sub(lambda found: f"{found[1]}{record.sid}", record.path) if record.sid else record.path


def pack_version() -> str:
    """The version of the installed package; a checkout has none."""
    try:
        return metadata.version("checkov-cloudtrail-kms")
    except metadata.PackageNotFoundError:
        return "0"
