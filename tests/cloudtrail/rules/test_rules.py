"""What the rules say about key policies: each case is a policy, in words, and the rules that fail or stay open."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from tests.cloudtrail.policies import (
    ACCOUNT,
    AUDIT,
    CONSOLE_READ,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    GOOD,
    KEY_ARN,
    OTHER,
    READ,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    allow,
    deny,
    findings,
    having,
    numbers,
    policy,
)

from ctkms.cloudtrail.findings import FAILED, SKIPPED
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.resources import EventDataStore, Key, Trail, trail_arn
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, join

FAILS = {
    "a Deny that spares one role leaves the policy to him": (
        policy(
            *GOOD,
            deny(
                "*",
                "kms:PutKeyPolicy",
                {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}},
            ),
        ),
        set(),
    ),
    "a Deny that spares the roles of a path leaves the policy to them": (
        policy(
            *GOOD,
            deny(
                "*",
                "kms:PutKeyPolicy",
                {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admins/*"}},
            ),
        ),
        set(),
    ),
    "StringNotEquals compares a wildcard literally, so it spares nobody": (
        policy(
            *GOOD,
            deny(
                "*",
                "kms:PutKeyPolicy",
                {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admins/*"}},
            ),
        ),
        {62},
    ),
    "who is spared by one Deny has to be spared by the other": (
        policy(
            *GOOD,
            *(
                deny(
                    "*", "kms:PutKeyPolicy", {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{one}"}}
                )
                for one in ("a", "b")
            ),
        ),
        {62},
    ),
    "a role may be spared by two patterns at once": (
        policy(
            *GOOD,
            *(
                deny(
                    "*", "kms:PutKeyPolicy", {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{one}"}}
                )
                for one in ("a*", "*b")
            ),
        ),
        set(),
    ),
    "a spared role has to be allowed: its account is not": (
        policy(
            *GOOD,
            deny(
                "*",
                "kms:PutKeyPolicy",
                {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/admin"}},
            ),
        ),
        {62},
    ),
    "NotPrincipal spares a role that it names with its account": (
        policy(
            *GOOD,
            having(
                deny({}, "kms:PutKeyPolicy"),
                Principal=None,
                NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:role/admin"]},
            ),
        ),
        set(),
    ),
    "the own organization is a guard that own principals pass": (
        policy(
            *GOOD,
            deny(
                "*",
                ["kms:Decrypt", "kms:PutKeyPolicy"],
                {
                    "StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        ),
        set(),
    ),
    "a reader's encryption context does not let him change the policy": (
        policy(
            having(ROOT, Condition={"StringEquals": {CONTEXT: TRAIL_ARN}}),
            ENCRYPT,
            DESCRIBE,
        ),
        {62},
    ),
    "AWS's documented policy keeps every rule": (policy(*GOOD), set()),
    "the console's reader statement keeps strangers out": (policy(ROOT, ENCRYPT, DESCRIBE, CONSOLE_READ), set()),
    "the console's DescribeKey without condition serves other trails too": (
        policy(ROOT, ENCRYPT, having(DESCRIBE, Condition=None), CONSOLE_READ),
        {24},
    ),
    "CloudTrail may decrypt as documented for S3 Bucket Keys": (policy(*GOOD, allow(SERVICE, "kms:Decrypt")), set()),
    "without a policy only the account root may do anything": (None, {1, 2}),
    "the account root alone does not let CloudTrail work": (policy(ROOT), {1, 2}),
    "without an encrypt statement nothing is delivered": (policy(ROOT, DESCRIBE, READ), {1}),
    "without DescribeKey CloudTrail cannot check the key": (policy(ROOT, ENCRYPT, READ), {2}),
    "a condition on the encryption context is never met by DescribeKey": (
        policy(ROOT, ENCRYPT, having(DESCRIBE, Condition=ENCRYPT["Condition"]), READ),
        {2},
    ),
    "StringEquals compares a wildcard literally": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceArn": TRAIL_ARN, CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}
                },
            ),
            DESCRIBE,
            READ,
        ),
        {1},
    ),
    "two different accounts at once are never this one": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceArn": TRAIL_ARN},
                    "StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{OTHER}:trail/*"},
                },
            ),
            DESCRIBE,
            READ,
        ),
        {1},
    ),
    "a second account may encrypt too": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceArn": TRAIL_ARN},
                    "StringLike": {CONTEXT: [f"arn:aws:cloudtrail:*:{one}:trail/*" for one in (ACCOUNT, OTHER)]},
                },
            ),
            DESCRIBE,
            READ,
        ),
        set(),
    ),
    "account-id left over from the documentation is no account": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceArn": TRAIL_ARN},
                    "StringLike": {CONTEXT: "arn:aws:cloudtrail:*:account-id:trail/*"},
                },
            ),
            DESCRIBE,
            READ,
        ),
        {1},
    ),
    "without any condition every account's trail may use the key": (
        policy(ROOT, having(ENCRYPT, Condition=None), DESCRIBE, READ),
        {20, 21, 22},
    ),
    "without aws:SourceArn another trail of the account is let in": (
        policy(ROOT, having(ENCRYPT, Condition={"StringLike": ENCRYPT["Condition"]["StringLike"]}), DESCRIBE, READ),
        {22},
    ),
    "aws:SourceAccount alone does not name the trail": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "StringLike": ENCRYPT["Condition"]["StringLike"],
                },
            ),
            DESCRIBE,
            READ,
        ),
        {22},
    ),
    "without an encryption-context condition only aws:SourceArn names accounts": (
        policy(ROOT, having(ENCRYPT, Condition={"StringEquals": {"aws:SourceArn": TRAIL_ARN}}), DESCRIBE, READ),
        {21},
    ),
    "a pattern of trail names lets another trail in": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/audit*"},
                    "StringLike": ENCRYPT["Condition"]["StringLike"],
                },
            ),
            DESCRIBE,
            READ,
        ),
        {22},
    ),
    "a pattern of account ids lets some stranger in": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringLike": {
                        "aws:SourceArn": "arn:aws:cloudtrail:*:1111*:trail/audit",
                        CONTEXT: "arn:aws:cloudtrail:*:1111*:trail/*",
                    }
                },
            ),
            DESCRIBE,
            READ,
        ),
        {20, 21},
    ),
    "a second grant without conditions undoes the first": (
        policy(*GOOD, allow(SERVICE, ["kms:GenerateDataKey*", "kms:Decrypt"])),
        {20, 21, 22},
    ),
    "everyone may do everything": (
        policy(allow({"AWS": "*"}, "kms:*")),
        {20, 21, 22, 23, 24, 62},
    ),
    "everyone who brings an encryption context may decrypt": (
        policy(ROOT, ENCRYPT, DESCRIBE, allow({"AWS": "*"}, "kms:Decrypt", {"Null": {CONTEXT: "false"}})),
        {23},
    ),
    "everyone in roles of a certain name may decrypt, and anybody can name a role so": (
        policy(
            ROOT,
            ENCRYPT,
            DESCRIBE,
            allow({"AWS": "*"}, "kms:Decrypt", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader-*"}}),
        ),
        {23, 41},
    ),
    "everyone of one organization may decrypt with the context": (
        policy(
            ROOT,
            ENCRYPT,
            DESCRIBE,
            allow(
                {"AWS": "*"},
                "kms:Decrypt",
                {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}, "Null": {CONTEXT: "false"}},
            ),
        ),
        set(),
    ),
    "a condition that strangers can meet does not keep them out": (
        policy(
            ROOT,
            ENCRYPT,
            DESCRIBE,
            allow(
                {"AWS": "*"},
                "kms:Decrypt",
                {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "Null": {CONTEXT: "false"}},
            ),
        ),
        {23},
    ),
    "an address range of one's own keeps strangers out": (
        policy(
            ROOT,
            ENCRYPT,
            DESCRIBE,
            allow(
                {"AWS": "*"},
                "kms:Decrypt",
                {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Null": {CONTEXT: "false"}},
            ),
        ),
        set(),
    ),
    "nobody may decrypt": (
        policy(having(ROOT, Action=["kms:PutKeyPolicy", "kms:Describe*"]), ENCRYPT, DESCRIBE),
        {40},
    ),
    "a reader without the encryption context decrypts anything": (
        policy(ROOT, ENCRYPT, DESCRIBE, having(READ, Condition=None)),
        {41},
    ),
    "a reader who administers the key may decrypt anything": (
        policy(ROOT, ENCRYPT, DESCRIBE, having(READ, Condition=None, Action="kms:*")),
        set(),
    ),
    "nobody may change the key policy": (policy(having(ROOT, Action="kms:Decrypt"), ENCRYPT, DESCRIBE), {62}),
    "who may change the policy is in the key's account, so the trail of another account is foreign": (
        policy(
            having(ROOT, Action="kms:Decrypt"),
            having(ROOT, Principal={"AWS": OTHER}, Action="kms:*"),
            ENCRYPT,
            DESCRIBE,
        ),
        {1, 2},
    ),
    "a Deny on foreign organizations stops CloudTrail, which is in none": (
        policy(
            *GOOD,
            having(
                ROOT,
                Effect="Deny",
                Principal="*",
                Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
            ),
        ),
        {1, 2},
    ),
    "a statement without Resource has no effect": (
        policy(ROOT, having(ENCRYPT, Resource=None), DESCRIBE, READ),
        {1, 80},
    ),
    "a misspelt condition key is absent from every request": (
        policy(ROOT, having(ENCRYPT, Condition={"StringEquals": {"aws:SourceARNN": TRAIL_ARN}}), DESCRIBE, READ),
        {1, 80},
    ),
    "a condition key is the same in any case": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"AWS:SOURCEARN": TRAIL_ARN},
                    "StringLike": ENCRYPT["Condition"]["StringLike"],
                },
            ),
            DESCRIBE,
            READ,
        ),
        set(),
    ),
    "an account id of eleven digits is refused, and nothing else is said": (
        policy(ROOT, ENCRYPT, DESCRIBE, having(READ, Principal={"AWS": "arn:aws:iam::11111111111:role/Reader"})),
        {80},
    ),
    "an operator that AWS does not know is refused, and nothing else is said": (
        policy(ROOT, ENCRYPT, having(DESCRIBE, Condition={"StringMatches": {"aws:SourceArn": TRAIL_ARN}}), READ),
        {80},
    ),
    "a comma is missing": ('{"Version": "2012-10-17", "Statement": [{"Sid": "CloudTrail" "Effect": "Allow"}]}', {80}),
    "the policy is a number": (7, {80}),
    "Statement is text": ({"Version": "2012-10-17", "Statement": "kms:*"}, {80}),
    "a statement names every key of this account": (
        policy(ROOT, ENCRYPT, having(DESCRIBE, Resource=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"), READ),
        set(),
    ),
    "the encryption is granted on another account's key": (
        policy(
            ROOT,
            having(ENCRYPT, Resource=f"arn:aws:kms:us-east-1:{OTHER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
            DESCRIBE,
            READ,
        ),
        {1, 80},
    ),
}


@pytest.mark.parametrize("name", FAILS)
def test_known_policies(name: str) -> None:
    document, expected = FAILS[name]
    found = findings(document)
    assert numbers(found, FAILED) == expected
    assert numbers(found, SKIPPED) == set()
    assert all(finding.reason for finding in found.values())


OPEN: Dict[str, Any] = {
    "nothing of the policy is known": (Hole("${var.policy}"), {1, 2, 20, 21, 22, 23, 24, 40, 41, 62, 80}, set()),
    "the trail that may encrypt is open, and with it the Region of which DescribeKey names one": (
        policy(
            ROOT,
            having(
                ENCRYPT,
                Condition={
                    "StringEquals": {"aws:SourceArn": Hole("${var.trail_arn}")},
                    "StringLike": ENCRYPT["Condition"]["StringLike"],
                },
            ),
            DESCRIBE,
            READ,
        ),
        {1, 2},
        set(),
    ),
    "a key id that is spelled out may be this key's": (
        policy(
            ROOT,
            ENCRYPT,
            having(DESCRIBE, Resource=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
            READ,
        ),
        {2, 80},
        set(),
    ),
    "one reader is open": (
        policy(ROOT, ENCRYPT, DESCRIBE, having(READ, Principal={"AWS": [Hole("${var.reader}")]})),
        {23, 80},
        set(),
    ),
    "an open reader without the context may be an account root, of which nothing is asked": (
        policy(ROOT, ENCRYPT, DESCRIBE, allow({"AWS": [Hole("${var.reader}")]}, "kms:Decrypt")),
        {23, 41, 80},
        set(),
    ),
    "the one whom a condition on everyone asks for is open, or they are several": (
        policy(
            ROOT,
            ENCRYPT,
            DESCRIBE,
            allow("*", "kms:Decrypt", {"StringEquals": {"aws:PrincipalArn": Hole("${var.reader}")}}),
        ),
        {41},
        set(),
    ),
    "a guard with an open value may be one that own principals pass": (
        policy(
            *GOOD,
            deny(
                "*",
                ["kms:Decrypt", "kms:PutKeyPolicy"],
                {
                    "StringNotEquals": {"aws:PrincipalOrgID": Hole("${var.org}")},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        ),
        {40, 62},
        set(),
    ),
    "a guard with an open endpoint may be one that own principals pass": (
        policy(
            *GOOD,
            deny(
                "*",
                ["kms:Decrypt", "kms:PutKeyPolicy"],
                {
                    "StringNotEquals": {"aws:SourceVpce": Hole("${var.endpoint}")},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        ),
        {40, 62},
        set(),
    ),
    "NotPrincipal with a role alone may stop the role as well": (
        policy(
            *GOOD,
            having(
                deny({}, "kms:PutKeyPolicy"),
                Principal=None,
                NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"},
            ),
        ),
        {62},
        set(),
    ),
    "what AWS sends of the own organization is not documented": (
        policy(
            ROOT,
            having(ENCRYPT, Condition={"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}),
            having(DESCRIBE, Condition={"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}),
            READ,
        ),
        {1, 2, 21, 22, 24},
        set(),
    ),
    "a key that AWS does not document for the call": (
        policy(
            ROOT,
            having(ENCRYPT, Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
            DESCRIBE,
            READ,
        ),
        {1, 20, 21, 22},
        set(),
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_open_policies(name: str) -> None:
    document, undecided, failed = OPEN[name]
    found = findings(document)
    assert numbers(found, FAILED) == failed
    assert numbers(found, SKIPPED) == {90}
    assert undecided == {
        int(rule[-3:]) for rule in found["CKV_CTKMS_090"].reason.split(";")[0].split(": ")[1].split(", ")
    }
    assert not undecided & {int(rule[-3:]) for rule in found}


def test_what_is_open_is_named() -> None:
    found = findings(Hole("${var.policy}"))
    assert "`${var.policy}`" in found["CKV_CTKMS_090"].reason


def test_a_key_that_is_not_cloudtrails_gets_no_record() -> None:
    assert findings(policy(ROOT), trails=()) == {}


def test_a_policy_that_speaks_of_cloudtrail_is_judged_for_a_trail_of_any_name() -> None:
    assert numbers(findings(policy(*GOOD), trails=()), FAILED) == set()


def test_a_key_that_has_cloudtrail_in_a_name_only_gets_no_record() -> None:
    role = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/cloudtrail-reader"}, "kms:Decrypt")
    assert findings(policy(ROOT, role), trails=()) == {}


def test_a_trail_of_any_name_may_have_the_open_name_of_the_policy() -> None:
    named = join((f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/", Hole("${var.trail}")))
    only = having(ENCRYPT, Condition={"StringEquals": {"aws:SourceArn": named, CONTEXT: named}})
    found = findings(
        policy(ROOT, only, having(DESCRIBE, Condition={"StringEquals": {"aws:SourceArn": named}})), trails=()
    )
    assert numbers(found, FAILED) | numbers(found, SKIPPED) == set()


def test_an_organizations_trail_may_be_in_another_account_than_its_key() -> None:
    elsewhere = TRAIL_ARN.replace(ACCOUNT, OTHER)
    encrypt = having(ENCRYPT, Condition={"StringEquals": {"aws:SourceArn": elsewhere, CONTEXT: elsewhere}})
    describe = having(DESCRIBE, Condition={"StringEquals": {"aws:SourceArn": elsewhere}})
    assert numbers(findings(policy(ROOT, encrypt, describe), trails=()), FAILED) == set()


def test_the_account_of_an_unknown_trail_may_be_the_open_one_of_the_policy() -> None:
    trail = join(("arn:aws:cloudtrail:*:", Hole("${var.management_account}"), ":trail/audit"))
    encrypt = having(ENCRYPT, Condition={"ArnLike": {"aws:SourceArn": trail}})
    assert "CKV_CTKMS_001" in findings(policy(ROOT, encrypt), trails=())
    assert "CKV_CTKMS_001" not in findings(policy(ROOT, encrypt))


def test_the_own_account_may_be_spelled_out_or_not() -> None:
    own = join(("arn:aws:iam::", OWN_ACCOUNT, ":root"))
    assert numbers(findings(policy(having(ROOT, Principal={"AWS": own}), ENCRYPT, DESCRIBE, READ)), FAILED) == set()


def test_the_trail_is_called_otherwise_than_the_policy_says() -> None:
    other = Trail("aws_cloudtrail.main", "main", trail_arn("main"))
    found = findings(policy(*GOOD), trails=[other])
    assert numbers(found, FAILED) == {1, 2}
    assert "trail/audit" in found["CKV_CTKMS_001"].reason
    assert "trail/main" in found["CKV_CTKMS_001"].reason


def test_an_event_data_store_alone_is_not_asked_about_trails() -> None:
    found = findings(
        policy(ROOT, allow(SERVICE, ["kms:GenerateDataKey", "kms:Decrypt"])), trails=(), stores=(EventDataStore("e"),)
    )
    assert not {1, 2, 20, 21, 22, 24, 40, 41} & {int(rule[-3:]) for rule in found}


def test_the_state_of_the_key() -> None:
    assert numbers(findings(policy(*GOOD), enabled=False), FAILED) == {60}
    assert numbers(findings(policy(*GOOD), key_spec="RSA_4096"), FAILED) == {61}
    assert numbers(findings(policy(*GOOD), key_usage="SIGN_VERIFY"), FAILED) == {61}
    assert 60 not in {int(rule[-3:]) for rule in findings(policy(*GOOD), enabled=Hole("${var.enabled}"))}


def test_a_rule_that_two_scenarios_answer_differently_stays_open() -> None:
    scenarios = [
        Key("aws_kms_key.logs", policy(*GOOD), KEY_ARN, trails=(AUDIT,), scenario="${var.strict} is true"),
        Key(
            "aws_kms_key.logs", policy(ROOT, ENCRYPT, READ), KEY_ARN, trails=(AUDIT,), scenario="${var.strict} is false"
        ),
    ]
    found = judge(scenarios, True, True)
    assert "CKV_CTKMS_002" not in found
    assert found["CKV_CTKMS_001"].result == "PASSED"
    assert "${var.strict}" in found["CKV_CTKMS_090"].reason


MAIN = Trail("aws_cloudtrail.main", "main", trail_arn("main"))


def test_a_trail_that_may_use_the_key_leaves_open_what_it_would_change() -> None:
    found = findings(policy(*GOOD), open_trails=(MAIN,))
    assert not {1, 2} & {int(rule[-3:]) for rule in found}
    assert "whether aws_cloudtrail.main uses the key" in found["CKV_CTKMS_090"].reason


def test_a_trail_that_may_use_the_key_changes_nothing_where_it_would_fare_the_same() -> None:
    assert findings(policy(*GOOD), open_trails=(AUDIT,)) == findings(policy(*GOOD))
    bad = policy(ROOT, READ)
    assert numbers(findings(bad, open_trails=(MAIN,)), FAILED) == numbers(findings(bad), FAILED)


def test_a_trail_that_may_use_it_makes_no_key_cloudtrails() -> None:
    assert findings(policy(ROOT), trails=(), open_trails=(MAIN,)) == {}


def test_very_many_trails_that_may_use_the_key_leave_open_what_a_name_would_change() -> None:
    found = findings(policy(*GOOD), open_trails=(AUDIT,) * 100)
    assert not {1, 2} & {int(rule[-3:]) for rule in found}
    assert found["CKV_CTKMS_023"].result == "PASSED"


def test_reasons_print_no_contents_of_files() -> None:
    content = 'jsondecode("{\\"Version\\": \\"2012-10-17\\", \\"Statement\\": [{\\"Sid\\": \\"secret\\"}]}")'
    found = findings(Hole("${merge(" + content + ", var.more)}"))
    assert found["CKV_CTKMS_090"].result == SKIPPED
    assert "var.more" in found["CKV_CTKMS_090"].reason
    assert "secret" not in str(found)
