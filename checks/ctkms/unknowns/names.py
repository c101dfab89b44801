"""Whether two names that the code does not fix in full may be the same."""

from __future__ import annotations

import re
from typing import List, Tuple

from ctkms.unknowns.text import Hole, Kind, Part, Text, holes_in, parts_of

# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
_KEY_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z|mrk-[0-9a-fA-F]{32}\Z")
_KEY_IDS = (Kind.KEY_ID, Kind.SOME_KEY_ID)


def may_be_same(left: Text, right: Text) -> bool:
    """Whether the names can be equal, whatever their holes turn out to be."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    for key, name in ((left, right), (right, left)):
        if isinstance(key, Hole) and key.kind in _KEY_IDS:
            return key == name or _may_be_key(key, name)
    one, other = list(parts_of(left)), list(parts_of(right))
    _drop_common_start(one, other)
    one.reverse()
    other.reverse()
    _drop_common_start(one, other)
    one.reverse()
    other.reverse()
    rest = (*one, *other)
    if not rest:
        return True
    if all(isinstance(part, str) for part in rest):
        return "".join(map(str, one)) == "".join(map(str, other))
    if one and other and (_clash(one[0], other[0], str.startswith) or _clash(one[-1], other[-1], str.endswith)):
        return False
    # A name that the provider makes up is no other name that stands in the code.
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
        return _KEY_ID.match(other) is not None
    if not isinstance(other, Hole):
        return any(part.kind is Kind.ANY for part in parts_of(other) if isinstance(part, Hole))
    if other.kind not in _KEY_IDS:
        return other.kind is not Kind.NAME
    return Kind.SOME_KEY_ID in (key.kind, other.kind) and _block(key) == _block(other)


def _block(key: Hole) -> Tuple[str, str]:
    """What the address of a key has outside of its indexes: where it differs, they are instances of other blocks."""
    return key.source.partition("[")[0], key.source.rpartition("]")[2]


def _drop_common_start(one: List[Part], other: List[Part]) -> None:
    while one and other and one[0] == other[0]:
        del one[0], other[0]


def _clash(one: Part, other: Part, begins: object) -> bool:
    """Whether two literals differ where both begin, or both end."""
    if not isinstance(one, str) or not isinstance(other, str) or not callable(begins):
        return False
    return not begins(one, other) and not begins(other, one)
