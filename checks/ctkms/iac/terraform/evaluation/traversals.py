"""Following references: attributes and indexes, from a variable of a loop or by the scope."""

from __future__ import annotations

from typing import List, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.collection_items import item_at, item_of
from ctkms.iac.terraform.evaluation.conversion import integer, number, plain, text
from ctkms.iac.terraform.evaluation.further_elements import element, values_of
from ctkms.iac.terraform.evaluation.open_names import describe, open_value, operand
from ctkms.iac.terraform.evaluation.scope import Evaluator, Scope
from ctkms.iac.terraform.evaluation.values import Json, OpenMap, Reference, Step, Steps, Unordered, Value, fail
from ctkms.iac.terraform.syntax.syntax_tree import Attribute, Expression, Index, Variable
from ctkms.unknowns.text import Hole, Partial


def traverse(value: Value, steps: Steps, scope: Scope) -> Value:
    """What the attributes and indexes in `steps` lead to; raises `Failure` where Terraform would report an error."""
    for position, step in enumerate(steps):
        if isinstance(value, Reference):
            return scope.follow(value, steps[position:])
        value = _step(value, step)
    return value


def reference(node: Union[Variable, Attribute, Index], evaluator: Evaluator) -> Value:
    """What a reference in the code leads to."""
    steps: List[Step] = []
    root: Expression = node
    while isinstance(root, (Attribute, Index)):
        steps.append(root.name if isinstance(root, Attribute) else _key(evaluator.value(root.key)))
        root = root.target
    path = tuple(reversed(steps))
    take(Budget.STEPS, len(path))
    if not isinstance(root, Variable):
        return traverse(evaluator.value(root), path, evaluator.scope)
    if root.name in evaluator.variables:
        return traverse(evaluator.variables[root.name], path, evaluator.scope)
    return evaluator.scope.resolve((root.name, *path))


def _key(value: Value) -> Step:
    if isinstance(value, (Hole, Partial, str)):
        return value
    if isinstance(value, Json):
        return text(value)
    converted = text(value) if isinstance(value, bool) else number(value)
    return converted if isinstance(converted, (str, int)) else fail("an index is a whole number")


def _step(value: Value, step: Step) -> Value:
    if isinstance(value, (Hole, Unordered)) or not isinstance(step, (str, int)):
        name = f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{describe(step)}]"
        if isinstance(value, (Unordered, OpenMap)):
            return element(value if isinstance(value, list) else [values_of(value)], operand(value) + name)
        return open_value(operand(value) + name, [value, step])
    if isinstance(value, list):
        return item_at(value, integer(step))
    if isinstance(value, dict):
        return item_of(value, plain(step))
    return fail("this value has no attributes or elements")
