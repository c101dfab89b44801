"""Asking a policy document: is this request allowed?

`decide` matches every statement against the request, element by element, and hands the answers to
the decision table in `verdict.py`. It never raises, and it keeps for each statement the first
element that stood in the way, so that a decision can be explained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Dict, NamedTuple, Optional, Tuple

from ctkms.budgets import Budget, spend, unmetered
from ctkms.iam.conditions import condition_holds
from ctkms.iam.document import Condition, Document, Element, Statement, Value, parse
from ctkms.iam.patterns import MAX_CACHED, matches, size_of
from ctkms.iam.principals import principals_match
from ctkms.iam.request import (
    UNDOCUMENTED,
    AwsPrincipal,
    Context,
    ContextValue,
    Principal,
    Request,
    ServicePrincipal,
    context_of,
)
from ctkms.iam.resource_matching import matches_resource
from ctkms.iam.variables import Unreadable, readings, speaks_of_variables
from ctkms.iam.verdict import Verdict, decide_from
from ctkms.unknowns.text import Rest, Text
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, agree, any_of, negate

__all__ = [
    "UNDOCUMENTED",
    "AwsPrincipal",
    "Decision",
    "Request",
    "ServicePrincipal",
    "Trace",
    "Verdict",
    "decide",
    "parse",
]

# In this order, so that the last element reached tells how close a statement came.
ELEMENTS = ("Statement", "Principal", "Action", "Resource", "Condition")
_CLOSE = ELEMENTS[2:]  # a statement that refuses one of these speaks of the caller


class Trace(NamedTuple):
    """How one statement answered: whether it matches, and the element that refused it or left it open.

    `element` is one of `ELEMENTS`, or "" when the whole statement matches. For a condition,
    `condition` says which one and `actual` what the request carries for its key (None: absent).
    """

    statement: Statement
    matches: Truth
    element: str = ""
    condition: Optional[Condition] = None
    actual: Optional[ContextValue] = None


@dataclass(frozen=True)
class Decision:
    """The verdict on a request, with the answer of every statement."""

    verdict: Verdict
    request: Request
    traces: Tuple[Trace, ...]

    @property
    def closeness(self) -> int:
        """How far the statement that came closest got, as an index of `ELEMENTS`."""
        deciding = self.deciding
        return ELEMENTS.index(deciding[0].element) if deciding and deciding[0].element else 0

    @cached_property
    def deciding(self) -> Tuple[Trace, ...]:
        """The traces behind the verdict: the statement that denies or allows, those left open, or the near misses."""
        if self.verdict is Verdict.UNKNOWN:
            return tuple(
                trace for trace in self.traces if UNKNOWN in (_counts_as(trace, "Allow"), _counts_as(trace, "Deny"))
            )
        whole = [trace for trace in self.traces if trace.matches is TRUE]
        if self.verdict is Verdict.ALLOW:
            return tuple([trace for trace in whole if trace.statement.effect != "Deny"][:1])
        explicit = [trace for trace in whole if trace.statement.effect == "Deny"]
        if explicit:
            return tuple(explicit[:1])
        close = [trace for trace in self.traces if trace.element in _CLOSE and trace.statement.effect != "Deny"]
        return tuple(sorted(close, key=lambda trace: -ELEMENTS.index(trace.element)))


def decide(document: Document, request: Request) -> Decision:
    """What the document alone answers to the request.

    A document that nothing is known of answers UNKNOWN to everything; so does one that KMS refuses.
    """
    if document.open is not None or document.refused:
        return Decision(Verdict.UNKNOWN, request, ())
    call = _Call(request.resource, context_of(request.context), document.has_variables, document.heads)
    known = _heads(document, request.caller, request.action)
    heads = known.traces
    if not spend(Budget.COMPARISONS, len(heads) + _STATEMENT * len(known.statements)):
        return Decision(Verdict.UNKNOWN, request, tuple(map(_beyond, heads)))
    traces = tuple([head if head.matches is FALSE else _trace(head, call) for head in heads])
    possible = [trace for trace in traces if trace.matches is not FALSE]
    denies = any_of([_counts_as(trace, "Deny") for trace in possible])
    allows = any_of([_counts_as(trace, "Allow") for trace in possible])
    return Decision(decide_from(denies, allows), request, traces)


_STATEMENT = 16  # steps of `Budget.COMPARISONS` for one statement about the caller and the action


def _beyond(head: Trace) -> Trace:
    """The head of a statement that could not be compared any further."""
    return head if head.matches is not TRUE else Trace(head.statement, UNKNOWN, "Statement")


def _counts_as(trace: Trace, effect: str) -> Truth:
    """Whether the statement matches with this effect; an open effect may be either."""
    written = trace.statement.effect
    if isinstance(written, str):
        return trace.matches if written == effect else FALSE
    return FALSE if trace.matches is FALSE else UNKNOWN


class _Call(NamedTuple):
    """What statements about the caller and the action look at."""

    resource: Text
    context: Context
    has_variables: Truth
    known: Dict[Any, Any]


class _Heads(NamedTuple):
    """How each statement answers as far as the caller and the action go, and which ones may be about them."""

    traces: Tuple[Trace, ...]
    statements: Tuple[Statement, ...]


def _heads(document: Document, caller: Principal, action: str) -> _Heads:
    """KnownAfterApply out once, since many requests have the same caller and action."""
    known: Optional[_Heads] = document.heads.get((caller, action))
    if known is None:
        named, listed = _named(document, caller), _listed(document, action)
        traces = tuple(map(_head, document.statements, named, listed))
        known = _Heads(traces, tuple([trace.statement for trace in traces if trace.matches is not FALSE]))
        _keep(document.heads, (caller, action), known, _MAX_KEPT // (1 + len(traces)))
    return known


def _named(document: Document, caller: Principal) -> Tuple[Truth, ...]:
    """Whether each statement speaks of the caller, whatever the action; worked out once as well."""
    known: Optional[Tuple[Truth, ...]] = document.heads.get(caller)
    if known is None:
        principals = [statement.principals for statement in document.statements]
        known = tuple([principals_match(one, caller) if one else FALSE for one in principals])
        _keep(document.heads, caller, known, _MAX_KEPT // (1 + len(known)))
    return known


_MAX_KEPT = 100_000  # answers of statements, of all callers


def _keep(known: Dict[Any, Any], key: Any, answer: Any, most: int) -> None:
    """Remember an answer; what was known is forgotten before it is too much, since callers come one after the other."""
    if len(known) >= most:
        known.clear()
    known[key] = answer


def _listed(document: Document, action: str) -> Tuple[Truth, ...]:
    """Whether each statement speaks of the action, whoever calls."""
    known: Optional[Tuple[Truth, ...]] = document.heads.get(action)
    if known is None:
        known = tuple([action_matches(statement.actions, action) for statement in document.statements])
        _keep(document.heads, action, known, _MAX_KEPT // (1 + len(known)))
    return known


def _head(statement: Statement, named: Truth, listed: Truth) -> Trace:
    if statement.open is not None:
        return Trace(statement, UNKNOWN, "Statement")
    if named is FALSE:
        return Trace(statement, FALSE, "Principal")
    if listed is FALSE:
        return Trace(statement, FALSE, "Action")
    if named is UNKNOWN:
        return Trace(statement, UNKNOWN, "Principal")
    return Trace(statement, UNKNOWN, "Action") if listed is UNKNOWN else Trace(statement, TRUE)


def statements_about(document: Document, caller: Principal, action: str) -> Tuple[Statement, ...]:
    """The statements that may be about this caller and action; their resources and conditions aside."""
    return _heads(document, caller, action).statements


def _trace(head: Trace, call: _Call) -> Trace:
    """The first element that refuses, else the first that is left open; the head does not refuse."""
    statement = head.statement
    if statement.open is not None:
        return head
    undecided = head if head.matches is UNKNOWN else None
    answer = _resource_matches(statement, call)
    if answer is FALSE:
        return Trace(statement, FALSE, "Resource")
    if answer is UNKNOWN and undecided is None:
        undecided = Trace(statement, UNKNOWN, "Resource")
    for place, condition in enumerate(statement.conditions):
        answer = _condition(statement.index, place, condition, call)
        if answer is TRUE or (answer is UNKNOWN and undecided is not None):
            continue
        key = condition.key
        actual = call.context.get(key.lower()) if isinstance(key, str) else UNDOCUMENTED
        trace = Trace(statement, answer, "Condition", condition, actual)
        if answer is FALSE:
            return trace
        undecided = trace
    return undecided or head


def _condition(index: int, place: int, condition: Condition, call: _Call) -> Truth:
    """Whether the condition holds; worked out once for each value of its key, unless a variable looks at other keys."""
    if "key" not in condition.known:
        condition.known["key"] = _key_alone(condition)
    key = condition.known["key"]
    if key is None:
        return condition_holds(condition, call.context, call.has_variables)
    known = (index, place, call.context.get(key))
    answer: Optional[Truth] = call.known.get(known)
    if answer is None:
        answer = condition_holds(condition, call.context, call.has_variables)
        _keep(call.known, known, answer, _MAX_KEPT // 10)
    return answer


def _key_alone(condition: Condition) -> Optional[str]:
    """The condition key in lower case, if whether the condition holds depends on no other."""
    texts = [value for value in condition.values if not isinstance(value, Rest)]
    return (
        condition.key.lower() if isinstance(condition.key, str) and not any(map(speaks_of_variables, texts)) else None
    )


def action_matches(actions: Optional[Element], action: str) -> Truth:
    """Whether `Action` or `NotAction` covers an action."""
    if actions is None:
        return FALSE
    found = any_of(
        [
            _at_most_unknown(matches(value.hole, action)) if isinstance(value, Rest) else _one_action(value, action)
            for value in actions.values
        ]
    )
    return negate(found) if actions.negated else found


def _one_action(pattern: Text, action: str) -> Truth:
    return _short_action(pattern, action) if size_of(pattern) <= MAX_CACHED else matches(pattern, action, fold=True)


@lru_cache(maxsize=1024)  # the same few actions are asked of every policy
def _short_action(pattern: Text, action: str) -> Truth:
    with unmetered():
        return matches(pattern, action, fold=True)


def _resource_matches(statement: Statement, call: _Call) -> Truth:
    """In a key policy `Resource` is the key itself; a statement without it has no effect.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    resources = statement.resources
    if resources is None:
        return FALSE
    if "*" in resources.values:
        return FALSE if resources.negated else TRUE
    # What becomes of `NotResource` when a variable has no value is not documented.
    nothing = UNKNOWN if resources.negated else FALSE
    found = any_of([_one_resource(value, call, nothing) for value in resources.values])
    return negate(found) if resources.negated else found


def _one_resource(value: Value, call: _Call, nothing: Truth) -> Truth:
    if value == "*":
        return TRUE
    if isinstance(value, Rest):
        return UNKNOWN
    found = [
        nothing if read is None else UNKNOWN if isinstance(read, Unreadable) else matches_resource(read, call.resource)
        for read in readings(value, call.context, call.has_variables)
    ]
    return found[0] if len(found) == 1 else agree(*found)


def _at_most_unknown(value: Truth) -> Truth:
    return UNKNOWN if value is TRUE else value
