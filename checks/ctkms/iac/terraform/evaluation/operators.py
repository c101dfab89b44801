"""Terraform's operators, on values that may be open.

Logic is Kleene's: a known operand may decide alone. An open operand of it becomes a `Choice`, named
so that the same open condition has the same name wherever it is asked.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any, Callable, Dict, Optional, Union

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import MAX_NUMBER, boolean, number, whole
from ctkms.iac.terraform.evaluation.open_names import describe, open_call, open_value, operand
from ctkms.iac.terraform.evaluation.type_conversion import convert, type_of
from ctkms.iac.terraform.evaluation.unification import unify
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, OPEN, Type
from ctkms.iac.terraform.evaluation.values import Failure, Value, fail, is_known, is_null
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Kind, Partial

Assumed = Callable[[str], Optional[bool]]  # what the scenario assumes of an open condition, given by its name

DECIDED_BY = {"&&": False, "||": True}


def settle(value: Value, assumed: Assumed) -> Union[bool, Hole]:
    """A value as a condition: what it is, what the scenario assumes of it, or the choice that it leaves open."""
    if not isinstance(value, (Hole, Partial)):
        return boolean(value)
    if isinstance(value, Choice):
        return value
    if isinstance(value, Hole) and value.kind not in (Kind.ANY, Kind.NAME):
        return fail("an account id and its like are no bools")
    hole = value if isinstance(value, Hole) else open_call("tobool", [value])
    answer = assumed(hole.source)
    return Choice(hole.source, conditions=frozenset((hole.source,))) if answer is None else answer


def negation(value: Value, assumed: Assumed) -> Value:
    """`!value`"""
    settled = settle(value, assumed)
    return not settled if isinstance(settled, bool) else open_value("!" + operand(settled), [settled])


def logic(symbol: str, left: Value, right: Callable[[], Value], assumed: Assumed) -> Value:
    """`left && right` or `left || right`.

    Since Terraform 1.12, `right` may fail where `left` decides; what is no bool is refused all the same.
    """
    decisive = DECIDED_BY[symbol]
    first = settle(left, assumed)
    try:
        other = right()
    except Failure:
        if first is decisive:
            return decisive
        raise
    if is_null(other) and first is decisive:  # refused by some releases
        return open_value(f"{operand(first)} {symbol} {operand(other)}")
    second = settle(other, assumed)
    if first is decisive:
        return decisive
    if second is decisive:
        return decisive
    if isinstance(first, bool):
        return second
    if isinstance(second, bool):
        return first
    return open_value(f"{operand(first)} {symbol} {operand(second)}", [first, second])


def equality(left: Value, right: Value) -> Value:
    """`left == right`"""
    answer = same(left, right)
    if answer is not None:
        return answer
    # One name for both orders, with the known value last.
    first, second = sorted((left, right), key=lambda value: (is_known(value), describe(value)))
    return open_value(f"{operand(first)} == {operand(second)}", [first, second])


def arithmetic(symbol: str, left: Value, right: Value) -> Value:
    """An operator on numbers."""
    if not is_known(left, right):
        return open_value(f"{operand(left)} {symbol} {operand(right)}", [left, right])
    if symbol in "/%" and number(right) == 0:  # an error that `try` does not catch
        return open_value(f"{operand(left)} {symbol} {operand(right)}")
    result = _ARITHMETIC[symbol](_exact(left), _exact(right))
    if isinstance(result, bool):
        return result
    if not -MAX_NUMBER < result < MAX_NUMBER:
        raise TooLarge
    made = float(result)
    if result.denominator != 1 and Fraction(repr(made)) != result:  # such as 1 / 3: Terraform has 150 digits of it
        return open_value(f"{operand(left)} {symbol} {operand(right)}")
    return whole(int(result) if result.denominator == 1 else made)


def _exact(value: Value) -> Fraction:
    """Terraform counts in decimals: 0.1 + 0.2 is 0.3."""
    return Fraction(str(number(value)))


def _remainder(left: Fraction, right: Fraction) -> Fraction:
    """The sign is the dividend's."""
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


_ARITHMETIC: Dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": _remainder,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def as_branch(taken: Value, other: Value) -> Value:
    """The branch of a conditional that counts, of the type that it has in common with the other one.

    Where the type of that one is open it stays as it is, as in a plan of Terraform's.
    """
    if isinstance(taken, str) and isinstance(other, str):
        return taken
    return convert(taken, _common_type(type_of(taken), type_of(other)))


def _common_type(one: Type, other: Type) -> Type:
    if DYNAMIC in (one, other):  # null is of whatever type the other branch has
        return other if one == DYNAMIC else one
    found = unify([one, other])
    return found if found is not None else fail("the branches of a conditional have no type in common")


def choice(condition: Hole, yes: Value, no: Value) -> Value:
    """`condition ? yes : no` with an open condition; it matters only where the branches differ."""
    common = _common_type(type_of(yes), type_of(no))
    yes, no = convert(yes, common), convert(no, common)
    if describe(yes) == describe(no):
        return yes
    source = open_value(f"{operand(condition)} ? {operand(yes)} : {operand(no)}").source
    conditions = condition.conditions if isinstance(condition, Choice) else frozenset((condition.source,))
    return Choice(source, type=None if common == OPEN else common, conditions=conditions)
