"""What the configuration in a plan says of an expression: a constant, or only what it refers to.

`kms_key_id = aws_kms_key.logs.arn` is written as `{"references": ["aws_kms_key.logs.arn",
"aws_kms_key.logs"]}`. The plan says neither what the expression does with its references nor, for
`aws_kms_key.logs[each.key].arn`, which attribute is meant. So a value that is only known after
apply is taken from them where exactly one fits (`places.py`), and else is not known here either.
https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from typing import Tuple

from ctkms.budgets import Budget, spend
from ctkms.iac.terraform.plan.plan_file import mapping
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.iac.terraform.syntax.syntax_tree import Broken, Expression

_PER_REFERENCE = 10  # steps
MAX_REFERENCE = 1_000  # characters; a longer one is no reference
_STEP = re.compile(r"[.\[]")


def leaves(expression: object) -> Tuple[str, ...]:
    """The references of an expression, without those that only begin another one."""
    found = mapping(expression).get("references")
    named = (
        dict.fromkeys(one[:MAX_REFERENCE] for one in found if isinstance(one, str)) if isinstance(found, list) else {}
    )
    begun = {other[: found.start()] for other in named for found in _STEP.finditer(other)}
    return tuple(one for one in named if one not in begun)


def operand(reference: str) -> Expression:
    """A reference as an expression."""
    if not spend(Budget.STEPS, _PER_REFERENCE):
        return Broken("too many references", reference)
    if reference.startswith("local."):
        return Broken("a plan does not say what its locals are", reference)
    expression = parse_file(f"x = {reference}\n").body.attributes.get("x")
    return Broken("no reference", reference) if expression is None else expression
