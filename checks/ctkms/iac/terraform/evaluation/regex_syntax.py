"""Regular expressions as Terraform reads them, as a tree for `regex_program`.

Terraform has the expressions of RE2, with Perl's order of preference. What is not read here (classes of Unicode,
octal numbers, `\\Q`) makes the expression `Unread`; what RE2 refuses is a `Failure`.
https://developer.hashicorp.com/terraform/language/functions/regex, https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.values import fail

MAX_PATTERN = 1_000  # characters
MAX_REPEAT = 1_000  # RE2's own limit
MAX_DEPTH = 50  # groups within groups


class Unread(Exception):  # noqa: N818 - an outcome that the caller expects
    """The expression has something that is not read here, so its value is open."""


Ranges = Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class CharacterClass:
    """Which characters match: those within one of the ranges, or all others."""

    ranges: Ranges
    negated: bool = False

    def has(self, character: str) -> bool:
        """Whether the character matches."""
        return any(first <= character <= last for first, last in self.ranges) is not self.negated


class Node(NamedTuple):
    """A part of an expression: `name` says what, and `parts` are the parts of that."""

    name: str
    parts: Tuple[Node, ...] = ()
    argument: Any = None
    empty: bool = True  # whether it may match nothing
    repeats: int = 1  # how often numbers in braces repeat something in it


Flags = FrozenSet[str]
_DIGITS: Ranges = (("0", "9"),)
_WORD: Ranges = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_SPACE: Ranges = tuple(zip(" \t\n\f\r", " \t\n\f\r"))
_PERL = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_POSIX = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "ascii": (("\x00", "\x7f"),),
    "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\x00", "\x1f"), ("\x7f", "\x7f")),
    "digit": _DIGITS,
    "graph": (("!", "~"),),
    "lower": (("a", "z"),),
    "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": (("\t", "\r"), (" ", " ")),
    "upper": (("A", "Z"),),
    "word": _WORD,
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
}
_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ASSERTIONS = {"A": "start", "z": "end", "b": "boundary", "B": "no boundary"}
_GROUP = re.compile(r"\((?:\?(?:P?<([^>]*)>|([imsU]*)(?:-([imsU]+))?([:)])))?")
_REPEAT = re.compile(r"(?:[*+?]|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})(\??)")
_POSIX_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_HEX = re.compile(r"x(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))")


def read(pattern: str) -> Tuple[Node, Tuple[Optional[str], ...]]:
    """An expression as a tree, and the names of its groups; a group without a name is None.

    Raises `Failure` where Terraform refuses the expression, and `Unread` where it is not known.
    """
    if len(pattern) > MAX_PATTERN:
        raise Unread
    reader = _Reader(pattern)
    node = reader.alternatives(frozenset(), 0)
    if reader.at < len(pattern):
        return fail("a parenthesis closes no group")
    return _saved(node, 0), tuple(reader.groups)


def _saved(node: Node, group: int) -> Node:
    return _all((Node("save", (), 2 * group), node, Node("save", (), 2 * group + 1)))


def _all(parts: Sequence[Node]) -> Node:
    """One part after the other, without those that have nothing in them."""
    left = tuple(part for part in parts if part.parts or part.name != "all")
    if len(left) == 1:
        return left[0]
    return Node("all", left, None, all(part.empty for part in left), _repeats(left))


def _repeats(parts: Sequence[Node]) -> int:
    return max((part.repeats for part in parts), default=1)


class _Reader:
    """One pass over an expression."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups: List[Optional[str]] = []

    def alternatives(self, flags: Flags, depth: int) -> Node:
        """Up to the end of the group, or of the expression."""
        if depth > MAX_DEPTH:
            raise Unread
        ways: List[Node] = []
        parts: List[Node] = []
        repeated = False  # whether what was read last is a repetition
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            take(Budget.STEPS)
            repetition = _REPEAT.match(self.pattern, self.at)
            if self.pattern[self.at] == "|":
                self.at += 1
                ways.append(_all(parts))
                parts, repeated = [], False
            elif repetition is not None:
                if not parts or repeated:
                    return fail("there is nothing to repeat")
                self.at = repetition.end()
                parts[-1], repeated = _repeated(parts[-1], repetition, flags), True
            else:
                group = _GROUP.match(self.pattern, self.at)
                if group is not None and group[4] == ")":
                    self.at = group.end()
                    flags, repeated = _changed(flags, group), False
                else:
                    parts.append(self.single(flags, depth) if group is None else self.group(group, flags, depth))
                    repeated = False
        ways.append(_all(parts))
        if len(ways) == 1:
            return ways[0]
        return Node("either", tuple(ways), None, any(way.empty for way in ways), _repeats(ways))

    def group(self, group: re.Match[str], flags: Flags, depth: int) -> Node:
        """A group that stands here."""
        self.at = group.end()
        captures = group[4] is None
        number = 0
        if captures:
            if group[1] is None and self.pattern.startswith("?", self.at):
                return fail("RE2 knows no such group")
            if group[1] is not None and not re.fullmatch(r"\w+", group[1], re.ASCII):
                return fail("this is no name of a group")
            self.groups.append(group[1])
            number = len(self.groups)
        inside = self.alternatives(flags if captures else _changed(flags, group), depth + 1)
        if not self.pattern.startswith(")", self.at):
            return fail("a group is not closed")
        self.at += 1
        return _saved(inside, number) if captures else inside

    def single(self, flags: Flags, depth: int) -> Node:
        """A character, a class or an assertion."""
        character = self.pattern[self.at]
        self.at += 1
        if character == "[":
            return _class(self.bracketed(), flags)
        if character == "\\":
            return self.escaped(flags)
        if character == ".":
            return _character(CharacterClass(() if "s" in flags else (("\n", "\n"),), negated=True))
        if character in "^$":
            text, line = ("start", "line start") if character == "^" else ("end", "line end")
            return Node("assert", (), line if "m" in flags else text)
        return _class(CharacterClass(((character, character),)), flags)

    def escaped(self, flags: Flags) -> Node:
        letter = self.pattern[self.at : self.at + 1]
        if letter in _ASSERTIONS and letter:
            self.at += 1
            return Node("assert", (), _ASSERTIONS[letter])
        return _class(self.escape(), flags)

    def escape(self) -> CharacterClass:
        """What an escape stands for, inside of brackets and outside."""
        letter = self.pattern[self.at : self.at + 1]
        number = _HEX.match(self.pattern, self.at)
        self.at = number.end() if number else self.at + 1
        if number is not None:
            code = int(number[1] or number[2], 16)
            return _one(chr(code)) if code <= 0x10FFFF else fail("this is no character")
        if letter.lower() in _PERL and letter:
            return CharacterClass(_PERL[letter.lower()], letter.isupper())
        if letter in _ESCAPES:
            return _one(_ESCAPES[letter])
        if letter in "pPQ01234567" and letter:
            raise Unread
        if not letter or letter.isalnum() or not letter.isascii():
            return fail("RE2 knows no such escape")
        return _one(letter)

    def bracketed(self) -> CharacterClass:
        """A class in brackets, of which the first one was read."""
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        ranges: List[Tuple[str, str]] = []
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                return fail("a class is not closed")
            first = False
            posix = _POSIX_CLASS.match(self.pattern, self.at)
            if posix is not None:
                self.at = posix.end()
                named = _POSIX.get(posix[2]) or fail("RE2 knows no such class")
                ranges += _others(named) if posix[1] else named
                continue
            low = self.member()
            if isinstance(low, str) and re.match(r"-[^\]]", self.pattern[self.at :]):
                self.at += 1
                high = self.member()
                if not isinstance(high, str) or high < low:
                    return fail("this is no range of characters")
                ranges.append((low, high))
            else:
                ranges += [(low, low)] if isinstance(low, str) else low
        self.at += 1
        return CharacterClass(tuple(ranges), negated)

    def member(self) -> Union[str, Ranges]:
        """A character within brackets, or the ranges that an escape stands for."""
        character = self.pattern[self.at]
        self.at += 1
        if character != "\\":
            return character
        found = self.escape()
        if len(found.ranges) == 1 and found.ranges[0][0] == found.ranges[0][1]:
            return found.ranges[0][0]
        return _others(found.ranges) if found.negated else found.ranges


