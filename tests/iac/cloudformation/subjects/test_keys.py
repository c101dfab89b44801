"""Keys, their policies and who uses them: small templates, one claim each."""

from __future__ import annotations

import datetime
from typing import Any, Dict, List, Optional, Tuple

import pytest

from ctkms.cloudtrail.resources import EventDataStore, Key, Trail, trail_arn
from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Partial, holes_in, join

FILE = "/work/main.yaml"
POLICY = {"Version": "2012-10-17", "Statement": []}
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
NOTHING = {"Ref": "AWS::NoValue"}


def marked(value: Any) -> Any:
    """A template the way Checkov's parser gives it."""
    if isinstance(value, dict):
        inner = {key: marked(item) for key, item in value.items()}
        return {**inner, "__file__": FILE, "__startline__": 1, "__endline__": 9}
    return [marked(item) for item in value] if isinstance(value, list) else value


def key(**properties: Any) -> Dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": POLICY, **properties}}


def trail(key_id: Any, **properties: Any) -> Dict[str, Any]:
    given = {"TrailName": "audit", "S3BucketName": "logs", "KMSKeyId": key_id, **properties}
    return {"Type": "AWS::CloudTrail::Trail", "Properties": given}


def store(key_id: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::EventDataStore", "Properties": {"KmsKeyId": key_id}}


def alias(name: Any, target: Any) -> Dict[str, Any]:
    return {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name, "TargetKeyId": target}}


def resources(**declared: Any) -> Dict[str, Any]:
    return {"Resources": declared}


def scenarios(*templates: Any, file: str = FILE, logical_id: str = "Key", **more: Any) -> Tuple[Key, ...]:
    found = Templates({FILE: marked(templates[0]), **more}).subject(file, logical_id)
    return found.scenarios if isinstance(found, Subject) else ()


def the_key(template: Any, **others: Any) -> Key:
    files = {f"/work/{name}.yaml": marked(body) for name, body in others.items()}
    subject = Templates({FILE: marked(template), **files}).subject(FILE, "Key")
    assert isinstance(subject, Subject)
    (only,) = subject.scenarios
    return only


AUDIT = Trail("AWS::CloudTrail::Trail.Trail", "audit", trail_arn("audit"), "logs")

