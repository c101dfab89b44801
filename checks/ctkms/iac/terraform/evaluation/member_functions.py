"""Terraform's functions that pick a member of a collection, look for one, or sum all of them up."""

from __future__ import annotations

from ctkms.iac.terraform.evaluation.collection_items import item_at, known_length, listed, typed_null
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import integer, number, whole
from ctkms.iac.terraform.evaluation.further_elements import element as further_element
from ctkms.iac.terraform.evaluation.further_elements import only
from ctkms.iac.terraform.evaluation.open_names import describe, open_call
from ctkms.iac.terraform.evaluation.text_functions import text_length
from ctkms.iac.terraform.evaluation.type_conversion import common_type, convert, loosened, type_of
from ctkms.iac.terraform.evaluation.value_types import OPEN
from ctkms.iac.terraform.evaluation.values import (
    Json,
    ListOf,
    Set,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_null,
    is_text,
)
from ctkms.unknowns.text import Hole, Partial, Rest


def element(value: Value, position: Value) -> Value:
    if isinstance(value, Set):
        return fail("a set has no indexes")
    expression = f"element({describe(value)}, {describe(position)})"
    if isinstance(value, Unordered):
        return further_element(value, expression)
    if isinstance(value, Hole) or not is_known(position):
        return open_call("element", [value, position])
    items, at = listed(value), integer(position)
    if at < 0 and not isinstance(items, ListOf):  # an error, or counted from the end: Terraform's releases differ
        return open_call("element", [value, position])
    if has_rest(items):
        return items[at] if 0 <= at < known_length(items) else further_element(items, expression)
    return item_at(items, at % len(items)) if items else fail("the list is empty")


def one(value: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("one", [value])
    items = listed(value)
    if has_rest(items) or (isinstance(items, Unordered) and len(items) > 1):
        return only(items, f"one({describe(value)})")
    if len(items) > 1:
        return fail("one takes a list with no more than one element")
    found = items[0] if items else None
    return typed_null(value.type.element) if found is None and isinstance(value, (ListOf, Set)) else found


def index(value: Value, wanted: Value) -> Value:
    if isinstance(value, Set):
        return fail("a set has no indexes")
    if isinstance(value, (Hole, Unordered)):
        return open_call("index", [value, wanted])
    for at, item in enumerate(listed(value)):
        answer = None if isinstance(item, Rest) else same(item, wanted)
        if answer is None:
            return open_call("index", [value, wanted])
        if answer:
            return at
    return fail("the list has no such element")


def contains(value: Value, wanted: Value) -> Value:
    if isinstance(value, Hole):
        return open_call("contains", [value, wanted])
    answers = [None if isinstance(item, Rest) else same(item, wanted) for item in listed(value)]
    if True in answers:
        return True
    return open_call("contains", [value, wanted]) if None in answers else False


def length(value: Value) -> Value:
    if isinstance(value, str):
        return text_length(value)
    if isinstance(value, (Hole, Partial, Json)) and type_of(value).kind not in ("number", "bool"):
        return open_call("length", [value])
    if not isinstance(value, (list, dict)):
        return fail("length takes a string, a list or a map")
    uncertain = (
        has_rest(value) or (isinstance(value, Unordered) and len(value) > 1)
        if isinstance(value, list)
        else not all(isinstance(key, str) for key in value)
    )
    return open_call("length", [value]) if uncertain else len(value)


def coalesce(*arguments: Value) -> Value:
    """The first value that is neither null nor an empty text, of the type that all have in common."""
    wanted = common_type(arguments)
    for position, argument in enumerate(arguments):
        value = loosened(argument, arguments) if wanted == OPEN else convert(argument, wanted)
        if is_null(value) or value == "":
            continue
        if not isinstance(value, Hole) or is_text(value):
            return value
        others = [other for other in arguments[position + 1 :] if not is_null(other) and other != ""]
        return open_call("coalesce", [value, *others])
    return fail("coalesce finds no value")


def all_true(value: Value) -> Value:
    return _over_bools("alltrue", value, decisive=False)


def any_true(value: Value) -> Value:
    return _over_bools("anytrue", value, decisive=True)


def _over_bools(name: str, value: Value, decisive: bool) -> Value:
    """Null is as good as false."""
    if isinstance(value, Hole):
        return open_call(name, [value])
    answers = [bool(item) if item is None or isinstance(item, bool) else None for item in listed(value)]
    if decisive in answers:
        return decisive
    return open_call(name, [value]) if None in answers else not decisive


def sum_(value: Value) -> Value:
    return whole(sum(map(number, listed(value)))) if value else fail("sum takes at least one number")
