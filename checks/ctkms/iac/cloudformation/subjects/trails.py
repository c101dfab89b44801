"""Trails, event data stores and the topics that trails notify through, as a template declares them."""

from __future__ import annotations

from typing import List, Tuple

from ctkms.cloudtrail.resources import EventDataStore, Topic, Trail, trail_arn
from ctkms.iac.cloudformation.aws.return_values import MadeName, Place
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import text_of
from ctkms.iac.cloudformation.subjects.buckets import bucket_key, bucket_of
from ctkms.iac.cloudformation.subjects.flags import flag
from ctkms.iac.cloudformation.subjects.key_users import KeyUsers, Scene, identities
from ctkms.iac.cloudformation.templates.template import Resource
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Text
from ctkms.unknowns.truth import FALSE, TRUE, Truth


def trail_at(place: Place, resource: Resource, scene: Scene, stacks: ScannedStacks) -> Trail:
    """A trail, as seen from the key's stack."""
    at, logical_id = place
    evaluation = scene.evaluation
    name = evaluation.text({"Ref": logical_id}, at)
    arn = evaluation.text({"Fn::GetAtt": [logical_id, "Arn"]}, at)
    if isinstance(name, MadeName) and stacks.stands_for_several(place):
        name = Hole(f"the names CloudFormation gives {stacks.address(place, scene.home)}")
        where = evaluation.environment(at)
        arn = trail_arn(name, where.region, where.account)
    declared = bucket_of(resource, at, stacks, evaluation)
    return Trail(
        address=stacks.address(place, scene.home),
        name=name,
        arn=arn,
        bucket=text_of(evaluation.property(resource, "S3BucketName", at)),
        bucket_region=evaluation.environment(declared[0]).region if declared is not None else None,
        bucket_key=bucket_key(declared, stacks, evaluation) if declared is not None else None,
        organization=flag(evaluation.property(resource, _IS_ORGANIZATIONS, at), _IS_ORGANIZATIONS, default=False),
        beside_key=stacks.together(at, scene.home),
    )


def store_at(place: Place, resource: Resource, scene: Scene, stacks: ScannedStacks) -> EventDataStore:
    """An event data store, as seen from the key's stack."""
    enabled = scene.evaluation.property(resource, _ORGANIZATION_ENABLED, place[0])
    return EventDataStore(
        stacks.address(place, scene.home),
        account=scene.evaluation.environment(place[0]).account,
        organization=flag(enabled, _ORGANIZATION_ENABLED, default=False),
    )


_IS_ORGANIZATIONS = "IsOrganizationTrail"
_ORGANIZATION_ENABLED = "OrganizationEnabled"


def unclear_trail(what: str) -> Trail:
    """A trail that something adds to a template which nobody can read."""
    name = Hole(f"the name of a trail from {what}")
    return Trail(address=f"a trail from {what}", name=name, arn=trail_arn(name))


def topic_at(place: Place, scene: Scene, users: KeyUsers, stacks: ScannedStacks) -> Topic:
    """A topic with the trails that certainly notify through it."""
    at, logical_id = place
    arn = scene.evaluation.text({"Ref": logical_id}, at)
    name = scene.evaluation.text({"Fn::GetAtt": [logical_id, "TopicName"]}, at)
    trails: List[Trail] = []
    for trail in users.trails():
        resource = stacks.resource(trail)
        if resource is None:
            continue
        if _notifies(trail, resource, place, (arn, name), scene, stacks) and _exists(trail, scene, stacks) is TRUE:
            trails.append(trail_at(trail, resource, scene, stacks))
    return Topic(stacks.address(place, scene.home), arn, tuple(trails))


def _notifies(
    trail: Place, resource: Resource, topic: Place, called: Tuple[Text, Text], scene: Scene, stacks: ScannedStacks
) -> bool:
    """Whether a trail certainly notifies through the topic. A topic of the same name may be another Region's."""
    evaluation = scene.aside(stacks)
    named = text_of(evaluation.property(resource, "SnsTopicName", trail[0]))
    if isinstance(named, Choice):  # in the scenarios of its conditions it is known
        scene.evaluation.open |= named.conditions
    if named is None or named not in called:
        return False
    imported = topic[0] in evaluation.consulted
    return imported or stacks.together(trail[0], topic[0]) or any(hole.place == topic for hole in identities(named))


def _exists(place: Place, scene: Scene, stacks: ScannedStacks) -> Truth:
    existing = scene.aside(stacks).exists(place)
    return existing if existing is FALSE else scene.evaluation.exists(place)
