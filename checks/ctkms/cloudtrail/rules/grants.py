"""Rules 001 to 019: what CloudTrail needs in order to work."""

from __future__ import annotations

from typing import Optional, Sequence

from ctkms.cloudtrail.access_requests.calls import DECRYPT, DESCRIBE_KEY, GENERATE_DATA_KEY
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer, Note, allowed, every, every_if_any
from ctkms.cloudtrail.resources import Topic, Trail
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import TRUE, UNKNOWN


def encrypts(case: KeyCase) -> Answer:
    """CloudTrail can encrypt each trail's log files."""
    return _and_where_to_look_next(every(_may(case, GENERATE_DATA_KEY, trail) for trail in case.trails))


def describes(case: KeyCase) -> Answer:
    """CloudTrail can read the key's properties on behalf of each trail."""
    return _and_where_to_look_next(every(_may(case, DESCRIBE_KEY, trail) for trail in case.trails))


def _and_where_to_look_next(answer: Answer) -> Answer:
    """CloudTrail's error names the key and the bucket in one breath, so it does not tell which of them refused.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    """
    next_ = "if CloudTrail still refuses, the policy of the trail's S3 bucket is the next place to look"
    return answer._replace(further=next_) if answer.kept is TRUE else answer


def decrypts_for_bucket_keys(case: KeyCase) -> Optional[Answer]:
    """CloudTrail can decrypt for each trail whose bucket has an S3 Bucket Key; None where the code has no bucket."""
    return every_if_any(_decrypts_if_needed(case, trail) for trail in case.trails if trail.bucket_key is not None)


def _decrypts_if_needed(case: KeyCase, trail: Trail) -> Answer:
    if trail.bucket_key is False:
        return Answer(
            TRUE, note=Note(f"the bucket of {trail.address} has no S3 Bucket Key, so CloudTrail need not decrypt")
        )
    answer = _may(case, DECRYPT, trail)
    if isinstance(trail.bucket_key, Hole) and answer.kept is not TRUE:
        return Answer(UNKNOWN, answer.decisions, holes=(trail.bucket_key,))
    return answer


def _may(case: KeyCase, action: str, trail: Trail) -> Answer:
    return allowed(case.policy, case.asked.by_trail(action, trail))


def encrypts_for_stores(case: KeyCase) -> Answer:
    """CloudTrail can encrypt and decrypt each event data store's events."""
    return _serves_stores(case, (GENERATE_DATA_KEY, DECRYPT))


def describes_for_stores(case: KeyCase) -> Answer:
    """CloudTrail can read the key's properties on behalf of each event data store."""
    return _serves_stores(case, (DESCRIBE_KEY,))


def _serves_stores(case: KeyCase, actions: Sequence[str]) -> Answer:
    return every(
        allowed(case.policy, case.asked.by_store(action, store)) for store in case.key.stores for action in actions
    )


def notifies(case: KeyCase) -> Answer:
    """CloudTrail can publish to each encrypted topic through which a trail notifies.

    Whether these calls carry `aws:SourceArn` and `aws:SourceAccount` is not documented for CloudTrail, and the SNS
    guide shows conditions on them: so a policy that allows the call with the trail's own ARN serves, one that
    allows it in neither form does not.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    """
    return every(
        _publishes(case, action, topic, trail)
        for topic in case.topics
        for trail in topic.trails
        for action in (GENERATE_DATA_KEY, DECRYPT)
    )


def _publishes(case: KeyCase, action: str, topic: Topic, trail: Trail) -> Answer:
    named = allowed(case.policy, case.asked.by_topic(action, topic, trail))
    if named.kept is TRUE:
        return named
    unnamed = allowed(case.policy, case.asked.by_topic(action, topic, None))
    return (
        named if unnamed.kept is named.kept else Answer(UNKNOWN, (*named.decisions, *unnamed.decisions), holes=_NAMED)
    )


_NAMED = (Hole("whether CloudTrail's calls for the topic carry aws:SourceArn (undocumented)"),)
