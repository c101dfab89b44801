"""What a key policy says in vain, and what KMS does not accept in it."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from ctkms.budgets import metered
from ctkms.iam.document import parse
from ctkms.iam.lint import MAX_SIZE, open_names, open_resources, problems_of
from ctkms.unknowns.text import (
    OWN_ACCOUNT,
    OWN_PARTITION,
    OWN_REGION,
    Hole,
    Kind,
    Maybe,
    Partial,
    Rest,
    fill,
    holes_in,
    join,
)

STATEMENT: Dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
ACCOUNT = Hole("${var.account}", Kind.ACCOUNT)
REGION = Hole("${data.aws_region.x.name}", Kind.REGION)
X = Hole("${var.x}")
ROOT_OF_SOME = join(("arn:aws:iam::", Hole("${var.x}", Kind.ACCOUNT), ":root"))
GROUP = Partial(("arn:aws:iam::111122223333:group/", Hole("${var.x}", Kind.NAME)))


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
        "arn:aws-iso-f:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:role/a:path/admin",
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
        (join(("arn:aws:iam::", REGION, ":root")), "which is a Region name; account ids have 12 digits"),
        (join(("arn:aws:iam:", REGION, ":111122223333:root")), "names a Region"),
        (REGION, "is a Region name; write an ARN"),
        ("arn:aws:iam::111122223333:role/*", 'in a principal only "*" alone is one'),
        ("arn:aws:iam::111122223333:user/adm?n", "has a wildcard"),
        ("arn:aws:iam::111122223333:policy/admin", "no user, role, session or account root"),
        ("arn:aws:iam::111122223333:admin", "no user, role, session or account root"),
        ("arn:aws:s3::111122223333:bucket", "no user, role, session or account root"),
        ("1111222233", "write it in quotes"),
        ("11112222333", "write it in quotes"),
        ("xarn:aws:iam::111122223333:root", 'an ARN begins with "arn:"'),
        ("ARN:aws:iam::111122223333:root", "in lower case"),
        (" arn:aws:iam::111122223333:root", "without a blank before it"),
        ("arn:aws:iam::111122223333:root ", "no user, role, session or account root"),
        ("arn:aws:iam::111122223333:role/admin ", "has a blank in the name"),
        ("arn:aws:iam::111122223333:role/a b", "has a blank in the name"),
        ("arn:aws:iam::111122223333:role/a:b", "has a colon in the name"),
        ("arn:aws:iam::111122223333:role/", "no user, role, session or account root"),
        ("arn:aws:iam::111122223333:rootuser", "no user, role, session or account root"),
        (" 111122223333", "begins or ends with a blank"),
        ("arn:aws:iam:us-east-1:111122223333:root", "names a Region"),
        ("arn:aws:sts:us-east-1:111122223333:assumed-role/a/s", "names a Region"),
        ("arn:aws-xyz:iam::111122223333:root", "is in no partition of AWS"),
        ("arn:AWS:iam::111122223333:root", "is in no partition of AWS"),
        ("arn::iam::111122223333:root", "is in no partition of AWS"),
        (join(("arn:aws:iam:eu-west-1:", ACCOUNT, ":role/", X)), "names a Region"),
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
    without_action = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
    document = parse({"Version": "2012-10-17", "Statement": [{**without_action, "NotAction": "kms:Nothing"}]})
    assert [problem.what for problem in problems_of(document)] == ['"kms:Nothing" is no KMS action']
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


KEY = join(
    (
        *("arn:", OWN_PARTITION, ":kms:", OWN_REGION, ":", OWN_ACCOUNT, ":key/"),
        Hole("${aws_kms_key.a.key_id}", Kind.KEY_ID),
    )
)
OTHER_KEY = join(
    (
        *("arn:", OWN_PARTITION, ":kms:", OWN_REGION, ":", OWN_ACCOUNT, ":key/"),
        Hole("${aws_kms_key.b.key_id}", Kind.KEY_ID),
    )
)
KEY_SPELLED_OUT = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEYS_HERE = "arn:aws:kms:us-east-1:111122223333:key/"


@pytest.mark.parametrize(
    "resource",
    [
        OTHER_KEY,
        [OTHER_KEY, KEYS_HERE + "your-key-id"],
        KEYS_HERE + "1234abcd",
        "arn:aws:s3:::logs/*",
        "arn:aws:kms:us-east-1:11112222333:key/*",
        "arn:aws:kms:us-east-1:account-id:key/*",
        "key/*",
    ],
    ids=str,
)
def test_an_allow_of_what_is_never_this_key_has_no_effect(resource: Any):
    (problem,) = problems_of(document_of({"Resource": resource}), KEY)
    assert problem.what.endswith("the statement has no effect")
    assert not problem.refused
    assert problems_of(document_of({"Resource": resource, "Effect": "Deny"}), KEY) == ()


@pytest.mark.parametrize("resource", ["*", KEY, KEYS_HERE + "*", [OTHER_KEY, "*"], X, KEYS_HERE + "mrk-*"], ids=str)
def test_an_allow_of_what_may_be_this_key_may_have_an_effect(resource: Any):
    assert problems_of(document_of({"Resource": resource}), KEY) == ()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", []),
        (KEY, []),
        ([X, "*"], []),
        (OTHER_KEY, []),  # a problem
        (X, [X]),
        ([OTHER_KEY, X], [X]),
        (Rest(X), [X]),
        (KEYS_HERE + "mrk-*", [*holes_in(KEY), X]),
    ],
    ids=str,
)
def test_whether_an_allow_has_an_effect_depends_on_an_open_resource(resource: Any, expected: List[Hole]):
    found = open_resources(document_of({"Resource": resource}), KEY)
    assert bool(found) == bool(expected)
    assert set(found) <= set(expected) or len(found) == 1
    assert open_resources(document_of({"Resource": resource, "Effect": "Deny"}), KEY) == ()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("**", []),
        ("?*", []),
        ("arn:aws:kms:*", []),
        ("arn:*", []),
        (KEY_SPELLED_OUT, [f"the id of the key {KEY_SPELLED_OUT[:29]}...{KEY_SPELLED_OUT[-28:]}"]),
        ("arn:aws:*", ["the Resource arn:aws:* (AWS does not document whether it covers this key)"]),
        ("*:key/*", ["the Resource *:key/* (AWS does not document whether it covers this key)"]),
    ],
)
def test_what_is_said_of_a_resource_that_is_spelled_out(resource: str, expected: List[str]):
    key = fill(KEY, {OWN_PARTITION: "aws"})
    assert [hole.source for hole in open_resources(document_of({"Resource": resource}), key)] == expected


@pytest.mark.parametrize("name", [None, "None"])
def test_an_unquoted_null_of_yaml(name: Any):
    (problem,) = problems(Condition={name: {"aws:SourceArn": "true"}})
    assert 'write "Null" in quotes' in problem
    assert refused(Condition={name: {"aws:SourceArn": "true"}})


@pytest.mark.parametrize(
    "elements",
    [
        {"Sid": None},
        {"Condition": None},
        {"NotAction": None},
        {"Action": ["kms:Decrypt", None]},
        {"Resource": [None]},
        {"Principal": {"AWS": None}},
        {"Principal": {"AWS": ["*", None]}},
        {"Condition": {"StringEquals": None}},
        {"Condition": {"StringEquals": {"aws:SourceArn": None}}},
        {"Condition": {"StringEquals": {"aws:SourceArn": ["a", None]}}},
    ],
    ids=str,
)
def test_a_null_is_a_problem_wherever_it_stands(elements: Any):
    assert any("null" in problem for problem in problems(**elements))
    assert refused(**elements)


@pytest.mark.parametrize("elements", [{"Id": None}, {"Version": None}, {"Statement": None}], ids=str)
def test_a_null_of_the_policy_is_a_problem(elements: Any):
    document = parse({"Version": "2012-10-17", "Statement": [STATEMENT], **elements})
    assert any("is null" in problem.what and problem.refused for problem in problems_of(document))


def test_a_sid_and_an_id_are_strings():
    assert problems(Sid=["a"]) == ['"Sid" is a list, not a string']
    assert refused(Sid={"a": "b"})
    document = parse({"Version": "2012-10-17", "Id": ["a"], "Statement": [STATEMENT]})
    assert [(problem.where, problem.refused) for problem in document.problems] == [("Id", True)]


def test_a_policy_that_is_encoded_twice():
    once = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
    (problem,) = problems_of(parse(json.dumps(once)))
    assert "a JSON string, not an object" in problem.what
    assert "take one `jsonencode` away" in problem.what
    (opened,) = problems_of(parse(join((json.dumps(once)[:-2], X, '"'))))
    assert "not an object" in opened.what


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
        {"Principal": {"AWS": Rest(X, ROOT_OF_SOME)}},  # it may be empty, and then nobody is named
        {"Principal": {"AWS": [ROOT_OF_SOME, Rest(X, GROUP)]}},
        {"Principal": {"AWS": [ROOT_OF_SOME, Maybe("${var.x}", each=ROOT_OF_SOME)]}},
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
        {"Principal": {"AWS": ["111122223333", Rest(X, join(("arn:aws:iam::", ACCOUNT, ":root")))]}},
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


def test_no_more_hints_are_looked_for_than_the_budget_has(calls_in):
    def misspelt(many: int) -> int:
        document = document_of({"Condition": {"StringEquals": {f"aws:SourceAcount{one}": "x" for one in range(many)}}})
        with metered():
            return calls_in(lambda: problems_of(document))

    few, many = misspelt(20), misspelt(400)
    assert many - few < 400 * 50


def test_no_more_patterns_of_actions_are_compared_than_an_honest_policy_has(calls_in):
    def hostile(first: int, many: int) -> Any:
        return document_of(
            {"Action": [f"kms:*{one:b}*".replace("0", "*e").replace("1", "*t") for one in range(first, many)]}
        )

    few, many = hostile(1_024, 1_524), hostile(2_048, 3_048)
    assert open_names(few) == ()
    assert "500 patterns" in str(open_names(many)[0])
    assert calls_in(lambda: problems_of(many)) < 2 * calls_in(lambda: problems_of(few))
