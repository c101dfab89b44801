"""Where a finding on a Terraform resource stands in the code."""

from __future__ import annotations

from typing import Callable, Iterable, Optional

from ctkms.budgets import TooLarge
from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.subjects import Judged, Subject
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES
from ctkms.iac.terraform.evaluation.values import Failure
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.locations.element_finder import ElementFinder, Here
from ctkms.iac.terraform.locations.located_modules import LocatedModules
from ctkms.unknowns.source_nodes import Location, Span

Find = Callable[[Scenario], Iterable[ResourceInstance]]


class FindingLocator:
    """Locates the findings on one subject; `find` gives the instances that the scanner's address stands for."""

    def __init__(self, modules: LocatedModules, scenario: Callable[[], Scenario], find: Find, subject: Judged) -> None:
        self._modules = modules
        self._scenario = scenario
        self._find = find
        self._subject = subject

    def locate(self, finding: Finding) -> Optional[Location]:
        """The narrowest part of the code that decides; None where the code has no place for it."""
        try:
            return self._modules.location(self._span(finding))
        except (TooLarge, Failure, RecursionError):
            return None

    def _span(self, finding: Finding) -> Optional[Span]:
        scenario = self._scenario()
        holder = self._holder(scenario)
        declared = next(iter(self._find(scenario)), holder)
        if finding.place is not None and holder is not None:
            found = self._argument(holder, "policy", finding)
            if found is not None:
                return found
        name = finding.path.split("/")[0]
        return None if declared is None else self._argument(declared, name, finding) or self._head(declared)

    def _holder(self, scenario: Scenario) -> Optional[ResourceInstance]:
        """The resource that holds the policy."""
        if not isinstance(self._subject, Subject) or not self._subject.scenarios:
            return None
        key = self._subject.scenarios[0]
        address = key.policy_address or key.address
        found = (one for one in scenario.everything(*KEY_TYPES, KEY_POLICY) if one.address == address)
        return next(found, None)

    def _argument(self, instance: ResourceInstance, name: str, finding: Finding) -> Optional[Span]:
        body, module = self._modules.body(instance), instance.module
        node = None if body is None else body.attributes.get(name)
        if node is None or not isinstance(module, ModuleInstance):
            return None
        place = finding.place if name == "policy" else None
        here = Here(node, instance.scope, module)
        if place is None:
            return self._modules.places.of(node)
        return ElementFinder(self._modules).find(here, place.steps, place.value)

    def _head(self, instance: ResourceInstance) -> Optional[Span]:
        body = self._modules.body(instance)
        return None if body is None else self._modules.places.of(body)
