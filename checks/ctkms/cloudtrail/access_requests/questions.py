"""Asking for all that a caller may choose: is there a choice that is allowed?

A question is a request in which some things are left to the caller: his name, the trail, a condition
key. It is asked with all of them open first. By the evaluator's law an answer that does not hang on
what is open holds for every choice, so most questions end there; else one thing after the other is
chosen, and only what the statements still hang on. Two choices after which every statement stands
the same have the same future, so one of them is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
)

from ctkms.budgets import Budget, exhausted, spend
from ctkms.iam.context_keys import values_with_variables
from ctkms.iam.decision import Decision
from ctkms.iam.document import Statement
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.request import Request, context_of
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import UNKNOWN

Chosen = Mapping[str, Any]  # by name: a part of the caller's or the trail's name, or a condition key

WHO = "who"  # the choice of the trail or the principal
TOO_MANY = Hole("more choices of a caller than can be tried")
_MAX_KEPT = 32  # decisions kept for the sentence
_LOOK = 10  # of `Budget.COMPARISONS`, for each condition


# Several rules ask about the same callers of a case, one after the other.
of_the_case = lru_cache(maxsize=16)


@dataclass(frozen=True, eq=False)
class Question:
    """What one kind of caller may ask.

    `ask` makes the request of what has been chosen; what is not among it is open in the request.
    `who` are the choices that make up the caller or the trail, `context` those of condition keys.
    """

    ask: Callable[[Chosen], Request]
    who: Mapping[str, Sequence[Any]]
    context: Mapping[str, Sequence[Any]]


class Questions(NamedTuple):
    """Questions to ask; `complete` says that nobody else could ask something."""

    asked: Tuple[Question, ...]
    complete: bool = True
    capped: bool = False  # there are more choices than are tried


class Outcome(NamedTuple):
    """Whether some choice is allowed: ALLOW, DENY or UNKNOWN, with the decisions behind it, the deciding ones first."""

    verdict: Verdict
    decisions: Tuple[Decision, ...]
    exhausted: bool = False


def fixed(request: Request) -> Question:
    """A request in which nothing is left to choose."""
    return Question(lambda chosen: request, {}, {})


def best_for_the_caller(policy: Evaluator, questions: Questions) -> Outcome:
    """What the caller gets who chooses best."""
    denied: List[Decision] = []
    left_open: List[Decision] = []
    too_many = questions.capped
    for question in questions.asked:
        for decision, is_last in _Search(policy, question):
            if decision is None:
                too_many = True
            elif decision.verdict is Verdict.ALLOW:
                return Outcome(Verdict.ALLOW, (decision, *denied, *left_open))
            elif decision.verdict is Verdict.DENY:
                denied.append(decision)
            elif is_last:
                left_open.append(decision)
            del denied[_MAX_KEPT:], left_open[_MAX_KEPT:]
    if left_open or too_many or not questions.complete:
        return Outcome(Verdict.UNKNOWN, (*left_open, *denied), too_many)
    return Outcome(Verdict.DENY, tuple(denied))


class _Search:
    """The decisions on one question, from the most open one to special ones, and whether each is the last of its kind.

    The decision is None when there are more than can be tried.
    """

    def __init__(self, policy: Evaluator, question: Question) -> None:
        self._policy = policy
        self._question = question
        self._with_variables: Optional[FrozenSet[int]] = None  # statements that take a value from the request

    def __iter__(self) -> Iterator[Tuple[Optional[Decision], bool]]:
        # Where there is one choice only, it has been made.
        waiting: List[Dict[str, Any]] = [{name: one[0] for name, one in self._question.who.items() if len(one) == 1}]
        followed: Set[object] = set()
        while waiting:
            chosen = waiting.pop()
            request = self._question.ask(chosen)
            about = self._policy.statements_about(request.caller, request.action)
            # Where values are taken from the request, nothing can be worked out beforehand.
            cost = (1 + len(about)) * (8 if self._take_values(about) else 1)
            if exhausted(Budget.COMPARISONS) or not spend(Budget.REQUESTS, cost):
                yield None, True
                return
            decision = self._policy.decide(request)
            name = self._next(chosen, decision) if decision.verdict is Verdict.UNKNOWN else None
            yield decision, name is None
            if name is None:
                continue
            state = self._state(chosen, decision)
            if state is None or state not in followed:
                followed.add(state)
                values = self._question.who.get(name) or self._question.context[name]
                waiting.extend({**chosen, name: value} for value in reversed(values))

    def _next(self, chosen: Chosen, decision: Decision) -> Optional[str]:
        """What to choose next: who calls, then a condition key that an undecided statement looks at."""
        for name in self._question.who:
            if name not in chosen:
                return name
        undecided = _undecided(decision)
        spend(Budget.COMPARISONS, _LOOK * sum(len(one.conditions) for one in undecided))
        keys = self._policy.keys_of(undecided)
        any_key = self._take_values(undecided)
        left = (name for name in self._question.context if name not in chosen and (any_key or name in keys))
        return next(left, None)

    def _state(self, chosen: Chosen, decision: Decision) -> Optional[object]:
        """What the rest of the search hangs on; None when that cannot be told."""
        undecided = _undecided(decision)
        if any(name not in chosen for name in self._question.who) or self._take_values(undecided):
            return None
        context = context_of(decision.request.context)
        so_far = tuple(
            [
                self._policy.holds(condition, context)
                for statement in undecided
                for condition in statement.conditions
                if isinstance(condition.key, str) and condition.key.lower() in chosen
            ]
        )
        who = tuple([chosen[name] for name in self._question.who])
        return who, frozenset(chosen), tuple([trace.matches for trace in decision.traces]), so_far

    def _take_values(self, statements: Iterable[Statement]) -> bool:
        """Whether a condition of the statements may compare with another value of the request."""
        if self._with_variables is None:
            self._with_variables = frozenset(
                statement.index for statement in self._policy.document.statements if values_with_variables(statement)
            )
        return bool(self._with_variables) and any(one.index in self._with_variables for one in statements)


def _undecided(decision: Decision) -> List[Statement]:
    return [trace.statement for trace in decision.traces if trace.matches is UNKNOWN]
