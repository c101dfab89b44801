"""Reading the text of templates, and what is given up of it."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest

from ctkms.iac.cloudformation.templates.template_text import Unread, read_service, read_template

DOUBLING = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGING = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40))

CASES: Dict[str, Tuple[str, Dict[str, Any]]] = {
    "short forms": ("a: !Sub x\nb: !Ref c\nc: !GetAtt d.e", {"a": {"Fn::Sub": "x"}, "b": {"Ref": "c"}}),
    "JSON": ('{"a": [1, true]}', {"a": [1, True]}),
    "JSON with a comma too many": ('{"a": [1, true,],}', {"a": [1, True]}),
    "an alias": ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    "a merge of two: the first that has a member": (
        "a: [&x {name: 1}, &y {name: 2, other: 3}]\nc: {<<: [*x, *y]}",
        {"c": {"name": 1, "other": 3}},
    ),
    "a merge of two that one has itself": ("a: &x {name: 1}\nc: {name: 2, <<: [*x, *x]}", {"c": {"name": 2}}),
    "a merge": ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"c": {"b": 1, "d": 2}}),
    "a number of many digits": (f"a: {'9' * 5000}", {"a": "9" * 5000}),
    "a number of many digits in JSON": (f'{{"a": {"9" * 5000}}}', {"a": "9" * 5000}),
    "a number of many sixties": (f"a: 1{':11' * 5000}", {"a": "1" + ":11" * 5000}),
    "a fraction of many sixties": (f"a: 1{':11' * 5000}.5", {"a": "1" + ":11" * 5000 + ".5"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_read(name: str) -> None:
    text, expected = CASES[name]
    found = read_template(text)
    assert {key: found[key] for key in expected} == expected


LARGE = {
    "aliases that double": DOUBLING,
    "a merge of many members": "a: &a {" + "".join(f"k{n}: 1,\n" for n in range(11_000)) + "}\nb: {<<: *a}",
    "an alias within itself": "a: &a [*a]",
    "many small lists": f"a: [{'[],' * 100_000}]",
    "many blocks": "- " * 100_000 + "a",
    "JSON of many values": f'{{"a": [{"1," * 300_000}1]}}',
}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("read", [read_template, read_service])
def test_what_is_too_large(name: str, read: Any) -> None:
    assert read(LARGE[name]) == Unread("it is too large to work out")


def test_merges_that_multiply() -> None:
    """Some releases of PyYAML write out every one of them; here each member is written once."""
    assert read_template(MERGING)["a39"] == {"x": 1}


@pytest.mark.parametrize("text", ["a: [", "[" * 5000, "a: *b", "\0"])
def test_what_is_no_template(text: str) -> None:
    assert read_template(text) is None
