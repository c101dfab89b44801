"""An edit that is called proved lets CloudTrail do what the repaired rules ask for, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Tuple

import pytest

from ctkms.cloudtrail.resources import EventDataStore, Key, Trail, key_arn, trail_arn
from ctkms.repair.newly_allowed import allows_more
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, Kind

ACCOUNT, REGION = "111122223333", "eu-west-1"
ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
ADMIN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
OF_THE_TRAIL = {"StringEquals": {"aws:SourceArn": ARN}}
OF_THE_ACCOUNT = {"StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}}
TRAIL = Trail("aws_cloudtrail.audit", "audit", trail_arn("audit", REGION, ACCOUNT, "aws"))
OTHER = Trail("aws_cloudtrail.other", "other", trail_arn("other", REGION, ACCOUNT, "aws"))
STORE = EventDataStore("aws_cloudtrail_event_data_store.events")
ENCRYPT = ("kms:GenerateDataKey",)


def key(*statements: Any, **given: Any) -> Key:
    policy = {"Version": "2012-10-17", "Statement": [ADMIN, *statements]}
    arn = key_arn(Hole("aws_kms_key.logs.key_id", Kind.KEY_ID), REGION, OWN_ACCOUNT, "aws")
    return replace(Key("aws_kms_key.logs", policy, arn, trails=(TRAIL,)), **given)


def cloudtrail(action: Any, condition: Any = None) -> Dict[str, Any]:
    said = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": "*"}
    return {**said, **({"Condition": condition} if condition else {})}


NO_MORE: List[Tuple[str, List[Any], List[Any], Tuple[str, ...]]] = [
    ("the trail's data key", [], [cloudtrail("kms:GenerateDataKey*", {**OF_THE_TRAIL, **OF_THE_ACCOUNT})], ENCRYPT),
    ("what it may do already", [cloudtrail("kms:*", OF_THE_TRAIL)], [cloudtrail("kms:*", OF_THE_TRAIL)], ()),
    ("less", [cloudtrail("kms:*")], [cloudtrail("kms:*", OF_THE_TRAIL)], ()),
    ("a part of the actions", [cloudtrail(["kms:Decrypt", "kms:Encrypt"])], [cloudtrail(["kms:Decrypt"])], ()),
    (
        "a pattern within another one",
        [cloudtrail("kms:GenerateDataKey", {"StringLike": {CONTEXT: "arn:aws:cloudtrail:*:*:trail/*"}})],
        [cloudtrail("kms:GenerateDataKey", OF_THE_ACCOUNT)],
        (),
    ),
    (
        "what IfExists let in is kept out",
        [cloudtrail("kms:GenerateDataKey", {"StringEqualsIfExists": {"aws:SourceArn": ARN}})],
        [cloudtrail("kms:GenerateDataKey", OF_THE_TRAIL)],
        (),
    ),
]
MORE: List[Tuple[str, List[Any], List[Any], Tuple[str, ...]]] = [
    ("strangers' trails, too", [], [cloudtrail("kms:GenerateDataKey*")], ENCRYPT),
    ("other trails of the account", [], [cloudtrail("kms:GenerateDataKey*", OF_THE_ACCOUNT)], ENCRYPT),
    ("another call", [], [cloudtrail(["kms:GenerateDataKey", "kms:CreateGrant"], OF_THE_TRAIL)], ENCRYPT),
    ("what no rule asks for", [], [cloudtrail("kms:Decrypt", OF_THE_TRAIL)], ()),
    (
        "more of what a failing rule has not noticed yet",
        [cloudtrail("kms:GenerateDataKey", {"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:4444*:trail/*"}})],
        [cloudtrail("kms:GenerateDataKey")],
        ENCRYPT,
    ),
    (
        "a trail of the code that has another key",
        [],
        [cloudtrail("kms:GenerateDataKey", {"StringEquals": {"aws:SourceArn": [ARN, OTHER.arn]}})],
        ENCRYPT,
    ),
    (
        "a pattern with ? is not taken for one within another",
        [
            cloudtrail(
                "kms:GenerateDataKey", {"StringLike": {"aws:SourceArn": f"arn:aws:cloudtrail:?:{ACCOUNT}:trail/*"}}
            )
        ],
        [
            cloudtrail(
                "kms:GenerateDataKey", {"StringLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}}
            )
        ],
        (),
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "asked_for"), [one[1:] for one in NO_MORE], ids=[one[0] for one in NO_MORE]
)
def test_it_allows_no_more(before: List[Any], after: List[Any], asked_for: Tuple[str, ...]) -> None:
    assert not allows_more([key(*before)], [key(*after)], asked_for, (TRAIL, OTHER))


@pytest.mark.parametrize(("before", "after", "asked_for"), [one[1:] for one in MORE], ids=[one[0] for one in MORE])
def test_it_allows_more(before: List[Any], after: List[Any], asked_for: Tuple[str, ...]) -> None:
    assert allows_more([key(*before)], [key(*after)], asked_for, (TRAIL, OTHER))


def test_a_store_has_no_name_to_ask_for() -> None:
    """AWS's own statement for event data stores lets in all of CloudTrail's calls; not beside a trail, though."""
    open_to_all = cloudtrail(["kms:GenerateDataKey", "kms:Decrypt"])
    asked_for = ("kms:GenerateDataKey", "kms:Decrypt")
    alone, beside = {"trails": (), "stores": (STORE,)}, {"stores": (STORE,)}
    assert not allows_more([key(**alone)], [key(open_to_all, **alone)], asked_for)
    assert allows_more([key(**beside)], [key(open_to_all, **beside)], asked_for)


def test_a_deny_that_is_weaker_may_allow_anything() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    to_others = {**deny, "Condition": {"StringNotEquals": {"aws:SourceArn": ARN}}}
    allow = cloudtrail("kms:GenerateDataKey")
    assert allows_more([key(allow, {**deny, "NotPrincipal": "*"})], [key(allow)], ENCRYPT)
    assert allows_more([key(allow, deny)], [key(allow, to_others)], ())
