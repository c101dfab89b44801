"""Where an expression stands: the scope that resolves its references, and the loops around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Protocol, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.operators import settle
from ctkms.iac.terraform.evaluation.values import Failure, Reference, Steps, Value
from ctkms.iac.terraform.syntax.syntax_tree import Expression
from ctkms.unknowns.text import Hole


class Scope(Protocol):
    """Where an expression stands: what its references mean there."""

    def resolve(self, traversal: Steps) -> Value:
        """The value of a reference such as ("var", "x") or ("aws_kms_key", "k", 0, "arn").

        The whole static traversal is given; `traverse` applies what is left of it to a value.
        May raise `Failure` for what certainly does not exist.
        """

    def doubt(self, traversal: Steps) -> Optional[Hole]:
        """The open value that decides whether there is what a reference means; None where nothing open does."""

    def follow(self, reference: Reference, steps: Steps) -> Value:
        """The value of what is asked of an object that is known by its address; may raise `Failure` too."""

    def assumed(self, condition: str) -> Optional[bool]:
        """What this scenario assumes of an open condition, given by its name."""

    def read_file(self, path: str) -> Optional[str]:
        """The text of a file; None when it cannot be read."""

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """Whether each name in a folder is a file, a folder or something else; None where that is not known."""


class EmptyScope:
    """A scope in which there is nothing to refer to, nothing is assumed, and no file is read."""

    def resolve(self, traversal: Steps) -> Value:
        """Nothing is known of what a reference means."""
        return Hole("${" + ".".join(map(str, traversal)) + "}")

    def doubt(self, traversal: Steps) -> Optional[Hole]:
        """The reference is all there is."""
        return None

    def follow(self, reference: Reference, steps: Steps) -> Value:
        """What the object itself has to say."""
        return reference if reference.target is None else reference.target.member(steps)

    def assumed(self, condition: str) -> Optional[bool]:
        """Nothing is assumed."""
        return None

    def read_file(self, path: str) -> Optional[str]:
        """No file is read."""
        return None

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """No folder is looked into."""
        return None


class ChildScope:
    """A scope within another one: conditions and files are the outer one's, and so is what it does not resolve."""

    def __init__(self, outer: Scope) -> None:
        self.outer = outer

    def resolve(self, traversal: Steps) -> Value:
        """What the reference means outside."""
        return self.outer.resolve(traversal)

    def doubt(self, traversal: Steps) -> Optional[Hole]:
        """What decides outside."""
        return self.outer.doubt(traversal)

    def follow(self, reference: Reference, steps: Steps) -> Value:
        """What it is outside."""
        return self.outer.follow(reference, steps)

    def assumed(self, condition: str) -> Optional[bool]:
        """What the scenario around assumes."""
        return self.outer.assumed(condition)

    def read_file(self, path: str) -> Optional[str]:
        """Files are found as from the outside."""
        return self.outer.read_file(path)

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """So are folders."""
        return self.outer.list_folder(path)


@dataclass(frozen=True)
class Evaluator:
    """A scope, the variables of the loops around an expression, and how to evaluate within them."""

    scope: Scope
    evaluate: Callable[[object, Evaluator], Value]
    variables: Mapping[str, Value] = field(default_factory=dict)
    level: int = 0  # of template files within template files

    def within(self, variables: Mapping[str, Value]) -> Evaluator:
        """The same scope within a loop."""
        return Evaluator(self.scope, self.evaluate, {**self.variables, **variables}, self.level)

    def value(self, node: object) -> Value:
        """The value of an expression here; raises `TooLarge` once the resource has cost too much."""
        take(Budget.STEPS)
        return self.evaluate(node, self)

    def condition(self, node: Expression) -> Union[bool, Hole]:
        """The value of an expression that stands where a bool belongs."""
        return settle(self.value(node), self.scope.assumed)

    def branch(self, node: Expression) -> Value:
        """A branch of an open condition; one that fails is not taken, or Terraform reports it."""
        try:
            return self.value(node)
        except Failure:
            return Hole("${" + str(node.source) + "}")
