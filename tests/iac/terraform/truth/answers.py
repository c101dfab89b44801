"""Comparing a value of this pack with the one that Terraform has."""

from __future__ import annotations

import itertools
import re
from typing import Any, Dict, List, Tuple

from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.values import Json, Unordered, Value
from ctkms.unknowns.text import Hole, Partial, Rest

AGREED, OPEN, WRONG = "agreed", "open", "wrong"
_RANK = {AGREED: 0, OPEN: 1, WRONG: 2}


def compare(ours: Value, theirs: Any, type_: Any) -> str:
    """Whether the two are the same, or ours leaves something open that may be theirs, or ours is wrong."""
    if isinstance(ours, Json):
        ours = text(ours)
    if isinstance(ours, (Hole, Rest)):
        return OPEN
    if isinstance(ours, Partial):
        return OPEN if isinstance(theirs, str) and _pattern(ours).fullmatch(theirs) else WRONG
    kind = type_[0] if isinstance(type_, list) else type_
    if isinstance(ours, list):
        return _compare_lists(ours, theirs, kind, type_[1]) if isinstance(theirs, list) else WRONG
    if isinstance(ours, dict):
        return _compare_mappings(ours, theirs, kind, type_[1]) if isinstance(theirs, dict) else WRONG
    same_type = isinstance(ours, bool) == isinstance(theirs, bool) and isinstance(ours, str) == isinstance(theirs, str)
    return AGREED if same_type and ours == theirs else WRONG


def _pattern(partial: Partial) -> re.Pattern[str]:
    return re.compile("".join(re.escape(one) if isinstance(one, str) else "(?s:.*)" for one in partial.parts))


def _worst(outcomes: List[str]) -> str:
    return max(outcomes, key=_RANK.__getitem__, default=AGREED)


def _compare_lists(ours: List[Value], theirs: List[Any], kind: str, types: Any) -> str:
    each = types if kind == "tuple" else [types] * len(theirs)
    if any(isinstance(one, Rest) for one in ours):
        listed = sum(not isinstance(one, Rest) for one in ours)
        unordered = isinstance(ours, Unordered) or kind == "set"
        return OPEN if unordered or (listed <= len(theirs) and _ends_fit(ours, theirs, each)) else WRONG
    if isinstance(ours, Unordered) or kind == "set":
        outcome = _compare_sets(ours, theirs, each)
        return OPEN if outcome == AGREED and kind != "set" and len(theirs) > 1 else outcome
    if len(ours) != len(theirs):
        return WRONG
    return _worst([compare(*row) for row in zip(ours, theirs, each)])


def _ends_fit(ours: List[Value], theirs: List[Any], types: List[Any]) -> bool:
    """Whether what stands before the first open part, and after the last, is theirs."""
    pairs = [*itertools.takewhile(_is_listed, zip(ours, theirs, types))]
    pairs += itertools.takewhile(_is_listed, zip(ours[::-1], theirs[::-1], types[::-1]))
    return all(compare(*pair) != WRONG for pair in pairs)


def _is_listed(pair: Tuple[Value, Any, Any]) -> bool:
    return not isinstance(pair[0], Rest)


def _compare_sets(ours: List[Value], theirs: List[Any], types: List[Any]) -> str:
    """Each of ours is paired with one of theirs; the open ones take what is left."""
    if len(ours) < len(theirs):
        return WRONG
    left = list(zip(theirs, types))
    opened = 0
    for one in ours:
        match = next((pair for pair in left if compare(one, *pair) == AGREED), None)
        if match is not None:
            left.remove(match)
        elif any(compare(one, *pair) == OPEN for pair in zip(theirs, types)):
            opened += 1
        else:
            return WRONG
    return WRONG if len(left) > opened else OPEN if opened else AGREED


def _compare_mappings(ours: Dict[Any, Value], theirs: Dict[str, Any], kind: str, types: Any) -> str:
    if any(not isinstance(key, str) for key in ours):
        return OPEN
    if set(ours) != set(theirs):
        return WRONG
    each = types if kind == "object" else dict.fromkeys(theirs, types)
    return _worst([compare(ours[key], value, each[key]) for key, value in theirs.items()])
