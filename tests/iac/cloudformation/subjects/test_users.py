"""Who uses a key besides its trails, whose organization they are, and what may turn out to use it."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest

from ctkms.cloudtrail.resources import EventDataStore, Key
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.cloudformation.aws.return_values import OTHER_KEY_PROPERTIES, TOPIC_TYPE
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, holes_in, join

FILE = "/work/main.yaml"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
NOTHING = {"Ref": "AWS::NoValue"}
LITERAL = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SPEAKS = {"Statement": {"Service": "cloudtrail.amazonaws.com"}}


def resource(kind: str, **properties: Any) -> Dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def key(**properties: Any) -> Dict[str, Any]:
    return resource("KMS::Key", KeyPolicy=SPEAKS, **properties)


def trail(key_id: Any = NOTHING, **properties: Any) -> Dict[str, Any]:
    return resource("CloudTrail::Trail", **{"TrailName": "audit", "KMSKeyId": key_id, **properties})


def store(key_id: Any, **properties: Any) -> Dict[str, Any]:
    return resource("CloudTrail::EventDataStore", KmsKeyId=key_id, **properties)


def topic(key_id: Any, **properties: Any) -> Dict[str, Any]:
    return resource("SNS::Topic", KmsMasterKeyId=key_id, **properties)


def template(sections: Any = None, **resources: Any) -> Dict[str, Any]:
    return {"Resources": resources, **(sections or {})}


ONE_PARAMETER = {"Parameters": {"Open": {"Type": "String"}, "Yes": {"Type": "String", "Default": "True"}}}
CONDITION = {**ONE_PARAMETER, "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Open"}, "yes"]}}}


def scenarios(main: Any, logical_id: str = "Key", **others: Any) -> Tuple[Key, ...]:
    files = {f"/work/{name}.yaml": body for name, body in others.items()}
    subject = Templates({FILE: main, **files}).subject(FILE, logical_id)
    assert isinstance(subject, Subject)
    return subject.scenarios


def the_key(main: Any, logical_id: str = "Key", **others: Any) -> Key:
    (only,) = scenarios(main, logical_id, **others)
    return only


# The ids of keys


def test_every_key_has_an_id_of_its_own() -> None:
    policy = {"Statement": [{"Resource": KEY_ARN}, {"Resource": {"Fn::GetAtt": ["Other", "Arn"]}}]}
    found = the_key(template(Key={**key(), "Properties": {"KeyPolicy": policy}}, Other=key(), T=trail(KEY_ARN)))
    own, other = (one["Resource"] for one in found.policy["Statement"])
    assert own == found.arn
    assert other != found.arn
    assert [hole.kind for text in (own, other) for hole in holes_in(text) if not hole.own] == [Kind.KEY_ID] * 2


@pytest.mark.parametrize(
    "reference", [{"Ref": "Open"}, {"Fn::ImportValue": "nowhere"}, {"Fn::GetAtt": ["Custom", "Id"]}]
)
def test_what_the_scan_does_not_declare_may_be_any_key(reference: Any) -> None:
    declared = key()
    declared["Properties"]["KeyPolicy"] = {"Statement": [{"Resource": reference}]}
    found = the_key(template(ONE_PARAMETER, Key=declared, Custom=resource("Custom"), T=trail(KEY_ARN)))
    assert found.policy["Statement"][0]["Resource"].kind is Kind.ANY


REPLICA = resource("KMS::ReplicaKey", PrimaryKeyArn={"Fn::GetAtt": ["Primary", "Arn"]})


def resource_of_replica(expression: Any) -> Any:
    replica = {**REPLICA, "Properties": {**REPLICA["Properties"], "KeyPolicy": {"Resource": expression}}}
    return the_key(template(Key=replica, Primary=key(), Other=key(), T=trail(KEY_ARN))).policy["Resource"]


def test_a_replica_has_the_id_of_its_primary_key_in_another_region() -> None:
    """The whole ARN of the primary key is another key's; a pattern around its id may be the replica's."""
    kinds = {
        expression: [hole.kind for hole in holes_in(resource_of_replica({"Fn::Sub": expression})) if not hole.own]
        for expression in ("${Primary.Arn}", "arn:aws:kms:*:*:key/${Primary}", "arn:aws:kms:*:*:key/${Other}")
    }
    assert list(kinds.values()) == [[Kind.KEY_ID], [Kind.SOME_KEY_ID], [Kind.KEY_ID]]


# Organizations

ORGANIZATION = resource("Organizations::Organization")
FLAGS = {
    # sentence: what the property says, what the trail is
    "not set": (NOTHING, False),
    "true": (True, True),
    "in words": ("True", True),
    "by a parameter with a default": ({"Ref": "Yes"}, True),
    "false": ("false", False),
    "by an open parameter": ({"Ref": "Open"}, Hole("${Open}")),
}


@pytest.mark.parametrize(("said", "expected"), FLAGS.values(), ids=FLAGS)
def test_a_trail_and_an_event_data_store_may_be_an_organizations(said: Any, expected: Any) -> None:
    users = {"T": trail(KEY_ARN, IsOrganizationTrail=said), "S": store(KEY_ARN, OrganizationEnabled=said)}
    found = the_key(template(ONE_PARAMETER, Key=key(), **users))
    assert [one.organization for one in found.trails] == [expected]
    assert [one.organization for one in found.stores] == [expected]


def test_an_open_condition_on_the_flag_makes_two_scenarios() -> None:
    users = {"T": trail(KEY_ARN, IsOrganizationTrail={"Fn::If": ["Is", True, False]})}
    found = scenarios(template(CONDITION, Key=key(), **users))
    assert sorted((one.scenario, one.trails[0].organization) for one in found) == [
        ("Is is false", False),
        ("Is is true", True),
    ]


def test_who_makes_the_organization_is_its_management_account() -> None:
    named = {"AWS": {"Fn::GetAtt": ["Org", "ManagementAccountId"]}}
    declared = resource("KMS::Key", KeyPolicy=named)
    users = {"T": trail(KEY_ARN, IsOrganizationTrail=True)}
    here = the_key(template(Key=declared, Org=ORGANIZATION, **users))
    assert (here.policy, here.management) == ({"AWS": OWN_ACCOUNT}, OWN_ACCOUNT)
    assert the_key(template(Key=key(), **users), elsewhere=template(Org=ORGANIZATION)).management == MANAGEMENT_ACCOUNT


def test_an_import_leads_to_the_management_account_too() -> None:
    """Nothing is imported from another account."""
    output = {"Value": {"Fn::GetAtt": ["Org", "ManagementAccountId"]}, "Export": {"Name": "management"}}
    elsewhere = template({"Outputs": {"Id": output}}, Org=ORGANIZATION)
    declared = resource("KMS::Key", KeyPolicy={"AWS": {"Fn::ImportValue": "management"}})
    found = the_key(template(Key=declared, T=trail(KEY_ARN, IsOrganizationTrail=True)), elsewhere=elsewhere)
    assert (found.policy, found.management) == ({"AWS": OWN_ACCOUNT}, OWN_ACCOUNT)


@pytest.mark.parametrize("reference", [{"Ref": "Member"}, {"Fn::GetAtt": ["Member", "AccountId"]}])
def test_accounts_that_the_template_makes_are_members(reference: Any) -> None:
    declared = resource("KMS::Key", KeyPolicy={"AWS": reference})
    found = the_key(template(Key=declared, Member=resource("Organizations::Account"), T=trail(KEY_ARN)))
    (member,) = found.members
    assert found.policy == {"AWS": member}
    assert isinstance(member, Hole)
    assert (str(member), member.kind, member.own) == ("Member.AccountId", Kind.ACCOUNT, False)


# Topics

TOPIC_ARN = join(("arn:", OWN_PARTITION, ":sns:", OWN_REGION, ":", OWN_ACCOUNT, ":news"))


def notified(key_id: Any, sns: Any, **more: Any) -> Key:
    declared = {"Topic": topic(key_id, TopicName="news"), "T": trail(LITERAL, SnsTopicName=sns), **more}
    return the_key(template(ONE_PARAMETER, Key=key(), **declared))


@pytest.mark.parametrize(
    "reference", [{"Ref": "Key"}, KEY_ARN, {"Ref": "Alias"}, "alias/news", {"Fn::Sub": "${Key.Arn}"}]
)
def test_a_topic_uses_the_key(reference: Any) -> None:
    alias = resource("KMS::Alias", AliasName="alias/news", TargetKeyId={"Ref": "Key"})
    (found,) = notified(reference, "news", Alias=alias).topics
    assert (found.address, found.arn) == ("AWS::SNS::Topic.Topic", TOPIC_ARN)


@pytest.mark.parametrize("reference", [{"Ref": "Open"}, LITERAL, {"Ref": "Other"}, NOTHING])
def test_a_topic_does_not_surely_use_the_key(reference: Any) -> None:
    assert notified(reference, "news", Other=key()).topics == ()


NOTIFIES = {
    # sentence: how the trail names its topic, whether that is surely this one
    "by its name": ("news", True),
    "by Ref": ({"Ref": "Topic"}, True),
    "by the attribute": ({"Fn::GetAtt": ["Topic", "TopicName"]}, True),
    "by an ARN put together": ({"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:news"}, True),
    "by an ARN of some account": ("arn:aws:sns:eu-west-1:111122223333:news", False),
    "by another name": ("other", False),
    "by a parameter": ({"Ref": "Open"}, False),
    "not at all": (NOTHING, False),
}


@pytest.mark.parametrize(("sns", "certain"), NOTIFIES.values(), ids=NOTIFIES)
def test_a_trail_notifies_through_the_topic(sns: Any, certain: bool) -> None:
    found = notified(KEY_ARN, sns)
    assert [one.address for one in found.topics[0].trails] == ["AWS::CloudTrail::Trail.T"] * certain
    assert found.trails == ()


def test_a_topic_of_the_same_name_in_another_stack_may_be_another_regions() -> None:
    elsewhere = template(T=trail(LITERAL, SnsTopicName="news"))
    found = the_key(template(Key=key(), Topic=topic(KEY_ARN, TopicName="news")), elsewhere=elsewhere)
    assert [one.trails for one in found.topics] == [()]


def test_a_topic_under_an_open_condition_makes_two_scenarios() -> None:
    maybe = topic({"Fn::If": ["Is", KEY_ARN, NOTHING]})
    found = scenarios(template(CONDITION, Key=key(), Topic=maybe))
    assert sorted((one.scenario, len(one.topics)) for one in found) == [("Is is false", 0), ("Is is true", 1)]


# What else uses it


def nested(path: Tuple[str, ...], value: Any) -> Any:
    return value if not path else {path[0]: nested(path[1:], value)}


@pytest.mark.parametrize("kind", sorted(set(OTHER_KEY_PROPERTIES) - {TOPIC_TYPE}))
def test_something_else_uses_the_key(kind: str) -> None:
    used = {"Type": kind, "Properties": nested(OTHER_KEY_PROPERTIES[kind], KEY_ARN)}
    free = {"Type": kind, "Properties": nested(OTHER_KEY_PROPERTIES[kind], LITERAL)}
    assert the_key(template(Key=key(), Used=used, Free=free)).other_users == (f"{kind}.Used",)


def test_a_list_of_settings_is_searched() -> None:
    settings = {"EncryptionConfig": [{"Provider": {"KeyArn": LITERAL}}, {"Provider": {"KeyArn": KEY_ARN}}]}
    assert the_key(template(Key=key(), C=resource("EKS::Cluster", **settings))).other_users == ("AWS::EKS::Cluster.C",)


def test_buckets_and_aliases_are_no_such_users() -> None:
    encryption = [{"ServerSideEncryptionByDefault": {"KMSMasterKeyID": KEY_ARN}}]
    bucket = resource("S3::Bucket", BucketEncryption={"ServerSideEncryptionConfiguration": encryption})
    found = the_key(template(Key=key(), B=bucket, A=resource("KMS::Alias", AliasName="alias/a", TargetKeyId=KEY_ARN)))
    assert found.other_users == ()


# What may turn out to be this key

OPEN = {
    # sentence: what a trail and a store name as their key, what is open about it
    "a parameter": ({"Ref": "Open"}, "${Open}"),
    "an import from nowhere": ({"Fn::ImportValue": "nowhere"}, "Fn::ImportValue: nowhere"),
    "a dynamic reference": ("{{resolve:ssm:key}}", "{{resolve:ssm:key}}"),
    "an alias that nobody declares": ("alias/logs", "alias/logs"),
    "an ARN with an open id": ({"Fn::Sub": "arn:aws:kms:eu-west-1:111122223333:key/${Open}"}, None),
    "a condition with an open branch": ({"Fn::If": ["Is", {"Ref": "Other"}, {"Ref": "Open"}]}, "${Open}"),
}


@pytest.mark.parametrize(("reference", "said"), OPEN.values(), ids=OPEN)
def test_an_open_reference_may_be_this_key(reference: Any, said: Any) -> None:
    for user in (trail(reference), store(reference)):
        (found,) = the_key(template(CONDITION, Key=key(), Other=key(), U=user)).open_users
        assert said in (None, str(found))


SURE = {
    # sentence: what a trail names as its key
    "a literal ARN": LITERAL,
    "a literal id in an open account": {"Fn::Sub": LITERAL.replace("111122223333", "${Open}")},
    "another key": {"Ref": "Other"},
    "one of two other keys": {"Fn::If": ["Is", {"Ref": "Other"}, {"Ref": "Third"}]},
    "an alias of AWS": "alias/aws/s3",
    "no key": NOTHING,
    "an empty default": {"Ref": "Empty"},
}


@pytest.mark.parametrize("reference", SURE.values(), ids=SURE)
def test_this_reference_is_surely_no_key_of_the_scan(reference: Any) -> None:
    sections = {**CONDITION, "Parameters": {**ONE_PARAMETER["Parameters"], "Empty": {"Type": "String", "Default": ""}}}
    assert the_key(template(sections, Key=key(), Other=key(), Third=key(), T=trail(reference))).open_users == ()


def test_open_references_of_other_templates_say_where_they_stand() -> None:
    found = the_key(template(Key=key()), elsewhere=template(ONE_PARAMETER, T=trail({"Ref": "Open"})))
    assert list(map(str, found.open_users)) == ["${Open} (elsewhere.yaml)"]


def test_a_store_that_may_use_the_key_is_an_open_user() -> None:
    picked = store({"Fn::Select": [{"Ref": "Open"}, [KEY_ARN, {"Ref": "Other"}]]})
    found = the_key(template(ONE_PARAMETER, Key=key(), Other=key(), S=picked))
    assert (found.stores, len(found.open_users)) == ((), 1)


@pytest.mark.parametrize(
    ("other", "unseen"), [({"Ref": "Open"}, "${Open}"), (LITERAL, LITERAL), (NOTHING, None), ({"Ref": "Other"}, None)]
)
def test_a_trail_may_use_something_unseen_instead(other: Any, unseen: Any) -> None:
    either = trail({"Fn::If": ["Is", KEY_ARN, other]})
    found = scenarios(template(CONDITION, Key=key(), Other=key(), T=either))
    assert [
        (one.scenario, len(one.trails), len(one.open_trails)) for one in sorted(found, key=lambda one: one.scenario)
    ] == [
        ("Is is false", 0, 0),
        ("Is is true", 1, 0),
    ]
    assert [[str(hole) for hole in one.unseen] for one in found] == [[unseen] if unseen else []] * 2


# The key itself, and where its users are


@pytest.mark.parametrize(("said", "expected"), FLAGS.values(), ids=FLAGS)
def test_the_lockout_check_may_be_left_out(said: Any, expected: Any) -> None:
    declared = key(BypassPolicyLockoutSafetyCheck=said)
    assert the_key(template(ONE_PARAMETER, Key=declared, T=trail(KEY_ARN))).bypass == expected


def test_a_trail_of_another_stack_is_not_surely_in_the_account_of_the_key() -> None:
    export = {"Outputs": {"K": {"Value": KEY_ARN, "Export": {"Name": "key"}}}}
    elsewhere = template(T=trail({"Fn::ImportValue": "key"}))
    found = the_key(template(export, Key=key(), T=trail(KEY_ARN)), elsewhere=elsewhere)
    assert sorted(one.beside_key for one in found.trails) == [False, True]


def test_a_trail_of_the_same_outermost_stack_is_beside_the_key() -> None:
    kms = template({"Outputs": {"K": {"Value": KEY_ARN}}}, Key=key())
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "main.yaml"}}
    parent = template(Kms=stack, T=trail({"Fn::GetAtt": ["Kms", "Outputs.K"]}))
    assert [one.beside_key for one in the_key(kms, parent=parent).trails] == [True]


def test_an_event_data_store_uses_the_key() -> None:
    assert the_key(template(Key=key(), S=store(KEY_ARN))).stores == (
        EventDataStore("AWS::CloudTrail::EventDataStore.S"),
    )
