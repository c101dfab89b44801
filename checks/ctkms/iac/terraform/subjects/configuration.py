"""A root module and all the modules that it calls, in every scenario that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Mapping, Optional, Tuple

from ctkms.cloudtrail.access_requests.key_case import policy_in_force
from ctkms.cloudtrail.evidence import is_cloudtrails
from ctkms.cloudtrail.resources import Key
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, TOPIC
from ctkms.iac.terraform.aws.policy_document import policy_value
from ctkms.iac.terraform.aws.providers import identities
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.locations.located_modules import LocatedModules
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.iac.terraform.subjects.dependencies import Dependencies
from ctkms.iac.terraform.subjects.inventory import Inventory
from ctkms.iac.terraform.subjects.key_users import Site, Use
from ctkms.iac.terraform.subjects.switches import Switch, all_open, switch
from ctkms.unknowns.scenarios import Assumptions, every_scenario
from ctkms.unknowns.text import Hole, Text

MAX_SCENARIOS = 64  # kept at a time; the one without assumptions is always kept
MAX_VARIED = 8  # configurations with other variables, likewise


@dataclass(frozen=True)
class Named:
    """What an instance of a block names as its key in some scenario."""

    address: str
    identity: Text
    hole: Hole
    is_seen: bool  # whether that key is in the code


class Configuration:
    """What one run of Terraform would read."""

    def __init__(self, modules: ModuleLoader, given: Optional[Mapping[str, Value]] = None) -> None:
        self.modules = modules
        self._given = modules.given() if given is None else given  # the variables of the root
        self._varied: Dict[Tuple[Tuple[str, Value], ...], Configuration] = {}
        self._inventories: Dict[FrozenSet[Tuple[str, bool]], Inventory] = {}
        self.dependencies = Dependencies(modules)
        files = modules.files()
        self.located = None if files is None else LocatedModules(files)  # for those who ask where something stands
        self._named: Dict[Site, Tuple[Named, ...]] = {}
        self._possible: Dict[Site, FrozenSet[Text]] = {}
        self._with_policy: Optional[FrozenSet[Text]] = None
        self._speaking: Dict[str, bool] = {}
        self._switched_topics: Optional[Dict[Text, Tuple[str, ...]]] = None
        self._own: Optional[Dict[Hole, Hole]] = None
        self.is_small = True  # as far as anybody has found out: whether it can be worked out with all variables open

    def inventory(self, assumed: Assumptions) -> Inventory:
        """The scenario under these assumptions."""
        key = frozenset(assumed.items())
        found = self._inventories.get(key)
        if found is None:
            if len(self._inventories) > MAX_SCENARIOS:
                self._inventories = {known: one for known, one in self._inventories.items() if not known}
            found = self._inventories[key] = Inventory(self.scenario(assumed))
        return found

    def switches(self) -> Mapping[str, Switch]:
        """The variables of the root that no file sets, by name."""
        root = self.inventory({}).scenario.root
        left = (name for name in root.module.variables if name not in self._given)
        found = (switch(name, root.variable(name)) for name in left)
        return {one.name: one for one in found if one is not None}

    def with_variables(self, values: Mapping[str, Value]) -> Configuration:
        """The same code with further variables of the root set."""
        key = tuple(sorted(values.items()))
        if key not in self._varied:
            if len(self._varied) >= MAX_VARIED:
                self._varied.clear()
            self._varied[key] = Configuration(self.modules, {**self._given, **values})
        return self._varied[key]

    def possible(self, site: Site) -> FrozenSet[Text]:
        """The keys that a block may name, whatever the open conditions turn out to be."""
        if site not in self._possible:
            self._possible[site] = frozenset(one.identity for one in self.named(site))
        return self._possible[site]

    def named(self, site: Site) -> Tuple[Named, ...]:
        """What the instances of a block name as their key, in every scenario."""
        if site not in self._named:
            scenarios = every_scenario(lambda assumed: self._uses_at(site, assumed), _conditions)
            self._named[site] = tuple(dict.fromkeys(_named(use) for _, uses in scenarios for use in uses))
        return self._named[site]

    def has_policy_resource(self, identity: Text) -> bool:
        """Whether the scanner shows a resource that is, or may be, for the policy of this key."""
        if self._with_policy is None:
            uses = [use for found in self.inventory({}).uses.by_site.values() for use in found]
            shown = {use.site for use in uses if use.instance.type == KEY_POLICY and use.instance.shown}
            self._with_policy = frozenset().union(*map(self.possible, shown))
        return identity in self._with_policy

    def topics_by_switch(self, identity: Text) -> Tuple[str, ...]:
        """The topics that would use a key, or might, if variables were true that are false by default."""
        if self._switched_topics is None:
            switches = [one for one in self.switches().values() if one.value is True]
            switches = switches if self.inventory({}).scenario.declares(TOPIC) else []
            with_open = self.with_variables(all_open(switches))
            found: Dict[Text, Dict[str, None]] = {}
            for use in with_open.inventory({}).uses.conditional if switches else ():
                for key in with_open.possible(use.site) if use.instance.type == TOPIC else ():
                    found.setdefault(key, {})[use.instance.address] = None
            self._switched_topics = {key: tuple(addresses) for key, addresses in found.items()}
        return self._switched_topics.get(identity, ())

    def speaks_of_cloudtrail(self, declared: ResourceInstance) -> bool:
        """Whether the policy of a key speaks of CloudTrail, so that the key is judged whoever uses it."""
        if declared.address not in self._speaking:
            policies = self.inventory({}).uses.of(declared.module.shared.own_identity(declared), KEY_POLICY)
            written = (one.argument("policy") for one in policies or (declared,))
            keys = (Key(declared.address, policy_value(one), "") for one in written)
            self._speaking[declared.address] = any(is_cloudtrails(one, policy_in_force(one)) for one in keys)
        return self._speaking[declared.address]

    def _uses_at(self, site: Site, assumed: Assumptions) -> Tuple[Use, ...]:
        return tuple(self.inventory(assumed).uses.by_site.get(site, ()))

    def scenario(self, assumed: Assumptions) -> Scenario:
        """A scenario of its own, in which nothing has been worked out yet."""
        if self._own is None:
            self._own = _own_values(Scenario(self.modules, {}, {}, self._given))
        return Scenario(self.modules, self._own, assumed, self._given)


def _named(use: Use) -> Named:
    seen = use.identity in use.instance.module.shared.keys
    return Named(use.instance.address, use.identity, use.hole, seen)


def _conditions(uses: Tuple[Use, ...]) -> FrozenSet[str]:
    return frozenset().union(*(use.conditions for use in uses))


def _own_values(scenario: Scenario) -> Dict[Hole, Hole]:
    """The variables that the providers of the root take their Region or account from."""
    found: Dict[Hole, Hole] = {}
    for name, body in sorted(scenario.root.module.providers.items()):  # the default one is first, and counts first
        found = {**identities(body, scenario.root, scenario.root.provider(name)), **found}
    return found
