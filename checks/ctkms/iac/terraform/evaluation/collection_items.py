"""The items of lists, sets and maps, of which some may not be known."""

from __future__ import annotations

import itertools
from typing import Any, Dict, Iterable, List

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.further_elements import element
from ctkms.iac.terraform.evaluation.open_names import describe, open_value, operand
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, Type
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    ListOf,
    MapOf,
    Null,
    ObjectOf,
    Set,
    TupleOf,
    Value,
    fail,
    has_rest,
    is_text,
)
from ctkms.unknowns.text import Hole, Rest

MAX_COMPARISONS = 1_000_000


_SCANNED = 50  # members that are passed in the time of one step


def known_length(items: List[Value]) -> int:
    """How many elements are certainly at the positions where they stand."""
    return next((position for position, item in enumerate(items) if isinstance(item, Rest)), len(items))


def item_at(items: List[Value], position: int) -> Value:
    """The element at an index."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if isinstance(items, Set):
        return fail("a set has no indexes")
    if 0 <= position < known_length(items):
        item = items[position]
        if item is None and isinstance(items, (ListOf, TupleOf)):
            return typed_null(items.type.element if isinstance(items, ListOf) else items.type.at(position))
        return item
    if position >= 0 and has_rest(items):
        return element(items[known_length(items) :], f"{operand(items)}[{position}]")
    return fail("the index is outside of the list")


def item_of(items: Dict[Any, Value], key: str) -> Value:
    """The value of a key."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if not all(isinstance(one, str) for one in items):
        return open_value(f"{operand(items)}[{describe(key)}]", [items])
    if key not in items:
        return fail("the map has no such key")
    item = items[key]
    if item is None and isinstance(items, (MapOf, ObjectOf)):
        return typed_null(items.type.element if isinstance(items, MapOf) else items.type.of(key))
    return item


def typed_items(items: List[Value]) -> List[Value]:
    """The elements, with the types of the nulls among them."""
    if not isinstance(items, (ListOf, Set, TupleOf)) or not any(item is None for item in items):
        return items
    of = items.type
    types = map(of.at, range(len(items))) if isinstance(items, TupleOf) else of.inner * len(items)
    return [typed_null(type_) if item is None else item for item, type_ in zip(items, types)]


def typed_attributes(items: Dict[Any, Value]) -> Dict[Any, Value]:
    """The elements or attributes, with the types of the nulls among them."""
    if not isinstance(items, (MapOf, ObjectOf)) or not any(item is None for item in items.values()):
        return items
    return {key: item_of(items, key) if item is None else item for key, item in items.items()}


def typed_null(type_: Type) -> Value:
    """Null, of the type that the elements have."""
    return None if type_ == DYNAMIC else Null(type_)


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
    return typed_items(listed(value))
