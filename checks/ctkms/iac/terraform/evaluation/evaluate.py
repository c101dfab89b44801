"""The value of an expression, as far as the code fixes it.

`evaluate` never raises. What it cannot know is a hole named by the values it came from; where an
open condition is all that stands in the way, it is a `Choice` (see `iac/scenarios.py`).
Semantics: https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Callable, Dict, List

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.characters import composed
from ctkms.iac.terraform.evaluation.conversion import number, text, whole
from ctkms.iac.terraform.evaluation.for_expressions import for_directive, for_expression, object_key, splat
from ctkms.iac.terraform.evaluation.function_calls import call
from ctkms.iac.terraform.evaluation.open_names import open_value, operand
from ctkms.iac.terraform.evaluation.operators import (
    DECIDED_BY,
    arithmetic,
    as_branch,
    choice,
    equality,
    logic,
    negation,
)
from ctkms.iac.terraform.evaluation.scope import Evaluator, Scope
from ctkms.iac.terraform.evaluation.traversals import reference, traverse
from ctkms.iac.terraform.evaluation.type_conversion import made_object, made_tuple
from ctkms.iac.terraform.evaluation.value_types import BOOL, NUMBER, STRING
from ctkms.iac.terraform.evaluation.values import ABSENT, Failure, Value, check_size, is_known, joined, plain_null
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Binary,
    Broken,
    Call,
    Conditional,
    Directive,
    Expression,
    ForExpr,
    Index,
    KnownAfterApply,
    ListExpr,
    Literal,
    ObjectExpr,
    Splat,
    Template,
    Unary,
    Variable,
)
from ctkms.unknowns.scenarios import too_large
from ctkms.unknowns.text import Hole, map_literals

__all__ = ["Scope", "evaluate", "traverse", "typed_value"]


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; a hole where it cannot be known, or where Terraform would report an error."""
    return plain_null(typed_value(expression, scope))


def typed_value(expression: Expression, scope: Scope) -> Value:
    """The value that other expressions refer to: a null of a type says so."""
    try:
        plain = _constant_value(expression)
        if plain is not _OPEN:
            known: Value = plain
            return known
        return check_size(Evaluator(scope, _evaluate).value(expression))
    except Failure:
        return Hole("${" + expression.source + "}")
    except (TooLarge, RecursionError):
        return too_large(expression.source)


_OPEN: Any = object()


def _constant_value(expression: Expression) -> Any:
    """What is known without any work, also where no more can be done; else `_OPEN`, which is no value."""
    if isinstance(expression, Literal) and not isinstance(expression.value, float):
        return expression.value
    if isinstance(expression, Template) and all(isinstance(part, str) for part in expression.parts):
        return check_size(composed("".join(map(str, expression.parts))))
    return _OPEN


def _evaluate(node: object, evaluator: Evaluator) -> Value:
    value: Value = _EVALUATORS[type(node)](node, evaluator)
    return value


def _literal(node: Literal, evaluator: Evaluator) -> Value:
    if isinstance(node.value, float) and not math.isfinite(node.value):
        raise TooLarge
    value: Value = node.value
    return value


def _broken(node: Broken, evaluator: Evaluator) -> Value:
    return Hole("${" + node.source + "}")


# Operators


def _unary(node: Unary, evaluator: Evaluator) -> Value:
    value = evaluator.value(node.operand)
    if node.operator == "!":
        return negation(value, evaluator.scope.assumed)
    return whole(-number(value)) if is_known(value) else open_value("-" + operand(value), [value])


def _binary(node: Binary, evaluator: Evaluator) -> Value:
    chain: List[Binary] = []  # a long sum is a deep tree on its left side; it must not be a deep recursion
    first: Expression = node
    while isinstance(first, Binary):
        chain.append(first)
        first = first.left
    value = evaluator.value(first)
    for one in reversed(chain):
        if one.operator in DECIDED_BY:
            value = logic(one.operator, value, partial(evaluator.value, one.right), evaluator.scope.assumed)
        elif one.operator in ("==", "!="):
            equal = equality(value, evaluator.value(one.right))
            value = equal if one.operator == "==" else negation(equal, evaluator.scope.assumed)
        else:
            value = arithmetic(one.operator, value, evaluator.value(one.right))
    return value


def _conditional(node: Conditional, evaluator: Evaluator) -> Value:
    """Both branches get one type, also where only one of them counts."""
    condition = evaluator.condition(node.condition)
    if not isinstance(condition, bool):
        return choice(condition, evaluator.branch(node.yes), evaluator.branch(node.no))
    taken, other = (node.yes, node.no) if condition else (node.no, node.yes)
    return as_branch(evaluator.value(taken), _value_or_type(other, evaluator))


def _value_or_type(node: Expression, evaluator: Evaluator) -> Value:
    """The value of a branch that is not taken. If it fails, Terraform does not say so, and only knows its type."""
    try:
        return evaluator.value(node)
    except Failure:
        if isinstance(node, (Unary, Binary)):
            return Hole(node.source, type=NUMBER if node.operator in tuple("+-*/%") else BOOL)
        return Hole(node.source, type=STRING) if isinstance(node, Template) and len(node.parts) > 1 else None


# Collections


def _list(node: ListExpr, evaluator: Evaluator) -> Value:
    return made_tuple([evaluator.value(item) for item in node.items])


def _object(node: ObjectExpr, evaluator: Evaluator) -> Value:
    pairs = zip(node.keys, node.values)
    return made_object({object_key(evaluator.value(key)): evaluator.value(item) for key, item in pairs})


# Templates


def _template(node: Template, evaluator: Evaluator) -> Value:
    parts = node.parts
    if len(parts) == 1:
        return composed(parts[0]) if isinstance(parts[0], str) else evaluator.value(parts[0])
    written = joined(part if isinstance(part, str) else text(evaluator.value(part)) for part in parts)
    return map_literals(written, composed)


def _directive(node: Directive, evaluator: Evaluator) -> Value:
    if node.keyword == "for":
        return for_directive(node, evaluator)
    condition = evaluator.condition(node.head)
    otherwise = node.otherwise or Template((), "")
    if isinstance(condition, bool):
        return text(evaluator.value(node.body if condition else otherwise))
    return text(choice(condition, evaluator.branch(node.body), evaluator.branch(otherwise)))


# Expressions of a plan


def _worked(node: KnownAfterApply, evaluator: Evaluator) -> Value:
    value: Value = node.work_out(tuple(_operand(one, evaluator) for one in node.operands))
    return value


def _operand(node: Expression, evaluator: Evaluator) -> Any:
    try:
        return evaluator.value(node)
    except Failure:
        return ABSENT


_EVALUATORS: Dict[type, Callable[[Any, Evaluator], Value]] = {
    Literal: _literal,
    Broken: _broken,
    Variable: reference,
    Attribute: reference,
    Index: reference,
    Splat: splat,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    ListExpr: _list,
    ObjectExpr: _object,
    ForExpr: for_expression,
    Template: _template,
    Directive: _directive,
    Call: call,
    KnownAfterApply: _worked,
}
