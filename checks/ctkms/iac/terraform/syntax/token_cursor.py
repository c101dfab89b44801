"""A cursor over the tokens of a text."""

from __future__ import annotations

from typing import Match, Optional

from ctkms.iac.terraform.syntax.lexer import END, LINES, LOOSE, NAME, NEWLINE, OPERATOR, STRING, Matcher
from ctkms.iac.terraform.syntax.syntax_tree import MAX_SOURCE, cut
from ctkms.iac.terraform.syntax.template_pieces import MalformedError

MAX_VALUES = 40_000  # in one text, and one more for every so many characters; of more, `TooLarge` is raised
SHORT_VALUE = 20
MAX_DEPTH = 60  # of blocks, brackets and interpolations; each level takes up to seven frames of the stack


class Reader:
    """Reads token by token.

    `token` is the next token, not yet consumed; `end` is where the last consumed one ended;
    `match` finds the token after it, by the newline rule of the innermost bracket; `room` is how many
    values there may still be.
    """

    def __init__(self, text: str, first_line: int = 1, depth: int = 0) -> None:
        self.text = text
        self.end = 0
        self.depth = depth
        self.match: Matcher = LINES
        self.token: Match[str]
        self.counted = (0, first_line)
        self.room = MAX_VALUES + len(text) // SHORT_VALUE

    def _start(self) -> int:
        """Where the next token begins."""
        kind = self.token.lastindex or 0
        return self.token.start(kind) - (kind == STRING)  # the group of a string has no quote marks

    def _source(self, start: int) -> str:
        """What was consumed since `start`."""
        return cut(self.text[start : min(self.end, start + MAX_SOURCE + 1)])

    def _seek(self, position: int) -> None:
        self.end = position
        self.token = found(self.match(self.text, position))

    def _next(self) -> None:
        self.end = end = self.token.end()
        self.token = found(self.match(self.text, end))

    def _name(self) -> str:
        if self.token.lastindex != NAME:
            raise self._unexpected("where a name is expected")
        name = self.token[NAME]
        self._next()
        return name

    def _expect(self, operator: str) -> None:
        if self.token[OPERATOR] != operator:
            raise self._unexpected(f"where {operator} is expected")
        self._next()

    def _open(self) -> Matcher:
        """Consume a bracket within which newlines mean nothing; returns the rule around it."""
        outer, self.match = self.match, LOOSE
        self._next()
        return outer

    def _close(self, bracket: str, outer: Matcher) -> None:
        if self.token[OPERATOR] != bracket:
            raise self._unexpected(f"where {bracket} is expected")
        self.match = outer
        self._next()

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise MalformedError("nested too deeply", self.end)

    def _unexpected(self, where: str) -> MalformedError:
        kind = self.token.lastindex
        what = "end of line" if kind == NEWLINE else "end of file" if kind == END else repr(self.token[0].strip()[:40])
        return MalformedError(f"unexpected {what} {where}", self.token.start(kind or 0))

    def _line(self, position: int) -> int:
        """The line of a position; counts on from the last one asked for."""
        known, line = self.counted
        if position < known:
            line -= self.text.count("\n", position, known)
        else:
            line += self.text.count("\n", known, position)
        self.counted = (position, line)
        return line


def found(match: Optional[Match[str]]) -> Match[str]:
    """The patterns of the lexer match any text."""
    if match is None:
        raise MalformedError("no token")
    return match
