"""Matching a policy's patterns against a request's values, when either may be known in part only.

`matches` answers TRUE when the pattern matches whatever its holes and the value's holes turn out to
be, FALSE when it cannot match, and UNKNOWN otherwise. Two questions settle that:

- *must*: does it match when a hole equals nothing but itself?
- *may*: is there any way to fill the holes so that it matches?

Literals are matched by looking for one literal run after the other, and where that is not enough by
one walk over the value (`walk.py`); there is no backtracking for hostile patterns to exploit. A
comparison for which the budget does not suffice is UNKNOWN.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple, TypeVar, Union

from ctkms.budgets import Budget, spend
from ctkms.iam.walk import Compiled, Element, Pattern, Token, Wild, compiled, meet, value_elements
from ctkms.unknowns.text import Hole, Kind, Part, Text, holes_in, map_literals, parts_of, split
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, all_of

# How a resolved policy variable writes a wildcard character that is to be taken literally.
ESCAPED = {"*": "\ue200", "?": "\ue201"}
_LITERAL = str.maketrans({escape: character for character, escape in ESCAPED.items()})

T = TypeVar("T")

# What a comparison costs besides a walk, in steps of `Budget.COMPARISONS`.
_GLOB, _SECTIONS, _OPEN_ENDS, _OPEN = 16, 20, 24, 80

MAX_CACHED = 512  # characters; what is longer is no name, and would stay in memory for the rest of the scan


def size_of(text: Text) -> int:
    """The number of characters that are known."""
    if isinstance(text, str):
        return len(text)
    return sum([len(part) for part in parts_of(text) if isinstance(part, str)])


def _to_read(text: Text) -> int:
    """What it costs to take a text apart: hardly anything, where that is remembered."""
    size = size_of(text)
    return size >> 4 if size <= MAX_CACHED else 4 * size


def cached_by_text(work: Callable[[Text], T]) -> Callable[[Text], T]:
    """`work`, done once for each of the short texts that come again and again."""
    known = lru_cache(maxsize=4096)(work)
    return lambda text: known(text) if size_of(text) <= MAX_CACHED else work(text)


_WILDCARDS = re.compile(r"(\?|\*+)")


def _read_tokens(literal: Text) -> Pattern:
    pieces = _WILDCARDS.split(str(literal))
    return tuple(
        [Wild(piece[0]) if index % 2 else piece.translate(_LITERAL) for index, piece in enumerate(pieces) if piece]
    )


_tokens = cached_by_text(_read_tokens)


def _read_ends(pattern: Text) -> Tuple[str, str]:
    """What every value that matches the pattern begins and ends with."""
    text = str(pattern)
    before = _WILDCARDS.search(text)
    if before is None:
        return text.translate(_LITERAL), text.translate(_LITERAL)
    behind = text[max(text.rfind("*"), text.rfind("?")) + 1 :]
    return text[: before.start()].translate(_LITERAL), behind.translate(_LITERAL)


_ends = cached_by_text(_read_ends)


def longest_run(pattern: str) -> str:
    """The longest text without a wildcard in the pattern; every value that matches has it somewhere."""
    return max(_WILDCARDS.sub("\n\n", pattern).split("\n\n"), key=len).translate(_LITERAL)


def pattern_of(text: Text, wildcards: bool = True) -> Pattern:
    """The tokens of a text; without `wildcards`, `*` and `?` are ordinary characters."""
    tokens: List[Token] = []
    for part in parts_of(text):
        if isinstance(part, Hole):
            tokens.append(part)
        elif wildcards:
            tokens.extend(_tokens(part))
        elif part:
            tokens.append(part)
    return tuple(tokens)


def matches(pattern: Text, value: Text, wildcards: bool = True, fold: bool = False) -> Truth:
    """Whether the whole value matches the pattern; `fold` ignores case."""
    if isinstance(pattern, str) and isinstance(value, str):
        if fold:
            pattern, value = pattern.casefold(), value.casefold()
        if not wildcards or ("*" not in pattern and "?" not in pattern and pattern.isascii()):
            return TRUE if pattern == value else FALSE
        before, behind = _ends(pattern)
        if not (value.startswith(before) and value.endswith(behind)):
            return FALSE
        return _as_truth(_glob(pattern, value))
    if fold:
        pattern, value = map_literals(pattern, str.casefold), map_literals(value, str.casefold)
    if not spend(Budget.COMPARISONS, _OPEN_ENDS + _to_read(pattern)):
        return UNKNOWN
    return _open_matches(pattern_of(pattern, wildcards), value, wildcards)


def _as_truth(found: Optional[bool]) -> Truth:
    return UNKNOWN if found is None else TRUE if found else FALSE


def _open_matches(pattern: Pattern, value: Text, wildcards: bool) -> Truth:
    parts = parts_of(value)
    if _ends_differ(pattern, parts):
        return FALSE
    if not spend(Budget.COMPARISONS, _OPEN):
        return UNKNOWN
    compared = _compiled(pattern, wildcards, False)
    may = meet(compared, _elements(parts, False))
    if may is False:
        return FALSE
    if may is None or not _same_holes(pattern, parts):
        return UNKNOWN
    must = meet(_compiled(pattern, wildcards, True), _elements(parts, True))
    return TRUE if must else UNKNOWN


def _compiled(pattern: Pattern, wildcards: bool, certain: bool) -> Compiled:
    return (_known if _is_short(pattern) else compiled)(pattern, wildcards, certain)


def _elements(parts: Tuple[Part, ...], certain: bool) -> Sequence[Element]:
    return (_known_elements if _is_short(parts) else value_elements)(parts, certain)


def _is_short(tokens: Sequence[Token]) -> bool:
    return sum([len(token) if isinstance(token, str) else 1 for token in tokens]) <= MAX_CACHED


_known = lru_cache(maxsize=1024)(compiled)
_known_elements = lru_cache(maxsize=256)(value_elements)


def _ends_differ(pattern: Sequence[Token], parts: Sequence[Union[str, Hole]]) -> bool:
    """Whether what is known of the beginnings, or of the ends, settles that they cannot match."""
    if not pattern or not parts:
        return False
    first, given = pattern[0], parts[0]
    if isinstance(first, str) and isinstance(given, str):
        common = min(len(first), len(given))
        if first[:common] != given[:common]:
            return True
    last, given = pattern[-1], parts[-1]
    if isinstance(last, str) and isinstance(given, str) and last and given:
        common = min(len(last), len(given))
        return last[-common:] != given[-common:]
    return False


def _same_holes(pattern: Pattern, parts: Sequence[Union[str, Hole]]) -> bool:
    """Whether a match could be certain: a hole equals itself only, and only a star covers one."""
    wanted = {token for token in pattern if isinstance(token, Hole)}
    given = {part for part in parts if isinstance(part, Hole)}
    return wanted <= given and (wanted == given or Wild.MANY in pattern)


class _Pieces(NamedTuple):
    """A pattern without holes, cut at its stars."""

    first: Pattern
    middle: Tuple[str, ...]
    last: Optional[Pattern]  # None: there is no star
    length: int  # of the last one
    simple: bool  # nothing but literals between the stars


def _read_pieces(pattern: Text) -> _Pieces:
    pieces: List[List[Token]] = [[]]
    for token in _tokens(pattern):
        if token is Wild.MANY:
            pieces.append([])
        else:
            pieces[-1].append(token)
    first, *rest = map(tuple, pieces)
    if not rest:
        return _Pieces(first, (), None, 0, True)
    *between, last = rest
    simple = not any(len(piece) > 1 or Wild.ONE in piece for piece in between)
    middle = tuple(str(token) for piece in between for token in piece) if simple else ()
    return _Pieces(first, middle, last, sum([len(one) if isinstance(one, str) else 1 for one in last]), simple)


_pieces = cached_by_text(_read_pieces)


def _glob(pattern: str, value: str) -> Optional[bool]:
    """Literal value, no holes: place the fixed pieces between stars from left to right, each as early as it fits."""
    if not spend(Budget.COMPARISONS, _GLOB + _to_read(pattern)):
        return None
    pieces = _pieces(pattern)
    position = _fits_at(pieces.first, value, 0)
    if pieces.last is None:
        return position == len(value)
    tail = len(value) - pieces.length
    if position < 0 or tail < position or _fits_at(pieces.last, value, tail) < 0:
        return False
    if not pieces.simple:
        return meet(_compiled(_tokens(pattern), True, True), _elements((value,), True))
    for piece in pieces.middle:
        found = value.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return tail >= position


def _fits_at(piece: Sequence[Token], value: str, position: int) -> int:
    """The position behind `piece` when it stands at `position`, else -1."""
    for token in piece:
        if isinstance(token, str):
            if not value.startswith(token, position):
                return -1
            position += len(token)
        else:
            position += 1
    return position if position <= len(value) else -1


ARN_SECTIONS = 6  # arn:partition:service:region:account:resource
PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = range(1, ARN_SECTIONS)


def _read_sections(arn: Text) -> Tuple[Text, ...]:
    sections = split(arn, ":", ARN_SECTIONS - 1)
    return sections if len(sections) == ARN_SECTIONS else ()


_sections = cached_by_text(_read_sections)


def arn_sections(arn: Text) -> Tuple[Text, ...]:
    """The six sections of an ARN as it is written, or () when the text is none; the last one keeps its colons.

    An open part is taken to stay within its section; `is_open` says whether it might not.
    """
    return _sections(arn)


def settled_sections(arn: Text) -> Tuple[Text, ...]:
    """The same, but () where an open part of the first five sections might hold a colon.

    One that is a whole section is taken to be no more: further colons would stand in a user's or
    role's name, and there is no such name.
    """
    sections = arn_sections(arn)
    inside = [section for section in sections[:RESOURCE] if not isinstance(section, (str, Hole))]
    return () if any(map(is_open, inside)) else sections


def is_open(text: Text) -> bool:
    """Whether the text has a part that may hold any character, a colon or a slash too."""
    return not isinstance(text, str) and any(hole.kind is Kind.ANY for hole in holes_in(text))


def matches_arn(pattern: Text, value: Text) -> Truth:
    """Whether an ARN matches a pattern, section by section: no wildcard reaches over a colon.

    What AWS makes of a text that is no ARN is not documented.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if isinstance(pattern, str) and isinstance(value, str) and is_arn(value):
        # Most of many patterns differ at a glance; a match by sections is a match of the whole.
        before, behind = _ends(pattern)
        if not (value.startswith(before) and value.endswith(behind)) and is_arn_pattern(pattern):
            return FALSE
    wanted, given = arn_sections(pattern), arn_sections(value)
    if given and given[0] != "arn":
        given = ()
    if not given and isinstance(value, str):
        return UNKNOWN
    if pattern == "*":
        return TRUE if given else UNKNOWN
    if isinstance(pattern, str) and not _may_be_arn(pattern, wanted):
        return UNKNOWN
    if not spend(Budget.COMPARISONS, _SECTIONS + _to_read(pattern)):
        return UNKNOWN
    if wanted and given:
        by_section = all_of(
            # Most sections are the same text, or a star, and need no further comparison.
            TRUE if left == "*" or (left == right and isinstance(left, str)) else matches(left, right)
            for left, right in zip(wanted, given)
        )
        if by_section is TRUE:
            return TRUE if all(map(_stays_in_place, wanted[:RESOURCE], given)) else UNKNOWN
        if not (is_open(pattern) or is_open(value)):
            return by_section
    # An open value may hold colons, and what a shortened ARN such as `arn:aws:s3*` matches is not documented.
    return FALSE if matches(pattern, value) is FALSE else UNKNOWN


def is_arn(text: str) -> bool:
    """Whether a text without open parts is an ARN."""
    return text.startswith("arn:") and text.count(":") >= ARN_SECTIONS - 1


def is_arn_pattern(pattern: str) -> bool:
    """Whether it is a pattern for ARNs, shortened or not, that begins as an ARN does."""
    return pattern.startswith("arn:") and ("*" in pattern or pattern.count(":") >= ARN_SECTIONS - 1)


def _may_be_arn(pattern: str, sections: Tuple[Text, ...]) -> bool:
    return matches(sections[0], "arn") is TRUE if sections else pattern.startswith("arn:") and "*" in pattern


def _stays_in_place(wanted: Text, given: Text) -> bool:
    """Whether a section matches the same way should its open part hold a colon: then what follows moves alike."""
    return wanted == given or not is_open(given)
