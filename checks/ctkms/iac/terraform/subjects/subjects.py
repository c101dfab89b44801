"""From the instances that a scanned resource may be to what the rules judge of it, in every world."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Callable, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple

from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES, STORE, TRAIL
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import World
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.inventory import Situation
from ctkms.iac.terraform.subjects.keys import Draft, keys_declared, keys_of_policy, perhaps
from ctkms.unknowns.scenarios import Assumptions, every_world

HOLDER_TYPES = (*KEY_TYPES, KEY_POLICY)  # what a key, or its policy, stands on
USER_TYPES = (TRAIL, STORE)  # what stands for a key that the scanner does not show
RESOURCE_TYPES = (*HOLDER_TYPES, *USER_TYPES)  # the ones that can be a subject

Find = Callable[[World], Iterable[ResourceInstance]]
Drafts = Tuple[Draft, ...]
Worlds = Tuple[Tuple[Assumptions, Drafts], ...]


def subject_of(configuration: Configuration, type_: str, find: Find) -> Optional[Subject]:
    """The keys of every world in which a key, or a resource for its policy, exists; None when there is none.

    `find` gives the instances in one world that the scanner's address stands for.
    """
    if type_ == KEY_POLICY:
        return _subject_of_policy(configuration, find)
    worlds = _key_worlds(configuration, find)
    keys = _keys(configuration, worlds)
    declared = (one for assumed, _ in worlds for one in find(configuration.situation(assumed).world))
    # A policy that may stand on a resource of its own carries the records of all worlds.
    held_here = any(not configuration.has_policy_resource(one.module.shared.own_identity(one)) for one in declared)
    return Subject(keys, True, held_here) if keys else None


def keys_of(configuration: Configuration, find: Find) -> Tuple[Key, ...]:
    """The keys that declared ones are, in every world."""
    return _keys(configuration, _key_worlds(configuration, find))


def _key_worlds(configuration: Configuration, find: Find) -> Worlds:
    def drafts(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(draft for one in find(situation.world) for draft in keys_declared(one, situation, configuration))

    return every_world(drafts, _conditions)


def _subject_of_policy(configuration: Configuration, find: Find) -> Optional[Subject]:
    """The key that a policy is attached to; where there may be no such policy, the key without it as well."""

    def attached(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(draft for one in find(situation.world) for draft in keys_of_policy(one, situation, configuration))

    worlds = every_world(attached, _conditions)
    addresses = {draft.key.address for _, drafts in worlds for draft in drafts}
    if not addresses:
        return None

    def with_or_without(assumed: Assumptions) -> Drafts:
        return attached(assumed) or _without_policy(configuration, configuration.situation(assumed), addresses)

    if not all(drafts for _, drafts in worlds):
        worlds = every_world(with_or_without, _conditions)
    return Subject(_keys(configuration, worlds), False, True)


def _without_policy(configuration: Configuration, situation: Situation, addresses: AbstractSet[str]) -> Drafts:
    return tuple(
        draft
        for one in situation.world.everything(*KEY_TYPES)
        if one.address in addresses
        for draft in keys_declared(one, situation, configuration)
    )


def _conditions(drafts: Drafts) -> FrozenSet[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _keys(configuration: Configuration, worlds: Worlds) -> Tuple[Key, ...]:
    """The keys of all worlds; what may use a key in one of them may do so in any."""
    keys = tuple(
        _in_world(draft, configuration.situation(assumed).told, len({one.key.address for one in found}) > 1)
        for assumed, found in worlds
        for draft in found
    )
    users: Dict[str, List[Key]] = {}
    for key in keys:
        users.setdefault(key.address, []).append(key)
    return tuple(replace(key, other_users=_other_users(key, users[key.address])) for key in keys)


def _other_users(key: Key, worlds: Sequence[Key]) -> Tuple[str, ...]:
    """What a topic is in some world only, or what else there is, explains a policy in every world as well."""
    topics = {topic.address for topic in key.topics}
    elsewhere = (topic.address for one in worlds for topic in one.topics if topic.address not in topics)
    others = (user for one in worlds for user in one.other_users)
    return tuple(dict.fromkeys((*key.other_users, *others, *map(perhaps, elsewhere))))


def _in_world(draft: Draft, told: Tuple[str, ...], one_of_several: bool) -> Key:
    key, told = draft.key, (*told, *draft.told)
    if one_of_several:
        told = (*told, f"the resource is {key.address}")
    return replace(key, world=" and ".join(told)) if told else key
