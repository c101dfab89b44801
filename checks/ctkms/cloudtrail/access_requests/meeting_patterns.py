"""A value that several patterns match at once: as short as it can be, and fresh wherever they leave room.

Besides `*` and `?`, patterns here have wildcards that stop at a colon, as those of the ARN operators do, and
one that stops at a slash as well, for names that have none.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.iam.patterns import ACCOUNT, ARN_SECTIONS, matches
from ctkms.unknowns.truth import TRUE

MANY_IN_SECTION, ONE_IN_SECTION, MANY_IN_NAME = "\ue300", "\ue301", "\ue302"
_MANY, _ONE = ("*", MANY_IN_SECTION, MANY_IN_NAME), ("?", ONE_IN_SECTION)
_ANY_ONE = (*_MANY, *_ONE)
_STOPS = {MANY_IN_SECTION: ":", ONE_IN_SECTION: ":", MANY_IN_NAME: ":/"}
FIRST_HOLE = "\uf000"  # how patterns write a hole that the template has as well

_STEP = 10  # of `Budget.COMPARISONS`, for each pattern

Pattern = str
Read = Callable[[Pattern], Pattern]  # a pattern for a condition key as one for the whole value


class Fresh(NamedTuple):
    """What stands where patterns leave room: a character that none of them has, `many` times for any number."""

    character: str
    many: int = 3  # more than one, so that no `?` takes it

    def instead_of(self, pattern: str) -> str:
        """A pattern with that in place of its wildcards."""
        return pattern.translate(_instead(self))


@lru_cache(maxsize=64)
def _instead(fresh: Fresh) -> Dict[int, str]:
    many = dict.fromkeys(map(ord, _MANY), fresh.character * fresh.many)
    return {**many, **dict.fromkeys(map(ord, _ONE), fresh.character)}


def account_in(pattern: Pattern) -> str:
    """The account that an ARN spells out, or ""."""
    sections = _spelled_out(pattern)
    return sections[ACCOUNT] if sections else ""


def common(template: Pattern, patterns: Sequence[Pattern], fresh: Fresh) -> Optional[str]:
    """A short value that the template and all patterns match, with fresh characters if there is room for them.

    None where they never meet. ARNs meet section by section: a value with as many colons as a pattern leaves its
    wildcards none.
    """
    fixed = _spelled_out(template)
    for pattern in patterns:
        # Most patterns name another account.
        for one, other in zip(fixed, _spelled_out(pattern)):
            if one is not other and one and other and one != other:
                return None
    others = tuple([one for one in dict.fromkeys(patterns) if one not in _MANY])
    if any(len(_sections(one)) != ARN_SECTIONS for one in (template, *others)):
        spread = tuple([_spread(one) for one in others])
        value = _by_section(template, spread, fresh) if len(_sections(template)) == ARN_SECTIONS else None
        if value is not None and all(_takes_text(one, value) for one in others):
            return value
        return _meet(template, others, fresh)
    return _by_section(template, others, fresh)


def _spread(pattern: Pattern) -> Pattern:
    """A pattern of few sections as one of six, of which a star takes those that are missing."""
    first, *rest = pattern.split(":")
    missing = ["*"] * (ARN_SECTIONS - 1 - len(rest))
    if not missing or "*" not in pattern:
        return pattern
    return ":".join((*missing, first, *rest) if first.startswith("*") else (first, *rest[:-1], *missing, *rest[-1:]))


def _by_section(template: Pattern, others: Tuple[Pattern, ...], fresh: Fresh) -> Optional[str]:
    apart = [_sections(one) for one in (template, *others)]
    if any(len(one) != ARN_SECTIONS for one in apart):
        return None
    found: List[str] = []
    for first, *rest in zip(*apart):
        as_it_is = not _is_wild(first) and (first in rest or _is_open(first))
        section = first if as_it_is else _meet(first, tuple(dict.fromkeys(rest)), fresh)
        if section is None:
            return None
        found.append(section)
    return ":".join(found)


@lru_cache(maxsize=4096)
def _sections(pattern: Pattern) -> Tuple[Pattern, ...]:
    sections = pattern.split(":", ARN_SECTIONS)
    if len(sections) != ARN_SECTIONS:
        return (pattern,)
    return tuple([one.replace(MANY_IN_SECTION, "*").replace(ONE_IN_SECTION, "?") for one in sections])


@lru_cache(maxsize=4096)
def _spelled_out(pattern: Pattern) -> Tuple[str, ...]:
    """The sections of an ARN pattern, "" for those with wildcards or holes; nothing for what is no ARN."""
    sections = _sections(pattern)
    if len(sections) != ARN_SECTIONS:
        return ()
    return tuple(["" if _is_wild(one) or _is_open(one) else one for one in sections])


def _is_open(section: Pattern) -> bool:
    """Whether there is a hole in it, which may turn out to be what a pattern asks for."""
    return any(one >= FIRST_HOLE for one in section)


def _meet(template: Pattern, patterns: Tuple[Pattern, ...], fresh: Fresh) -> Optional[str]:
    others = [one for one in patterns if one not in _MANY]
    literal = next((one for one in (template, *others) if not _is_wild(one)), None)
    if literal is not None:
        # The one that is spelled out is the value.
        return literal if all(_takes_text(one, literal) for one in (template, *others)) else None
    if not others:
        return _filled(template, fresh)
    # Most often one of them says all that the others do, and more.
    for one in (template, *others):
        value = fresh.instead_of(one)
        if all(one is other or _takes_text(other, value) for other in (template, *others)):
            return value
    found = (_walk((one, *others), fresh) for one in dict.fromkeys(_with_room(template, fresh)))
    return next((value for value in found if value is not None), None)


def _takes_text(pattern: Pattern, text: str) -> bool:
    if not _is_wild(pattern):
        return pattern == text
    if any(one in pattern for one in _STOPS):
        return _walk((pattern, text), Fresh(text)) is not None
    return matches(pattern, text) is TRUE


def _filled(pattern: Pattern, fresh: Fresh) -> str:
    """A value that the pattern matches: something fresh for the first wildcard of any number, and for each of one."""
    first = next((at for at, one in enumerate(pattern) if one in _MANY), len(pattern))
    rest = "".join([one for one in pattern[first + 1 :] if one not in _MANY])
    return fresh.instead_of(pattern[: first + 1] + rest)


def _is_wild(text: str) -> bool:
    return _WILDCARD.search(text) is not None


_WILDCARD = re.compile(f"[{re.escape(''.join(_ANY_ONE))}]")


def _with_room(template: Pattern, fresh: Fresh) -> Iterator[Pattern]:
    """The template with something fresh in all of its wildcards, in the last one, in none."""
    places = [place for place, one in enumerate(template) if one in _MANY]
    for taken in (places, places[-1:], []):
        pieces = [f"{one}{fresh.instead_of(one)}{one}" if place in taken else one for place, one in enumerate(template)]
        yield "".join(pieces)


def _walk(patterns: Tuple[Pattern, ...], fresh: Fresh) -> Optional[str]:
    start = tuple(0 for _ in patterns)
    before: Dict[Tuple[int, ...], Optional[Tuple[Tuple[int, ...], str]]] = {start: None}
    waiting = deque((start,))
    end = tuple(map(len, patterns))
    while waiting and spend(Budget.COMPARISONS, _STEP * len(patterns)):
        at = waiting.popleft()
        if at == end:
            return _told(before, at)
        for step, character in _steps(patterns, at, fresh):
            if step not in before:
                before[step] = at, character
                waiting.appendleft(step) if not character else waiting.append(step)
    return None


def _told(before: Mapping[Tuple[int, ...], Optional[Tuple[Tuple[int, ...], str]]], at: Tuple[int, ...]) -> str:
    characters: List[str] = []
    came = before[at]
    while came is not None:
        at, character = came
        characters.append(character)
        came = before[at]
    return "".join(reversed(characters))


def _steps(patterns: Tuple[Pattern, ...], at: Tuple[int, ...], fresh: Fresh) -> Iterator[Tuple[Tuple[int, ...], str]]:
    """Where one can go on from some positions: past a wildcard without a character, or with one in all patterns."""
    here = [pattern[place : place + 1] for pattern, place in zip(patterns, at)]
    for number, one in enumerate(here):
        if one in _MANY:
            yield (*at[:number], at[number] + 1, *at[number + 1 :]), ""
    if all(here):
        character = next((one for one in here if one not in _ANY_ONE), fresh.character)
        if all(one == character or _takes(one, character) for one in here):
            yield tuple([place + (one not in _MANY) for place, one in zip(at, here)]), character


def _takes(wildcard: str, character: str) -> bool:
    return wildcard in _ANY_ONE and character not in _STOPS.get(wildcard, "")


def plainly(pattern: Pattern) -> Pattern:
    """A pattern for the whole value."""
    return pattern
