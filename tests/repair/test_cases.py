"""What a repair looks like in each language. `pytest tests/repair --rewrite-expected` writes the lines anew."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Dict, List

import pytest
from tests.repair.cases import CASES, Case
from tests.repair.cases_of_resources import RESOURCE_CASES

from ctkms.repair.search import Search
from ctkms.repair.tree import Tree, failures

EXPECTED = Path(__file__).parent / "expected.json"


ALL = (*CASES, *RESOURCE_CASES)


@pytest.mark.parametrize("case", ALL, ids=[one.sentence for one in ALL])
def test_the_lines_of_a_repair(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = tmp_path / case.file
    file.write_bytes(case.text.encode("utf-8"))
    tree = Tree(str(tmp_path))
    failure = next(one for one in failures(tree.seen) if one[1].endswith(case.rule))
    repair = Search(tree).repair(*failure)
    assert (repair.status, repair.reason) == (case.status, repair.reason)
    edited = tree.edited(repair.edits)
    assert list(edited) == [str(file)]
    lines = changed(case.text, edited[str(file)])
    if request.config.getoption("--rewrite-expected"):
        EXPECTED.write_text(json.dumps({**expected(), case.sentence: lines}, indent=1) + "\n", encoding="utf-8")
    assert lines == expected()[case.sentence]


def expected() -> Dict[str, List[str]]:
    content: Dict[str, List[str]] = json.loads(EXPECTED.read_text("utf-8")) if EXPECTED.exists() else {}
    return content


def changed(before: str, after: str) -> List[str]:
    """The lines that are taken away and added."""
    found = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0)
    return [line for line in found if line[:3] not in ("---", "+++") and not line.startswith("@@")]
