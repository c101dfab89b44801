"""The roles, users and buckets around a key: small templates, one claim each."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctkms.cloudtrail.resources import Key, Person, Trail
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, join

FILE = "/work/main.yaml"
NOTHING = {"Ref": "AWS::NoValue"}
CONDITIONS = {
    "Never": {"Fn::Equals": ["a", "b"]},
    "Always": {"Fn::Equals": ["a", "a"]},
    "Open": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
}
PARAMETERS = {"Env": {"Type": "String"}, "Other": {"Type": "String"}}


def marked(value: Any) -> Any:
    """A template the way Checkov's parser gives it."""
    if isinstance(value, dict):
        inner = {key: marked(item) for key, item in value.items()}
        return {**inner, "__file__": FILE, "__startline__": 1, "__endline__": 9}
    return [marked(item) for item in value] if isinstance(value, list) else value


def template(**declared: Any) -> Dict[str, Any]:
    return {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": declared}


def resource(kind: str, condition: str = "", **properties: Any) -> Dict[str, Any]:
    declared = {"Type": kind, "Properties": properties}
    return {**declared, "Condition": condition} if condition else declared


def key(policy: Any = None) -> Dict[str, Any]:
    return resource("AWS::KMS::Key", KeyPolicy=policy or {"Statement": []})


def trail(bucket: Any) -> Dict[str, Any]:
    return resource(
        "AWS::CloudTrail::Trail", TrailName="audit", S3BucketName=bucket, KMSKeyId={"Fn::GetAtt": ["Key", "Arn"]}
    )


def scenarios(main: Any, **others: Any) -> Tuple[Key, ...]:
    files = {f"/work/{name}.yaml": marked(body) for name, body in others.items()}
    subject = Templates({FILE: marked(main), **files}).subject(FILE, "Key")
    assert subject is not None
    return subject.scenarios


# Buckets


def bucket(encryption: Any = None, **properties: Any) -> Dict[str, Any]:
    given = {} if encryption is None else {"BucketEncryption": encryption}
    return resource("AWS::S3::Bucket", **given, **properties)


def rules(*settings_of: Any) -> Dict[str, Any]:
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    return {"ServerSideEncryptionConfiguration": [{**rule, **setting} for setting in settings_of]}


def the_trail(main: Any, **others: Any) -> Trail:
    (only,) = scenarios(main, **others)
    (found,) = only.trails
    return found


BUCKETS = {
    # sentence: the name that the trail gives, the bucket that the template declares, whether it is that one
    "referred to": ({"Ref": "Bucket"}, bucket(), True),
    "referred to, with a name": ({"Ref": "Bucket"}, bucket(BucketName="logs"), True),
    "of the same name": ("logs", bucket(BucketName="logs"), True),
    "of a name spelled alike": ({"Fn::Sub": "${Env}-logs"}, bucket(BucketName={"Fn::Sub": "${Env}-logs"}), True),
    "of another name": ("logs", bucket(BucketName="other"), False),
    "without a name, where the trail spells one out": ("logs", bucket(), False),
    "of a name that nobody knows": ({"Ref": "Other"}, bucket(BucketName="logs"), False),
    "that does not exist": ("logs", {**bucket(BucketName="logs"), "Condition": "Never"}, False),
    "that is something else": ({"Ref": "Bucket"}, resource("AWS::SNS::Topic"), False),
    "picked by a condition": ({"Fn::If": ["Always", {"Ref": "Bucket"}, "logs"]}, bucket(), True),
    "missing": (NOTHING, bucket(), False),
}


@pytest.mark.parametrize(("name", "declared", "found"), BUCKETS.values(), ids=BUCKETS)
def test_a_trail_delivers_to_a_bucket(name: Any, declared: Any, found: bool) -> None:
    user = the_trail(template(Key=key(), Trail=trail(name), Bucket=declared))
    assert (user.bucket_region, user.bucket_key) == ((OWN_REGION, False) if found else (None, None))


BUCKET_KEYS = {
    # sentence: the bucket's encryption, whether it has a bucket key
    "no encryption": (None, False),
    "encryption taken away": (NOTHING, False),
    "encryption without a bucket key": (rules({}), False),
    "no rules": ({}, False),
    "a bucket key": (rules({"BucketKeyEnabled": True}), True),
    "a bucket key in words": (rules({"BucketKeyEnabled": "true"}), True),
    "a bucket key ruled out": (rules({"BucketKeyEnabled": False}), False),
    "a bucket key in the second rule": (rules({}, {"BucketKeyEnabled": True}), True),
    "a bucket key as a parameter says": (rules({"BucketKeyEnabled": {"Ref": "Env"}}), Hole("${Env}")),
    "encryption as a parameter says": ({"Ref": "Env"}, Hole("${Env}")),
    "rules as a parameter says": ({"ServerSideEncryptionConfiguration": {"Ref": "Env"}}, Hole("${Env}")),
    "nonsense": (rules({"BucketKeyEnabled": "perhaps"}), Hole("BucketKeyEnabled: perhaps")),
}


@pytest.mark.parametrize(("encryption", "expected"), BUCKET_KEYS.values(), ids=BUCKET_KEYS)
def test_a_bucket_has(encryption: Any, expected: Any) -> None:
    user = the_trail(template(Key=key(), Trail=trail({"Ref": "Bucket"}), Bucket=bucket(encryption)))
    assert user.bucket_key == expected


def test_a_bucket_key_under_a_condition_makes_two_scenarios() -> None:
    encryption = rules({"BucketKeyEnabled": {"Fn::If": ["Open", True, False]}})
    found = scenarios(template(Key=key(), Trail=trail({"Ref": "Bucket"}), Bucket=bucket(encryption)))
    assert {scenario.scenario: scenario.trails[0].bucket_key for scenario in found} == {
        "Open is false": False,
        "Open is true": True,
    }


EXPORTS = {
    # sentence: the bucket of another stack that exports its name
    "with a name": bucket(rules({"BucketKeyEnabled": True}), BucketName={"Fn::Sub": "${Env}-logs"}),
    "without a name": bucket(rules({"BucketKeyEnabled": True})),
}


@pytest.mark.parametrize("declared", EXPORTS.values(), ids=EXPORTS)
def test_a_bucket_of_another_stack_is_imported(declared: Any) -> None:
    outputs = {"Name": {"Value": {"Ref": "Bucket"}, "Export": {"Name": "logs-bucket"}}}
    other = {**template(Bucket=declared), "Outputs": outputs}
    user = the_trail(template(Key=key(), Trail=trail({"Fn::ImportValue": "logs-bucket"})), other=other)
    assert (user.bucket_region, user.bucket_key) == (OWN_REGION, True)


def test_a_bucket_of_the_same_name_in_an_unrelated_stack_may_be_in_any_region() -> None:
    user = the_trail(template(Key=key(), Trail=trail("logs")), other=template(Bucket=bucket(BucketName="logs")))
    assert (user.bucket_region, user.bucket_key) == (None, None)


def test_a_bucket_of_a_nested_stack() -> None:
    stack = resource("AWS::CloudFormation::Stack", TemplateURL="child.yaml")
    child = {**template(Bucket=bucket(BucketName="logs")), "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}}}
    main = template(Key=key(), Stack=stack, Trail=trail({"Fn::GetAtt": ["Stack", "Outputs.Name"]}))
    user = the_trail(main, child=child)
    assert (user.bucket_region, user.bucket_key) == (OWN_REGION, False)


# People


def iam(kind: str, condition: str = "", **properties: Any) -> Dict[str, Any]:
    return resource(f"AWS::IAM::{kind}", condition, **properties)


def arn(name: Any, kind: str = "role/") -> Any:
    return join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":", kind, name))


