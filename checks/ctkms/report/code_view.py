"""The lines of a resource, with the elements that decide marked in them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from ctkms.report.plain_text import visible_character
from ctkms.report.results import Edit, Place, Record

_HUNK = re.compile(r"\d+")
MOST_LINES, AROUND, LONGEST_LINE = 300, 3, 500
_Lines = Sequence[Tuple[int, str]]
TextOf = Callable[[str], Optional[str]]  # the text of a file by its name in the results; None where it is not at hand


@dataclass(frozen=True)
class Piece:
    """A part of a line, and the numbers of the findings that it decides."""

    text: str
    decides: Tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """A line of the file; `left_out` is the number of lines that are not shown before it."""

    number: int
    pieces: Tuple[Piece, ...]
    left_out: int = 0


def marked(code: _Lines, places: Sequence[Tuple[int, Place]]) -> List[Line]:
    """The lines, with the range of each numbered finding marked."""
    lines: List[Line] = []
    before = code[0][0] - 1 if code else 0
    for number, text in _shown(code, places):
        lines.append(Line(number, tuple(_pieces(number, text, places)), max(0, number - before - 1)))
        before = number
    return lines


def _shown(code: _Lines, places: Sequence[Tuple[int, Place]]) -> Iterator[Tuple[int, str]]:
    near: Set[int] = set()
    for _, place in places:
        near.update(range(place.start_line - AROUND, min(place.last_line, place.start_line + MOST_LINES) + AROUND + 1))
    for index, (number, text) in enumerate(code):
        if index < MOST_LINES or number in near:
            yield number, text


def _pieces(number: int, text: str, places: Sequence[Tuple[int, Place]]) -> Iterator[Piece]:
    cut = text[:LONGEST_LINE]
    ranges = [(finding, *_columns(number, cut, place)) for finding, place in places]
    ranges = [one for one in ranges if one[1] < one[2]]
    ends = sorted({0, len(cut), *(end for _, first, last in ranges for end in (first, last))})
    for first, last in zip(ends, ends[1:]):
        within = tuple(finding for finding, start, end in ranges if start <= first and last <= end)
        yield Piece(_visible(cut[first:last]), within)
    if len(text) > len(cut):
        yield Piece("…", ())


def _columns(number: int, text: str, place: Place) -> Tuple[int, int]:
    """What of a line is in the range; indentation and the line's end are not marked."""
    if not place.start_line <= number <= place.last_line:
        return 0, 0
    indentation = len(text) - len(text.lstrip())
    first = place.start_column - 1 if number == place.start_line else indentation
    last = place.end_column - 1 if number == place.end_line else len(text.rstrip())
    return min(first, len(text)), min(last, len(text))


def _visible(text: str) -> str:
    return "".join("  " if one == "\t" else visible_character(one) for one in text)


def nothing_at_hand(file: str) -> Optional[str]:
    """Of a report of results alone, no file is read."""
    return None


def change(record: Record, text_of: TextOf = nothing_at_hand) -> List[Tuple[str, str]]:
    """What the repair of a finding changes: as `difference` has it, with the name of each other file before its lines.

    `text_of` gives the text of a file, where it is at hand; else the lines of the record are all that is known, and
    of the rest of the file only what is added can be shown. Nothing where a part could not be.
    """
    found: List[Tuple[str, str]] = []
    edits = record.fix.edits if record.fix else ()
    for file in dict.fromkeys(edit.place.file for edit in edits):
        own, text = [one for one in edits if one.place.file == file], text_of(file)
        code = record.code if file == record.block.file else ()
        lines = difference(list(enumerate(text.split("\n"), 1)), own) if text is not None else _known(code, own)
        if not lines:
            return []
        found += [("@", _visible(f"{file} {one}")) if sign == "@" else (sign, one) for sign, one in lines]
    return found


def once(record: Record, told: Dict[object, str]) -> Record:
    """The record; without the edits of its repair where `told` has them, by the rule that they were told of."""
    fix = record.fix
    if fix is None or not fix.edits:
        return record
    if fix.edits in told:
        same = f"{fix.text} It is the change that {told[fix.edits]} asks for."
        return replace(record, fix=replace(fix, text=same, edits=()))
    told[fix.edits] = record.rule
    return record


def _known(code: _Lines, edits: Sequence[Edit]) -> List[Tuple[str, str]]:
    numbers = {number for number, _ in code}
    inside = [one for one in edits if {one.place.start_line, one.place.end_line} <= numbers]
    beside = [one for one in edits if one not in inside]
    shown = difference(code, inside)
    if bool(inside) != bool(shown) or not all(map(_adds_lines, beside)):
        return []
    for edit in beside:
        added = edit.new_text.strip("\n").split("\n")
        shown += [("@", f"line {edit.place.start_line}"), *(("+", _visible(one[:LONGEST_LINE])) for one in added)]
    return shown


def _adds_lines(edit: Edit) -> bool:
    place = edit.place
    is_empty = (place.start_line, place.start_column) == (place.end_line, place.end_column)
    return is_empty and "\n" in edit.new_text


def difference(code: _Lines, edits: Sequence[Edit]) -> List[Tuple[str, str]]:
    """What edits change: lines marked `-`, `+` and ` `, and before each group a line marked `@` that says where.

    Nothing where they leave the lines that are there, which follow one another.
    """
    before: Dict[int, str] = dict(code)
    after = _edited(before, edits)
    if not edits or after is None:
        return []
    lines = difflib.unified_diff([before[number] for number in sorted(before)], after, lineterm="", n=1)
    changed = list(lines)[2:]  # without the names of the two files
    return [
        ("@", f"line {_line(changed, at) + min(before) - 1}")
        if line[:1] == "@"
        else (line[:1], _visible(line[1 : LONGEST_LINE + 1]))
        for at, line in enumerate(changed)
    ]


def _line(changed: Sequence[str], at: int) -> int:
    """The first line that changes in a group, by the head of the group."""
    return int(_HUNK.findall(changed[at])[0]) + (changed[at + 1][:1] == " ")


def _edited(before: Dict[int, str], edits: Sequence[Edit]) -> Optional[List[str]]:
    lines = dict(before)
    # What is added at one place keeps its order.
    for edit in sorted(edits, key=lambda one: (one.place.start_line, one.place.start_column))[::-1]:
        place = edit.place
        touched = range(place.start_line, place.end_line + 1)
        if not place.start_column or len(touched) > MOST_LINES or any(number not in lines for number in touched):
            return None
        start, end = lines[place.start_line][: place.start_column - 1], lines[place.end_line][place.end_column - 1 :]
        for number in touched:
            del lines[number]
        lines[place.start_line] = start + edit.new_text + end
    return [line for number in sorted(lines) for line in lines[number].split("\n")]
