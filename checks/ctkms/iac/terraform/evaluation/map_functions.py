"""Terraform's functions on maps and objects; they keep what is known of one with open keys or values."""

from __future__ import annotations

from typing import Dict, List, Mapping

from ctkms.iac.terraform.evaluation.collection_items import item_of, listed, mapped, typed_attributes, typed_items
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.further_elements import element, values_of
from ctkms.iac.terraform.evaluation.open_names import describe, open_call
from ctkms.iac.terraform.evaluation.type_conversion import convert, made_object, made_tuple, type_of
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, STRING, list_of, map_of
from ctkms.iac.terraform.evaluation.values import (
    ListOf,
    MapOf,
    OpenMap,
    Set,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_null,
    plain_null,
)
from ctkms.unknowns.text import Hole


def merge(*maps: Value) -> Value:
    """A map where all are maps of one type, else an object."""
    given = [one for one in maps if not is_null(one)]
    if not all(type_of(one).kind in ("map", "object", "dynamic", "open") for one in maps):
        return fail("merge takes maps and objects")
    if any(isinstance(one, Hole) for one in given):
        return open_call("merge", given)  # a single one may be null, and no map is what becomes of that
    merged: Dict[object, Value] = {key: item for one in given for key, item in typed_attributes(mapped(one)).items()}
    first = maps[0] if maps else None
    if isinstance(first, MapOf) and all(type_of(one) == first.type for one in maps):
        return MapOf({key: plain_null(item) for key, item in merged.items()}, first.type)
    return made_object(merged)


def keys(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("keys", [value])
    names = list(mapped(value))
    if not _are_known(mapped(value)):
        return Unordered(names)
    return ListOf(sorted(names), list_of(STRING)) if isinstance(value, MapOf) else sorted(names)


def values(value: Value) -> Value:
    if isinstance(value, OpenMap):
        return [values_of(value)]
    if isinstance(value, Hole):
        return open_call("values", [value])
    items = mapped(value)
    if not _are_known(items):
        return Unordered(items.values())
    if isinstance(value, MapOf):
        return ListOf((items[name] for name in sorted(items)), list_of(value.type.element))
    typed = typed_attributes(items)
    return made_tuple([typed[name] for name in sorted(items)])


def _are_known(names: Mapping[object, Value]) -> bool:
    return all(isinstance(name, str) for name in names)


def lookup(value: Value, key: Value, *default: Value) -> Value:
    if len(default) > 1:
        return fail("lookup takes two or three arguments")
    if isinstance(value, OpenMap) and not default:
        return element([values_of(value)], f"lookup({describe(value)}, {describe(key)})")
    if isinstance(value, Hole) or not is_known(key) or not _are_known(mapped(value)):
        return open_call("lookup", [value, key, *default])
    given = [convert(one, value.type.element) for one in default] if isinstance(value, MapOf) else default
    if plain(key) in mapped(value):
        return item_of(mapped(value), plain(key))
    return given[0] if given else fail("the map has no such key")


def zipmap(names: Value, items: Value) -> Value:
    """A map where the values are a list, an object where they are a tuple."""
    if isinstance(items, Set):
        return fail("zipmap takes no set")
    if isinstance(names, Hole) or isinstance(items, Hole) or has_rest(listed(names)) or has_rest(listed(items)):
        return open_call("zipmap", [names, items])
    if isinstance(names, Unordered) or isinstance(items, Unordered):
        return open_call("zipmap", [names, items])
    if len(listed(names)) != len(listed(items)) or None in listed(names):
        return fail("zipmap takes as many keys as values")
    if not is_known(names):
        return open_call("zipmap", [names, items])
    keyed = map(plain, listed(names))
    if isinstance(items, ListOf):
        return MapOf(dict(zip(keyed, items)), map_of(items.type.element))
    return made_object(dict(zip(keyed, typed_items(listed(items)))))


def transpose(value: Value) -> Value:
    result: Dict[str, List[str]] = {}
    for name in sorted(mapped(value)):
        for item in listed(mapped(value)[name]):
            result.setdefault(plain(item), []).append(name)
    texts = list_of(STRING)
    return MapOf({name: ListOf(sorted(result[name]), texts) for name in sorted(result)}, map_of(texts))


def to_map(value: Value) -> Value:
    return convert(value, map_of(DYNAMIC))
