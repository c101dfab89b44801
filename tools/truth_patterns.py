"""Tables of patterns, kept as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Dict, List, Mapping, Sequence

_SIGNS = {ord("⏎"): "\n", ord("␍"): "\r", ord("∅"): ""}


@cache
def tables(path: Path) -> Mapping[str, Sequence[str]]:
    """The patterns below each `== heading` of a file; `⏎` is a line feed, `␍` a carriage return, `∅` nothing."""
    found: Dict[str, List[str]] = {}
    heading = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("== "):
            heading = line[len("== ") :]
            found[heading] = []
        elif line and heading:
            found[heading].append(line.translate(_SIGNS))
    return found
