"""What a scan found, read from the JSON that Checkov writes.

Checkov writes one report, or a list with one for each framework, and where it found nothing at all, only the
counts. The file may also be from another version, from other rules or from nobody: whatever it holds, reading it
raises nothing, and what has another shape than expected reads as absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ctkms.cloudtrail.findings import FAILED, PASSED, PROPOSED, PROVED, SKIPPED
from ctkms.cloudtrail.rules.catalogue import BY_ID, UNDECIDED
from ctkms.report.file_names import FilesOfRecord, from_start
from ctkms.report.plain_text import visible

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
_RESULTS = {"failed_checks": FAILED, "skipped_checks": SKIPPED, "passed_checks": PASSED}
_OF_A_REPORT = frozenset(("check_type", "results", "passed", "failed"))
_ADDRESS = re.compile(r"https?://[\w.:-]+(?:/[\w./?&=%#~+,;:-]*)?", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A range of a file, by lines and columns from 1; the end is exclusive. Columns are 0 where whole lines are meant.

    `file` is relative to where Checkov was started, as far as its report says so.
    """

    file: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int

    @property
    def last_line(self) -> int:
        """The last line with a character in the range."""
        return self.end_line - 1 if self.end_column == 1 and self.end_line > self.start_line else self.end_line


@dataclass(frozen=True)
class Edit:
    """A range of a file, and the text that belongs there."""

    place: Place
    new_text: str


@dataclass(frozen=True)
class Fix:
    """How to mend what failed: `status` is `proved`, `proposed`, `none` or `not searched`."""

    text: str
    edits: Tuple[Edit, ...]
    status: str
    reason: str


@dataclass(frozen=True)
class Request:
    """What a rule asked the policy, and the answer."""

    principal: str
    action: str
    context: Tuple[Tuple[str, str], ...]
    answer: str


@dataclass(frozen=True)
class Record:
    """What one rule says of one resource. `block` is the resource, `element` what decides, where it has a place."""

    rule: str
    name: str
    severity: str  # empty where the rule has none
    guideline: str
    result: str
    framework: str
    resource: str
    block: Place
    code: Tuple[Tuple[int, str], ...]  # the lines of the block
    summary: str
    reason: str
    comment: str  # why it was skipped
    path: str  # of the deciding element within the resource
    sid: str
    requests: Tuple[Request, ...] = ()
    element: Optional[Place] = None
    fix: Optional[Fix] = None
    controls: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether the rule is one of this pack's."""
        return self.rule in BY_ID

    @property
    def is_open(self) -> bool:
        """Whether the record says that rules could not be decided; other skipped ones are a user's wish."""
        said = self.reason and self.reason in self.comment
        return self.result == SKIPPED and self.rule == UNDECIDED.id and bool(said or not self.comment)

    @property
    def place(self) -> Place:
        """The narrowest place that is known."""
        return self.element or self.block

    @property
    def sentences(self) -> Tuple[str, ...]:
        """The summary and the exact reason, or whatever there is of them."""
        first = self.summary or (self.comment if self.result == SKIPPED else "")
        found = tuple(dict.fromkeys(filter(None, (first, self.reason))))
        return found or (self.name or self.rule,)


@dataclass(frozen=True)
class Results:
    """All records of a scan, and the files that it could not read."""

    records: Tuple[Record, ...] = ()
    unreadable: Tuple[str, ...] = ()
    checkov: str = ""  # its version
    frameworks: Tuple[str, ...] = ()
    unlisted: int = 0  # records of what passed or was skipped that are counted only: Checkov ran with `--quiet`


def read(data: Any, started_in: str = "") -> Results:
    """The results in what Checkov's JSON holds. Records that stand there twice count once.

    With the folder that Checkov was started in, a file has the name by which it is found from there. Without it there
    is only the one that Checkov calls relative to the repository, which of a file elsewhere is no path.
    """
    reports = [report for report in (data if isinstance(data, list) else [data]) if isinstance(report, dict)]
    records: Dict[Record, None] = {}
    unreadable: Dict[str, None] = {}
    for report in reports:
        found = _mapping(report.get("results"))
        framework = _text(report.get("check_type"))
        records.update((record, None) for record in _records(found, framework, started_in))
        unreadable.update(
            (from_start(_text(name), started_in), None) for name in _list(found.get("parsing_errors")) if _text(name)
        )
    return Results(
        records=tuple(records),
        unreadable=tuple(unreadable),
        checkov=next(filter(None, map(_checkov_version, reports)), ""),
        unlisted=sum(map(_unlisted, reports)),
        frameworks=tuple(dict.fromkeys(filter(None, (_text(report.get("check_type")) for report in reports)))),
    )


def is_checkovs(data: Any) -> bool:
    """Whether there is anything in it that Checkov writes; a scan of nothing may be an empty list."""
    reports = data if isinstance(data, list) else [data]
    return all(isinstance(report, dict) and not _OF_A_REPORT.isdisjoint(report) for report in reports)


