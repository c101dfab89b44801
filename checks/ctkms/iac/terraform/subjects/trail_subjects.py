"""What stands on a trail or event data store: nothing, where the scanner shows its key, and else one of two things.

If the code of the key is at hand all the same (a module that `terraform init` has downloaded), the
key is judged, and its records stand on the first trail or event data store that uses it. If not,
one record says that nobody has looked at the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Callable, Dict, FrozenSet, List, Optional, Tuple

from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES, as_text
from ctkms.iac.terraform.aws.kms_references import is_of_aws
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.inventory import Inventory
from ctkms.iac.terraform.subjects.key_users import Use, conditions_in
from ctkms.iac.terraform.subjects.subjects import USER_TYPES, Find, keys_of
from ctkms.iac.terraform.subjects.unseen_keys import Unseen, sentence, unseen
from ctkms.unknowns.names import may_be_same
from ctkms.unknowns.scenarios import Assumptions, every_scenario
from ctkms.unknowns.text import Hole, Text

PATH = "kms_key_id/[0]"
MAX_CANDIDATES = 100  # keys that are looked at, which an open reference may lead to

_ARGUMENT = "kms_key_id"


@dataclass(frozen=True, eq=False)
class Named:
    """What one instance of a trail or event data store names as its key in one scenario."""

    instance: ResourceInstance
    identity: Optional[Text]  # None where it names no key, or one of AWS's own
    key: Optional[ResourceInstance]  # where the code declares it
    has_policy: bool  # a resource for the key's policy is shown
    first: bool  # of those that name the key and are shown
    conditions: FrozenSet[str]


Scenarios = Tuple[Tuple[Assumptions, Tuple[Named, ...]], ...]


def judged_user(configuration: Configuration, scenarios: Scenarios, called: Callable[[], bool]) -> Optional[Judged]:
    """What is judged of a trail or event data store, by what it names as its key.

    `called` says whether the code is that of a module that is called from elsewhere: what its
    variables are is said there.
    """
    hosted = _hosted(scenarios)
    return _hosting(configuration, hosted) if hosted else _unjudged(configuration, scenarios, called)


def named(configuration: Configuration, find: Find) -> Scenarios:
    """What the instances that an address stands for name as their keys, in every scenario."""

    def names(assumed: Assumptions) -> Tuple[Named, ...]:
        inventory = configuration.inventory(assumed)
        return tuple(_named(one, inventory, configuration) for one in find(inventory.scenario))

    return every_scenario(names, lambda found: frozenset().union(*(one.conditions for one in found)))


def _named(instance: ResourceInstance, inventory: Inventory, configuration: Configuration) -> Named:
    given, shared = instance.argument(_ARGUMENT), instance.module.shared
    if given is None or given == "":
        return Named(instance, None, None, False, False, instance.conditions)
    identity = shared.identity(as_text(given, Hole("${" + f"{instance.address}.{_ARGUMENT}" + "}")), instance)
    conditions = instance.conditions | conditions_in(identity)
    if is_of_aws(identity):
        return Named(instance, None, None, False, False, conditions)
    shown = _shown_uses(identity, inventory, configuration)
    users = [use for use in shown if use.instance.type in USER_TYPES]
    return Named(
        instance=instance,
        identity=identity,
        key=shared.keys.get(identity),
        has_policy=any(use.instance.type == KEY_POLICY for use in shown),
        first=bool(users) and users[0].instance.address == instance.address,
        conditions=conditions,
    )


def _shown_uses(identity: Text, inventory: Inventory, configuration: Configuration) -> List[Use]:
    """All that is shown and names this key, or may do so; the first by address first."""
    certain = inventory.uses.by_identity.get(identity, ())
    doubtful = (use for use in inventory.uses.conditional if identity in configuration.possible(use.site))
    found = [use for use in (*certain, *doubtful) if use.instance.shown]
    return sorted(found, key=lambda use: use.instance.address)


def _hosted(scenarios: Scenarios) -> Dict[str, bool]:
    """The keys, by address, whose records stand here; and whether those that speak of their policy do."""
    first: Dict[Tuple[str, str], bool] = {}
    policy_elsewhere: Dict[str, bool] = {}
    for _, found in scenarios:
        for one in found:
            if one.key is not None and not one.key.shown:
                pair = (one.key.address, one.instance.address)
                first[pair] = first.get(pair, True) and one.first
                policy_elsewhere[one.key.address] = policy_elsewhere.get(one.key.address, False) or one.has_policy
    return {key: not policy_elsewhere[key] for (key, _), is_first in first.items() if is_first}


def _hosting(configuration: Configuration, hosted: Dict[str, bool]) -> Optional[Subject]:
    keys: List[Key] = []
    for address in hosted:

        def find(scenario: Scenario, address: str = address) -> List[ResourceInstance]:
            return [one for one in scenario.everything(*KEY_TYPES) if one.address == address]

        keys.extend(keys_of(configuration, find))
    holds_policy = all(hosted.values())
    return Subject(tuple(keys), True, holds_policy, " or ".join(hosted), PATH) if keys else None


def _unjudged(configuration: Configuration, scenarios: Scenarios, called: Callable[[], bool]) -> Optional[Unjudged]:
    by_address: Dict[str, List[Named]] = {}
    for _, found in scenarios:
        for one in found:
            by_address.setdefault(one.instance.address, []).append(one)
    sources: Dict[Optional[Unseen], None] = {}
    for alternatives in by_address.values():
        if not any(one.key is not None or one.has_policy for one in alternatives):
            sources.update((_unseen(one, configuration), None) for one in alternatives)
    told = [source for source in sources if source is not None and not (source.is_input and called())]
    return Unjudged(sentence(told), PATH) if told else None


def _unseen(one: Named, configuration: Configuration) -> Optional[Unseen]:
    if one.identity is None:
        return None
    found = unseen(one.instance, one.identity)
    return None if found.may_be_seen and _is_judged(found.mentioned, one.identity, configuration) else found


def _may_be(key: ResourceInstance, identity: Text) -> bool:
    return may_be_same(identity, key.module.shared.own_identity(key))


def _is_judged(mentioned: Tuple[str, ...], identity: Text, configuration: Configuration) -> bool:
    """Whether the key that an open reference leads to is judged, and with the reference in mind.

    That is so if all keys that the reference mentions are CloudTrail's by what they say of
    themselves. A plan may mention none: then one that may be meant is taken to be.
    """
    candidates = (
        configuration.speaks_of_cloudtrail(one)
        for one in configuration.inventory({}).scenario.everything(*KEY_TYPES)
        if one.shown and (f"{one.type}.{one.name[2]}" in mentioned if mentioned else _may_be(one, identity))
    )
    first = next(candidates, False)
    others = islice(candidates, MAX_CANDIDATES)
    return first and all(others) if mentioned else first or any(others)
