"""Terraform's functions on sets."""

from __future__ import annotations

import itertools

from ctkms.iac.terraform.evaluation.collection_functions import concat
from ctkms.iac.terraform.evaluation.collection_items import (
    check_comparisons,
    listed,
    sized,
    unified,
    without_repeats,
)
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.open_names import describe, open_call
from ctkms.iac.terraform.evaluation.values import Unordered, Value, has_rest, is_known
from ctkms.unknowns.text import Hole


def to_set(value: Value) -> Value:
    if isinstance(value, Hole):
        return value
    items = without_repeats(unified(listed(value)))
    return Unordered(sorted(items, key=lambda item: item if isinstance(item, str) else describe(item)))


def union(*sets: Value) -> Value:
    return to_set(concat(*sets))


def intersection(*sets: Value) -> Value:
    first, *others = [listed(to_set(one)) for one in sets]
    check_comparisons(first, *others)
    return Unordered(item for item in first if all(any(same(item, one) for one in other) for other in others))


def subtract(left: Value, right: Value) -> Value:
    removed = listed(to_set(right))
    check_comparisons(listed(left), removed)
    return Unordered(item for item in listed(to_set(left)) if not any(same(item, one) for one in removed))


def product(*sets: Value) -> Value:
    if len(sets) < 2 or any(isinstance(one, (Hole, Unordered)) and not is_known(one) for one in sets):
        return open_call("setproduct", sets)
    if any(has_rest(listed(one)) for one in sets):
        return open_call("setproduct", sets)
    made = sized(list(items) for items in itertools.product(*map(listed, sets)))
    return Unordered(made) if all(isinstance(one, Unordered) for one in sets) else made
