"""Terraform's functions that make lists; they keep what is known of a list with holes.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from typing import List, Sequence

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.collection_items import (
    check_comparisons,
    known_length,
    listed,
    sized,
    spread,
    typed_items,
)
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import integer, number, plain, whole
from ctkms.iac.terraform.evaluation.further_elements import perhaps
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.set_members import without_repeats
from ctkms.iac.terraform.evaluation.type_conversion import convert, made_tuple, type_of
from ctkms.iac.terraform.evaluation.unification import unify
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, NUMBER, STRING, list_of
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    ListOf,
    Set,
    Unordered,
    Value,
    fail,
    is_known,
    is_text,
    plain_null,
)
from ctkms.unknowns.text import Hole, Rest


def like(items: Sequence[Value], source: Value) -> Value:
    """Elements of a list, as the kind of list that it is."""
    if isinstance(source, Unordered):
        return Unordered(map(plain_null, items))
    if isinstance(source, (ListOf, Set)):
        return ListOf(map(plain_null, items), list_of(source.type.element))
    return made_tuple(list(items))


def concat(*lists: Value) -> Value:
    """A list where all are lists and have a type in common, else a tuple."""
    if not lists or any(isinstance(one, Set) for one in lists):
        return fail("concat takes lists")
    common = unify([type_of(one) for one in lists]) if all(isinstance(one, ListOf) for one in lists) else None
    given = lists if common is None else [convert(one, common) for one in lists]
    items = sized(item for one in given for item in spread(one))
    if any(isinstance(one, Unordered) for one in given):
        return Unordered(map(plain_null, items))
    return made_tuple(items) if common is None else ListOf(map(plain_null, items), common)


def flatten(value: Value) -> Value:
    """An open element may itself be a list, so it stands for any number of elements."""
    result: List[Value] = []
    waiting = [iter(spread(value))]
    unordered = isinstance(value, Unordered)
    while waiting:
        for item in waiting[-1]:
            take(Budget.STEPS)
            if isinstance(item, list):
                unordered = unordered or isinstance(item, Unordered)
                waiting.append(iter(typed_items(item)))
                break
            if isinstance(item, Rest) and isinstance(item.each, list):
                waiting.append(iter(_further(item.each)))
                break
            result.append(Rest(item) if isinstance(item, Hole) and _may_be_list(item) else item)
            if len(result) > MAX_ITEMS:
                raise TooLarge
        else:
            waiting.pop()
    return Unordered(map(plain_null, result)) if unordered else made_tuple(result)


def _may_be_list(hole: Hole) -> bool:
    return type_of(hole).kind in ("open", "dynamic", "list", "set", "tuple")


def _further(items: List[Value]) -> List[Value]:
    """The elements of each of any number of lists that look like this one."""
    return [item if isinstance(item, Rest) else perhaps(item) for item in items]


def distinct(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("distinct", [value])
    items = without_repeats(listed(value))
    return like(items, value) if is_known(items) else Unordered(items)  # a hole may turn out to repeat another element


def compact(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("compact", [value])
    kept = [item for item in listed(value) if item not in ("", None)]
    return like([Rest(item) if isinstance(item, Hole) and not is_text(item) else item for item in kept], value)


def reverse(value: Value) -> Value:
    return open_call("reverse", [value]) if isinstance(value, Hole) else like(typed_items(listed(value))[::-1], value)


def sort(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("sort", [value])
    items = listed(value)
    if None in items:
        return fail("sort takes no null")
    return ListOf(sorted(map(plain, items)), list_of(STRING)) if is_known(items) else Unordered(items)


def slice_(value: Value, first: Value, last: Value) -> Value:
    if isinstance(value, Set):
        return fail("a set has no slices")
    if isinstance(value, (Hole, Unordered)) or not is_known(first, last) or known_length(listed(value)) < integer(last):
        if isinstance(value, list) and is_known(value, first, last):
            return fail("the end of the slice is outside of the list")
        return open_call("slice", [value, first, last])
    if not 0 <= integer(first) <= integer(last):
        return fail("the slice ends before it starts")
    return like(typed_items(listed(value))[integer(first) : integer(last)], value)


def chunklist(value: Value, size: Value) -> Value:
    items, step = listed(value), integer(size)
    if step < 0:
        return fail("the size of a chunk is negative")
    of = list_of(type_of(like((), value)))
    if step == 0 or not items:
        return ListOf([value] if items else [], of)
    return ListOf([like(items[at : at + step], value) for at in range(0, len(items), step)], of)


def range_(*bounds: Value) -> Value:
    if not 1 <= len(bounds) <= 3:
        return fail("range takes one to three numbers")
    numbers = [number(bound) for bound in bounds]
    start, limit = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else 1 if start <= limit else -1
    if step == 0 or (limit - start) * step < 0:
        return fail("the step leads away from the limit")
    result: List[Value] = []
    while (start < limit) if step > 0 else (start > limit):
        result.append(whole(start))
        if len(result) > 1024:  # Terraform's own limit
            return fail("more than 1024 elements")
        start += step
    return ListOf(result, list_of(NUMBER))


def matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    common = unify([type_of(keys), type_of(wanted)])
    if common is None or len(listed(values)) != len(listed(keys)):
        return fail("matchkeys takes as many keys as values, and keys of one type")
    given, sought = listed(convert(keys, common)), listed(convert(wanted, common))
    check_comparisons(given, sought)
    kept = [item for item, key in zip(listed(values), given) if any(same(key, one) for one in sought)]
    return like(kept, values)


def coalescelist(*lists: Value) -> Value:
    if not all(isinstance(one, (Hole, list)) and not isinstance(one, Set) for one in lists):
        return fail("coalescelist takes lists")
    for position, value in enumerate(lists):
        if isinstance(value, Hole) or (isinstance(value, list) and value and known_length(value) == 0):
            return open_call("coalescelist", lists[position:])
        if value:
            return value
    return fail("coalescelist finds no list with an element")


def to_list(value: Value) -> Value:
    return convert(value, list_of(DYNAMIC))
