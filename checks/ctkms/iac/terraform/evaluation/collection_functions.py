"""Terraform's functions on lists, sets and maps; they keep what is known of a collection with holes.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import itertools
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import boolean, integer, number, plain, text, whole
from ctkms.iac.terraform.evaluation.open_names import describe, open_call, open_value, operand
from ctkms.iac.terraform.evaluation.values import MAX_ITEMS, Json, Unordered, Value, fail, has_rest, is_known, is_text
from ctkms.unknowns.text import Hole, Partial, Rest

MAX_COMPARISONS = 1_000_000
_SCANNED = 50  # members that are passed in the time of one step

# Access


def known_length(items: List[Value]) -> int:
    """How many elements are certainly at the positions where they stand."""
    return next((position for position, item in enumerate(items) if isinstance(item, Rest)), len(items))


def item_at(items: List[Value], position: int) -> Value:
    """The element at an index."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if 0 <= position < known_length(items):
        return items[position]
    if position >= 0 and has_rest(items):
        return open_value(f"{operand(items)}[{position}]", items)
    return fail("the index is outside of the list")


def item_of(items: Mapping[Any, Value], key: str) -> Value:
    """The value of a key."""
    take(Budget.STEPS, len(items) // _SCANNED)
    if not all(isinstance(one, str) for one in items):
        return open_value(f"{operand(items)}[{describe(key)}]", [items])
    return items[key] if key in items else fail("the map has no such key")


def _list(value: Value) -> List[Value]:
    return value if isinstance(value, list) else fail("a list is required")


def _map(value: Value) -> Dict[Any, Value]:
    return value if isinstance(value, dict) else fail("a map is required")


def _sized(items: Iterable[Value]) -> List[Value]:
    """The elements, unless there are more than any configuration has."""
    listed = list(itertools.islice(items, MAX_ITEMS + 1))
    if len(listed) > MAX_ITEMS:
        raise TooLarge
    return listed


def _affordable(first: List[Value], *others: List[Value]) -> None:
    """Refuse to compare each element with each where that takes too long."""
    if any(len(first) * len(other) > MAX_COMPARISONS for other in others):
        raise TooLarge


def _spread(value: Value) -> List[Value]:
    """The elements of a list; of one that is not known, any number of elements."""
    if isinstance(value, Hole) and not is_text(value):
        return [Rest(value)]
    return _list(value)


def _unified(items: List[Value]) -> List[Value]:
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


# Lists


def concat(*lists: Value) -> Value:
    return _sized(item for one in lists for item in _spread(one))


def flatten(value: Value) -> Value:
    """An open element may itself be a list, so it stands for any number of elements."""
    result: List[Value] = []
    waiting = [iter(_spread(value))]
    while waiting:
        for item in waiting[-1]:
            take(Budget.STEPS)
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            result.append(Rest(item) if isinstance(item, Hole) and not is_text(item) else item)
            if len(result) > MAX_ITEMS:
                raise TooLarge
        else:
            waiting.pop()
    return result


def distinct(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("distinct", [value])
    items = without_repeats(_unified(_list(value)))
    return items if is_known(items) else Unordered(items)  # a hole may turn out to repeat another element


def compact(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("compact", [value])
    kept = [item for item in _list(value) if item not in ("", None)]
    return [Rest(item) if isinstance(item, Hole) and not is_text(item) else item for item in kept]


def reverse(value: Value) -> Value:
    return open_call("reverse", [value]) if isinstance(value, Hole) else _list(value)[::-1]


def sort(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("sort", [value])
    items = _list(value)
    return sorted(map(plain, items)) if is_known(items) else Unordered(items)


def slice_(value: Value, first: Value, last: Value) -> Value:
    if isinstance(value, (Hole, Unordered)) or not is_known(first, last) or known_length(_list(value)) < integer(last):
        if isinstance(value, list) and is_known(value, first, last):
            return fail("the end of the slice is outside of the list")
        return open_call("slice", [value, first, last])
    if not 0 <= integer(first) <= integer(last):
        return fail("the slice ends before it starts")
    return value[integer(first) : integer(last)]


def element(value: Value, position: Value) -> Value:
    if isinstance(value, (Hole, Unordered)) or not is_known(position):
        return open_call("element", [value, position])
    items, at = _list(value), integer(position)
    if at < 0:  # an error, or counted from the end: Terraform's releases differ
        return open_call("element", [value, position])
    if has_rest(items):
        return items[at] if at < known_length(items) else open_call("element", [value, position])
    return items[at % len(items)] if items else fail("the list is empty")


def one(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("one", [value])
    items = _list(value)
    if has_rest(items) or (isinstance(items, Unordered) and len(items) > 1 and not is_known(items)):
        return open_call("one", [value])
    if len(items) > 1:
        return fail("one takes a list with no more than one element")
    return items[0] if items else None


def index(value: List[Value], wanted: Value) -> Value:
    return next((at for at, item in enumerate(_list(value)) if same(item, wanted)), None) or (
        0 if value and same(value[0], wanted) else fail("the list has no such element")
    )


def contains(value: Value, wanted: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("contains", [value, wanted])
    answers = [None if isinstance(item, Rest) else same(item, wanted) for item in _list(value)]
    if True in answers:
        return True
    return open_call("contains", [value, wanted]) if None in answers else False


def length(value: Value) -> Value:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (Hole, Partial, Json)):
        return open_call("length", [value])
    if not isinstance(value, (list, dict)):
        return fail("length takes a string, a list or a map")
    uncertain = (
        has_rest(value) or (isinstance(value, Unordered) and not is_known(value) and len(value) > 1)
        if isinstance(value, list)
        else not all(isinstance(key, str) for key in value)
    )
    return open_call("length", [value]) if uncertain else len(value)


def range_(*bounds: Value) -> Value:
    numbers = [number(bound) for bound in bounds]
    start, limit = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else 1 if start <= limit else -1
    if step == 0 or (limit - start) * step < 0:
        return [] if start == limit else fail("the step leads away from the limit")
    result: List[Value] = []
    while (start < limit) if step > 0 else (start > limit):
        result.append(whole(start))
        if len(result) > 1024:  # Terraform's own limit
            return fail("more than 1024 elements")
        start += step
    return result


def chunklist(value: Value, size: Value) -> Value:
    items, step = _list(value), integer(size)
    if step < 0:
        return fail("the size of a chunk is negative")
    return [items[at : at + step] for at in range(0, len(items), step)] if step else [items]


def matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    if len(_list(values)) != len(_list(keys)):
        return fail("matchkeys takes as many keys as values")
    _affordable(keys, _list(wanted))
    return [item for item, key in zip(values, keys) if any(same(key, one) for one in _list(wanted))]


def coalesce(*arguments: Value) -> Value:
    items = [item for item in _unified(list(arguments)) if item is not None and item != ""]
    if not items:
        return fail("coalesce finds no value")
    certain = is_known(items[0]) or is_text(items[0])
    return items[0] if certain else open_call("coalesce", items)


def coalescelist(*lists: Value) -> Value:
    for position, value in enumerate(lists):
        if isinstance(value, Hole) or (isinstance(value, list) and value and known_length(value) == 0):
            return open_call("coalescelist", lists[position:])
        if value:
            return value
    return fail("coalescelist finds no list with an element")


def all_true(value: Value) -> Value:
    return _over_bools("alltrue", value, decisive=False)


def any_true(value: Value) -> Value:
    return _over_bools("anytrue", value, decisive=True)


def _over_bools(name: str, value: Value, decisive: bool) -> Value:
    if isinstance(value, Hole):
        return open_call(name, [value])
    answers = [boolean(item) if is_known(item) else None for item in _list(value)]
    if decisive in answers:
        return decisive
    return open_call(name, [value]) if None in answers else not decisive


def sum_(value: Value) -> Value:
    return whole(sum(map(number, _list(value)))) if value else fail("sum takes at least one number")


# Sets


def to_set(value: Value) -> Value:
    if isinstance(value, Hole):
        return value
    items = without_repeats(_unified(_list(value)))
    return Unordered(sorted(items, key=lambda item: item if isinstance(item, str) else describe(item)))


def union(*sets: Value) -> Value:
    return to_set(concat(*sets))


def intersection(*sets: Value) -> Value:
    first, *others = [to_set(one) for one in sets]
    _affordable(first, *others)
    return Unordered(item for item in first if all(any(same(item, one) for one in other) for other in others))


def subtract(left: Value, right: Value) -> Value:
    removed = to_set(right)
    _affordable(_list(left), removed)
    return Unordered(item for item in to_set(left) if not any(same(item, one) for one in removed))


def product(*sets: Value) -> Value:
    if len(sets) < 2 or any(isinstance(one, (Hole, Unordered)) and not is_known(one) for one in sets):
        return open_call("setproduct", sets)
    if any(has_rest(_list(one)) for one in sets):
        return open_call("setproduct", sets)
    made = _sized(list(items) for items in itertools.product(*sets))
    return Unordered(made) if all(isinstance(one, Unordered) for one in sets) else made


# Maps


def merge(*maps: Value) -> Value:
    given = [one for one in maps if one is not None]
    if any(isinstance(one, Hole) for one in given):
        return open_call("merge", given) if len(given) > 1 else given[0]
    return {key: item for one in given for key, item in _map(one).items()}


def keys(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("keys", [value])
    names = list(_map(value))
    return sorted(names) if all(isinstance(name, str) for name in names) else Unordered(names)


def values(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("values", [value])
    names = list(_map(value))
    known = all(isinstance(name, str) for name in names)
    return [value[name] for name in sorted(names)] if known else Unordered(value.values())


def lookup(value: Value, key: Value, *default: Value) -> Value:
    if isinstance(value, Hole) or not is_known(key) or not all(isinstance(name, str) for name in _map(value)):
        return open_call("lookup", [value, key, *default])
    if plain(key) in value:
        return value[plain(key)]
    return default[0] if default else fail("the map has no such key")


def zipmap(names: Value, items: Value) -> Value:
    if isinstance(names, Hole) or isinstance(items, Hole) or has_rest(_list(names)) or has_rest(_list(items)):
        return open_call("zipmap", [names, items])
    if len(names) != len(items):
        return fail("zipmap takes as many keys as values")
    if not is_known(names) or (isinstance(items, Unordered) and not is_known(items)):
        return open_call("zipmap", [names, items])
    return dict(zip(map(plain, names), items))


def transpose(value: Value) -> Value:
    result: Dict[str, List[str]] = {}
    for name in sorted(_map(value)):
        for item in _list(value[name]):
            result.setdefault(plain(item), []).append(name)
    return {name: sorted(result[name]) for name in sorted(result)}


# Conversions


def to_list(value: Value) -> Value:
    if isinstance(value, Hole) or value is None:
        return value
    items = _list(value)
    if isinstance(items, Unordered):
        return list(items) if is_known(items) else items
    return _unified(items)


def to_map(value: Value) -> Value:
    if isinstance(value, Hole) or value is None:
        return value
    items = _map(value)
    return dict(zip(items, _unified(list(items.values()))))


def nullable(convert: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """A conversion that leaves null alone."""
    return lambda value: None if value is None else convert(value)
