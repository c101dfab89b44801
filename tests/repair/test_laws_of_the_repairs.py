"""Whatever is called a proved repair of a sample that was broken at random is one, read from the disk anew."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tools import tool

SEEDS = range(50)


@pytest.fixture(scope="module")
def laws() -> Any:
    """What `tools/laws.py repairs` tries for as long as one likes."""
    return tool("laws_of_the_repairs")


def test_a_proved_repair_of_a_broken_sample_is_one(laws) -> None:
    results = [laws.claims(seed) for seed in SEEDS]
    assert [laws.told(flip) for _, flips in results for flip in flips] == []
    assert sum(count for count, _ in results) > 10


def test_a_repair_that_is_none_would_be_found(laws, monkeypatch) -> None:
    """With a search that takes the first edit for a repair, whatever comes of it."""
    monkeypatch.setattr(laws.Search, "_after", lambda self, seen, rule, candidate, edits: {})
    assert any(laws.claims(seed)[1] for seed in SEEDS)
