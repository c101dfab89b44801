"""Whose the key and the trail are: the own account, KMS's lockout check, and the organization's management account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Set

import pytest
from tests.cloudtrail.policies import (
    ACCOUNT,
    AUDIT,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    KEY_ARN,
    OTHER,
    READ,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    allow,
    findings,
    numbers,
    policy,
)

from ctkms.cloudtrail.findings import FAILED, PASSED
from ctkms.cloudtrail.resources import EventDataStore, key_arn, trail_arn
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, Hole, Kind, Partial, Rest, fill, join

THIRD = "333333333333"
VARIABLE = Hole("${var.account}")


ADMINISTRATORS = Rest(
    Hole("${data.admins}"), Partial((f"arn:aws:iam::{ACCOUNT}:role/", Hole("${data.admins[*]}", Kind.NAME)))
)


def in_account(value: Any, account: Any) -> Any:
    """The statement, or whatever it is, with another account instead of the usual one."""
    if isinstance(value, dict):
        return {key: in_account(one, account) for key, one in value.items()}
    if isinstance(value, list):
        return [in_account(one, account) for one in value]
    if not isinstance(value, str) or ACCOUNT not in value:
        return value
    first, *others = value.split(ACCOUNT)
    return join((first, *(part for one in others for part in (account, one))))


def key_of(account: Any) -> Any:
    return key_arn(Hole("aws_kms_key.logs.key_id", Kind.KEY_ID), account=account)


# --- KMS's lockout check ----------------------------------------------------------------------------

ALL = [in_account(one, VARIABLE) for one in (ROOT, ENCRYPT, DESCRIBE, READ)]
SERVES = [in_account(one, VARIABLE) for one in (ENCRYPT, DESCRIBE)]

DECIDED: Dict[str, Any] = {
    "the only account that may change the policy is the key's, whatever its variable holds": (
        policy(*ALL), {}, set(), set(),
    ),
    "a user may be the administrator as well as the account": (
        policy(in_account(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Admin"}, "kms:*"), VARIABLE), *SERVES),
        {}, set(), set(),
    ),
    "with the check left out nothing follows": (policy(*ALL), {"bypass": True}, set(), {1, 2, 21, 62, 80}),
    "nor does it where that is open": (policy(*ALL), {"bypass": VARIABLE}, set(), {1, 2, 21, 62, 80}),
    "a second account that may change it ends it": (
        policy(*ALL, allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, "kms:*")),
        {}, set(), {1, 2, 21, 80},
    ),
    "an open administrator ends it": (
        policy(*ALL, allow({"AWS": [Hole("${var.admin}")]}, "kms:*")),
        {}, set(), {1, 2, 20, 21, 22, 23, 24, 41, 62, 80},
    ),
    "an open action ends it": (
        policy(*ALL, allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, [Hole("${var.action}")])),
        {}, set(), {1, 2, 21, 62, 80},
    ),
    "a reader of another account does not": (
        policy(*ALL, allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, "kms:Decrypt")), {}, set(), set(),
    ),
    "a service that may change it does not": (
        policy(*ALL, allow({"Service": "config.amazonaws.com"}, "kms:*")), {}, set(), set(),
    ),
    "a literal administrator tells the account, and the trail of another one is refused": (
        policy(ROOT, in_account(ENCRYPT, OTHER), in_account(DESCRIBE, OTHER), READ), {}, {1, 2}, set(),
    ),
    "so do administrators of the account that are looked up": (
        policy(
            ROOT, in_account(ENCRYPT, OTHER), in_account(DESCRIBE, OTHER), READ,
            allow({"AWS": [ADMINISTRATORS]}, "kms:PutKeyPolicy"),
        ),
        {}, {1, 2}, {80},
    ),
    "where the code fixes another account, KMS refuses the policy": (
        policy(ROOT, in_account(ENCRYPT, OTHER), in_account(DESCRIBE, OTHER)),
        {"arn": key_of(OTHER), "trails": (replace(AUDIT, arn=trail_arn("audit", account=OTHER)),)},
        {62}, set(),
    ),
    "where the code fixes the account, the variable of the administrator is the same": (
        policy(in_account(ROOT, VARIABLE), ENCRYPT, DESCRIBE, READ), {"arn": key_of(ACCOUNT)}, set(), set(),
    ),
    "the trail of another configuration may be in another account": (
        policy(ROOT, in_account(ENCRYPT, OTHER), in_account(DESCRIBE, OTHER), READ),
        {"trails": (replace(AUDIT, beside_key=False),)},
        set(), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DECIDED)
def test_the_lockout_check_tells_the_keys_account(name: str) -> None:
    document, key, failed, left_open = DECIDED[name]
    found = findings(document, **key)
    assert numbers(found, FAILED) == failed
    assert _left_open(found) == left_open


def _left_open(found: Any) -> Set[int]:
    reason = found["CKV_CTKMS_090"].reason
    return (
        {int(one[-3:]) for one in reason.split(";")[0].split(": ")[1].split(", ")} if "not decided" in reason else set()
    )


# --- The organization's management account ------------------------------------------------------------

ORGANIZATIONS = replace(AUDIT, organization=True)
OF_MANAGEMENT = [in_account(one, OTHER) for one in (ENCRYPT, DESCRIBE)]


def test_an_organizations_trail_carries_the_management_account() -> None:
    found = findings(policy(ROOT, *OF_MANAGEMENT, READ), [ORGANIZATIONS], arn=key_of(ACCOUNT))
    assert numbers(found, FAILED) == set()
    assert found["CKV_CTKMS_001"].result == PASSED
    assert f"assuming {OTHER} is the management account" in found["CKV_CTKMS_001"].reason


def test_a_trail_of_ones_own_does_not() -> None:
    assert numbers(findings(policy(ROOT, *OF_MANAGEMENT, READ)), FAILED) == {1, 2}


def test_the_management_account_may_be_the_own_one() -> None:
    found = findings(policy(ROOT, ENCRYPT, DESCRIBE, READ), [ORGANIZATIONS])
    assert numbers(found, FAILED) == set()
    assert found["CKV_CTKMS_001"].result == PASSED


@pytest.mark.parametrize("members", [(OTHER,), (Hole("${var.member}"), OTHER)])
def test_a_member_is_not_the_management_account(members: Any) -> None:
    found = findings(policy(ROOT, *OF_MANAGEMENT, READ), [ORGANIZATIONS], arn=key_of(ACCOUNT), members=members)
    assert numbers(found, FAILED) == {1, 2}


def test_the_own_account_is_not_the_management_account_where_it_is_a_delegate() -> None:
    found = findings(policy(ROOT, ENCRYPT, DESCRIBE, READ), [ORGANIZATIONS], members=(OWN_ACCOUNT,))
    assert numbers(found, FAILED) == {1, 2}


def test_the_data_source_of_the_organization_stands_for_it() -> None:
    document = policy(ROOT, *(in_account(one, MANAGEMENT_ACCOUNT) for one in (ENCRYPT, DESCRIBE)), READ)
    found = findings(document, [ORGANIZATIONS], arn=key_of(ACCOUNT))
    assert numbers(found, FAILED) == set()
    assert "assuming" not in found["CKV_CTKMS_001"].reason


def test_the_code_may_say_which_account_it_is() -> None:
    found = findings(policy(ROOT, *OF_MANAGEMENT, READ), [ORGANIZATIONS], arn=key_of(ACCOUNT), management=THIRD)
    assert numbers(found, FAILED) == {1, 2}


def test_both_are_asked_where_it_is_open_whether_the_trail_is_the_organizations() -> None:
    perhaps = replace(AUDIT, organization=Hole("${var.organization}"))
    found = findings(policy(ROOT, *OF_MANAGEMENT, READ), [perhaps])
    assert numbers(found, FAILED) == set()
    assert _left_open(found) == {1, 2}
    assert "${var.organization}" in found["CKV_CTKMS_090"].reason
    both = findings(policy(ROOT, ENCRYPT, DESCRIBE, READ), [perhaps])
    assert numbers(both, FAILED) | _left_open(both) == set()


STORES: Dict[str, Any] = {
    "of a delegate, with a key of the management account": (OTHER, True, {}, None),
    "of a delegate, with the delegate's key": (OTHER, True, {"members": (ACCOUNT,)}, FAILED),
    "of an organization whose management account the code names": (OTHER, True, {"management": OTHER}, FAILED),
    "of an organization with a key of its management account": (OTHER, True, {"management": ACCOUNT}, PASSED),
    "of another account": (OTHER, False, {}, FAILED),
    "of the same account": (ACCOUNT, False, {}, PASSED),
    "of another account, or of the organization": (OTHER, Hole("${var.organization}"), {}, None),
}


@pytest.mark.parametrize("name", STORES)
def test_an_event_data_store_takes_no_foreign_key(name: str) -> None:
    account, organization, key, expected = STORES[name]
    store = EventDataStore("aws_cloudtrail_event_data_store.events", account, organization)
    found = findings(policy(ROOT), (), stores=(store,), arn=key_of(ACCOUNT), **key)
    assert found.get("CKV_CTKMS_064") is None if expected is None else found["CKV_CTKMS_064"].result == expected


# --- A choice of the own values that an open value could turn -------------------------------------------


def test_a_choice_that_an_open_value_could_turn_decides_no_rule() -> None:
    # With var.account = 222222222222 the trail is there, and DescribeKey is refused to it.
    document = policy(
        allow({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root"]}, "kms:*"),
        in_account(ENCRYPT, VARIABLE),
        DESCRIBE,
        READ,
    )
    found = findings(document)
    assert "CKV_CTKMS_002" not in found
    assert "${var.account}" in found["CKV_CTKMS_090"].reason
    known = findings(fill_in(document, OTHER))
    assert numbers(known, FAILED) == {2}


def fill_in(value: Any, account: str) -> Any:
    if isinstance(value, dict):
        return {key: fill_in(one, account) for key, one in value.items()}
    if isinstance(value, list):
        return [fill_in(one, account) for one in value]
    return fill(value, {VARIABLE: account})


def test_the_account_of_a_reader_is_not_taken_for_the_trails() -> None:
    own = [in_account(one, OWN_ACCOUNT) for one in (ROOT, ENCRYPT)]
    reader = allow({"AWS": f"arn:aws:iam::{THIRD}:role/reader"}, "kms:Decrypt", {"Null": {CONTEXT: "false"}})
    found = findings(policy(*own, reader))
    assert numbers(found, FAILED) == {2}
    assert THIRD not in found["CKV_CTKMS_002"].reason
    assert TRAIL_ARN.replace(ACCOUNT, THIRD) not in found["CKV_CTKMS_001"].reason


def test_no_account_in_the_policy_is_needed() -> None:
    own = [in_account(one, OWN_ACCOUNT) for one in (ROOT, ENCRYPT, DESCRIBE, READ)]
    assert numbers(findings(policy(*own), arn=KEY_ARN), FAILED) == set()


def test_a_reason_says_whose_account_an_organizations_trail_carries() -> None:
    found = findings(policy(ROOT, *OF_MANAGEMENT, READ), [ORGANIZATIONS], arn=key_of(ACCOUNT), members=(OTHER, ACCOUNT))
    assert "an organization's trail carries the management account" in found["CKV_CTKMS_001"].reason


def test_another_trail_of_an_account_that_is_open_may_have_the_name_that_a_pattern_lets_in() -> None:
    # With var.account = 111111111111, audit-2 is let in.
    by_name = {"StringLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/audit*"}}
    document = policy(in_account(ROOT, VARIABLE), allow(SERVICE, "kms:GenerateDataKey*", by_name))
    found = findings(document)
    assert numbers(found, PASSED) & {21, 22} == set()
    assert {1, 21, 22} <= _left_open(found)
    assert numbers(findings(document, arn=key_of(ACCOUNT)), FAILED) >= {21, 22}


def test_of_trails_that_are_not_in_the_code_an_open_one_may_be_the_likeliest() -> None:
    # With var.region = "us-east-1" the trail of the first statement is asked for, which no condition lets stray.
    home = {"StringEquals": {CONTEXT: join(("arn:aws:cloudtrail:", Hole("${var.region}"), f":{OTHER}:trail/audit"))}}
    by_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    statements = [allow(SERVICE, "kms:GenerateDataKey*", one) for one in (home, by_account)]
    found = findings(policy(ROOT, *statements), ())
    assert numbers(found, PASSED) & {21, 22} == set()
    assert 21 in _left_open(found)
