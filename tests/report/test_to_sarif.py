"""SARIF as its readers take it: GitHub's code scanning above all."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.report.records import CODE, CONDITION_LINE, EMPTY, FIRST_LINE, location, record, report, said, undecided

from ctkms.report.results import read
from ctkms.report.to_sarif import render

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def run(*records, **more):
    return checked(report(*records, **more))


def checked(data):
    """The one run of a file that keeps the schema by which GitHub's action refuses what it uploads."""
    sarif = json.loads(render(read(data)))
    jsonschema.Draft7Validator(SCHEMA).validate(sarif)
    (found,) = sarif["runs"]
    return found


def only(*records):
    (result,) = run(*records)["results"]
    return result


@pytest.mark.parametrize("data", EMPTY.values(), ids=EMPTY)
def test_nothing_is_a_run_without_results(data) -> None:
    found = checked(data)
    assert found["results"] == []
    assert "Nothing was judged" in found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_failure_is_a_result_at_the_element_that_decides() -> None:
    result = only(record(), record("CKV_CTKMS_002", "PASSED"))
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("CKV_CTKMS_001", "error")
    assert result["message"]["text"].startswith("The log files of trail audit cannot be encrypted")
    assert "kms:GenerateDataKey" in result["message"]["text"]
    assert place["artifactLocation"]["uri"] == "infra/keys/main.tf"
    assert place["region"] == {
        "startLine": CONDITION_LINE,
        "startColumn": location()["start_column"],
        "endLine": CONDITION_LINE,
        "endColumn": location()["end_column"],
        "snippet": {"text": '"arn:aws:cloudtrail:*"'},
    }
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 11, "endLine": 22}


def test_columns_are_code_points() -> None:
    assert run()["columnKind"] == "unicodeCodePoints"


def test_without_an_element_the_lines_of_the_resource_are_marked() -> None:
    result = only(record(ctkms=said(location=None)))
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 11, "endLine": 22}


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [("CRITICAL", "error", "10.0"), ("HIGH", "error", "8.9"), ("MEDIUM", "warning", "6.9"), ("LOW", "note", "3.9")],
)
def test_a_severity_is_a_level_and_a_score(severity, level, score) -> None:
    found = run(record(severity=severity))
    assert found["results"][0]["level"] == level
    assert found["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == score


def test_a_rule_brings_its_page() -> None:
    (rule,) = run(record())["tool"]["driver"]["rules"]
    assert "## What it checks" in rule["help"]["markdown"]
    assert "<!--" not in rule["help"]["markdown"]
    assert "](CKV_" not in rule["help"]["markdown"], "no link that leads nowhere"
    assert rule["help"]["text"]
    assert rule["helpUri"].startswith("https://docs.aws.amazon.com/")
    assert rule["properties"]["precision"] == "very-high"
    assert rule["properties"]["tags"] == ["security", "aws", "kms", "cloudtrail"]
    assert rule["properties"]["relatedControls"]["AWS FSBP"] == ["CloudTrail.2"]
    assert len(rule["fullDescription"]["text"]) <= 1024
    assert len(rule["name"]) <= 255


def test_a_rule_of_another_pack_is_carried_along() -> None:
    found = run(record("CKV_AWS_7", ctkms=None, severity=None, check_name="Ensure rotation", guideline=None))
    (rule,) = found["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("CKV_AWS_7", "Ensure rotation.")
    assert found["results"][0]["level"] == "warning"
    assert "security-severity" not in rule["properties"]


def test_a_users_skip_is_suppressed_with_his_words() -> None:
    result = only(record(result="SKIPPED", comment="agreed with the auditors"))
    assert result["suppressions"] == [{"kind": "inSource", "justification": "agreed with the auditors"}]


def test_what_is_not_decided_is_a_note_that_stays() -> None:
    result = only(undecided())
    assert result["level"] == "note"
    assert "suppressions" not in result


def test_a_fingerprint_outlives_moved_lines_and_other_words() -> None:
    moved = {"code_block": [[number + 7, line] for number, line in record()["code_block"]], "file_line_range": [18, 29]}
    words = said(reason="in other words", location=None)
    assert only(record())["partialFingerprints"] == only(record(ctkms=words, **moved))["partialFingerprints"]


@pytest.mark.parametrize(
    "other",
    [
        {"rule": "CKV_CTKMS_002"},
        {"resource": "aws_kms_key.other"},
        {"repo_file_path": "/infra/other/main.tf"},
        {"ctkms": said(statement={"index": 0, "sid": "Other"})},
    ],
    ids=["rule", "resource", "file", "statement"],
)
def test_a_fingerprint_differs_with_the(other) -> None:
    assert only(record())["partialFingerprints"] != only(record(**other))["partialFingerprints"]


def test_a_statement_that_is_moved_keeps_its_fingerprint() -> None:
    moved = record(ctkms=said(statement={"index": 3, "sid": "Encrypt"}))
    moved["check_result"]["evaluated_keys"] = ["policy/[0]/Statement/[3]/Condition"]
    assert only(moved)["partialFingerprints"] == only(record())["partialFingerprints"]


def test_no_two_results_share_a_fingerprint() -> None:
    found = run(record(), record(ctkms=said(reason="another")))
    assert len({result["partialFingerprints"]["ctkmsFinding/v1"] for result in found["results"]}) == 2


def test_a_repair_replaces_what_its_edits_name() -> None:
    (fix,) = only(record())["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    line = CODE.splitlines()[region["startLine"] - FIRST_LINE]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "StringEquals"
    assert replacement["insertedContent"] == {"text": "StringLike"}


def test_a_repair_that_is_only_proposed_is_no_change_that_fits() -> None:
    edits = [{**location(14, "Encrypt"), "new_text": "x"}]
    proposed = {"text": "Name the reader.", "edits": edits, "status": "proposed", "reason": "Others may need it."}
    assert "fixes" not in only(record(ctkms=said(fix=proposed)))


def test_edits_of_a_file_stand_from_the_last_to_the_first() -> None:
    edits = [{**location(line, text), "new_text": "x"} for line, text in ((14, "Encrypt"), (19, "StringEquals"))]
    result = only(record(ctkms=said(fix={"text": "t", "edits": edits, "status": "proved"})))
    lines = [one["deletedRegion"]["startLine"] for one in result["fixes"][0]["artifactChanges"][0]["replacements"]]
    assert lines == [19, 14]


def test_a_file_that_checkov_cannot_read_is_a_notification() -> None:
    notes = run(unreadable=["/infra/broken file.tf"])["invocations"][0]["toolExecutionNotifications"]
    assert notes[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "infra/broken%20file.tf"
