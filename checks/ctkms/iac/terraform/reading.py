"""From the instances that a scanned resource may be to the keys that the rules judge, in every world."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, FrozenSet, Iterable, Optional, Tuple

from ctkms.cloudtrail.keys import Key
from ctkms.iac.subjects import Subject
from ctkms.iac.terraform.attributes import KEY_POLICY, KEY_TYPES
from ctkms.iac.terraform.configuration import Configuration
from ctkms.iac.terraform.keys import Draft, declared_key, key_of_policy
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.terraform.world import World
from ctkms.iac.worlds import Assumptions, every_world

RESOURCE_TYPES = (*KEY_TYPES, KEY_POLICY)  # the ones that can be a subject

Find = Callable[[World], Iterable[ResourceInstance]]


def subject_of(configuration: Configuration, type_: str, find: Find) -> Optional[Subject]:
    """The keys of every world in which a resource of this type exists; None when there is none.

    `find` gives the instances in one world that the scanner's address stands for.
    """
    build = key_of_policy if type_ == KEY_POLICY else declared_key

    def drafts(assumed: Assumptions) -> Tuple[Draft, ...]:
        situation = configuration.situation(assumed)
        return tuple(build(instance, situation, configuration) for instance in find(situation.world))

    worlds = every_world(drafts, _conditions)
    keys = tuple(_in_world(draft.key, assumed, len(found) > 1) for assumed, found in worlds for draft in found)
    if not keys:
        return None
    declares = type_ != KEY_POLICY
    return Subject(keys, declares, not declares or any(not key.policy_address for key in keys))


def _conditions(drafts: Tuple[Draft, ...]) -> FrozenSet[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _in_world(key: Key, assumed: Assumptions, one_of_several: bool) -> Key:
    told = [f"{condition} is {str(value).lower()}" for condition, value in sorted(assumed.items())]
    if one_of_several:
        told.append(f"the resource is {key.address}")
    return replace(key, world=" and ".join(told)) if told else key
