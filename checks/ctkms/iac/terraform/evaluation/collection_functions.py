"""Terraform's functions on lists, sets and maps; they keep what is known of a collection with holes.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from typing import Callable, Dict, List

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.collection_items import (
    check_comparisons,
    known_length,
    listed,
    mapped,
    sized,
    spread,
    unified,
    without_repeats,
)
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import boolean, integer, number, plain, whole
from ctkms.iac.terraform.evaluation.further_elements import element as further_element
from ctkms.iac.terraform.evaluation.further_elements import only, perhaps, values_of
from ctkms.iac.terraform.evaluation.open_names import describe, open_call
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    Json,
    OpenMap,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_text,
)
from ctkms.unknowns.text import Hole, Partial, Rest


def concat(*lists: Value) -> Value:
    return sized(item for one in lists for item in spread(one))


def flatten(value: Value) -> Value:
    """An open element may itself be a list, so it stands for any number of elements."""
    result: List[Value] = []
    waiting = [iter(spread(value))]
    while waiting:
        for item in waiting[-1]:
            take(Budget.STEPS)
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            if isinstance(item, Rest) and isinstance(item.each, list):
                waiting.append(iter(_further(item.each)))
                break
            result.append(Rest(item) if isinstance(item, Hole) and not is_text(item) else item)
            if len(result) > MAX_ITEMS:
                raise TooLarge
        else:
            waiting.pop()
    return result


def _further(items: List[Value]) -> List[Value]:
    """The elements of each of any number of lists that look like this one."""
    return [item if isinstance(item, Rest) else perhaps(item) for item in items]


def distinct(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("distinct", [value])
    items = without_repeats(unified(listed(value)))
    return items if is_known(items) else Unordered(items)  # a hole may turn out to repeat another element


def compact(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("compact", [value])
    kept = [item for item in listed(value) if item not in ("", None)]
    return [Rest(item) if isinstance(item, Hole) and not is_text(item) else item for item in kept]


def reverse(value: Value) -> Value:
    return open_call("reverse", [value]) if isinstance(value, Hole) else listed(value)[::-1]


def sort(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("sort", [value])
    items = listed(value)
    return [*sorted(map(plain, items))] if is_known(items) else Unordered(items)


def slice_(value: Value, first: Value, last: Value) -> Value:
    if isinstance(value, (Hole, Unordered)) or not is_known(first, last) or known_length(listed(value)) < integer(last):
        if isinstance(value, list) and is_known(value, first, last):
            return fail("the end of the slice is outside of the list")
        return open_call("slice", [value, first, last])
    if not 0 <= integer(first) <= integer(last):
        return fail("the slice ends before it starts")
    return listed(value)[integer(first) : integer(last)]


def element(value: Value, position: Value) -> Value:
    expression = f"element({describe(value)}, {describe(position)})"
    if isinstance(value, Unordered) and (not is_known(value) or not is_known(position)):
        return further_element(value, expression)
    if isinstance(value, (Hole, Unordered)) or not is_known(position):
        return open_call("element", [value, position])
    items, at = listed(value), integer(position)
    if at < 0:  # an error, or counted from the end: Terraform's releases differ
        return open_call("element", [value, position])
    if has_rest(items):
        return items[at] if at < known_length(items) else further_element(items, expression)
    return items[at % len(items)] if items else fail("the list is empty")


def one(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("one", [value])
    items = listed(value)
    if has_rest(items) or (isinstance(items, Unordered) and len(items) > 1 and not is_known(items)):
        return only(items, f"one({describe(value)})")
    if len(items) > 1:
        return fail("one takes a list with no more than one element")
    return items[0] if items else None


def index(value: List[Value], wanted: Value) -> Value:
    return next((at for at, item in enumerate(listed(value)) if same(item, wanted)), None) or (
        0 if value and same(value[0], wanted) else fail("the list has no such element")
    )


def contains(value: Value, wanted: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("contains", [value, wanted])
    answers = [None if isinstance(item, Rest) else same(item, wanted) for item in listed(value)]
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
    items, step = listed(value), integer(size)
    if step < 0:
        return fail("the size of a chunk is negative")
    return [items[at : at + step] for at in range(0, len(items), step)] if step else [items]


def matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    if len(listed(values)) != len(listed(keys)):
        return fail("matchkeys takes as many keys as values")
    check_comparisons(listed(keys), listed(wanted))
    pairs = zip(listed(values), listed(keys))
    return [item for item, key in pairs if any(same(key, one) for one in listed(wanted))]


def coalesce(*arguments: Value) -> Value:
    items = [item for item in unified(list(arguments)) if item is not None and item != ""]
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
    answers = [boolean(item) if is_known(item) else None for item in listed(value)]
    if decisive in answers:
        return decisive
    return open_call(name, [value]) if None in answers else not decisive


def sum_(value: Value) -> Value:
    return whole(sum(map(number, listed(value)))) if value else fail("sum takes at least one number")


def merge(*maps: Value) -> Value:
    given = [one for one in maps if one is not None]
    if any(isinstance(one, Hole) for one in given):
        return open_call("merge", given) if len(given) > 1 else given[0]
    return {key: item for one in given for key, item in mapped(one).items()}


def keys(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("keys", [value])
    names = list(mapped(value))
    return sorted(names) if all(isinstance(name, str) for name in names) else Unordered(names)


def values(value: Value) -> Value:
    if isinstance(value, OpenMap):
        return [values_of(value)]
    if isinstance(value, Hole):
        return open_call("values", [value])
    items = mapped(value)
    known = all(isinstance(name, str) for name in items)
    return [items[name] for name in sorted(items)] if known else Unordered(items.values())


def lookup(value: Value, key: Value, *default: Value) -> Value:
    if isinstance(value, OpenMap) and not default:
        return further_element([values_of(value)], f"lookup({describe(value)}, {describe(key)})")
    if isinstance(value, Hole) or not is_known(key) or not all(isinstance(name, str) for name in mapped(value)):
        return open_call("lookup", [value, key, *default])
    if plain(key) in mapped(value):
        return mapped(value)[plain(key)]
    return default[0] if default else fail("the map has no such key")


def zipmap(names: Value, items: Value) -> Value:
    if isinstance(names, Hole) or isinstance(items, Hole) or has_rest(listed(names)) or has_rest(listed(items)):
        return open_call("zipmap", [names, items])
    if len(listed(names)) != len(listed(items)):
        return fail("zipmap takes as many keys as values")
    if not is_known(names) or (isinstance(items, Unordered) and not is_known(items)):
        return open_call("zipmap", [names, items])
    return dict(zip(map(plain, listed(names)), listed(items)))


def transpose(value: Value) -> Value:
    result: Dict[str, List[str]] = {}
    for name in sorted(mapped(value)):
        for item in listed(mapped(value)[name]):
            result.setdefault(plain(item), []).append(name)
    return {name: [*sorted(result[name])] for name in sorted(result)}


def to_list(value: Value) -> Value:
    if isinstance(value, Hole) or value is None:
        return value
    items = listed(value)
    if isinstance(items, Unordered):
        return list(items) if is_known(items) else items
    return unified(items)


def to_map(value: Value) -> Value:
    if isinstance(value, Hole) or value is None:
        return value
    items = mapped(value)
    return dict(zip(items, unified(list(items.values()))))


def nullable(convert: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """A conversion that leaves null alone."""
    return lambda value: None if value is None else convert(value)
