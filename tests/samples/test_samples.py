"""Every sample, scanned by Checkov: what passes, fails and is skipped, and what the records carry.

The names of the samples say what fails, `expected.json` says everything: by folder, resource and rule
what it said. `pytest tests/samples tests/plans --rewrite-expected` writes it anew; read the difference
before you keep it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Set

import pytest

from ctkms.cloudtrail.rules.catalogue import BY_ID, RULES, UNDECIDED
from ctkms.cloudtrail.rules.related_controls import by_framework
from ctkms.cloudtrail.summaries import MAX_SUMMARY

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTED = Path(__file__).parent / "expected.json"
TREES = {
    "terraform": ROOT / "terraform_samples",
    "terraform_json": ROOT / "terraform_samples",
    "cloudformation": ROOT / "cloudformation_samples",
    "serverless": ROOT / "cloudformation_samples",
}
# The files that tell whose sample a folder is; what has none of them is CloudFormation.
SIGNS = {"terraform": "*.tf", "terraform_json": "*.tf.json", "serverless": "serverless.yml"}


def _is_of(framework: str, folder: Path) -> bool:
    if framework in SIGNS:
        return any(folder.rglob(SIGNS[framework]))
    return not any(_is_of(other, folder) for other in SIGNS)


FOLDERS = {
    framework: sorted(path.name for path in tree.iterdir() if _is_of(framework, path))
    for framework, tree in TREES.items()
}
SAMPLES = [(framework, folder) for framework, folders in FOLDERS.items() for folder in folders]

# Samples in which much hangs on which files belong together; the others would say no more.
ALONE = [
    ("terraform", "bad_001_002_file_not_interpolated"),
    ("terraform", "bad_080_missing_comma"),
    ("terraform", "good_for_each_keys"),
    ("terraform", "good_key_policy_replaces_inline"),
    ("terraform", "good_module_key_arn_passed_out"),
    ("terraform", "good_module_policy_passed_in"),
    ("terraform", "good_multi_region_replica"),
    ("terraform", "good_provider_alias_region"),
    ("terraform", "good_templatefile_bucket_keys"),
    ("terraform", "good_variables_with_defaults"),
    ("terraform", "silent_unrelated_key"),
    ("terraform", "unknown_policy_from_registry_module"),
    ("cloudformation", "bad_001_forgotten_sub"),
    ("cloudformation", "good_cdk_synthesised"),
    ("cloudformation", "good_import_value"),
    ("cloudformation", "silent_unrelated_key"),
    ("cloudformation", "unknown_import_from_nowhere"),
]

# All that a template creates is in one account and one Region, and only a manifest of the CDK says in which;
# and a key has its policy from the start.
# The two other frameworks are another way to write the same, which some samples of each show.
BEYOND: Mapping[str, Set[str]] = {
    "terraform": set(),
    "cloudformation": {"CKV_CTKMS_044", "CKV_CTKMS_064", "CKV_CTKMS_065"},
}


@pytest.fixture(scope="session")
def scans(scan) -> Mapping[str, Any]:
    """Each tree of samples, scanned as a whole: one scan costs far less than one for each folder."""
    return {framework: scan(framework, tree) for framework, tree in TREES.items()}


@pytest.fixture(scope="session")
def expected(scans, request) -> Mapping[str, Any]:
    if request.config.getoption("--rewrite-expected"):
        EXPECTED.write_text(_written(scans), encoding="utf-8")
    loaded: Dict[str, Any] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return loaded


def _written(scans: Mapping[str, Any]) -> str:
    found = {
        framework: {folder: scans[framework].within(folder).results() for folder in folders}
        for framework, folders in FOLDERS.items()
    }
    return json.dumps(found, indent=1) + "\n"


@pytest.mark.parametrize(("framework", "folder"), SAMPLES)
def test_gives_what_is_expected(framework, folder, scans, expected) -> None:
    assert scans[framework].within(folder).results() == expected[framework][folder]


@pytest.mark.parametrize(("framework", "folder"), SAMPLES)
def test_gives_what_its_name_says(framework, folder, scans) -> None:
    kind = folder.split("_")[0]
    records = scans[framework].within(folder).records
    failed = {record.check_id for record in records if _result(record) == "FAILED"}
    skipped = {record.check_id for record in records if _result(record) == "SKIPPED"}
    named = {f"CKV_CTKMS_{number}" for number in re.findall(r"(?<=_)\d{3}(?=_)", folder)}
    assert failed == named
    assert bool(named) == (kind == "bad")
    assert skipped == ({UNDECIDED.id} if kind == "unknown" else set())
    assert bool(records) == (kind != "silent")


def _result(record: Any) -> str:
    return str(record.check_result["result"].value)


@pytest.mark.parametrize(("framework", "folder"), ALONE)
def test_gives_the_same_alone(framework, folder, scan, scans) -> None:
    alone = scan(framework, TREES[framework] / folder)
    among_all = scans[framework].within(folder)
    assert alone.results() == among_all.results()
    assert _paths(alone) == _paths(among_all)


def _paths(found: Any) -> List[Any]:
    """What decided each rule; the reason may name a file as seen from where the scan began."""
    return sorted([record.check_id, record.resource, record.check_result["evaluated_keys"]] for record in found.records)


def test_what_the_cdk_synthesised_stands_beside_its_app() -> None:
    samples = [path for path in TREES["cloudformation"].iterdir() if "_cdk_" in path.name]
    assert len(samples) > 5
    needed = ("app.js", "cdk.json", "cdk.out/manifest.json")
    assert [path.name for path in samples if not all((path / one).is_file() for one in needed)] == []


def test_expects_nothing_of_samples_that_are_gone(expected) -> None:
    assert {framework: sorted(folders) for framework, folders in expected.items()} == FOLDERS


@pytest.mark.parametrize("framework", TREES)
def test_logs_no_error(framework, scans) -> None:
    assert scans[framework].errors == []
    assert scans[framework].parsing_errors == []


@pytest.mark.parametrize("framework", TREES)
def test_speaks_once_of_a_resource(framework, scans) -> None:
    said = [(record.check_id, record.file_path, record.resource) for record in scans[framework].records]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("framework", BEYOND)
def test_every_rule_has_samples(framework, scans) -> None:
    """One that passes and one that fails, where the framework can say what the rule is about."""
    results: Dict[str, Set[str]] = {rule.id: set() for rule in RULES}
    for record in scans[framework].records:
        results[record.check_id].add(_result(record))
    assert results.pop(UNDECIDED.id) == {"PASSED", "SKIPPED"}
    lacking = {rule for rule, found in results.items() if not found >= {"PASSED", "FAILED"}}
    assert lacking <= BEYOND[framework]


@pytest.fixture(scope="session", params=TREES)
def records(request, scans) -> List[Any]:
    found: List[Any] = scans[request.param].records
    return found


def test_records_explain_themselves(records) -> None:
    for record in records:
        explanation = record.check_result["ctkms"]
        assert set(explanation) >= {"reason", "statement", "requests"}
        assert _is_one_line(explanation["reason"]), record
        assert explanation["statement"] is None or set(explanation["statement"]) == {"index", "sid"}


def _is_one_line(text: Any) -> bool:
    return bool(text) and text.strip() == text and len(text.splitlines()) == 1


def test_records_hold_plain_builtins(records) -> None:
    """Anything else breaks a scan of two frameworks: Checkov's main process has not loaded the pack."""
    for record in records:
        said = {name: value for name, value in record.check_result.items() if name != "result"}
        assert _is_plain(said), record
        assert _is_plain(record.details), record


