"""The values of Terraform's language, as far as the code fixes them.

Known data are builtins. What is not known is a `Hole`; a string with holes is a `Partial`; a list
with a `Rest` in it has further elements that are not known. `Json` is the JSON text of a value,
kept as that value. A hole that comes out of an operation is named by the operation and the
*values* in it, so that equal names mean equal values, whichever module or loop they come from.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, NoReturn, Optional, Tuple, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.unknowns import names
from ctkms.unknowns.scenarios import unknown
from ctkms.unknowns.text import Hole, Kind, Partial, Rest, Text, join, parts_of
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

# None, bool, int, float, str, list, dict, Hole, Partial, Json; Rest as an element of a list.
Value = Any

MAX_NODES = 200_000  # of one value; more is no configuration but an attempt to exhaust the machine
MAX_TEXT = 2_000_000  # characters of one string
MAX_ITEMS = 20_000  # elements that one function may make
MAX_PARTS = 5_000  # of one string: literals and holes in turn
MAX_NUMBER = 1e300
_LONGEST_NAME = 400
_PER_PIECE = 8  # characters; what a short piece costs beside its own
_WALK = 4  # values that are looked at in the time of one step
_HOLE = 50  # characters that a hole in a text counts for


class Failure(Exception):  # noqa: N818 - an outcome that `try` expects, not a fault of ours
    """Terraform itself would report an error here, so `try` goes on to its next argument.

    A scope may raise it from `resolve`, for an instance or an attribute that certainly does not exist.
    """


ABSENT: Any = object()  # stands for the value of a reference to what certainly does not exist, where that is asked


@dataclass(frozen=True)
class Json:
    """The JSON text of a value that may have holes; wherever a string belongs, this is one."""

    value: Value


@dataclass(frozen=True)
class Reference(Hole):
    """An object that is known by its address only, such as one instance of a resource.

    A scope may return it for a traversal that stops short of an attribute; what follows is then
    resolved as `traversal` plus the rest, also after a splat, a loop or a function.
    """

    traversal: Tuple[Any, ...] = ()


class Unordered(List[Value]):
    """A set, or a list in an order that is not known: the elements are there, their positions mean nothing."""


def fail(message: str) -> NoReturn:
    """Report what Terraform would report as an error."""
    raise Failure(message)


# Naming what is not known


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
            self._all("jsonencode(", [value.value], "", ")", self._write)
        elif isinstance(value, list):
            if len(value) == 1 and isinstance(value[0], Rest):
                self._write(value[0].hole)  # the open list itself
            else:
                self._all("[", value, ", ", "]", self._write)
        elif isinstance(value, dict):
            self._all("{", value.items(), ", ", "}", self._item)
        else:
            self._add(json.dumps(value, ensure_ascii=False))

    def _all(
        self, opening: str, items: Iterable[Any], separator: str, closing: str, write: Callable[[Any], None]
    ) -> None:
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
    return unknown("${" + shortened(expression) + "}", _holes(operands))


def open_call(name: str, arguments: Iterable[Value]) -> Hole:
    """The unknown value of a function call."""
    listed = list(arguments)
    return open_value(f"{name}({', '.join(map(describe, listed))})", listed)


def _holes(values: Iterable[Value]) -> List[Hole]:
    """Every hole within the values, for the conditions that they may wait for."""
    return [value for value in _within(values) if isinstance(value, Hole)]


def _within(values: Iterable[Value]) -> Iterator[Value]:
    """The values and all that is in them, as often as it stands there."""
    waiting = list(values)
    count = 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count % _WALK == 0:
            take(Budget.STEPS)
        yield value
        if isinstance(value, (list, dict, Json, Partial, Rest)):
            waiting.extend(_children(value))
            if count + len(waiting) > MAX_NODES:
                raise TooLarge


def _children(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    if isinstance(value, list):
        return value
    if isinstance(value, Partial):
        return value.parts
    if isinstance(value, Json):
        return (value.value,)
    return (value.hole,) if isinstance(value, Rest) else ()


# What is known


def is_known(*values: Value) -> bool:
    """Whether there is no hole anywhere in the values."""
    return not any(isinstance(value, (Hole, Partial, Rest)) for value in _within(values))


def is_sure(*values: Value) -> bool:
    """Whether no hole in the values can be null, or of a type that an operation does not take."""
    return all(hole.kind is not Kind.ANY or isinstance(hole, Reference) for hole in _holes(values))


def check_size(value: Value) -> Value:
    """The value, if it is no larger than a configuration can be."""
    if not isinstance(value, (list, dict, Json)):
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TooLarge
        return value
    waiting = [value]
    count = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict, Json)):
            waiting.extend(_children(one))
        count += 1
        if count + len(waiting) > MAX_NODES or (isinstance(one, str) and len(one) > MAX_TEXT):
            raise TooLarge
    take(Budget.STEPS, count // _WALK)
    return value


def is_text(value: Value) -> bool:
    """Whether the value is certainly a string."""
    return isinstance(value, (str, Partial, Json)) or (isinstance(value, Hole) and value.kind is not Kind.ANY)


def has_rest(items: List[Value]) -> bool:
    """Whether a list may have more elements than are listed."""
    return any(isinstance(item, Rest) for item in items)


# Conversion, as Terraform does it on its own


def number(value: Value) -> Union[int, float]:
    """A known value as a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return fail("a number is required")
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?", value, re.ASCII):
            return fail("a number is required")
        value = int(value) if value.lstrip("-").isdigit() else float(value)
    return whole(value)


