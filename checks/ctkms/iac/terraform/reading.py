"""From the instances that a scanned resource may be to what the rules judge of it, in every world."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Callable, FrozenSet, Iterable, Optional, Tuple

from ctkms.cloudtrail.keys import Key
from ctkms.iac.subjects import Subject
from ctkms.iac.terraform.attributes import KEY_POLICY, KEY_TYPES, STORE, TRAIL
from ctkms.iac.terraform.configuration import Configuration
from ctkms.iac.terraform.keys import Draft, declared_key, key_of_policy
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.terraform.situation import Situation
from ctkms.iac.terraform.world import World
from ctkms.iac.worlds import Assumptions, every_world

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
    held_here = any(not configuration.has_policy_resource(one.module.world.own_identity(one)) for one in declared)
    return Subject(keys, True, held_here) if keys else None


def keys_of(configuration: Configuration, find: Find) -> Tuple[Key, ...]:
    """The keys that declared ones are, in every world."""
    return _keys(configuration, _key_worlds(configuration, find))


def _key_worlds(configuration: Configuration, find: Find) -> Worlds:
    def drafts(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(declared_key(one, situation, configuration) for one in find(situation.world))

    return every_world(drafts, _conditions)


def _subject_of_policy(configuration: Configuration, find: Find) -> Optional[Subject]:
    """The key that a policy is attached to; where there may be no such policy, the key without it as well."""

    def attached(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(key_of_policy(one, situation, configuration) for one in find(situation.world))

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
        declared_key(one, situation, configuration)
        for one in situation.world.everything(*KEY_TYPES)
        if one.address in addresses
    )


def _conditions(drafts: Drafts) -> FrozenSet[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _keys(configuration: Configuration, worlds: Worlds) -> Tuple[Key, ...]:
    return tuple(
        _in_world(draft.key, configuration.situation(assumed).world.told(), len(found) > 1)
        for assumed, found in worlds
        for draft in found
    )


def _in_world(key: Key, told: Tuple[str, ...], one_of_several: bool) -> Key:
    if one_of_several:
        told = (*told, f"the resource is {key.address}")
    return replace(key, world=" and ".join(told)) if told else key
