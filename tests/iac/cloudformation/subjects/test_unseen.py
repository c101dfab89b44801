"""Trails, event data stores and keys that cannot be judged: each says so once, and why."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import pytest

from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.cloudformation.subjects.keys import Templates

FILE = "/work/main.yaml"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
NOTHING = {"Ref": "AWS::NoValue"}
LITERAL = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECTIONS = {
    "Parameters": {
        "Open": {"Type": "String"},
        "Empty": {"Type": "String", "Default": ""},
        "Given": {"Type": "String", "Default": LITERAL},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/kms/trail"},
        "Make": {"Type": "String", "Default": "false"},
    },
    "Conditions": {
        "IsOpen": {"Fn::Equals": [{"Ref": "Open"}, "yes"]},
        "HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Empty"}, ""]}]},
        "Make": {"Fn::Equals": [{"Ref": "Make"}, "true"]},
    },
}


def key(**more: Any) -> Dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}, **more}


def trail(key_id: Any, **more: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::Trail", "Properties": {"KMSKeyId": key_id}, **more}


def store(key_id: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::EventDataStore", "Properties": {"KmsKeyId": key_id}}


def said(name: str, main: Any, **others: Any) -> Optional[Tuple[str, str]]:
    """The reason and the path of the record on a resource, if there is one."""
    files = {f"/work/{other}.yaml": body for other, body in others.items()}
    found = Templates({FILE: main, **files}).subject(FILE, name)
    if isinstance(found, Unjudged):
        return found.reason, found.path
    assert found is None
    return None


def template(**resources: Any) -> Dict[str, Any]:
    return {**SECTIONS, "Resources": resources}


UNSEEN = {
    # sentence: what is named as key, how the reason goes on
    "a parameter without default": ({"Ref": "Open"}, "`${Open}`, a parameter without a value in the scan"),
    "a parameter whose default is an ARN": ({"Ref": "Given"}, f"`{LITERAL}`, a key that is written out"),
    "a parameter from Parameter Store": ({"Ref": "Stored"}, "`${Stored}`, a parameter without a value in the scan"),
    "a literal": (LITERAL, f"`{LITERAL}`, a key that is written out"),
    "an import from nowhere": (
        {"Fn::ImportValue": "x"},
        "`Fn::ImportValue: x`, an export that no scanned template makes",
    ),
    "an output of no known stack": (
        {"Fn::GetStackOutput": {"StackName": "keys", "OutputName": "Arn"}},
        "`Fn::GetStackOutput: keys.Arn`, an output of no stack that the scan knows by name",
    ),
    "a dynamic reference": ("{{resolve:ssm:/kms}}", "`{{resolve:ssm:/kms}}`, read when the stack is deployed"),
    "an alias of elsewhere": ("alias/logs", "`alias/logs`, an alias that no scanned template declares"),
    "an alias of something unseen": ({"Ref": "Alias"}, "`${Open}`, a parameter without a value in the scan"),
    "a custom resource": ({"Fn::GetAtt": ["Custom", "Arn"]}, "`${Custom.Arn}`, which leads to no key"),
    "two unseen keys": ({"Fn::If": ["IsOpen", LITERAL, {"Ref": "Open"}]}, "`"),
    "no key or an unseen one": ({"Fn::If": ["IsOpen", NOTHING, {"Ref": "Open"}]}, "`${Open}`, a parameter"),
    "an open one of several": ({"Fn::Select": [{"Ref": "Open"}, [LITERAL, {"Ref": "Open"}]]}, "`Fn::Select"),
}


@pytest.mark.parametrize(("reference", "words"), UNSEEN.values(), ids=UNSEEN)
def test_the_key_is_not_seen(reference: Any, words: str) -> None:
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/mine", "TargetKeyId": {"Ref": "Open"}}}
    resources = {"Key": key(), "Custom": {"Type": "Custom::Key"}, "Alias": alias}
    head = "the key of this {} is not in the scan, so nobody has judged its policy: {} is "
    for user, what, name in (
        (trail(reference), "trail", "KMSKeyId"),
        (store(reference), "event data store", "KmsKeyId"),
    ):
        found = said("User", template(**resources, User=user))
        assert found is not None
        assert found[0].startswith(head.format(what, name) + words)
        assert found[1] == f"Properties/{name}"


def test_a_key_that_may_be_the_one_is_named() -> None:
    picked = {"Fn::Select": [{"Ref": "Open"}, [KEY_ARN, {"Ref": "Open"}]]}
    found = said("User", template(Key=key(), Other=key(), User=trail(picked)))
    assert found is not None
    assert found[0].startswith("which key this trail uses is not known: KMSKeyId is `Fn::Select")
    assert "which may lead to AWS::KMS::Key.Key, and to another key as well" in found[0]


SILENT = {
    # sentence: what is named as key
    "a key of the template": KEY_ARN,
    "its alias": "alias/mine",
    "the template's key or an unseen one": {"Fn::If": ["IsOpen", KEY_ARN, {"Ref": "Open"}]},
    "no key by default": {"Fn::If": ["HasKey", {"Ref": "Empty"}, NOTHING]},
    "an empty default": {"Ref": "Empty"},
    "an alias of AWS": "alias/aws/s3",
    "no key": NOTHING,
    "an export of the scan": {"Fn::ImportValue": "key"},
}


@pytest.mark.parametrize("reference", SILENT.values(), ids=SILENT)
def test_the_key_is_seen_or_there_is_none(reference: Any) -> None:
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/mine", "TargetKeyId": {"Ref": "Key"}}}
    exporting = {"Resources": {"Key": key()}, "Outputs": {"K": {"Value": KEY_ARN, "Export": {"Name": "key"}}}}
    assert said("User", template(Key=key(), Alias=alias, User=trail(reference)), elsewhere=exporting) is None


def nested(**parameters: Any) -> Dict[str, Any]:
    properties = {"TemplateURL": "main.yaml", "Parameters": parameters}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def test_a_parameter_that_the_parent_sets_counts() -> None:
    parent = {"Resources": {"Key": key(), "Logs": nested(Open=KEY_ARN)}}
    assert said("User", template(User=trail({"Ref": "Open"})), parent=parent) is None


def test_a_parameter_that_the_parent_leaves_open_is_the_parents() -> None:
    parent = {**SECTIONS, "Resources": {"Logs": nested(Open={"Ref": "Open"})}}
    found = said("User", template(User=trail({"Ref": "Open"})), parent=parent)
    assert found is not None
    assert "`${Open} (parent.yaml)`, a parameter without a value" in found[0]


OFFERED = {
    # sentence: what a parent says of the parameters, with a default in the nested template
    "the choice of a condition": {"Fn::If": ["IsOpen", {"Given": KEY_ARN}, NOTHING]},
    "a macro": {"Fn::Transform": {"Name": "Inputs"}},
}


@pytest.mark.parametrize("parameters", OFFERED.values(), ids=OFFERED)
def test_what_a_parent_may_set_is_not_the_default(parameters: Any) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "main.yaml", "Parameters": parameters}}
    found = said("User", template(User=trail({"Ref": "Given"})), parent={**SECTIONS, "Resources": {"Logs": stack}})
    assert found is not None
    assert LITERAL not in found[0]


def test_one_stack_of_several_without_a_seen_key_says_so() -> None:
    parent = {"Resources": {"Key": key(), "A": nested(Open=KEY_ARN), "B": nested(Open=LITERAL)}}
    found = said("User", template(User=trail({"Ref": "Open"})), parent=parent)
    assert found is not None
    assert LITERAL in found[0]


# What does not exist by default

ABSENT = " exists only if Condition `Make` holds; it does not by default"


def test_a_key_that_does_not_exist_by_default_says_so() -> None:
    main = template(Key=key(Condition="Make"), User=trail({"Fn::If": ["Make", KEY_ARN, NOTHING]}))
    found = said("Key", main)
    assert found is not None
    assert found[0].startswith("AWS::KMS::Key.Key" + ABSENT)
    assert said("User", main) is None


def test_a_key_that_does_not_exist_and_would_not_be_cloudtrails_stays_silent() -> None:
    assert said("Key", template(Key=key(Condition="Make"), User=trail(NOTHING))) is None


@pytest.mark.parametrize(("reference", "silent"), [(KEY_ARN, False), ({"Ref": "Open"}, False), (NOTHING, True)])
def test_a_trail_that_does_not_exist_by_default_says_so(reference: Any, silent: bool) -> None:
    found = said("User", template(Key=key(), User=trail(reference, Condition="Make")))
    assert (found is None) == silent
    assert found is None or found[0].startswith("AWS::CloudTrail::Trail.User" + ABSENT)


def test_a_trail_and_its_key_that_do_not_exist_by_default_say_so_once() -> None:
    main = template(Key=key(Condition="Make"), User=trail(KEY_ARN, Condition="Make"))
    assert said("Key", main) is not None
    assert said("User", main) is None


def test_the_condition_of_the_stack_around_counts() -> None:
    parent = {**SECTIONS, "Resources": {"Logs": {**nested(Open="x"), "Condition": "Make"}}}
    found = said("Key", template(Key=key(), User=trail(KEY_ARN)), parent=parent)
    assert found is not None
    assert found[0].count("exists only if Condition `Make (parent.yaml)` holds") == 1


def test_an_open_condition_makes_scenarios_instead() -> None:
    main = template(Key=key(Condition="IsOpen"), User=trail(KEY_ARN, Condition="IsOpen"))
    assert isinstance(Templates({FILE: main}).subject(FILE, "Key"), Subject)
    assert said("User", main) is None
