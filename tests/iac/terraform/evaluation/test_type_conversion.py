"""Types of values, conversions between them, and the types that several have in common."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.budgets import Budget, metered, spent
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.type_conversion import convert, type_of
from ctkms.iac.terraform.evaluation.unification import convertible, unify
from ctkms.iac.terraform.evaluation.value_types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    OPEN,
    STRING,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
)
from ctkms.iac.terraform.evaluation.values import Failure, ListOf, MapOf, OpenSet, Unordered, is_known
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, Partial, Rest

X = Hole("${var.x}")
A_TUPLE, AN_OBJECT = tuple_of([STRING]), object_of({"a": NUMBER})

# What several types have in common, as a conditional of Terraform's or `tolist` finds it; None where there is nothing.
COMMON: Any = [
    ("a string is the most general primitive", [NUMBER, STRING, BOOL], STRING),
    ("a number and a bool", [NUMBER, BOOL], None),
    ("null is of any primitive type", [DYNAMIC, NUMBER], NUMBER),
    ("null among tuples", [DYNAMIC, A_TUPLE], DYNAMIC),
    ("tuples of one length that have nothing in common", [tuple_of([NUMBER]), tuple_of([BOOL])], None),
    (
        "their elements convert one by one",
        [tuple_of([STRING, NUMBER]), tuple_of([STRING, STRING])],
        tuple_of([STRING] * 2),
    ),
    ("tuples of two lengths", [tuple_of([NUMBER]), tuple_of([STRING, STRING])], list_of(STRING)),
    ("a tuple and the empty one", [A_TUPLE, tuple_of([])], list_of(STRING)),
    ("objects of the same attributes", [AN_OBJECT, object_of({"a": STRING})], object_of({"a": STRING})),
    ("objects of different attributes", [AN_OBJECT, object_of({"b": STRING})], map_of(STRING)),
    ("statements of a policy that differ", [object_of({"a": A_TUPLE}), object_of({"b": STRING})], None),
    ("a tuple and a list", [A_TUPLE, list_of(NUMBER)], list_of(STRING)),
    ("an object and a map", [object_of({"a": STRING}), map_of(NUMBER)], map_of(STRING)),
    ("the empty object and a map", [object_of({}), map_of(NUMBER)], map_of(NUMBER)),
    ("a tuple and a set", [A_TUPLE, set_of(STRING)], set_of(STRING)),
    ("a list and a set", [set_of(STRING), list_of(NUMBER)], list_of(NUMBER)),
    ("a list and a map", [list_of(STRING), map_of(STRING)], None),
    ("a tuple and a string", [A_TUPLE, STRING], None),
    ("a tuple and an object", [tuple_of([]), object_of({})], None),
    ("an open type beside a string", [OPEN, STRING, NUMBER], STRING),
    ("an open type beside a number", [OPEN, NUMBER], OPEN),
    ("an open type within", [tuple_of([OPEN]), tuple_of([STRING])], tuple_of([STRING])),
    ("none at all", [], None),
]


@pytest.mark.parametrize(("types", "common"), [case[1:] for case in COMMON], ids=[case[0] for case in COMMON])
def test_types_have_in_common_what_terraform_finds(types: Any, common: Any) -> None:
    assert unify(types) == common
    assert unify([*types, *types]) == common


# A value, a type, and what the value is as one of it; Failure where Terraform refuses the conversion.
CONVERTED: Any = [
    ("a number in a text", "5", NUMBER, 5),
    ("a bool in a text", "true", BOOL, True),
    ("an old bool in a text", "1", BOOL, True),
    ("a word is no bool", "yes", BOOL, Failure),
    ("a bool is no number", True, NUMBER, Failure),
    ("a tuple as a list of texts", [1, True, "a"], list_of(STRING), ["1", "true", "a"]),
    ("a tuple as a list of any type", [1, "a"], list_of(DYNAMIC), ["1", "a"]),
    ("a tuple that is no list", [1, {}], list_of(DYNAMIC), Failure),
    ("a list of nothing is not one of lists", ListOf([], list_of(STRING)), list_of(list_of(STRING)), Failure),
    ("a set is sorted, each once", [10, 9, "10"], set_of(NUMBER), [9, 10]),
    ("a set of texts is sorted as texts", [10, 9, "a"], set_of(STRING), ["10", "9", "a"]),
    ("null is last in a set", ["a", None], set_of(STRING), ["a", None]),
    ("a set of objects has an order too", [{"b": 1, "a": "z"}, {"a": "b", "b": 0}], set_of(DYNAMIC), None),
    ("an object drops what its type does not have", {"a": 1, "z": 2}, AN_OBJECT, {"a": 1}),
    ("an object lacks an attribute", {}, AN_OBJECT, Failure),
    ("an optional attribute is null", {}, object_of({"a": NUMBER}, ["a"]), {"a": None}),
    ("an object as a map", {"a": 1, "b": "x"}, map_of(DYNAMIC), {"a": "1", "b": "x"}),
    ("an object that is no map", {"a": [], "b": "x"}, map_of(DYNAMIC), Failure),
    ("a map as an object", MapOf({"a": "1"}, map_of(STRING)), AN_OBJECT, {"a": 1}),
    ("a list is no tuple", ListOf(["a"], list_of(STRING)), A_TUPLE, Failure),
    ("a text is no list", "a", list_of(STRING), Failure),
    ("an account id is no list", OWN_ACCOUNT, list_of(STRING), Failure),
    ("an open value stays what it is", X, list_of(STRING), X),
    ("a text with an open part stays a text", Partial(("a", X)), STRING, Partial(("a", X))),
    ("an open end stays one", ["a", Rest(X)], list_of(STRING), ["a", Rest(X)]),
]


@pytest.mark.parametrize(
    ("value", "target", "expected"), [case[1:] for case in CONVERTED], ids=[case[0] for case in CONVERTED]
)
def test_conversion(value: Any, target: Any, expected: Any) -> None:
    if expected is Failure:
        with pytest.raises(Failure):
            convert(value, target)
        return
    found = convert(value, target)
    assert found == ([{"a": "b", "b": 0}, {"a": "z", "b": 1}] if expected is None else expected)
    assert type_of(found).kind == target.kind


def test_a_set_of_open_members_has_no_order_and_no_length():
    found = convert(["b", X, "b"], set_of(STRING))
    assert isinstance(found, OpenSet)
    assert isinstance(convert(found, list_of(STRING)), Unordered)
    assert not isinstance(convert(["b", "b"], set_of(STRING)), Unordered)


def test_a_hole_of_a_type_is_refused_where_no_value_of_that_type_can_be_converted():
    numbers = Hole("${var.n}", type=list_of(NUMBER))
    assert type_of(convert(numbers, list_of(STRING))) == list_of(STRING)
    with pytest.raises(Failure):
        convert(numbers, STRING)


def test_a_value_of_the_type_is_not_walked_again():
    many = convert(["a"] * 5000, list_of(STRING))
    with metered():
        assert convert(many, list_of(STRING)) is many
        assert spent(Budget.STEPS) < 10


TYPES = st.recursive(
    st.sampled_from([STRING, NUMBER, BOOL, DYNAMIC]),
    lambda inner: (
        inner.map(list_of)
        | inner.map(set_of)
        | inner.map(map_of)
        | st.lists(inner, max_size=2).map(tuple_of)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(object_of)
    ),
    max_leaves=5,
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "1", "true", X, OWN_ACCOUNT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(VALUES, TYPES)
def test_what_is_converted_is_of_the_type_and_stays_so(value: Any, target: Any) -> None:
    if not convertible(type_of(value), target):
        with pytest.raises(Failure):
            convert(value, target)
        return
    try:
        found = convert(value, target)
    except Failure:
        return
    if target.is_exact and is_known(found):
        assert type_of(found) == target
    assert describe(convert(found, target)) == describe(found)


@given(st.lists(VALUES, max_size=3))
def test_what_has_a_type_in_common_can_be_converted_to_it(values: Any) -> None:
    common = unify([type_of(value) for value in values])
    assert common is None or all(convertible(type_of(value), common) for value in values)
    assert unify([type_of(value) for value in values[::-1]]) == common
