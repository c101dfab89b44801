"""What the rules judge: a KMS key, its policy, and the trails and event data stores that use it.

`iac/` makes these from Terraform, plans and CloudFormation; nothing here knows where they come from.
Values are literals or carry their holes (`iam/text.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple, Union

from ctkms.iam.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Text, join


@dataclass(frozen=True)
class Trail:
    """A CloudTrail trail that delivers its logs encrypted with the key."""

    address: str  # where the code declares it, for messages: aws_cloudtrail.audit
    name: Text
    arn: Text
    bucket: Optional[Text] = None  # the name of the bucket it delivers to
    bucket_region: Optional[Text] = None  # where the code declares that bucket
    bucket_key: Union[bool, Hole, None] = None  # whether it has an S3 Bucket Key; None: its setting is not in the code


@dataclass(frozen=True)
class EventDataStore:
    """A CloudTrail Lake event data store that encrypts its events with the key."""

    address: str
    account: Text = OWN_ACCOUNT


@dataclass(frozen=True)
class Person:
    """A role or user that the code declares and the key policy may name.

    Policies are as `Key.policy` is: unparsed. `identity_policies` is None when the code shows none.
    """

    address: str
    arn: Text
    trust_policy: Any = None  # of a role
    identity_policies: Optional[Tuple[Any, ...]] = None


@dataclass(frozen=True)
class Key:
    """A KMS key as the code fixes it, in one possible world (one choice of every open condition).

    `policy` is what the code gives for the key policy, before parsing: JSON text (possibly with
    holes), a mapping, or a hole when nothing of it is known. None means that the code sets no
    policy, so KMS's default key policy is in force.
    """

    address: str
    policy: Any  # None | Text | mapping of builtins, Hole and Partial
    arn: Text
    policy_address: str = ""  # the resource that holds the policy; "" when it is the key itself
    policy_path: str = "policy/[0]"  # path of the policy within that resource
    # Where `enabled` and `key_spec` stand in the key's resource.
    attribute_paths: Mapping[str, str] = field(default_factory=dict)
    trails: Tuple[Trail, ...] = ()
    stores: Tuple[EventDataStore, ...] = ()
    people: Tuple[Person, ...] = ()  # every role and user whose ARN the policy may name
    open_trails: Tuple[Trail, ...] = ()  # the code leaves open whether they use this key
    enabled: Union[bool, Hole] = True
    key_spec: Text = "SYMMETRIC_DEFAULT"
    key_usage: Text = "ENCRYPT_DECRYPT"
    multi_region: bool = False  # it has, or may have, replicas in other Regions
    presumed: bool = False  # the code around it speaks of CloudTrail but cannot be read
    world: str = ""  # what was assumed of open conditions, "" when nothing had to be


def trail_arn(
    name: Text, region: Text = OWN_REGION, account: Text = OWN_ACCOUNT, partition: Text = OWN_PARTITION
) -> Text:
    """The ARN of a trail. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html"""
    return join(("arn:", partition, ":cloudtrail:", region, ":", account, ":trail/", name))


def key_arn(
    key_id: Text, region: Text = OWN_REGION, account: Text = OWN_ACCOUNT, partition: Text = OWN_PARTITION
) -> Text:
    """The ARN of a key. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html"""
    return join(("arn:", partition, ":kms:", region, ":", account, ":key/", key_id))


# A key whose policy speaks of CloudTrail while no trail of the code uses it serves some trail, of any
# name and in any account: an organization's trail is often in another account than its key.
_ANY_NAME = Hole("<any name>", Kind.NAME, own=True)
_ANY_REGION = Hole("<the trail's Region>", Kind.REGION, own=True)
_ANY_ACCOUNT = Hole("<the trail's account>", Kind.ACCOUNT, own=True)
ANY_TRAIL = Trail(address="", name=_ANY_NAME, arn=trail_arn(_ANY_NAME, _ANY_REGION, _ANY_ACCOUNT))
