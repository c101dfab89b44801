"""A configuration under some assumptions about its open conditions."""

from __future__ import annotations

from collections import deque
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.attributes import ALIAS, as_text, key_id
from ctkms.iac.terraform.identity import identity_of, is_alias
from ctkms.iac.terraform.instance import ModuleInstance
from ctkms.iac.terraform.language.values import Value, describe
from ctkms.iac.terraform.modules import Modules
from ctkms.iac.terraform.repetition import Repetition, existence
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.worlds import Assumptions
from ctkms.iam.text import Hole, Kind, Text, split

MAX_MODULE_INSTANCES = 5_000
_PER_MODULE = 20  # steps


class World:
    """A configuration in which some open conditions are assumed to be true or false."""

    def __init__(
        self, modules: Modules, own: Mapping[Hole, Hole], assumed: Assumptions, given: Mapping[str, Value]
    ) -> None:
        self.modules = modules
        self.given = given  # the variables of the root
        self.own = own  # variables that are the Region or account of a provider
        self.assumed = assumed
        self.keys: Dict[Text, ResourceInstance] = {}  # key resources by their id, as they turn up
        self.turned_up: Dict[str, List[ResourceInstance]] = {}  # all resources by their type, likewise
        self._counts: Dict[str, str] = {}  # open ones, by the condition that they make any instances
        self._module_instances = 0
        self._aliases: Optional[Dict[Text, Text]] = None
        self.root = ModuleInstance(self, modules.top(), (), "", None, {}, None)

    def make_room(self) -> None:
        """Count one more module instance; modules that call modules multiply. Raises `TooLarge` beyond all measure."""
        self._module_instances += 1
        take(Budget.STEPS, _PER_MODULE)
        if self._module_instances > MAX_MODULE_INSTANCES:
            raise TooLarge

    def note_count(self, repeated: Repetition, block: str) -> None:
        """Remember which block has an open `count` or `for_each`, for messages."""
        if repeated.open is not None:
            written = f"{repeated.argument} of {block}: {repeated.open}"
            self._counts.setdefault(existence(repeated.open), written)

    def told(self) -> Tuple[str, ...]:
        """What this world assumes, in words. That blocks exist, whatever their number, goes without saying."""
        found: List[str] = []
        for condition, value in sorted(self.assumed.items()):
            count = self._counts.get(condition)
            if count is None:
                found.append(f"{condition} is {str(value).lower()}")
            elif not value:
                found.append(f"{count} makes none")
        return tuple(found)

    def instances(self, *types: str) -> Iterator[ResourceInstance]:
        """Every instance of some resource types, in every module instance."""
        for module in self._modules(types, referred_to=False):
            for name in module.module.named(*types):
                yield from module.resource_instances(name)

    def everything(self, *types: str) -> Tuple[ResourceInstance, ...]:
        """Every instance of some resource types, by address.

        Where a number of instances is open, these are the one that stands for all of them, and
        those that something has referred to by their index so far.
        """
        for module in self._modules(types, referred_to=True):
            for name in module.module.named(*types):
                module.resource_instances(name)
        found = [one for type_ in types for one in self.turned_up.get(type_, ())]
        return tuple(sorted(found, key=lambda one: one.address))

    def declares(self, *types: str) -> bool:
        """Whether the code has resources of some types at all."""
        return not self.modules.declared_types(self.root.module).isdisjoint(types)

    def _modules(self, types: Tuple[str, ...], referred_to: bool) -> Iterator[ModuleInstance]:
        """The module instances in which, or below which, there are resources of some types."""
        waiting = deque((self.root,))
        while waiting:
            module = waiting.popleft()
            yield module
            for call in module.module.calls:
                called, path = module.called(call), (*module.path, call)
                if called is None or self.modules.declared_types(called, path).isdisjoint(types):
                    continue
                waiting.extend(module.module_instances(call))
                if referred_to:
                    waiting.extend(module.referred_modules(call))

    def identity(self, reference: Value, by: Optional[ResourceInstance] = None) -> Text:
        """The id of the key that a reference leads to; an alias that the configuration declares is followed.

        `by` has the reference: where a key and its replicas share an id, it means the one in its Region.
        """
        given = as_text(reference, Hole(describe(reference)))
        identity = self._told_apart(identity_of(given), given, by)
        for _ in range(3):  # an alias may lead to an alias by mistake only
            if not is_alias(identity) or identity not in self.aliases():
                break
            identity = self.aliases()[identity]
        return identity

    def own_identity(self, key: ResourceInstance) -> Text:
        """What `identity` says of a reference to this key resource."""
        return self._told_apart(key_id(key), as_text(key.known("arn"), Hole("")), key)

    def _told_apart(self, identity: Text, reference: Text, by: Optional[ResourceInstance]) -> Text:
        """The id with the Region of the key where several keys share it."""
        if not isinstance(identity, str) or identity not in self.modules.shared_key_ids():
            return identity
        sections = split(reference, ":")
        region = sections[3] if len(sections) > 5 else None if by is None else by.provider().region
        return f"{identity} in {region}" if isinstance(region, str) else Hole(f"{identity} in some Region")

    def key(self, reference: Value, by: Optional[ResourceInstance] = None) -> Optional[ResourceInstance]:
        """The key resource that a reference leads to."""
        return self.keys.get(self.identity(reference, by)) if reference is not None else None

    def aliases(self) -> Mapping[Text, Text]:
        """The keys of the aliases that the configuration declares, by name."""
        if self._aliases is None:
            self._aliases = {}  # an alias may be looked up while they are collected
            for alias in self.instances(ALIAS):
                target = as_text(alias.argument("target_key_id"), Hole(f"{alias.address}.target_key_id"))
                name, identity = alias.attribute("name"), self._told_apart(identity_of(target), target, alias)
                # Each Region has aliases of its own, so one name may stand for two keys.
                same = self._aliases.setdefault(name, identity) == identity
                self._aliases[name] = identity if same else Hole("${key_id of " + str(name) + "}", Kind.NAME)
        return self._aliases
