"""Matching a policy's patterns against a request's values, when either may be known in part only.

`matches` answers TRUE when the pattern matches whatever its holes and the value's holes turn out to
be, FALSE when it cannot match, and UNKNOWN otherwise. Two questions settle that:

- *must*: does it match when a hole equals nothing but itself?
- *may*: is there any way to fill the holes so that it matches?

Literals are matched by looking for one literal run after the other, so the time is bounded by
pattern times value; there is no backtracking for hostile patterns to exploit.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Callable, List, Sequence, Tuple, Union

from ctkms.iam.text import Hole, Kind, Partial, Text, holes_in, is_own, is_strange, map_literals, parts_of, split
from ctkms.iam.verdict import FALSE, TRUE, UNKNOWN, Truth, all_of


class Wild(Enum):
    """The two wildcards of IAM."""

    MANY = "*"
    ONE = "?"


# How a resolved policy variable writes a wildcard character that is to be taken literally.
ESCAPED = {"*": "\ue200", "?": "\ue201"}
_LITERAL = {escape: character for character, escape in ESCAPED.items()}

Token = Union[str, Wild, Hole]  # a `str` is a run of literal characters
Pattern = Tuple[Token, ...]


@lru_cache(maxsize=1024)
def _tokens(literal: str) -> Pattern:
    tokens: List[Token] = []
    run = ""
    for character in literal:
        if character not in "*?":
            run += _LITERAL.get(character, character)
            continue
        if run:
            tokens.append(run)
            run = ""
        if not (character == "*" and tokens and tokens[-1] is Wild.MANY):
            tokens.append(Wild(character))
    if run:
        tokens.append(run)
    return tuple(tokens)


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
        return TRUE if _glob(_tokens(pattern), value) else FALSE
    return matches_tokens(pattern_of(pattern, wildcards), value, wildcards, fold)


def matches_tokens(pattern: Pattern, value: Text, wildcards: bool = True, fold: bool = False) -> Truth:
    """`matches` for a pattern in tokens; `wildcards` says whether its holes may turn out to hold some."""
    if fold:
        pattern = tuple(token.casefold() if isinstance(token, str) else token for token in pattern)
        value = map_literals(value, str.casefold)
    if isinstance(value, str) and not any(isinstance(token, Hole) for token in pattern):
        return TRUE if _glob(pattern, value) else FALSE
    if _must(pattern, value):
        return TRUE
    return UNKNOWN if _may(pattern, value, wildcards) else FALSE


def _glob(pattern: Pattern, value: str) -> bool:
    """Literal value, no holes: place the fixed pieces between stars from left to right, each as early as it fits."""
    pieces: List[List[Token]] = [[]]
    for token in pattern:
        if token is Wild.MANY:
            pieces.append([])
        else:
            pieces[-1].append(token)
    if len(pieces) == 1:
        return _fits_at(pieces[0], value, 0) == len(value)
    position = _fits_at(pieces[0], value, 0)
    if position < 0:
        return False
    for piece in pieces[1:-1]:
        position = _find(piece, value, position)
        if position < 0:
            return False
    tail = len(value) - _length(pieces[-1])
    return tail >= position and _fits_at(pieces[-1], value, tail) == len(value)


def _length(piece: Sequence[Token]) -> int:
    return sum(len(token) if isinstance(token, str) else 1 for token in piece)


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


def _find(piece: Sequence[Token], value: str, start: int) -> int:
    """The position behind the first place at or after `start` where `piece` stands, else -1."""
    if not piece:
        return start
    if len(piece) == 1 and isinstance(piece[0], str):
        found = value.find(piece[0], start)
        return found if found < 0 else found + len(piece[0])
    for position in range(start, len(value) - _length(piece) + 1):
        end = _fits_at(piece, value, position)
        if end >= 0:
            return end
    return -1


Atom = Union[str, Hole]  # one character, or one hole


def _atoms(text: Text) -> List[Atom]:
    atoms: List[Atom] = []
    for part in parts_of(text):
        if isinstance(part, Hole):
            atoms.append(part)
        else:
            atoms.extend(part)
    return atoms


def _must(pattern: Pattern, value: Text) -> bool:
    """Whether the pattern matches when every hole equals nothing but itself; only `*` covers a hole of the value."""
    wanted: List[Union[Atom, Wild]] = []
    for token in pattern:
        if isinstance(token, str):
            wanted.extend(token)
        else:
            wanted.append(token)
    given = _atoms(value)
    # The usual two-pointer glob: on a mismatch, let the last `*` take one atom more.
    at, position, star, taken = 0, 0, -1, 0
    while position < len(given):
        if at < len(wanted) and wanted[at] is Wild.MANY:
            star, taken = at, position
            at += 1
        elif at < len(wanted) and _same_atom(wanted[at], given[position]):
            at += 1
            position += 1
        elif star >= 0:
            taken += 1
            at, position = star + 1, taken
        else:
            return False
    return all(token is Wild.MANY for token in wanted[at:])


def _same_atom(token: Union[Atom, Wild], atom: Atom) -> bool:
    if token is Wild.ONE:
        return isinstance(atom, str)
    return token == atom


# What characters an unknown value may consist of, by its kind, and whether their number is fixed.
# Own values that the code does not spell out fit every kind.
_Characters = Callable[[str], bool]
_KINDS = {
    Kind.ACCOUNT: ("0123456789", 12),
    Kind.REGION: ("abcdefghijklmnopqrstuvwxyz0123456789-", 0),
    Kind.PARTITION: ("abcdefghijklmnopqrstuvwxyz-", 0),
    Kind.SUFFIX: ("abcdefghijklmnopqrstuvwxyz0123456789-.", 0),
}


def _class_of(kind: Kind, wildcards_too: bool) -> _Characters:
    if kind in _KINDS:
        allowed = frozenset(_KINDS[kind][0])
        return lambda character: character in allowed or is_own(character)
    if kind is Kind.NAME:
        return lambda character: character not in ":*?" and not is_strange(character)
    # An open value in a pattern may itself be a wildcard, and then it covers a stranger's value too.
    return (lambda character: True) if wildcards_too else (lambda character: not is_strange(character))


_Element = Tuple[Union[str, _Characters], bool]  # what one character may be, and whether it repeats


def _elements(tokens: Sequence[Token], wildcards: bool) -> List[_Element]:
    elements: List[_Element] = []
    for token in tokens:
        if isinstance(token, str):
            elements.extend((character, False) for character in token)
        elif isinstance(token, Hole):
            characters = _class_of(token.kind, wildcards)
            count = _KINDS[token.kind][1] if token.kind in _KINDS else 0
            elements.extend([(characters, False)] * count if count else [(characters, True)])
        else:
            elements.append((lambda character: True, token is Wild.MANY))
    return elements


def _overlap(first: Union[str, _Characters], second: Union[str, _Characters]) -> bool:
    if isinstance(first, str):
        return first == second if isinstance(second, str) else second(first)
    return first(second) if isinstance(second, str) else True


def _may(pattern: Pattern, value: Text, wildcards: bool = True) -> bool:
    """Whether some way to fill the holes makes the pattern match: do the two languages meet?

    A walk over pairs of positions, each visited once.
    """
    left = _elements(pattern, wildcards)
    right = _elements(parts_of(value), wildcards=False)
    waiting = [(0, 0)]
    seen = {(0, 0)}
    while waiting:
        i, j = waiting.pop()
        if i == len(left) and j == len(right):
            return True
        steps: List[Tuple[int, int]] = []
        if i < len(left) and left[i][1]:
            steps.append((i + 1, j))
        if j < len(right) and right[j][1]:
            steps.append((i, j + 1))
        if i < len(left) and j < len(right) and _overlap(left[i][0], right[j][0]):
            steps.append((i if left[i][1] else i + 1, j if right[j][1] else j + 1))
        for step in steps:
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return False


ARN_SECTIONS = 6  # arn:partition:service:region:account:resource
PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = range(1, ARN_SECTIONS)


@lru_cache(maxsize=1024)
def arn_sections(arn: Text) -> Tuple[Text, ...]:
    """The six sections of an ARN, or () when the text is none; the last one keeps its colons."""
    sections = split(arn, ":", ARN_SECTIONS - 1)
    return sections if len(sections) == ARN_SECTIONS else ()


def matches_arn(pattern: Text, value: Text) -> Truth:
    """Whether an ARN matches a pattern, section by section: no wildcard reaches over a colon.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    wanted, given = arn_sections(pattern), arn_sections(value)
    if wanted and given:
        by_section = all_of(matches(left, right) for left, right in zip(wanted, given))
        if by_section is not FALSE or not (_open(pattern) or _open(value)):
            return by_section
    elif pattern == "*":
        return TRUE if given else UNKNOWN  # AWS does not say how it compares what is no ARN
    elif isinstance(pattern, str) and "*" not in pattern:
        return FALSE  # the pattern is no ARN and cannot stretch to one
    # An open value may hold colons, and what a shortened ARN such as `arn:aws:s3*` matches is not documented.
    return UNKNOWN if _may(pattern_of(pattern), value) else FALSE


def _open(text: Text) -> bool:
    return any(hole.kind is Kind.ANY for hole in holes_in(text)) if isinstance(text, (Hole, Partial)) else False
