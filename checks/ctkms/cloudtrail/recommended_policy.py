"""The key policies that AWS documents for CloudTrail, as plain data, for given accounts, trails and readers.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL
from ctkms.iam.policy import VARIABLES_SINCE

Policy = Dict[str, object]
Statement = Dict[str, object]
Condition = Mapping[str, Mapping[str, Union[str, Sequence[str]]]]

_CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
TOPIC_CONTEXT = "kms:EncryptionContext:aws:sns:topicArn"
_SERVICE = {"Service": CLOUDTRAIL}


@dataclass(frozen=True)
class Readers:
    """Who may read besides the users and roles of the key's own account that its IAM policies let.

    `principals` are ARNs of users, roles and account roots; `organizations` their ids.
    """

    principals: Tuple[str, ...] = ()
    organizations: Tuple[str, ...] = ()


@dataclass(frozen=True)
class TrailKey:
    """The key of trails. `trails` are their ARNs: an organization's trail has the management account in it.

    `bucket_key` says that the bucket has an S3 Bucket Key.
    """

    root: str  # the ARN of the root of the key's account
    trails: Tuple[str, ...]
    readers: Readers = Readers()
    bucket_key: bool = False


def root_arn(partition: str, account: str) -> str:
    """The ARN of an account's root, which stands for the account."""
    return f"arn:{partition}:iam::{account}:root"


def policy_for_trails(wanted: TrailKey) -> Policy:
    """The policy of a key that encrypts the log files of trails."""
    statements = [
        _account(wanted.root),
        allow(
            "Allow CloudTrail to encrypt logs",
            _SERVICE,
            ["kms:GenerateDataKey*"],
            {"StringEquals": {"aws:SourceArn": wanted.trails}, "StringLike": {_CONTEXT: _any_trail_of(wanted.trails)}},
        ),
        # This call carries no encryption context, so it has a statement of its own.
        allow(
            "Allow CloudTrail to describe key",
            _SERVICE,
            ["kms:DescribeKey"],
            {"StringEquals": {"aws:SourceArn": wanted.trails}},
        ),
    ]
    if wanted.bucket_key:
        # AWS shows this one without condition: `#create-kms-key-policy-for-cloudtrail-decrypt` on the same page.
        statements.append(allow("Allow CloudTrail to decrypt a trail", _SERVICE, ["kms:Decrypt"]))
    of_trails: Condition = {"Null": {_CONTEXT: "false"}}
    return _policy(statements + _reading(wanted.readers, "Enable CloudTrail log decrypt permissions", [], of_trails))


def policy_for_stores(root: str, readers: Readers) -> Policy:
    """The policy of a key that encrypts event data stores.

    CloudTrail supports neither `aws:SourceArn` nor `aws:SourceAccount` here, and does not document the encryption
    context, so there is no condition: `#create-kms-key-policy-for-cloudtrail-encrypt-eds` on the same page.
    """
    service = [
        allow(
            "Allow CloudTrail to encrypt and decrypt event data store", _SERVICE, ["kms:GenerateDataKey", "kms:Decrypt"]
        ),
        allow("Allow CloudTrail to describe key", _SERVICE, ["kms:DescribeKey"]),
    ]
    users = _reading(readers, "Allow users to query event data store", ["kms:GenerateDataKey"], {})
    return _policy([_account(root), *service, *users])


def policy_for_topics(root: str, topics: Sequence[str]) -> Policy:
    """The policy of a key that encrypts the SNS topics through which trails notify.

    AWS shows no condition; the encryption context, which SNS adds, holds it to the topics where their ARNs are given.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    condition: Condition = {"StringEquals": {TOPIC_CONTEXT: topics}} if topics else {}
    notify = allow(
        "Allow CloudTrail to notify through the topic", _SERVICE, ["kms:GenerateDataKey*", "kms:Decrypt"], condition
    )
    return _policy([_account(root), notify])


def _policy(statements: List[Statement]) -> Policy:
    return {"Version": VARIABLES_SINCE, "Statement": statements}


def _account(root: str) -> Statement:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam"""
    return allow("Enable IAM User Permissions", {"AWS": root}, ["kms:*"])


def _any_trail_of(trails: Sequence[str]) -> List[str]:
    """A pattern for the trails of each account, in any Region, as AWS has it."""
    sections = [trail.split(":") for trail in trails]
    return list(dict.fromkeys(f"arn:{one[1]}:cloudtrail:*:{one[4]}:trail/*" for one in sections))


def _reading(readers: Readers, sid: str, further: Sequence[str], condition: Condition) -> List[Statement]:
    actions = ["kms:Decrypt", *further]
    found = []
    if readers.principals:
        found.append(allow(sid, {"AWS": _one_or_all(readers.principals)}, actions, condition))
    if readers.organizations:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
        of_organization: Condition = {"StringEquals": {"aws:PrincipalOrgID": readers.organizations}, **condition}
        found.append(allow(f"{sid}, organization", {"AWS": "*"}, actions, of_organization))
    return found


def allow(
    sid: str, principal: Mapping[str, object], actions: Sequence[str], condition: Optional[Condition] = None
) -> Statement:
    """A statement that allows somebody something, written as AWS's examples are."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": dict(principal),
        "Action": _one_or_all(actions),
        "Resource": "*",
    }
    if condition:
        statement["Condition"] = {
            operator: {key: _one_or_all(values) for key, values in keys.items()} for operator, keys in condition.items()
        }
    return statement


def _one_or_all(values: Union[str, Sequence[str]]) -> Union[str, List[str]]:
    """A single value without brackets, as AWS's examples have it."""
    if isinstance(values, str):
        return values
    return values[0] if len(values) == 1 else list(values)
