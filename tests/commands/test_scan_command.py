"""`ctkms scan`, with a script in the place of Checkov."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Sequence

import pytest

from ctkms.commands import scan_command
from ctkms.commands.scan_command import scan
from ctkms.hosts.checkov_version import complaint

CHECKS = str(Path(__file__).resolve().parents[2] / "checks")

RECORD: Dict[str, Any] = {
    "check_id": "CKV_CTKMS_001",
    "check_name": "Ensure the KMS key policy lets CloudTrail encrypt the trail's log files",
    "check_result": {
        "result": "FAILED",
        "ctkms": {
            "summary": "CloudTrail cannot encrypt the log files of trail audit: no statement speaks of CloudTrail.",
            "reason": "CloudTrail may not call kms:GenerateDataKey: no statement speaks of cloudtrail.amazonaws.com",
            "location": {"file": "/main.tf", "start_line": 2, "start_column": 12, "end_line": 2, "end_column": 20},
        },
    },
    "resource": "aws_kms_key.logs",
    "file_path": "/main.tf",
    "repo_file_path": "/main.tf",
    "file_line_range": [1, 3],
    "severity": "HIGH",
}
CODE = 'resource "aws_kms_key" "logs" {\n  policy = "policy"\n}\n'
Pretend = Callable[..., None]


def results(*failed: Dict[str, Any], skipped: Sequence[Any] = (), broken: Sequence[str] = ()) -> str:
    found = {"failed_checks": failed, "passed_checks": [], "skipped_checks": skipped, "parsing_errors": broken}
    return json.dumps({"check_type": "terraform", "results": found, "summary": {"checkov_version": "3.3.30"}})


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pretend:
    """Puts a script in the place of Checkov, which notes how it was called."""

    def replace(output: str = "", errors: str = "", code: int = 0) -> None:
        program = tmp_path / "checkov"
        lines = (
            f"#!{sys.executable}",
            "import sys",
            f"open({str(tmp_path / 'called')!r}, 'a').write(repr(sys.argv[1:]) + chr(10))",
            f"sys.stdout.write({output!r})",
            f"sys.stderr.write({errors!r})",
            f"sys.exit({code})",
        )
        program.write_text("\n".join(lines))
        program.chmod(0o755)
        monkeypatch.setattr(scan_command, "find_checkov", lambda: str(program))

    monkeypatch.chdir(tmp_path)
    return replace


def test_findings_are_shown_with_the_code_that_decides(pretend: Pretend, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    pretend(results(RECORD), code=1)
    assert scan(["."], CHECKS) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "aws_kms_key.logs  main.tf:1"
    assert lines[2].startswith("  HIGH CKV_CTKMS_001: CloudTrail cannot encrypt the log files of trail audit:")
    at = lines.index("   --> main.tf:2:12")
    assert lines[at + 1 : at + 3] == ['    2 |   policy = "policy"', "      |            ^^^^^^^^"]
    assert lines[-1] == "1 folder, 1 key judged, 1 with findings"
    assert "\x1b" not in "".join(lines)


def test_a_scan_that_judged_nothing_says_so(pretend: Pretend, capsys: Any) -> None:
    pretend(results(broken=("bad.tf",)))
    assert scan(["."], CHECKS) == 0
    assert capsys.readouterr().out == (
        "1 folder, no key of CloudTrail's, so nothing was judged, 1 file unreadable: bad.tf\n"
    )


def test_a_key_can_be_required(pretend: Pretend, capsys: Any) -> None:
    pretend(results())
    assert scan([".", "--require-key"], CHECKS) == 1
    assert "--require-key" in capsys.readouterr().err
    pretend(results(RECORD))
    assert scan([".", "--require-key"], CHECKS) == 0


def test_a_key_that_is_left_open_is_not_judged(pretend: Pretend, capsys: Any) -> None:
    said = {"result": "SKIPPED", "ctkms": {"reason": "not decided: CKV_CTKMS_001"}}
    trail = {**RECORD, "check_id": "CKV_CTKMS_090", "check_result": said, "resource": "aws_cloudtrail.audit"}
    pretend(results(skipped=[trail]))
    assert scan([".", "--require-key"], CHECKS) == 1
    out, err = capsys.readouterr()
    assert out.endswith("\n1 folder, no key judged, 1 left open\n")
    assert "no key of CloudTrail's was judged" in err


def test_a_rule_that_is_skipped_is_not_said_to_be_kept(pretend: Pretend, capsys: Any) -> None:
    said = {"result": "SKIPPED", "suppress_comment": "in the next release", "ctkms": {"reason": "it may not"}}
    pretend(results(skipped=[{**RECORD, "check_result": said}]))
    assert scan(["."], CHECKS) == 0
    expected = "1 folder, 1 key judged, 1 rule skipped; every other rule that could be decided is kept\n"
    assert capsys.readouterr().out == expected


def test_keys_that_pass_are_not_denied_where_checkov_is_quiet(pretend: Pretend, capsys: Any) -> None:
    quiet = {"check_type": "terraform", "results": {"failed_checks": []}, "summary": {"passed": 14}}
    pretend(json.dumps(quiet))
    assert scan([".", "--require-key"], CHECKS) == 1
    out, err = capsys.readouterr()
    assert out == "1 folder, 14 results passed or skipped and not listed, as Checkov ran with `quiet`\n"
    assert "cannot be counted" in err


def test_each_folder_is_scanned_by_itself(pretend: Pretend, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    pretend(results())
    for given in (["a", "b"], ["-d", "a", "--directory=b"]):
        assert scan(given, CHECKS) == 0
        called = (tmp_path / "called").read_text().splitlines()
        assert [line.count("'-d'") for line in called] == [1, 1]
        (tmp_path / "called").unlink()


def test_what_was_looked_at_is_counted_however_it_is_named(pretend: Pretend, capsys: Any) -> None:
    pretend(results(RECORD))
    for given in (["."], ["-d", "."], ["--directory=."], ["-d."]):
        assert scan(given, CHECKS) == 0
        assert capsys.readouterr().out.endswith("\n1 folder, 1 key judged, 1 with findings\n")


def test_what_checkov_logs_does_nothing_to_a_terminal(pretend: Pretend, capfd: Any) -> None:
    pretend(results(), "a\tmodule \x1b[31m\u202e\n")
    assert scan(["."], CHECKS) == 0
    assert capfd.readouterr().err == "a\tmodule \\x1b[31m\\u202e\n"


def test_reports_are_written_as_well(pretend: Pretend, tmp_path: Path, capsys: Any) -> None:
    pretend(results(RECORD), code=1)
    assert scan([".", "--report", "sarif=a.sarif", "--report", "markdown=b.md"], CHECKS) == 1
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
    assert "CKV_CTKMS_001" in (tmp_path / "b.md").read_text()
    assert "CKV_CTKMS_001" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_said_in_one_line(pretend: Pretend, capsys: Any) -> None:
    pretend(results())
    assert scan([".", "--report", "sarif=nowhere/a.sarif"], CHECKS) == 2
    assert capsys.readouterr().err == "ctkms: nowhere/a.sarif: No such file or directory\n"


def test_an_output_of_checkovs_goes_through_untouched(pretend: Pretend, capfd: Any) -> None:
    pretend("anything", "warned\n", 7)
    assert scan([".", "-o", "junitxml"], CHECKS) == 7
    assert capfd.readouterr() == ("anything", "warned\n")


def test_an_output_and_a_report(pretend: Pretend, tmp_path: Path, capfd: Any) -> None:
    pretend(results(RECORD), code=1)
    assert scan([".", "-o", "json", "--quiet", "--report", "sarif=a.sarif"], CHECKS) == 1
    called = (tmp_path / "called").read_text().splitlines()
    assert ["'--quiet'" in line for line in called] == [True, False]
    assert capfd.readouterr().out == results(RECORD)
    assert (tmp_path / "a.sarif").exists()


def test_a_checkov_that_writes_no_results_is_not_green(pretend: Pretend, capfd: Any) -> None:
    pretend("usage: checkov")
    assert scan(["."], CHECKS) == 2
    out, err = capfd.readouterr()
    assert out == "usage: checkov"
    assert err == "ctkms: Checkov wrote no results, so this scan says nothing.\n"


def test_a_scan_is_not_green_without_the_rules(pretend: Pretend, capfd: Any) -> None:
    pretend(results(), f"Cannot load external check 'tf_ctkms' from {CHECKS}/terraform/tf_ctkms.py\n")
    assert scan(["."], CHECKS) == 2
    assert "this scan says nothing" in capfd.readouterr().err


def test_other_rules_are_checkovs_affair(pretend: Pretend) -> None:
    pretend(results(), "Cannot load external check 'mine' from /elsewhere/mine.py\n")
    assert scan(["."], CHECKS) == 0


def test_a_checkov_that_is_too_old_is_not_started(monkeypatch: Any, tmp_path: Path, capfd: Any) -> None:
    program = tmp_path / "bin" / "checkov"
    information = tmp_path / "lib" / "python3.11" / "site-packages" / "checkov-3.2.500.dist-info"
    for folder in (program.parent, information):
        folder.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: checkov\nVersion: 3.2.500\n")
    monkeypatch.setattr(scan_command, "find_checkov", lambda: str(program))
    assert scan(["."], CHECKS) == 2
    assert capfd.readouterr() == ("", f"{complaint('3.2.500')}\n")


def test_a_checkov_that_turns_out_to_be_too_old_is_not_green(pretend: Pretend, capfd: Any) -> None:
    pretend(results(), f"[WARNI]  {complaint('3.2.500')}\n")
    assert scan(["."], CHECKS) == 2
    assert capfd.readouterr().err.count("too old") == 1


HOMES = {
    "/usr": "pip install checkov",
    "/home/me/.local/pipx/venvs/checkov-cloudtrail-kms": "pipx inject checkov-cloudtrail-kms checkov",
    "/home/me/.local/share/uv/tools/checkov-cloudtrail-kms": "uv tool install --with checkov",
    "/home/me/.cache/uv/archive-v0/abc": "uvx --with checkov",
}


@pytest.mark.parametrize("home", HOMES)
def test_without_checkov_the_advice_fits_the_environment(monkeypatch: Any, capsys: Any, home: str) -> None:
    monkeypatch.setattr(scan_command, "find_checkov", lambda: None)
    monkeypatch.setattr(sys, "prefix", home)
    assert scan(["."], CHECKS) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert HOMES[home] in said
