"""Whether two values are equal as Terraform sees it."""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.collection_items import check_comparisons
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.type_conversion import type_of
from ctkms.iac.terraform.evaluation.value_types import Type
from ctkms.iac.terraform.evaluation.values import Json, Set, Unordered, Value, has_rest, is_null, is_text
from ctkms.unknowns import names
from ctkms.unknowns.text import Hole, Partial, Rest
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth


def same(left: Value, right: Value) -> Optional[bool]:
    """Whether two values are equal; None where that is not known.

    Values of different types are not: a list differs from a tuple, and a map from an object, even
    with equal contents. Nulls are equal, of whatever types.
    """
    take(Budget.STEPS)
    if is_null(left) and is_null(right):
        return True
    if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        given, other = type_of(left), type_of(right)
        if not _may_agree(given, other):
            return False
        answer = _same_contents(left, right)
        return answer if answer is not True or not (given.is_open or other.is_open) else _alike(left, right)
    return _same_contents(left, right)


def _alike(left: Value, right: Value) -> Optional[bool]:
    return True if describe(left) == describe(right) and type_of(left) == type_of(right) else None


def _may_agree(left: Type, right: Type) -> bool:
    """Whether two types are the same, or may turn out to be."""
    if "open" in (left.kind, right.kind) or left == right:
        return True
    if left.kind != right.kind or left.names != right.names or len(left.inner) != len(right.inner):
        return False
    return all(map(_may_agree, left.inner, right.inner))


def _same_contents(left: Value, right: Value) -> Optional[bool]:
    """Whether two values are equal, of which the types agree where they have elements."""
    if isinstance(left, Json):
        left = json_text(left)
    if isinstance(right, Json):
        right = json_text(right)
    if isinstance(left, (Hole, Partial)) or isinstance(right, (Hole, Partial)):
        return _same_open(left, right)
    if is_null(left) or is_null(right):
        # What a data source does not find may be null as well as empty.
        found = any(isinstance(one, list) and has_rest(one) for one in (left, right))
        return None if found else is_null(left) and is_null(right)
    if isinstance(left, list) and isinstance(right, list):
        return _same_lists(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_dicts(left, right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _same_open(left: Value, right: Value) -> Optional[bool]:
    if type(left) is type(right) and left == right:
        return True if type_of(left) == type_of(right) else None
    for one, other in ((left, right), (right, left)):
        if is_text(one) and is_null(other):
            return False
        if not isinstance(other, Hole) and not is_null(other) and not _may_agree(type_of(one), type_of(other)):
            return False
    if is_text(left) and is_text(right):
        return _KNOWN[names.same(text(left), text(right))]
    return None


_KNOWN: Dict[Truth, Optional[bool]] = {TRUE: True, FALSE: False, UNKNOWN: None}


def _same_lists(left: List[Value], right: List[Value]) -> Optional[bool]:
    take(Budget.STEPS, len(left))
    if isinstance(left, Unordered) or isinstance(right, Unordered):
        return _same_open_sets(left, right) if isinstance(left, Set) and isinstance(right, Set) else None
    if has_rest(left) or has_rest(right):
        return True if describe(left) == describe(right) else None
    return len(left) == len(right) and _all(_same_contents(one, other) for one, other in zip(left, right))


def _same_open_sets(left: List[Value], right: List[Value]) -> Optional[bool]:
    """A member that is certainly not in the other set makes them differ."""
    check_comparisons(left, right)
    if describe(left) == describe(right):
        return True
    for members, others in ((left, right), (right, left)):
        if any(all(not isinstance(x, Rest) and _same_contents(one, x) is False for x in others) for one in members):
            return False
    return None


def _same_dicts(left: Dict[object, Value], right: Dict[object, Value]) -> Optional[bool]:
    take(Budget.STEPS, len(left))
    if not all(isinstance(key, str) for key in (*left, *right)):
        return True if describe(left) == describe(right) else None
    return left.keys() == right.keys() and _all(_same_contents(left[key], right[key]) for key in left)


def _all(answers: Iterable[Optional[bool]]) -> Optional[bool]:
    answer: Optional[bool] = True
    for one in answers:
        if one is False:
            return False
        answer = None if one is None else answer
    return answer
