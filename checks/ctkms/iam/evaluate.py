"""Asking a policy document: is this request allowed?

An `Evaluator` matches every statement against the request, element by element, and hands the answers
to the decision table in `verdict.py`. It never raises, and it keeps for each statement the first
element that stood in the way, so that a decision can be explained.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, FrozenSet, Hashable, Iterable, List, NamedTuple, Optional, Tuple, TypeVar

from ctkms.budgets import Budget, spend, unmetered
from ctkms.iam.conditions import ReadCondition, condition_holds, read_condition
from ctkms.iam.context_keys import context_keys
from ctkms.iam.decision import Decision, Trace, counts_as
from ctkms.iam.document import parse
from ctkms.iam.patterns import MAX_CACHED, matches, size_of
from ctkms.iam.policy import Condition, Document, Element, Statement, Value
from ctkms.iam.principals import ReadPrincipals, principals_match, read_principals
from ctkms.iam.request import (
    UNDOCUMENTED,
    AwsPrincipal,
    Context,
    Principal,
    Request,
    ServicePrincipal,
    context_of,
)
from ctkms.iam.resource_matching import matches_resource
from ctkms.iam.variables import Unreadable, readings
from ctkms.iam.verdict import Verdict, decide_from
from ctkms.unknowns.text import Rest, Text
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, agree, any_of, negate

# What it takes to ask a policy, in one place for those who use this as a library.
__all__ = [
    "UNDOCUMENTED",
    "AwsPrincipal",
    "Decision",
    "Evaluator",
    "Request",
    "ServicePrincipal",
    "Trace",
    "Verdict",
    "decide",
    "parse",
]

T = TypeVar("T")

_MAX_KEPT = 100_000  # answers of statements that are remembered, of all callers
_STATEMENT = 16  # steps of `Budget.COMPARISONS` for one statement about the caller and the action


class _Heads(NamedTuple):
    """How each statement answers as far as the caller and the action go, and which ones may be about them."""

    traces: Tuple[Trace, ...]
    statements: Tuple[Statement, ...]


class Evaluator:
    """Answers requests about one document.

    Many requests have the same caller, the same action or the same value of a condition key, so it
    remembers what it has worked out about them; the document itself is plain data.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._principals: Dict[int, ReadPrincipals] = {}  # by the statement's index
        self._conditions: Dict[int, ReadCondition] = {}  # by the identity of a condition of the document
        self._heads: Dict[Tuple[Principal, str], _Heads] = {}
        self._named: Dict[Principal, Tuple[Truth, ...]] = {}
        self._listed: Dict[str, Tuple[Truth, ...]] = {}
        self._keys: Dict[int, FrozenSet[str]] = {}  # by the statement's index
        self._held: Dict[Tuple[int, object], Truth] = {}

    def decide(self, request: Request) -> Decision:
        """What the document alone answers to the request.

        A document that nothing is known of answers UNKNOWN to everything; so does one that KMS refuses.
        """
        if self.document.open is not None or self.document.refused:
            return Decision(Verdict.UNKNOWN, request, ())
        context = context_of(request.context)
        known = self._heads_for(request.caller, request.action)
        heads = known.traces
        if not spend(Budget.COMPARISONS, len(heads) + _STATEMENT * len(known.statements)):
            return Decision(Verdict.UNKNOWN, request, tuple(map(_beyond, heads)))
        traces = tuple(
            [head if head.matches is FALSE else self._trace(head, request.resource, context) for head in heads]
        )
        possible = [trace for trace in traces if trace.matches is not FALSE]
        denies = any_of([counts_as(trace, "Deny") for trace in possible])
        allows = any_of([counts_as(trace, "Allow") for trace in possible])
        return Decision(decide_from(denies, allows), request, traces)

    def statements_about(self, caller: Principal, action: str) -> Tuple[Statement, ...]:
        """The statements that may be about this caller and action; their resources and conditions aside."""
        return self._heads_for(caller, action).statements

    def names(self, statement: Statement, caller: Principal) -> Truth:
        """Whether the principals of a statement of the document are, or include, the caller."""
        if statement.principals is None:
            return FALSE
        read = self._principals.get(statement.index)
        if read is None:
            read = self._principals[statement.index] = read_principals(statement.principals)
        return principals_match(read, caller)

    def holds(self, condition: Condition, context: Context) -> Truth:
        """Whether a condition of the document holds; asked once for each value of its key, if it looks at no other."""
        read = self._conditions.get(id(condition))
        if read is None:
            read = self._conditions[id(condition)] = read_condition(condition)
        if read.key is None or read.takes_values:
            return condition_holds(read, context, self.document.has_variables)
        asked = (id(condition), context.get(read.key))
        answer = self._held.get(asked)
        if answer is None:
            answer = condition_holds(read, context, self.document.has_variables)
            _keep(self._held, asked, answer, _MAX_KEPT // 10)
        return answer

    def keys_of(self, statements: Iterable[Statement]) -> FrozenSet[str]:
        """The keys of the request that statements of the document look at, in lower case."""
        found: List[FrozenSet[str]] = []
        for statement in statements:
            keys = self._keys.get(statement.index)
            if keys is None:
                keys = self._keys[statement.index] = frozenset(context_keys((statement,)))
            found.append(keys)
        return frozenset().union(*found)

    def _heads_for(self, caller: Principal, action: str) -> _Heads:
        known = self._heads.get((caller, action))
        if known is None:
            named, listed = self._named_by(caller), self._listed_for(action)
            traces = tuple(map(_head, self.document.statements, named, listed))
            known = _Heads(traces, tuple([trace.statement for trace in traces if trace.matches is not FALSE]))
            _keep(self._heads, (caller, action), known, self._most)
        return known

    @property
    def _most(self) -> int:
        """How many answers of all statements are remembered."""
        return _MAX_KEPT // (1 + len(self.document.statements))

    def _named_by(self, caller: Principal) -> Tuple[Truth, ...]:
        """Whether each statement speaks of the caller, whatever the action."""
        known = self._named.get(caller)
        if known is None:
            known = tuple([self.names(statement, caller) for statement in self.document.statements])
            _keep(self._named, caller, known, self._most)
        return known

    def _listed_for(self, action: str) -> Tuple[Truth, ...]:
        """Whether each statement speaks of the action, whoever calls."""
        known = self._listed.get(action)
        if known is None:
            known = tuple([action_matches(statement.actions, action) for statement in self.document.statements])
            _keep(self._listed, action, known, self._most)
        return known

    def _trace(self, head: Trace, resource: Text, context: Context) -> Trace:
        """The first element that refuses, else the first that is left open; the head does not refuse."""
        statement = head.statement
        if statement.open is not None:
            return head
        undecided = head if head.matches is UNKNOWN else None
        answer = _resource_matches(statement, resource, context, self.document.has_variables)
        if answer is FALSE:
            return Trace(statement, FALSE, "Resource")
        if answer is UNKNOWN and undecided is None:
            undecided = Trace(statement, UNKNOWN, "Resource")
        for condition in statement.conditions:
            answer = self.holds(condition, context)
            if answer is TRUE or (answer is UNKNOWN and undecided is not None):
                continue
            key = condition.key
            actual = context.get(key.lower()) if isinstance(key, str) else UNDOCUMENTED
            trace = Trace(statement, answer, "Condition", condition, actual)
            if answer is FALSE:
                return trace
            undecided = trace
        return undecided or head


def decide(document: Document, request: Request) -> Decision:
    """What a document answers to a single request; an `Evaluator` answers many of them quicker."""
    return Evaluator(document).decide(request)


K = TypeVar("K", bound=Hashable)


def _keep(known: Dict[K, T], key: K, answer: T, most: int) -> None:
    """Remember an answer; what was known is forgotten before it is too much, since callers come one after the other."""
    if len(known) >= most:
        known.clear()
    known[key] = answer


def _beyond(head: Trace) -> Trace:
    """The head of a statement that could not be compared any further."""
    return head if head.matches is not TRUE else Trace(head.statement, UNKNOWN, "Statement")


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


def action_matches(actions: Optional[Element], action: str) -> Truth:
    """Whether `Action` or `NotAction` covers an action."""
    if actions is None:
        return FALSE
    found = any_of(
        [
            _at_most_unknown(_one_action(value.like, action)) if isinstance(value, Rest) else _one_action(value, action)
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


def _resource_matches(statement: Statement, resource: Text, context: Context, has_variables: Truth) -> Truth:
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
    found = any_of([_one_resource(value, resource, context, has_variables, nothing) for value in resources.values])
    return negate(found) if resources.negated else found


def _one_resource(value: Value, resource: Text, context: Context, has_variables: Truth, nothing: Truth) -> Truth:
    if value == "*":
        return TRUE
    if isinstance(value, Rest):
        return UNKNOWN
    found = [
        nothing if read is None else UNKNOWN if isinstance(read, Unreadable) else matches_resource(read, resource)
        for read in readings(value, context, has_variables)
    ]
    return found[0] if len(found) == 1 else agree(*found)


def _at_most_unknown(value: Truth) -> Truth:
    return UNKNOWN if value is TRUE else value
