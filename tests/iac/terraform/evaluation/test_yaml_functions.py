"""`yamldecode` of texts with open values, and of texts that are made to cost much."""

from __future__ import annotations

import re
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.budgets import Budget, TooLarge, metered, spent
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Failure, Json, Value, check_size
from ctkms.iac.terraform.evaluation.yaml_functions import yaml_decode
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Partial, Text, fill, join

ANY, NAME = Hole("${var.x}"), Hole("${name}", Kind.NAME)
HOLES = {"$account": OWN_ACCOUNT, "$region": OWN_REGION, "$partition": OWN_PARTITION, "$name": NAME, "$any": ANY}


def text_of(template: str) -> Text:
    """A text in which holes stand where their names do."""
    return join(HOLES.get(piece, piece) for piece in re.split(r"(\$[a-z]+)", template))


def shown(value: Value) -> str:
    return str(value) if isinstance(value, Hole) else describe(value)


OPEN = "open"

CASES: Dict[str, Any] = {
    "an account within an ARN": (
        "a: arn:aws:iam::$account:root",
        '{"a" = "arn:aws:iam::${<this account>}:root"}',
    ),
    "any value within quotes": ("a: \"x $any\"\nb: 'y $any'", '{"a" = "x ${var.x}", "b" = "y ${var.x}"}'),
    "any value alone within quotes": ('a: "$any"', '{"a" = var.x}'),
    "a Region alone is text": ("a: $region", '{"a" = <this Region>}'),
    "an account alone is a number, which may lose a zero": ("a: $account", '{"a" = yamldecode(<this account>)}'),
    "an account that is said to be text": ("a: !!str $account", '{"a" = <this account>}'),
    "a name alone may be a word of YAML": ("a: $name", '{"a" = yamldecode(name)}'),
    "a name after a digit may be a number": ("a: 1$name", '{"a" = yamldecode("1${name}")}'),
    "an account before a letter is text": ("a: $account:root", '{"a" = "${<this account>}:root"}'),
    "a name after a letter is text": ("a: r$name", '{"a" = "r${name}"}'),
    "an open name of a member": ("a$region: 1", '{"a${<this Region>}" = 1}'),
    "an account as the name of a member": ("$account: 1", OPEN),
    "any value outside of quotes may be anything": ("a: x$any", OPEN),
    "any value on a line of its own": ("a: 1\n$any", OPEN),
    "any value in a block": ("a: |\n  x\n  $any", OPEN),
    "an account in a block": ("a: |\n  x $account", '{"a" = "x ${<this account>}"}'),
    "an account alone in a block": ("a: |-\n  $account", '{"a" = yamldecode(<this account>)}'),
    "any value in a comment": ("a: 1 # $any", OPEN),
    "an account in a comment": ("a: 1 # $account", '{"a" = 1}'),
    "an account in an anchor": ("a: &x$account 1", OPEN),
    "what is no YAML may be some after all": ("a: [$account", OPEN),
    "merged members": (
        "a: &a {b: $region}\nc:\n  <<: *a",
        '{"a" = {"b" = <this Region>}, "c" = {"b" = <this Region>}}',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_known(name: str) -> None:
    template, answer = CASES[name]
    value = yaml_decode(text_of(template))
    if answer is OPEN:
        assert isinstance(value, Hole)
        assert value.source.startswith("${yamldecode(")
    else:
        assert shown(value) == answer


def test_json_is_read_as_the_value_that_it_was_made_of() -> None:
    assert yaml_decode(Json({"a": [ANY]})) == {"a": [ANY]}


FILLINGS = {
    OWN_ACCOUNT: ("012345678901", "111111111111"),
    OWN_REGION: ("us-east-1",),
    OWN_PARTITION: ("aws", "aws-cn"),
    NAME: ("no", "123", "1e3", "a.b", "2012-10-17", ".5", "n"),
    ANY: ("arn:aws:iam::1:root", "yes", "* x"),
}
PIECES = st.sampled_from([*HOLES, "a", "1", "-", ".", ":", " ", "0x", "e", "t", "kms:*", "y", "n"])
PLAIN = st.lists(PIECES, min_size=1, max_size=4).map("".join)
SCALARS = PLAIN | PLAIN.map(lambda one: f'"{one}"') | PLAIN.map(lambda one: f"|-\n    {one}") | st.just("# $account")
LINES = st.tuples(PLAIN | st.sampled_from(["a", "b", "<<"]), SCALARS).map(": ".join) | SCALARS.map("- {}".format)


def _may_become(open_value: Any, known: Any, values: Dict[Hole, str]) -> bool:
    """Whether a value with holes leaves room for what it is in fact."""
    if isinstance(open_value, (str, Hole, Partial)):
        filled = fill(open_value, values)
        return isinstance(filled, (Hole, Partial)) or filled == known
    if isinstance(open_value, dict):
        names = {fill(name, values): item for name, item in open_value.items()}
        return (
            isinstance(known, dict)
            and set(names) == set(known)
            and all(_may_become(item, known[name], values) for name, item in names.items())
        )
    if isinstance(open_value, list):
        return (
            isinstance(known, list)
            and len(open_value) == len(known)
            and all(_may_become(one, other, values) for one, other in zip(open_value, known))
        )
    return bool(open_value == known)


@given(st.lists(LINES, min_size=1, max_size=3).map("\n".join), st.data())
def test_no_value_of_a_hole_makes_it_something_else(template: str, data: st.DataObject) -> None:
    text = text_of(template)
    values = {hole: data.draw(st.sampled_from(FILLINGS[hole])) for hole in FILLINGS}
    value, known = _decoded(text), _decoded(fill(text, values))
    if FAILED in (value, known):
        assert isinstance(value, Hole) or value == known
    elif not isinstance(known, Hole):
        assert _may_become(value, known, values)


FAILED = "fails in Terraform"


def _decoded(text: Text) -> Value:
    try:
        return yaml_decode(text)
    except Failure:
        return FAILED
    except TooLarge:
        return ANY


LARGE = {
    "aliases that double": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    "merges that multiply": "a0: &a0 {x: 1}\n" + "".join(f"k{n}: &k{n}\n  <<: *a0\n" for n in range(60_000)),
    "lists within lists": "- " * 50_000 + "a",
    "brackets within brackets": "[" * 500 + "]" * 500,
    "many lines": "- a\n" * 200_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_what_costs_too_much_is_open(name: str) -> None:
    with metered():
        with pytest.raises(TooLarge):
            check_size(yaml_decode(LARGE[name]))
        assert spent(Budget.STEPS) <= 3 * Budget.STEPS.amount


def test_an_alias_stands_for_the_same_value() -> None:
    assert yaml_decode("a: &a [1]\nb: [*a, *a]") == {"a": [1], "b": [[1], [1]]}
