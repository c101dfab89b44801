"""A key of which nothing is at hand but its policy and who uses it, as the rules judge it."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from ctkms.cloudtrail.resources import ANY_TRAIL, EventDataStore, Key, Topic, Trail, key_arn
from ctkms.iam.patterns import ACCOUNT, RESOURCE, arn_sections
from ctkms.unknowns.text import Hole, Kind, Text

THIS_KEY = key_arn(Hole("<this key>", Kind.KEY_ID))


def trail_of(arn: str, organization: bool = False, bucket_key: Optional[bool] = None) -> Trail:
    """The trail with this ARN; an organization's has the management account in it."""
    return Trail(arn, _named(arn), arn, bucket_key=bucket_key, organization=organization)


def store_of(arn: str) -> EventDataStore:
    """The event data store with this ARN."""
    return EventDataStore(arn, arn_sections(arn)[ACCOUNT])


def topic_of(arn: str, trails: Sequence[Trail]) -> Topic:
    """The topic with this ARN; a trail of any name notifies through it where none is given."""
    return Topic(arn, arn, tuple(trails) or (ANY_TRAIL,))


def key_of(
    policy: object,
    trails: Sequence[Trail] = (),
    stores: Sequence[EventDataStore] = (),
    topics: Sequence[Topic] = (),
    arn: Text = THIS_KEY,
) -> Key:
    """The key; its account is that of `arn`, or open. The management account is that of an organization's trail."""
    managing: Tuple[Text, ...] = tuple(arn_sections(one.arn)[ACCOUNT] for one in trails if one.organization is True)
    key = Key("the key", policy, arn, policy_path="", trails=tuple(trails), stores=tuple(stores), topics=tuple(topics))
    return key if not managing else Key(**{**vars(key), "management": managing[0]})


def _named(arn: str) -> str:
    return str(arn_sections(arn)[RESOURCE]).partition("/")[2]
