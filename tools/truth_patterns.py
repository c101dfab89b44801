"""Tables of patterns, kept as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Dict, List, Mapping, Sequence


@cache
def tables(path: Path) -> Mapping[str, Sequence[str]]:
    """The patterns below each `== heading` of a file; `⏎` is a line break and `∅` an empty pattern."""
    found: Dict[str, List[str]] = {}
    heading = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("== "):
            heading = line[len("== ") :]
            found[heading] = []
        elif line and heading:
            found[heading].append("" if line == "∅" else line.replace("⏎", "\n"))
    return found
