"""Terraform's functions on sets: all elements get one type first."""

from __future__ import annotations

import itertools
from typing import List, Sequence, Tuple

from ctkms.iac.terraform.evaluation.collection_items import check_comparisons, listed, sized
from ctkms.iac.terraform.evaluation.comparison import same
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.set_members import make_set
from ctkms.iac.terraform.evaluation.type_conversion import common_type, convert, type_of
from ctkms.iac.terraform.evaluation.unification import common_element
from ctkms.iac.terraform.evaluation.value_types import DYNAMIC, OPEN, Type, list_of, set_of, tuple_of
from ctkms.iac.terraform.evaluation.values import ListOf, OpenSet, Set, Unordered, Value, fail, has_rest
from ctkms.unknowns.text import Hole, Rest


def to_set(value: Value) -> Value:
    return convert(value, set_of(DYNAMIC))


def union(*sets: Value) -> Value:
    taken, element = _of_one_type([_open_set(one) if isinstance(one, Hole) else one for one in sets])
    return make_set(sized(itertools.chain.from_iterable(taken)), element)


def _open_set(hole: Hole) -> Value:
    """A set of which no member is known, nor how many there are."""
    given = type_of(hole)
    return OpenSet([Rest(hole)], given if given.kind == "set" else set_of(OPEN))


def intersection(*sets: Value) -> Value:
    (first, *others), element = _of_one_type(sets)
    check_comparisons(first, *others)
    kept = [item for item in first if all(any(same(item, one) for one in other) for other in others)]
    return make_set(kept, element)


def subtract(left: Value, right: Value) -> Value:
    (kept, removed), element = _of_one_type((left, right))
    check_comparisons(kept, removed)
    return make_set([item for item in kept if not any(same(item, one) for one in removed)], element)


def _of_one_type(sets: Sequence[Value]) -> Tuple[List[List[Value]], Type]:
    """The elements of the sets, converted to the type that they have in common; an empty set of any type has no say."""
    kinds = [one for one in sets if listed(one) or type_of(one) != set_of(DYNAMIC)]
    common = common_type(kinds) if kinds else set_of(DYNAMIC)
    if common.kind != "set":
        return [listed(one) for one in sets], DYNAMIC
    if common == set_of(DYNAMIC) and any(type_of(one) != common for one in sets):
        return fail("the sets have no type in common")
    return [listed(convert(one, common)) for one in sets], common.element


def product(*sets: Value) -> Value:
    """A set where one of them is a set, else a list in the order of the lists."""
    if len(sets) < 2:
        return fail("setproduct takes at least two sets")
    if any(isinstance(one, (Hole, Unordered)) or has_rest(listed(one)) for one in sets):
        return open_call("setproduct", sets)
    elements = [_element(one) for one in sets]
    taken = [listed(convert(one, list_of(element))) for one, element in zip(sets, elements)]
    made = sized(list(items) for items in itertools.product(*taken))
    of = tuple_of(elements)
    return make_set(made, of) if any(isinstance(one, Set) for one in sets) else ListOf(made, list_of(of))


def _element(value: Value) -> Type:
    """The type that the elements of a list or set have in common."""
    if isinstance(value, (ListOf, Set)):
        return value.type.element
    found = common_element(type_of(value)) if listed(value) else DYNAMIC
    return found if found is not None else fail("the elements have no type in common")
