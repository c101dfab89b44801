"""What the pack knows of Checkov's insides, held against the Checkov that is installed."""

from __future__ import annotations

import importlib
import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from ctkms.hosts.checkov_frames import (
    CALLERS,
    RUNNER_ATTRIBUTES,
    UnknownCheckovError,
    resource_at_hand,
    template_file,
    terraform_block,
)

HOMES = [(caller, home) for caller in CALLERS for home in caller.homes]


def class_of(home: str) -> Any:
    module, _, name = home.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("caller", "home"), HOMES, ids=[f"{home}.{caller.function}" for caller, home in HOMES])
def test_this_checkov_has_the_function_and_its_variables(caller, home) -> None:
    function = inspect.unwrap(getattr(class_of(home), caller.function))
    code = function.__code__
    assert {*code.co_varnames, *code.co_cellvars} >= set(caller.variables)


@pytest.mark.parametrize(("caller", "home"), HOMES, ids=[f"{home}.{caller.function}" for caller, home in HOMES])
def test_its_runner_has_what_is_read_of_it(caller, home) -> None:
    set_by = "\n".join(
        inspect.getsource(one) for one in class_of(home).__mro__ if one.__module__.startswith("checkov.")
    )
    for name in RUNNER_ATTRIBUTES.get(caller, ()):
        assert f"self.{name}" in set_by or f"\n    {name} " in set_by, name


def run_block(of: Any, **variables: Any) -> Any:
    """Asks as a check does that a runner calls; of the variables, those that are given are there."""
    self, full_file_path, runner_filter = variables.get("self"), "main.tf", None
    if "root_folder" in variables:
        root_folder = variables["root_folder"]
        return of(), (self, full_file_path, runner_filter, root_folder)
    return of(), (self, full_file_path, runner_filter)


def test_where_a_runner_of_terraform_stands() -> None:
    runner = SimpleNamespace(check_type="terraform", definitions={})
    at, _ = run_block(terraform_block, self=runner, root_folder="/code")
    assert (at.runner, at.where, at.root_folder, at.framework) == (runner, "main.tf", "/code", "terraform")
    assert (at.frameworks, at.definitions, at.code_of_plans) == (frozenset(), {}, None)


def test_a_variable_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownCheckovError, match="its run_block has no variable root_folder"):
        run_block(terraform_block, self=None)


def test_what_a_runner_does_not_have_is_named() -> None:
    with pytest.raises(UnknownCheckovError, match="the runner of its run_block has no definitions"):
        run_block(terraform_block, self=SimpleNamespace(check_type="terraform"), root_folder=None)


def test_a_function_that_does_not_call_is_named() -> None:
    with pytest.raises(UnknownCheckovError, match="no function run_block calls the checks"):
        terraform_block()
    with pytest.raises(UnknownCheckovError, match="no function check_definitions or cfn_resources_checks"):
        template_file()


@pytest.mark.parametrize("is_service", [False, True])
def test_where_a_runner_of_templates_stands(is_service) -> None:
    def check_definitions(runner: Any) -> Any:
        self, file_abs_path = runner, "/t.yaml"
        return template_file(), (self, file_abs_path)

    def cfn_resources_checks(runner: Any) -> Any:
        self, sls_file = runner, "/s.yml"
        return template_file(), (self, sls_file)

    runner = SimpleNamespace(definitions_raw={"/t.yaml": []}, root_folder="/code")
    at, _ = (cfn_resources_checks if is_service else check_definitions)(runner)
    assert (at.file, at.is_service, at.texts) == ("/s.yml" if is_service else "/t.yaml", is_service, {"/t.yaml": []})
    assert at.root_folder == ("/code" if is_service else None)


def test_no_resource_is_at_hand_where_another_function_asks() -> None:
    def asks() -> Any:
        return resource_at_hand()

    assert asks() is None
