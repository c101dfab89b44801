"""Whether two values are equal as Terraform sees it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.values import Json, Value, has_rest, is_text
from ctkms.unknowns import names
from ctkms.unknowns.text import Hole, Partial
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth


def same(left: Value, right: Value) -> Optional[bool]:
    """Whether two values are equal as Terraform sees it; None where that is not known.

    Terraform's lists differ from its tuples, and its maps from its objects, even with equal
    contents. The two look alike here, so equal collections give no answer.
    """
    take(Budget.STEPS)
    if isinstance(left, Json):
        left = json_text(left)
    if isinstance(right, Json):
        right = json_text(right)
    if isinstance(left, (Hole, Partial)) or isinstance(right, (Hole, Partial)):
        return _same_open(left, right)
    if any(isinstance(one, list) and has_rest(one) for one in (left, right)) and None in (left, right):
        return None  # what a data source does not find may be null as well as empty
    if isinstance(left, (list, dict)) and type(left) is type(right):
        return False if _differ(left, right) else None
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _same_open(left: Value, right: Value) -> Optional[bool]:
    if type(left) is type(right) and left == right:
        return True
    for one, other in ((left, right), (right, left)):
        if is_text(one) and isinstance(other, (type(None), bool, int, float, list, dict)):
            return False
    if is_text(left) and is_text(right):
        return _KNOWN[names.same(text(left), text(right))]
    return None


_KNOWN: Dict[Truth, Optional[bool]] = {TRUE: True, FALSE: False, UNKNOWN: None}


def _differ(left: Any, right: Any) -> bool:
    if isinstance(left, list):
        if has_rest(left) or has_rest(right):
            return False
        return len(left) != len(right) or any(same(one, other) is False for one, other in zip(left, right))
    if not all(isinstance(key, str) for key in (*left, *right)):
        return False
    return left.keys() != right.keys() or any(same(left[key], right[key]) is False for key in left)
