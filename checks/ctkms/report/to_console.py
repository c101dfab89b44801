"""What a scan found, for the person at the terminal: key by key, as good compilers show errors."""

from __future__ import annotations

import textwrap
from typing import Dict, Iterator, List, Sequence, Tuple

from ctkms.cloudtrail.findings import FAILED, PROPOSED, PROVED, SKIPPED
from ctkms.report.code_view import TextOf, change, nothing_at_hand, once
from ctkms.report.keys import EXCUSED, FAILS, OPEN, JudgedKey, judged_keys, of_other_packs, quietly, verdict_of
from ctkms.report.plain_text import counted, visible, visible_character
from ctkms.report.results import Place, Record, Results
from ctkms.report.rule_pages import how_to_fix, language_of

WIDTH = 100
MOST_LINES = 4  # of code that one finding shows
LONGEST_LINE = 160
AROUND = 40  # characters before what decides that a longer line shows
MOST_OTHERS = 50  # records of other packs

_RESET, _BOLD, _DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
_COLOURS = {"CRITICAL": "\x1b[1;31m", "HIGH": "\x1b[31m", "MEDIUM": "\x1b[33m", "LOW": "\x1b[36m", "mark": "\x1b[1;31m"}


class Paint:
    """Puts words into colour, where the terminal has any."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, words: str, style: str) -> str:
        """The words in a style: a severity, `bold`, `dim` or `mark`."""
        code = {"bold": _BOLD, "dim": _DIM}.get(style) or _COLOURS.get(style, "")
        return f"{code}{words}{_RESET}" if self._colour and code else words


def render(results: Results, colour: bool = False, text_of: TextOf = nothing_at_hand) -> str:
    """All that somebody has to look at; nothing of what passed."""
    paint = Paint(colour)
    lines: List[str] = []
    for key in judged_keys(results):
        lines.extend(_key(key, paint, text_of))
    others = of_other_packs(results)
    lines.extend([*_others(others, paint), *([""] if others else [])])
    return "".join(f"{line}\n" for line in lines)


def _key(key: JudgedKey, paint: Paint, text_of: TextOf) -> Iterator[str]:
    shown = key.of(FAILS, OPEN)
    excused = len(key.of(EXCUSED))
    if not shown:
        return
    yield paint(f"{visible(key.resource)}", "bold") + paint(f"  {visible(key.place)}", "dim")
    told: Dict[object, str] = {}
    for record in shown:
        yield ""
        yield from _finding(once(record, told), paint, text_of)
    if excused:
        yield ""
        yield paint(f"  {counted(excused, 'rule')} skipped by a comment in the code", "dim")
    yield ""


def _finding(record: Record, paint: Paint, text_of: TextOf) -> Iterator[str]:
    is_open = verdict_of(record) == OPEN
    level = "OPEN" if is_open else record.severity or "FAILED"
    style = "LOW" if is_open else record.severity
    label = f"{level} {record.rule}"
    head = textwrap.wrap(f"{label}: {visible(record.sentences[0])}", WIDTH - 2, subsequent_indent="      ")
    yield f"  {paint(label, style)}{paint(head[0][len(label) :], 'bold')}"
    yield from (paint(f"  {line}", "bold") for line in head[1:])
    yield from _code(record, paint, text_of)
    if record.reason and record.reason != record.summary:
        yield from _note("why", record.reason, paint)
    yield from _fix(record, paint, text_of)
    yield f"    {paint('see', 'dim')} {record.guideline}  {paint(f'(ctkms explain {record.rule})', 'dim')}"


MOST_FIX = 20  # lines of code that an advice shows
MOST_CHANGED = 40  # lines of a repair


_WORTH = {PROVED: " (Proved; ctkms fix makes this change.)", PROPOSED: " (ctkms fix --unsafe makes this change.)"}
_SIGNS = {"+": "LOW", "-": "HIGH"}


def _fix(record: Record, paint: Paint, text_of: TextOf) -> Iterator[str]:
    words, code = how_to_fix(record.rule, language_of(record.framework))
    if record.fix is not None and record.fix.text:
        words, code = f"{record.fix.text}{_WORTH.get(record.fix.status, '')}", ""
    if words:
        yield from _note("fix", words, paint)
    changed = change(record, text_of)
    for sign, line in changed[:MOST_CHANGED]:
        shown = f"{sign} {line}".rstrip()
        yield f"        {paint(shown, _SIGNS.get(sign, 'dim'))}" if shown else ""
    if len(changed) > MOST_CHANGED:
        yield f"        {paint(f'and {len(changed) - MOST_CHANGED} lines more, which ctkms fix shows', 'dim')}"
    lines = code.split("\n") if code else []
    if len(lines) <= MOST_FIX:
        yield from (f"        {paint(line, 'bold')}" if line else "" for line in lines)


def _note(label: str, words: str, paint: Paint) -> Iterator[str]:
    lines = textwrap.wrap(visible(words), WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    for at, line in enumerate(lines):
        yield f"    {paint(label, 'dim') if at == 0 else '   '} {line}"


# The lines of code, with a mark under what decides


def _code(record: Record, paint: Paint, text_of: TextOf) -> Iterator[str]:
    place = record.place
    column = f":{place.start_column}" if place.start_column else ""
    yield f"   {paint('-->', 'dim')} {visible(place.file)}:{place.start_line}{column}"
    lines = _lines(record, place, text_of)
    if record.element is None:
        lines = lines[:1]
    gutter = len(str(place.start_line + len(lines)))
    skipped = _skipped(lines, place)
    for number, text in lines[:MOST_LINES]:
        yield f"    {paint(f'{number:>{gutter}} |', 'dim')} {_shown(text, skipped)}"
        if number == place.start_line and place.start_column:
            yield f"    {paint(f'{chr(32):>{gutter}} |', 'dim')} {paint(_mark(text, place, skipped), 'mark')}"
    left = len(lines) - MOST_LINES
    if left > 0:
        more = counted(left, "more line")
        yield f"    {paint(f'{chr(32):>{gutter}} | ({more})', 'dim')}"


def _lines(record: Record, place: Place, text_of: TextOf) -> List[Tuple[int, str]]:
    wanted = range(place.start_line, place.last_line + 1)
    text = text_of(place.file) if record.element is not None else None
    known: Dict[int, str] = dict(record.code)
    if text is not None:
        known = dict(enumerate(text.split("\n"), 1))
    elif place.file != record.block.file:
        return []
    return [(number, known[number].rstrip("\r")) for number in wanted if number in known]


def _skipped(lines: List[Tuple[int, str]], place: Place) -> int:
    """How many characters at the start of the lines are not shown, so that what decides in a plan's only line is."""
    longest = max((len(text) for _, text in lines[:MOST_LINES]), default=0)
    reaches = place.end_column if place.end_line == place.start_line else place.start_column
    return max(0, place.start_column - AROUND) if longest > LONGEST_LINE and reaches > LONGEST_LINE else 0


