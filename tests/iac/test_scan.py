"""What a scan without Checkov finds: all that Checkov's runs find in the samples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

import pytest

from ctkms.cloudtrail.findings import SKIPPED
from ctkms.iac.scan import judge, scan

ROOT = Path(__file__).resolve().parents[2]
EXPECTED: Dict[str, Dict[str, Any]] = json.loads((ROOT / "tests" / "samples" / "expected.json").read_text("utf-8"))
FOLDERS = {
    "terraform": "terraform_samples",
    "terraform_json": "terraform_samples",
    "cloudformation": "cloudformation_samples",
    "serverless": "cloudformation_samples",
}
SAMPLES = [(framework, name) for framework, samples in EXPECTED.items() for name in samples]
# Made by a loop and used by nothing outside of loops: Checkov hands over neither.
UNSHOWN = ("AWS::KMS::Key.KeyArchive",)
Results = Set[Tuple[str, str, str]]


def block(address: str) -> str:
    """The address of a block: without indexes, and without what Checkov puts before one in JSON."""
    return re.sub(r'\[[^\]]*\]|"|^resource\.', "", address)


def found_in(path: Path) -> Results:
    return {
        (block(one.address), rule[-3:], finding.result.lower())
        for one in scan(str(path))
        for rule, finding in judge(one.subject).items()
    }


@pytest.mark.parametrize(("framework", "name"), SAMPLES)
def test_a_scan_finds_what_checkov_finds(framework: str, name: str) -> None:
    expected = {
        (block(address), rule, result)
        for address, results in EXPECTED[framework][name].items()
        for rule, result in results.items()
    }
    found = found_in(ROOT / FOLDERS[framework] / name)
    if framework == "terraform_json":  # Checkov leaves the type out
        found = {(address.rpartition(".")[2], rule, result) for address, rule, result in found}
    # Where a module is called several times, one record stands for all of them, and may leave more open.
    decided = {one for one in found if one[2] != SKIPPED.lower() and one[0] not in UNSHOWN}
    assert decided <= expected
    assert {(address, rule) for address, rule, _ in expected if rule == "090"} == {
        (address, rule) for address, rule, _ in found if rule == "090" and address not in UNSHOWN
    }


def test_a_plan_is_found_by_what_is_in_it(tmp_path: Path) -> None:
    plan = ROOT / "tests" / "plans" / "samples" / "bad_041_reader_without_context.json"
    (tmp_path / "anything.json").write_text(plan.read_text("utf-8"))
    assert {rule for _, rule, result in found_in(tmp_path) if result == "failed"} == {"041"}


def test_one_file_may_be_given() -> None:
    file = ROOT / "terraform_samples" / "bad_001_context_names_other_trail" / "main.tf"
    assert {rule for _, rule, result in found_in(file) if result == "failed"} == {"001"}


@pytest.mark.parametrize("text", ["", "{", "a: [", "\x00", '{"Resources": 1}', 'resource "aws_kms_key" "k" {'])
def test_what_cannot_be_read_does_not_end_the_scan(text: str, tmp_path: Path) -> None:
    names: List[str] = ["main.tf", "main.tf.json", "t.yaml", "t.json", "serverless.yml", "x.template"]
    for name in names:
        (tmp_path / name).write_text(text)
    good = ROOT / "cloudformation_samples" / "good_find_in_map"
    for file in good.iterdir():
        (tmp_path / f"good_{file.name}").write_text(file.read_text("utf-8"))
    assert any(rule == "001" for _, rule, _ in found_in(tmp_path))
    assert list(scan(str(tmp_path / "missing"))) == []


def test_templates_come_in_the_order_of_their_names() -> None:
    files = [one.file for one in scan(str(ROOT / "cloudformation_samples")) if not one.file.endswith("serverless.yml")]
    assert files == sorted(files)
