"""Where an expression stands: the scope that resolves its references, and the loops around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Optional, Protocol, Tuple, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.operators import settle
from ctkms.iac.terraform.evaluation.values import Failure, Value
from ctkms.iac.terraform.syntax.syntax_tree import Expression
from ctkms.unknowns.text import Hole

Step = Any  # an attribute's name, an index, or a key that is not known


class Scope(Protocol):
    """Where an expression stands: what its references mean there."""

    def resolve(self, traversal: Tuple[Step, ...]) -> Value:
        """The value of a reference such as ("var", "x") or ("aws_kms_key", "k", 0, "arn").

        The whole static traversal is given; `traverse` applies what is left of it to a value.
        May raise `Failure` for what certainly does not exist.
        """

    def assumed(self, condition: str) -> Optional[bool]:
        """What this scenario assumes of an open condition, given by its name."""

    def read_file(self, path: str) -> Optional[str]:
        """The text of a file; None when it cannot be read."""


class ChildScope:
    """A scope within another one: conditions and files are the outer one's, and so is what it does not resolve."""

    def __init__(self, outer: Scope) -> None:
        self.outer = outer

    def resolve(self, traversal: Tuple[Step, ...]) -> Value:
        """What the reference means outside."""
        return self.outer.resolve(traversal)

    def assumed(self, condition: str) -> Optional[bool]:
        """What the scenario around assumes."""
        return self.outer.assumed(condition)

    def read_file(self, path: str) -> Optional[str]:
        """Files are found as from the outside."""
        return self.outer.read_file(path)


@dataclass(frozen=True)
class Evaluator:
    """A scope, the variables of the loops around an expression, and how to evaluate within them."""

    scope: Scope
    evaluate: Callable[[Any, Evaluator], Value]
    variables: Mapping[str, Value] = field(default_factory=dict)
    level: int = 0  # of template files within template files

    def within(self, variables: Mapping[str, Value]) -> Evaluator:
        """The same scope within a loop."""
        return Evaluator(self.scope, self.evaluate, {**self.variables, **variables}, self.level)

    def value(self, node: Any) -> Value:
        """The value of an expression here; raises `TooLarge` once the resource has cost too much."""
        take(Budget.STEPS)
        return self.evaluate(node, self)

    def condition(self, node: Expression) -> Union[bool, Hole]:
        """The value of an expression that stands where a bool belongs."""
        return settle(self.value(node), self.scope.assumed)

    def branch(self, node: Any) -> Value:
        """A branch of an open condition; one that fails is not taken, or Terraform reports it."""
        try:
            return self.value(node)
        except Failure:
            return Hole("${" + str(node.source) + "}")
