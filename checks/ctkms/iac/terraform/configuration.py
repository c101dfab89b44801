"""A root module and all the modules that it calls, in every world that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Optional, Tuple

from ctkms.iac.terraform.dependencies import Dependencies
from ctkms.iac.terraform.modules import Modules
from ctkms.iac.terraform.providers import identities
from ctkms.iac.terraform.situation import Situation
from ctkms.iac.terraform.uses import Site, Use
from ctkms.iac.terraform.world import World
from ctkms.iac.worlds import Assumptions, every_world
from ctkms.iam.text import Hole, Text

MAX_WORLDS = 64  # kept at a time; the one without assumptions is always kept


@dataclass(frozen=True)
class Named:
    """What an instance of a block names as its key in some world."""

    address: str
    identity: Text
    hole: Hole
    is_seen: bool  # whether that key is in the code


class Configuration:
    """What one run of Terraform would read."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._situations: Dict[FrozenSet[Tuple[str, bool]], Situation] = {}
        self.dependencies = Dependencies(modules)
        self._named: Dict[Site, Tuple[Named, ...]] = {}
        self._possible: Dict[Site, FrozenSet[Text]] = {}
        self._own: Optional[Dict[Hole, Hole]] = None

    def situation(self, assumed: Assumptions) -> Situation:
        """The world under these assumptions."""
        key = frozenset(assumed.items())
        found = self._situations.get(key)
        if found is None:
            if len(self._situations) > MAX_WORLDS:
                self._situations = {known: one for known, one in self._situations.items() if not known}
            found = self._situations[key] = Situation(self._world(assumed))
        return found

    def possible(self, site: Site) -> FrozenSet[Text]:
        """The keys that a block may name, whatever the open conditions turn out to be."""
        if site not in self._possible:
            self._possible[site] = frozenset(one.identity for one in self.named(site))
        return self._possible[site]

    def named(self, site: Site) -> Tuple[Named, ...]:
        """What the instances of a block name as their key, in every world."""
        if site not in self._named:
            worlds = every_world(lambda assumed: self._uses_at(site, assumed), _conditions)
            self._named[site] = tuple(dict.fromkeys(_named(use) for _, uses in worlds for use in uses))
        return self._named[site]

    def _uses_at(self, site: Site, assumed: Assumptions) -> Tuple[Use, ...]:
        return tuple(self.situation(assumed).uses.by_site.get(site, ()))

    def _world(self, assumed: Assumptions) -> World:
        if self._own is None:
            self._own = _own_values(World(self.modules, {}, {}))
        return World(self.modules, self._own, assumed)


def _named(use: Use) -> Named:
    seen = use.identity in use.instance.module.world.keys
    return Named(use.instance.address, use.identity, use.hole, seen)


def _conditions(uses: Tuple[Use, ...]) -> FrozenSet[str]:
    return frozenset().union(*(use.conditions for use in uses))


def _own_values(world: World) -> Dict[Hole, Hole]:
    """The variables that the providers of the root take their Region or account from."""
    found: Dict[Hole, Hole] = {}
    for name, body in sorted(world.root.module.providers.items()):  # the default one is first, and counts first
        found = {**identities(body, world.root, world.root.provider(name)), **found}
    return found
