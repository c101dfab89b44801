"""One request: what is filled in of its context, what is open, and what the answer is."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cloudtrail.policies import (
    ACCOUNT,
    CONSOLE_READ,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    GOOD,
    OTHER,
    READ,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    allow,
    deny,
    policy,
)

from ctkms.cloudtrail.access_requests.single_request import Asking, Given, asking
from ctkms.cloudtrail.bare_policy import THIS_KEY
from ctkms.iam.document import parse
from ctkms.iam.evaluate import decide
from ctkms.iam.request import AwsPrincipal, Principal, ServicePrincipal
from ctkms.iam.verdict import Verdict

CLOUDTRAIL = ServicePrincipal("cloudtrail.amazonaws.com")
BOB = AwsPrincipal(f"arn:aws:iam::{ACCOUNT}:user/Bob")
STRANGER = AwsPrincipal("arn:aws:iam::999999999999:role/x")
ALLOW, DENY, UNKNOWN = Verdict.ALLOW, Verdict.DENY, Verdict.UNKNOWN
NO_ROOT = GOOD[1:]


def ask(statements: Any, caller: Principal, action: str, told: Given) -> Tuple[Verdict, Asking]:
    document = parse(policy(*statements))
    asked = asking(document, THIS_KEY, caller, action, told)
    return decide(document, asked.request).verdict, asked


CASES: Dict[str, Tuple[Any, Principal, str, Dict[str, Optional[str]], Verdict]] = {
    "CloudTrail for the trail of which the ARN is given": (
        GOOD,
        CLOUDTRAIL,
        "kms:GenerateDataKey",
        {"aws:SourceArn": TRAIL_ARN},
        ALLOW,
    ),
    "CloudTrail for another trail": (GOOD, CLOUDTRAIL, "kms:GenerateDataKey", {"AWS:sourcearn": TRAIL_ARN + "x"}, DENY),
    "CloudTrail for a trail that is not given": (GOOD, CLOUDTRAIL, "kms:GenerateDataKey", {}, UNKNOWN),
    "CloudTrail for the trail, with the encryption context of another account": (
        GOOD,
        CLOUDTRAIL,
        "kms:GenerateDataKey",
        {"aws:SourceArn": TRAIL_ARN, CONTEXT: TRAIL_ARN.replace(ACCOUNT, OTHER)},
        DENY,
    ),
    "CloudTrail, with the account that goes with the trail": (
        [ROOT, allow(SERVICE, "kms:*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}})],
        CLOUDTRAIL,
        "kms:DescribeKey",
        {"aws:SourceArn": TRAIL_ARN},
        ALLOW,
    ),
    "CloudTrail for an event data store, of which the call does not carry the ARN": (
        GOOD,
        CLOUDTRAIL,
        "kms:GenerateDataKey",
        {"aws:SourceArn": None},
        DENY,
    ),
    "another service for whatever ARN": (GOOD, ServicePrincipal("sns.amazonaws.com"), "kms:Decrypt", {}, DENY),
    "another service under its name": (
        [allow({"AWS": "*"}, "kms:*", {"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}})],
        ServicePrincipal("sns.amazonaws.com"),
        "kms:Decrypt",
        {},
        ALLOW,
    ),
    "a reader without encryption context": (NO_ROOT, BOB, "kms:Decrypt", {}, DENY),
    "a reader with the trail's": (NO_ROOT, BOB, "kms:Decrypt", {CONTEXT.lower(): TRAIL_ARN}, ALLOW),
    "a principal of the account": (GOOD, BOB, "kms:PutKeyPolicy", {}, ALLOW),
    "a stranger": (GOOD, STRANGER, "kms:Decrypt", {CONTEXT: TRAIL_ARN}, DENY),
    "a stranger who may be in the organization": (
        [allow({"AWS": "*"}, "kms:Decrypt", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})],
        STRANGER,
        "kms:Decrypt",
        {},
        UNKNOWN,
    ),
    "the console's readers by their account": (
        [CONSOLE_READ],
        BOB,
        "kms:Decrypt",
        {CONTEXT: TRAIL_ARN},
        ALLOW,
    ),
    "an action of which nobody has read what it carries": (
        [allow({"AWS": "*"}, "kms:CreateGrant", {"Bool": {"kms:GrantIsForAWSResource": "true"}})],
        BOB,
        "kms:CreateGrant",
        {},
        UNKNOWN,
    ),
    "a condition key that AWS does not define, in any call": (
        [allow({"AWS": "*"}, "kms:CreateGrant", {"Bool": {"kms:NoSuchKey": "true"}})],
        BOB,
        "kms:CreateGrant",
        {},
        DENY,
    ),
}


@pytest.mark.parametrize(("statements", "caller", "action", "told", "verdict"), CASES.values(), ids=CASES)
def test_the_answer(statements, caller, action, told, verdict) -> None:
    assert ask(statements, caller, action, told)[0] is verdict


def test_says_where_the_context_is_from() -> None:
    _, asked = ask([ROOT, ENCRYPT, DESCRIBE, CONSOLE_READ], CLOUDTRAIL, "kms:Decrypt", {"aws:SourceArn": TRAIL_ARN})
    assert asked.given == ("aws:SourceArn",)
    assert asked.filled_in == (CONTEXT,)
    assert asked.open == ("kms:CallerAccount",)
    assert asked.absent == ()


def test_says_what_the_call_does_not_carry() -> None:
    _, asked = ask([ROOT, ENCRYPT, READ], BOB, "kms:Decrypt", {"aws:PrincipalOrgID": "o-1"})
    assert asked.given == ("aws:PrincipalOrgID",)
    assert asked.absent == ("aws:SourceArn", CONTEXT)


KEYS = ("aws:SourceArn", "aws:SourceAccount", "aws:PrincipalOrgID", CONTEXT, "kms:ViaService", "aws:PrincipalTag/a")
VALUES = (TRAIL_ARN, TRAIL_ARN.replace(ACCOUNT, OTHER), ACCOUNT, OTHER, "o-1", "a", "*", f"arn:aws:*:{ACCOUNT}:*")
CONDITIONS = st.dictionaries(
    st.sampled_from(("StringLike", "StringEquals", "StringNotLike", "StringNotEqualsIfExists", "ArnLike", "Null")),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from((*VALUES, "true", "false")), min_size=1, max_size=2),
    max_size=2,
)
STATEMENTS = st.builds(
    lambda make, who, action, condition: make(who, action, condition),
    st.sampled_from((allow, deny)),
    st.sampled_from(({"AWS": "*"}, SERVICE, {"AWS": ACCOUNT}, {"AWS": str(BOB)})),
    st.sampled_from(("kms:*", "kms:Decrypt", "kms:DescribeKey")),
    CONDITIONS,
)
GIVEN = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.sampled_from(VALUES)), max_size=4)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.sampled_from(("kms:Decrypt", "kms:DescribeKey")), GIVEN)
def test_what_is_not_given_of_a_service_flips_no_answer(statements, action, told) -> None:
    """What a call of CloudTrail carries besides is open, so whatever it turns out to be the answer stays."""
    few, _ = ask(statements, CLOUDTRAIL, action, {})
    # What the tables have as absent from these calls may not be given.
    told = {key: value for key, value in told.items() if not key.startswith("aws:Principal")}
    told = {key: value for key, value in told.items() if action == "kms:Decrypt" or key != CONTEXT}
    all_told, _ = ask(statements, CLOUDTRAIL, action, told)
    assert few in (UNKNOWN, all_told)
