"""Input that is made to cost much: it is given up in time, in words, and never for a guess."""

from __future__ import annotations

import pytest
from tests import hostile

from ctkms.budgets import Budget, metered
from ctkms.cloudtrail.subjects import findings_on

UNDECIDED = "CKV_CTKMS_090"
# Function calls for each budgeted step, and for each character that is read.
CALLS_PER_STEP, CALLS_PER_LETTER = 50, 10

# Where the reason names what is too large, or says that all around the key is.
NAMED = {
    "source documents that double",
    "a text that doubles",
    "a map of open maps that doubles",
    "lengths of what doubles",
    "loops in loops",
    "products",
    "modules in modules",
    "conditions of many trails",
    "substitutions that double",
    "a list of aliases that doubles",
}


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_is_given_up_in_time_and_in_words(name, calls_in, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(hostile, "divisor", hostile.SMALLER)
    given = hostile.HOSTILE[name]()
    hostile.write(given, tmp_path)
    judged = []
    with metered():
        calls = calls_in(lambda: judged.append(hostile.read(given.framework, tmp_path)))
        findings = findings_on(judged[0])
    read = sum(map(len, given.files.values()))
    assert calls < CALLS_PER_STEP * Budget.STEPS.amount + CALLS_PER_LETTER * read
    assert findings, "a key that a trail uses is never passed over in silence"
    assert all(len(finding.reason) < 5000 for finding in findings.values())
    if name in NAMED:
        assert findings[UNDECIDED].result == "SKIPPED"
        assert "too large to work out" in findings[UNDECIDED].reason


@pytest.mark.parametrize("name", hostile.HONEST)
def test_honest_policies_are_decided(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(hostile, "divisor", hostile.SMALL)
    given = hostile.HONEST[name]()
    hostile.write(given, tmp_path)
    assert hostile.work_out(given.framework, tmp_path).findings[UNDECIDED].result == "PASSED"
