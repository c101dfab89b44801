"""The expressions that Terraform is asked for: a table of patterns, filled by a seeded generator.

The patterns are those of `tests/iac/terraform/truth/patterns.txt`. In one of them `<text>` stands for a drawn text,
`<list>` for a drawn list and so on; what is drawn may hold such places itself. The same seed makes the same
expressions, each kind has a generator of its own, and so a new kind changes no other.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Dict, Iterator, Mapping, Sequence, Tuple

import truth_patterns

PATTERNS = Path(__file__).resolve().parent.parent / "tests" / "iac" / "terraform" / "truth" / "patterns.txt"

SEED = 11
PER_KIND = 34
OPEN_PER_KIND = 8
_DRAWS = 600  # until a kind has no more
_DEEPEST = 4
_PLACE = re.compile(r"<([a-z_]+)>")
_POOL = "pool "

# Where something open may stand for what is drawn: the variables of `truth/root/open.tf`.
OPEN_FOR: Mapping[str, str] = {
    "text": "var.open_text",
    "short": "var.open_text",
    "name": "var.open_text",
    "json": "var.open_text",
    "number": "var.open_number",
    "small": "var.open_number",
    "bool": "var.open_bool",
    "texts": "var.open_list",
    "list": "var.open_list",
    "set": "var.open_set",
    "texts_set": "var.open_set",
    "map": "var.open_map",
    "collection": "var.open_any",
    "simple": "var.open_text",
    "any": "var.open_any",
    "bools": "[var.open_bool, <bool>]",
    "numbers": "[var.open_number, 1]",
}
OPEN_WITHIN = ("<open>", "[<open>, <simple>]", "{ a = <open>, b = <simple> }", "<open>")

Expression = Tuple[str, str]  # kind, code


def _kinds() -> Mapping[str, Sequence[str]]:
    return {
        heading: patterns
        for heading, patterns in truth_patterns.tables(PATTERNS).items()
        if not heading.startswith(_POOL)
    }


def expressions() -> Iterator[Expression]:
    """Every expression of the table, by kind; the same on every run."""
    for kind, patterns in _kinds().items():
        draw = random.Random(f"{SEED} {kind}")  # noqa: S311
        found: Dict[str, None] = {}
        for turn in range(_DRAWS):
            if len(found) == PER_KIND:
                break
            found[_filled(patterns[turn % len(patterns)], draw)] = None
        for code in found:
            yield kind, code


def open_expressions() -> Iterator[Expression]:
    """Expressions of which something is open, by kind."""
    for kind, patterns in _kinds().items():
        draw = random.Random(f"{SEED} open {kind}")  # noqa: S311
        found: Dict[str, None] = {}
        for turn in range(_DRAWS):
            code = _filled(_with_open(patterns[turn % len(patterns)], draw), draw)
            if len(found) < OPEN_PER_KIND and "var.open_" in code:
                found[code] = None
        for code in found:
            yield kind, code


def _filled(pattern: str, draw: random.Random, depth: int = 0) -> str:
    """The pattern with something drawn in each of its places."""

    def drawn(place: re.Match[str]) -> str:
        choices = truth_patterns.tables(PATTERNS).get(_POOL + place[1])
        if choices is None:
            return place[0]
        one = draw.choice(choices)
        return _filled(one, draw, depth + 1) if depth < _DEEPEST else _PLACE.sub('"a"', one)

    return _PLACE.sub(drawn, pattern)


def _with_open(pattern: str, draw: random.Random) -> str:
    """The pattern with something open in some of its places."""

    def drawn(place: re.Match[str]) -> str:
        opened = OPEN_FOR.get(place[1])
        if opened is None or draw.random() < 0.5:
            return place[0]
        return draw.choice(OPEN_WITHIN).replace("<open>", opened) if place[1] == "any" else opened

    return _PLACE.sub(drawn, pattern)
