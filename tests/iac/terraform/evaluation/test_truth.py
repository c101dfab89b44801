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


def test_no_value_is_wrong_but_those_that_are_known_to_be(compared: List[table.Compared]) -> None:
    known = {code for codes in kept(table.WRONG).values() for code in codes}
    wrong = [one for one in compared if one.outcome == "wrong" and one.code not in known]
    assert wrong == []


def test_the_list_of_wrong_values_has_none_that_is_right(compared: List[table.Compared]) -> None:
    wrong = table.wrong_codes(compared)
    right = [code for kind, codes in kept(table.WRONG).items() for code in codes if code not in wrong.get(kind, ())]
    assert right == [], "these are right now" + ADVICE


def test_no_more_is_left_open_than_is_counted(compared: List[table.Compared]) -> None:
    counted = kept(table.OPEN)
    more = {kind: now for kind, now in table.open_counts(compared).items() if now > counted.get(kind, 0)}
    assert more == {}, f"more is open than {counted}"


def test_no_less_is_left_open_than_is_counted(compared: List[table.Compared]) -> None:
    now = table.open_counts(compared)
    less = {kind: now.get(kind, 0) for kind, counted in kept(table.OPEN).items() if now.get(kind, 0) < counted}
    assert less == {}, "fewer are open now" + ADVICE
