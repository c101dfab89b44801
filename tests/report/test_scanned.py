"""From code to report: what Checkov writes of real samples, and of one whose names are attacks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from bs4 import BeautifulSoup

from ctkms.report.keys import judged_keys, tally
from ctkms.report.reports import FORMATS, results_in, written
from ctkms.report.results import Results

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = {
    "terraform_samples": ["bad_001_stringequals_with_wildcard", "unknown_account_in_conditions"],
    "cloudformation_samples": ["bad_023_public_reader", "good_find_in_map"],
}
SIDS = {
    "quoted": "<script>alert(1)</script>[x](https://evil.example)**x**",
    "not quoted, since no console may print it": "<script>alert(1)</script> \x1b[31m \u202e \n# x",
}
HOSTILE = """\
resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = SID
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "kms:*"
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


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    tree: Path = tmp_path_factory.mktemp("scanned")
    for folder, names in SAMPLES.items():
        for name in names:
            shutil.copytree(ROOT / folder / name, tree / name)
    for number, sid in enumerate(SIDS.values()):
        (tree / f"hostile{number}").mkdir()
        text = HOSTILE.replace("SID", json.dumps(sid, ensure_ascii=False).replace("\x1b", "\\u001b"))
        (tree / f"hostile{number}" / "main.tf").write_text(text, encoding="utf-8")
    command = [sys.executable, str(ROOT / "checks"), "scan", "-d", ".", "-o", "json", "--soft-fail"]
    return results_in(subprocess.run(command, cwd=tree, capture_output=True, check=True, timeout=300).stdout.decode())


def test_every_key_is_there(results) -> None:
    assert tally(judged_keys(results)) == "4 keys fail, 1 is not decided, 1 passes"


def test_files_stand_relative_to_where_checkov_was_started(results) -> None:
    assert {record.block.file.partition("/")[0] for record in results.records} == {
        *(name for names in SAMPLES.values() for name in names),
        "hostile0",
        "hostile1",
    }


def test_the_file_for_github_keeps_its_schema(results) -> None:
    schema = json.loads((ROOT / "tests" / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    sarif = json.loads(written("sarif", results))
    jsonschema.Draft7Validator(schema).validate(sarif)
    failed = [record for record in results.records if record.result != "PASSED"]
    assert len(sarif["runs"][0]["results"]) == len(failed)


@pytest.mark.parametrize("name", FORMATS)
def test_a_sid_that_attacks_is_named_and_does_nothing(name, results) -> None:
    text = written(name, results)
    assert "alert(1)" in text
    assert [one for one in set(text) if not one.isprintable() and one != "\n"] == []


def test_a_sid_that_attacks_makes_no_element(results) -> None:
    page: Any = BeautifulSoup(written("html", results), "html.parser")
    assert len(page.select("script")) == 1
    assert [link for link in page.select("a") if "evil" in link["href"]] == []
    assert "<script>alert" not in written("markdown", results)
