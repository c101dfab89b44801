"""How variables of the Serverless Framework are written: `${type(params):address, fallback}`, also within each other.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple, Union

# `${AWS::AccountId}` is none: that one is for `Fn::Sub`. What has neither colon nor parenthesis is none either.
_OPEN = re.compile(r"\$\{(?!(?:AWS|PROP):)(?=[A-Za-z][\w.-]*[:(])")
_BRACE = re.compile(r"\$\{|\}")
_QUOTED = r"""(?<=[,(:])\s*(?:'[^']*'|"(?:[^"\\]|\\.)*")"""
_WITHIN = re.compile(rf"{_QUOTED}|\$\{{|\}}")
_MARK = re.compile(rf"{_QUOTED}|\$\{{|[}}(),]")
_SOURCE = re.compile(r"([A-Za-z][\w.-]*)(?:\((.*)\))?\s*(?::(.*))?", re.DOTALL)
MAX_NESTED = 10  # variables within each other; more are open, as reading each level reads the ones within it again
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})")
_WORDS: Dict[str, object] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Literal:
    """A value that is written out: the last one to fall back to."""

    value: object


@dataclass(frozen=True)
class Source:
    """Where a value comes from. Variables may stand in the parameters and in the address."""

    type: str
    params: Optional[str]
    address: str


@dataclass(frozen=True)
class Variable:
    """A variable within a text: its sources in the order in which they are asked."""

    text: str  # as it is written, with its braces
    sources: Tuple[Union[Literal, Source], ...]  # none where it cannot be read
    after: str  # `\\` or `$` if it stands right after one, which means another thing to each release

    @property
    def name(self) -> str:
        """How it is called: what is within the braces."""
        return self.text[2:-1]


Piece = Union[str, Variable]


def pieces(text: str) -> Tuple[Piece, ...]:
    """The text in parts: what is plain, and the variables that do not stand within others."""
    if "${" not in text:
        return (text,)
    found: List[Piece] = []
    position = 0
    for start, end, depth in _variables(text):
        before = text[position:start]
        after = before[-1:] if before[-1:] in ("\\", "$") else ""
        sources = _sources(text[start + 2 : end - 1]) if depth <= MAX_NESTED else ()
        found += [before, Variable(text[start:end], sources, after)]
        position = end
    found.append(text[position:])
    return tuple(piece for piece in found if piece != "")


def _variables(text: str) -> List[Tuple[int, int, int]]:
    """Where the outermost variables begin and end, and how many stand within each other there."""
    opened: List[Tuple[int, bool]] = []
    outermost: List[Tuple[int, int, int]] = []
    position = 0
    while True:
        within = any(is_variable for _, is_variable in opened[-1:])
        found = (_WITHIN if within else _BRACE).search(text, position)
        if found is None:
            return outermost
        position = found.end()
        if found.group() == "${":
            opened.append((found.start(), _OPEN.match(text, found.start()) is not None))
        elif found.group() == "}" and opened:
            start, is_variable = opened.pop()
            if is_variable:
                depth = 1
                while outermost and outermost[-1][0] > start:
                    depth = max(depth, outermost.pop()[2] + 1)
                outermost.append((start, position, depth))


def _sources(body: str) -> Tuple[Union[Literal, Source], ...]:
    read = [_source(one.strip()) for one in _split(body)]
    return tuple(one for one in read if one is not None) if None not in read else ()


def _split(body: str) -> Iterator[str]:
    """What stands between the commas outside of parentheses, braces and quotes."""
    depth = start = 0
    for found in _MARK.finditer(body):
        mark = found.group()
        if mark in ("${", "("):
            depth += 1
        elif mark in ("}", ")"):
            depth -= 1
        elif mark == "," and depth == 0:
            yield body[start : found.start()]
            start = found.end()
    yield body[start:]


def _source(text: str) -> Union[Literal, Source, None]:
    if text[:1] in ("'", '"') and len(text) > 1 and text[-1] == text[0]:
        return _quoted(text)
    if text in _WORDS:
        return Literal(_WORDS[text])
    if _NUMBER.fullmatch(text):
        return Literal(int(text))
    found = _SOURCE.fullmatch(text)
    if found is None or (found[2] is None and found[3] is None):
        return None
    address = (found[3] or "").strip()
    return None if address[:1] in ("'", '"') else Source(found[1], found[2], address)


def _quoted(text: str) -> Optional[Literal]:
    if text[0] == "'":
        return Literal(text[1:-1]) if "'" not in text[1:-1] else None
    try:
        return Literal(json.loads(text))
    except ValueError:
        return None
