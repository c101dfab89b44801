"""What strangers, other trails and own people may choose: names that a pattern reaches, tags, what AWS derives."""

from __future__ import annotations

from typing import Any, Dict, Set

import pytest
from tests.cloudtrail.access_requests.test_own_account import _left_open
from tests.cloudtrail.policies import (
    ACCOUNT,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    OTHER,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    Statement,
    allow,
    deny,
    findings,
    having,
    numbers,
    policy,
)

from ctkms.cloudtrail.findings import FAILED

ADMIN = having(ROOT, Action=["kms:Put*", "kms:Get*"])


def reader(**conditions: Any) -> Statement:
    """Everyone under the conditions reads CloudTrail's data."""
    return allow({"AWS": "*"}, "kms:Decrypt", {"Null": {CONTEXT: "false"}, **conditions})


def guard(**conditions: Any) -> Statement:
    """A Deny for everyone but AWS services, under the conditions."""
    return deny("*", "kms:*", {"Bool": {"aws:PrincipalIsAWSService": "false"}, **conditions})


def trails(condition: Any) -> Dict[str, Any]:
    """CloudTrail may do what it needs under one condition."""
    return policy(ROOT, allow(SERVICE, ["kms:GenerateDataKey*", "kms:DescribeKey"], condition))


def by_root(**conditions: Any) -> Statement:
    """The account under the conditions does everything."""
    return having(ROOT, Condition=conditions)


