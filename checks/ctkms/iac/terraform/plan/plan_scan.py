"""One plan: from the resources that Checkov names to the keys that the rules judge."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterable, Optional, Tuple

from ctkms.budgets import TooLarge
from ctkms.cloudtrail.evidence import speaks_of_cloudtrail
from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.subjects import Judged
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.plan.code_of_plan import code_of
from ctkms.iac.terraform.plan.plan_file import read_plan
from ctkms.iac.terraform.plan.plan_loader import PlanLoader
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.judging import judged, not_read
from ctkms.iac.terraform.subjects.subjects import RESOURCE_TYPES
from ctkms.unknowns.source_nodes import Location, Span, location


class PlanTree:
    """The plan in a file that `terraform show -json` has written.

    `code` is a folder in which, or below which, the code that it was made of may be.
    """

    def __init__(self, path: str, code: Optional[str] = None) -> None:
        self._path = path
        self._places: Dict[str, Optional[Location]] = {}  # where the plan names a resource
        text = _text(path)
        self._speaks = speaks_of_cloudtrail(text)
        plan = read_plan(text) if self._speaks else None  # a large plan takes long to read
        self._configuration: Optional[Configuration] = None
        if plan is not None:
            found = None if code is None else code_of(plan, code)
            self._configuration = Configuration(PlanLoader(plan, str(Path(path).parent), found))
        self._scenario: Optional[Scenario] = None
        self._instances: Dict[str, ResourceInstance] = {}

    def subject(self, type_: str, address: str) -> Optional[Judged]:
        """What is judged of a resource, or None when there is nothing to say."""
        subject = self._subject(type_, address)
        if subject is None:
            return None
        in_code = subject.locate

        def locate(finding: Finding) -> Optional[Location]:
            """Where the code has it, if that is at hand, else where the plan names the resource."""
            return (in_code(finding) if in_code is not None else None) or self._named_at(address)

        return replace(subject, locate=locate)

    def _named_at(self, address: str) -> Optional[Location]:
        if address not in self._places:
            self._places[address] = self._found_in_text(address)
        return self._places[address]

    def _found_in_text(self, address: str) -> Optional[Location]:
        text = _text(self._path)
        name = json.dumps(address)
        start = max(text.find(f'"address":{name}'), text.find(f'"address": {name}'))
        return None if start < 0 else location(Span(self._path, start, text.index(name, start) + len(name)), text)

    def _subject(self, type_: str, address: str) -> Optional[Judged]:
        if not self._speaks:
            return None
        if self._configuration is None:
            return not_read(address, type_, "the file is no plan")
        try:
            return judged(self._configuration, type_, lambda scenario: self._found(scenario, address), lambda: False)
        except RecursionError:
            return not_read(address, type_, "it is nested too deeply")
        except TooLarge:
            return not_read(address, type_, "the code around it is too large to work out")

    def declared(self) -> Tuple[Tuple[str, str], ...]:
        """The type and the address of each resource that may be judged."""
        if self._configuration is None:
            return ()
        found = self._configuration.inventory({}).scenario.instances(*RESOURCE_TYPES)
        return tuple((one.type, one.address) for one in found)

    def _found(self, scenario: Scenario, address: str) -> Iterable[ResourceInstance]:
        if self._scenario is not scenario:
            self._scenario = scenario
            self._instances = {one.address: one for one in scenario.instances(*RESOURCE_TYPES)}
        return (self._instances[address],) if address in self._instances else ()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
