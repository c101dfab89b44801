"""Replica keys and their primary keys: they share the key id and most properties, and differ by Region.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from typing import FrozenSet, Iterator, Optional, Tuple

from ctkms.iac.cloudformation.aws.return_values import KEY_TYPES, MadeName, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, text_of
from ctkms.iac.cloudformation.subjects.key_users import identities, seen_key
from ctkms.iac.cloudformation.templates.template import Resource
from ctkms.unknowns.text import Hole, Kind, Partial, Text, join, parts_of

PRIMARY, REPLICA = "AWS::KMS::Key", "AWS::KMS::ReplicaKey"


def shared(place: Place, name: str, default: str, stacks: ScannedStacks, evaluation: Evaluation) -> Text:
    """A property that a replica key shares with its primary key."""
    resource = stacks.resource(place)
    if resource is not None and resource.type != PRIMARY:
        place, resource = _primary(place, resource, stacks, evaluation)
    if resource is None or resource.type != PRIMARY:
        return Hole(f"{name} of the primary key")
    value = evaluation.property(resource, name, place[0])
    text = default if value is NO_VALUE else text_of(value)
    return Hole(name) if text is None else text


def _primary(
    place: Place, replica: Resource, stacks: ScannedStacks, evaluation: Evaluation
) -> Tuple[Place, Optional[Resource]]:
    value = text_of(evaluation.property(replica, "PrimaryKeyArn", place[0]))
    found = seen_key(value) if value is not None else None
    return (place, None) if found is None else (found, stacks.resource(found))


def relatives_left_open(policy: object, key: Place, stacks: ScannedStacks, evaluation: Evaluation) -> object:
    """A policy in which the id of a primary key or replica of this key is open, unless it stands in its whole ARN.

    That ARN names another Region than this key's, but a pattern around the id may name every Region.
    """
    if not stacks.all_of_type(REPLICA):
        return policy
    named = frozenset(hole.place for text in _texts(policy) for hole in identities(text) if hole.kind is Kind.KEY_ID)
    relatives = frozenset(place for place in named if place is not None and _related(place, key, stacks, evaluation))
    whole = frozenset(text_of(evaluation.value({"Fn::GetAtt": [name, "Arn"]}, at)) or "" for at, name in relatives)
    return _with_open(policy, relatives, whole) if relatives else policy


def _related(one: Place, other: Place, stacks: ScannedStacks, evaluation: Evaluation) -> bool:
    families = []
    for place in (one, other):
        resource = stacks.resource(place)
        if resource is None or resource.type not in KEY_TYPES:
            return False
        families.append(place if resource.type == PRIMARY else _primary(place, resource, stacks, evaluation)[0])
    return one != other and families[0] == families[1]


def _with_open(policy: object, relatives: FrozenSet[Place], whole: FrozenSet[Text]) -> object:
    if isinstance(policy, dict):
        return {name: _with_open(value, relatives, whole) for name, value in policy.items()}
    if isinstance(policy, list):
        return [_with_open(value, relatives, whole) for value in policy]
    text = text_of(policy)
    if text is None or isinstance(text, str) or text in whole:
        return policy
    return join(
        Hole(str(part), Kind.SOME_KEY_ID) if isinstance(part, MadeName) and part.place in relatives else part
        for part in parts_of(text)
    )


def _texts(value: object) -> Iterator[Text]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (Hole, Partial)):
        yield value
