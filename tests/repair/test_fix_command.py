"""`ctkms fix`: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest
from tests.repair.cases import CONTEXT, OBJECTS, SOURCE, instead, without

from ctkms.commands.fix_command import fix
from ctkms.repair.diffs import diff, why_not_written

BROKEN = without(
    OBJECTS, f'        Condition = {{ StringEquals = {{ "aws:SourceArn" = "{SOURCE}" }} }} # this trail\'s\n'
)
ALSO_BROKEN = instead(BROKEN, "          StringLike   =", "          StringEqualsIgnoreCase =")


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "main.tf"
    file.write_text(ALSO_BROKEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return file


def test_it_shows_one_diff_of_all_repairs_and_changes_nothing(code: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert fix([]) == 1
    shown = capfd.readouterr().out
    assert shown.startswith("--- a/main.tf\n+++ b/main.tf\n@@ ")
    assert f'+          StringLike = {{ "{CONTEXT}"' in shown
    assert shown.count('+            "aws:SourceArn" = ') == 1
    assert code.read_text("utf-8") == ALSO_BROKEN


def test_it_writes_once(code: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert fix(["--write"]) == 0
    written = code.read_text("utf-8")
    assert "0 findings left" in capfd.readouterr().err
    assert fix(["--write"]) == 0
    assert (code.read_text("utf-8"), fix([])) == (written, 0)


def test_it_writes_the_proved_repairs_where_others_are_left(code: Path) -> None:
    reader = '"arn:aws:iam::111111111111:role/reader"'
    misspelt = f'{{ Effect = "Allow", Principal = {{ AWS = {reader} }}, Action = "kms:Decript", Resource = "*" }},'
    code.write_text(instead(ALSO_BROKEN, "    Statement = [\n", f"    Statement = [\n      {misspelt}\n"), "utf-8")
    assert fix(["--write"]) == 1
    written = code.read_text("utf-8")
    assert written.count('"aws:SourceArn" = ') == 2
    assert "StringEqualsIgnoreCase" not in written
    assert "kms:Decript" in written


def test_it_repairs_findings_of_the_rules_that_are_named(code: Path) -> None:
    assert fix(["--write", "--select", "024"]) == 0
    assert fix(["--select", "024"]) == 0
    assert fix([]) == 1
    assert "StringEqualsIgnoreCase" in code.read_text("utf-8")


@pytest.mark.parametrize("given", [["--select", "999"], ["no-such-folder"]])
def test_what_is_not_there_is_said(code: Path, given: List[str]) -> None:
    assert fix(given) == 2


def test_a_proposed_repair_is_left_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "main.tf"
    admin = '"arn:aws:iam::111111111111:root"'
    misspelt = f'{{ Effect = "Allow", Principal = {{ AWS = {admin} }}, Action = "kms:Decript", Resource = "*" }},'
    text = instead(OBJECTS, "    Statement = [\n", f"    Statement = [\n      {misspelt}\n")
    file.write_text(text, encoding="utf-8")
    before = file.read_bytes()
    assert fix(["--write", str(tmp_path)]) == 1
    assert file.read_bytes() == before
    assert fix(["--write", "--unsafe", str(tmp_path)]) == 0
    assert b'"kms:Decrypt"' in file.read_bytes()


def test_a_link_is_not_followed(code: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    scanned = tmp_path / "scanned"
    scanned.mkdir()
    (scanned / "real.tf").write_text("", encoding="utf-8")
    (scanned / "main.tf").symlink_to(code)
    fix(["--write", str(scanned)])
    assert code.read_text("utf-8") == ALSO_BROKEN
    assert why_not_written(str(scanned / "main.tf"), [str(scanned)], ALSO_BROKEN) == "it is reached through a link"


def test_a_file_is_written_only_below_the_given_paths_and_as_it_was_read(code: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert why_not_written(str(code), [str(tmp_path)], ALSO_BROKEN) == ""
    assert why_not_written(str(code), [str(code)], ALSO_BROKEN) == ""
    assert why_not_written(str(code), [str(tmp_path / "other")], ALSO_BROKEN) == "it is not below the given paths"
    assert why_not_written(str(code), [str(tmp_path)], BROKEN) == "it has changed since it was read"


def test_a_file_keeps_its_mode(code: Path) -> None:
    code.chmod(0o640)
    fix(["--write"])
    assert code.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in code.parent.iterdir()] == ["main.tf"]


def test_a_diff_says_where_a_file_has_no_last_line_break() -> None:
    assert diff("a.tf", "one\ntwo", "one\nthree").endswith(
        "-two\n\\ No newline at end of file\n+three\n\\ No newline at end of file\n"
    )
    assert "\f" in diff("a.tf", "one\ftwo\n", "one\n").split("\n")[3]


def test_the_folder_may_itself_be_reached_through_a_link(code: Path, tmp_path: Path) -> None:
    linked = tmp_path.parent / f"{tmp_path.name}-link"
    linked.symlink_to(tmp_path)
    assert why_not_written(str(linked / "main.tf"), [str(linked)], ALSO_BROKEN) == ""
