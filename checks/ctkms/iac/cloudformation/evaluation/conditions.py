"""The conditions of a template: true, false, or open.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, List, Mapping, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.evaluation.values import same
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.unknowns.scenarios import MAX_WAITING, Assumptions
from ctkms.unknowns.truth import FALSE, UNKNOWN, Truth, all_of, any_of, negate, truth

# Beyond this an answer is open: no real template comes near, and none can exhaust the stack.
MAX_DEPTH = 30

Decision = Tuple[Truth, FrozenSet[str]]  # the answer, and the open conditions that it waits for

_OPEN: Decision = (UNKNOWN, frozenset())
_LOGIC: Mapping[str, Callable[[List[Truth]], Truth]] = {
    "Fn::And": all_of,
    "Fn::Or": any_of,
    "Fn::Not": lambda answers: negate(answers[0]),
}


class Conditions:
    """The answers under some assumptions.

    `declared` finds the expression of a condition, `named` says how an assumption calls it, and
    `value` works out the operands of a comparison, and `allowed` lists what one may be at all, where
    that is known.
    """

    def __init__(
        self,
        assumed: Assumptions,
        declared: Callable[[Deployment, str], object],
        named: Callable[[Deployment, str], str],
        value: Callable[[object, Deployment], object],
        allowed: Callable[[object, Deployment], Sequence[str]],
    ) -> None:
        self._assumed = assumed
        self._declared = declared
        self._named = named
        self._value = value
        self._allowed = allowed
        self._decided: Dict[Place, Decision] = {}
        self._depth = 0

    def decide(self, name: str, at: Deployment) -> Decision:
        """Whether a condition holds. An open one waits for the innermost conditions that have a name."""
        assumption = self._named(at, name)
        if assumption in self._assumed:
            return truth(self._assumed[assumption]), frozenset()
        if (at, name) not in self._decided:
            self._decided[at, name] = UNKNOWN, frozenset({assumption})  # in case it leads back to itself
            answer, waiting = self._answer(self._declared(at, name), at)
            own = frozenset({assumption})
            self._decided[at, name] = answer, _waiting(answer, waiting if 0 < len(waiting) <= MAX_WAITING else own)
        return self._decided[at, name]

    def _answer(self, expression: object, at: Deployment) -> Decision:
        fields = entries(expression)
        if len(fields) != 1 or self._depth >= MAX_DEPTH or not spend(Budget.STEPS):
            return _OPEN
        self._depth += 1
        try:
            ((function, argument),) = fields.items()
            return self._apply(function, argument, at)
        finally:
            self._depth -= 1

    def _apply(self, function: str, argument: object, at: Deployment) -> Decision:
        operands = list(argument) if isinstance(argument, (list, tuple)) else [argument]
        if function == "Condition" and isinstance(argument, str):
            return self.decide(str(argument), at)
        if function == "Fn::Equals" and len(operands) == 2:
            return self._equal(operands[0], operands[1], at), frozenset()
        if function in _LOGIC and operands:
            decided = [self._answer(operand, at) for operand in operands]
            return _combined(_LOGIC[function]([answer for answer, _ in decided]), decided)
        return _OPEN

    def _equal(self, first: object, second: object, at: Deployment) -> Truth:
        values = [self._value(operand, at) for operand in (first, second)]
        answer = same(*values)
        for operand, other in ((first, values[1]), (second, values[0])) if answer is UNKNOWN else ():
            allowed = self._allowed(operand, at)
            if allowed and isinstance(other, str) and other not in allowed:
                return FALSE  # the deployment would be refused
        return answer


def _combined(answer: Truth, decided: List[Decision]) -> Decision:
    return answer, _waiting(answer, frozenset().union(*(waiting for _, waiting in decided)))


def _waiting(answer: Truth, conditions: FrozenSet[str]) -> FrozenSet[str]:
    """A known answer waits for nothing."""
    return conditions if answer is UNKNOWN else frozenset()
