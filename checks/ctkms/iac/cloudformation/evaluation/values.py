"""Small questions about values: what text they are, of which kind, and whether two are the same."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Iterable, Iterator, List, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.cloudformation.templates.template import MARKERS, name_of, scalar
from ctkms.unknowns import names
from ctkms.unknowns.names import KINDS
from ctkms.unknowns.text import Hole, Kind, Part, Partial, Text, join, parts_of
from ctkms.unknowns.truth import UNKNOWN, Truth

MAX_TEXT = 2_000_000  # characters of one text
MAX_PARTS = 5_000  # holes in one text
MAX_VALUES = 200_000  # that one value may hold
MAX_BRIEF, MAX_PIECES = 3_000, 300  # characters and pieces that are read to name an expression
_HOLE = 50  # characters that a hole in a text counts for
_LOOKED_AT = 4  # values that are looked at in the time of one step
_NAMING = 3  # steps that it takes to name a value
_LONGEST = 100  # characters of an account id, a Region, a name
_NUMBERS = count(1)


class NoValue:
    """What `AWS::NoValue` stands for: the property or list item is not there."""


NO_VALUE = NoValue()

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_DYNAMIC_START = "{{resolve:"
_STORE, _END = "{{resolve:ssm:", "}}"


def text_of(value: object) -> Optional[Text]:
    """The value where a string is called for; None when it is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, Hole, Partial)) else None


def literal(text: Text) -> Text:
    """The text with its dynamic references (Parameter Store, Secrets Manager) taken as unknown."""
    if not any(isinstance(part, str) and _DYNAMIC_START in part for part in parts_of(text)):
        return text
    if not isinstance(text, str):
        return _with_open_name(text)
    pieces: List[Part] = []
    position = 0
    for found in _DYNAMIC.finditer(text):
        pieces += [text[position : found.start()], Hole(found.group())]
        position = found.end()
    return join([*pieces, text[position:]])


@dataclass(frozen=True)
class StoredUnder(Hole):
    """What Parameter Store holds under a name that is itself open."""

    name: Text = ""


def _with_open_name(text: Text) -> Hole:
    """A text with a reference that has a hole, or stands beside one: nobody can tell which."""
    first, *others, last = parts_of(text)
    if not isinstance(first, str) or not isinstance(last, str) or not others:
        return Hole(str(text))
    if not first.startswith(_STORE) or not last.endswith(_END) or (first + last).count("{{") > 1:
        return Hole(str(text))
    return StoredUnder(str(text), name=join((first[len(_STORE) :], *others, last[: -len(_END)])))


def joined(texts: Iterable[Text]) -> Text:
    """One text after the other; raises `TooLarge` where that gets out of hand."""
    parts: List[Part] = []
    size = 0
    for text in texts:
        added = parts_of(text)
        size += size_of(text)
        take(Budget.CHARACTERS, size_of(text))
        if size > MAX_TEXT:
            raise TooLarge
        parts.extend(added)
    if len(parts) > MAX_PARTS and sum(isinstance(part, Hole) for part in parts) > MAX_PARTS:
        raise TooLarge
    return join(parts)


def size_of(text: Text) -> int:
    """The characters of a text; a hole counts for some as well."""
    return len(text) if isinstance(text, str) else sum(len(p) if isinstance(p, str) else _HOLE for p in parts_of(text))


def weighed(value: object) -> object:
    """The result of a function, counted by its size."""
    if isinstance(value, (str, Partial)):
        take(Budget.CHARACTERS, size_of(value))
    elif isinstance(value, list):
        take(Budget.STEPS, len(value) // _LOOKED_AT)
    return value


def check_size(value: object) -> object:
    """The value; raises `TooLarge` where it holds more than any template means. What it shares counts again."""
    waiting = [value]
    count = 0
    while waiting:
        one = waiting.pop()
        count += 1
        if count % _LOOKED_AT == 0:
            take(Budget.STEPS)
        if isinstance(one, (dict, list)):
            waiting.extend(one.values() if isinstance(one, dict) else one)
            if count + len(waiting) > MAX_VALUES:
                raise TooLarge
    return value


def texts_in(value: object) -> Iterator[Text]:
    """All texts in a value that stands there as data, but for the names of its members."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (dict, list)):
            waiting.extend(one.values() if isinstance(one, dict) else one)
        elif isinstance(one, (str, Hole, Partial)):
            yield one


def kind_of(literals: Iterable[object]) -> Kind:
    """The narrowest kind that all the literals are of."""
    given = list(literals)
    texts = [one for one in given if isinstance(one, str)]
    if texts and len(texts) == len(given):
        for kind, pattern in KINDS:
            if all(pattern.fullmatch(text) for text in texts):
                return kind
    return Kind.ANY


def same(first: object, second: object) -> Truth:
    """Whether two values are equal, as `Fn::Equals` compares them."""
    left, right = text_of(first), text_of(second)
    if left is None or right is None:
        return UNKNOWN
    return names.same(left, right)


def reference(name: str) -> str:
    """How a value that a name stands for reads in a message: the way `Fn::Sub` spells it."""
    return "${" + name + "}"


def brief(expression: object) -> str:
    """An expression on one short line, to name a value that cannot be known."""
    pieces: List[str] = []
    size = 0
    for piece in _pieces(expression, 8):
        pieces.append(piece[:MAX_BRIEF])
        size += len(piece)
        if size > MAX_BRIEF or len(pieces) > MAX_PIECES:
            take(Budget.STEPS, len(pieces))
            # Nobody has read how it goes on, so it is no other expression's equal.
            return f"{''.join(pieces)[:70]}... #{next(_NUMBERS)}"
    take(Budget.STEPS, _NAMING + len(pieces) // 2)
    text = "".join(pieces)
    # The digest keeps different expressions apart that begin alike.
    return text if len(text) <= 80 else f"{text[:70]}... #{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def flat(value: object) -> Iterator[object]:
    """The items of a list, and of the lists in it; anything else is its own only item."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            take(Budget.STEPS, 1 + len(one) // _LOOKED_AT)
            waiting.extend(reversed(one))
        else:
            yield one


def _pieces(expression: object, depth: int) -> Iterator[str]:
    if isinstance(expression, (Mapping, list, tuple)) and depth == 0:
        yield "..."
    elif isinstance(expression, Mapping):
        yield "{"
        own = ((name_of(key), value) for key, value in expression.items() if key not in MARKERS)
        for index, (key, value) in enumerate(own):
            yield f"{', ' if index else ''}{key}: "
            yield from _pieces(value, depth - 1)
        yield "}"
    elif isinstance(expression, (list, tuple)):
        yield "["
        for index, value in enumerate(expression):
            yield ", " if index else ""
            yield from _pieces(value, depth - 1)
        yield "]"
    else:
        yield str(scalar(expression))
