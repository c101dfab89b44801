"""Naming what is not known: an open value is called by the operation and the values that it comes from.

So equal names mean equal values, whichever module or loop they come from.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Callable, Iterable, List, Tuple, TypeVar

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.values import MAX_TEXT, Json, Value, holes_of, plain_null
from ctkms.unknowns.scenarios import unknown
from ctkms.unknowns.text import Hole, Partial, Rest

T = TypeVar("T")
_LONGEST_NAME = 400


_PER_PIECE = 8  # characters; what a short piece costs beside its own


def describe(value: Value) -> str:
    """The value as an expression, with what its holes refer to; a long one is cut, and ends in a digest."""
    return shortened(_inner(value.source) if isinstance(value, Hole) else _Description().of(value))


class _Description:
    """An expression while it is written down. It is cut in the end, but only after all of it has been read."""

    def __init__(self) -> None:
        self.pieces: List[str] = []
        self.size = 0

    def of(self, value: Value) -> str:
        """The whole text."""
        self._write(value)
        return "".join(self.pieces)

    def _add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        if self.size > _LONGEST_NAME:
            take(Budget.CHARACTERS, _PER_PIECE + len(piece))
            if self.size > MAX_TEXT:
                raise TooLarge

    def _write(self, value: Value) -> None:
        if isinstance(value, Hole):
            self._add(_inner(value.source))
        elif isinstance(value, Partial):
            inside = (one if isinstance(one, str) else f"${{{_inner(one.source)}}}" for one in value.parts)
            self._all('"', inside, "", '"', self._add)
        elif isinstance(value, Rest):
            self._all("", [value.hole], "", "...", self._write)
        elif isinstance(value, Json):
            self._all(f"{value.layout.value}(", [value.value], "", ")", self._write)
        elif isinstance(value, list):
            if len(value) == 1 and isinstance(value[0], Rest):
                self._write(value[0].hole)  # the open list itself
            else:
                self._all("[", value, ", ", "]", self._write)
        elif isinstance(value, dict):
            self._all("{", value.items(), ", ", "}", self._item)
        else:
            self._add(json.dumps(plain_null(value), ensure_ascii=False))

    def _all(self, opening: str, items: Iterable[T], separator: str, closing: str, write: Callable[[T], None]) -> None:
        self._add(opening)
        for position, item in enumerate(items):
            if position:
                self._add(separator)
            write(item)
        self._add(closing)

    def _item(self, item: Tuple[Value, Value]) -> None:
        self._write(item[0])
        self._add(" = ")
        self._write(item[1])


def _inner(source: str) -> str:
    """A reference without the `${}` around it."""
    return source[2:-1] if source.startswith("${") and _is_one_interpolation(source) else source


def _is_one_interpolation(source: str) -> bool:
    depth = 0
    for brace in re.finditer(r"[{}]", source):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.end() == len(source)
    return False


def shortened(text: str) -> str:
    """A name as it is, or what it begins with and a digest: it may be quoted, and equal names mean equal values."""
    if len(text) <= _LONGEST_NAME:
        return text
    take(Budget.STEPS, 2 + len(text) // 1000)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:_LONGEST_NAME]}...#{digest}"


_SIMPLE = re.compile(r'[\w.:*-]+(?:(?:\([^()]*\)|\[[^\[\]]*\])+(?:\.[\w*]+)*)?|"[^"]*"')


def operand(value: Value) -> str:
    """The value as it stands within a larger expression: in parentheses unless it is a single thing."""
    text = describe(value)
    return text if isinstance(value, (list, dict)) or _SIMPLE.fullmatch(text) else f"({text})"


def open_value(expression: str, operands: Iterable[Value] = ()) -> Hole:
    """The unknown value of an expression over these operands."""
    take(Budget.STEPS, 2)
    return unknown("${" + shortened(expression) + "}", holes_of(operands))


def open_call(name: str, arguments: Iterable[Value]) -> Hole:
    """The unknown value of a function call."""
    listed = list(arguments)
    return open_value(f"{name}({', '.join(map(describe, listed))})", listed)
