"""What Checkov can read and the pack cannot is never silently green."""

from __future__ import annotations

from ctkms.cloudtrail.findings import SKIPPED
from ctkms.cloudtrail.judge import judge
from ctkms.iac.terraform.code_scan import Tree

DEEP = "[" * 80 + "]" * 80
KEY = 'resource "aws_kms_key" "logs" {\n  policy = jsonencode({ Id = "cloudtrail", X = ' + DEEP + " })\n}\n"


def test_a_key_that_cannot_be_read_is_reported_as_undecided(tmp_path) -> None:
    (tmp_path / "main.tf").write_text(KEY)
    subject = Tree(str(tmp_path)).subject(str(tmp_path / "main.tf"), (), "aws_kms_key.logs")
    assert subject is not None
    found = judge(subject.scenarios, subject.declares_key, subject.holds_policy)
    assert found["CKV_CTKMS_090"].result == SKIPPED
    assert "main.tf, line" in found["CKV_CTKMS_090"].reason


def test_a_key_that_has_nothing_to_do_with_cloudtrail_stays_silent(tmp_path) -> None:
    (tmp_path / "main.tf").write_text(KEY.replace("cloudtrail", "other"))
    assert Tree(str(tmp_path)).subject(str(tmp_path / "main.tf"), (), "aws_kms_key.logs") is None
