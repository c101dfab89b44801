"""The `ctkms` command: where the rules are, what they are, and how Checkov is started with them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Callable

import pytest

from ctkms.hosts.checkov_version import complaint

CHECKS = Path(__file__).resolve().parent.parent / "checks"


@pytest.fixture
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ctkms_command", CHECKS / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def two_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [
        SimpleNamespace(id="CKV_CTKMS_002", severity="HIGH", name="Ensure two", guideline="https://example.com/2"),
        SimpleNamespace(id="CKV_CTKMS_001", severity="CRITICAL", name="Ensure one", guideline="https://example.com/1"),
    ]
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "ctkms.cloudtrail.rules.catalogue", SimpleNamespace(RULES=rules))


def test_prints_the_directory_for_checkov(command, capsys) -> None:
    assert command.main([]) == 0
    assert capsys.readouterr().out == f"{CHECKS}\n"


def test_runs_as_a_directory() -> None:
    found = subprocess.run([sys.executable, str(CHECKS)], capture_output=True, text=True, check=True)
    assert found.stdout == f"{CHECKS}\n"


@pytest.mark.usefixtures("two_rules")
def test_lists_the_rules(command, capsys) -> None:
    assert command.main(["rules"]) == 0
    assert capsys.readouterr().out == "CKV_CTKMS_001  CRITICAL  Ensure one\nCKV_CTKMS_002  HIGH      Ensure two\n"


@pytest.mark.usefixtures("two_rules")
def test_lists_the_rules_for_machines(command, capsys) -> None:
    assert command.main(["rules", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {
        "id": "CKV_CTKMS_001",
        "severity": "CRITICAL",
        "name": "Ensure one",
        "guideline": "https://example.com/1",
    }


@pytest.mark.parametrize(
    ("given", "present", "absent"),
    [
        (["-d", "."], ["--check", "CKV_CTKMS_*", "--framework", "terraform", "--skip-download"], []),
        (["-d", ".", "-c", "CKV_AWS_7"], ["CKV_AWS_7", "--framework"], ["CKV_CTKMS_*"]),
        (["-d", ".", "--check=CKV_AWS_7"], ["--check=CKV_AWS_7"], ["CKV_CTKMS_*"]),
        (["-d", ".", "--framework=terraform"], ["CKV_CTKMS_*"], ["terraform", "cloudformation"]),
    ],
)
def test_scan_adds_what_the_user_leaves_open(command, given, present, absent) -> None:
    options = command.scan_options(given)
    assert options[:2] == ["--external-checks-dir", str(CHECKS)]
    assert options[-len(given) :] == given
    assert set(present) <= set(options)
    assert not set(absent) & set(options)


@pytest.fixture
def pretend(command, monkeypatch, tmp_path) -> Callable[[str], None]:
    """Puts a shell script in the place of Checkov."""

    def replace(script: str) -> None:
        program = tmp_path / "checkov"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(command, "_checkov", lambda: str(program))

    return replace


@pytest.mark.parametrize("code", [0, 1, 7])
def test_scan_exits_as_checkov_does(command, pretend, code) -> None:
    pretend(f"exit {code}")
    assert command.main(["scan", "-d", "."]) == code


def test_scan_passes_on_what_checkov_says(command, pretend, capfd) -> None:
    pretend("echo found; echo warned >&2")
    assert command.main(["scan", "-d", "."]) == 0
    assert capfd.readouterr() == ("found\n", "warned\n")


def test_scan_is_not_green_without_the_rules(command, pretend, capfd) -> None:
    pretend(f"echo \"Cannot load external check 'tf_ctkms' from {CHECKS}/terraform/tf_ctkms.py\" >&2")
    assert command.main(["scan", "-d", "."]) == 2
    assert "this scan says nothing" in capfd.readouterr().err


def test_scan_leaves_other_rules_to_checkov(command, pretend) -> None:
    pretend("echo \"Cannot load external check 'mine' from /elsewhere/mine.py\" >&2")
    assert command.main(["scan", "-d", "."]) == 0


def test_scan_does_not_start_a_checkov_that_is_too_old(command, monkeypatch, tmp_path, capfd) -> None:
    program = tmp_path / "bin" / "checkov"
    information = tmp_path / "lib" / "python3.11" / "site-packages" / "checkov-3.2.500.dist-info"
    for folder in (program.parent, information):
        folder.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: checkov\nVersion: 3.2.500\n")
    monkeypatch.setattr(command, "_checkov", lambda: str(program))
    assert command.main(["scan", "-d", "."]) == 2
    assert capfd.readouterr() == ("", f"{complaint('3.2.500')}\n")


def test_scan_is_not_green_when_checkov_turns_out_to_be_too_old(command, pretend, capfd) -> None:
    pretend(f"echo '[WARNI]  {complaint('3.2.500')}' >&2")
    assert command.main(["scan", "-d", "."]) == 2
    assert capfd.readouterr().err.count("too old") == 1


def test_scan_says_when_checkov_is_missing(command, monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "_checkov", lambda: None)
    assert command.main(["scan", "-d", "."]) == 2
    assert "pip install checkov" in capsys.readouterr().err
