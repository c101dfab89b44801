"""The `type` of a variable, as far as it changes a value: defaults of optional attributes, sets, strings.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from ctkms.iac.terraform.evaluation.collection_items import without_repeats
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.values import Unordered, Value
from ctkms.iac.terraform.syntax.syntax_tree import Call, Expression, ObjectExpr, Template, Variable


def converted(value: Value, constraint: Optional[Expression], scope: Scope) -> Value:
    """The value as a variable of this type holds it."""
    if isinstance(constraint, Variable) and constraint.name == "string" and isinstance(value, (bool, int, float)):
        return text(value)
    if isinstance(constraint, Call) and len(constraint.arguments) == 1:
        convert = _CONVERTERS.get((constraint.name, type(value)))
        if convert is not None:
            return convert(value, constraint.arguments[0], scope)
    return value


def _list(value: List[Value], of: Expression, scope: Scope) -> Value:
    return [converted(item, of, scope) for item in value]


def _set(value: List[Value], of: Expression, scope: Scope) -> Value:
    return Unordered(converted(item, of, scope) for item in without_repeats(value))


def _map(value: Dict[Any, Value], of: Expression, scope: Scope) -> Value:
    return {key: converted(item, of, scope) for key, item in value.items()}


def _object(value: Dict[Any, Value], of: Expression, scope: Scope) -> Value:
    if not isinstance(of, ObjectExpr):
        return value
    kept = dict(value)
    for name, constraint in ((_name(key), constraint) for key, constraint in of.items):
        optional, default = _optional(constraint)
        if kept.get(name) is None and optional is not None:
            kept[name] = None if default is None else evaluate(default, scope)
        if name in kept:
            kept[name] = converted(kept[name], optional or constraint, scope)
    return kept


def _optional(constraint: Expression) -> Tuple[Optional[Expression], Optional[Expression]]:
    """The type and the default of an optional attribute; (None, None) for one that is not optional."""
    if isinstance(constraint, Call) and constraint.name == "optional" and constraint.arguments:
        return constraint.arguments[0], constraint.arguments[1] if len(constraint.arguments) > 1 else None
    return None, None


def _name(key: Expression) -> str:
    parts = key.parts if isinstance(key, Template) else ()
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else key.source


_CONVERTERS: Dict[Tuple[str, type], Callable[[Any, Expression, Scope], Value]] = {
    ("list", list): _list,
    ("list", Unordered): _list,
    ("set", list): _set,
    ("set", Unordered): _set,
    ("map", dict): _map,
    ("object", dict): _object,
}
