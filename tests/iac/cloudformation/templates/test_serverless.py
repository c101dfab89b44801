"""The variables of the Serverless Framework: one row a claim."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

import pytest

from ctkms.iac.cloudformation.templates.serverless import MAX_SIZE, service_template

# What a property becomes, beside a section `custom`.
CASES: Sequence[Tuple[str, Any, Any, Any]] = [
    ("a value of the same file is put in", {"trail": "audit"}, "${self:custom.trail}", "audit"),
    ("also within a text", {"trail": "audit"}, "trail/${self:custom.trail}", "trail/audit"),
    ("also where it is an object", {"tags": {"a": "b"}}, "${self:custom.tags}", {"a": "b"}),
    ("also through another one", {"a": "${self:custom.b}", "b": "c"}, "${self:custom.a}", "c"),
    (
        "also in the text of Fn::Sub",
        {"t": "audit"},
        {"Fn::Sub": "${AWS::Region}/${self:custom.t}"},
        {"Fn::Sub": "${AWS::Region}/audit"},
    ),
    ("the own account is CloudFormation's", {}, "${aws:accountId}", {"Ref": "AWS::AccountId"}),
    ("an option stays open", {}, "${opt:stage, 'dev'}", {"Ref": "opt:stage, 'dev'"}),
    ("and leaves the text around it", {}, "a-${opt:stage}", {"Fn::Join": ["", ["a-", {"Ref": "opt:stage"}, ""]]}),
    ("what is not there stays open", {}, "${self:custom.none}", {"Ref": "self:custom.none"}),
    ("a loop stays open", {"a": "${self:custom.a}"}, "${self:custom.a}", {"Ref": "self:custom.a"}),
    ("a name of CloudFormation's is no variable", {}, "${AWS::AccountId}", "${AWS::AccountId}"),
]


@pytest.mark.parametrize(("custom", "given", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_variable(custom: Any, given: Any, expected: Any) -> None:
    template = service_template({"custom": custom, "resources": {"Resources": {"Key": given}}})
    assert template == {"Resources": {"Key": expected}}


def test_sections_of_a_list_are_put_together() -> None:
    resources = [{"Resources": {"A": 1}}, "${file(more.yml)}", {"Resources": {"B": 2}, "Outputs": {"C": 3}}]
    assert service_template({"resources": resources}) == {"Resources": {"A": 1, "B": 2}, "Outputs": {"C": 3}}


def test_a_service_without_resources_has_no_template() -> None:
    assert service_template({"service": "x", "resources": "${file(all.yml)}"}) is None


@pytest.mark.parametrize("known", ["x", "${opt:x}"])
def test_variables_that_double_each_other_stay_small(known: str) -> None:
    custom = {f"v{level}": f"${{self:custom.v{level + 1}}}" * 2 for level in range(35)}
    template = service_template(
        {"custom": {**custom, "v35": known}, "resources": {"Resources": {"A": "${self:custom.v0}"}}}
    )
    assert len(str(template)) < 100 * MAX_SIZE
    everything = {f"a{number}": "${self:custom}" for number in range(50)}
    assert service_template({"custom": everything, "resources": {"Resources": {"A": "${self:custom}"}}})
