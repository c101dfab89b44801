"""Reading what Checkov writes: every shape of it, and whatever else the file may hold."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.records import EMPTY, location, record, report, said, undecided

from ctkms.report.keys import judged_keys, tally, verdict_of
from ctkms.report.reports import FORMATS, UnreadableError, format_for, results_in, written
from ctkms.report.results import Place, read

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OF_A_RECORD = [*record(), "no such thing"]
OF_OURS = [*said(), "no such thing"]


def only(data):
    (found,) = read(data).records
    return found


def test_one_report_is_read_as_a_list_of_one() -> None:
    assert read(report(record())) == read([report(record())])


def test_each_framework_has_its_records() -> None:
    found = read([report(record()), report(record(), framework="terraform_plan"), report(framework="cloudformation")])
    assert [one.framework for one in found.records] == ["terraform", "terraform_plan"]
    assert found.frameworks == ("terraform", "terraform_plan", "cloudformation")


def test_a_record_that_stands_there_twice_counts_once() -> None:
    assert len(read([report(record(), record())]).records) == 1


@pytest.mark.parametrize("data", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("name", FORMATS)
def test_nothing_judged_is_said_in_every_format(data, name) -> None:
    text = written(name, read(data))
    assert "Nothing was judged" in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_quiet_leaves_out_is_not_taken_for_nothing(name) -> None:
    summary = {"passed": 14, "failed": 0, "skipped": 1, "checkov_version": "3.3.30"}
    results = read({"check_type": "terraform", "results": {"failed_checks": []}, "summary": summary})
    assert results.unlisted == 15
    assert "Nothing was judged" not in written(name, results)
    assert "15 results passed or skipped and not listed" in written(name, results)


@pytest.mark.parametrize(
    ("file", "base"),
    [
        ("/keys/main.tf", "infra/keys/main.tf"),
        ("keys/main.tf", "infra/keys/main.tf"),
        ("infra/keys/main.tf", "infra/keys/main.tf"),
        ("/modules/key/policy.json", "infra/modules/key/policy.json"),
        ("infra/modules/key/policy.json", "infra/modules/key/policy.json"),
    ],
)
def test_an_element_stands_relative_to_where_checkov_was_started(file, base) -> None:
    found = only(report(record(ctkms=said(location=location(file=file)))))
    assert found.element is not None
    assert found.element.file == base


HERE = "/home/me/infra"
FILES = {  # what Checkov calls a file, where another one is that the policy comes from, and both as a report calls them
    "a folder is scanned": (
        ("/a.tf", "/keys/a.tf", "/home/me/infra/keys/a.tf"),
        "/policies/p.json",
        ("keys/a.tf", "keys/policies/p.json"),
    ),
    "a folder of templates is": (("/a.yaml", "/keys/a.yaml", "keys/a.yaml"), "/b.yaml", ("keys/a.yaml", "keys/b.yaml")),
    "where it was started is": (("/k/a.yaml", "/k/a.yaml", "./k/a.yaml"), "/k/a.yaml", ("k/a.yaml", "k/a.yaml")),
    "a file is": (("/keys/a.yaml", "/keys/a.yaml", "keys/a.yaml"), "/keys/b.yaml", ("keys/a.yaml", "keys/b.yaml")),
    "a folder beside is": (("/a.yaml", "/k/a.yaml", "../k/a.yaml"), "/a.yaml", ("../k/a.yaml", "../k/a.yaml")),
    "a file beside is": (("/../a.yaml", "/a.yaml", "../a.yaml"), "/../a.yaml", ("../a.yaml", "../a.yaml")),
    "a folder elsewhere is": (("/a.tf", "/me/k/a.tf", "/home/me/k/a.tf"), "/a.tf", ("/home/me/k/a.tf",) * 2),
    "another file, above the folder": (
        ("/a.tf", "/keys/live/a.tf", "/home/me/infra/keys/live/a.tf"),
        "/../policy.json",
        ("keys/live/a.tf", "keys/policy.json"),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_found_by_its_name_from_where_checkov_was_started(name) -> None:
    (scanned, repository, absolute), beside, (own, other) = FILES[name]
    names = {"file_path": scanned, "repo_file_path": repository, "file_abs_path": absolute}
    found = read(report(record(ctkms=said(location=location(file=beside)), **names)), HERE).records[0]
    assert found.element is not None
    assert (found.block.file, found.element.file) == (own, other)


def test_so_is_one_that_cannot_be_read() -> None:
    broken = ["/home/me/infra/keys/a.tf", "./keys/b.yaml", "/elsewhere/c.tf"]
    assert read(report(unreadable=broken), HERE).unreadable == ("keys/a.tf", "keys/b.yaml", "/elsewhere/c.tf")


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {**location(), "file": ""},
        {**location(), "start_line": 0},
        {**location(), "end_column": None},
        {**location(), "start_line": 2**70},
        {**location(), "end_line": 1},
    ],
)
def test_a_place_that_is_none_leaves_the_lines_of_the_resource(broken) -> None:
    found = only(report(record(ctkms=said(location=broken))))
    assert found.element is None
    assert found.place == Place("infra/keys/main.tf", 11, 0, 22, 0)


def test_a_repair_with_an_edit_that_has_no_place_is_none() -> None:
    edits = [{**location(), "new_text": "x"}, {"file": "a.tf", "new_text": "y"}]
    found = only(report(record(ctkms=said(fix={"text": "t", "edits": edits}))))
    assert found.fix is not None
    assert (found.fix.text, found.fix.edits) == ("t", ())


@pytest.mark.parametrize(
    ("given_record", "sentences"),
    [
        (record(ctkms=said(summary="First.", reason="then")), ("First.", "then")),
        (record(ctkms=said(summary="", reason="then")), ("then",)),
        (record(ctkms=said(summary="once", reason="once")), ("once",)),
        (record(ctkms=None, check_name="Ensure rotation"), ("Ensure rotation",)),
        (record("CKV_X_1", ctkms=None, check_name=""), ("CKV_X_1",)),
        (record(result="SKIPPED", ctkms=None, comment="agreed"), ("agreed",)),
    ],
)
def test_a_record_says_the_summary_and_the_reason(given_record, sentences) -> None:
    assert only(report(given_record)).sentences == sentences


@pytest.mark.parametrize(
    ("given_record", "verdict"),
    [
        (record(), "fails"),
        (record(result="PASSED"), "passes"),
        (record(result="SKIPPED", comment="agreed with the auditors"), "skipped"),
        (undecided(), "not decided"),
        ({**undecided(), "check_result": {**undecided()["check_result"], "suppress_comment": "we know"}}, "skipped"),
    ],
    ids=["failed", "passed", "skipped by a user", "open", "open, and skipped by a user"],
)
def test_a_verdict(given_record, verdict) -> None:
    assert verdict_of(only(report(given_record))) == verdict


def test_a_key_has_the_worst_of_its_verdicts_and_the_worst_key_comes_first() -> None:
    other = {"resource": "aws_kms_key.other"}
    data = report(record(result="PASSED", **other), undecided(**other), record(), record("CKV_CTKMS_023", "PASSED"))
    keys = judged_keys(read(data))
    assert [(key.resource, key.verdict) for key in keys] == [
        ("aws_kms_key.logs", "fails"),
        ("aws_kms_key.other", "not decided"),
    ]
    assert tally(keys) == "1 key fails, 1 is not decided"


def test_records_of_other_packs_are_no_keys() -> None:
    assert judged_keys(read(report(record("CKV_AWS_7", ctkms=None)))) == ()


@pytest.mark.parametrize(
    "text",
    ["", "{", "no JSON", "[" * 100_000, "9" * 5000, "{}", "1", '["a"]', '{"version": "2.1.0", "runs": []}'],
)
def test_what_checkov_did_not_write_is_said(text) -> None:
    with pytest.raises(UnreadableError):
        results_in(text)


@pytest.mark.parametrize("data", EMPTY.values(), ids=EMPTY)
def test_a_scan_that_found_nothing_is_checkovs(data) -> None:
    assert results_in(json.dumps(data)).records == ()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(data=ANYTHING)
def test_any_json_makes_a_report(name, data) -> None:
    assert written(name, read(data))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(field=st.sampled_from(OF_A_RECORD), ours=st.sampled_from(OF_OURS), first=ANYTHING, second=ANYTHING)
def test_any_field_may_be_anything(name, field, ours, first, second) -> None:
    data = report({**record(), field: first}, record(ctkms=said(**{ours: second})), record(ctkms=first))
    assert written(name, read(data), datetime(2026, 11, 27, 12))


@pytest.mark.parametrize(
    ("file", "name"),
    [("a/b.sarif", "sarif"), ("B.HTML", "html"), ("c.md", "markdown"), ("gl.json", "gitlab"), ("", "markdown")],
)
def test_the_name_of_the_output_says_the_format(file, name) -> None:
    assert format_for(file) == name