def whole(value: Union[int, float]) -> Union[int, float]:
    """A number without a fraction is an int, however it was computed."""
    if not -MAX_NUMBER < value < MAX_NUMBER:
        raise TooLarge
    return int(value) if isinstance(value, float) and value.is_integer() else value


def integer(value: Value) -> int:
    """A known value as a whole number."""
    converted = number(value)
    return converted if isinstance(converted, int) else fail("a whole number is required")


def boolean(value: Value) -> bool:
    """A known value as a bool."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false") and isinstance(value, str):
        return value == "true"
    return fail("a bool is required")


def text(value: Value) -> Text:
    """A value as a string, with its holes."""
    if isinstance(value, (str, Hole, Partial)):
        return value
    if isinstance(value, Json):
        return json_text(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value) if 1e-5 < abs(value) < 1e15 else format(value, "f").rstrip("0").rstrip(".")
    return fail("a string is required")


def plain(value: Value) -> str:
    """A known value as a string."""
    converted = text(value)
    return converted if isinstance(converted, str) else fail("a known string is required")


def joined(texts: Iterable[Text]) -> Text:
    """One text after the other, unless that gets out of hand."""
    parts: List[Union[str, Hole]] = []
    size = 0
    for one in texts:
        added = parts_of(one)
        length = sum(len(part) if isinstance(part, str) else _HOLE for part in added)
        size += length
        if size > MAX_TEXT:
            raise TooLarge
        take(Budget.CHARACTERS, length)
        parts.extend(added)
    if sum(isinstance(part, Hole) for part in parts) > MAX_PARTS:
        raise TooLarge
    runs = itertools.groupby(parts, key=lambda part: isinstance(part, str))
    return join(piece for is_literal, run in runs for piece in (["".join(map(str, run))] if is_literal else run))


def json_text(value: Value) -> Text:
    """The JSON text of a value. An open value stands in it as a bare hole, an open string within quotes."""
    parts: List[Text] = []
    _write_json(check_size(value), parts)
    return joined(parts)


def _write_json(value: Value, parts: List[Text]) -> None:
    if isinstance(value, list) and has_rest(value):
        parts.append(open_call("jsonencode", [value]))
    elif isinstance(value, list):
        _write_all("[", [(None, item) for item in value], "]", parts)
    elif isinstance(value, dict):
        _write_all("{", list(value.items()), "}", parts)
    elif is_text(value):
        pieces = (value,) if isinstance(value, Hole) else parts_of(text(value))
        take(Budget.CHARACTERS, sum(len(piece) for piece in pieces if isinstance(piece, str)))
        parts.append('"')
        parts.extend(
            piece if isinstance(piece, Hole) else json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces
        )
        parts.append('"')
    elif isinstance(value, Hole):
        parts.append(value)
    else:
        parts.append(json.dumps(value))


def _write_all(opening: str, items: List[Tuple[Value, Value]], closing: str, parts: List[Text]) -> None:
    parts.append(opening)
    for position, (key, item) in enumerate(items):
        if position:
            parts.append(",")
        if key is not None:
            _write_json(key if is_text(key) else Partial((key,)), parts)
            parts.append(":")
        _write_json(item, parts)
    parts.append(closing)


def same(left: Value, right: Value) -> Optional[bool]:
    """Whether two values are equal as Terraform sees it; None where that is not known.

    Terraform's lists differ from its tuples, and its maps from its objects, even with equal
    contents. The two look alike here, so equal collections give no answer.
    """
    take(Budget.STEPS)
    if isinstance(left, Json):
        left = json_text(left.value)
    if isinstance(right, Json):
        right = json_text(right.value)
    if isinstance(left, (Hole, Partial)) or isinstance(right, (Hole, Partial)):
        return _same_open(left, right)
    if isinstance(left, (list, dict)) and type(left) is type(right):
        return False if _differ(left, right) else None
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _same_open(left: Value, right: Value) -> Optional[bool]:
    if type(left) is type(right) and left == right:
        return True
    for one, other in ((left, right), (right, left)):
        if is_text(one) and isinstance(other, (type(None), bool, int, float, list, dict)):
            return False
    if is_text(left) and is_text(right):
        return _KNOWN[names.same(text(left), text(right))]
    return None


_KNOWN: Dict[Truth, Optional[bool]] = {TRUE: True, FALSE: False, UNKNOWN: None}


def _differ(left: Any, right: Any) -> bool:
    if isinstance(left, list):
        if has_rest(left) or has_rest(right):
            return False
        return len(left) != len(right) or any(same(one, other) is False for one, other in zip(left, right))
    if not all(isinstance(key, str) for key in (*left, *right)):
        return False
    return left.keys() != right.keys() or any(same(left[key], right[key]) is False for key in left)
