"""Stack sets: their template is one of another account, whether it stands within or elsewhere."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

import pytest

from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind, holes_in

KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
MAIN, MEMBER = "/w/main.yaml", "/w/member.yaml"


def key(*statements: Any, **more: Any) -> Dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}, **more}


def trail(key_id: Any = KEY_ARN) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "KMSKeyId": key_id}}


def template(**resources: Any) -> Dict[str, Any]:
    parameters = {name: {"Type": "String", "Default": "unset"} for name in ("Account", "Level", "Region")}
    return {"Parameters": parameters, "Resources": resources}


def stack_set(**properties: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}


def handed(**values: Any) -> Any:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def judged(body: Any, file: str = MAIN, logical_id: str = "Set", member: Any = None) -> Optional[Judged]:
    return Templates({MAIN: template(Set=body), MEMBER: member or {}}).subject(file, logical_id)


def the_key(found: Optional[Judged]) -> Key:
    assert isinstance(found, Subject)
    (only,) = found.scenarios
    return only


NAMED = key({"Account": {"Ref": "AWS::AccountId"}, "Given": {"Ref": "Account"}, "Level": {"Ref": "Level"}})
GIVEN = handed(Account={"Ref": "AWS::AccountId"}, Level="high")


def test_a_template_within_is_judged_on_the_stack_set() -> None:
    body = json.dumps(template(Key=NAMED, Trail=trail()))
    found = judged(stack_set(TemplateBody=body, Parameters=GIVEN))
    own = the_key(found)
    assert isinstance(found, Subject)
    assert found.on_behalf_of == "AWS::KMS::Key.Key"
    assert own.policy_path == "Properties/TemplateBody/Resources/Key/Properties/KeyPolicy"
    assert [user.name for user in own.trails] == ["audit"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_its_account_is_not_that_of_the_stack_set(elsewhere: bool) -> None:
    member = template(Key=NAMED, Trail=trail())
    if elsewhere:
        made = stack_set(TemplateURL="https://s3.amazonaws.com/x/member.yaml", Parameters=GIVEN)
        own = the_key(judged(made, MEMBER, "Key", member))
    else:
        own = the_key(judged(stack_set(TemplateBody=json.dumps(member), Parameters=GIVEN)))
    (statement,) = own.policy["Statement"]
    assert statement["Account"] == OWN_ACCOUNT
    assert statement["Given"] == Hole("<the account of main.yaml>", Kind.ACCOUNT)
    assert statement["Level"] == "high"
    assert {OWN_ACCOUNT, OWN_REGION} <= set(holes_in(own.arn))


def test_a_parameter_that_instances_set_themselves_is_open() -> None:
    group = [{"ParameterOverrides": handed(Level="low"), "Regions": ["eu-west-1"]}]
    made = stack_set(TemplateBody=json.dumps(template(Key=NAMED, Trail=trail())), StackInstancesGroup=group)
    (statement,) = the_key(judged({**made, "Properties": {**made["Properties"], "Parameters": GIVEN}})).policy[
        "Statement"
    ]
    assert isinstance(statement["Level"], Hole)
    assert isinstance(statement["Given"], Hole)


def test_a_parameter_that_nobody_hands_over_has_its_default() -> None:
    made = stack_set(TemplateBody=json.dumps(template(Key=NAMED, Trail=trail())))
    assert the_key(judged(made)).policy["Statement"][0]["Level"] == "unset"


def test_yaml_within_is_read_as_well() -> None:
    body = "Resources:\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties: {KMSKeyId: !ImportValue key}\n"
    found = judged(stack_set(TemplateBody=body))
    assert isinstance(found, Unjudged)
    assert "Fn::ImportValue: key" in found.reason


def test_names_that_the_stack_set_leaves_to_its_template() -> None:
    body = json.dumps(template(Key=NAMED, Trail=trail({"Fn::Sub": "${Key.Arn}"}))).replace("${", "${!")
    assert [user.name for user in the_key(judged(stack_set(TemplateBody={"Fn::Sub": body}))).trails] == ["audit"]


def test_an_export_of_a_member_account_is_not_imported_here() -> None:
    member = {**template(Key=key()), "Outputs": {"Key": {"Value": KEY_ARN, "Export": {"Name": "key"}}}}
    here = template(Set=stack_set(TemplateURL="member.yaml"), Trail=trail({"Fn::ImportValue": "key"}))
    found = Templates({MAIN: here, MEMBER: member}).subject(MAIN, "Trail")
    assert isinstance(found, Unjudged)


@pytest.mark.parametrize("alias", ["alias/logs", {"Fn::Sub": "alias/logs"}])
def test_an_alias_of_a_member_account_is_not_meant_here(alias: Any) -> None:
    made = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/logs", "TargetKeyId": {"Ref": "Key"}}}
    here = template(Set=stack_set(TemplateURL="member.yaml"), Trail=trail(alias))
    found = Templates({MAIN: here, MEMBER: template(Key=key(), Alias=made)}).subject(MAIN, "Trail")
    assert isinstance(found, Unjudged)


def test_of_two_keys_only_what_holds_of_both_is_decided() -> None:
    named = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}
    body = json.dumps(template(Key=key(named), Other=key(named), Trail=trail()))
    found = judged(stack_set(TemplateBody=body))
    assert isinstance(found, Subject)
    assert [one.scenario for one in found.scenarios] == ["AWS::KMS::Key.Key", "AWS::KMS::Key.Other"]


UNREAD: Dict[str, Any] = {
    "a text that is no template": "cloudtrail: [",
    "a text with names to fill in": {
        "Fn::Sub": '{"Resources": {"T": {"Type": "AWS::CloudTrail::Trail"}}, "${Name}": 1}'
    },
    "a text that a parameter has by default": {"Ref": "Body"},
    "a stack set within": json.dumps(template(Set=stack_set(TemplateBody=json.dumps(template(Trail=trail()))))),
    "an included text": {
        "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/cloudtrail.yaml"}}
    },
}


@pytest.mark.parametrize("body", UNREAD.values(), ids=UNREAD)
def test_what_speaks_of_cloudtrail_and_cannot_be_read_does_not_pass_unseen(body: Any) -> None:
    main = template(Set=stack_set(TemplateBody=body))
    main["Parameters"]["Body"] = {"Type": "String", "Default": json.dumps(template(Trail=trail()))}
    found = Templates({MAIN: main}).subject(MAIN, "Set")
    assert isinstance(found, Unjudged)
    assert "TemplateBody" in found.reason


@pytest.mark.parametrize("body", ["Resources: {}", "x", 1, None, [], {"Ref": "Body"}])
def test_what_has_nothing_to_do_with_cloudtrail_has_no_record(body: Any) -> None:
    other = template(Key=key(), Trail=trail())
    assert judged(stack_set(TemplateBody=body), member=other) is None
    assert judged(stack_set(TemplateURL="member.yaml"), member=other) is None


def test_a_body_of_many_keys_is_not_judged() -> None:
    body = json.dumps(template(**{f"Key{number}": key() for number in range(200)}, Trail=trail()))
    assert isinstance(judged(stack_set(TemplateBody=body)), Unjudged)