USES = {
    # sentence: how the trail names its key
    "by Ref": {"Ref": "Key"},
    "by its ARN": KEY_ARN,
    "by an ARN spelled with Sub": {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}"},
    "by an attribute in Sub": {"Fn::Sub": "${Key.Arn}"},
    "by an ARN spelled with Join": {"Fn::Join": ["", ["arn:aws:kms:eu-west-1:111122223333:key/", {"Ref": "Key"}]]},
    "by a condition that holds": {"Fn::If": ["Always", KEY_ARN, NOTHING]},
    "by a piece of its ARN": {"Fn::Select": [1, {"Fn::Split": ["/", KEY_ARN]}]},
    "by the alias": {"Ref": "Alias"},
    "by the name of the alias": "alias/logs",
    "by the ARN of the alias": {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/logs"},
}


@pytest.mark.parametrize("reference", USES.values(), ids=USES)
def test_a_trail_uses_the_key(reference: Any) -> None:
    template = {
        **resources(Key=key(), Trail=trail(reference), Alias=alias("alias/logs", {"Ref": "Key"})),
        "Conditions": {"Always": {"Fn::Equals": ["a", "a"]}},
    }
    assert the_key(template).trails == (AUDIT,)


NO_USES = {
    # sentence: how the trail names its key
    "a literal ARN": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "another key": {"Ref": "Other"},
    "a condition that does not hold": {"Fn::If": ["Never", KEY_ARN, {"Ref": "Other"}]},
    "the alias of another key": "alias/other",
    "an alias that nobody declares": "alias/missing",
    "no key": NOTHING,
    "nonsense": {"a": [1]},
}


@pytest.mark.parametrize("reference", NO_USES.values(), ids=NO_USES)
def test_a_trail_does_not_use_the_key(reference: Any) -> None:
    template = {
        **resources(Key=key(), Other=key(), Trail=trail(reference), Alias=alias("alias/other", {"Ref": "Other"})),
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Parameters": {"KeyArn": {"Type": "String"}},
    }
    found = the_key(template)
    assert (found.trails, found.open_trails) == ((), ())


def test_a_parameter_that_nobody_sets_may_be_the_key() -> None:
    template = {**resources(Key=key(), Trail=trail({"Ref": "KeyArn"})), "Parameters": {"KeyArn": {"Type": "String"}}}
    found = the_key(template)
    assert (found.trails, found.open_trails) == ((), (AUDIT,))


def test_an_alias_whose_account_is_spelled_out_may_be_another_one() -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:alias/logs"
    found = the_key(resources(Key=key(), Trail=trail(arn), Alias=alias("alias/logs", {"Ref": "Key"})))
    assert (found.trails, len(found.open_trails)) == ((), 1)


def test_one_of_several_keys_picked_by_an_unknown_index_may_be_this_one() -> None:
    picked = {"Fn::Select": [{"Ref": "Index"}, [KEY_ARN, {"Ref": "Other"}]]}
    template = {**resources(Key=key(), Other=key(), Trail=trail(picked)), "Parameters": {"Index": {"Type": "Number"}}}
    assert len(the_key(template).open_trails) == 1


def test_an_alias_with_an_unknown_name_is_the_one_of_the_same_name() -> None:
    name = {"Fn::Sub": "alias/${Env}-logs"}
    template = resources(Key=key(), Trail=trail(name), Alias=alias(name, {"Ref": "Key"}))
    assert the_key({**template, "Parameters": {"Env": {"Type": "String"}}}).trails == (AUDIT,)


def test_several_trails_and_an_event_data_store_use_one_key() -> None:
    found = the_key(resources(Key=key(), A=trail(KEY_ARN), B=trail({"Ref": "Key"}, TrailName="b"), S=store(KEY_ARN)))
    assert [user.name for user in found.trails] == ["audit", "b"]
    assert found.stores == (EventDataStore("AWS::CloudTrail::EventDataStore.S"),)


def test_the_key_as_it_stands() -> None:
    found = the_key(resources(Key=key(), Trail=trail(KEY_ARN)))
    (key_id,) = [hole for hole in holes_in(found.arn) if not hole.own]
    assert found.address == "AWS::KMS::Key.Key"
    assert found.policy == POLICY
    assert (found.policy_address, found.policy_path) == ("", "Properties/KeyPolicy")
    assert found.attribute_paths == {
        "enabled": "Properties/Enabled",
        "key_spec": "Properties/KeySpec",
        "key_usage": "Properties/KeyUsage",
    }
    assert found.arn == join(("arn:", OWN_PARTITION, ":kms:", OWN_REGION, ":", OWN_ACCOUNT, ":key/", key_id))
    assert (str(key_id), key_id.kind) == ("Key.KeyId", Kind.KEY_ID)
    assert (found.enabled, found.key_spec, found.key_usage) == (True, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert found.scenario == ""


def test_a_trail_without_a_name_and_with_a_bucket_of_the_template() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "logs-${AWS::AccountId}"}}}
    unnamed = trail(KEY_ARN, TrailName=NOTHING, S3BucketName={"Ref": "Bucket"})
    (found,) = the_key(resources(Key=key(), Trail=unnamed, Bucket=bucket)).trails
    assert isinstance(found.name, Hole)
    assert (str(found.name), found.name.kind) == ("the name CloudFormation gives Trail", Kind.NAME)
    assert found.arn == trail_arn(found.name)
    assert found.bucket == Partial(("logs-", OWN_ACCOUNT))


