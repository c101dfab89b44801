"""Who uses a key: the trails, event data stores, topics and key policies of a configuration, by the key they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, NamedTuple, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, STORE, TOPIC, TRAIL, as_text
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Json
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.modules.module import Name
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Partial, Rest, Text

_REFERENCES = {TRAIL: "kms_key_id", STORE: "kms_key_id", TOPIC: "kms_master_key_id", KEY_POLICY: "key_id"}

_PER_USE = 20  # steps; what the rules ask of each trail comes on top


class Site(NamedTuple):
    """Where a block is written, whichever instance of it: the calls that lead to its module, and its name there."""

    path: Tuple[str, ...]
    name: Name


@dataclass(frozen=True)
class Use:
    """One instance of a block that names a key, and the conditions on which that depends."""

    instance: ResourceInstance
    identity: Text
    reference: Text  # as the block names the key
    conditions: FrozenSet[str]

    @property
    def site(self) -> Site:
        """The block that this is an instance of."""
        return Site(self.instance.module.path, self.instance.name)

    @property
    def written(self) -> str:
        """The reference as it stands in the code."""
        return self.instance.body.attributes[_REFERENCES[self.instance.type]].source.strip()

    @property
    def hole(self) -> Hole:
        """The reference as something that is not known."""
        return Hole(str(self.reference))


class Uses:
    """All uses of keys in one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.by_identity: Dict[Text, List[Use]] = {}
        self.conditional: List[Use] = []
        self.by_site: Dict[Site, List[Use]] = {}
        self.open: List[Use] = []  # trails, event data stores and topics that may use any key
        for use in _uses(scenario):
            self.by_site.setdefault(use.site, []).append(use)
            if use.conditions:
                self.conditional.append(use)
                continue
            self.by_identity.setdefault(use.identity, []).append(use)
            is_known = isinstance(use.identity, str) or use.identity in scenario.shared.keys
            if use.instance.type != KEY_POLICY and not is_known:
                self.open.append(use)

    def of(self, identity: Text, *types: str) -> Tuple[ResourceInstance, ...]:
        """The resources of some types that certainly name this key."""
        return tuple(use.instance for use in self.naming(identity, *types))

    def naming(self, identity: Text, *types: str) -> Tuple[Use, ...]:
        """The uses of this key by resources of some types that are certain."""
        return tuple(use for use in self.by_identity.get(identity, ()) if use.instance.type in types)


def _uses(scenario: Scenario) -> List[Use]:
    found: List[Use] = []
    for instance in scenario.instances(*_REFERENCES):
        take(Budget.STEPS, _PER_USE)
        reference = instance.argument(_REFERENCES[instance.type])
        if reference is not None and reference != "":
            identity = scenario.shared.identity(reference, instance)
            given = as_text(reference, Hole("${" + describe(reference) + "}"))
            found.append(Use(instance, identity, given, instance.conditions | conditions_in(identity)))
    return found


def conditions_in(*values: object) -> FrozenSet[str]:
    """The open conditions that values still wait for."""
    found: FrozenSet[str] = frozenset()
    waiting: List[object] = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            continue
        if isinstance(value, Choice):
            found |= value.conditions
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
        elif isinstance(value, Partial):
            waiting.extend(value.parts)
        elif isinstance(value, Rest):
            waiting.extend((value.hole, value.each))
        elif isinstance(value, Json):
            waiting.append(value.value)
    return found
