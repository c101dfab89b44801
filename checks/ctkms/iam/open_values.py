"""What leaves a decision open: the holes of the code behind an UNKNOWN, and what AWS does not document."""

from __future__ import annotations

from typing import Dict, Iterable, Optional, Tuple

from ctkms.budgets import Budget, exhausted, unmetered
from ctkms.iam.conditions import Operator, read_operator
from ctkms.iam.decision import Decision, Trace
from ctkms.iam.document import Condition, Value
from ctkms.iam.policy import in_path
from ctkms.iam.request import ContextValue, Presence
from ctkms.iam.resource_matching import why_open
from ctkms.iam.variables import BEGIN
from ctkms.iam.verdict import Verdict
from ctkms.iam.vocabulary import is_multivalued
from ctkms.unknowns.quoting import LONGEST_ARN, quoted
from ctkms.unknowns.text import Hole, Rest, holes_in
from ctkms.unknowns.truth import UNKNOWN


def holes_behind(decision: Decision) -> Tuple[Hole, ...]:
    """The open values on which an UNKNOWN decision hangs, once each; what AWS does not document is none of them."""
    if decision.verdict is not Verdict.UNKNOWN:
        return ()
    found: Dict[Hole, None] = {}
    for trace in decision.deciding:
        found.update(dict.fromkeys(holes_of_trace(trace)))
    return tuple(found)


def holes_of_trace(trace: Trace) -> Tuple[Hole, ...]:
    """The open values in the element that a statement hangs on, and in what the request carries for it."""
    return tuple(
        [hole for value in _values(trace) for hole in (value.holes if isinstance(value, Rest) else holes_in(value))]
    )


def _values(trace: Trace) -> Tuple[Value, ...]:
    statement, condition = trace.statement, trace.condition
    if trace.element == "Statement" and statement.open is not None:
        return (statement.open,)
    if condition is not None:
        if isinstance(trace.actual, Presence):
            return (condition.operator, condition.key)
        actual = trace.actual if isinstance(trace.actual, tuple) else (trace.actual or "",)
        return (condition.operator, condition.key, *condition.values, *actual)
    if trace.element == "Principal" and statement.principals:
        return tuple([entry.value for entry in statement.principals.entries])
    element = statement.actions if trace.element == "Action" else statement.resources
    return (statement.effect, *(element.values if element else ()))


_MOST = 3  # values that are named
_LOOKED_AT = 100  # values of a condition
_NOT_SAID = "(AWS does not document the outcome)"


def undocumented_in(trace: Trace) -> Tuple[str, ...]:
    """What leaves the statement open though the code fixes it: what AWS does not say how it reads."""
    condition = trace.condition
    if condition is not None:
        return _undocumented_condition(condition, trace)
    if trace.matches is not UNKNOWN or holes_of_trace(trace) or exhausted(Budget.COMPARISONS):
        return ()
    principals, resources = trace.statement.principals, trace.statement.resources
    if trace.element == "Resource" and resources:
        return tuple([why_open(value) for value in resources.values if isinstance(value, str)][:_MOST])
    if trace.element == "Principal" and principals:
        return (f"whom the {principals.name} of {trace.statement.label} covers",)
    return ()


def _undocumented_condition(condition: Condition, trace: Trace) -> Tuple[str, ...]:
    operator, key = condition.operator, condition.key
    spelling = read_operator(operator) if isinstance(operator, str) else None
    if spelling is None or not isinstance(key, str):
        return ()
    said = f"{operator} on {in_path(key)}"
    if spelling.operator and not spelling.qualifier and _is_multivalued(key, trace.actual):
        return (f"{said}, which has several values, without ForAnyValue or ForAllValues {_NOT_SAID}",)
    values = [value for value in condition.values[:_LOOKED_AT] if isinstance(value, str)]
    unread = [value for value in values if spelling.operator and not _can_be_read(spelling.operator, value)]
    if unread:
        return (f"{said} compares with {_named(unread)} {_NOT_SAID}",)
    if isinstance(trace.actual, Presence) or holes_of_trace(trace) or exhausted(Budget.COMPARISONS):
        return ()
    return (f"{said} compares with {_named(values) or 'nothing'} {_NOT_SAID}",)


def _is_multivalued(key: str, actual: Optional[ContextValue]) -> bool:
    return isinstance(actual, tuple) or is_multivalued(key)


def _can_be_read(row: Operator, value: str) -> bool:
    """Whether the value is one of the operator's type: then it can be compared with itself."""
    if value == "*" or (row.variables and BEGIN in value):
        return True
    with unmetered():
        return row.compare(value, value) is not UNKNOWN


def _named(values: Iterable[str]) -> str:
    every = [quoted(value, LONGEST_ARN).strip('"') for value in values]
    more = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more
