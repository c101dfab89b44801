"""Where the parts of a text stand: a tree of objects, lists and plain values with their offsets.

Readers of code make it once they are asked where something stands, and only for what is asked. Offsets
count code points; an end is exclusive.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, spend

Step = Union[str, int]  # the name of a member, or the position of an item
NAME = "<name>"  # as the last step: the name of the member rather than what it holds

MAX_DEPTH = 60
_PER_NODE = 4  # nodes that are read in the time of one step


class Span(NamedTuple):
    """A part of a file."""

    file: str
    start: int
    end: int


class Location(NamedTuple):
    """A part of a file as people and editors count: from 1, in code points, the end exclusive."""

    file: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int


def location(span: Span, text: str) -> Location:
    """Where a part of a file's text stands."""
    return Location(span.file, *_line_and_column(text, span.start), *_line_and_column(text, span.end))


def _line_and_column(text: str, offset: int) -> Tuple[int, int]:
    before = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, before) + 1, offset - before + 1


class Member(NamedTuple):
    """One member of an object: its name with the place of that, and what it holds."""

    name: str
    start: int
    end: int
    node: Node


@dataclass(frozen=True, eq=False)
class Node:
    """One value: an object has `members`, a list `items`, and a plain value the `text` that it stands for.

    `opaque` is a value of which the text does not tell what it holds, such as an interpolation.
    """

    start: int
    end: int
    members: Optional[Tuple[Member, ...]] = None
    items: Optional[Tuple[Node, ...]] = None
    text: Optional[str] = None
    opaque: bool = False

    def member(self, name: str) -> Optional[Member]:
        """The last member of a name, which is the one that counts in JSON."""
        return next((one for one in reversed(self.members or ()) if one.name == name), None)


class Found(NamedTuple):
    """The narrowest node on the way, and how many of the steps led there; the place of a name if one was asked for."""

    start: int
    end: int
    taken: int
    node: Node


def find(node: Node, steps: Sequence[Step], value: Optional[str] = None) -> Found:
    """Follow the steps as far as they lead; `value` picks an item of the list at the end."""
    for taken, step in enumerate(steps):
        if step == NAME:
            break
        member = node.member(step) if isinstance(step, str) else None
        if member is not None and steps[taken + 1 : taken + 2] == (NAME,):
            return Found(member.start, member.end, taken + 2, node)
        inner = _item(node, step) if isinstance(step, int) else member.node if member else None
        if inner is None:
            return Found(node.start, node.end, taken, node)
        node = inner
    node = _picked(node, value)
    return Found(node.start, node.end, len(steps), node)


def _item(node: Node, position: int) -> Optional[Node]:
    """An item of a list; a value that stands alone is a list of one, as policies have it."""
    if node.items is None:
        return node if position == 0 and not node.opaque else None
    if any(one.opaque for one in node.items[: position + 1]):
        return None  # it may stand for several items, or none
    return node.items[position] if position < len(node.items) else None


def _picked(node: Node, value: Optional[str]) -> Node:
    if node.items is None:
        return node
    if len(node.items) == 1:
        return node.items[0]
    return next((one for one in node.items if value is not None and one.text == value), node)


# JSON

_BLANK = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'"[^"\\$%]*(?:[$%](?!\{)[^"\\$%]*)*"')  # a string without escape and interpolation
_PIECE = re.compile(r'[^"\\$%]+|\\.|[$%]', re.DOTALL)
_SCALAR = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null")


class _NotJsonError(Exception):
    """The text is no JSON."""


def json_node(text: str, interpolated: bool = False) -> Optional[Node]:
    """The tree of a JSON text; None where it is none. In `interpolated` ones `${...}` may stand for values."""
    if not spend(Budget.STEPS, 1 + len(text) // 100):
        return None
    try:
        reader = _JsonReader(text, interpolated)
        node = reader.value(reader.blank(0), 0)
        return node if reader.blank(node.end) == len(text) else None
    except (_NotJsonError, RecursionError):
        return None


class _JsonReader:
    def __init__(self, text: str, interpolated: bool) -> None:
        self.text = text
        self.interpolated = interpolated

    def blank(self, position: int) -> int:
        """Past the white space."""
        found = _BLANK.match(self.text, position)
        return found.end() if found else position

    def value(self, start: int, depth: int) -> Node:
        first = self.text[start : start + 1]
        if depth > MAX_DEPTH:
            raise _NotJsonError
        if first == "{":
            return self._object(start, depth)
        if first == "[":
            return self._list(start, depth)
        if first == '"':
            text, end, whole = self._string(start)
            return Node(start, end, text=text, opaque=not whole)
        if self.interpolated and self.text.startswith(("${", "%{"), start):
            return Node(start, self._past_interpolation(start), opaque=True)
        found = _SCALAR.match(self.text, start)
        if found is None:
            raise _NotJsonError
        return Node(start, found.end(), text=found.group())

    def _object(self, start: int, depth: int) -> Node:
        members: List[Member] = []
        position = self.blank(start + 1)
        while self.text[position : position + 1] != "}":
            if self.text[position : position + 1] != '"':
                raise _NotJsonError
            name, end, _ = self._string(position)
            colon = self.blank(end)
            self._expect(":", colon)
            node = self.value(self.blank(colon + 1), depth + 1)
            members.append(Member(name, position, end, node))
            position = self._separated(node.end, "}")
        return Node(start, position + 1, members=tuple(members))

    def _list(self, start: int, depth: int) -> Node:
        items: List[Node] = []
        position = self.blank(start + 1)
        while self.text[position : position + 1] != "]":
            items.append(self.value(position, depth + 1))
            position = self._separated(items[-1].end, "]")
        return Node(start, position + 1, items=tuple(items))

    def _separated(self, end: int, closing: str) -> int:
        """Past the comma after a value, or at the bracket that closes."""
        position = self.blank(end)
        if self.text[position : position + 1] == closing:
            return position
        if not (self.interpolated and self.text.startswith(("%{", "${"), position)):
            self._expect(",", position)
            position += 1
        return self.blank(position)

    def _expect(self, mark: str, position: int) -> None:
        if self.text[position : position + 1] != mark:
            raise _NotJsonError

    def _string(self, start: int) -> Tuple[str, int, bool]:
        """What a string stands for, its end, and whether it stands for that alone: no interpolation is all of it."""
        plain = _PLAIN.match(self.text, start)
        if plain is not None:
            return plain.group()[1:-1], plain.end(), True
        position, pieces = start + 1, 0
        while self.text[position : position + 1] != '"':
            if self.interpolated and self.text.startswith(("${", "%{"), position):
                position = self._past_interpolation(position)
                continue
            piece = _PIECE.match(self.text, position)
            if piece is None:
                raise _NotJsonError
            position, pieces = piece.end(), pieces + 1
        written = self.text[start : position + 1]
        try:
            return str(json.loads(written, strict=False)), position + 1, pieces > 0
        except ValueError:
            return written[1:-1], position + 1, pieces > 0

    def _past_interpolation(self, start: int) -> int:
        """Past `${...}`, with the braces and strings within it."""
        depth, position = 0, start + 1
        while position < len(self.text):
            mark = self.text[position]
            if mark == "{":
                depth += 1
            elif mark == "}":
                depth -= 1
                if depth == 0:
                    return position + 1
            elif mark == '"':
                plain = _PLAIN.match(self.text, position)
                position = plain.end() if plain else position + 1
                continue
            position += 1
        raise _NotJsonError
