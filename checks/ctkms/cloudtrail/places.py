"""Where in a policy a finding stands: the way to the narrowest element that decides."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import ENCRYPTION_CONTEXT, SOURCE_ARN
from ctkms.cloudtrail.answers import Answer
from ctkms.iam.conditions import read_operator
from ctkms.iam.decision import Decision, Trace
from ctkms.iam.policy import Condition, Statement
from ctkms.iam.request import Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.iam.vocabulary import condition_key_exists
from ctkms.unknowns.source_nodes import NAME, Step
from ctkms.unknowns.text import Hole, Partial, is_strange
from ctkms.unknowns.truth import TRUE

Steps = Tuple[Step, ...]


class Place(NamedTuple):
    """The steps from the policy to an element, and the value in it that decides, where it is one of several."""

    steps: Steps = ()
    value: Optional[str] = None


WHOLE = Place()


def place_of(answer: Answer) -> Place:
    """Where an answer about the key policy stands; the whole policy where no narrower element decides."""
    if answer.note is not None:
        return Place(_steps(answer.note.path, answer.note.is_name), answer.note.value)
    if answer.of_other_policy or not answer.decisions or not answer.decisions[0].deciding:
        return WHOLE
    decision = answer.decisions[0]
    trace = decision.deciding[0]
    return Place(("Statement", trace.statement.index, *_element(decision, trace)))


def _element(decision: Decision, trace: Trace) -> Steps:
    """The element within the statement: where one is missing, and where all of it counts, the statement itself."""
    statement = trace.statement
    if trace.condition is not None:
        return _condition(trace.condition, trace.actual is None)
    if trace.element == "Resource" and statement.resources:
        return (statement.resources.name,)
    if trace.element == "Principal" and statement.principals:
        return (statement.principals.name,)
    if decision.verdict is Verdict.ALLOW or trace.matches is TRUE:
        if unasked(statement, decision.request):
            return ()
        counting = _that_count(decision, statement.conditions)
        return _condition(counting[0]) if len(counting) == 1 else ("Condition",) if counting else ()
    return ()


def _that_count(decision: Decision, conditions: Tuple[Condition, ...]) -> Tuple[Condition, ...]:
    """Of several conditions those on what the caller has chosen for himself, if there are any."""
    context = decision.request.context
    chosen = [one for one in conditions if isinstance(one.key, str) and is_chosen(context.get(one.key.lower()))]
    return tuple(chosen) or conditions


# What tells one trail from another in CloudTrail's calls.
_TOLD_BY = ((SOURCE_ARN, "aws:SourceArn"), (ENCRYPTION_CONTEXT, "the encryption context"))


def unasked(statement: Statement, request: Request) -> str:
    """What would tell the trail that a call is for from another one, and what the statement has no condition on."""
    if not isinstance(request.caller, ServicePrincipal):
        return ""
    asked = {str(condition.key).lower() for condition in statement.conditions}
    missing = (name for key, name in _TOLD_BY if key not in asked and is_chosen(request.context.get(key)))
    return next(missing, "")


def is_chosen(value: object) -> bool:
    """Whether the caller has chosen a value of the request, or may choose any."""
    return isinstance(value, (Hole, Partial)) or any(map(is_strange, str(value)))


def _condition(condition: Condition, absent: bool = False) -> Steps:
    """A condition's values; its key, where no request ever carries it, and its operator, where AWS knows no such."""
    operator, key = condition.operator, condition.key
    if not isinstance(operator, str) or read_operator(operator) is None:
        return ("Condition", str(operator), NAME) if isinstance(operator, str) else ("Condition",)
    if not isinstance(key, str):
        return ("Condition", operator)
    if absent and not condition_key_exists(key):
        return ("Condition", operator, key, NAME)
    return ("Condition", operator, key)


_STATEMENT = re.compile(r"\[(\d+)\]\Z")


def _steps(where: str, is_name: bool) -> Steps:
    """The steps of a path such as `Statement/[2]/Condition/Null/aws:SourceArn`, whose last part may hold slashes."""
    parts = where.split("/", 4) if where else []
    found = [int(index[1]) if index else part for part in parts for index in (_STATEMENT.match(part),)]
    return (*found, NAME) if is_name and found else tuple(found)
