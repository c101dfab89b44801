"""Good samples that are broken at random, for the law that what is called a proved repair is one.

A sample is copied, some of its text is changed, and each finding that this leads to is searched for a repair. The
edits of a proved one are written, and the code is read from the disk as if nobody had seen it before: the finding
is gone, nothing else fails that did not, nothing that passed is open, and the file has changed nowhere else.
"""

from __future__ import annotations

import random
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable, Dict, List, Mapping, NamedTuple, Tuple

from ctkms.cloudtrail.findings import FAILED, PASSED, PROVED
from ctkms.iac.scan import judge, scan
from ctkms.repair.search import Search
from ctkms.repair.tree import Tree, failures

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ("terraform", "cloudformation")
MOST_BYTES = 12_000  # of a sample: the smaller ones have all there is to break
MOST_FINDINGS = 3  # of one broken sample
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

Verdicts = Mapping[Tuple[str, str, str], str]


class Flip(NamedTuple):
    """A repair that does not hold."""

    sample: str
    breaks: Tuple[str, ...]
    rule: str
    text: str
    why: str


class Break(NamedTuple):
    """A kind of mistake: where it may be made, and what is written there instead."""

    name: str
    where: str
    instead: Callable[[random.Random, str], str]


def _one_of(*names: str) -> Callable[[random.Random, str], str]:
    return lambda rng, found: rng.choice([one for one in names if one != found])


def _misspelt(rng: random.Random, found: str) -> str:
    at = rng.randrange(1, len(found) - 1)
    return rng.choice((found[:at] + found[at + 1 :], found[:at] + found[at + 1] + found[at] + found[at + 2 :]))


_OPERATOR = r"\b(?:StringEquals|StringLike|ArnEquals|ArnLike|ForAllValues:StringLike|Null|Bool)\b"
_ACTION = r"kms:(?:GenerateDataKey\*?|DescribeKey|Decrypt|\*)"
_KEY = r"(?:aws:SourceArn|kms:EncryptionContext:aws:cloudtrail:arn)"
BREAKS = (
    Break("another operator", _OPERATOR, _one_of("StringEquals", "StringLike", "ArnLike", "StringNotEquals", "Null")),
    Break("a lenient operator", r"\bString(?:Equals|Like)\b", lambda rng, found: found + "IfExists"),
    Break("a misspelt operator", r"\bString(?:Equals|Like)\b", _misspelt),
    Break("a misspelt key", _KEY, _misspelt),
    Break("another key", _KEY, _one_of("aws:SourceAccount", "aws:SourceArn", "kms:ViaService", "aws:PrincipalArn")),
    Break("a misspelt action", r"kms:(?:GenerateDataKey|DescribeKey|Decrypt)\b", _misspelt),
    Break("another action", _ACTION, _one_of("kms:GenerateDataKey", "kms:Encrypt", "kms:*", "kms:Describe*", "kms:D*")),
    Break("a misspelt service", r"cloudtrail\.amazonaws\.com", _misspelt),
    Break("another service", r"cloudtrail\.amazonaws\.com", _one_of("logs.amazonaws.com", "*")),
    Break("another trail", r"(?<=:trail/)[\w-]+", lambda rng, found: found + rng.choice(("x", "*", "-old"))),
    Break("another account", r"(?<=:)\d{12}(?=:)", _one_of("444455556666", "11111111111", "*")),
    Break("another partition", r"\barn:aws:cloudtrail\b", _one_of("arn:aws-cn:cloudtrail", "arn:aws:cloudtrial")),
    Break("another Region", r"\b(?:us|eu)-(?:east|west|central)-\d\b", _one_of("us-west-2", "eu-west-1", "*")),
    Break("everybody", r"arn:[^\"\s]*:root", lambda rng, found: "*"),
    Break("an effect", r"\bAllow\b(?=[\"\s,])", lambda rng, found: "Deny"),
    Break(
        "a resource", r"(?<=[Rr]esource)(\"?\s*[:=]\s*)\"\*\"", lambda rng, found: found.replace("*", "arn:aws:kms:*")
    ),
    Break("a line", r"(?m)^[ \t]+[^\n{}\[\]]*[\w\"'*]$\n", lambda rng, found: ""),
    Break("a condition block", r"\n[ \t]+condition \{[^{}]*\}", lambda rng, found: ""),
    Break("a condition in HCL", r"\n[ \t]+Condition\s*= \{ \w+ = \{[^{}]*\} \}", lambda rng, found: ""),
    Break("depends_on", r"(?m)^[ \t]+depends_on[^\n\[]*\[[^\]]*\]\n", lambda rng, found: ""),
)