STATES = {
    # sentence: properties, field, value
    "disabled": ({"Enabled": False}, "enabled", False),
    "disabled in words": ({"Enabled": "False"}, "enabled", False),
    "disabled by a parameter": ({"Enabled": {"Ref": "Off"}}, "enabled", False),
    "enabled as a parameter says": ({"Enabled": {"Ref": "Open"}}, "enabled", Hole("${Open}")),
    "asymmetric": ({"KeySpec": "RSA_2048"}, "key_spec", "RSA_2048"),
    "for signing": ({"KeyUsage": "SIGN_VERIFY"}, "key_usage", "SIGN_VERIFY"),
    "without a policy": ({"KeyPolicy": NOTHING}, "policy", None),
    "with the policy as text": ({"KeyPolicy": '{"a": 1}'}, "policy", '{"a": 1}'),
    "with the policy as text with references": (
        {"KeyPolicy": {"Fn::Sub": '{"AWS": "${AWS::AccountId}"}'}},
        "policy",
        Partial(('{"AWS": "', OWN_ACCOUNT, '"}')),
    ),
    "with the policy turned into text": (
        {"KeyPolicy": {"Fn::ToJsonString": {"AWS": {"Ref": "AWS::AccountId"}}}},
        "policy",
        {"AWS": OWN_ACCOUNT},
    ),
    "with a policy that is none": ({"KeyPolicy": 5}, "policy", 5),
    "with a policy from elsewhere": ({"KeyPolicy": {"Ref": "Open"}}, "policy", Hole("${Open}")),
    "with an unquoted version": (
        {"KeyPolicy": {"Version": datetime.date(2012, 10, 17)}},
        "policy",
        {"Version": "2012-10-17"},
    ),
}


@pytest.mark.parametrize(("properties", "field", "value"), STATES.values(), ids=STATES)
def test_a_key(properties: Dict[str, Any], field: str, value: Any) -> None:
    template = {**resources(Key=key(**properties), Trail=trail(KEY_ARN)), "Transform": "AWS::LanguageExtensions"}
    parameters = {"Off": {"Type": "String", "Default": "false"}, "Open": {"Type": "String"}}
    assert getattr(the_key({**template, "Parameters": parameters}), field) == value


def test_a_policy_turned_into_text_is_none_without_the_transform() -> None:
    declared = key(KeyPolicy={"Fn::ToJsonString": POLICY})
    found = the_key(resources(Key=declared, Trail=trail(KEY_ARN))).policy
    assert isinstance(found, Hole)
    assert str(found).startswith("Fn::ToJsonString without Transform AWS::LanguageExtensions")


def test_properties_from_a_macro_leave_the_policy_unknown() -> None:
    declared = {"Type": "AWS::KMS::Key", "Properties": {"Fn::Transform": {"Name": "AWS::Include"}}}
    assert isinstance(the_key(resources(Key=declared, Trail=trail(KEY_ARN))).policy, Hole)


def test_a_replica_key_is_like_its_primary() -> None:
    replica = {"Type": "AWS::KMS::ReplicaKey", "Properties": {"PrimaryKeyArn": {"Fn::GetAtt": ["Primary", "Arn"]}}}
    found = the_key(resources(Key=replica, Primary=key(KeySpec="RSA_2048"), Trail=trail(KEY_ARN)))
    assert (found.address, found.key_spec, found.trails) == ("AWS::KMS::ReplicaKey.Key", "RSA_2048", (AUDIT,))


def test_a_replica_of_an_unknown_key_is_of_unknown_kind() -> None:
    replica = {
        "Type": "AWS::KMS::ReplicaKey",
        "Properties": {"PrimaryKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/x"},
    }
    assert isinstance(the_key(resources(Key=replica, Trail=trail(KEY_ARN))).key_spec, Hole)


# Conditions

CONDITIONS = {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}, "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]}}
ENV = {"Env": {"Type": "String"}}


def conditional(env: Optional[str] = None, **declared: Any) -> Dict[str, Any]:
    parameters = {"Env": {"Type": "String", "Default": env}} if env else ENV
    return {"Parameters": parameters, "Conditions": CONDITIONS, "Resources": declared}


def in_scenarios(template: Any) -> List[Tuple[str, int]]:
    """How many trails the key has, by scenario."""
    return sorted((scenario.scenario, len(scenario.trails)) for scenario in scenarios(template))


def test_a_trail_that_may_exist_makes_two_scenarios() -> None:
    maybe = {**trail(KEY_ARN), "Condition": "IsProd"}
    assert in_scenarios(conditional(Key=key(), Trail=maybe)) == [("IsProd is false", 0), ("IsProd is true", 1)]


