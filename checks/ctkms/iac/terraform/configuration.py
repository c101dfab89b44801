"""A root folder and all the modules that it calls, in every world that is asked for."""

from __future__ import annotations

import json
from typing import Any, Dict, FrozenSet, Mapping, Optional, Tuple

from ctkms.iac.terraform.files import Files
from ctkms.iac.terraform.language.evaluate import evaluate
from ctkms.iac.terraform.language.hcl_parser import parse_file
from ctkms.iac.terraform.language.values import Value
from ctkms.iac.terraform.module import Modules, variable_files
from ctkms.iac.terraform.providers import identities
from ctkms.iac.terraform.situation import Situation
from ctkms.iac.terraform.uses import Site, Use
from ctkms.iac.terraform.world import World
from ctkms.iac.worlds import Assumptions, every_world
from ctkms.iam.text import Hole, Text

MAX_WORLDS = 64  # kept at a time; the one without assumptions is always kept

_SPEAKS = ("cloudtrail", "file(", "filename")  # in lower case; a file that is read by name may hold anything


class Configuration:
    """What one run of Terraform would read."""

    def __init__(self, files: Files, root: str) -> None:
        self.modules = Modules(files, root)
        self._situations: Dict[FrozenSet[Tuple[str, bool]], Situation] = {}
        self._possible: Dict[Site, FrozenSet[Text]] = {}
        self._speaks: Optional[bool] = None
        self._own: Optional[Dict[Hole, Hole]] = None
        self._given: Optional[Dict[str, Value]] = None

    def speaks_of_cloudtrail(self) -> bool:
        """Whether anything of CloudTrail can be in it."""
        if self._speaks is None:
            self._speaks = any(word in text for text in map(str.lower, self.modules.texts()) for word in _SPEAKS)
        return self._speaks

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
            worlds = every_world(lambda assumed: self._uses_at(site, assumed), _conditions)
            self._possible[site] = frozenset(use.identity for _, uses in worlds for use in uses)
        return self._possible[site]

    def _uses_at(self, site: Site, assumed: Assumptions) -> Tuple[Use, ...]:
        return tuple(self.situation(assumed).uses.by_site.get(site, ()))

    def _world(self, assumed: Assumptions) -> World:
        if self._given is None:
            self._given = _given_variables(self.modules)
        if self._own is None:
            self._own = _own_values(World(self.modules, self._given, {}, {}))
        return World(self.modules, self._given, self._own, assumed)


def _conditions(uses: Tuple[Use, ...]) -> FrozenSet[str]:
    return frozenset().union(*(use.conditions for use in uses))


def _own_values(world: World) -> Dict[Hole, Hole]:
    """The variables that the providers of the root take their Region or account from."""
    found: Dict[Hole, Hole] = {}
    for name, body in sorted(world.root.module.providers.items()):  # the default one is first, and counts first
        found = {**identities(body, world.root, world.root.provider(name)), **found}
    return found


def _given_variables(modules: Modules) -> Dict[str, Value]:
    """The variables that files set for the root."""
    given: Dict[str, Value] = {}
    for path in variable_files(modules.files, modules.root):
        text = modules.files.read(path) or ""
        given.update(_from_json(text) if path.endswith(".json") else _from_hcl(text))
    return given


def _from_json(text: str) -> Mapping[str, Value]:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _from_hcl(text: str) -> Mapping[str, Value]:
    scope = _NoReferences()
    return {name: evaluate(expression, scope) for name, expression in parse_file(text).body.attributes.items()}


class _NoReferences:
    """Variable files hold values only."""

    def resolve(self, traversal: Tuple[Any, ...]) -> Value:
        """Nothing can be referred to."""
        return Hole("${" + ".".join(map(str, traversal)) + "}")

    def assumed(self, condition: str) -> Optional[bool]:
        """Nothing is assumed."""
        return None

    def read_file(self, path: str) -> Optional[str]:
        """No file is read."""
        return None