def people(main: Any, **others: Any) -> Tuple[Person, ...]:
    (only,) = scenarios(main, **others)
    return only.people


AUDIT = trail("logs")
TRUST = {"Statement": [{"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${Env}:root"}}}]}


def test_a_role_as_it_stands() -> None:
    role = iam("Role", RoleName="reader", Path="/logs/", AssumeRolePolicyDocument=TRUST)
    (found,) = people(template(Key=key(), Trail=AUDIT, Reader=role))
    assert (found.address, found.arn) == ("AWS::IAM::Role.Reader", arn("logs/reader"))
    principal = {"AWS": join(("arn:aws:iam::", Hole("${Env}"), ":root"))}
    assert found.trust_policy == {"Statement": [{"Principal": principal}]}
    assert found.identity_policies is None


def test_an_unnamed_user_is_called_as_the_key_policy_calls_it() -> None:
    policy = {"Principal": {"AWS": {"Fn::GetAtt": ["Reader", "Arn"]}}}
    (only,) = scenarios(template(Key=key(policy), Trail=AUDIT, Reader=iam("User")))
    (found,) = only.people
    assert only.policy == {"Principal": {"AWS": found.arn}}
    assert (found.address, found.trust_policy, found.identity_policies) == ("AWS::IAM::User.Reader", None, None)
    name = Hole("the name CloudFormation gives Reader", Kind.NAME)
    assert str(found.arn) == str(arn(name, "user/"))


