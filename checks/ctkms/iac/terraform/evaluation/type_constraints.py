"""The `type` of a variable, and a value as the variable holds it.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.type_conversion import convert
from ctkms.iac.terraform.evaluation.value_types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Type,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
)
from ctkms.iac.terraform.evaluation.values import Failure, Unordered, Value, fail, is_null
from ctkms.iac.terraform.syntax.syntax_tree import Call, Expression, ListExpr, ObjectExpr, Template, Variable
from ctkms.unknowns.text import Hole


@dataclass(frozen=True)
class Constraint:
    """A type, with the defaults of the optional attributes in it."""

    type: Type
    defaults: Mapping[str, Value] = field(default_factory=dict)  # of the attributes of this object
    within: Mapping[str, Constraint] = field(default_factory=dict)  # of each attribute; "" is each element

    @property
    def has_defaults(self) -> bool:
        """Whether there are defaults, here or further within."""
        return bool(self.defaults or self.within)


ANY = Constraint(DYNAMIC)


def constraint_of(expression: Optional[Expression], scope: Scope) -> Constraint:
    """What the `type` of a variable says; one that no Terraform knows says nothing."""
    try:
        return ANY if expression is None else _parsed(expression, scope)
    except Failure:
        return ANY


def converted(value: Value, constraint: Constraint) -> Value:
    """The value as a variable of this type holds it; raises `Failure` where Terraform refuses it."""
    return convert(_with_defaults(value, constraint) if constraint.has_defaults else value, constraint.type)


def _parsed(expression: Expression, scope: Scope) -> Constraint:
    take(Budget.STEPS)
    if isinstance(expression, (Variable, Template)):
        found = _NAMED.get(_name(expression))
        return Constraint(found) if found is not None else fail("there is no such type")
    if isinstance(expression, Call) and len(expression.arguments) == 1:
        of = expression.arguments[0]
        if expression.name in _COLLECTIONS:
            inner = _parsed(of, scope)
            within = {"": inner} if inner.has_defaults else {}
            return Constraint(_COLLECTIONS[expression.name](inner.type), within=within)
        if expression.name == "object" and isinstance(of, ObjectExpr):
            return _object(of, scope)
        if expression.name == "tuple" and isinstance(of, ListExpr):
            parts = {str(at): _parsed(item, scope) for at, item in enumerate(of.items)}
            return Constraint(tuple_of(one.type for one in parts.values()), within=_only_defaults(parts))
    return fail("there is no such type")


def _object(of: ObjectExpr, scope: Scope) -> Constraint:
    parts: Dict[str, Constraint] = {}
    optional: List[str] = []
    defaults: Dict[str, Value] = {}
    for key, constraint in of.items:
        name = _name(key)
        inner, default = _optional(constraint)
        parts[name] = _parsed(inner or constraint, scope)
        if inner is not None:
            optional.append(name)
        if default is not None:
            defaults[name] = converted(evaluate(default, scope), parts[name])
    type_ = object_of({name: one.type for name, one in parts.items()}, optional)
    return Constraint(type_, defaults, _only_defaults(parts))


def _only_defaults(parts: Mapping[str, Constraint]) -> Mapping[str, Constraint]:
    return {name: one for name, one in parts.items() if one.has_defaults}


def _optional(constraint: Expression) -> Tuple[Optional[Expression], Optional[Expression]]:
    """The type and the default of an optional attribute; (None, None) for one that is not optional."""
    if isinstance(constraint, Call) and constraint.name == "optional" and constraint.arguments:
        return constraint.arguments[0], constraint.arguments[1] if len(constraint.arguments) > 1 else None
    return None, None


def _name(key: Expression) -> str:
    parts = key.parts if isinstance(key, Template) else ()
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else key.source


def _with_defaults(value: Value, constraint: Constraint) -> Value:
    """The value with what it lacks; which kind of list or map that makes is left to its conversion."""
    take(Budget.STEPS)
    if is_null(value) or isinstance(value, Hole) or not constraint.has_defaults:
        return value
    if isinstance(value, list):
        made = [_with_defaults(item, _inner(constraint, str(at))) for at, item in enumerate(value)]
        return Unordered(made) if isinstance(value, Unordered) else made
    if isinstance(value, dict):
        kept: Dict[Any, Value] = {key: _with_defaults(item, _inner(constraint, key)) for key, item in value.items()}
        for name, default in constraint.defaults.items():
            if is_null(kept.get(name)):
                kept[name] = default
        return kept
    return value


def _inner(constraint: Constraint, key: Any) -> Constraint:
    return constraint.within.get(key if constraint.type.kind in ("object", "tuple") else "", ANY)


_NAMED: Mapping[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": DYNAMIC,
    "list": list_of(DYNAMIC),  # so in old code, as is a name in quotes
    "map": map_of(DYNAMIC),
}
_COLLECTIONS: Mapping[str, Callable[[Type], Type]] = {"list": list_of, "set": set_of, "map": map_of}