@cache
def samples() -> Tuple[Path, ...]:
    """The good samples that are small enough."""
    good = (one for kind in FRAMEWORKS for one in sorted((ROOT / f"{kind}_samples").glob("good_*")))
    return tuple(one for one in good if sum(file.stat().st_size for file in one.rglob("*.*")) <= MOST_BYTES)


def broken(seed: int, folder: Path) -> Tuple[str, Tuple[str, ...]]:
    """Break one sample in a folder: which one, and how."""
    rng = random.Random(seed)  # noqa: S311 - the same mistakes each time
    sample = rng.choice(samples())
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    files = sorted(one for one in folder.rglob("*") if one.suffix in (".tf", ".json", ".yaml", ".yml"))
    made: List[str] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        file, kind = rng.choice(files), rng.choice(BREAKS)
        text = file.read_text(encoding="utf-8")
        places = list(re.finditer(kind.where, text))
        if not places:
            continue
        at = rng.choice(places)
        file.write_text(text[: at.start()] + kind.instead(rng, at.group()) + text[at.end() :], encoding="utf-8")
        made.append(f"{kind.name} in {file.name} at {at.start()}: {at.group()!r}")
    return sample.name, tuple(made)


def claims(seed: int) -> Tuple[int, List[Flip]]:
    """Break a sample and repair it: how many proved repairs there are, and those that are none."""
    found: List[Flip] = []
    checked = 0
    with TemporaryDirectory(dir=_MEMORY) as name:
        folder = Path(name) / "code"
        sample, breaks = broken(seed, folder)
        tree = Tree(str(folder))
        wrong = failures(tree.seen)
        search, before = Search(tree), verdicts(folder) if wrong else {}
        for where, rule in random.Random(seed).sample(wrong, min(len(wrong), MOST_FINDINGS)):  # noqa: S311
            repair = search.repair(where, rule)
            if repair.status != PROVED:
                continue
            checked += 1
            edited = tree.edited(repair.edits)
            kept = {file: Path(file).read_bytes() for file in edited}
            for file, text in edited.items():
                Path(file).write_bytes(text.encode("utf-8"))
            why = why_none(before, verdicts(folder), (where[0], where[1], rule))
            for file, content in kept.items():
                Path(file).write_bytes(content)
            found += [Flip(sample, breaks, rule, repair.text, why)] if why else []
    return checked, found


def verdicts(folder: Path) -> Verdicts:
    """What every rule says of everything in a folder, read from the disk."""
    found: Dict[Tuple[str, str, str], str] = {}
    for one in scan(str(folder)):
        for rule, finding in judge(one.subject).items():
            found[one.file, one.address, rule] = finding.result
    return found


def why_none(before: Verdicts, after: Verdicts, repaired: Tuple[str, str, str]) -> str:
    """Why a repair that was written is none: what became of the finding, of what passed, and of what did not fail."""
    if after.get(repaired) != PASSED:
        return f"the finding is {after.get(repaired)}"
    for place in dict.fromkeys((*before, *after)):
        was, now = before.get(place), after.get(place)
        if now == FAILED and was != FAILED:
            return f"{place[2]} on {place[1]} fails"
        if was == PASSED and now != PASSED:
            return f"{place[2]} on {place[1]} passed and is {now}"
    return ""


def told(flip: Flip) -> str:
    """A repair that does not hold, in words."""
    return f"{flip.sample} with {'; '.join(flip.breaks)}: {flip.rule}: {flip.text} But {flip.why}."
