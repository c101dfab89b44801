"""From the instances that a scanned resource may be to what the rules judge of it, in every world."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Callable, FrozenSet, Iterable, List, Optional, Tuple

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


def subject_of(configuration: Configuration, type_: str, find: Find) -> Optional[Subject]:
    """The keys of every world in which a key, or a resource for its policy, exists; None when there is none.

    `find` gives the instances in one world that the scanner's address stands for.
    """
    if type_ == KEY_POLICY:
        return _subject_of_policy(configuration, find)
    held_here: List[bool] = []
    keys = keys_of(configuration, find, held_here)
    return Subject(keys, True, any(held_here)) if keys else None


def keys_of(configuration: Configuration, find: Find, held_here: List[bool]) -> Tuple[Key, ...]:
    """The keys that declared ones are, in every world.

    `held_here` gets, for each, whether the scanner shows no resource of its own for its policy.
    """

    def drafts(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(declared_key(one, situation, configuration.possible) for one in find(situation.world))

    worlds = every_world(drafts, _conditions)
    shown = _shown_policies(configuration, [assumed for assumed, _ in worlds])
    found = _keys(configuration, worlds)
    # A policy that stands on a resource of its own in one world carries the records of all worlds.
    addresses = {key.address for key in found if key.policy_address in shown}
    held_here.extend(key.address not in addresses for key in found)
    return found


def _shown_policies(configuration: Configuration, worlds: Iterable[Assumptions]) -> FrozenSet[str]:
    """The addresses of the key policies that the scanner hands over as resources."""
    return frozenset(
        use.instance.address
        for assumed in worlds
        for uses in configuration.situation(assumed).uses.by_site.values()
        for use in uses
        if use.instance.type == KEY_POLICY and use.instance.module.shown
    )


def _subject_of_policy(configuration: Configuration, find: Find) -> Optional[Subject]:
    """The key that a policy is attached to; where there may be no such policy, the key without it as well."""

    def attached(assumed: Assumptions) -> Drafts:
        situation = configuration.situation(assumed)
        return tuple(key_of_policy(one, situation, configuration.possible) for one in find(situation.world))

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
        declared_key(one, situation, configuration.possible)
        for one in situation.world.everything(*KEY_TYPES)
        if one.address in addresses
    )


def _conditions(drafts: Drafts) -> FrozenSet[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _keys(configuration: Configuration, worlds: Tuple[Tuple[Assumptions, Drafts], ...]) -> Tuple[Key, ...]:
    return tuple(
        _in_world(draft.key, configuration.situation(assumed).world.told(), len(found) > 1)
        for assumed, found in worlds
        for draft in found
    )


def _in_world(key: Key, told: Tuple[str, ...], one_of_several: bool) -> Key:
    if one_of_several:
        told = (*told, f"the resource is {key.address}")
    return replace(key, world=" and ".join(told)) if told else key
