"""Hiding a value of a file may leave a claim open, and never flips it: tried on random Terraform files with a trail."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.tools import tool

SEEDS = range(160)


@pytest.fixture(scope="module")
def laws() -> Any:
    """What `tools/laws.py rules` tries for as long as one likes."""
    module = tool("laws_of_the_rules")
    judge, known = module.verdicts, {}

    def judged_once(text: str, folder: Path) -> Any:
        """The tests try the same files."""
        if text not in known:
            known[text] = judge(text, folder)
        return known[text]

    module.verdicts = judged_once
    return module


def test_no_claim_is_refuted_by_filling_in_what_was_hidden(laws) -> None:
    results = [laws.claims(seed) for seed in SEEDS]
    assert [laws.told(flip) for _, flips in results for flip in flips] == []
    assert sum(count for count, _ in results) > 2_500


def test_the_files_make_every_rule_on_trails_pass_and_fail(laws, tmp_path) -> None:
    found: Counter[Any] = Counter()
    for seed in SEEDS:
        file = laws.make(laws.random.Random(seed))
        found.update(laws.verdicts(file.written(file.slots, frozenset()), tmp_path).items())
    rules = ("001", "002", "020", "021", "022", "023", "024", "040", "041", "060", "065")
    lacking = {
        (rule, result) for rule in rules for result in ("PASSED", "FAILED") if not found[f"CKV_CTKMS_{rule}", result]
    }
    assert lacking == set()


def test_a_flip_would_be_found(laws, monkeypatch) -> None:
    truth = laws.verdicts

    def careless(text: str, folder: Path) -> Any:
        """Rules that take a value that nobody knows for one that is never right."""
        found = truth(text, folder)
        return {**found, "CKV_CTKMS_001": "FAILED"} if "variable" in text and "default" not in text else found

    monkeypatch.setattr(laws, "verdicts", careless)
    assert any(laws.claims(seed)[1] for seed in SEEDS)
