"""What the pack knows of Checkov's insides: which functions call a check, and the variables that they have then.

A check is told neither which runner calls it, nor the folder that is scanned, nor the texts of the files; so the
frames of its callers are looked at, here and nowhere else. Seen in Checkov 3.3.21 to 3.3.30, and a test holds the
tables against the Checkov that is installed.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Tuple


class UnknownCheckovError(Exception):
    """Checkov does not call its checks as the pack knows it to."""


class Caller(NamedTuple):
    """A function of Checkov's, and the variables of its frame that are read."""

    function: str
    variables: Tuple[str, ...]
    homes: Tuple[str, ...]  # the classes that have such a function, for the test


SCAN = Caller(
    "scan",
    ("scanned_file", "entity_configuration", "entity_name", "entity_type"),
    ("checkov.common.checks.base_check_registry.BaseCheckRegistry",),
)
RUN_BLOCK = Caller(
    "run_block",
    ("self", "full_file_path", "root_folder", "runner_filter"),
    (
        "checkov.terraform.runner.Runner",
        "checkov.terraform.plan_runner.Runner",
        "checkov.terraform_json.runner.TerraformJsonRunner",
    ),
)
CHECK_DEFINITIONS = Caller("check_definitions", ("self", "file_abs_path"), ("checkov.cloudformation.runner.Runner",))
CFN_RESOURCES_CHECKS = Caller("cfn_resources_checks", ("self", "sls_file"), ("checkov.serverless.runner.Runner",))
CALLERS = (SCAN, RUN_BLOCK, CHECK_DEFINITIONS, CFN_RESOURCES_CHECKS)

# What is read of a runner, which is `self` in these frames.
RUNNER_ATTRIBUTES: Mapping[Caller, Tuple[str, ...]] = {
    RUN_BLOCK: ("check_type", "definitions"),
    CHECK_DEFINITIONS: ("definitions_raw",),
    CFN_RESOURCES_CHECKS: ("definitions_raw", "root_folder"),
}


class TerraformBlock(NamedTuple):
    """Where a runner of Terraform stands when it has a resource checked."""

    runner: Any
    where: Any  # the path of the file, or a TFDefinitionKey with the calls that lead to it
    root_folder: Optional[str]
    framework: str  # Checkov's name of what the runner reads
    frameworks: FrozenSet[str]  # all that are asked for in this scan
    definitions: Any  # what the runner has read, by file
    code_of_plans: Optional[str]  # the folder given with --repo-root-for-plan-enrichment


class TemplateFile(NamedTuple):
    """Where a runner of CloudFormation or the Serverless Framework stands."""

    runner: Any
    file: str
    is_service: bool  # of the Serverless Framework
    texts: Mapping[str, List[Tuple[int, str]]]  # the numbered lines of every file
    root_folder: Optional[str]  # None where single files are scanned; known of services only


def terraform_block() -> TerraformBlock:
    """What the calling runner is at. Raises `UnknownCheckovError`."""
    variables = _variables(RUN_BLOCK)
    runner = variables["self"]
    return TerraformBlock(
        runner=runner,
        where=variables["full_file_path"],
        root_folder=variables["root_folder"],
        framework=_attribute(RUN_BLOCK, runner, "check_type"),
        frameworks=frozenset(getattr(variables["runner_filter"], "framework", None) or ()),
        definitions=_attribute(RUN_BLOCK, runner, "definitions"),
        code_of_plans=getattr(runner, "repo_root_for_plan_enrichment", None),  # a runner of code has none
    )


def template_file() -> TemplateFile:
    """What the calling runner is at. Raises `UnknownCheckovError`."""
    for caller in (CHECK_DEFINITIONS, CFN_RESOURCES_CHECKS):
        if _frame_of(caller.function) is not None:
            variables = _variables(caller)
            runner, file = variables["self"], variables[caller.variables[1]]
            texts = _attribute(caller, runner, "definitions_raw")
            is_service = caller is CFN_RESOURCES_CHECKS
            root_folder = _attribute(caller, runner, "root_folder") if is_service else None
            return TemplateFile(runner, file, is_service, texts, root_folder)
    raise _unknown(f"no function {CHECK_DEFINITIONS.function} or {CFN_RESOURCES_CHECKS.function} calls the checks")


def resource_at_hand() -> Optional[Tuple[Any, ...]]:
    """The resource that the calling function of Checkov is at: the variables of SCAN; None if it is another function.

    Of its caller this asks who called that one.
    """
    frame = sys._getframe(2)
    if frame.f_code.co_name != SCAN.function:
        return None
    found = frame.f_locals
    return tuple(found[name] for name in SCAN.variables) if all(name in found for name in SCAN.variables) else None


def _frame_of(function: str) -> Optional[FrameType]:
    """The nearest frame of a function of that name."""
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame


def _variables(caller: Caller) -> Dict[str, Any]:
    frame = _frame_of(caller.function)
    if frame is None:
        raise _unknown(f"no function {caller.function} calls the checks")
    found = frame.f_locals
    for name in caller.variables:
        if name not in found:
            raise _unknown(f"its {caller.function} has no variable {name}")
    return found


def _attribute(caller: Caller, runner: Any, name: str) -> Any:
    if not hasattr(runner, name):
        raise _unknown(f"the runner of its {caller.function} has no {name}")
    return getattr(runner, name)


def _unknown(what: str) -> UnknownCheckovError:
    return UnknownCheckovError(f"this Checkov is not known: {what}; use one that the README names")
