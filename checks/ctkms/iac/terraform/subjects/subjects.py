"""From the instances that a scanned resource may be to what the rules judge of it, in every scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Callable, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple

from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES, STORE, TRAIL
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.inventory import Inventory
from ctkms.iac.terraform.subjects.keys import Draft, keys_declared, keys_of_policy, perhaps
from ctkms.unknowns.scenarios import Assumptions, every_scenario

HOLDER_TYPES = (*KEY_TYPES, KEY_POLICY)  # what a key, or its policy, stands on
USER_TYPES = (TRAIL, STORE)  # what stands for a key that the scanner does not show
RESOURCE_TYPES = (*HOLDER_TYPES, *USER_TYPES)  # the ones that can be a subject

Find = Callable[[Scenario], Iterable[ResourceInstance]]
Drafts = Tuple[Draft, ...]
Scenarios = Tuple[Tuple[Assumptions, Drafts], ...]


def subject_of(configuration: Configuration, type_: str, find: Find) -> Optional[Subject]:
    """The keys of every scenario in which a key, or a resource for its policy, exists; None when there is none.

    `find` gives the instances in one scenario that the scanner's address stands for.
    """
    if type_ == KEY_POLICY:
        return _subject_of_policy(configuration, find)
    scenarios = _key_scenarios(configuration, find)
    keys = _keys(configuration, scenarios)
    declared = (one for assumed, _ in scenarios for one in find(configuration.inventory(assumed).scenario))
    # A policy that may stand on a resource of its own carries the records of all scenarios.
    held_here = any(not configuration.has_policy_resource(one.module.shared.own_identity(one)) for one in declared)
    return Subject(keys, True, held_here) if keys else None


def keys_of(configuration: Configuration, find: Find) -> Tuple[Key, ...]:
    """The keys that declared ones are, in every scenario."""
    return _keys(configuration, _key_scenarios(configuration, find))


def _key_scenarios(configuration: Configuration, find: Find) -> Scenarios:
    def drafts(assumed: Assumptions) -> Drafts:
        inventory = configuration.inventory(assumed)
        return tuple(
            draft for one in find(inventory.scenario) for draft in keys_declared(one, inventory, configuration)
        )

    return every_scenario(drafts, _conditions)


def _subject_of_policy(configuration: Configuration, find: Find) -> Optional[Subject]:
    """The key that a policy is attached to; where there may be no such policy, the key without it as well."""

    def attached(assumed: Assumptions) -> Drafts:
        inventory = configuration.inventory(assumed)
        return tuple(
            draft for one in find(inventory.scenario) for draft in keys_of_policy(one, inventory, configuration)
        )

    scenarios = every_scenario(attached, _conditions)
    addresses = {draft.key.address for _, drafts in scenarios for draft in drafts}
    if not addresses:
        return None

    def with_or_without(assumed: Assumptions) -> Drafts:
        return attached(assumed) or _without_policy(configuration, configuration.inventory(assumed), addresses)

    if not all(drafts for _, drafts in scenarios):
        scenarios = every_scenario(with_or_without, _conditions)
    return Subject(_keys(configuration, scenarios), False, True)


def _without_policy(configuration: Configuration, inventory: Inventory, addresses: AbstractSet[str]) -> Drafts:
    return tuple(
        draft
        for one in inventory.scenario.everything(*KEY_TYPES)
        if one.address in addresses
        for draft in keys_declared(one, inventory, configuration)
    )


def _conditions(drafts: Drafts) -> FrozenSet[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _keys(configuration: Configuration, scenarios: Scenarios) -> Tuple[Key, ...]:
    """The keys of all scenarios; what may use a key in one of them may do so in any."""
    keys = tuple(
        _in_scenario(draft, configuration.inventory(assumed).told, len({one.key.address for one in found}) > 1)
        for assumed, found in scenarios
        for draft in found
    )
    users: Dict[str, List[Key]] = {}
    for key in keys:
        users.setdefault(key.address, []).append(key)
    return tuple(replace(key, other_users=_other_users(key, users[key.address])) for key in keys)


def _other_users(key: Key, scenarios: Sequence[Key]) -> Tuple[str, ...]:
    """What a topic is in some scenario only, or what else there is, explains a policy in every scenario as well."""
    topics = {topic.address for topic in key.topics}
    elsewhere = (topic.address for one in scenarios for topic in one.topics if topic.address not in topics)
    others = (user for one in scenarios for user in one.other_users)
    return tuple(dict.fromkeys((*key.other_users, *others, *map(perhaps, elsewhere))))


def _in_scenario(draft: Draft, told: Tuple[str, ...], one_of_several: bool) -> Key:
    key, told = draft.key, (*told, *draft.told)
    if one_of_several:
        told = (*told, f"the resource is {key.address}")
    return replace(key, scenario=" and ".join(told)) if told else key
