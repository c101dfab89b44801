"""Whether two texts may be the same, of which the code fixes only parts: names, ids, values that are compared."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Mapping, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.unknowns.text import Hole, Kind, Part, Text, holes_in, parts_of
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

# What a literal looks like that is of a kind, from the narrowest to the widest.
KINDS: Tuple[Tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.ACCOUNT, re.compile(r"\d{12}")),
    (Kind.REGION, re.compile(r"[a-z]{2}(-[a-z]+)+-\d")),
    (Kind.PARTITION, re.compile(r"aws(-[a-z]+)*")),
    (Kind.SUFFIX, re.compile(r"amazonaws\.[a-z.]+")),
    (Kind.NAME, re.compile(r"[\w.-]+", re.ASCII)),
)
# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
_KEY_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-fA-F]{32}")
_KEY_IDS = (Kind.KEY_ID, Kind.SOME_KEY_ID)
_PATTERNS: Mapping[Kind, re.Pattern[str]] = {**dict(KINDS), **dict.fromkeys(_KEY_IDS, _KEY_ID)}
_LONGEST = 100  # characters that a hole of such a kind may stand for
_LOOKED_AT = 4  # places that are looked at in the time of one step


def same(left: Text, right: Text) -> Truth:
    """Whether two texts are equal: TRUE or FALSE where that holds whatever their holes turn out to be."""
    if left == right:
        return TRUE
    if isinstance(left, str) and isinstance(right, str):
        return FALSE
    one, other = _without_common_ends(left, right)
    if _clash(one, other):
        return FALSE
    for literal, text in ((one, other), (other, one)):
        if _are_literals(literal):
            return UNKNOWN if _may_read(text, "".join(map(str, literal))) else FALSE
    return UNKNOWN


def may_be_same(left: Text, right: Text) -> bool:
    """Whether two names of things that are made can be equal: then a made-up name is no other one in the code."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    for key, name in ((left, right), (right, left)):
        if isinstance(key, Hole) and key.kind in _KEY_IDS:
            return key == name or _may_be_key(key, name)
    if same(left, right) is not UNKNOWN:
        return left == right
    rest = (part for parts in _without_common_ends(left, right) for part in parts)
    return any(isinstance(part, Hole) and part.kind is not Kind.NAME for part in rest)


def mentions(text: Text, key: Text) -> bool:
    """Whether an open value is worked out of the id of a key, among others."""
    if not isinstance(key, Hole) or key.kind not in _KEY_IDS:
        return False
    return any(re.search(rf"(?<![\w.-]){re.escape(key.source)}(?!\w)", hole.source) for hole in holes_in(text))


def may_be_chosen(text: Text, key: Text) -> bool:
    """Whether an open value comes from the id of a key, or from those of all instances of its block."""
    if isinstance(text, Hole) and text.kind is Kind.SOME_KEY_ID:
        return may_be_same(text, key)
    return mentions(text, key)


def _may_be_key(key: Hole, other: Text) -> bool:
    """Whether another text may be the id of a key of the code."""
    if isinstance(other, str):
        return _KEY_ID.fullmatch(other) is not None
    if not isinstance(other, Hole):
        return any(part.kind is Kind.ANY for part in parts_of(other) if isinstance(part, Hole))
    if other.kind not in _KEY_IDS:
        return other.kind is not Kind.NAME
    return Kind.SOME_KEY_ID in (key.kind, other.kind) and _block(key) == _block(other)


def _block(key: Hole) -> Tuple[str, str]:
    """What the address of a key has outside of its indexes: where it differs, they are instances of other blocks."""
    return key.source.partition("[")[0], key.source.rpartition("]")[2]


def _without_common_ends(left: Text, right: Text) -> Tuple[List[Part], List[Part]]:
    """What is left of two texts without the parts that both have at an end."""
    one, other = list(parts_of(left)), list(parts_of(right))
    for end in (0, -1):
        while one and other and one[end] == other[end]:
            one.pop(end)
            other.pop(end)
    return one, other


def _clash(one: Sequence[Part], other: Sequence[Part]) -> bool:
    """Whether literals differ with which both begin, or end."""
    if not one or not other:
        return False
    begin, end = (one[0], other[0]), (one[-1], other[-1])
    return (_are_literals(begin) and not _starts(*map(str, begin))) or (
        _are_literals(end) and not _starts(*(str(part)[::-1] for part in end))
    )


def _are_literals(parts: Iterable[Part]) -> bool:
    return all(isinstance(part, str) for part in parts)


def _starts(one: str, other: str) -> bool:
    """Whether one of two texts begins with the other."""
    return one.startswith(other) or other.startswith(one)


def _may_read(parts: Sequence[Part], known: str) -> bool:
    """Whether some values of the holes make the parts read like the literal."""
    ends = {0}  # where the parts so far may end
    for part in parts:
        if not ends:
            return False
        if not spend(Budget.STEPS, 1 + len(ends) // _LOOKED_AT):
            return True
        if isinstance(part, str):
            ends = {end + len(part) for end in ends if known.startswith(part, end)}
        elif part.kind in _PATTERNS:
            ends = {end for start in ends for end in _ends(part.kind, known, start)}
        else:
            ends = set(range(min(ends), len(known) + 1))
    return len(known) in ends


def _ends(kind: Kind, text: str, start: int) -> Iterator[int]:
    """Where a value of this kind may end that starts there."""
    pattern = _PATTERNS[kind]
    for end in range(start + 1, min(start + _LONGEST, len(text)) + 1):
        if pattern.fullmatch(text, start, end):
            yield end
