"""What a scan says at the terminal: the line that decides, marked, however long it is."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from tests.report.records import location, record, report, said

from ctkms.report.results import read
from ctkms.report.to_console import LONGEST_LINE, WIDTH, render

KEY = '"StringEquals"'
LINES = {
    "a short line": f"  x = {KEY}",
    "tabs": f"\t\tx = {KEY}",
    "a line that ends late": f"  x = {KEY}{'y' * 1000}",
    "a plan, which is one line": f"{'x' * 5000}{KEY}{'y' * 5000}",
    "a value that is longer than a line": f"  {'x' * 150}{KEY}",
    "what is not seen before it": f"\u202e\x1b[2J{'x' * 500}{KEY}",
}


@pytest.mark.parametrize("name", LINES)
def test_the_mark_stands_below_what_decides(name: str) -> None:
    line = LINES[name]
    column = line.index(KEY) + 1
    at = {**location(), "start_line": 1, "end_line": 1, "start_column": column, "end_column": column + len(KEY)}
    shown = console(record(ctkms=said(location=at)), line)
    number = next(number for number, text in enumerate(shown) if text.startswith("    1 | "))
    code, mark = shown[number], shown[number + 1]
    assert code[mark.index("^") : mark.rindex("^") + 1] == KEY
    assert len(code) <= LONGEST_LINE + len("    1 | …")


def test_a_sentence_is_wrapped_with_what_stands_before_it() -> None:
    shown = console(record(ctkms=said(summary="word " * 60, reason="other " * 60)), "")
    assert [line for line in shown if len(line) > WIDTH and "see https" not in line] == []


def console(given: Dict[str, Any], line: str) -> list[str]:
    return render(read([report(given)]), text_of=lambda file: line).splitlines()