def test_a_condition_and_its_contrary_are_one_assumption() -> None:
    one, other = {**trail(KEY_ARN), "Condition": "IsProd"}, {**trail(KEY_ARN), "Condition": "NotProd"}
    assert in_scenarios(conditional(Key=key(), A=one, B=other)) == [("IsProd is false", 1), ("IsProd is true", 1)]


def test_a_decided_condition_makes_one_scenario() -> None:
    maybe = {**trail(KEY_ARN), "Condition": "IsProd"}
    assert in_scenarios(conditional("dev", Key=key(), Trail=maybe)) == [("", 0)]


def test_a_key_that_does_not_exist_is_none() -> None:
    assert scenarios(conditional("dev", Key={**key(), "Condition": "IsProd"}, Trail=trail(KEY_ARN))) == ()


def test_a_key_that_may_exist_is_judged_where_it_does() -> None:
    declared = conditional(Key={**key(), "Condition": "IsProd"}, Trail={**trail(KEY_ARN), "Condition": "IsProd"})
    assert in_scenarios(declared) == [("IsProd is true", 1)]


def test_a_statement_under_a_condition_makes_two_scenarios() -> None:
    statement = {"Fn::If": ["IsProd", {"Sid": "Prod"}, NOTHING]}
    found = scenarios(conditional(Key=key(KeyPolicy={"Statement": [{"Sid": "Root"}, statement]}), Trail=trail(KEY_ARN)))
    assert {scenario.scenario: len(scenario.policy["Statement"]) for scenario in found} == {
        "IsProd is false": 1,
        "IsProd is true": 2,
    }


def test_a_trail_with_one_of_two_keys() -> None:
    either = trail({"Fn::If": ["IsProd", KEY_ARN, {"Ref": "Other"}]})
    assert in_scenarios(conditional(Key=key(), Other=key(), Trail=either)) == [
        ("IsProd is false", 0),
        ("IsProd is true", 1),
    ]


def test_conditions_of_other_keys_do_not_matter() -> None:
    other = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Fn::If": ["IsProd", {}, POLICY]}}}
    unrelated = {**trail({"Ref": "Other"}), "Condition": "IsProd"}
    assert in_scenarios(conditional(Key=key(), Other=other, T=unrelated, Trail=trail(KEY_ARN))) == [("", 1)]


def test_more_open_conditions_than_can_be_tried_leave_holes() -> None:
    names = [f"C{number}" for number in range(7)]
    conditions = {name: {"Fn::Equals": [{"Ref": "Env"}, name]} for name in names}
    statements = [{"Fn::If": [name, {"Sid": name}, NOTHING]} for name in names]
    template = {
        "Parameters": ENV,
        "Conditions": conditions,
        **resources(Key=key(KeyPolicy=statements), T=trail(KEY_ARN)),
    }
    found = scenarios(template)
    assert len(found) == 16
    policies = [scenario.policy for scenario in found]
    assert all(isinstance(one, list) and any(isinstance(item, Hole) for item in one) for one in policies)


# Several templates


def exporting(name: Any, **more: Any) -> Dict[str, Any]:
    outputs = {"Arn": {"Value": KEY_ARN, "Export": {"Name": name}}}
    return {**resources(Key=key(KeyPolicy={"Service": "cloudtrail.amazonaws.com"})), "Outputs": outputs, **more}


def importing(name: Any, **more: Any) -> Dict[str, Any]:
    return {**resources(Trail=trail({"Fn::ImportValue": name})), **more}


FAR_AUDIT = Trail("AWS::CloudTrail::Trail.Trail (trail.yaml)", "audit", trail_arn("audit"), "logs", beside_key=False)


def test_a_trail_of_another_stack_imports_the_key() -> None:
    assert the_key(exporting("key-arn"), trail=importing("key-arn")).trails == (FAR_AUDIT,)


def test_a_trail_of_another_stack_imports_the_key_by_a_name_spelled_alike() -> None:
    name, parameters = {"Fn::Sub": "${Env}-key"}, {"Parameters": ENV}
    assert the_key(exporting(name, **parameters), trail=importing(name, **parameters)).trails == (FAR_AUDIT,)