def _is_plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(name) is str and _is_plain(item) for name, item in value.items())
    if type(value) is list:
        return all(map(_is_plain, value))
    return value is None or type(value) in (str, int, bool)


def test_records_name_the_deciding_element(records) -> None:
    for record in records:
        (path,) = record.check_result["evaluated_keys"]
        assert re.fullmatch(r"[^/]+(/[^/]+)*", path), record
        statement = record.check_result["ctkms"]["statement"]
        if record.resource.startswith("AWS::CloudTrail::"):  # on behalf of a key that is not handed over
            assert path in ("Properties/KMSKeyId", "Properties/KmsKeyId"), record
        else:
            assert statement is None or f"/Statement/[{statement['index']}]" in path, record


def test_records_carry_what_the_rule_says(records) -> None:
    for record in records:
        rule = BY_ID[record.check_id]
        assert (record.check_name, record.guideline) == (rule.name, rule.guideline)
        assert record.severity.name == rule.severity


def test_skipped_records_say_why(records) -> None:
    for record in records:
        if _result(record) == "SKIPPED":
            said = record.check_result["ctkms"]
            assert record.check_result["suppress_comment"] == f"{said['summary']} {said['reason']}"


def test_every_record_has_a_summary_and_related_controls(records) -> None:
    for record in records:
        said = record.check_result["ctkms"]
        assert 0 < len(said["summary"]) <= MAX_SUMMARY, record
        assert said["summary"].isprintable(), record
        assert said["controls"] == by_framework(BY_ID[record.check_id].related)


def test_failed_records_say_what_was_asked(records) -> None:
    """A request and its answer, wherever the rule asks the policy anything."""
    for record in records:
        if _result(record) == "FAILED" and BY_ID[record.check_id].of == "policy":
            assert record.check_result["ctkms"]["requests"], record
