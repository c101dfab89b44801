"""From a trail to its key through what lies between: joined where that is sure, and said where it is not."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple

import pytest

from ctkms.cloudtrail.subjects import Subject, Unjudged, findings_on
from ctkms.iac.cloudformation.subjects.keys import Templates

KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
STACK = {"Fn::Sub": "${AWS::StackName}-key"}
LITERAL_ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/logs"
STORED = "{{resolve:ssm:/kms/logs}}"
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Service": "cloudtrail.amazonaws.com"}}}
OPEN: Dict[str, Any] = {
    "Parameters": {"Open": {"Type": "String"}},
    "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Open"}, "a"]}, "Never": {"Fn::Equals": ["a", "b"]}},
}


def trail(key_id: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "KMSKeyId": key_id}}


def alias(name: Any, target: Any = KEY_ARN) -> Dict[str, Any]:
    return {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name, "TargetKeyId": target}}


def entry(name: Any, value: Any = KEY_ARN, **more: Any) -> Dict[str, Any]:
    named = {} if name is None else {"Name": name}
    return {"Type": "AWS::SSM::Parameter", "Properties": {**named, "Type": "String", "Value": value}, **more}


def nested(url: Any, **parameters: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}


def made(**resources: Any) -> Dict[str, Any]:
    return {**OPEN, "Resources": resources}


def giving(name: str, **output: Any) -> Dict[str, Any]:
    return {**made(Key=KEY), "Outputs": {name: {"Value": KEY_ARN, **output}}}


def exporting(*outputs: Dict[str, Any]) -> Dict[str, Any]:
    """A template with several outputs that are exported under one name."""
    named = {f"O{at}": {**output, "Export": {"Name": "key"}} for at, output in enumerate(outputs)}
    return {**made(Key=KEY), "Outputs": named}


def taking(type_: str, name: Any, key_id: Any = None) -> Dict[str, Any]:
    """A template with a parameter that the trail names as its key."""
    parameter = {"Type": type_, **({} if name is None else {"Default": name})}
    return {"Parameters": {"K": parameter}, "Resources": {"Trail": trail(key_id or {"Ref": "K"})}}


class Case(NamedTuple):
    """The template with the key, and the one with the trail, which may be the same."""

    keys: Dict[str, Any]
    trails: Dict[str, Any]


def one(**resources: Any) -> Case:
    whole = made(Key=KEY, **resources)
    return Case(whole, whole)


JOINED: Dict[str, Case] = {
    "the name of an alias": one(Alias=alias("alias/logs"), Trail=trail("alias/logs")),
    "the name of an alias elsewhere": Case(made(Key=KEY, A=alias("alias/logs")), made(Trail=trail("alias/logs"))),
    "the ARN of an alias in the own account": one(
        Alias=alias("alias/logs"),
        Trail=trail({"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/logs"}),
    ),
    "the value of an entry": one(Entry=entry(None), Trail=trail({"Fn::GetAtt": ["Entry", "Value"]})),
    "an entry by its name": one(Entry=entry("/kms/logs"), Trail=trail(STORED)),
    "an entry by a reference to it": one(
        Entry=entry("/kms/logs"), Trail=trail({"Fn::Sub": "{{resolve:ssm:${Entry}}}"})
    ),
    "an entry by a joined name": one(
        Entry=entry("/kms/logs"), Trail=trail({"Fn::Join": ["", ["{{resolve:ssm:/kms/", "logs}}"]]})
    ),
    "an entry elsewhere": Case(made(Key=KEY, E=entry("/kms/logs")), made(Trail=trail(STORED))),
    "an entry for a parameter": Case(
        made(Key=KEY, E=entry("/kms/logs")), taking("AWS::SSM::Parameter::Value<String>", "/kms/logs")
    ),
    "an entry that holds an alias": one(
        Entry=entry("/kms/logs", "alias/logs"), Alias=alias("alias/logs"), Trail=trail(STORED)
    ),
    "an entry that holds another": one(
        Entry=entry("/kms/logs", "{{resolve:ssm:/kms/other}}"), Other=entry("/kms/other"), Trail=trail(STORED)
    ),
    "an entry of an open name in the same stack": one(
        Entry=entry({"Fn::Sub": "/${AWS::StackName}/${Open}"}),
        Trail=trail({"Fn::Sub": "{{resolve:ssm:/${AWS::StackName}/${Open}}}"}),
    ),
    "the entry of two that exists": one(
        Entry=entry("/kms/logs"), Other=entry("/kms/logs", "x", Condition="Never"), Trail=trail(STORED)
    ),
    "the export of two that exists": Case(
        exporting({"Value": KEY_ARN}, {"Value": "x", "Condition": "Never"}),
        made(Trail=trail({"Fn::ImportValue": "key"})),
    ),
    "an export on a condition": Case(
        giving("K", Export={"Name": "key"}, Condition="Is"), made(Trail=trail({"Fn::ImportValue": "key"}))
    ),
    "an export": Case(giving("K", Export={"Name": "key"}), made(Trail=trail({"Fn::ImportValue": "key"}))),
}

NOT_SURE: Dict[str, Case] = {
    "the ARN of an alias in some account": one(Alias=alias("alias/logs"), Trail=trail(LITERAL_ALIAS)),
    "an alias of an open name": one(Alias=alias({"Fn::Sub": "alias/${Open}"}), Trail=trail("alias/logs")),
    "an alias named after its stack": Case(
        made(Key=KEY, A=alias({"Fn::Sub": "alias/${AWS::StackName}/logs"})), made(Trail=trail("alias/prod/logs"))
    ),
    "an open name of an alias": Case(
        made(Key=KEY, A=alias("alias/logs")), made(Trail=trail({"Fn::Sub": "alias/${Open}"}))
    ),
    "an export named after its stack": Case(
        giving("K", Export={"Name": STACK}), made(Trail=trail({"Fn::ImportValue": "logging-key"}))
    ),
    "an export named after its stack, by a parameter": Case(
        giving("K", Export={"Name": STACK}), made(Trail=trail({"Fn::ImportValue": {"Fn::Sub": "${Open}-key"}}))
    ),
    "a version of an entry": one(Entry=entry("/kms/logs"), Trail=trail("{{resolve:ssm:/kms/logs:1}}")),
    "one of two entries": one(Entry=entry("/kms/logs"), Other=entry("/kms/logs", "x"), Trail=trail(STORED)),
    "an entry of an open name": one(Entry=entry({"Fn::Sub": "/${Open}/logs"}), Trail=trail(STORED)),
    "an open name of an entry": Case(
        made(Key=KEY, E=entry("/kms/logs")), made(Trail=trail({"Fn::Sub": "{{resolve:ssm:/${Open}/logs}}"}))
    ),
    "an open name of an entry that reads alike elsewhere": Case(
        made(Key=KEY, E=entry({"Fn::Sub": "/${Open}/logs"})),
        made(Trail=trail({"Fn::Sub": "{{resolve:ssm:/${Open}/logs}}"})),
    ),
    "an output of a nested stack that nobody can tell": Case(
        giving("Arn"), made(N=nested({"Ref": "Open"}), Trail=trail({"Fn::GetAtt": ["N", "Outputs.Arn"]}))
    ),
    "a parameter that such a stack may set": Case(
        made(Key=KEY, N=nested({"Ref": "Open"}, K=KEY_ARN)), taking("String", None)
    ),
}

APART: Dict[str, Case] = {
    "an alias of another name": one(Alias=alias("alias/logs"), Trail=trail("alias/other")),
    "an alias of AWS beside one of an open name": one(
        Alias=alias({"Fn::Sub": "alias/${Open}"}), Trail=trail(LITERAL_ALIAS.replace("alias/logs", "alias/aws/s3"))
    ),
    "an entry of another name": one(Entry=entry("/kms/logs"), Trail=trail("{{resolve:ssm:/kms/other}}")),
    "an entry that leads back to itself": one(Entry=entry("/kms/logs", STORED), Trail=trail(STORED)),
    "a secret": one(Entry=entry("/kms/logs"), Trail=trail("{{resolve:ssm-secure:/kms/logs}}")),
    "the name of an entry": one(Entry=entry("/kms/logs"), Trail=trail({"Ref": "Entry"})),
    "an export that does not exist": Case(
        giving("K", Export={"Name": "key"}, Condition="Never"), made(Trail=trail({"Fn::ImportValue": "key"}))
    ),
    "an output of another name": Case(
        giving("Arn"), made(N=nested({"Ref": "Open"}), Trail=trail({"Fn::GetAtt": ["N", "Outputs.Other"]}))
    ),
    "an output of a nested stack without it": Case(
        giving("Arn"), made(N=nested("keys.yaml"), Trail=trail({"Fn::GetAtt": ["N", "Outputs.Other"]}))
    ),
    "a parameter of another name": Case(
        made(Key=KEY, N=nested({"Ref": "Open"}, Other=KEY_ARN)), taking("String", None)
    ),
}


def judged(case: Case) -> Any:
    """The key in its scenarios, and what stands on the trail."""
    templates = Templates({"/work/keys.yaml": case.keys, "/work/trails.yaml": case.trails})
    key = templates.subject("/work/keys.yaml", "Key")
    assert isinstance(key, Subject)
    return key.scenarios, templates.subject("/work/trails.yaml", "Trail")


@pytest.mark.parametrize("case", JOINED.values(), ids=JOINED)
def test_joined(case: Case) -> None:
    scenarios, trail_ = judged(case)
    assert {one.name for key in scenarios for one in key.trails} == {"audit"}
    assert not any(key.open_trails for key in scenarios)
    assert trail_ is None


@pytest.mark.parametrize("case", NOT_SURE.values(), ids=NOT_SURE)
def test_not_joined_for_sure(case: Case) -> None:
    """The trail says so, and the key waits for it."""
    scenarios, trail_ = judged(case)
    assert not any(key.trails for key in scenarios)
    assert {one.name for key in scenarios for one in key.open_trails} == {"audit"}
    assert isinstance(trail_, Unjudged)
    assert "which may lead to AWS::KMS::Key.Key" in trail_.reason
    assert list(findings_on(trail_)) == ["CKV_CTKMS_090"]


@pytest.mark.parametrize("case", APART.values(), ids=APART)
def test_not_joined(case: Case) -> None:
    scenarios, trail_ = judged(case)
    assert not any(key.trails for key in scenarios)
    assert "may lead to" not in str(trail_)


def test_of_two_exports_on_opposite_conditions_there_is_one_in_each_scenario() -> None:
    keys = exporting({"Value": KEY_ARN, "Condition": "Is"}, {"Value": "x", "Condition": "IsNot"})
    keys["Conditions"] = {**OPEN["Conditions"], "IsNot": {"Fn::Not": [{"Condition": "Is"}]}}
    scenarios, trail_ = judged(Case(keys, made(Trail=trail({"Fn::ImportValue": "key"}))))
    assert sorted(len(key.trails) for key in scenarios) == [0, 1]
    assert not any(key.open_trails for key in scenarios)
    assert trail_ is None


def test_the_keys_of_many_stacks_do_not_multiply_with_what_may_lead_to_them(calls_in: Any) -> None:
    taken = {"Fn::ImportValue": {"Fn::Sub": "${Open}-key"}}
    stack = {**giving("K", Export={"Name": STACK}), "Resources": {"Key": KEY, "Trail": trail(taken)}}

    def read(number: int) -> int:
        templates = Templates({f"/work/{at}.yaml": stack for at in range(number)})
        return int(calls_in(lambda: [templates.subject(f"/work/{at}.yaml", "Key") for at in range(number)]))

    assert read(16) < 5 * read(8)


def test_what_an_entry_holds_stands_in_a_policy() -> None:
    policy = {"Statement": [{"Principal": {"AWS": [STORED, {"Fn::Sub": "arn:aws:iam::${Entry.Value}:root"}]}}]}
    declared = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    whole = made(Key=declared, Entry=entry("/kms/logs", "111122223333"), Trail=trail(KEY_ARN))
    (scenario,), _ = judged(Case(whole, whole))
    principals = scenario.policy["Statement"][0]["Principal"]["AWS"]
    assert principals == ["111122223333", "arn:aws:iam::111122223333:root"]


LISTS = {
    # sentence: the type of the parameter, what the entry holds, what the parameter is
    "a list": ("AWS::SSM::Parameter::Value<List<String>>", "a, b", "a|b"),
    "a list of another kind": ("AWS::SSM::Parameter::Value<CommaDelimitedList>", "a,b", "a|b"),
    "a text": ("AWS::SSM::Parameter::Value<String>", "a,b", None),
}


@pytest.mark.parametrize(("type_", "held", "expected"), LISTS.values(), ids=LISTS)
def test_a_parameter_takes_what_the_entry_holds_as_its_type_says(type_: str, held: str, expected: Any) -> None:
    parameters = {"Names": {"Type": type_, "Default": "/names"}}
    described = {"Fn::Join": ["|", {"Ref": "Names"}]}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": described, "Description": "cloudtrail"}}
    resources = {"Key": key, "Entry": entry("/names", held), "Trail": trail(KEY_ARN)}
    (scenario,), _ = judged(Case({"Parameters": parameters, "Resources": resources}, {"Resources": {}}))
    assert (scenario.policy if isinstance(scenario.policy, str) else None) == expected


def test_a_parent_hands_over_the_name_of_the_entry() -> None:
    child = taking("AWS::SSM::Parameter::Value<String>", "/other")
    parent = made(Key=KEY, E=entry("/kms/logs"), N=nested("trails.yaml", K="/kms/logs"))
    scenarios, trail_ = judged(Case(parent, child))
    assert [one.name for key in scenarios for one in key.trails] == ["audit"]
    assert trail_ is None


def test_entries_that_hold_each_other_many_times_over_have_an_answer() -> None:
    entries = {f"E{at}": entry(f"/e{at}", f"{{{{resolve:ssm:/e{at + 1}}}}}" * 2) for at in range(60)}
    _, trail_ = judged(one(**entries, Trail=trail("{{resolve:ssm:/e0}}")))
    assert isinstance(trail_, Unjudged)
