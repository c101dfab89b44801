"""Whether two names that the code does not fix in full may be the same."""

from __future__ import annotations

from typing import List

from ctkms.iam.text import Hole, Kind, Part, Text, parts_of


def may_be_same(left: Text, right: Text) -> bool:
    """Whether the names can be equal, whatever their holes turn out to be."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
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


def _drop_common_start(one: List[Part], other: List[Part]) -> None:
    while one and other and one[0] == other[0]:
        del one[0], other[0]


def _clash(one: Part, other: Part, begins: object) -> bool:
    """Whether two literals differ where both begin, or both end."""
    if not isinstance(one, str) or not isinstance(other, str) or not callable(begins):
        return False
    return not begins(one, other) and not begins(other, one)
