"""The type of a value, and its conversion to another one: by functions, conditionals, and the types of variables.

What Terraform has no conversion for raises `Failure`. An open value stays open under its name, of the
type that it is converted to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import boolean, number, text
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.set_members import make_set
from ctkms.iac.terraform.evaluation.unification import common_element, convertible, unify
from ctkms.iac.terraform.evaluation.value_types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    OPEN,
    STRING,
    Type,
    list_of,
    map_of,
    object_of,
    opened,
    tuple_of,
    without_optional,
)
from ctkms.iac.terraform.evaluation.values import (
    Json,
    ListOf,
    MapOf,
    Null,
    ObjectOf,
    Reference,
    Set,
    TupleOf,
    Unordered,
    Value,
    fail,
    has_numbers,
    has_rest,
    is_null,
    is_text,
    plain_null,
)
from ctkms.unknowns.text import Hole, Kind, Partial, Rest

_TYPED = 4  # members that are passed in the time of one step


def type_of(value: Value) -> Type:
    """The type of a value, as far as the code fixes it."""
    if isinstance(value, Hole):
        given = value.type if isinstance(value.type, Type) else OPEN
        return STRING if value.kind is not Kind.ANY else given
    if isinstance(value, (Null, ListOf, Set, MapOf, TupleOf, ObjectOf)):
        return value.type
    if isinstance(value, (str, Partial, Json)):
        return STRING
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, dict):
        return _type_of_object(value)
    if isinstance(value, list):
        take(Budget.STEPS, len(value) // _TYPED)
        return OPEN if isinstance(value, Unordered) or has_rest(value) else tuple_of(map(type_of, value))
    return DYNAMIC if value is None else OPEN


def _type_of_object(value: Dict[Any, Value]) -> Type:
    take(Budget.STEPS, len(value) // _TYPED)
    if not all(isinstance(key, str) for key in value):
        return OPEN
    return object_of({key: type_of(item) for key, item in value.items()})


def made_tuple(items: List[Value]) -> Value:
    """These elements as a tuple; its type remembers what type a null among them is of."""
    if not any(isinstance(item, Null) for item in items):
        return items
    return TupleOf(map(plain_null, items), tuple_of(map(type_of, items)))


def made_object(items: Dict[Any, Value]) -> Value:
    """These attributes as an object; its type remembers what type a null among them is of."""
    if not any(isinstance(item, Null) for item in items.values()):
        return items
    plain = {key: plain_null(item) for key, item in items.items()}
    type_ = _type_of_object(items)
    return plain if type_ == OPEN else ObjectOf(plain, type_)


def of_open_type(value: Value) -> Value:
    """A list or a map that the code gives to a provider, which has its own types for it."""
    if isinstance(value, list) and not isinstance(value, Unordered):
        return TupleOf(value, OPEN)
    return ObjectOf(value, OPEN) if isinstance(value, dict) else value


def common_type(values: Sequence[Value]) -> Type:
    """The type that all the values can be converted to."""
    found = unify([type_of(value) for value in values])
    return found if found is not None else fail("the values have no type in common")


def unified(values: Sequence[Value]) -> List[Value]:
    """The values, all of one type."""
    wanted = common_type(values)
    return [loosened(value, values) if wanted == OPEN else convert(value, wanted) for value in values]


def loosened(value: Value, among: Sequence[Value]) -> Value:
    """A value of the type that it has in common with others, of which one is open: a number may become a string."""
    return open_call("convert", [value, list(among)]) if has_numbers(value) else value


def convert(value: Value, target: Type) -> Value:
    """The value as one of this type."""
    if target.kind in _CONVERTERS:
        if is_null(value):
            return _null(value, target)
        return _open(value, target) if isinstance(value, Hole) else _CONVERTERS[target.kind](value, target)
    return value


def _null(value: Value, target: Type) -> Value:
    source = type_of(value)
    if not convertible(source, target):
        return fail("a null of this type cannot be converted")
    return Null(without_optional(target)) if target.is_exact or source == DYNAMIC else value


def _open(hole: Hole, target: Type) -> Value:
    if not convertible(type_of(hole), target):
        return fail("a value of this type cannot be converted")
    if isinstance(hole, Reference) or is_text(hole):
        return hole if not target.is_primitive or target == STRING else open_call("to" + target.kind, [hole])
    return replace(hole, type=opened(target))


# Primitive types


def _string(value: Value, target: Type) -> Value:
    return value if is_text(value) else text(value)  # JSON text keeps its structure


def _number(value: Value, target: Type) -> Value:
    value = json_text(value) if isinstance(value, Json) else value
    return open_call("tonumber", [value]) if isinstance(value, (Hole, Partial)) else number(value)


def _bool(value: Value, target: Type) -> Value:
    value = json_text(value) if isinstance(value, Json) else value
    return open_call("tobool", [value]) if isinstance(value, (Hole, Partial)) else boolean(value)


# Lists and sets


def _list(value: Value, target: Type) -> Value:
    if isinstance(value, ListOf) and value.type == target:
        return value
    items, element = _elements(value, target.element, agree=True)
    if isinstance(value, Unordered):
        return Unordered(items)
    return ListOf(items, list_of(element))


def _set(value: Value, target: Type) -> Value:
    if isinstance(value, Set) and value.type == target:
        return value
    return make_set(*_elements(value, target.element, agree=False))


def _elements(value: Value, wanted: Type, agree: bool) -> Tuple[List[Value], Type]:
    """The elements of a list, set or tuple as elements of this type; it says the type where it is left to them.

    `agree` says whether those of a tuple are made to agree where a part of the type may be any.
    """
    if not isinstance(value, list):
        return fail("a list is required")
    if isinstance(value, (ListOf, Set)):
        source = value.type.element
        if wanted in (DYNAMIC, source):
            return value, source
        if not convertible(source, wanted):
            return fail("the elements cannot be converted")
        return _of_one_type(value, wanted, agree=False)
    parts = value.type if isinstance(value, TupleOf) and value.type != OPEN else _type_of_parts(value)
    found = common_element(parts) if value and wanted == DYNAMIC else wanted
    return _of_one_type(value, found, agree)


def _type_of_parts(items: Sequence[Value]) -> Type:
    take(Budget.STEPS, len(items) // _TYPED)
    return tuple_of(OPEN if isinstance(item, Rest) else type_of(item) for item in items)


def _of_one_type(items: Sequence[Value], found: Optional[Type], agree: bool) -> Tuple[List[Value], Type]:
    if found is None:
        return fail("the elements have no type in common")
    take(Budget.STEPS, len(items) // _TYPED)
    if found == OPEN:
        return [loosened(item, items) for item in items], found
    made = [_within(item, found) for item in items]
    return _agreeing(made, found, agree) if made and not found.is_exact else (made, without_optional(found))


def _agreeing(items: List[Value], found: Type, agree: bool) -> Tuple[List[Value], Type]:
    """Elements of a type of which a part may be any: they still have to be of one type."""
    common = unify(_type_of_parts(items).inner) if agree else found
    if common is None:
        return fail("the elements have no type in common")
    if common != found:
        items = [_within(item, common) for item in items]
    types = set(_type_of_parts([item for item in items if item is not None]).inner)
    if len(types) > 1 and not any(one.is_open for one in types):
        return fail("the elements differ in type")
    return items, types.pop() if len(types) == 1 else without_optional(common)


def _within(value: Value, wanted: Type) -> Value:
    return value if isinstance(value, Rest) else plain_null(convert(value, wanted))


# Maps, objects and tuples


def _map(value: Value, target: Type) -> Value:
    if isinstance(value, MapOf):
        source = value.type.element
        if target.element in (DYNAMIC, source):
            return value
        if not convertible(source, target.element):
            return fail("the elements cannot be converted")
    if not isinstance(value, dict):
        return fail("a map is required")
    wanted: Optional[Type] = target.element
    if value and wanted == DYNAMIC and not isinstance(value, MapOf):
        typed = isinstance(value, ObjectOf) and value.type != OPEN
        parts = type_of(value) if typed else _type_of_parts(list(value.values()))
        wanted = unify(parts.inner)
    agree = wanted is not None and wanted.kind in ("list", "set", "map", "object")
    items, element = _of_one_type(list(value.values()), wanted, agree)
    return MapOf(dict(zip(value, items)), map_of(element))


def _object(value: Value, target: Type) -> Value:
    if isinstance(value, ObjectOf) and value.type == target:
        return value
    if not isinstance(value, dict):
        return fail("an object is required")
    if not all(isinstance(key, str) for key in value):
        return open_call("object", [value])
    if isinstance(value, MapOf) and not convertible(value.type, target):
        return fail("the elements cannot be converted")
    attributes = target.attributes
    take(Budget.STEPS, len(attributes) // _TYPED)
    made: Dict[str, Value] = {}
    for name in [*(key for key in value if key in attributes), *(name for name in attributes if name not in value)]:
        if name not in value and name not in target.optional:
            return fail(f"the attribute {name} is required")
        made[name] = _within(value.get(name), attributes[name])
    exact = without_optional(target) if target.is_exact else object_of({key: type_of(one) for key, one in made.items()})
    return ObjectOf(made, exact)


def _tuple(value: Value, target: Type) -> Value:
    if not isinstance(value, list) or isinstance(value, (ListOf, Set)):
        return fail("a tuple is required")
    if isinstance(value, Unordered) or has_rest(value):
        return value
    if len(value) != len(target.inner):
        return fail("the tuple has another length")
    return made_tuple([convert(item, one) for item, one in zip(value, target.inner)])


_CONVERTERS: Dict[str, Callable[[Value, Type], Value]] = {
    "string": _string,
    "number": _number,
    "bool": _bool,
    "list": _list,
    "set": _set,
    "map": _map,
    "object": _object,
    "tuple": _tuple,
}