def test_without_roles_and_users_there_are_no_people() -> None:
    assert people(template(Key=key(), Trail=AUDIT, Group=iam("Group"))) == ()


def test_a_role_that_does_not_exist_is_nobody() -> None:
    assert people(template(Key=key(), Trail=AUDIT, Role=iam("Role", "Never"))) == ()


DOCUMENT = {"Statement": [{"Action": "kms:Decrypt"}]}
INLINE = [{"PolicyName": "read", "PolicyDocument": DOCUMENT}]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SPELLED = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/read"
REF = {"Ref": "Reader"}

POLICIES: Dict[str, Tuple[Any, Dict[str, Any], Any]] = {
    # sentence: the reader, what else the template declares, the reader's identity policies
    "none": (iam("Role"), {}, None),
    "inline": (iam("Role", Policies=INLINE), {}, (DOCUMENT,)),
    "inline, taken away": (iam("Role", Policies=[{"Fn::If": ["Never", INLINE[0], NOTHING]}]), {}, None),
    "inline, unknown": (iam("Role", Policies={"Ref": "Env"}), {}, (Hole("${Env}"),)),
    "inline, of a user": (iam("User", Policies=INLINE), {}, (DOCUMENT,)),
    "a policy of its own": (iam("Role"), {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles=[REF])}, (DOCUMENT,)),
    "a policy as text": (iam("Role"), {"P": iam("Policy", PolicyDocument="{}", Roles=[REF])}, ("{}",)),
    "a policy that does not exist": (
        iam("Role"),
        {"P": iam("Policy", "Never", PolicyDocument=DOCUMENT, Roles=[REF])},
        None,
    ),
    "a policy of another role, whatever a parameter calls the two": (
        iam("Role", RoleName={"Ref": "Env"}),
        {
            "P": iam("Policy", PolicyDocument=DOCUMENT, Roles=[{"Ref": "Writer"}]),
            "Writer": iam("Role", RoleName={"Ref": "Other"}),
        },
        None,
    ),
    "a policy for the same name": (
        iam("Role", RoleName="reader"),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles=["reader"])},
        (DOCUMENT,),
    ),
    "a policy for another name": (
        iam("Role", RoleName="reader"),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles=["writer"])},
        None,
    ),
    "a policy for a name that differs in what is known": (
        iam("Role", RoleName={"Fn::Sub": "${Env}-reader"}),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles=[{"Fn::Sub": "${Env}-writer"}])},
        None,
    ),
    "a policy for whom a parameter says": (
        iam("Role", RoleName="reader"),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles=[{"Ref": "Env"}])},
        (Hole("policy AWS::IAM::Policy.P"),),
    ),
    "a policy for those whom a parameter lists": (
        iam("Role"),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Roles={"Fn::Split": [",", {"Ref": "Env"}]})},
        (Hole("policy AWS::IAM::Policy.P"),),
    ),
    "a policy for users of the same name": (
        iam("Role", RoleName="reader"),
        {"P": iam("Policy", PolicyDocument=DOCUMENT, Users=["reader"])},
        None,
    ),
    "a role policy": (iam("Role"), {"P": iam("RolePolicy", PolicyDocument=DOCUMENT, RoleName=REF)}, (DOCUMENT,)),
    "a user policy": (iam("User"), {"P": iam("UserPolicy", PolicyDocument=DOCUMENT, UserName=REF)}, (DOCUMENT,)),
    "a managed policy that lists the user": (
        iam("User"),
        {"P": iam("ManagedPolicy", PolicyDocument=DOCUMENT, Users=[REF])},
        (DOCUMENT,),
    ),
    "a managed policy that the role names": (
        iam("Role", ManagedPolicyArns=[{"Ref": "P"}]),
        {"P": iam("ManagedPolicy", PolicyDocument=DOCUMENT)},
        (DOCUMENT,),
    ),
    "a managed policy that the role names by its ARN": (
        iam("Role", ManagedPolicyArns=[{"Fn::Sub": SPELLED}]),
        {"P": iam("ManagedPolicy", PolicyDocument=DOCUMENT, ManagedPolicyName="read")},
        (DOCUMENT,),
    ),
    "a managed policy attached from both sides": (
        iam("Role", ManagedPolicyArns=[{"Fn::GetAtt": ["P", "PolicyArn"]}]),
        {"P": iam("ManagedPolicy", PolicyDocument=DOCUMENT, Roles=[REF])},
        (DOCUMENT,),
    ),
    "a managed policy of AWS": (
        iam("Role", ManagedPolicyArns=[READ_ONLY], Policies=INLINE),
        {},
        (DOCUMENT, Hole(f"policy {READ_ONLY}")),
    ),
    "managed policies that a parameter lists": (
        iam("Role", ManagedPolicyArns={"Ref": "Env"}),
        {},
        (Hole("policy ${Env}"),),
    ),
    "the policies of a group": (
        iam("User", Groups=[{"Ref": "G"}]),
        {
            "G": iam("Group", Policies=INLINE),
            "P": iam("GroupPolicy", PolicyDocument="{}", GroupName={"Ref": "G"}),
        },
        (DOCUMENT, "{}"),
    ),
    "the policies of a group that it is added to": (
        iam("User"),
        {
            "G": iam("Group", Policies=INLINE),
            "A": iam("UserToGroupAddition", GroupName={"Ref": "G"}, Users=[REF]),
        },
        (DOCUMENT,),
    ),
    "the policies of a group from elsewhere": (iam("User", Groups=["ops"]), {}, (Hole("policies of group ops"),)),
    "what a permissions boundary leaves": (
        iam("Role", Policies=INLINE, PermissionsBoundary=READ_ONLY),
        {},
        (DOCUMENT, Hole("permissions boundary of AWS::IAM::Role.Reader")),
    ),
    "whatever a macro makes": (
        {"Type": "AWS::IAM::Role", "Properties": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {},
        (
            Hole("Policies from Fn::Transform"),
            Hole("policy ManagedPolicyArns from Fn::Transform"),
            Hole("permissions boundary of AWS::IAM::Role.Reader"),
        ),
    ),
}


