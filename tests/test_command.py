"""The `ctkms` command: where the rules are, what they are, and how Checkov is started with them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ctkms.cloudtrail.rules.related_controls import Related

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
    related = (Related("SOC 2", ("CC6.1",), "somebody"),)
    rules = [
        SimpleNamespace(id="CKV_CTKMS_002", severity="HIGH", name="Ensure two", guideline="https://example.com/2"),
        SimpleNamespace(id="CKV_CTKMS_001", severity="CRITICAL", name="Ensure one", guideline="https://example.com/1"),
    ]
    for rule in rules:
        rule.related = related
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
        "controls": {"SOC 2": ["CC6.1"]},
    }


@pytest.mark.usefixtures("two_rules")
@pytest.mark.parametrize("wanted", ["CKV_CTKMS_002", "ckv_ctkms_002", "002", "2"])
def test_lists_one_rule(command, capsys, wanted) -> None:
    assert command.main(["rules", wanted]) == 0
    assert capsys.readouterr().out == "CKV_CTKMS_002  HIGH  Ensure two\n"


@pytest.mark.parametrize(
    "line", [["rules", "999"], ["explain", "CKV_CTKMS_999"], ["explain", "../../README\n\x1b[31m"]]
)
def test_says_in_one_line_that_there_is_no_such_rule(command, capsys, line) -> None:
    assert command.main(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.replace("\n", "").isprintable()


@pytest.mark.parametrize("wanted", ["CKV_CTKMS_022", "22"])
def test_explains_a_rule(command, capsys, wanted) -> None:
    assert command.main(["explain", wanted]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("# CKV_CTKMS_022: ")
    assert "## Fix" in shown


def test_makes_judges_and_asks_a_policy(command, capsys, tmp_path) -> None:
    where = ["--account", "111122223333", "--region", "us-east-1"]
    assert command.main(["policy", "trail", *where, "--trail", "audit"]) == 0
    (tmp_path / "policy.json").write_text(capsys.readouterr().out)
    file = str(tmp_path / "policy.json")
    assert command.main(["judge", file, "--trail", "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"]) == 0
    assert capsys.readouterr().out == "1 file, 1 key judged; every rule that could be decided is kept\n"
    assert command.main(["ask", "--policy", file, "--who", "kms:Decrypt"]) == 0
    assert "users and roles of account 111122223333\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["policy", "judge", "ask"])
def test_the_commands_of_policies_say_what_they_take(command, capsys, name) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: ctkms {name}")


def test_tells_its_version(command, capsys) -> None:
    assert command.main(["--version"]) == 0
    assert re.fullmatch(r"ctkms \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_unknown_command_is_told_all_that_there_are(command, capsys) -> None:
    with pytest.raises(SystemExit) as error:
        command.main(["scna"])
    assert error.value.code == 2
    assert "'scan', 'fix', 'rules', 'explain', 'report'" in capsys.readouterr().err
