"""The rules about event data stores, S3 Bucket Keys, Regions and accounts, and the readers in the same code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Optional, Set, Tuple

import pytest

from ctkms.cloudtrail.findings import FAILED, SKIPPED, Finding
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.resources import EventDataStore, Key, Person, Trail, key_arn, trail_arn
from ctkms.unknowns.text import Hole, Kind

ACCOUNT, OTHER = "111111111111", "222222222222"
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"
KEY_ARN = key_arn(Hole("aws_kms_key.logs.key_id", Kind.NAME))
AUDIT = Trail("aws_cloudtrail.audit", "audit", trail_arn("audit"))
STORE = EventDataStore("aws_cloudtrail_event_data_store.events")


def statement(principal: Any, actions: Any, condition: Optional[Mapping[str, Any]] = None) -> Mapping[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}
    return {**found, "Condition": condition} if condition else found


def policy(*statements: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


ROOT = statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
ADMIN = statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ["kms:PutKeyPolicy", "kms:Describe*", "kms:Decrypt"])
STORE_USE = statement(SERVICE, ["kms:GenerateDataKey", "kms:Decrypt"])
STORE_DESCRIBE = statement(SERVICE, "kms:DescribeKey")
TRAIL_USE = statement(
    SERVICE,
    "kms:GenerateDataKey*",
    {"StringEquals": {"aws:SourceArn": TRAIL_ARN}, "StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}},
)
TRAIL_DESCRIBE = statement(SERVICE, "kms:DescribeKey", {"StringEquals": {"aws:SourceArn": TRAIL_ARN}})
NULL_CONTEXT = {"Null": {CONTEXT: "false"}}


def numbers(found: Mapping[str, Finding], result: str) -> Set[int]:
    return {int(rule[-3:]) for rule, finding in found.items() if finding.result == result}


STORES = {
    "AWS's documented policy serves an event data store": (policy(ROOT, STORE_USE, STORE_DESCRIBE), set()),
    "the console's policy has no DescribeKey": (policy(ROOT, STORE_USE), {5}),
    "the account root alone does not let CloudTrail Lake work": (policy(ROOT), {4, 5}),
    "CloudTrail Lake sends no aws:SourceArn": (
        policy(ROOT, {**STORE_USE, "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}}}, STORE_DESCRIBE),
        {4},
    ),
    "CloudTrail Lake sends no aws:SourceAccount": (
        policy(ROOT, {**STORE_USE, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, STORE_DESCRIBE),
        {4},
    ),
    "encrypting alone is not enough": (
        policy(ROOT, {**STORE_USE, "Action": "kms:GenerateDataKey"}, STORE_DESCRIBE),
        {4},
    ),
    "nobody may both decrypt and encrypt": (policy(ADMIN, STORE_USE, STORE_DESCRIBE), {42}),
    "two people who may do half of it each are not one who may do both": (
        policy(
            {**ADMIN, "Action": "kms:PutKeyPolicy"},
            statement({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Alice"}, "kms:GenerateDataKey"),
            statement({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Bob"}, "kms:Decrypt"),
            STORE_USE,
            STORE_DESCRIBE,
        ),
        {42},
    ),
    "one user may both decrypt and encrypt": (
        policy(
            ADMIN,
            statement({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Alice"}, ["kms:Decrypt", "kms:GenerateDataKey"]),
            STORE_USE,
            STORE_DESCRIBE,
        ),
        set(),
    ),
    "everyone may decrypt": (policy(ROOT, STORE_USE, STORE_DESCRIBE, statement({"AWS": "*"}, "kms:Decrypt")), {23}),
}


@pytest.mark.parametrize("name", STORES)
def test_event_data_stores(name: str) -> None:
    document, expected = STORES[name]
    found = judge([Key("k", document, KEY_ARN, stores=(STORE,))], True, True)
    assert numbers(found, FAILED) == expected
    assert numbers(found, SKIPPED) == set()


def test_the_encryption_context_of_an_event_data_store_is_not_documented() -> None:
    document = policy(ROOT, {**STORE_USE, "Condition": NULL_CONTEXT}, STORE_DESCRIBE)
    found = judge([Key("k", document, KEY_ARN, stores=(STORE,))], True, True)
    assert numbers(found, FAILED) == set()
    assert "CKV_CTKMS_004" in found["CKV_CTKMS_090"].reason


def test_one_key_serves_a_trail_and_a_store_by_its_own_statement_each() -> None:
    document = policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE, STORE_USE, STORE_DESCRIBE)
    found = judge([Key("k", document, KEY_ARN, trails=(AUDIT,), stores=(STORE,))], True, True)
    assert numbers(found, FAILED) == {20, 21, 22, 24}  # what the store needs lets other trails in
    assert "event data store" in found["CKV_CTKMS_004"].reason


BUCKETS = {
    "the bucket's setting is not in the code": (None, False, None),
    "the bucket has no S3 Bucket Key": (False, False, "PASSED"),
    "the bucket has an S3 Bucket Key, and CloudTrail may decrypt": (True, True, "PASSED"),
    "the bucket has an S3 Bucket Key, and CloudTrail may not decrypt": (True, False, "FAILED"),
    "whether the bucket has an S3 Bucket Key is open, and CloudTrail may decrypt": (Hole("${var.x}"), True, "PASSED"),
    "whether the bucket has an S3 Bucket Key is open, and CloudTrail may not decrypt": (Hole("${var.x}"), False, None),
}


@pytest.mark.parametrize("name", BUCKETS)
def test_bucket_keys(name: str) -> None:
    setting, decrypts, expected = BUCKETS[name]
    extra = [statement(SERVICE, "kms:Decrypt")] if decrypts else []
    key = Key(
        "k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE, *extra), KEY_ARN, trails=(replace(AUDIT, bucket_key=setting),)
    )
    found = judge([key], True, True)
    assert (found["CKV_CTKMS_003"].result if "CKV_CTKMS_003" in found else None) == expected


def test_regions_count_only_where_the_code_fixes_both() -> None:
    here = key_arn(Hole("k.key_id", Kind.NAME), region="us-east-1")
    for arn, region, expected in (
        (here, "us-east-1", "PASSED"),
        (here, "eu-west-1", "FAILED"),
        (KEY_ARN, "eu-west-1", None),
        (here, None, None),
    ):
        trails: Tuple[Trail, ...] = (replace(AUDIT, bucket_region=region),)
        found = judge([Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE), arn, trails=trails)], True, True)
        assert (found["CKV_CTKMS_063"].result if "CKV_CTKMS_063" in found else None) == expected


def test_a_multi_region_key_may_have_a_replica_where_the_bucket_is() -> None:
    here = key_arn(Hole("k.key_id", Kind.NAME), region="us-east-1")
    trails = (replace(AUDIT, bucket_region="eu-west-1"),)
    key = Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE), here, trails=trails, multi_region=True)
    assert judge([key], True, True)["CKV_CTKMS_063"].result == "PASSED"


def test_the_reason_says_that_a_condition_is_not_supported_for_event_data_stores() -> None:
    conditioned = {**STORE_USE, "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}}}
    found = judge([Key("k", policy(ROOT, conditioned, STORE_DESCRIBE), KEY_ARN, stores=(STORE,))], True, True)
    assert "CloudTrail Lake does not support aws:SourceArn" in found["CKV_CTKMS_004"].reason


def test_accounts_count_only_where_the_code_fixes_both() -> None:
    here = key_arn(Hole("k.key_id", Kind.NAME), account=ACCOUNT)
    for arn, account, expected in ((here, ACCOUNT, "PASSED"), (here, OTHER, "FAILED"), (KEY_ARN, OTHER, None)):
        stores = (replace(STORE, account=account),)
        found = judge([Key("k", policy(ROOT, STORE_USE, STORE_DESCRIBE), arn, stores=stores)], True, True)
        assert (found["CKV_CTKMS_064"].result if "CKV_CTKMS_064" in found else None) == expected


ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/CloudTrailReadRole"
READER = statement({"AWS": ROLE_ARN}, "kms:Decrypt", NULL_CONTEXT)


def trust(principal: Any, condition: Optional[Mapping[str, Any]] = None) -> Mapping[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**found, "Condition": condition} if condition else found]}


TRUSTS = {
    "another account that is named may assume the role": (trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), "PASSED"),
    "a service may assume the role": (trust({"Service": "ec2.amazonaws.com"}), "PASSED"),
    "anyone may assume the role": (trust({"AWS": "*"}), "FAILED"),
    "anyone of the organization may assume the role": (
        trust({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
        "PASSED",
    ),
    "an external id is no secret": (trust({"AWS": "*"}, {"StringEquals": {"sts:ExternalId": "logs"}}), "FAILED"),
    "nothing is known of the trust policy": (Hole("${var.trust}"), None),
}


@pytest.mark.parametrize("name", TRUSTS)
def test_trust_policies(name: str) -> None:
    document, expected = TRUSTS[name]
    role = Person("aws_iam_role.reader", ROLE_ARN, trust_policy=document)
    key = Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE, READER), KEY_ARN, trails=(AUDIT,), people=(role,))
    found = judge([key], True, True)
    assert (found["CKV_CTKMS_043"].result if "CKV_CTKMS_043" in found else None) == expected


def test_a_role_that_the_key_policy_does_not_name_is_nobodys_business() -> None:
    role = Person("aws_iam_role.app", f"arn:aws:iam::{ACCOUNT}:role/app", trust_policy=trust({"AWS": "*"}))
    key = Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE, READER), KEY_ARN, trails=(AUDIT,), people=(role,))
    assert "CKV_CTKMS_043" not in judge([key], True, True)


def identity(actions: Any, resource: Any) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}


FOREIGN_ROOT = statement({"AWS": f"arn:aws:iam::{OTHER}:root"}, "kms:Decrypt", NULL_CONTEXT)
KEY_A = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWN_POLICIES = {
    "her policy allows it on this key": ((identity("kms:Decrypt", KEY_A),), "PASSED"),
    "her policy allows it on every key": ((identity("kms:*", "*"),), "PASSED"),
    "her policy is about a key of her own account": (
        (identity("kms:Decrypt", KEY_A.replace(ACCOUNT, OTHER)),),
        "FAILED",
    ),
    "her policy allows something else": ((identity("s3:GetObject", "*"),), "FAILED"),
    "one of her policies allows it": ((identity("s3:GetObject", "*"), identity("kms:Decrypt", KEY_A)), "PASSED"),
    "one of her policies is not in the code": ((identity("s3:GetObject", "*"), Hole("policy ReadOnlyAccess")), None),
    "none of her policies is in the code": (None, None),
}


@pytest.mark.parametrize("name", OWN_POLICIES)
def test_readers_of_other_accounts(name: str) -> None:
    policies, expected = OWN_POLICIES[name]
    alice = Person("aws_iam_user.alice", f"arn:aws:iam::{OTHER}:user/Alice", identity_policies=policies)
    key = Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE, FOREIGN_ROOT), KEY_ARN, trails=(AUDIT,), people=(alice,))
    found = judge([key], True, True)
    assert (found["CKV_CTKMS_044"].result if "CKV_CTKMS_044" in found else None) == expected


def test_a_reader_of_this_account_needs_no_policy_of_his_own() -> None:
    bob = Person("aws_iam_user.bob", f"arn:aws:iam::{ACCOUNT}:user/Bob", identity_policies=(identity("s3:*", "*"),))
    key = Key("k", policy(ROOT, TRAIL_USE, TRAIL_DESCRIBE), KEY_ARN, trails=(AUDIT,), people=(bob,))
    assert "CKV_CTKMS_044" not in judge([key], True, True)


def test_nothing_is_said_of_a_stores_users_while_the_policy_is_open() -> None:
    found = judge([Key("k", Hole("${var.policy}"), KEY_ARN, stores=(STORE,))], True, True)
    assert numbers(found, FAILED) == set()
    assert "CKV_CTKMS_042" in found["CKV_CTKMS_090"].reason


def test_a_policy_that_speaks_of_services_only_lets_nobody_query() -> None:
    found = judge([Key("k", policy(STORE_USE, STORE_DESCRIBE), KEY_ARN, stores=(STORE,))], True, True)
    assert found["CKV_CTKMS_042"].result == "FAILED"
    assert found["CKV_CTKMS_042"].reason
