"""What leaves a decision open: the holes of the code behind an UNKNOWN."""

from __future__ import annotations

from typing import Dict, Tuple

from ctkms.iam.document import Value
from ctkms.iam.evaluate import Decision, Trace
from ctkms.iam.request import Presence
from ctkms.iam.text import Hole, Rest, holes_in
from ctkms.iam.verdict import Verdict


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
        [hole for value in _values(trace) for hole in ((value.hole,) if isinstance(value, Rest) else holes_in(value))]
    )


def _values(trace: Trace) -> Tuple[Value, ...]:
    statement, condition = trace.statement, trace.condition
    if trace.element == "Statement" and statement.open is not None:
        return (statement.open,)
    if condition is not None:
        if isinstance(trace.actual, Presence):
            return ()
        actual = trace.actual if isinstance(trace.actual, tuple) else (trace.actual or "",)
        return (condition.operator, condition.key, *condition.values, *actual)
    if trace.element == "Principal" and statement.principals:
        return tuple([entry.value for entry in statement.principals.entries])
    element = statement.actions if trace.element == "Action" else statement.resources
    return (statement.effect, *(element.values if element else ()))
