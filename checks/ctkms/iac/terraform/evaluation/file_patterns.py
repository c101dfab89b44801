"""Which files a pattern of Terraform's `fileset` names.

https://developer.hashicorp.com/terraform/language/functions/fileset
"""

from __future__ import annotations

import itertools
import posixpath
import re
from typing import Callable, List, Mapping, Optional, Sequence, Set, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.paths import FILE, FOLDER
from ctkms.iac.terraform.evaluation.regex_syntax import CharacterClass
from ctkms.iac.terraform.evaluation.values import fail

Listing = Callable[[str], Optional[Mapping[str, str]]]  # the kinds of what is in a folder, by name; None: not known

MAX_ALTERNATIVES = 50
_MADE_BY_TOOLS = (".git", ".terraform")  # what is in there differs from place to place
_SPECIAL = re.compile(r"[][*?{}\\]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_PER_STEP = 20  # names that are held against a pattern in the time of one step


class NotKnown(Exception):  # noqa: N818 - an outcome that the caller expects
    """A folder cannot be looked into, or the pattern is one that is not read here."""


def files_of(folder: str, pattern: str, listing: Listing) -> List[str]:
    """The files below a folder that the pattern names, by their path from there."""
    if _SPECIAL.search(folder) or posixpath.isabs(folder) or posixpath.isabs(pattern):
        raise NotKnown
    path = posixpath.normpath(posixpath.join(folder, pattern))
    if not pattern or path == ".":
        return []
    walk = _Walk(listing)
    walk.go("", path.split("/"))
    return sorted({posixpath.relpath(one, folder or ".") for one in walk.found})


class _Walk:
    """Goes through the folders that a pattern leads to."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self.found: Set[str] = set()

    def go(self, folder: str, parts: Sequence[str], spelled: bool = True) -> None:
        """Collect the files in a folder that the rest of the pattern names; `spelled` is the way to it."""
        take(Budget.STEPS)
        first, rest = parts[0], parts[1:]
        if first == "**":
            self.go_deeper(folder, rest)
        elif first == "..":
            self.go(f"{folder}../", rest, spelled)
        else:
            globs = [_tokens(one) for one in _alternatives(first)]
            entries = self.entries(folder)
            spelled = spelled and not _SPECIAL.search(first)
            if spelled and rest and first not in entries:
                raise NotKnown  # what makes that folder before Terraform is run may make files in it
            for name, kind in entries.items():
                if any(_matches(glob, name) for glob in globs):
                    self.take(folder, name, kind, rest, spelled)

    def entries(self, folder: str) -> Mapping[str, str]:
        """What is in a folder."""
        found = self._listing(folder or ".")
        if found is None:
            raise NotKnown
        take(Budget.STEPS, len(found) // _PER_STEP)
        return found

    def take(self, folder: str, name: str, kind: str, rest: Sequence[str], spelled: bool) -> None:
        if kind not in (FILE, FOLDER):
            raise NotKnown
        if rest and kind == FOLDER:
            self.go(f"{folder}{name}/", rest, spelled)
        elif not rest and kind == FILE:
            self.found.add(folder + name)

    def go_deeper(self, folder: str, rest: Sequence[str]) -> None:
        """What `**` stands for: this folder, and all below it."""
        if rest:
            self.go(folder, rest, spelled=False)
        for name, kind in self.entries(folder).items():
            if kind == FOLDER and name not in _MADE_BY_TOOLS:
                self.go(f"{folder}{name}/", ("**", *rest))
            elif kind != FILE:
                raise NotKnown
            elif not rest:
                self.found.add(folder + name)


def _alternatives(part: str) -> List[str]:
    """The patterns that a part of a path with braces stands for, each of them without any."""
    braces = _BRACES.findall(part)
    literals = _BRACES.sub("\0", part).split("\0")
    if any("{" in one for one in literals):
        return fail("a brace does not close")
    if re.search(r"[{}\\]", "".join((*literals, *braces))):
        raise NotKnown
    choices = [one.split(",") for one in braces]
    made = itertools.islice(itertools.product(*choices), MAX_ALTERNATIVES + 1)
    globs = ["".join(itertools.chain(*itertools.zip_longest(literals, chosen, fillvalue=""))) for chosen in made]
    if len(globs) > MAX_ALTERNATIVES:
        raise TooLarge
    return globs


_TOKEN = re.compile(r"\[(\^?)([^]\\[-]|[^]\\[-]-[^]\\[-])+\]|[^][]")
_RANGE = re.compile(r"([^]\\[-])(?:-([^]\\[-]))?")
_STAR, _ANY = "*", "?"


def _tokens(glob: str) -> List[Union[str, CharacterClass]]:
    """The characters of a pattern, its stars, and its classes of characters."""
    found: List[Union[str, CharacterClass]] = []
    end = 0
    for token in _TOKEN.finditer(glob):
        if token.start() > end:
            break
        end = token.end()
        ranges = tuple((one[1], one[2] or one[1]) for one in _RANGE.finditer(token[0][1:-1].removeprefix("^")))
        found.append(token[0] if len(token[0]) == 1 else CharacterClass(ranges, bool(token[1])))
    if end < len(glob):
        raise NotKnown
    return found


def _matches(tokens: Sequence[Union[str, CharacterClass]], name: str) -> bool:
    """Whether a name matches; a star that took too little takes one character more, and never less."""
    at, place, star, taken = 0, 0, -1, 0
    while place < len(name):
        if at < len(tokens) and tokens[at] == _STAR:
            star, taken, at = at, place, at + 1
        elif at < len(tokens) and _takes(tokens[at], name[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            taken += 1
            at, place = star + 1, taken
        else:
            return False
    return all(token == _STAR for token in tokens[at:])


def _takes(token: Union[str, CharacterClass], character: str) -> bool:
    return token.has(character) if isinstance(token, CharacterClass) else token in (_ANY, character)
