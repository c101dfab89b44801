"""Edits of a file's text, and what they make of it."""

from __future__ import annotations

import json
from typing import Iterable, List, NamedTuple

from ctkms.unknowns.source_nodes import Span


class TextEdit(NamedTuple):
    """What stands in a part of a file is to be replaced."""

    span: Span
    new_text: str


def applied(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all edits made; none may overlap another one, and what is added at one place keeps its order."""
    in_order = sorted(edits, key=lambda one: (one.span.start, one.span.end))
    for edit in in_order[::-1]:
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text


def is_json(text: str) -> bool:
    """Whether a file is JSON."""
    try:
        json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def overlap(edits: Iterable[TextEdit]) -> bool:
    """Whether two edits are about the same part of the same file, so that their order would matter."""
    spans: List[Span] = sorted(edit.span for edit in edits)
    return any(one.file == other.file and other.start < one.end for one, other in zip(spans, spans[1:]))


def offset(text: str, line: int, column: int) -> int:
    """Where a line and a column, from 1, are in the text."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return at + column - 1


def line_start(text: str, at: int) -> int:
    """The start of the line around."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """The end of the line around, before its line break."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def indent_at(text: str, at: int) -> str:
    """The blanks that the line around begins with."""
    start = line_start(text, at)
    return text[start : start + len(text[start:]) - len(text[start:].lstrip(" \t"))]
