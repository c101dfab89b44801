"""Reading the templates of Terraform's language: quoted strings, heredocs and template files."""

from __future__ import annotations

from typing import Callable, Dict, List, Match, Optional, Tuple

from ctkms.iac.terraform.syntax import lexer
from ctkms.iac.terraform.syntax.lexer import (
    HEREDOC,
    LOOSE,
    NAME,
    OPERATOR,
    Matcher,
)
from ctkms.iac.terraform.syntax.syntax_tree import (
    Expression,
    Template,
    cut,
)
from ctkms.iac.terraform.syntax.template_pieces import Control, MalformedError, Piece, assemble, dedent
from ctkms.iac.terraform.syntax.token_cursor import Reader, found

_LITERALS: Dict[int, Callable[[str], str]] = {
    lexer.PIECE_LITERAL: str,
    lexer.PIECE_ESCAPED: lambda piece: piece[1:],
    lexer.PIECE_BACKSLASH: lambda piece: lexer.unescape(piece[1:]),
}


class TemplateReader(Reader):
    """Templates hold expressions, and expressions templates: how those are read, a subclass says."""

    def __init__(self, text: str, first_line: int = 1, depth: int = 0) -> None:
        super().__init__(text, first_line, depth)
        self.strings: Dict[str, Template] = {}  # nodes are frozen, so shared

    def expression(self) -> Expression:
        """The expression at the cursor."""
        raise NotImplementedError

    def _loop_variables(self) -> Tuple[Optional[str], str]:
        """`k, v in` or `v in`"""
        key, item = None, self._name()
        if self.token[OPERATOR] == ",":
            self._next()
            key, item = item, self._name()
        if self.token[NAME] != "in":
            raise self._unexpected("in a for expression")
        self._next()
        return key, item

    def _string(self, text: str) -> Template:
        node = self.strings.get(text)
        if node is None:
            node = self.strings[text] = Template((text,) if text else (), f'"{text}"')
        return node

    def _quoted(self, start: int) -> Template:
        """A quoted string with escapes or interpolation."""
        outer = self.match
        pieces = self._pieces(self.token.end(), lexer.QUOTED_PIECE, lexer.PIECE_CLOSE)
        self.match = outer
        self._seek(self.end)
        return assemble(pieces, self._source(start))

    def _heredoc(self, opening: Match[str], start: int) -> Template:
        strip_indentation = opening[HEREDOC].startswith("<<-")
        closing = lexer.heredoc_end(opening[HEREDOC].lstrip("<-").rstrip()).search(self.text, opening.end())
        if closing is None:
            raise MalformedError("a heredoc is not closed", start)
        contents = self.text[opening.end() : closing.start()]
        source = cut(self.text[start : closing.end()])
        inner = self._inside(contents, opening.end())
        inner.room = self.room
        try:
            node = inner.free_template(strip_indentation, source)
        except MalformedError as problem:
            offset = 0 if problem.position is None else problem.position
            raise MalformedError(str(problem), opening.end() + offset) from None
        self.room = inner.room
        self._seek(closing.end())
        return node

    def _inside(self, contents: str, start: int) -> TemplateReader:
        """A reader of the contents of a heredoc, which begin at `start`."""
        return type(self)(contents, self._line(start), self.depth + 1)

    def free_template(self, strip_indentation: bool, source: str) -> Template:
        """The whole text as the contents of a heredoc or a template file."""
        pieces = self._pieces(0, lexer.FREE_PIECE, lexer.PIECE_END)
        return assemble(dedent(pieces) if strip_indentation else pieces, source)

    def _pieces(self, position: int, match: Matcher, closed_by: int) -> List[Piece]:
        """The pieces of a template up to its end; a strip marker takes the blanks of the literal next to it."""
        pieces: List[Piece] = []
        literals: List[str] = []  # of a quoted string, not yet among the pieces
        self._enter()
        quoted = closed_by == lexer.PIECE_CLOSE
        strip = False  # whether blanks are dropped, because a sequence ended with `~}`
        while True:
            piece = found(match(self.text, position))
            kind, position = piece.lastindex, piece.end()
            if kind in _LITERALS:
                literal = _LITERALS[kind](piece[0])
                stripped = literal.lstrip() if strip else literal
                # What follows in a quoted string is part of the same literal; a heredoc's ends with its line.
                strip = strip and quoted and not stripped
                (literals if quoted else pieces).append(stripped)
            elif kind == lexer.PIECE_OPEN:
                literals = _merge(literals, pieces)
                if piece[0].endswith("~") and pieces and isinstance(pieces[-1], str):
                    pieces[-1] = pieces[-1].rstrip()
                pieces.append(self._sequence(piece))
                strip, position = self.token[OPERATOR] == "~}", self.end
            elif kind == closed_by:
                _merge(literals, pieces)
                break
            else:
                raise MalformedError("a string is not closed or has an invalid escape", position)
        self.depth -= 1
        self.end = position
        return pieces

    def _sequence(self, opening: Match[str]) -> Piece:
        """An interpolation or a directive, with its `}`; leaves that token in `token`."""
        self.match = LOOSE
        self._seek(opening.end())
        piece = self._control(opening.start()) if opening[0].startswith("%") else self.expression()
        if self.token[OPERATOR] not in ("}", "~}"):
            raise self._unexpected("in a template")
        self.end = self.token.end()
        return piece

    def _control(self, start: int) -> Control:
        keyword = self._name()
        head: Optional[Expression] = None
        key: Optional[str] = None
        item: Optional[str] = None
        if keyword == "for":
            key, item = self._loop_variables()
        if keyword in ("for", "if"):
            head = self.expression()
        elif keyword not in ("else", "endif", "endfor"):
            raise MalformedError(f"unknown template directive {keyword}", start)
        return Control(keyword, self._source(start), head, key, item)


def _merge(literals: List[str], pieces: List[Piece]) -> List[str]:
    """Literals that meet are one piece; none are left."""
    if literals:
        pieces.append("".join(literals))
    return []
