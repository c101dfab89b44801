"""Holds the repairs of all bad samples against fresh scans, `terraform fmt` and cfn-lint, and counts them.

    python tools/repairs.py [--unsafe] [SAMPLE ...]

Each repair is written into a copy of its sample, by itself. The finding has to be gone, nothing may fail that did
not, a file that `terraform fmt -check` took before has to pass again, and cfn-lint may say nothing new. `--unsafe`
does so with proposed repairs as well, of which only the finding has to be gone. Ends with 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, FrozenSet, Iterator, List, Sequence

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "checks"), str(ROOT / "tools")]

from laws_of_the_repairs import verdicts, why_none  # noqa: E402

from ctkms.cloudtrail.findings import PASSED, PROPOSED, PROVED  # noqa: E402
from ctkms.repair.search import Repair, Search  # noqa: E402
from ctkms.repair.tree import Failure, Tree, failures  # noqa: E402

TERRAFORM = shutil.which("terraform")
CORE = ("001", "002", "004", "020", "021", "022", "024", "041")


def main() -> int:
    """Try all samples, and print a line for each rule and each repair that does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", nargs="*", type=lambda given: Path(given).resolve(), help="else all bad ones")
    parser.add_argument("--unsafe", action="store_true", help="proposed repairs as well")
    options = parser.parse_args()
    bad = [one for kind in ("terraform", "cloudformation") for one in sorted((ROOT / f"{kind}_samples").glob("bad_*"))]
    worth: Dict[str, Counter[str]] = {}
    wrong = 0
    for sample in options.sample or bad:
        tree = Tree(str(sample))
        search = Search(tree)
        for failure in failures(tree.seen):
            repair = search.repair(*failure)
            worth.setdefault(failure[1][-3:], Counter())[repair.status] += 1
            accepted = (PROVED, PROPOSED) if options.unsafe else (PROVED,)
            for why in _faults(sample, tree, failure, repair) if repair.edits and repair.status in accepted else ():
                print(f"{sample.name}: {failure[1]}: {repair.text} But {why}.")
                wrong += 1
    _show(worth)
    if TERRAFORM is None:
        print("terraform is not installed, so its format was not looked at")
    return 1 if wrong else 0


def _show(worth: Dict[str, Counter[str]]) -> None:
    for rule, counts in sorted(worth.items()):
        print(rule, *(f"{count} {status}" for status, count in sorted(counts.items())))
    every = sum(worth.values(), Counter())
    core = sum((counts for rule, counts in worth.items() if rule in CORE), Counter())
    told, total = every[PROVED] + every[PROPOSED], sum(every.values())
    print(f"proved or proposed: {told} of {total} findings ({told / max(total, 1):.1%})")
    total = sum(core.values())
    print(f"proved, of {', '.join(CORE)}: {core[PROVED]} of {total} findings ({core[PROVED] / max(total, 1):.1%})")


def _faults(sample: Path, tree: Tree, failure: Failure, repair: Repair) -> Iterator[str]:
    """What is wrong with a repair, once it is written into a copy."""
    (file, address, _), rule = failure
    with TemporaryDirectory() as name:
        copy = Path(name) / sample.name
        shutil.copytree(sample, copy)
        edited = {copy / Path(one).relative_to(sample): text for one, text in tree.edited(repair.edits).items()}
        before, formatted, linted = verdicts(copy), _formatted(edited), _linted(edited)
        for path, text in edited.items():
            path.write_bytes(text.encode("utf-8"))
        after, place = verdicts(copy), (str(copy / Path(file).relative_to(sample)), address, rule)
        why = why_none(before, after, place) if repair.status == PROVED else ""
        if why or after.get(place) != PASSED:
            yield why or f"the finding is {after.get(place)}"
        yield from (f"{one.name} is no longer as `terraform fmt` has it" for one in formatted - _formatted(edited))
        yield from (f"cfn-lint says {one}" for one in _linted(edited) - linted)


def _formatted(files: Sequence[Path] | Dict[Path, str]) -> FrozenSet[Path]:
    """The files that are as `terraform fmt` would have them."""
    code = [one for one in files if one.suffix == ".tf"] if TERRAFORM else []
    return frozenset(one for one in code if _ends_well([str(TERRAFORM), "fmt", "-check", str(one)]))


def _ends_well(command: List[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own


def _linted(files: Sequence[Path] | Dict[Path, str]) -> FrozenSet[str]:
    """What cfn-lint says of the templates, without where: lines move."""
    from cfnlint.api import lint  # type: ignore[import-untyped]

    texts = (one.read_text(encoding="utf-8") for one in files if one.suffix in (".yaml", ".yml", ".json"))
    matches = (match for text in texts if "Resources" in text for match in lint(text, regions=["us-east-1"]))
    return frozenset(f"{match.rule.id}: {match.message}" for match in matches)


if __name__ == "__main__":
    sys.exit(main())