@pytest.mark.parametrize(("reader", "others", "expected"), POLICIES.values(), ids=POLICIES)
def test_a_reader_has(reader: Any, others: Dict[str, Any], expected: Any) -> None:
    found, *_ = people(template(Key=key(), Trail=AUDIT, Reader=reader, **others))
    assert found.identity_policies == expected


OPEN_POLICY = iam("Policy", "Open", PolicyDocument=DOCUMENT, Roles=[REF])


def test_what_is_open_about_a_reader_whom_the_policy_names_makes_scenarios() -> None:
    policy = {"Principal": {"AWS": {"Fn::GetAtt": ["Reader", "Arn"]}}}
    found = scenarios(template(Key=key(policy), Trail=AUDIT, Reader=iam("Role"), P=OPEN_POLICY))
    assert {scenario.scenario: scenario.people[0].identity_policies for scenario in found} == {
        "Open is false": None,
        "Open is true": (DOCUMENT,),
    }


def test_what_is_open_about_anybody_else_stays_open() -> None:
    (found,) = people(template(Key=key(), Trail=AUDIT, Reader=iam("Role"), P=OPEN_POLICY))
    assert found.identity_policies == (Hole("policy AWS::IAM::Policy.P"),)


def test_people_of_the_parent_stack_are_known() -> None:
    stack = resource("AWS::CloudFormation::Stack", TemplateURL="main.yaml", Parameters={"Env": {"Ref": "Reader"}})
    parent = template(Stack=stack, Reader=iam("Role", RoleName="reader"))
    (found,) = people(template(Key=key(), Trail=AUDIT), parent=parent)
    assert (found.address, found.arn) == ("AWS::IAM::Role.Reader (parent.yaml)", arn("reader"))


