"""Values of a policy or a request that are known in whole, in part, or not at all.

A literal is a plain `str`. A `Hole` is a value that the code does not fix, and carries its source
text. A `Partial` is a string with holes in it, such as ``arn:aws:iam::${var.account}:root``.
Two holes with the same source are the same value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Iterable, List, Mapping, Sequence, Tuple, Union


class Kind(Enum):
    """What the value of a hole must look like, as far as its type tells; none of the typed ones is ever a wildcard."""

    ANY = "any value"
    ACCOUNT = "an account id"  # 12 digits
    REGION = "a Region name"
    PARTITION = "a partition"
    SUFFIX = "a DNS suffix"  # amazonaws.com and its like
    NAME = "a name"  # made by the provider: no wildcard, no colon
    KEY_ID = "a key id"  # of one KMS key of the code: that of another hole of this kind is another key's
    SOME_KEY_ID = "the id of one of several keys"  # which one, the code does not tell


# Values of these have no upper-case letter, no blank, no `%`, and none of the usual separators but dots and hyphens.
LOWER_CASE = (Kind.ACCOUNT, Kind.REGION, Kind.PARTITION, Kind.SUFFIX)


@dataclass(frozen=True)
class Hole:
    """A value that nobody can know from the code.

    `source` is the reference as its author wrote it (``${var.x}``, ``Fn::ImportValue: Exports``).
    `own` marks the deployer's own account, Region, partition and their like: single values of
    their kind which a literal in the code may equal (see `cloudtrail/identity.py`).
    """

    source: str
    kind: Kind = Kind.ANY
    own: bool = False

    def __str__(self) -> str:
        return self.source

    def __hash__(self) -> int:
        return hash(self.source)


Part = Union[str, Hole]


@dataclass(frozen=True)
class Partial:
    """A string of at least two parts, at least one of them a hole; adjacent literals are merged (`join` does so)."""

    parts: Tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


Text = Union[str, Hole, Partial]


def parts_of(text: Text) -> Tuple[Part, ...]:
    """The parts of any text, in order."""
    return text.parts if isinstance(text, Partial) else (text,)


def join(texts: Iterable[Text]) -> Text:
    """One text after the other; a plain `str` when no hole is among them, a `Hole` when it stands alone."""
    merged: List[Part] = []
    literals: List[str] = []  # since the last hole
    for text in texts:
        for part in parts_of(text):
            if isinstance(part, str):
                literals.append(part)
            else:
                merged += ["".join(literals), part]
                literals.clear()
    merged.append("".join(literals))
    return _of_parts(merged)


def holes_in(text: Text) -> Tuple[Hole, ...]:
    """The holes of a text, in order, each as often as it stands there."""
    if isinstance(text, str):
        return ()
    return tuple(part for part in parts_of(text) if isinstance(part, Hole))


def fill(text: Text, values: Mapping[Hole, Text]) -> Text:
    """The text with every hole that `values` names replaced by its value."""
    if isinstance(text, str) or not any(isinstance(part, Hole) and part in values for part in parts_of(text)):
        return text
    return join(values.get(part, part) if isinstance(part, Hole) else part for part in parts_of(text))


def split(text: Text, separator: str, limit: int = -1) -> Tuple[Text, ...]:
    """Like `str.split` on the literal parts; a hole is taken not to hold the separator, though one of any value may."""
    if isinstance(text, str):
        return tuple(text.split(separator, limit))
    pieces: List[List[Part]] = [[]]
    for part in parts_of(text):
        if isinstance(part, Hole):
            pieces[-1].append(part)
            continue
        left = -1 if limit < 0 else limit - (len(pieces) - 1)
        first, *rest = part.split(separator, left) if left else [part]
        pieces[-1].append(first)
        pieces.extend([piece] for piece in rest)
    return tuple([piece[0] if len(piece) == 1 else _of_parts(piece) for piece in pieces])


def _of_parts(parts: Sequence[Part]) -> Text:
    """The text of parts of which no two literals stand side by side."""
    left = tuple([part for part in parts if part])
    return Partial(left) if len(left) > 1 else left[0] if left else ""


def map_literals(text: Text, change: Callable[[str], str]) -> Text:
    """The text with `change` applied to its literal parts, such as a change of case."""
    if isinstance(text, str):
        return change(text)
    return join(part if isinstance(part, Hole) else change(part) for part in parts_of(text))


@dataclass(frozen=True)
class Maybe(Hole):
    """A value that may be null, or else looks like `each`: what an expression gives that takes the only element."""

    each: Any = field(default=None, hash=False)


# The deployer's own identity. One value each, whatever reference names it; `data.aws_caller_identity`
# of a second provider gets a hole of its own, with `own` set as well.
OWN_ACCOUNT = Hole("<this account>", Kind.ACCOUNT, own=True)
OWN_REGION = Hole("<this Region>", Kind.REGION, own=True)
OWN_PARTITION = Hole("<this partition>", Kind.PARTITION, own=True)
OWN_SUFFIX = Hole("<this DNS suffix>", Kind.SUFFIX, own=True)
# The management account of the organization: an own value too, since it may be this account or any other.
MANAGEMENT_ACCOUNT = Hole("<the management account>", Kind.ACCOUNT, own=True)

# Private-use characters stand for values that no code names. A value made of STRANGE characters is the
# choice of a stranger: it equals nothing that the code fixes, nor any value that it leaves open. A
# value made of OWN characters is the deployer's own but not spelled out: it equals no literal, though
# an open value may turn out to be it. `readable` says them in words.
STRANGE = {"account": "\ue000", "name": "\ue001", "organization": "\ue002", "value": "\ue003"}
OWN = {
    Kind.ACCOUNT: "\ue100",
    Kind.REGION: "\ue101",
    Kind.PARTITION: "\ue102",
    Kind.SUFFIX: "\ue103",
    Kind.NAME: "\ue104",
    Kind.ANY: "\ue105",
}
MANAGEMENT = "\ue110"  # likewise, of the management account
_IN_WORDS = {
    **{character: f"<another {what}>" for what, character in STRANGE.items()},
    OWN[Kind.ACCOUNT]: "<this account>",
    MANAGEMENT: "<the management account>",
    OWN[Kind.REGION]: "<this Region>",
    OWN[Kind.PARTITION]: "<this partition>",
    OWN[Kind.SUFFIX]: "<this DNS suffix>",
    OWN[Kind.NAME]: "<name>",
    OWN[Kind.ANY]: "<value>",
}
_PLACEHOLDERS = re.compile("([\ue000-\ue1ff])\\1*")


def readable(text: object) -> str:
    """The text with placeholder characters said in words, for messages."""
    said = str(text)
    if said.isascii():
        return said
    return _PLACEHOLDERS.sub(lambda found: _IN_WORDS.get(found.group(1), "<value>"), said)


def is_strange(character: str) -> bool:
    """Whether the character belongs to a stranger's value."""
    return "\ue000" <= character <= "\ue0ff"


def is_own(character: str) -> bool:
    """Whether the character belongs to an own value that the code does not spell out."""
    return "\ue100" <= character <= "\ue1ff"


@dataclass(frozen=True)
class Rest:
    """A list element that stands for any number of further elements, none of them known.

    `each` is what every one of them looks like, where that is told: a value with holes, each of which may be another
    value in each element. Of the roles that a data source finds it is the ARN of some role of the account.
    """

    hole: Hole
    each: Any = field(default=None, hash=False)

    @property
    def like(self) -> Text:
        """Any one of the elements as a text; the hole, of which nothing is known, where no text is told."""
        return self.each if isinstance(self.each, (str, Hole, Partial)) else self.hole

    @property
    def holes(self) -> Tuple[Hole, ...]:
        """What is open about it: what may be another value in each element, or all of it."""
        return tuple(hole for hole in holes_in(self.like) if not hole.own) or (self.hole,)