def test_a_name_made_of_the_own_stack_name_is_never_another_stacks() -> None:
    name = {"Fn::Sub": "${AWS::StackName}-key"}
    assert the_key(exporting(name), trail=importing(name)).trails == ()


def test_an_import_by_the_name_of_some_stack_may_be_this_one() -> None:
    other = importing({"Fn::Sub": "${Stack}-key"}, Parameters={"Stack": {"Type": "String"}})
    found = the_key(exporting({"Fn::Sub": "${AWS::StackName}-key"}), trail=other)
    assert (found.trails, len(found.open_trails)) == ((), 1)
    assert "Trail" in found.open_trails[0].address


def test_an_export_that_two_stacks_offer_may_be_this_one() -> None:
    found = the_key(exporting("key"), trail=importing("key"), other=exporting("key"))
    assert (found.trails, len(found.open_trails)) == ((), 1)


def test_an_import_by_another_name_does_not_lead_here() -> None:
    found = the_key(exporting("key"), trail=importing("other"))
    assert (found.trails, found.open_trails) == ((), ())


def test_parameters_of_two_templates_are_not_the_same_value() -> None:
    named = trail({"Fn::ImportValue": "key"}, TrailName={"Ref": "Env"})
    (user,) = the_key(exporting("key"), trail={**resources(Trail=named), "Parameters": ENV}).trails
    assert user.name == Hole("${Env} (trail.yaml)")


def nested(url: Any, **parameters: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}


CHILD = {
    "Parameters": {"Name": {"Type": "String"}, "Enabled": {"Type": "String", "Default": "true"}},
    **resources(Key=key(KeyPolicy={"Trail": {"Ref": "Name"}}, Enabled={"Ref": "Enabled"})),
    "Outputs": {"KeyArn": {"Value": KEY_ARN}},
}


@pytest.mark.parametrize(
    "url",
    [
        "./main.yaml",
        "main.yaml",
        "https://s3.amazonaws.com/templates/main.yaml",
        {"Fn::Sub": "https://${Bucket}.s3.amazonaws.com/main.yaml"},
        {"Fn::Join": ["/", ["https://s3.amazonaws.com", {"Ref": "Bucket"}, "main.yaml"]]},
    ],
)
def test_a_nested_stack_gives_its_key_to_the_parents_trail(url: Any) -> None:
    output = {"Fn::GetAtt": ["Kms", "Outputs.KeyArn"]}
    parent = resources(Kms=nested(url, Name="audit", Enabled="false"), Trail=trail(output))
    found = the_key(CHILD, parent=parent)
    assert [user.address for user in found.trails] == ["AWS::CloudTrail::Trail.Trail (parent.yaml)"]
    assert (found.policy, found.enabled, found.scenario) == ({"Trail": "audit"}, False, "")


S3 = "https://s3.amazonaws.com/"


@pytest.mark.parametrize(
    ("url", "parent", "others", "found"),
    [
        (S3 + "x/kms.yaml", "/work/a/root.yaml", (), True),
        (S3 + "x/kms.yaml", "/work/root.yaml", (), True),
        (S3 + "x/kms.yaml", "/work/root.yaml", ("/work/b/kms.yaml",), False),
        (S3 + "x/kms.yaml", "/work/a/root.yaml", ("/work/b/kms.yaml",), True),
        (S3 + "x/kms.yaml", "/work/b/root.yaml", (), False),
        (S3 + "x/kms.yaml", "/work/a/nested/root.yaml", (), False),
        ({"Fn::Sub": "https://${Bucket}.s3.amazonaws.com/kms.yaml"}, "/work/b/root.yaml", (), False),
        (S3 + "x/a/kms.yaml", "/work/b/root.yaml", (), True),
        (S3 + "x/a/kms.yaml?versionId=1", "/work/b/root.yaml", (), True),
        (S3 + "x/a/kms.yaml", "/work/b/root.yaml", ("/work/b/kms.yaml",), False),
        (S3 + "x/not-a/kms.yaml", "/work/b/root.yaml", (), False),
        ({"Fn::Sub": "https://${Bucket}.s3.amazonaws.com/${Prefix}a/kms.yaml"}, "/work/b/root.yaml", (), False),
        ("../a/kms.yaml", "/work/b/root.yaml", ("/work/b/kms.yaml",), True),
    ],
)
def test_an_address_in_s3_is_a_template_of_the_scan_only_where_their_paths_agree(
    url: Any, parent: str, others: Tuple[str, ...], found: bool
) -> None:
    stacks = resources(Kms=nested(url, Name="audit"), Trail=trail({"Fn::GetAtt": ["Kms", "Outputs.KeyArn"]}))
    elsewhere = resources(Topic={"Type": "AWS::SNS::Topic"})
    templates = Templates(
        {"/work/a/kms.yaml": CHILD, parent: stacks, "/work/c.yaml": elsewhere, **dict.fromkeys(others, CHILD)}
    )
    subject = templates.subject("/work/a/kms.yaml", "Key")
    assert (
        [len(scenario.trails) for scenario in subject.scenarios] == [int(found)]
        if isinstance(subject, Subject)
        else not found
    )
    assert isinstance(templates.subject(parent, "Trail"), Unjudged) != found


