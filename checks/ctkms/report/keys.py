"""The records of a scan by the key that they speak of, and each key's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Sequence, Tuple

from ctkms.cloudtrail.findings import FAILED, PASSED, SKIPPED
from ctkms.report.plain_text import counted
from ctkms.report.results import SEVERITIES, Record, Results

FAILS, OPEN, EXCUSED, PASSES = "fails", "not decided", "skipped", "passes"
VERDICTS = (FAILS, OPEN, EXCUSED, PASSES)  # a key has the first that one of its records gives it


@dataclass(frozen=True)
class JudgedKey:
    """A resource that rules of this pack spoke of, worst first."""

    framework: str
    file: str
    resource: str
    records: Tuple[Record, ...]

    @property
    def verdict(self) -> str:
        """The worst that is said of the key."""
        return min((verdict_of(record) for record in self.records), key=VERDICTS.index)

    @property
    def is_judged(self) -> bool:
        """Whether any rule could be decided. Of a trail whose key is out of sight none can."""
        return any(verdict_of(record) != OPEN for record in self.records)

    def of(self, *verdicts: str) -> Tuple[Record, ...]:
        """The records that say so."""
        return tuple(record for record in self.records if verdict_of(record) in verdicts)

    @property
    def place(self) -> str:
        """The file, with the first line of the resource."""
        return f"{self.file}:{self.records[0].block.start_line}"


def verdict_of(record: Record) -> str:
    """What a record says, apart from the others."""
    if record.is_open:
        return OPEN
    return {FAILED: FAILS, PASSED: PASSES, SKIPPED: EXCUSED}[record.result]


def rank(record: Record) -> Tuple[int, int, str]:
    """Sorts records: failures first, then by severity and rule."""
    severity = SEVERITIES.index(record.severity) if record.severity else len(SEVERITIES)
    return VERDICTS.index(verdict_of(record)), severity, record.rule


def judged_keys(results: Results) -> Tuple[JudgedKey, ...]:
    """Every key, the worst first."""
    found: Dict[Tuple[str, str, str], List[Record]] = {}
    for record in results.records:
        if record.is_ours:
            found.setdefault((record.framework, record.block.file, record.resource), []).append(record)
    keys = (JudgedKey(*name, records=tuple(sorted(records, key=rank))) for name, records in found.items())
    return tuple(sorted(keys, key=lambda key: (rank(key.records[0])[:2], key.file, key.resource, key.framework)))


def of_other_packs(results: Results) -> Tuple[Record, ...]:
    """The records of rules that are not this pack's, without those that passed."""
    others = (record for record in results.records if not record.is_ours and record.result != PASSED)
    return tuple(sorted(others, key=lambda record: (rank(record), record.block.file, record.block.start_line)))


def tally(keys: Sequence[JudgedKey], unlisted: int = 0) -> str:
    """How many keys there are of each verdict, in words, and of how many results nothing is known but their number."""
    if not keys and not unlisted:
        return NOTHING_JUDGED
    return ", ".join([*_counts(keys), *([quietly(unlisted)] if unlisted else [])])


def quietly(unlisted: int) -> str:
    """What Checkov's `--quiet` leaves to be said of that which passed or was skipped."""
    return f"{counted(unlisted, 'result')} passed or skipped and not listed, as Checkov ran with `quiet`"


def _counts(keys: Sequence[JudgedKey]) -> Iterator[str]:
    words = {FAILS: "fail", OPEN: "are not decided", EXCUSED: "are skipped", PASSES: "pass"}
    single = {FAILS: "fails", OPEN: "is not decided", EXCUSED: "is skipped", PASSES: "passes"}
    verdicts = [key.verdict for key in keys]
    subject = True
    for verdict in VERDICTS:
        number = verdicts.count(verdict)
        if number:
            yield f"{counted(number, 'key') if subject else number} {(single if number == 1 else words)[verdict]}"
            subject = False


NOTHING_JUDGED = "Nothing was judged: the scan found no key of CloudTrail's."
