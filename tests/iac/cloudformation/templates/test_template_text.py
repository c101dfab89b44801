"""Reading the text of templates, and what is given up of it."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest

from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.templates.service_text import read_service
from ctkms.iac.cloudformation.templates.template_text import Unread, read_template
from ctkms.unknowns.truth import FALSE, TRUE

DOUBLING = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGING = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40))

CASES: Dict[str, Tuple[str, Dict[Any, Any]]] = {
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
    "yes and on are true": ("a: [yes, On, n, 'no']", {"a": [True, True, "n", "no"]}),
    "a name is what is written": ("yes: 1\n012: 2\n2012-10-17: 3", {"yes": 1, "012": 2, "2012-10-17": 3}),
    "so is one that is referred to": (
        "Condition: Yes\nb: !If [on, off, 1]\nc: {Fn::If: [on, 1, 2]}\nd: !FindInMap [M, 012, no]\nDependsOn: [Yes]",
        {
            "Condition": "Yes",
            "b": {"Fn::If": ["on", False, 1]},
            "c": {"Fn::If": ["on", 1, 2]},
            "d": {"Fn::FindInMap": ["M", "012", "no"]},
            "DependsOn": ["Yes"],
        },
    ),
    "a value is none": ("a: &a 012\n*a : 1\nb: *a", {"a": 10, "b": 10, "012": 1}),
    "no name at all": ("~: 1\na: 2", {None: 1}),
    "an account that begins with zero is an octal number": ("a: 012345670123", {"a": 0o12345670123}),
    "or a fraction, if there is an eight or a nine": ("a: 012345678901", {"a": "1.2345678901E10"}),
    "and a text in quotes": ("a: '012345678901'", {"a": "012345678901"}),
    "a date is what is written": (
        "a: 2012-10-17\nb: 2012-10-17T00:00:00Z",
        {"a": "2012-10-17", "b": "2012-10-17T00:00:00Z"},
    ),
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
    "blocks that nest deeper than a thread's stack": "- " * 39_000 + "a",
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


NAMED_YES = """
Conditions:
  Yes: !Equals [a, b]
  Other: !Not [!Condition Yes]
Mappings:
  Accounts:
    012345670123: {on: audit}
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: Yes
    Properties: {KeyPolicy: {Service: cloudtrail.amazonaws.com}}
  Trail:
    Type: AWS::CloudTrail::Trail
    Condition: Other
    Properties:
      TrailName: !If [Yes, other, !FindInMap [Accounts, 012345670123, on]]
      KMSKeyId: !If [Yes, !Ref Key, !Ref Missing]
"""


def test_what_is_named_like_a_boolean_or_a_number_is_found() -> None:
    at = Deployment("/main.yaml")
    evaluation = Evaluation(ScannedStacks({at.file: read_template(NAMED_YES)}), at, {})
    assert evaluation.value({"Ref": "Trail"}, at) == "audit"
    assert (evaluation.exists((at, "Key")), evaluation.exists((at, "Trail"))) == (FALSE, TRUE)
