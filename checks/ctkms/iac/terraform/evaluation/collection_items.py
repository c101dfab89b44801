"""The items of lists, sets and maps, of which some may not be known."""

from __future__ import annotations

import itertools
from typing import Any, Dict, Iterable, List, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.further_elements import element
from ctkms.iac.terraform.evaluation.open_names import describe, open_call, open_value, operand
from ctkms.iac.terraform.evaluation.values import MAX_ITEMS, Value, fail, has_rest, is_text
from ctkms.unknowns.text import Hole, Rest

MAX_COMPARISONS = 1_000_000


_SCANNED = 50  # members that are passed in the time of one step


def known_length(items: List[Value]) -> int:
    """How many elements are certainly at the positions where they stand."""
    return next((position for position, item in enumerate(items) if isinstance(item, Rest)), len(items))


def item_at(items: List[Value], position: int) -> Value:
    """The element at an index."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if 0 <= position < known_length(items):
        return items[position]
    if position >= 0 and has_rest(items):
        return element(items[known_length(items) :], f"{operand(items)}[{position}]")
    return fail("the index is outside of the list")


def item_of(items: Dict[Any, Value], key: str) -> Value:
    """The value of a key."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if not all(isinstance(one, str) for one in items):
        return open_value(f"{operand(items)}[{describe(key)}]", [items])
    return items[key] if key in items else fail("the map has no such key")


def listed(value: Value) -> List[Value]:
    return value if isinstance(value, list) else fail("a list is required")


def mapped(value: Value) -> Dict[Any, Value]:
    return value if isinstance(value, dict) else fail("a map is required")


def sized(items: Iterable[Value]) -> List[Value]:
    """The elements, unless there are more than any configuration has."""
    listed = list(itertools.islice(items, MAX_ITEMS + 1))
    if len(listed) > MAX_ITEMS:
        raise TooLarge
    return listed


def check_comparisons(first: List[Value], *others: List[Value]) -> None:
    """Refuse to compare each element with each where that takes too long."""
    if any(len(first) * len(other) > MAX_COMPARISONS for other in others):
        raise TooLarge


def spread(value: Value) -> List[Value]:
    """The elements of a list; of one that is not known, any number of elements."""
    if isinstance(value, Hole) and not is_text(value):
        return [Rest(value)]
    return listed(value)


def unified(items: List[Value]) -> List[Value]:
    """Elements of one type: where strings and numbers or bools meet, Terraform makes strings of all."""
    kinds = {_scalar_kind(item) for item in items} - {None}
    if len(kinds) > 1:
        return [item if _scalar_kind(item) is None else text(item) for item in items]
    if kinds and kinds != {"string"} and any(_is_open(item) for item in items):
        return [item if _scalar_kind(item) is None else open_call("convert", [item, items]) for item in items]
    return items


def _is_open(item: Value) -> bool:
    """Whether an element may turn out to be a string, among others."""
    return isinstance(item, (Rest, Hole)) and not is_text(item)


def _scalar_kind(value: Value) -> Optional[str]:
    if is_text(value):
        return "string"
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, float)) else None


def without_repeats(items: List[Value]) -> List[Value]:
    """The elements, each where it stands first."""
    seen = set()
    kept = []
    for item in items:
        name = describe(item)
        if name not in seen:
            seen.add(name)
            kept.append(item)
    return kept
