"""The roles that the Serverless Application Model makes: to whom a reference leads."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.cloudformation.aws.return_values import Deployment, MadeName
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, Hole, Kind, join
from ctkms.unknowns.truth import FALSE

HOME = Deployment("main.yaml")
ARN = {"Fn::GetAtt": ["FnRole", "Arn"]}
NAME = MadeName("the name CloudFormation gives FnRole", Kind.NAME, place=(HOME, "FnRole"))


def function(**properties: Any) -> Dict[str, Any]:
    return {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "index.handler", **properties}}


def evaluate(expression: Any, template: Any) -> Any:
    return Evaluation(ScannedStacks({HOME.file: template}), HOME, {}).value(expression, HOME)


def arn(*path: Any) -> Any:
    return join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":role", *path))


PATH = {"RolePath": "/audit/"}
CASES: Dict[str, Any] = {
    # sentence: the template, a reference, its value
    "the role of a function": ({"Resources": {"Fn": function()}}, ARN, arn("/", NAME)),
    "its name": ({"Resources": {"Fn": function()}}, {"Ref": "FnRole"}, NAME),
    "its path": ({"Resources": {"Fn": function(**PATH)}}, ARN, arn("/audit/", NAME)),
    "a path for all functions": (
        {"Globals": {"Function": PATH}, "Resources": {"Fn": function()}},
        {"Fn::Sub": "${FnRole.Arn}"},
        arn("/audit/", NAME),
    ),
    "the role of a state machine": (
        {"Resources": {"Fn": {"Type": "AWS::Serverless::StateMachine", "Properties": {}}}},
        ARN,
        arn("/", NAME),
    ),
    "no role beside a function that has one": (
        {"Resources": {"Fn": function(Role={"Ref": "Other"})}},
        ARN,
        Hole("${FnRole.Arn}"),
    ),
    "one that is declared": (
        {"Resources": {"Fn": function(), "FnRole": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "mine"}}}},
        {"Ref": "FnRole"},
        "mine",
    ),
    "none beside a function that no model makes": (
        {"Resources": {"Fn": {"Type": "AWS::Lambda::Function"}}},
        ARN,
        Hole("${FnRole.Arn}"),
    ),
}


@pytest.mark.parametrize(("template", "reference", "value"), CASES.values(), ids=CASES)
def test_reference(template: Any, reference: Any, value: Any) -> None:
    assert evaluate(reference, template) == value


def test_it_exists_where_its_function_does() -> None:
    template = {
        "Conditions": {"No": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Fn": {**function(), "Condition": "No"}},
    }
    assert Evaluation(ScannedStacks({HOME.file: template}), HOME, {}).exists((HOME, "FnRole")) is FALSE


def test_it_is_somebody_of_this_account_whom_lambda_assumes() -> None:
    policy = {"Statement": [{"Principal": {"AWS": ARN, "Service": "cloudtrail.amazonaws.com"}}]}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    found = Templates({HOME.file: {"Resources": {"Fn": function(), "Key": key}}}).subject(HOME.file, "Key")
    assert isinstance(found, Subject)
    (scenario,) = found.scenarios
    (person,) = scenario.people
    assert person.arn == arn("/", NAME)
    assert person.trust_policy["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert person.identity_policies == (Hole("${the policies of FnRole}"),)
