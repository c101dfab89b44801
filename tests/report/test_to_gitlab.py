"""GitLab's SAST report, by what its schema 15.0.4 asks for.

https://gitlab.com/gitlab-org/security-products/security-report-schemas has the schema itself; `make test-reports`
holds the reports of all samples against it.
"""

from __future__ import annotations

import json
from datetime import datetime

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.report.records import CONDITION_LINE, EMPTY, record, report, said, undecided

from ctkms.report.results import read
from ctkms.report.to_gitlab import render

WHEN = datetime(2026, 11, 27, 12, 30)


def an_object(*required: str, **properties):
    return {"type": "object", "required": list(required), "properties": properties}


TEXT = {"type": "string", "minLength": 1}
LINK = {"type": "string", "pattern": "^https?://.+"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
TOOL = an_object(
    "id", "name", "version", "vendor", id=TEXT, name=TEXT, version=TEXT, vendor=an_object("name", name=TEXT)
)
CELL = an_object("type", "value", type={"const": "text"}, value={"type": "string"})
ROW = {"type": "array", "items": CELL}
TABLE = an_object("type", "rows", type={"const": "table"}, header=ROW, rows={"type": "array", "items": ROW})
DETAIL = {"allOf": [an_object("name", name=TEXT), {"oneOf": [CELL, TABLE]}]}
FINDING = an_object(
    *("id", "identifiers", "location"),
    id=TEXT,
    name={"type": "string", "maxLength": 255},
    description={"type": "string", "maxLength": 1048576},
    solution={"type": "string", "maxLength": 7000},
    severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
    identifiers={
        "type": "array",
        "minItems": 1,
        "items": an_object("type", "name", "value", type=TEXT, name=TEXT, value=TEXT, url=LINK),
    },
    links={"type": "array", "items": an_object("url", url=LINK)},
    location=an_object(file={"type": "string"}, start_line={"type": "number"}, end_line={"type": "number"}),
    details={"type": "object", "additionalProperties": DETAIL},
)
ASKED_FOR = an_object(
    *("scan", "version", "vulnerabilities"),
    version={"const": "15.0.4"},
    schema=LINK,
    scan=an_object(
        *("analyzer", "end_time", "scanner", "start_time", "status", "type"),
        analyzer=TOOL,
        scanner=TOOL,
        start_time=TIME,
        end_time=TIME,
        status={"enum": ["success", "failure"]},
        type={"const": "sast"},
        messages={"type": "array", "items": an_object("level", "value", level={"enum": ["info", "warn"]}, value=TEXT)},
    ),
    vulnerabilities={"type": "array", "items": FINDING},
)


def checked(data):
    found = json.loads(render(read(data), WHEN))
    jsonschema.Draft7Validator(ASKED_FOR).validate(found)
    return found


def only(*records):
    (found,) = checked(report(*records))["vulnerabilities"]
    return found


@pytest.mark.parametrize("data", EMPTY.values(), ids=EMPTY)
def test_nothing_is_a_report_that_says_so(data) -> None:
    found = checked(data)
    assert found["vulnerabilities"] == []
    assert "Nothing was judged" in found["scan"]["messages"][0]["value"]


def test_a_failure_is_described_and_has_a_solution() -> None:
    found = only(record(), record("CKV_CTKMS_002", "PASSED"))
    assert found["severity"] == "High"
    assert found["description"].startswith("The log files of trail audit cannot be encrypted")
    assert "kms:GenerateDataKey" in found["description"]
    assert found["solution"] == "Compare with StringLike."
    assert found["location"] == {"file": "infra/keys/main.tf", "start_line": CONDITION_LINE, "end_line": CONDITION_LINE}
    assert found["identifiers"][0]["value"] == "CKV_CTKMS_001"
    assert found["details"]["requests"]["rows"][0][1]["value"] == "kms:GenerateDataKey"


def test_without_a_repair_the_page_of_the_rule_is_the_solution() -> None:
    assert "Let a statement allow CloudTrail" in only(record(ctkms=said(fix=None)))["solution"]


def test_a_finding_keeps_its_id() -> None:
    assert only(record())["id"] == only(record(ctkms=said(reason="in other words")))["id"]


def test_what_is_not_decided_is_information() -> None:
    assert only(undecided())["severity"] == "Info"


def test_what_a_user_skips_is_left_out() -> None:
    assert checked(report(record(result="SKIPPED", comment="agreed")))["vulnerabilities"] == []


def test_a_finding_of_another_pack_is_carried_along() -> None:
    found = only(record("CKV_AWS_7", ctkms=None, severity=None, check_name="Ensure rotation", guideline=None))
    assert (found["name"], found["severity"]) == ("Ensure rotation", "Unknown")
    assert found["solution"]


def test_a_file_that_checkov_cannot_read_is_a_warning() -> None:
    messages = checked(report(unreadable=["/infra/broken.tf"]))["scan"]["messages"]
    assert {"level": "warn", "value": "Checkov could not read infra/broken.tf"} in messages
