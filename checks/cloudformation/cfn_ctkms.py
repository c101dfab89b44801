"""Registers every rule with Checkov for CloudFormation. What a rule means is in `ctkms`; this only carries it over."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple
from weakref import WeakKeyDictionary

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.version import version

from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.rules.catalogue import RULES, Rule
from ctkms.cloudtrail.subjects import findings_on
from ctkms.hosts.checkov_frames import TemplateFile, template_file
from ctkms.hosts.checkov_records import RuleCheck, as_scanned, root_of
from ctkms.hosts.checkov_registry import let_speak
from ctkms.hosts.checkov_version import warn_if_too_old
from ctkms.iac.scan import TEMPLATE_TYPES, ServiceScan, TemplateScan
from ctkms.repair.of_findings import with_repairs

_SCANS: WeakKeyDictionary[Any, Tuple[Any, TemplateScan]] = (
    WeakKeyDictionary()
)  # by runner, with the texts it was made from


class CloudFormationRule(RuleCheck, BaseResourceCheck):
    """One rule, as a Checkov check on keys, and on the trails and event data stores whose keys may be out of sight."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_resources=TEMPLATE_TYPES,
            guideline=rule.guideline,
        )
        self.severity = Severities[rule.severity]  # type: ignore[assignment]

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        at = template_file()
        # The runner of services names files from the folder of the scan, and without one from where it runs.
        root = os.path.abspath(at.root_folder or ".") if at.is_service else root_of(at.file, file)  # noqa: PTH100
        found = findings_on(_scan(at).subject(at.file, type_, name, configuration))
        file = os.path.abspath(at.file)  # noqa: PTH100 - links are followed nowhere else
        found = with_repairs(found, at.root_folder or file, file, f"{type_}.{name}")
        return as_scanned(found, root)

    def result_of(self, name: str) -> CheckResult:
        return CheckResult[name]

    def scan_resource_conf(self, conf: Dict[str, Any]) -> CheckResult:
        raise NotImplementedError("RuleCheck.run does not come here")


def _scan(at: TemplateFile) -> TemplateScan:
    """The templates of the scan.

    Checkov renders its templates in place, and then a literal `${AWS::AccountId}` in a string whose
    author forgot `!Sub` looks like one that is substituted. So the text that Checkov keeps of those
    that matter is read again.
    """
    texts, scan = _SCANS.get(at.runner, (None, None))
    if scan is None or texts is not at.texts:
        joined = {path: "".join(line for _, line in lines) for path, lines in at.texts.items()}
        scan = ServiceScan(joined, at.root_folder) if at.is_service else TemplateScan(joined)
        _SCANS[at.runner] = (at.texts, scan)
    return scan


warn_if_too_old(version)
checks = [CloudFormationRule(rule) for rule in RULES]
let_speak(cfn_registry.checks, TEMPLATE_TYPES)