def test_a_parent_hands_the_key_of_one_nested_stack_to_another() -> None:
    output = {"Fn::GetAtt": ["Kms", "Outputs", "KeyArn"]}
    parent = resources(Kms=nested("main.yaml", Name="audit"), Logs=nested("logs.yaml", Key=output))
    logs = {**resources(Trail=trail({"Ref": "Key"})), "Parameters": {"Key": {"Type": "String"}}}
    (user,) = the_key(CHILD, parent=parent, logs=logs).trails
    assert user.address == "AWS::CloudTrail::Trail.Trail (parent.yaml/Logs)"


def test_a_template_nested_twice_is_judged_as_each() -> None:
    parent = resources(
        A=nested("main.yaml", Name="a"),
        B=nested("main.yaml", Name="b"),
        Trail=trail({"Fn::GetAtt": ["A", "Outputs.KeyArn"]}),
    )
    found = Templates({FILE: CHILD, "/work/parent.yaml": parent}).subject(FILE, "Key")
    assert found is not None
    assert [(scenario.scenario, scenario.policy, len(scenario.trails)) for scenario in found.scenarios] == [
        ("as parent.yaml/A", {"Trail": "a"}, 1),
        ("as parent.yaml/B", {"Trail": "b"}, 0),
    ]


def test_a_parameter_that_the_parent_leaves_open_is_named_after_the_parent() -> None:
    parent = {**resources(Kms=nested("main.yaml", Name={"Ref": "Env"}), Trail=trail("x")), "Parameters": ENV}
    assert the_key(CHILD, parent=parent).policy == {"Trail": Hole("${Env} (parent.yaml)")}


def test_templates_that_nest_each_other_do_not_loop() -> None:
    one = {**resources(Key=key(), Stack=nested("b.yaml"), Trail=trail(KEY_ARN))}
    found = Templates({FILE: one, "/work/b.yaml": resources(Stack=nested("main.yaml"))}).subject(FILE, "Key")
    assert found is not None


def test_the_alias_of_the_own_template_comes_first() -> None:
    mine = resources(Key=key(), Trail=trail("alias/logs"), Alias=alias("alias/logs", {"Ref": "Key"}))
    assert len(the_key(mine, other=resources(Other=key(), Alias=alias("alias/logs", {"Ref": "Other"}))).trails) == 1


# What is no subject


def test_other_resources_are_no_subject() -> None:
    templates = Templates({FILE: resources(Key=key(), Trail=trail(KEY_ARN))})
    assert templates.subject(FILE, "Trail") is None
    assert templates.subject(FILE, "Missing") is None
    assert templates.subject("missing.yaml", "Key") is None


def test_where_nothing_speaks_of_cloudtrail_there_is_no_subject() -> None:
    assert Templates({FILE: resources(Key=key())}).subject(FILE, "Key") is None


def test_a_key_is_built_once() -> None:
    templates = Templates({FILE: resources(Key=key(), Trail=trail(KEY_ARN))})
    assert templates.subject(FILE, "Key") is templates.subject(FILE, "Key")
