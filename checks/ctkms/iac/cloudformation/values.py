"""Small questions about values: what text they are, of which kind, and whether two are the same."""

from __future__ import annotations

import re
import zlib
from itertools import islice
from typing import Any, FrozenSet, Iterable, Iterator, List, Mapping, Optional

from ctkms.iac.cloudformation.template import entries, scalar
from ctkms.iam.text import Hole, Kind, Part, Partial, Text, holes_in, join, parts_of
from ctkms.iam.verdict import FALSE, TRUE, UNKNOWN, Truth


class NoValue:
    """What `AWS::NoValue` stands for: the property or list item is not there."""


NO_VALUE = NoValue()

# From the narrowest kind to the widest.
_KINDS = (
    (Kind.ACCOUNT, re.compile(r"\d{12}")),
    (Kind.REGION, re.compile(r"[a-z]{2}(-[a-z]+)+-\d")),
    (Kind.PARTITION, re.compile(r"aws(-[a-z]+)*")),
    (Kind.SUFFIX, re.compile(r"amazonaws\.[a-z.]+")),
    (Kind.NAME, re.compile(r"[\w.-]+", re.ASCII)),
)
# A literal is never taken for a key's own id: only the key itself has that.
_KEY_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")
_PATTERNS = {**dict(_KINDS), Kind.KEY_ID: _KEY_ID, Kind.SOME_KEY_ID: _KEY_ID}

# Separators that no value of a kind contains, so that splitting around such a hole is safe.
_OUTSIDE: Mapping[Kind, FrozenSet[str]] = {
    Kind.ANY: frozenset(),
    Kind.ACCOUNT: frozenset(":/,-._| "),
    Kind.REGION: frozenset(":/,._| "),
    Kind.PARTITION: frozenset(":/,._| "),
    Kind.SUFFIX: frozenset(":/,-_| "),
    Kind.NAME: frozenset(":/,| "),
    Kind.KEY_ID: frozenset(":/,._| "),
    Kind.SOME_KEY_ID: frozenset(":/,._| "),
}

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_DYNAMIC_START = "{{resolve:"


def text_of(value: Any) -> Optional[Text]:
    """The value where a string is called for; None when it is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, Hole, Partial)) else None


def literal(text: Text) -> Text:
    """The text with its dynamic references (Parameter Store, Secrets Manager) taken as unknown."""
    if not any(isinstance(part, str) and _DYNAMIC_START in part for part in parts_of(text)):
        return text
    if not isinstance(text, str):
        return Hole(str(text))  # the reference itself has a hole
    pieces: List[Part] = []
    position = 0
    for found in _DYNAMIC.finditer(text):
        pieces += [text[position : found.start()], Hole(found.group())]
        position = found.end()
    return join([*pieces, text[position:]])


def kind_of(literals: Iterable[Any]) -> Kind:
    """The narrowest kind that all the literals are of."""
    texts = list(literals)
    if texts and all(isinstance(text, str) for text in texts):
        for kind, pattern in _KINDS:
            if all(pattern.fullmatch(text) for text in texts):
                return kind
    return Kind.ANY


def separable(text: Text, separator: str) -> bool:
    """Whether the holes of the text are known not to contain the separator."""
    return all(set(separator) & _OUTSIDE[hole.kind] for hole in holes_in(text))


def same(first: Any, second: Any) -> Truth:
    """Whether two values are equal, as `Fn::Equals` compares them."""
    left, right = text_of(first), text_of(second)
    if left is None or right is None:
        return UNKNOWN
    if left == right:
        return TRUE
    if isinstance(left, str) and isinstance(right, str):
        return FALSE
    if isinstance(left, str) or isinstance(right, str):
        known, other = (left, right) if isinstance(left, str) else (right, left)
        return UNKNOWN if _may_read(other, str(known)) else FALSE
    return UNKNOWN


def _may_read(text: Text, known: str) -> bool:
    """Whether some values of its holes make the text read like the literal."""
    pattern = "".join(re.escape(part) if isinstance(part, str) else _pattern(part) for part in parts_of(text))
    return re.fullmatch(pattern, known, re.DOTALL) is not None


def _pattern(hole: Hole) -> str:
    return f"(?:{_PATTERNS[hole.kind].pattern})" if hole.kind in _PATTERNS else ".*"


def reference(name: str) -> str:
    """How a value that a name stands for reads in a message: the way `Fn::Sub` spells it."""
    return "${" + name + "}"


def brief(expression: Any) -> str:
    """An expression on one short line, to name a value that cannot be known."""
    text = "".join(islice(_pieces(expression, 8), 300))
    # The digest keeps different expressions apart that begin alike.
    return text if len(text) <= 80 else f"{text[:70]}... #{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def flat(value: Any) -> Iterator[Any]:
    """The items of a list, and of the lists in it; anything else is its own only item."""
    if isinstance(value, list):
        for item in value:
            yield from flat(item)
    else:
        yield value


def _pieces(expression: Any, depth: int) -> Iterator[str]:
    if isinstance(expression, (Mapping, list, tuple)) and depth == 0:
        yield "..."
    elif isinstance(expression, Mapping):
        yield "{"
        for index, (key, value) in enumerate(entries(expression).items()):
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