def _one(character: str) -> CharacterClass:
    return CharacterClass(((character, character),))


def _others(ranges: Ranges) -> Ranges:
    """All characters outside of some ranges."""
    found, after = [], 0
    for first, last in sorted(ranges):
        if after < ord(first):
            found.append((chr(after), chr(ord(first) - 1)))
        after = max(after, ord(last) + 1)
    return (*found, (chr(after), "\U0010ffff"))


def _class(found: CharacterClass, flags: Flags) -> Node:
    if "i" not in flags:
        return _character(found)
    if not all(last.isascii() for _, last in found.ranges):
        raise Unread  # Unicode has many letters that are the same but for their case
    letters = {chr(code) for first, last in found.ranges for code in range(ord(first), ord(last) + 1)}
    both = sorted(letters | set(map(str.lower, letters)) | set(map(str.upper, letters)))
    return _character(CharacterClass(tuple(zip(both, both)), found.negated))


def _character(found: CharacterClass) -> Node:
    return Node("class", (), found, empty=False)


def _changed(flags: Flags, group: re.Match[str]) -> Flags:
    return (flags | frozenset(group[2] or "")) - frozenset(group[3] or "")


def _repeated(node: Node, repetition: re.Match[str], flags: Flags) -> Node:
    lazy = bool(repetition[4]) is not ("U" in flags)
    if node == _all(()):
        return node
    if repetition[1] is None:
        return _operated(repetition[0][0], node, lazy)
    low = int(repetition[1][:5])
    high = int(repetition[3][:5]) if repetition[3] else None if repetition[2] else low
    most = low if high is None else high
    if low > most or most * node.repeats > MAX_REPEAT:
        return fail("this is no number of repetitions")
    take(Budget.STEPS, most)
    if high is None:
        made = _all((*(node,) * max(low - 1, 0), _operated("+" if low else "*", node, lazy)))
    else:
        made = _all(())
        for _ in range(high - low):
            made = _operated("?", _all((node, made)), lazy)
        made = _all((*(node,) * low, made))
    return made._replace(repeats=max(most, 1) * node.repeats)


def _operated(operator: str, node: Node, lazy: bool) -> Node:
    if operator == "*" and node.empty:  # RE2 does so to match as Perl does
        return _operated("?", _operated("+", node, lazy), lazy)
    return Node(operator, (node,), lazy, node.empty or operator != "+", node.repeats)
