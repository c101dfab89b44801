"""The comment for a pull request."""

from __future__ import annotations

import pytest
from tests.report.records import CONDITION_LINE, location, record, report, said, undecided

from ctkms.report.markdown_text import code, escaped
from ctkms.report.results import read
from ctkms.report.to_markdown import render

GITHUBS_LIMIT = 65_536


def comment(*records, **more) -> str:
    return render(read(report(*records, **more)))


def test_a_failure_is_a_row_and_a_folded_detail() -> None:
    text = comment(record(), record("CKV_CTKMS_060", "PASSED"))
    (row,) = [line for line in text.splitlines() if line.startswith("| HIGH")]
    assert "CKV_CTKMS_001" in row
    assert "cannot be encrypted" in row
    assert f"infra/keys/main.tf:{CONDITION_LINE}:{location()['start_column']}" in row
    assert text.count("<details>") == text.count("</details>") == 1
    assert "Passes CKV_CTKMS_060." in text
    assert "To fix it (proved): Compare with" in text
    assert "**1 key fails.**" in text


def test_a_key_that_passes_is_only_counted() -> None:
    text = comment(record(result="PASSED"))
    assert "**1 key passes.**" in text
    assert "aws_kms_key.logs" not in text


def test_what_is_not_decided_has_a_row_of_its_own() -> None:
    assert "| not decided | CKV_CTKMS_090 |" in comment(undecided())


def test_a_skipped_finding_has_the_users_words() -> None:
    text = comment(record(result="SKIPPED", comment="agreed with the auditors"))
    assert "agreed with the auditors" in text
    assert "| HIGH" not in text


def test_rules_of_other_packs_are_listed_plainly() -> None:
    text = comment(record("CKV_AWS_7", ctkms=None, check_name="Ensure rotation"))
    assert "### Other rules" in text
    assert "<code>CKV_AWS_7</code>, Ensure rotation" in text


def test_a_file_that_checkov_cannot_read_is_named() -> None:
    assert "could not read 1 file: <code>infra/broken.tf</code>" in comment(unreadable=["/infra/broken.tf"])


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.parametrize("keys", [5, 100, 1000])
def test_a_comment_fits_whatever_there_is_to_say(keys, size) -> None:
    long = said(summary="a `*` & <b> " * size, reason="ünïcode `${x}` " * size)
    records = [record(resource=f"aws_kms_key.k{number}", ctkms=long) for number in range(keys)]
    others = [record("CKV_AWS_7", ctkms=None, resource=f"aws_kms_key.o{number}") for number in range(keys)]
    text = comment(*records, *others)
    assert len(text.encode()) < GITHUBS_LIMIT
    assert f"**{keys:,} keys fail.**" in text
    assert text.count("<details>") == text.count("</details>") > 0
    shown = sum(line.startswith("| HIGH") for line in text.splitlines())
    left_out = keys - shown
    assert (f"{left_out:,} more finding" in text) == (left_out > 0)
    folded = keys - text.count("<details>")
    assert (f"{folded:,} more key" in text) == (folded > 0)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("No statement speaks of it, so nobody reads.", "No statement speaks of it, so nobody reads."),
        ("may call kms:Decrypt: it is open", "may call <code>kms:Decrypt</code>: it is open"),
        ("asks for `a*b`", "asks for <code>a&#42;b</code>"),
        ("of trail/my audit", "of <code>trail/my</code> audit"),
        ("# a heading", "<code>&#35;</code> a heading"),
        ("see www.example.com", "see <code>www&#46;example.com</code>"),
        ("ask @octocat", "ask <code>&#64;&#8288;octocat</code>"),
        ("fixes GH-12 in deadbeef1", "fixes <code>GH-12</code> in <code>deadbeef1</code>"),
        ("https://example.com", "<code>https&#58;//example.com</code>"),
        ("<img src=x>", "<code>&lt;img src=x&gt;</code>"),
        ("two\nlines", "two lines"),
    ],
)
def test_only_plain_words_stand_as_they_are(text, written) -> None:
    assert escaped(text) == written


def test_a_name_is_code() -> None:
    assert code('module.key["a|b"].x_y_') == '<code>module.key&#91;"a&#124;b"&#93;.x_y&#95;</code>'


def test_without_a_repair_it_says_what_the_rule_advises_and_what_to_type() -> None:
    text = render(read(report(record(ctkms=said(fix=None)))))
    assert "To fix it: Let a statement allow CloudTrail to encrypt" in text
    assert '```hcl\n{\n  Sid       = "Allow CloudTrail to encrypt logs"' in text
