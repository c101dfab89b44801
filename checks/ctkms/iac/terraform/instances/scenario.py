"""A configuration under some assumptions about its open conditions."""

from __future__ import annotations

from collections import deque
from typing import Iterator, Mapping, Tuple

from ctkms.iac.terraform.aws.attributes import ALIAS
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.shared_state import SharedState
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.unknowns.scenarios import Assumptions
from ctkms.unknowns.text import Hole


class Scenario:
    """A configuration in which some open conditions are assumed to be true or false."""

    def __init__(
        self, modules: ModuleLoader, own: Mapping[Hole, Hole], assumed: Assumptions, given: Mapping[str, Value]
    ) -> None:
        self.shared: SharedState[ResourceInstance] = SharedState(
            modules, own, assumed, given, lambda: self.instances(ALIAS)
        )
        self.root = ModuleInstance(self.shared, modules.top(), (), "", None, {}, None)

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
        found = [one for type_ in types for one in self.shared.turned_up.get(type_, ())]
        return tuple(sorted(found, key=lambda one: one.address))

    def declares(self, *types: str) -> bool:
        """Whether the code has resources of some types at all."""
        return not self.shared.modules.declared_types(self.root.module).isdisjoint(types)

    def _modules(self, types: Tuple[str, ...], referred_to: bool) -> Iterator[ModuleInstance]:
        """The module instances in which, or below which, there are resources of some types."""
        waiting = deque((self.root,))
        while waiting:
            module = waiting.popleft()
            yield module
            for call in module.module.calls:
                called, path = module.called(call), (*module.path, call)
                if called is None or self.shared.modules.declared_types(called, path).isdisjoint(types):
                    continue
                waiting.extend(module.module_instances(call))
                if referred_to:
                    waiting.extend(module.referred_modules(call))
