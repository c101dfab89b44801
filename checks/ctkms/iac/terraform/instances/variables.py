"""What an input variable holds: what it is given, or its default, as its type and `nullable` say.

https://developer.hashicorp.com/terraform/language/block/variable
"""

from __future__ import annotations

from typing import Optional

from ctkms.iac.terraform.evaluation.dynamic_blocks import argument
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.type_constraints import constraint_of, converted
from ctkms.iac.terraform.evaluation.value_types import opened
from ctkms.iac.terraform.evaluation.values import ABSENT, Failure, Value, is_null
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.text import Hole


def held(declared: Optional[Body], given: Value, source: str, scope: Scope) -> Value:
    """The value of a variable that is given this value, or `ABSENT`; an open one of its type where nobody knows it."""
    if declared is None:
        return Hole(source) if given is ABSENT else given
    constraint = constraint_of(declared.attributes.get("type"), scope)
    if "default" in declared.attributes and (given is ABSENT or _is_refused_null(given, declared, scope)):
        given = evaluate(declared.attributes["default"], scope)
    open_ = Hole(source, type=opened(constraint.type))
    try:
        return open_ if given is ABSENT else converted(given, constraint)
    except Failure:  # Terraform refuses the value
        return open_


def _is_refused_null(given: Value, declared: Body, scope: Scope) -> bool:
    return is_null(given) and argument(declared, "nullable", scope) is False
