"""Which files of a scan are read."""

from __future__ import annotations

from typing import Dict, Set

import pytest

from ctkms.iac.cloudformation.templates.relevance import any_speaks, relevant_files

CASES: Dict[str, tuple] = {
    # sentence: texts by file, the files to read
    "nothing speaks of CloudTrail": ({"a": "AWS::KMS::Key", "b": "Fn::ImportValue Export"}, set()),
    "the files that speak of it": ({"a": "AWS::CloudTrail::Trail", "b": "AWS::KMS::Key"}, {"a"}),
    "a service principal counts": ({"a": "cloudtrail.amazonaws.com"}, {"a"}),
    "exports count where something is imported": (
        {"a": "CloudTrail !ImportValue x", "b": "Export: x", "c": "AWS::KMS::Key"},
        {"a", "b"},
    ),
    "exports do not count where nothing is": ({"a": "CloudTrail", "b": "Export: x"}, {"a"}),
    "what Parameter Store holds counts where it is read": (
        {"a": "CloudTrail {{resolve:ssm:/x}}", "b": "Type: AWS::SSM::Parameter", "c": "AWS::KMS::Key"},
        {"a", "b"},
    ),
    "so it does where a parameter takes it": (
        {"a": "CloudTrail AWS::SSM::Parameter::Value<String>", "b": "Type: AWS::SSM::Parameter", "c": "AWS::KMS::Key"},
        {"a", "b"},
    ),
    "aliases count where one is named": ({"a": "CloudTrail alias/x", "b": "AWS::KMS::Alias"}, {"a", "b"}),
    "outputs count where one is taken": (
        {"a": "CloudTrail Fn::GetStackOutput", "b": "Outputs: x", "c": "AWS::KMS::Key"},
        {"a", "b"},
    ),
    "what the CDK carries from another Region counts": (
        {"a": "CloudTrail Custom::CrossRegionExportReader", "b": "Custom::CrossRegionExportWriter", "c": "Export"},
        {"a", "b"},
    ),
    "what else uses an exported key counts": (
        {
            "a": "cloudtrail AWS::KMS::Key Export",
            "b": "KmsMasterKeyId: ImportValue",
            "c": "ImportValue",
            "d": "KmsKeyId",
        },
        {"a", "b"},
    ),
    "what else names its alias counts": (
        {"a": "cloudtrail AWS::KMS::Alias alias/x", "b": "KmsMasterKeyId: alias/x", "c": "KmsKeyId"},
        {"a", "b"},
    ),
    "nested stacks count, and their parents": (
        {
            "t/a.yaml": "CloudTrail",
            "main.yaml": "AWS::CloudFormation::Stack t/kms.yaml",
            "t/kms.yaml": "",
            "x.yaml": "",
        },
        {"t/a.yaml", "main.yaml", "t/kms.yaml"},
    ),
    "the CDK's nested stacks count, whose addresses have a hash": (
        {
            "A.template.json": "CloudTrail AWS::CloudFormation::Stack 01.json",
            "B.nested.template.json": "",
            "c.json": "",
        },
        {"A.template.json", "B.nested.template.json"},
    ),
    "the templates of stack sets count": (
        {"a.yaml": "CloudTrail", "main.yaml": "AWS::CloudFormation::StackSet kms.yaml", "kms.yaml": "", "x.yaml": ""},
        {"a.yaml", "main.yaml", "kms.yaml"},
    ),
}


@pytest.mark.parametrize(("texts", "files"), CASES.values(), ids=CASES)
def test_relevant_files(texts: Dict[str, str], files: Set[str]) -> None:
    assert relevant_files(texts) == files


def test_an_anchor_that_holds_itself_is_read_once() -> None:
    loop: list = []
    loop.append(loop)
    assert not any_speaks([loop])
    assert any_speaks([loop, {"CloudTrail": 1}])
