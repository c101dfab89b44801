"""What the rules judge: a KMS key, its policy, and the trails and event data stores that use it.

`iac/` makes these from Terraform, plans and CloudFormation; nothing here knows where they come from.
Values are literals or carry their holes (`iam/text.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Mapping, Optional, Tuple, Union

from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Text, join


class Order(Enum):
    """When a trail or event data store is made, seen from a policy that is a resource of its own."""

    UNSEEN = "there is no such policy, or the code does not show it"
    AFTER = "after the policy"
    ANY = "before or after the policy: nothing makes it wait"
    NEEDED = "before the policy, which takes an attribute of it"


@dataclass(frozen=True)
class Trail:
    """A CloudTrail trail that delivers its logs encrypted with the key.

    `arn` is in the account of who declares the trail; if `organization`, the trail belongs to the
    management account, whoever declares it.
    """

    address: str  # where the code declares it, for messages: aws_cloudtrail.audit
    name: Text
    arn: Text
    bucket: Optional[Text] = None  # the name of the bucket it delivers to
    bucket_region: Optional[Text] = None  # where the code declares that bucket
    bucket_key: Union[bool, Hole, None] = None  # whether it has an S3 Bucket Key; None: its setting is not in the code
    organization: Union[bool, Hole] = False  # whether it is the trail of an organization
    beside_key: bool = True  # same provider configuration, or same template, as the key: surely the same account
    order: Union[Order, Hole] = Order.UNSEEN


@dataclass(frozen=True)
class EventDataStore:
    """A CloudTrail Lake event data store that encrypts its events with the key; see `Trail`."""

    address: str
    account: Text = OWN_ACCOUNT
    organization: Union[bool, Hole] = False
    order: Union[Order, Hole] = Order.UNSEEN


@dataclass(frozen=True)
class Topic:
    """An SNS topic that the code encrypts with the key."""

    address: str
    arn: Text
    trails: Tuple[Trail, ...] = ()  # that notify through it, whichever keys they use themselves


@dataclass(frozen=True)
class Person:
    """A role or user that the code declares and the key policy may name.

    Policies are as `Key.policy` is: unparsed. `identity_policies` is None when the code shows none.
    """

    address: str
    arn: Text
    trust_policy: object = None  # of a role
    identity_policies: Optional[Tuple[object, ...]] = None


@dataclass(frozen=True)
class Key:
    """A KMS key as the code fixes it, in one possible scenario (one choice of every open condition).

    `policy` is what the code gives for the key policy, before parsing: JSON text (possibly with
    holes), a mapping, or a hole when nothing of it is known. None means that the code sets no
    policy, so KMS's default key policy is in force.
    """

    address: str
    policy: object  # None | Text | mapping of builtins, Hole and Partial
    arn: Text
    policy_address: str = ""  # the resource that holds the policy; "" when it is the key itself
    policy_path: str = "policy/[0]"  # path of the policy within that resource
    # Where `enabled`, `key_spec` and `key_usage` stand in the key's resource.
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
    topics: Tuple[Topic, ...] = ()  # the SNS topics that it certainly encrypts
    other_users: Tuple[str, ...] = ()  # addresses of what else it encrypts, such as log groups and queues; no buckets
    # What trails and event data stores of the scan name as their key, where that may turn out to be this one.
    open_users: Tuple[Hole, ...] = ()
    # What else a user of this key may use instead, by an open condition, where that is no key of the scan.
    unseen: Tuple[Hole, ...] = ()
    bypass: Union[bool, Hole] = False  # whether KMS is told to leave out its lockout check
    inline_policy: object = None  # what the key itself sets, where a policy resource takes its place; as `policy`
    management: Text = MANAGEMENT_ACCOUNT  # the organization's, where the code gives it
    members: Tuple[Text, ...] = ()  # accounts that the code shows as members or delegated administrators
    scenario: str = ""  # what was assumed of open conditions, "" when nothing had to be


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