def but(name: str) -> Statement:
    """Nobody reads but this one of the account."""
    return deny("*", "kms:Decrypt", {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:{name}"}})


def people(*statements: Statement) -> Dict[str, Any]:
    return policy(ADMIN, ENCRYPT, DESCRIBE, *statements)


def guarded(*statements: Statement) -> Dict[str, Any]:
    return policy(ROOT, ENCRYPT, DESCRIBE, *statements)


# The rules that fail, and those that are left open, of the ones that are looked at.
READING, GUARDING, ENCRYPTING = {23, 40}, {40, 62}, {20, 21, 22, 24}
CASES: Dict[str, Any] = {
    "the wildcard of StringLike reaches over the sections of an ARN": (
        people(reader(StringLike={"aws:PrincipalArn": "*:role/LogReader"})), READING, {23}, set(),
    ),
    "it reaches into a name": (
        people(reader(StringLike={"aws:PrincipalArn": "*-LogReader-*"})), READING, {23}, set(),
    ),
    "a name may hold the digits of an account": (
        people(reader(StringLike={"aws:PrincipalArn": f"*{ACCOUNT}*"})), READING, {23}, set(),
    ),
    "who is spared by such a pattern may change the policy": (
        guarded(guard(StringNotLike={"aws:PrincipalArn": ["*:role/Admin"]})), GUARDING, set(), set(),
    ),
    "a trail may have the digits of an account in its name": (
        trails({"StringLike": {"aws:SourceArn": f"*{ACCOUNT}*"}}), {20, 22}, {20, 22}, set(),
    ),
    "a pattern over sections lets other trails in": (
        trails({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*audit*"}}), {20, 22, 24}, {20, 22, 24}, set(),
    ),
    "a context pattern may be met by a foreign trail's name": (
        trails({"StringLike": {CONTEXT: f"*{ACCOUNT}*"}, "StringEquals": {"aws:SourceArn": TRAIL_ARN}}),
        {21}, {21}, set(),
    ),
    "a stranger tags himself with what the policy takes from his tag": (
        people(reader(StringEquals={CONTEXT: "${aws:PrincipalTag/trail}"})), {23}, {23}, set(),
    ),
    "a stranger's role may be called as his tag says": (
        people(reader(StringLike={"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:PrincipalTag/team}"})),
        {23}, {23}, set(),
    ),
    "own people may carry their account as a tag": (
        guarded(guard(StringNotEquals={"aws:PrincipalTag/acct": "${aws:PrincipalAccount}"})), GUARDING, set(), set(),
    ),
    "the organization of the key is not known": (
        people(reader(StringEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"})), {40}, set(), {40},
    ),
    "a path begins with the organization, which is not a stranger's": (
        people(reader(**{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}})),
        {23}, set(), set(),
    ),
    "any organization is a stranger's too": (
        people(reader(StringLike={"aws:PrincipalOrgID": "o-*"})), {23}, {23}, set(),
    ),
    "an account id has twelve digits and no more": (
        people(reader(StringLike={"kms:CallerAccount": f"{ACCOUNT}*"})), {23, 62}, set(), set(),
    ),
    "a pattern of an account with all its digits lets no foreign trail in": (
        trails({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}*:trail/audit"}}), {20}, set(), set(),
    ),
    "a unique id is nothing that a stranger chooses": (
        people(reader(StringLike={"aws:userId": "AROA1234567890ABCDEFG:*"})), {23}, set(), set(),
    ),
    "the name of a session is": (
        people(reader(StringLike={"aws:userId": "*:reader"})), {23}, {23}, set(),
    ),
    "patterns of an Allow and a Deny may meet in a tag": (
        people(
            reader(StringLike={"aws:PrincipalTag/t": ["a", "b", "c", "q*"]}),
            deny("*", "kms:Decrypt", {"StringNotLike": {"aws:PrincipalTag/t": "*z"}}),
        ),
        READING, {23}, set(),
    ),
    "patterns of three conditions may meet in the name of a trail": (
        policy(
            ROOT,
            having(DESCRIBE, Action="kms:*", Condition={
                "ArnLike": {"aws:SourceArn": [f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/a*", TRAIL_ARN]},
            }),
            *(
                deny(SERVICE, "kms:*", {"ArnNotLike": {"aws:SourceArn": [pattern, TRAIL_ARN]}})
                for pattern in ("arn:aws:cloudtrail:*:*:trail/*u*", "arn:aws:cloudtrail:*:*:trail/*t")
            ),
        ),
        {22}, {22}, set(),
    ),
    "one of many patterns may meet another one": (
        policy(
            ROOT,
            having(DESCRIBE, Action="kms:*", Condition={
                "ArnLike": {"aws:SourceArn": [f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/{one}" for one in (
                    *(f"a{number}*-x" for number in range(9)), "q*", "audit"
                )]},
            }),
            deny(SERVICE, "kms:*", {"ArnNotLike": {"aws:SourceArn": ["arn:aws:cloudtrail:*:*:trail/*z", TRAIL_ARN]}}),
        ),
        {22}, {22}, set(),
    ),
    "accounts of two patterns may meet": (
        policy(
            ROOT,
            having(ENCRYPT, Condition={"StringLike": {"aws:SourceAccount": "1*"}}),
            deny(SERVICE, "kms:*", {"StringNotLike": {"aws:SourceAccount": "*1"}}),
        ),
        {20}, {20}, set(),
    ),
    "what CloudTrail's call carries is not for the owner of a trail to choose": (
        trails({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
        {1, *ENCRYPTING}, set(), {1, *ENCRYPTING},
    ),
    "AWS does not say that it sends the organization of a trail": (
        trails({"StringLike": {"aws:SourceOrgID": "o-*"}}), {1, 20}, set(), {1, 20},
    ),
    "a foreign organization is not the own one, whether it is sent or not": (
        trails({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}), {20}, set(), set(),
    ),
    "no service changes a key policy for somebody": (
        guarded(guard(StringNotEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"})), {40, 62}, {62}, set(),
    ),
    "nobody calls through CloudTrail": (
        guarded(guard(StringNotEquals={"kms:ViaService": "cloudtrail.us-east-1.amazonaws.com"})),
        GUARDING, GUARDING, set(),
    ),
    "StringNotEquals takes the wildcard of an organization literally": (
        guarded(guard(StringNotEquals={"aws:PrincipalOrgID": "o-*"})), GUARDING, GUARDING, set(),
    ),
    "no organization is called so": (
        guarded(guard(StringNotEquals={"aws:PrincipalOrgID": "my-org"})), GUARDING, GUARDING, set(),
    ),
    "an endpoint is not called by a wildcard": (
        guarded(guard(StringNotEquals={"aws:SourceVpce": "*"})), GUARDING, GUARDING, set(),
    ),
    # --- An account stands for its people, whatever condition names them
    "an account stands for its roles of which a condition asks for the name": (
        policy(by_root(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Admin*"}), ENCRYPT, DESCRIBE),
        GUARDING, set(), set(),
    ),
    "and for the one whose name is spelled out": (
        policy(by_root(StringEquals={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Admin"}), ENCRYPT, DESCRIBE),
        GUARDING, set(), set(),
    ),
    "so does a foreign account that reads": (
        policy(
            ADMIN, ENCRYPT, DESCRIBE,
            allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, "kms:Decrypt",
                  {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/siem-*"}}),
        ),
        {40}, set(), set(),
    ),
    "an account does not stand for the roles of another one": (
        policy(by_root(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/Admin*"}), ENCRYPT, DESCRIBE),
        GUARDING, GUARDING, set(),
    ),
    # --- Strangers of every kind, from everywhere
    "a trail of another Region is let in where a Deny speaks of one Region": (
        policy(
            ADMIN, allow(SERVICE, "kms:*"),
            deny(SERVICE, "kms:*", {"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:*"},
                                    "StringNotEquals": {"aws:SourceArn": TRAIL_ARN}}),
        ),
        {20, 22, 24}, {20, 22, 24}, set(),
    ),
    "so is one where an Allow excludes a Region": (
        trails({"ArnNotLike": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:*:trail/*"}}),
        {22, 24}, {22, 24}, set(),
    ),
    "the context may be of another Region": (
        trails({"StringEquals": {"aws:SourceArn": TRAIL_ARN},
                "StringNotLike": {CONTEXT: "arn:aws:cloudtrail:us-east-1:*"}}),
        {21}, {21}, set(),
    ),
    "a user is no role": (
        people(reader(), deny("*", "kms:Decrypt", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})),
        {23}, {23}, set(),
    ),
    "a user is let in where an Allow excludes roles": (
        people(reader(ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"})), {23}, {23}, set(),
    ),
    "an account root may be anybody's": (
        people(reader(ArnEquals={"aws:PrincipalArn": "arn:aws:iam::*:root"})), READING, {23}, set(),
    ),
    "so may a pattern of one": (
        people(reader(StringLike={"aws:PrincipalArn": "*:root"})), READING, {23}, set(),
    ),
    "and a federated user": (
        people(reader(ArnLike={"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"})), READING, {23}, set(),
    ),
    # --- Patterns of what AWS derives
    "own people may be of the organization of a pattern": (
        guarded(guard(StringNotLike={"aws:PrincipalOrgID": "o-*"})), GUARDING, set(), set(),
    ),
    "or of one that begins so": (
        guarded(guard(StringNotLike={"aws:PrincipalOrgID": "o-abc*"})), GUARDING, set(), set(),
    ),
    "or of one in other letters": (
        guarded(guard(StringNotEqualsIgnoreCase={"aws:PrincipalOrgID": "O-ABCDEFGHIJ"})), GUARDING, set(), set(),
    ),
    "or of none, where nothing spared is one": (
        guarded(guard(StringNotLike={"aws:PrincipalOrgID": "x-*"})), GUARDING, GUARDING, set(),
    ),
    "somebody is of an account of which a condition gives some digits": (
        people(reader(StringLike={"kms:CallerAccount": "4444*"})), READING, {23}, set(),
    ),
    "so is one of aws:PrincipalAccount": (
        people(reader(StringLike={"aws:PrincipalAccount": "44445555666?"})), READING, {23}, set(),
    ),
    "and one of which the name is given as well": (
        people(reader(StringLike={"aws:PrincipalArn": "arn:aws:iam::4444*:role/reader"})), READING, {23}, set(),
    ),
    "a foreign trail may have an account of which two patterns give some digits": (
        trails({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT[:-1]}?:trail/*"},
                "StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:1?1*1*:trail/*"}}),
        {20}, {20}, set(),
    ),
    "or such an account, and the digits of another one in its name": (
        trails({"StringLike": {"aws:SourceArn": f"*{OTHER}*", "aws:SourceAccount": "1111*"}}), {20}, {20}, set(),
    ),
    "or what spares it in its name": (
        policy(
            ADMIN, allow(SERVICE, "kms:GenerateDataKey*", {"StringLike": {"aws:SourceAccount": "1111*"}}),
            deny(SERVICE, "kms:*", {"StringNotLike": {"aws:SourceArn": f"*{ACCOUNT}*"}}),
        ),
        {20}, {20}, set(),
    ),
    "a context likewise": (
        trails({"StringEquals": {"aws:SourceArn": TRAIL_ARN}, "StringLike": {CONTEXT: f"*{ACCOUNT}*"},
                "ArnLike": {CONTEXT: "arn:aws:cloudtrail:*:1111*:trail/*"}}),
        {21}, {21}, set(),
    ),
    # --- What a second look found
    "a trail is of a Region of which a pattern gives some letters": (
        trails({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-*:*:trail/*"}}),
        {20, 22, 24}, {20, 22, 24}, set(),
    ),
    "where the root user alone is denied, the others of the account are not": (
        guarded(deny("*", ["kms:PutKeyPolicy", "kms:Decrypt"],
                     {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root"}})),
        GUARDING, set(), set(),
    ),
    "nor where the account is allowed without its root user": (
        policy(by_root(StringNotEquals={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root"}), ENCRYPT, DESCRIBE),
        GUARDING, set(), set(),
    ),
    "the session of a role carries the role, which may have a path": (
        people(
            allow({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob"}, "kms:Decrypt"),
            but("role/admin"),
        ),
        {40}, set(), {40},
    ),
    "and may have that one": (
        people(
            allow({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob"}, "kms:Decrypt"),
            but("role/p/admin"),
        ),
        {40}, set(), {40},
    ),
    "whoever changes the policy says whether the lockout check is left out": (
        policy(ROOT, ENCRYPT, DESCRIBE,
               allow({"AWS": "*"}, "kms:PutKeyPolicy", {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}})),
        {62}, {62}, set(),
    ),
    "so does the administrator": (
        policy(by_root(Bool={"kms:BypassPolicyLockoutSafetyCheck": "false"}), ENCRYPT, DESCRIBE), {62}, set(), set(),
    ),
    "an enclave may attest what is asked for": (
        people(reader(StringEqualsIgnoreCase={"kms:RecipientAttestation:ImageSha384": "abc"})), READING, set(), READING,
    ),
    "a stranger sends several values": (
        people(reader(**{"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "a"},
                         "ForAnyValue:StringLike": {"kms:EncryptionContextKeys": "b"}})),
        {23}, {23}, set(),
    ),
    "and a tag in the letters that meet two patterns": (
        people(reader(StringEqualsIgnoreCase={"aws:PrincipalTag/t": "SEC"}, StringLike={"aws:PrincipalTag/t": "s*"})),
        {23}, {23}, set(),
    ),
    "a tag has more than one character": (
        people(reader(StringNotLike={"aws:PrincipalTag/t": "?"},
                      Null={"aws:PrincipalTag/t": "false", CONTEXT: "false"})),
        {23}, {23}, set(),
    ),
    "so has a name": (
        policy(ROOT, allow(SERVICE, ["kms:GenerateDataKey*", "kms:DescribeKey"]),
               deny(SERVICE, "kms:*", {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/?"}})),
        {20, 22, 24}, {20, 22, 24}, set(),
    ),
    "an address is outside of many networks": (
        people(reader(NotIpAddress={"aws:SourceIp": [*(f"{n}.0.0.0/8" for n in range(8, 214, 3)), "2000::/3"]},
                      Null={"aws:SourceIp": "false", CONTEXT: "false"})),
        {23}, {23}, set(),
    ),
    "an organization may end as a pattern does": (
        people(reader(StringLike={"aws:PrincipalOrgID": "o-*9z"})), {23}, {23}, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_callers_may_choose(name: str) -> None:
    document, looked_at, failed, left_open = CASES[name]
    found = findings(document)
    assert numbers(found, FAILED) & looked_at == failed
    assert _left_open(found) & looked_at == left_open


def test_a_stranger_is_nobody_whom_the_policy_names() -> None:
    found = findings(people(reader(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}*:role/a"})))
    failed: Set[int] = numbers(found, FAILED)
    assert failed & {23, 62} == set()


def test_a_key_policy_that_only_another_account_may_change_says_so() -> None:
    found = findings(
        policy(having(ROOT, Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}), ENCRYPT, DESCRIBE),
        arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012",
    )
    assert found["CKV_CTKMS_062"].result == FAILED
    assert "allows nothing" not in found["CKV_CTKMS_062"].reason
