"""Two texts with open parts, walked at once: can they be the same, and are they the same for certain?

Every position of the pattern is one bit of an integer, so that one pass over the value follows all
ways to match at once: the time is the length of the value times the length of the pattern in machine
words, and nothing in the pattern can make it more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, spend
from ctkms.unknowns.text import Hole, Kind, is_own, is_strange


class Wild(Enum):
    """The two wildcards of IAM."""

    MANY = "*"
    ONE = "?"


Token = Union[str, Wild, Hole]  # a `str` is a run of literal characters
Pattern = Tuple[Token, ...]


@dataclass(frozen=True, eq=False)
class Characters:
    """What one character of an open value may be; there are as many of them as this module makes.

    `allowed` are all characters that it may be, or else it may be any but those in `never`. Values
    of the deployer's that the code does not spell out fit every kind, and a stranger's only some.
    """

    allowed: Optional[FrozenSet[str]] = None
    never: FrozenSet[str] = frozenset()
    strange: bool = False

    def has(self, character: str) -> bool:
        """Whether it may be this character."""
        if is_strange(character):
            return self.strange
        if self.allowed is not None:
            return character in self.allowed or is_own(character)
        return character not in self.never

    def meets(self, other: Characters) -> bool:
        """Whether both may be the same character."""
        if self.allowed is not None and other.allowed is not None:
            return not self.allowed.isdisjoint(other.allowed)
        return True


_LOWER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_OF_KIND = {
    Kind.ACCOUNT: Characters(frozenset(_DIGITS)),
    Kind.REGION: Characters(frozenset(_LOWER + _DIGITS + "-")),
    Kind.PARTITION: Characters(frozenset(_LOWER + "-")),
    Kind.SUFFIX: Characters(frozenset(_LOWER + _DIGITS + "-.")),
    Kind.NAME: Characters(never=frozenset(":*?")),
    Kind.ANY: Characters(),
}
_WILDCARDS_TOO = Characters(strange=True)  # an open pattern may itself be a wildcard, and then it covers a stranger's
_ANYTHING = Characters(strange=True)
_ACCOUNT_LENGTH = 12

# A key id is a UUID, or of a multi-Region key `mrk-` and 32 more digits: 36 characters either way.
# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
_KEY_ID_LENGTH = 36
_HEX = frozenset(_DIGITS + "abcdefABCDEF")
_DASHES = (8, 13, 18, 23)
_HEX_OR = {more: Characters(_HEX | set(more)) for more in ("", "m", "r", "k", "-")}
_OF_KEY_ID = tuple(_HEX_OR["mrk-"[at] if at < 4 else "-" if at in _DASHES else ""] for at in range(_KEY_ID_LENGTH))

Character = Union[str, Characters, Hole]  # a `Hole` is the same hole and nothing else
OfKey = Tuple[Hole, int]  # the key, and the place within its id: no other key has the same id
Element = Tuple[Character, bool, Optional[OfKey]]  # what one character may be, whether it repeats, and of which key


def _open_elements(hole: Hole, wildcards: bool) -> List[Tuple[Characters, bool, Optional[OfKey]]]:
    if hole.kind in (Kind.KEY_ID, Kind.SOME_KEY_ID):
        of_one = hole.kind is Kind.KEY_ID
        return [(characters, False, (hole, at) if of_one else None) for at, characters in enumerate(_OF_KEY_ID)]
    if hole.kind is Kind.ACCOUNT:
        return [(_OF_KIND[Kind.ACCOUNT], False, None)] * _ACCOUNT_LENGTH
    return [(_WILDCARDS_TOO if wildcards and hole.kind is Kind.ANY else _OF_KIND[hole.kind], True, None)]


_MAX_KNOWN = 256  # answers that are kept with a pattern


@dataclass(frozen=True)
class Compiled:
    """A pattern as bits: which positions accept which character, and which of them repeat."""

    length: int
    repeats: int
    literals: Dict[str, int]
    classes: Dict[Characters, int]
    keys: Dict[OfKey, int]  # positions within the ids of certain keys
    holes: Dict[Hole, int]  # positions of holes that equal themselves only
    known: Dict[Union[str, Characters], int] = field(default_factory=dict)

    def accepts(self, character: Character) -> int:
        """The positions at which the pattern may go on with this."""
        if isinstance(character, Hole):  # a star covers it, or the same one equals it
            return self.holes.get(character, 0) | self.repeats
        found = self.known.get(character)
        if found is None:
            found = self._with_literal(character) if isinstance(character, str) else self._with_any_of(character)
            if len(self.known) < _MAX_KNOWN:
                self.known[character] = found
        return found

    def of_other_keys(self, of_key: OfKey) -> int:
        """The positions that are at the same place of the id of another key."""
        found = 0
        for other, positions in self.keys.items():
            if other[1] == of_key[1] and other[0] != of_key[0]:
                found |= positions
        return found

    def _with_literal(self, character: str) -> int:
        found = self.literals.get(character, 0)
        for characters, positions in self.classes.items():
            if characters.has(character):
                found |= positions
        return found

    def _with_any_of(self, wanted: Characters) -> int:
        found = 0
        for character, positions in self.literals.items():
            if wanted.has(character):
                found |= positions
        for characters, positions in self.classes.items():
            if wanted.meets(characters):
                found |= positions
        return found


def compiled(pattern: Pattern, wildcards: bool, certain: bool) -> Compiled:
    """The pattern as bits; where the match is to be `certain`, a hole stands for nothing but itself."""
    literals: Dict[str, int] = {}
    classes: Dict[Characters, int] = {}
    keys: Dict[OfKey, int] = {}
    holes: Dict[Hole, int] = {}
    at = repeats = 0
    for token in pattern:
        if isinstance(token, str):
            for character in token:
                literals[character] = literals.get(character, 0) | 1 << at
                at += 1
        elif isinstance(token, Wild):
            classes[_ANYTHING] = classes.get(_ANYTHING, 0) | 1 << at
            repeats |= (token is Wild.MANY) << at
            at += 1
        elif certain:
            if token.kind is not Kind.SOME_KEY_ID:  # of which key, the code does not tell, here or there
                holes[token] = holes.get(token, 0) | 1 << at
            at += 1
        else:
            for characters, repeated, of_key in _open_elements(token, wildcards):
                classes[characters] = classes.get(characters, 0) | 1 << at
                if of_key is not None:
                    keys[of_key] = keys.get(of_key, 0) | 1 << at
                repeats |= repeated << at
                at += 1
    return Compiled(at, repeats, literals, classes, keys, holes)


def value_elements(parts: Tuple[Union[str, Hole], ...], certain: bool) -> Sequence[Element]:
    """A value as the walk takes it, one element after the other."""
    elements: List[Element] = []
    for part in parts:
        if isinstance(part, str):
            elements.extend([(character, False, None) for character in part])
        elif certain:
            elements.append((part, False, None))
        else:
            elements.extend(_open_elements(part, wildcards=False))
    return elements


_WORDS = 1024  # so many positions of a pattern more make a step of the walk dearer by one


def meet(pattern: Compiled, value: Sequence[Element]) -> Optional[bool]:
    """Whether the whole value can be what the whole pattern stands for; None when that costs too much to find out."""
    if not spend(Budget.COMPARISONS, len(value) * (3 + pattern.length // _WORDS)):
        return None
    repeats = pattern.repeats
    known: Mapping[Any, int] = pattern.known
    keys = pattern.keys
    states = 1
    for character, repeated, of_key in value:
        states |= (repeats + (states & repeats)) ^ repeats
        accepted = known.get(character)
        if accepted is None:
            accepted = pattern.accepts(character)
        if keys and of_key is not None:
            accepted &= ~pattern.of_other_keys(of_key)
        if repeated:
            through = accepted | repeats
            states |= (through + (states & through)) ^ through
            continue
        states &= accepted
        states = (states & ~repeats) << 1 | (states & repeats)
        if not states:
            return False
    states |= (repeats + (states & repeats)) ^ repeats
    return bool(states >> pattern.length & 1)
