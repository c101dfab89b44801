"""Terraform's operators, on values that may be open.

Logic is Kleene's: a known operand may decide alone. An open operand of it becomes a `Choice`, named
so that the same open condition has the same name wherever it is asked.
"""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict, Optional, Union

from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.conversion import boolean, number, whole
from ctkms.iac.terraform.evaluation.open_names import describe, open_call, open_value, operand
from ctkms.iac.terraform.evaluation.values import Value, fail, is_known
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
    """`left && right` or `left || right`; `right` is evaluated only where `left` does not decide."""
    decisive = DECIDED_BY[symbol]
    first = settle(left, assumed)
    if first is decisive:
        return decisive
    second = settle(right(), assumed)
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
    result = _ARITHMETIC[symbol](number(left), number(right))
    # Terraform counts in decimals: 0.1 + 0.2 is 0.3.
    return (
        result if isinstance(result, bool) else whole(float(f"{result:.15g}") if isinstance(result, float) else result)
    )


def _divide(left: Union[int, float], right: Union[int, float]) -> Union[int, float]:
    exact = isinstance(left, int) and isinstance(right, int) and left % right == 0
    return left // right if exact else left / right


def _remainder(left: Union[int, float], right: Union[int, float]) -> Union[int, float]:
    """The sign is the dividend's."""
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


_ARITHMETIC: Dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _remainder,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def choice(condition: Hole, yes: Value, no: Value) -> Value:
    """`condition ? yes : no` with an open condition; it matters only where the branches differ."""
    if describe(yes) == describe(no):
        return yes
    source = open_value(f"{operand(condition)} ? {operand(yes)} : {operand(no)}").source
    conditions = condition.conditions if isinstance(condition, Choice) else frozenset((condition.source,))
    return Choice(source, conditions=conditions)
