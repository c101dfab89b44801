"""Every finding of the bad samples: whatever is called proved is proved once more, on files, by a scan of its own."""

from __future__ import annotations

import difflib
import shutil
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

import pytest

from ctkms.cloudtrail.findings import FAILED, NONE, PROPOSED, PROVED
from ctkms.iac.scan import judge, scan
from ctkms.repair.search import Repair, Search
from ctkms.repair.tree import Failure, Tree, failures

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted(one for kind in ("terraform", "cloudformation") for one in (ROOT / f"{kind}_samples").glob("bad_*"))

_KINDS = {PROVED: (True, True, False), PROPOSED: (True, True, True), NONE: (False, False, True)}
# How many findings of the samples have a proved repair. These may only rise.
FLOORS = {"001": 42, "002": 26, "004": 5, "020": 7, "021": 10, "022": 11, "024": 8, "041": 4}


@pytest.fixture(scope="module")
def repairs() -> Dict[Path, Tuple[Tree, Dict[Failure, Repair]]]:
    """Of each sample its tree, and the repair of each finding."""
    found: Dict[Path, Tuple[Tree, Dict[Failure, Repair]]] = {}
    for sample in SAMPLES:
        tree = Tree(str(sample))
        search = Search(tree)
        found[sample] = tree, {failure: search.repair(*failure) for failure in failures(tree.seen)}
    return found


Repairs = Dict[Path, Tuple[Tree, Dict[Failure, Repair]]]


def test_as_many_findings_have_a_proved_repair(repairs: Repairs) -> None:
    proved = Counter(rule[-3:] for (_, rule), one in _all(repairs) if one.status == PROVED)
    assert {rule: proved[rule] for rule in FLOORS if proved[rule] < FLOORS[rule]} == {}


def test_nine_of_ten_findings_have_a_repair_that_is_proved_or_proposed(repairs: Repairs) -> None:
    worth = Counter(one.status for _, one in _all(repairs))
    assert worth[PROVED] + worth[PROPOSED] >= 0.9 * sum(worth.values())


def test_what_is_not_repaired_says_why(repairs: Repairs) -> None:
    """Of a template that the CDK writes it is told what to do, and nothing is changed."""
    wrong = [
        (failure, one.status)
        for failure, one in _all(repairs)
        for told_only in [one.status == PROPOSED and "cdk.out" in failure[0][0]]
        if (bool(one.text), bool(one.edits) or told_only, bool(one.reason)) != _KINDS.get(one.status)
    ]
    assert wrong == []


def _all(repairs: Repairs) -> Iterator[Tuple[Failure, Repair]]:
    for _, found in repairs.values():
        yield from found.items()


def test_a_proved_repair_holds_on_the_disk(repairs: Repairs, tmp_path: Path) -> None:
    """The finding is gone, there is no new one, and nothing but the lines of the repair differs."""
    wrong: List[Tuple[str, str]] = []
    for number, sample in enumerate(SAMPLES):
        tree, found = repairs[sample]
        copy = tmp_path / str(number)
        shutil.copytree(sample, copy)
        before = _failing(copy)
        for ((_, address, _), rule), repair in found.items():
            if repair.status != PROVED:
                continue
            edited = tree.edited(repair.edits)
            for file, text in edited.items():
                (copy / Path(file).relative_to(sample)).write_bytes(text.encode("utf-8"))
                wrong += [(sample.name, line) for line in _lines_beside_the_edits(tree, repair, file, text)]
            after = _failing(copy)
            if (address, rule) in after or not after <= before:
                wrong.append((sample.name, rule))
            for file in edited:
                (copy / Path(file).relative_to(sample)).write_bytes(Path(file).read_bytes())
    assert wrong == []


def _failing(folder: Path) -> Set[Tuple[str, str]]:
    return {
        (one.address, rule)
        for one in scan(str(folder))
        for rule, finding in judge(one.subject).items()
        if finding.result == FAILED
    }


def _lines_beside_the_edits(tree: Tree, repair: Repair, file: str, after: str) -> List[str]:
    """The lines that are gone although no edit touches them."""
    before = (tree.original(file) or "").split("\n")
    touched = {
        number
        for edit in repair.edits
        if edit.span.file == file
        for text in [tree.text(file) or ""]
        for number in range(text.count("\n", 0, edit.span.start), text.count("\n", 0, edit.span.end) + 1)
    }
    matcher = difflib.SequenceMatcher(None, before, after.split("\n"), autojunk=False)
    kept = {line for block in matcher.get_matching_blocks() for line in range(block.a, block.a + block.size)}
    return [line for number, line in enumerate(before) if number not in kept | touched]
