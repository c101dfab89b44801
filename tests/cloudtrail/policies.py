"""Statements of key policies that several tests put together."""

from __future__ import annotations

import copy
from typing import Any, Dict, Mapping, Optional, Sequence, Set

from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.resources import Key, Trail, key_arn, trail_arn
from ctkms.unknowns.text import Hole, Kind

ACCOUNT, OTHER = "111111111111", "222222222222"
KEY_ARN = key_arn(Hole("aws_kms_key.logs.key_id", Kind.KEY_ID))
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
AUDIT = Trail("aws_cloudtrail.audit", "audit", trail_arn("audit"))

Statement = Dict[str, Any]


def allow(principal: Any, actions: Any, condition: Optional[Mapping[str, Any]] = None, **other: Any) -> Statement:
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **other}
    return {**statement, "Condition": condition} if condition else statement


def deny(principal: Any, actions: Any, condition: Optional[Mapping[str, Any]] = None, **other: Any) -> Statement:
    return {**allow(principal, actions, condition, **other), "Effect": "Deny"}


SERVICE = {"Service": "cloudtrail.amazonaws.com"}
ROOT = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
ENCRYPT = allow(
    SERVICE,
    "kms:GenerateDataKey*",
    {"StringEquals": {"aws:SourceArn": TRAIL_ARN}, "StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}},
)
DESCRIBE = allow(SERVICE, "kms:DescribeKey", {"StringEquals": {"aws:SourceArn": TRAIL_ARN}})
READ = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Bob"}, "kms:Decrypt", {"Null": {CONTEXT: "false"}})
CONSOLE_READ = allow(
    {"AWS": "*"},
    ["kms:Decrypt", "kms:ReEncryptFrom"],
    {
        "StringEquals": {"kms:CallerAccount": ACCOUNT},
        "StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
    },
)
GOOD = [ROOT, ENCRYPT, DESCRIBE, READ]


def policy(*statements: Statement) -> Dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def having(statement: Statement, **changes: Any) -> Statement:
    """A statement with some of its elements replaced; None removes one."""
    changed = {**copy.deepcopy(statement), **changes}
    return {name: value for name, value in changed.items() if value is not None}


def findings(document: Any, trails: Sequence[Trail] = (AUDIT,), **key: Any) -> Mapping[str, Finding]:
    given = {"address": "aws_kms_key.logs", "arn": KEY_ARN, "policy": document, "trails": tuple(trails), **key}
    return judge([Key(**given)], True, True)


def numbers(found: Mapping[str, Finding], result: str) -> Set[int]:
    return {int(rule[-3:]) for rule, finding in found.items() if finding.result == result}
