"""Checkov runs a check of this pack only where it has something to say, and everybody else's as always."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping

from ctkms.cloudtrail.findings import PASSED, Finding
from ctkms.hosts.checkov_records import RuleCheck
from ctkms.hosts.checkov_registry import SpeakingChecks


class Ours(RuleCheck):
    """A check that speaks of the resource `spoken_of` only."""

    def __init__(self, id_: str) -> None:
        self.id = id_

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        if name == "broken":
            raise RuntimeError("the pack fails")
        return {"CKV_CTKMS_001": Finding(PASSED, "", "", "")} if name == "spoken_of" else {}

    def result_of(self, name: str) -> str:
        return name


class Theirs:
    """A check of another pack."""

    id = "CKV_AWS_7"


CHECKS = SpeakingChecks([Theirs(), Ours("CKV_CTKMS_001"), Ours("CKV_CTKMS_002"), Ours("CKV_CTKMS_090")])
ALL = ["CKV_AWS_7", "CKV_CTKMS_001", "CKV_CTKMS_002", "CKV_CTKMS_090"]


def scan(checks: SpeakingChecks, entity_name: str) -> List[str]:
    """Goes through the checks as the `scan` of Checkov's registries does: by variables of these names."""
    scanned_file, entity_type, entity_configuration = "/main.tf", "aws_kms_key", {"__address__": entity_name}
    return [check.id for check in checks if (scanned_file, entity_type, entity_configuration)]


def test_a_scan_meets_the_checks_that_have_a_finding():
    assert scan(CHECKS, "spoken_of") == ["CKV_AWS_7", "CKV_CTKMS_001"]


def test_a_scan_of_a_key_that_is_not_cloudtrails_meets_none_of_the_pack():
    assert scan(CHECKS, "other") == ["CKV_AWS_7"]


def test_a_scan_that_the_pack_fails_on_meets_the_rule_that_says_so():
    assert scan(CHECKS, "broken") == ["CKV_AWS_7", "CKV_CTKMS_090"]


def test_a_scan_without_checks_of_the_pack_is_left_alone():
    assert scan(SpeakingChecks([Theirs()]), "spoken_of") == ["CKV_AWS_7"]


def test_a_copy_is_the_same():
    """Checkov copies the list where a pack registers checks by a pattern such as `aws_*`, and adds them to the copy."""
    checks = CHECKS.copy()
    checks += [Theirs()]
    assert scan(checks, "spoken_of") == ["CKV_AWS_7", "CKV_CTKMS_001", "CKV_AWS_7"]


def test_everybody_else_meets_all_checks():
    assert [check.id for check in CHECKS] == ALL
    assert [check.id for check in list(CHECKS)] == ALL


def test_a_scan_of_another_checkov_meets_all_checks():
    def scan(resource: str) -> List[str]:
        return [check.id for check in CHECKS]

    assert scan("spoken_of") == ALL


def test_checkov_runs_no_check_of_the_pack_on_other_keys(scan: Any, monkeypatch: Any, tmp_path: Path):
    """Each run costs Checkov half a dozen debug messages and a record that it throws away."""
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_kms_key" "trail" { description = "it has the default policy" }
        resource "aws_cloudtrail" "trail" {
          name       = "audit"
          kms_key_id = aws_kms_key.trail.arn
        }
        resource "aws_kms_key" "other" {}
        """
    )
    run: List[str] = []
    original = RuleCheck.run

    def counted(self: RuleCheck, *arguments: Any, **named: Any) -> Dict[str, Any]:
        run.append(named["entity_name"])
        return original(self, *arguments, **named)

    monkeypatch.setattr(RuleCheck, "run", counted)
    found = scan("terraform", tmp_path)
    assert set(run) == {"trail"}
    assert len(run) == len(found.records)
