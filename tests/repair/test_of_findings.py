"""The repairs that records carry, where somebody asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.repair.cases import JSON

from ctkms.cloudtrail.findings import FAILED, PASSED, Finding, Fix
from ctkms.repair.of_findings import ASKED_FOR, with_repairs

FINDINGS = {
    "CKV_CTKMS_021": Finding(FAILED, "short", "long", ""),
    "CKV_CTKMS_001": Finding(PASSED, "short", "long", ""),
}


@pytest.fixture
def template(tmp_path: Path) -> str:
    file = tmp_path / "template.json"
    file.write_text(JSON, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("asked", ["", "0"])
def test_they_are_searched_only_where_somebody_asks(template: str, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_FOR, asked)
    found = with_repairs(FINDINGS, template, template, "AWS::KMS::Key.Key")
    empty = {"text": "", "edits": [], "status": "not searched", "reason": ""}
    assert [one.fix.plain() for one in found.values()] == [empty, empty]


def test_an_edit_has_its_place(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_FOR, "1")
    found = with_repairs(FINDINGS, template, template, "AWS::KMS::Key.Key")
    plain = found["CKV_CTKMS_021"].fix.plain()
    assert (plain["status"], plain["reason"]) == ("proved", "")
    (edit,) = plain["edits"]
    line = JSON.split("\n")[edit["start_line"] - 1]
    assert (line[: edit["start_column"] - 1].strip(), line[edit["end_column"] - 1 :]) == ("}", "")
    assert edit["file"] == template
    assert edit["new_text"].startswith(',\n                "StringLike": {')
    assert found["CKV_CTKMS_001"].fix == Fix(status="none", reason="there is nothing to repair")


def test_what_the_scan_of_the_code_does_not_find_has_none(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_FOR, "1")
    found = with_repairs(FINDINGS, template, template, "AWS::KMS::Key.Another")
    assert found["CKV_CTKMS_021"].fix.status == "none"
    assert found["CKV_CTKMS_021"].fix.reason