def test_people_of_a_stack_whose_exports_the_policy_uses_are_known() -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Reader", "Arn"]}, "Export": {"Name": "reader"}}}
    other = {**template(Reader=iam("Role")), "Outputs": outputs}
    policy = {"Principal": {"AWS": {"Fn::ImportValue": "reader"}}}
    (only,) = scenarios(template(Key=key(policy), Trail=AUDIT), other=other)
    (found,) = only.people
    assert only.policy == {"Principal": {"AWS": found.arn}}


def test_people_of_unrelated_stacks_are_not() -> None:
    assert people(template(Key=key(), Trail=AUDIT), other=template(Reader=iam("Role"))) == ()


def test_the_keys_of_a_template_share_their_people() -> None:
    templates = Templates({FILE: marked(template(Key=key(), Second=key(), Trail=AUDIT, Reader=iam("Role")))})
    first, second = templates.subject(FILE, "Key"), templates.subject(FILE, "Second")
    assert first is not None
    assert second is not None
    assert first.scenarios[0].people[0] is second.scenarios[0].people[0]


# No template, however misshapen, raises.

NAMES = st.sampled_from(["Key", "Reader", "P", "G", "Bucket", "Open", "Env", "AWS::NoValue", "logs"])
FUNCTIONS = st.sampled_from(["Ref", "Fn::GetAtt", "Fn::If", "Fn::ImportValue", "Fn::Split", "Fn::Transform"])
VALUES = st.recursive(
    st.one_of(NAMES, st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(FUNCTIONS, inner, max_size=1),
        st.dictionaries(st.one_of(NAMES, st.sampled_from(["PolicyDocument", "BucketKeyEnabled"])), inner, max_size=2),
    ),
    max_leaves=8,
)
PROPERTIES = (
    "RoleName UserName GroupName Path Policies PolicyDocument ManagedPolicyArns ManagedPolicyName Roles Users Groups "
    "PermissionsBoundary AssumeRolePolicyDocument BucketName BucketEncryption S3BucketName Fn::Transform"
).split()
TYPES = st.sampled_from(
    "IAM::Role IAM::User IAM::Group IAM::Policy IAM::ManagedPolicy IAM::RolePolicy IAM::UserPolicy IAM::GroupPolicy "
    "IAM::UserToGroupAddition S3::Bucket CloudTrail::Trail".split()
).map("AWS::{}".format)
RESOURCES = st.fixed_dictionaries(
    {"Type": TYPES, "Properties": st.dictionaries(st.sampled_from(PROPERTIES), VALUES, max_size=5)},
    optional={"Condition": NAMES},
)


@settings(max_examples=200)
@given(st.fixed_dictionaries(dict.fromkeys(("Reader", "P", "G", "Bucket"), RESOURCES)), VALUES, VALUES)
def test_any_template_has_an_answer(declared: Any, policy: Any, delivered_to: Any) -> None:
    main = template(Key=key(policy), Trail=trail(delivered_to), **declared)
    main["Outputs"] = {"O": {"Value": policy, "Export": {"Name": "logs"}}}
    assert isinstance(Templates({FILE: main}).subject(FILE, "Key"), Subject)
