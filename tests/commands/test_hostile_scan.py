"""`ctkms scan` by Checkov of a tree whose names, Sids and lines are attacks: all that it prints and writes is inert."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from bs4 import BeautifulSoup

from ctkms.report.reports import FORMATS

ROOT = Path(__file__).resolve().parents[2]
ATTACK = (
    "<script>alert(1)</script>[x](https://evil.example)**x** \x1b[31m\x1b]8;;https://evil.example\x07 \u202ex\n# zzseen"
)
NAME = ATTACK.replace("/", "|")  # no name of a file has a slash
TERRAFORM = """\
resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = SID
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "kms:*" # COMMENT
      Resource  = "*"
    }]
  })
}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.logs.arn
}
"""
TEMPLATE = """\
Resources:
  LogsKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: SID
            Effect: Allow
            Principal: {AWS: "*"}
            Action: kms:Decrypt
            Resource: "*"
            Condition: {StringLike: {kms:EncryptionContext:aws:cloudtrail:arn: SID}}
"""


class Said(NamedTuple):
    """What a scan printed, and the reports that it wrote."""

    out: str
    err: str
    reports: dict[str, str]


@pytest.fixture(scope="module")
def said(tmp_path_factory: Any) -> Said:
    tree: Path = tmp_path_factory.mktemp("hostile")
    (tree / NAME).mkdir()
    sid = json.dumps(ATTACK)
    comment = ATTACK.replace("\n", "\r")
    (tree / NAME / "main.tf").write_text(TERRAFORM.replace("SID", sid).replace("COMMENT", comment), encoding="utf-8")
    (tree / NAME / "template.yaml").write_text(TEMPLATE.replace("SID", sid), encoding="utf-8")
    (tree / f"{NAME}.tf").write_text('resource "aws_kms_key" "broken" {', encoding="utf-8")
    (tree / f"{NAME}.yaml").write_text("Resources:\n  K:\n   Type: AWS::KMS::Key\n  - [\n", encoding="utf-8")
    reports = [argument for name in FORMATS for argument in ("--report", f"{name}=../report.{name}")]
    command = [sys.executable, str(ROOT / "checks"), "scan", NAME, ".", *reports]
    done = subprocess.run(command, cwd=tree, capture_output=True, check=False, timeout=300)
    assert done.returncode == 1, done.stderr.decode()
    written = {name: (tree.parent / f"report.{name}").read_text(encoding="utf-8") for name in FORMATS}
    return Said(done.stdout.decode(), done.stderr.decode(), written)


def unseen(text: str) -> list[str]:
    return [one for one in sorted(set(text)) if not one.isprintable() and one not in "\n\t"]


def test_nothing_acts_on_a_terminal_and_all_is_named(said: Said) -> None:
    assert unseen(said.out + said.err) == []
    lines = said.out.splitlines()
    assert [line for line in lines if line.lstrip().startswith("# zzseen")] == []  # no line of its own making
    assert any("alert(1)" in line and "\\x1b[31m" in line and "\\u202e" in line for line in lines)
    assert lines[-1].startswith("2 folders, 2 keys judged, 2 with findings, 2 files unreadable: ")


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_a_character_that_is_not_seen(name: str, said: Said) -> None:
    assert "zzseen" in said.reports[name]
    assert unseen(said.reports[name]) == []


def test_no_report_makes_markup_of_it(said: Said) -> None:
    page: Any = BeautifulSoup(said.reports["html"], "html.parser")
    assert len(page.select("script")) == 1
    assert [link["href"] for link in page.select("[href]") if "evil" in link["href"]] == []
    # Between backticks, of which the code has no longer run, everything is code.
    comment = re.sub(r"(?ms)^(`{3,})diff\n.*?^\1$", "", said.reports["markdown"])
    assert comment != said.reports["markdown"]
    assert "<script" not in comment
    assert "](https://evil" not in comment
    assert [line for line in comment.splitlines() if line.startswith("# ")] == []
    (run,) = json.loads(said.reports["sarif"])["runs"]
    assert [one for one in run["results"] if "](" in one["message"]["text"]] == []
    for found in json.loads(said.reports["gitlab"])["vulnerabilities"]:
        assert "<script" not in found["description"]
        assert "](https://evil" not in found["description"]
