"""What a key policy says in vain, and what KMS does not accept in it."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from ctkms.iam.document import parse
from ctkms.iam.lint import MAX_SIZE, open_names, problems_of
from ctkms.iam.text import Hole, Kind, Partial, Rest, join

STATEMENT: Dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
ACCOUNT = Hole("${var.account}", Kind.ACCOUNT)
X = Hole("${var.x}")


def document_of(*statements: Any) -> Any:
    return parse({"Version": "2012-10-17", "Statement": [{**STATEMENT, **one} for one in statements]})


def problems(**elements: Any) -> List[str]:
    return [problem.what for problem in problems_of(document_of(elements))]


def refused(**elements: Any) -> bool:
    return any(problem.refused for problem in problems_of(document_of(elements)))


def test_a_sound_policy_has_no_problems():
    assert problems() == []
    assert (
        problems(
            Principal={
                "AWS": ["arn:aws:iam::111122223333:root", "111122223333"],
                "Service": "cloudtrail.amazonaws.com",
            },
            Action=["kms:GenerateDataKey*", "kms:DescribeKey", "KMS:reencryptfrom"],
            Condition={
                "StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"},
                "ForAnyValue:StringLikeIfExists": {"kms:EncryptionContext:aws:cloudtrail:arn": "*"},
                "Null": {"aws:PrincipalTag/team": "true"},
            },
        )
        == []
    )


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "arn:aws-cn:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:role/path/to/admin",
        "arn:aws:iam::111122223333:role/aws-service-role/trustedadvisor.amazonaws.com/AWSServiceRoleForTrustedAdvisor",
        "arn:aws:sts::111122223333:assumed-role/admin/session",
        "arn:aws:sts::111122223333:federated-user/alice",
        X,
        Rest(X),
        ACCOUNT,
        join(("arn:aws:iam::", ACCOUNT, ":root")),
        join(("arn:", Hole("${var.p}", Kind.PARTITION), ":iam::111122223333:role/", X)),
        Partial((X, Hole("${var.y}"))),
    ],
    ids=str,
)
def test_principals_that_kms_takes(name: Any):
    assert problems(Principal={"AWS": [name]}) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("11112222333", "has 11 digits; account ids have 12"),
        ("1111222233334", "has 13 digits"),
        ("1111-2222-3333", "is no principal"),
        ("", "is no principal"),
        ("alice", "is no principal"),
        ("arn:aws:iam::account-id:root", 'the account "account-id"'),
        ("arn:aws:iam::11112222333:root", "has 11 digits"),
        ("arn:aws:iam:::root", "is no account id"),
        ("arn:aws:iam::*:root", "is no account id"),
        ("arn:aws:iam::111122223333:group/admins", "groups are no principals"),
        ("arn:aws:iam::111122223333:role/*", 'in a principal only "*" alone is one'),
        ("arn:aws:iam::111122223333:user/adm?n", "has a wildcard"),
        ("arn:aws:iam::111122223333:policy/admin", "no user, role, session or account root"),
        ("arn:aws:iam::111122223333:admin", "no user, role, session or account root"),
        ("arn:aws:s3::111122223333:bucket", "no user, role, session or account root"),
        ("AROAEXAMPLEIDOFAROLE1", "what is left of a deleted user or role"),
        (join(("arn:aws:iam::", ACCOUNT, ":group/admins")), "groups are no principals"),
        (join(("arn:aws:iam::11112222333:role/", X)), "has 11 digits"),
    ],
    ids=str,
)
def test_principals_that_kms_refuses(name: Any, expected: str):
    (problem,) = problems(Principal={"AWS": [name]})
    assert expected in problem
    assert refused(Principal={"AWS": [name]})


@pytest.mark.parametrize(
    "name", ["cloudtrail", "cloudtrail.amazon", "Cloudtrail.amazonaws.com", "*", "https://a.amazonaws.com"]
)
def test_services_that_are_none(name: str):
    assert problems(Principal={"Service": name}) == [f'"{name}" is no service principal']


@pytest.mark.parametrize("name", ["cloudtrail.amazonaws.com", "logs.eu-west-1.amazonaws.com", "ec2.amazonaws.com.cn"])
def test_services(name: str):
    assert problems(Principal={"Service": name}) == []


def test_actions_that_kms_does_not_know_are_told_and_not_refused():
    assert problems(Action="kms:Decript") == ['"kms:Decript" is no KMS action; did you mean "kms:Decrypt"?']
    assert problems(Action=["kms:Decrypt", "s3:GetObject"]) == ['"s3:GetObject" is no KMS action']
    assert not refused(Action="kms:Decript")
    assert problems(NotAction="kms:Nothing", Action=None) == ['"kms:Nothing" is no KMS action']
    assert problems(Action=[join(("kms:", X)), Rest(X)]) == []


def test_operators_that_aws_does_not_know_are_refused():
    for operator in ("StringMatches", "StringEqual", "NullIfExists", "ForSomeValues:StringEquals", "ForAnyValue:Null"):
        (problem,) = problems(Condition={operator: {"aws:SourceArn": "x"}})
        assert problem == f'"{operator}" is no condition operator'
        assert refused(Condition={operator: {"aws:SourceArn": "x"}})


def test_condition_keys_that_aws_does_not_know_are_told_with_the_likely_one():
    (problem,) = problems(Condition={"StringEquals": {"aws:SourceAcount": "111122223333"}})
    assert problem.endswith('so it is absent from every request; did you mean "aws:SourceAccount"?')
    assert not refused(Condition={"StringEquals": {"aws:SourceAcount": "111122223333"}})


@pytest.mark.parametrize(
    "key", ["ec2:SourceInstanceARN", "accounts.google.com:sub", "AWS:sourcearn", X, join(("aws:", X))]
)
def test_condition_keys_that_may_be_there(key: Any):
    assert problems(Condition={"StringEquals": {key: "x"}}) == []


def test_an_alias_is_no_resource_of_a_key_policy():
    (problem,) = problems(Resource="arn:aws:kms:us-east-1:111122223333:alias/audit")
    assert 'so write "*"' in problem


def test_problems_of_the_grammar_come_along():
    assert any("no effect" in problem for problem in problems(Resource=None))
    assert any("Effect" in problem for problem in problems(Effect="allow"))


def test_a_problem_knows_where_it_is():
    document = document_of({}, {"Action": "kms:Decript"}, {"Condition": {"StringEquals": {"kms:Via": "x"}}})
    assert [(problem.where, problem.statement) for problem in problems_of(document)] == [
        ("Statement/[1]/Action", 1),
        ("Statement/[2]/Condition/StringEquals/kms:Via", 2),
    ]


def test_a_sid_that_stands_twice():
    document = document_of({"Sid": "a"}, {"Sid": "b"}, {"Sid": "a"}, {}, {})
    assert [(problem.where, problem.refused) for problem in problems_of(document)] == [("Statement/[2]/Sid", False)]
    assert problems_of(document_of({"Sid": X}, {"Sid": X})) == ()


def test_kms_takes_no_more_than_its_limit():
    overhead = document_of({"Sid": ""}).size
    assert problems(Sid="x" * (MAX_SIZE - overhead)) == []
    (problem,) = problems(Sid="x" * (MAX_SIZE - overhead + 1))
    assert problem == "the policy has 32,769 bytes; KMS takes 32,768 at most"


def test_open_statements_have_no_problems_of_their_own():
    assert problems_of(parse({"Version": "2012-10-17", "Statement": [Rest(X)]})) == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": X},
        {"Principal": {"AWS": X}},
        {"Principal": {X: "*"}},
        {"Principal": X},
        {"Action": [X]},
        {"Condition": X},
        {"Condition": {X: {"aws:SourceArn": "x"}}},
        {"Condition": {"StringEquals": {join(("aws:", X)): "x"}}},
        {X: "x"},
    ],
    ids=str,
)
def test_whether_kms_accepts_a_policy_depends_on_open_names(elements: Any):
    assert open_names(document_of(elements)) == (X,)


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": X},
        {"Condition": {"StringEquals": {"aws:SourceArn": X}}},
        {"Principal": {"AWS": join(("arn:aws:iam::", ACCOUNT, ":root"))}},
    ],
    ids=str,
)
def test_whether_kms_accepts_a_policy_does_not_depend_on_open_values(elements: Any):
    assert open_names(document_of(elements)) == ()


def test_an_open_policy_and_an_open_version_are_open_names():
    assert open_names(parse(X)) == (X,)
    assert open_names(parse({"Version": X, "Statement": [STATEMENT]})) == (X,)


def test_a_policy_far_beyond_the_limit_gets_no_hints_and_short_messages():
    many = [f"kms:Decript{index}" for index in range(10_000)]
    document = document_of({"Action": [*many, "kms:" + "x" * 1_000_000]})
    found = problems_of(document)
    assert len(found) == 10_002
    assert all(len(problem.what) < 300 for problem in found)
