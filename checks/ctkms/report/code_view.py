"""The lines of a resource, with the elements that decide marked in them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Set, Tuple

from ctkms.report.plain_text import visible_character
from ctkms.report.results import Edit, Place

MOST_LINES, AROUND, LONGEST_LINE = 300, 3, 500
_Lines = Sequence[Tuple[int, str]]


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


def difference(code: _Lines, edits: Sequence[Edit]) -> List[Tuple[str, str]]:
    """What edits change: lines marked `-`, `+` and ` `; nothing where they leave the lines that are there."""
    before: Dict[int, str] = dict(code)
    after = _edited(before, edits)
    if not edits or after is None:
        return []
    lines = difflib.unified_diff([before[number] for number in sorted(before)], after, lineterm="", n=1)
    changed = list(lines)[3:]  # without the names of the two files, and the place of the first change
    return [("@", "") if line[:1] == "@" else (line[:1], _visible(line[1 : LONGEST_LINE + 1])) for line in changed]


def _edited(before: Dict[int, str], edits: Sequence[Edit]) -> Optional[List[str]]:
    lines = dict(before)
    for edit in sorted(edits, key=lambda one: (one.place.start_line, one.place.start_column), reverse=True):
        place = edit.place
        touched = range(place.start_line, place.end_line + 1)
        if not place.start_column or len(touched) > MOST_LINES or any(number not in lines for number in touched):
            return None
        start, end = lines[place.start_line][: place.start_column - 1], lines[place.end_line][place.end_column - 1 :]
        for number in touched:
            del lines[number]
        lines[place.start_line] = start + edit.new_text + end
    return [line for number in sorted(lines) for line in lines[number].split("\n")]
