"""The requests that CloudTrail makes of a key, and those that its readers and strangers would make.

What CloudTrail calls: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Dict, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import (
    CLOUDTRAIL,
    ENCRYPTION_CONTEXT,
    ENCRYPTION_CONTEXT_PREFIX,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    Known,
    sent_by_principal,
    sent_by_service,
)
from ctkms.cloudtrail.resources import EventDataStore, Topic, Trail
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, RESOURCE, arn_sections
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, ContextValue, Request, ServicePrincipal
from ctkms.unknowns.text import Hole, Text, join, split

GENERATE_DATA_KEY = "kms:GenerateDataKey"
DECRYPT = "kms:Decrypt"
DESCRIBE_KEY = "kms:DescribeKey"
PUT_KEY_POLICY = "kms:PutKeyPolicy"

SERVICE = ServicePrincipal(CLOUDTRAIL)
TOPIC_CONTEXT = "kms:encryptioncontext:aws:sns:topicarn"
S3_CONTEXT = "kms:encryptioncontext:aws:s3:arn"


@dataclass(frozen=True)
class Asked:
    """What the requests about one key have in common: its ARN and the condition keys of its policy (lower case)."""

    key_arn: Text
    condition_keys: Tuple[str, ...]

    def by_trail(
        self, action: str, trail: Trail, encryption_context: Optional[Text] = None, extra: Optional[Known] = None
    ) -> Request:
        """CloudTrail calls for a trail.

        `encryption_context` may be another trail's ARN than `aws:SourceArn`, for the sake of argument.
        """
        known: Dict[str, Optional[ContextValue]] = {
            **_about_key(self.key_arn),
            SOURCE_ARN: trail.arn,
            SOURCE_ACCOUNT: _section(trail.arn, ACCOUNT),
            **(extra or {}),
        }
        if action != DESCRIBE_KEY:  # this call carries no encryption context
            known[ENCRYPTION_CONTEXT] = trail.arn if encryption_context is None else encryption_context
            known.setdefault(S3_CONTEXT, _bucket_context(trail))
        context = sent_by_service(self.condition_keys, action, known)
        purpose = f"CloudTrail, for the trail {trail.arn}"
        if encryption_context is not None and encryption_context != trail.arn:
            purpose += f" but with the encryption context of {encryption_context}"
        return Request(SERVICE, action, self.key_arn, context, purpose)

    def by_topic(self, action: str, topic: Topic, trail: Optional[Trail]) -> Request:
        """CloudTrail publishes to an encrypted topic, in the name of `trail`; None for a call that names no trail.

        The encryption context is the topic's: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        known: Dict[str, Optional[ContextValue]] = {
            **_about_key(self.key_arn),
            SOURCE_ARN: trail.arn if trail else None,
            SOURCE_ACCOUNT: _section(trail.arn, ACCOUNT) if trail else None,
            TOPIC_CONTEXT: topic.arn,
        }
        context = sent_by_service(self.condition_keys, action, known)
        of_trail = f" for the trail {trail.arn}" if trail else ""
        purpose = f"CloudTrail, to notify through the topic {topic.address}{of_trail}"
        return Request(SERVICE, action, self.key_arn, context, purpose)

    def by_store(self, action: str, store: EventDataStore) -> Request:
        """CloudTrail calls for an event data store: without `aws:SourceArn` and `aws:SourceAccount`.

        What encryption context these calls carry is not documented.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        """
        known: Dict[str, Optional[ContextValue]] = {
            **_about_key(self.key_arn),
            SOURCE_ARN: None,
            SOURCE_ACCOUNT: None,
            **self._undocumented_encryption_context(),
        }
        context = sent_by_service(self.condition_keys, action, known)
        return Request(SERVICE, action, self.key_arn, context, f"CloudTrail, for the event data store {store.address}")

    def _undocumented_encryption_context(self) -> Known:
        return {key: UNDOCUMENTED for key in self.condition_keys if key.startswith(ENCRYPTION_CONTEXT_PREFIX)}

    def by_principal(self, action: str, arn: Text, extra: Known, purpose: str) -> Request:
        """A user, role or account root calls; `extra` is what it chooses and what AWS derives from it."""
        known: Dict[str, Optional[ContextValue]] = {
            **_about_key(self.key_arn),
            "aws:principalarn": principal_arn_of(arn),
            "aws:principalaccount": _section(arn, ACCOUNT),
            "kms:calleraccount": _section(arn, ACCOUNT),
            **extra,
        }
        return Request(
            AwsPrincipal(arn), action, self.key_arn, sent_by_principal(self.condition_keys, action, known), purpose
        )


def principal_arn_of(arn: Text) -> Text:
    """`aws:PrincipalArn` of a caller: of a session the ARN of its role, whose path the session does not tell.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    role = AwsPrincipal(arn).role
    if role == arn:
        return arn
    sections = arn_sections(role)
    name = split(sections[RESOURCE], "/", 1)[-1]
    return join((*(piece for one in sections[:RESOURCE] for piece in (one, ":")), "role", _PATH, name))


_PATH = Hole("/<the path of the role, if any>")


@lru_cache(maxsize=16)  # a dozen requests are made about a key before the next
def _about_key(arn: Text) -> Known:
    return {"aws:resourceaccount": _section(arn, ACCOUNT), "aws:requestedregion": _section(arn, REGION)}


def _section(arn: Text, number: int) -> Text:
    sections = arn_sections(arn)
    return sections[number] if sections else Hole(f"section {number} of {arn}")


_BUCKET_AND_OBJECT = Hole("<bucket and object>")


def _bucket_context(trail: Trail) -> Text:
    """`aws:s3:arn`: the bucket and the object, or the bucket alone where it has an S3 Bucket Key.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    if trail.bucket is None:
        return _BUCKET_AND_OBJECT
    bucket = join(("arn:", _section(trail.arn, PARTITION), ":s3:::", trail.bucket))
    if trail.bucket_key is True:
        return bucket
    return join((bucket, "/", Hole("<object>")) if trail.bucket_key is False else (bucket, Hole("/<object>")))
