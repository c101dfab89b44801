"""Registers every rule with Checkov for Terraform, in files and in plans; what a rule means is in `ctkms`."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union
from weakref import WeakKeyDictionary

from checkov.common.bridgecrew.check_type import CheckType
from checkov.common.bridgecrew.integration_features.integration_feature_registry import integration_feature_registry
from checkov.common.bridgecrew.severities import Severities
from checkov.common.graph.graph_builder import CustomAttributes
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform.modules.module_objects import TFDefinitionKey
from checkov.version import version

from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.rules.catalogue import RULES, Rule
from ctkms.cloudtrail.subjects import Judged, findings_on
from ctkms.hosts.checkov_frames import TerraformBlock, terraform_block
from ctkms.hosts.checkov_records import RuleCheck, as_scanned, root_of
from ctkms.hosts.checkov_registry import let_speak
from ctkms.hosts.checkov_version import warn_if_too_old
from ctkms.iac.scan import TERRAFORM_TYPES, TerraformScan
from ctkms.iac.terraform.modules.module import HCL, JSON
from ctkms.repair.of_findings import with_repairs

Callers = Tuple[Tuple[str, str, Union[str, int, None]], ...]


# Checkov reads each syntax with a runner of its own, and a user may ask for one of them only.
_SYNTAXES = {CheckType.TERRAFORM: HCL, CheckType.TERRAFORM_JSON: JSON}

_SCANS: WeakKeyDictionary[Any, TerraformScan] = WeakKeyDictionary()


class TerraformRule(RuleCheck, BaseResourceCheck):
    """One rule, as a Checkov check on the resources that hold a key or its policy."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_resources=TERRAFORM_TYPES,
            guideline=rule.guideline,
        )
        self.severity = Severities[rule.severity]  # type: ignore[assignment]

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        at = terraform_block()
        scan = _SCANS.get(at.runner)
        if scan is None:
            scan = _SCANS[at.runner] = _scan(at)
        address = str(configuration.get(CustomAttributes.TF_RESOURCE_ADDRESS) or f"{type_}.{name}")
        found = findings_on(_subject(scan, at, type_, address))
        if at.framework != CheckType.TERRAFORM_PLAN:
            found = with_repairs(found, at.root_folder or _path(at), _path(at), address)
        return as_scanned(found, root_of(_path(at), file))

    def wants_details(self) -> bool:
        config = integration_feature_registry.config
        return "sarif" not in (getattr(config, "output", None) or ())

    def result_of(self, name: str) -> CheckResult:
        return CheckResult[name]

    def scan_resource_conf(self, conf: Dict[str, List[Any]]) -> CheckResult:
        raise NotImplementedError("RuleCheck.run does not come here")


def _scan(at: TerraformBlock) -> TerraformScan:
    asked_for = {at.framework, *at.frameworks}
    handed_over = tuple(end for one, end in _SYNTAXES.items() if asked_for & {one, "all"})
    return TerraformScan(at.root_folder, _fetched(at.definitions), handed_over, at.code_of_plans)


def _path(at: TerraformBlock) -> str:
    where = at.where.file_path if isinstance(at.where, TFDefinitionKey) else at.where
    return os.path.abspath(where)  # noqa: PTH100 - links are followed nowhere else


def _subject(scan: TerraformScan, at: TerraformBlock, type_: str, address: str) -> Optional[Judged]:
    if isinstance(at.where, TFDefinitionKey):
        return scan.in_code(at.where.file_path, _callers(at.where.tf_source_modules), address)
    file = _path(at)
    if at.framework == CheckType.TERRAFORM_PLAN:
        return scan.in_plan(file, type_, address)
    return scan.in_code(file, (), address)


def _callers(module: Any) -> Callers:
    """The module calls that lead to a file, outermost first."""
    chain: List[Tuple[str, str, Union[str, int, None]]] = []
    while module is not None:
        chain.append((module.path, module.name, module.foreach_idx))
        module = module.nested_tf_module
    return tuple(reversed(chain))


def _fetched(definitions: Any) -> Dict[str, Dict[Tuple[str, ...], str]]:
    """The folders of all modules that Checkov hands over, by the folder of their root and the names of the calls.

    With `--download-external-modules` there are some of which Terraform's own manifest does not know.
    """
    found: Dict[str, Dict[Tuple[str, ...], str]] = {}
    for where in definitions or ():
        chain = _callers(where.tf_source_modules) if isinstance(where, TFDefinitionKey) else ()
        if chain:
            names = tuple(name for _, name, _ in chain)
            found.setdefault(os.path.dirname(chain[0][0]), {})[names] = os.path.dirname(where.file_path)  # noqa: PTH120
    return found


warn_if_too_old(version)
checks = [TerraformRule(rule) for rule in RULES]
let_speak(resource_registry.checks, TERRAFORM_TYPES)
