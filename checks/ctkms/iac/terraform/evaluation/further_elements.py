"""The further elements of a list that is not known: what each of them looks like, and one of them by itself.

Of a list that a data source finds it is not known how many elements it has, but what they are: roles of the account,
accounts of the organization. A loop over it makes something of each of them, and so does `formatlist`.
"""

from __future__ import annotations

from typing import List, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.open_names import describe, open_value, operand
from ctkms.iac.terraform.evaluation.values import Json, OpenMap, Picked, Reference, Value
from ctkms.unknowns.text import Hole, Kind, Maybe, Part, Partial, Rest, Text, join, parts_of

_ANY_ONE = "[*]"  # in the names of what may be another value in each element
_CUT = "...#"  # in a name that has been shortened, and may have lost that


def any_of(rest: Rest) -> Value:
    """What a loop variable stands for."""
    return open_value(operand(rest.hole) + _ANY_ONE, [rest.hole]) if rest.each is None else rest.each


def perhaps(value: Value, included: Union[bool, Hole] = True) -> Rest:
    """An element that may be missing, or may be there more than once."""
    if included is not True:
        return Rest(open_value(f"{operand(value)} if {describe(included)}", [value, included]), told(value))
    if isinstance(value, Hole) and value.kind is Kind.ANY:
        return Rest(value)
    return Rest(open_value(describe(value), [value]), told(value))


def told(value: Value) -> Value:
    """What every element looks like; None where nothing is known of it."""
    if isinstance(value, Hole) and (value.kind is Kind.ANY or isinstance(value, Reference)):
        return None
    # Numbers and bools may be converted together with other elements.
    return value if isinstance(value, (str, Hole, Partial, Json, dict, list)) else None


def element(items: List[Value], expression: str) -> Value:
    """An element of which nothing tells which one it is; Terraform fails where there are none."""
    if len(items) == 1 and isinstance(items[0], Rest) and items[0].each is not None:
        return _by_itself(items[0].each, operand(items[0].hole) + _ANY_ONE, expression)
    return open_value(expression, items)


def only(items: List[Value], expression: str) -> Value:
    """The only element of a list that has one, or else null."""
    found = element(items, expression)
    told = isinstance(found, Partial) or (isinstance(found, Hole) and found.kind is not Kind.ANY)
    return Maybe(open_value(expression, items).source, each=found) if told else found


def open_map(hole: Hole, value: Value) -> Hole:
    """A map that a loop over an open list makes."""
    each = told(value)
    return hole if each is None else OpenMap(hole.source, each=each)


def values_of(items: OpenMap) -> Rest:
    """Its values."""
    return Rest(open_value(f"values({describe(items)})", [items]), items.each)


def _by_itself(value: Value, any_one: str, expression: str) -> Value:
    """One of the elements, told apart from the others by the names of what may be another value in each."""
    if isinstance(value, dict):
        take(Budget.STEPS, len(value))
        return {name: _by_itself(one, any_one, expression) for name, one in value.items()}
    parts = [_part(part, any_one, expression) for part in parts_of(value)] if isinstance(value, (Hole, Partial)) else []
    if any(isinstance(part, Picked) for part in parts):
        return join(parts)
    return open_value(expression, [value])  # nothing in it would tell that there may be no such element


def _part(part: Part, any_one: str, expression: str) -> Text:
    if isinstance(part, str) or part.own or part.kind in (Kind.KEY_ID, Kind.SOME_KEY_ID):
        return part
    inside = describe(part)
    if _ANY_ONE not in inside and _CUT not in inside:
        return part
    name = inside.replace(any_one, expression) if any_one in inside else f"{expression}: {inside}"
    return Picked(open_value(name).source, part.kind)