def _checkov_version(report: Mapping[str, Any]) -> str:
    # Where a scan finds nothing at all, the counts are the whole report.
    return _text(_mapping(report.get("summary")).get("checkov_version") or report.get("checkov_version"))


def _unlisted(report: Mapping[str, Any]) -> int:
    found, counts = _mapping(report.get("results")), _mapping(report.get("summary"))
    kinds = (("passed_checks", "passed"), ("skipped_checks", "skipped"))
    return sum(counts[name] for kind, name in kinds if kind not in found and _is_number(counts.get(name)))


def _records(found: Mapping[str, Any], framework: str, started_in: str) -> Iterator[Record]:
    for kind, result in _RESULTS.items():
        for record in _list(found.get(kind)):
            if isinstance(record, dict) and _text(record.get("check_id")):
                names = [_text(record.get(name)) for name in ("file_path", "repo_file_path", "file_abs_path")]
                yield _record(record, framework, result, FilesOfRecord(names[0], names[1], names[2], started_in))


def _record(record: Mapping[str, Any], framework: str, result: str, files: FilesOfRecord) -> Record:
    said = _mapping(record.get("check_result"))
    ours = _mapping(said.get("ctkms"))
    rule = BY_ID.get(_text(record.get("check_id")))
    first, last = _range(record.get("file_line_range"))
    block = Place(files.own, first, 0, last, 0)
    severity = _text(record.get("severity")).upper() or (rule.severity if rule else "")
    return Record(
        rule=visible(_text(record.get("check_id")), 200),
        name=_text(record.get("check_name")) or (rule.name if rule else ""),
        severity=severity if severity in SEVERITIES else "",
        guideline=_link(record.get("guideline")) or (rule.guideline if rule else ""),
        result=result,
        framework=framework,
        resource=_text(record.get("resource")),
        block=block,
        code=tuple(_code(record.get("code_block"))),
        summary=_text(ours.get("summary")),
        reason=_text(ours.get("reason")),
        comment=_text(said.get("suppress_comment")),
        path=next((_text(key) for key in _list(said.get("evaluated_keys"))), ""),
        sid=_text(_mapping(ours.get("statement")).get("sid")),
        requests=tuple(_requests(ours.get("requests"))),
        element=_place(ours.get("location"), files),
        fix=_fix(ours.get("fix"), files),
        controls=tuple(_controls(ours.get("controls"))),
    )


def _requests(given: Any) -> Iterator[Request]:
    for request in _list(given):
        if isinstance(request, dict):
            context = tuple((str(key), _text(value)) for key, value in _mapping(request.get("context")).items())
            principal, action, answer = (_text(request.get(name)) for name in ("principal", "action", "answer"))
            yield Request(principal, action, context, answer)


def _controls(given: Any) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    for framework, controls in _mapping(given).items():
        named = tuple(_text(control) for control in _list(controls) if _text(control))
        if named:
            yield str(framework), named


def _code(given: Any) -> Iterator[Tuple[int, str]]:
    for line in _list(given):
        if isinstance(line, list) and len(line) == 2 and _is_number(line[0]):
            yield line[0], _text(line[1]).rstrip("\r\n")


def _fix(given: Any, files: FilesOfRecord) -> Optional[Fix]:
    if not isinstance(given, dict):
        return None
    places = [(_place(edit, files), edit) for edit in _list(given.get("edits")) if isinstance(edit, dict)]
    edits = tuple(Edit(place, _text(edit.get("new_text"))) for place, edit in places if place)
    text, status, reason = (_text(given.get(name)) for name in ("text", "status", "reason"))
    if status == PROPOSED:  # what people have to decide is told, and not offered as a change that fits
        text = f"{text} This is for you to decide: {reason}."
    # A repair with a part left out is none.
    shown = status in (PROVED, PROPOSED) and len(edits) == len(_list(given.get("edits")))
    return Fix(text, edits if shown else (), status, reason)


def _place(given: Any, files: FilesOfRecord) -> Optional[Place]:
    if not isinstance(given, dict) or not _text(given.get("file")):
        return None
    numbers: List[Any] = [given.get(name) for name in ("start_line", "start_column", "end_line", "end_column")]
    if not all(_is_number(number) and number >= 1 for number in numbers):
        return None
    first, first_column, last, last_column = numbers
    if (last, last_column) < (first, first_column):
        return None
    return Place(files.beside(_text(given.get("file"))), first, first_column, last, last_column)


def _range(given: Any) -> Tuple[int, int]:
    numbers = [number for number in _list(given) if _is_number(number)]
    first = max(1, numbers[0]) if numbers else 1
    return first, max(first, numbers[1]) if len(numbers) > 1 else first


def _is_number(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**31


def _link(given: Any) -> str:
    text = _text(given)
    return text if _ADDRESS.fullmatch(text) else ""


def _text(given: Any) -> str:
    if isinstance(given, str):
        return given
    return "" if given is None or isinstance(given, (dict, list)) else str(given)


def _list(given: Any) -> List[Any]:
    return given if isinstance(given, list) else []


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
