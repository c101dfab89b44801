"""Expressions are worth what Terraform says (`tools/terraform_truth.py` asks it)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Dict, List

import pytest
from tests.iac.terraform.truth import table

ADVICE = "; `python tools/terraform_truth.py --keep` writes the list anew"


@pytest.fixture(scope="module")
def compared() -> List[table.Compared]:
    return table.compared()


def kept(path: Any) -> Dict[str, Any]:
    content: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_there_are_at_least_20_expressions_of_each_kind() -> None:
    counts = Counter(row["kind"] for row in table.rows(table.EXPRESSIONS))
    assert sum(counts.values()) >= 4000
    assert {kind: count for kind, count in counts.items() if count < 20} == {}


def test_there_are_at_least_300_policy_documents() -> None:
    assert len(table.rows(table.DOCUMENTS)) >= 300


def test_no_value_is_wrong(compared: List[table.Compared]) -> None:
    assert [one for one in compared if one.outcome == "wrong"] == []


def test_nothing_that_policies_are_written_with_is_open_and_little_else(compared: List[table.Compared]) -> None:
    counts = table.open_counts(compared)
    known = sum(count for kind, count in counts.items() if not kind.endswith(table.WITH_OPEN))
    assert (counts.get("idiom", 0), counts.get(table.DOCUMENT, 0)) == (0, 0)
    assert known <= 0.03 * len(table.rows(table.EXPRESSIONS))


def test_no_more_is_left_open_than_is_counted(compared: List[table.Compared]) -> None:
    counted = kept(table.OPEN)
    more = {kind: now for kind, now in table.open_counts(compared).items() if now > counted.get(kind, 0)}
    assert more == {}, f"more is open than {counted}"


def test_no_less_is_left_open_than_is_counted(compared: List[table.Compared]) -> None:
    now = table.open_counts(compared)
    less = {kind: now.get(kind, 0) for kind, counted in kept(table.OPEN).items() if now.get(kind, 0) < counted}
    assert less == {}, "fewer are open now" + ADVICE