def _mark(text: str, place: Place, skipped: int) -> str:
    """Carets under the part of the first line that decides."""
    end = place.end_column - 1 if place.end_line == place.start_line else len(text.rstrip())
    before = ("…" if skipped else "") + "".join(map(_shown_character, text[skipped : place.start_column - 1]))
    marked = "".join(map(_shown_character, text[place.start_column - 1 : end][:LONGEST_LINE]))
    return " " * len(before) + "^" * max(1, min(len(marked), LONGEST_LINE - len(before)))


def _shown(text: str, skipped: int) -> str:
    shown = "".join(map(_shown_character, text[skipped : skipped + LONGEST_LINE + 1]))
    shown = f"…{shown}" if skipped and text else shown
    return shown if len(shown) <= LONGEST_LINE else shown[:LONGEST_LINE] + "…"


def _shown_character(character: str) -> str:
    return "    " if character == "\t" else visible_character(character)


def _others(records: Tuple[Record, ...], paint: Paint) -> Iterator[str]:
    for record in records[:MOST_OTHERS]:
        state = record.severity or ("SKIPPED" if record.result == SKIPPED else "FAILED")
        yield f"{paint(f'{state} {record.rule}', record.severity)}: {visible(record.name)}"
        where = f"{visible(record.block.file)}:{record.block.start_line}  {visible(record.resource)}"
        yield f"   {paint('-->', 'dim')} {where}"
    if len(records) > MOST_OTHERS:
        yield f"({counted(len(records) - MOST_OTHERS, 'more record')} of other rules)"


def closing(results: Results, folders: int, files: int) -> str:
    """What was looked at, in one sentence: a scan that judged nothing says so."""
    keys = judged_keys(results)
    parts = [counted(folders, "folder")] if folders else []
    parts += [counted(files, "file")] if files else []
    parts += _judged(keys, results)
    if results.unreadable:
        named = ", ".join(visible(name, 200) for name in results.unreadable[:3])
        more = f" and {len(results.unreadable) - 3} more" if len(results.unreadable) > 3 else ""
        parts.append(f"{counted(len(results.unreadable), 'file')} unreadable: {named}{more}")
    failed = any(record.result == FAILED for record in results.records)
    other = "other " if any(key.of(EXCUSED) for key in keys) else ""
    praise = (
        "" if failed or not any(key.is_judged for key in keys) else f"; every {other}rule that could be decided is kept"
    )
    return ", ".join(parts) + praise + "\n"


def _judged(keys: Sequence[JudgedKey], results: Results) -> Iterator[str]:
    judged = sum(key.is_judged for key in keys)
    failing = sum(bool(key.of(FAILS)) for key in keys)
    left_open = sum(bool(key.of(OPEN)) for key in keys)
    excused = sum(len(key.of(EXCUSED)) for key in keys)
    if keys:
        yield f"{counted(judged, 'key') if judged else 'no key'} judged"
    elif not results.unlisted:
        yield "no key of CloudTrail's, so nothing was judged"
    if results.unlisted:
        yield quietly(results.unlisted)
    if failing:
        yield f"{failing} with findings"
    if left_open:
        yield f"{left_open} left open"
    if excused:
        yield f"{counted(excused, 'rule')} skipped"
