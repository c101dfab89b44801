"""From the pieces of a template, in reading order, to its tree.

Strip markers have been obeyed when the pieces come here. What is left: a `<<-` heredoc loses its
indentation, and `%{ if }`, `%{ for }` find their ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple, Union

from ctkms.iac.terraform.syntax.syntax_tree import Directive, Expression, Template

MAX_NESTING = 50


class MalformedError(Exception):
    """The text breaks the grammar; `position` is its offset there, None where only the whole is at fault."""

    def __init__(self, message: str, position: Optional[int] = None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Control:
    """What stands between `%{` and `}`: if, else, endif, for or endfor."""

    keyword: str
    source: str
    head: Optional[Expression] = None
    key: Optional[str] = None
    item: Optional[str] = None


Piece = Union[str, Expression, Control]


def dedent(pieces: Sequence[Piece]) -> List[Piece]:
    """The pieces of a `<<-` heredoc without the indentation that all its lines share; blank lines do not count."""
    starts: List[Tuple[int, int]] = []  # where a line starts with text, and by how much it is indented
    margins: List[int] = []
    at_start = True
    for position, piece in enumerate(pieces):
        if at_start:
            indentation = len(piece) - len(piece.lstrip()) if isinstance(piece, str) else 0
            if not (isinstance(piece, str) and piece.endswith("\n") and not piece.strip()):
                margins.append(indentation)
                starts.append((position, indentation))
        at_start = isinstance(piece, str) and piece.endswith("\n")
    margin = min(margins, default=0)
    result = list(pieces)
    for position, _ in starts:
        piece = result[position]
        if isinstance(piece, str):
            result[position] = piece[margin:]
    return result


def assemble(pieces: Sequence[Piece], source: str) -> Template:
    """The template that the pieces make; raises `MalformedError` where a directive does not find its end."""
    levels = [_Level(None)]
    for piece in pieces:
        if not isinstance(piece, Control):
            levels[-1].add(piece)
        elif piece.keyword in ("if", "for"):
            if len(levels) > MAX_NESTING:
                raise MalformedError("directives are nested too deeply")
            levels.append(_Level(piece))
        elif piece.keyword == "else":
            levels[-1].turn()
        else:
            closed = levels.pop()
            if closed.opening is None or piece.keyword != "end" + closed.opening.keyword:
                raise MalformedError(f"unexpected %{{ {piece.keyword} }}")
            levels[-1].add(closed.directive())
    if len(levels) > 1:
        raise MalformedError("a template directive is not closed")
    return Template(levels[0].flush(), source)


class _Level:
    """The parts gathered within one open directive, or at the top."""

    def __init__(self, opening: Optional[Control]) -> None:
        self.opening = opening
        self.parts: List[object] = []
        self.literals: List[str] = []  # that meet at the end, not yet among the parts
        self.first_branch: Optional[Template] = None

    def add(self, part: Union[str, Expression, Directive]) -> None:
        """Append a part; literals that meet become one."""
        if isinstance(part, str):
            self.literals.append(part)
        else:
            self.flush()
            self.parts.append(part)

    def flush(self) -> Tuple[object, ...]:
        """All parts so far."""
        if self.literals:
            self.parts.append("".join(self.literals))
            self.literals = []
        return tuple(self.parts)

    def turn(self) -> None:
        """`%{ else }`: what was gathered is the first branch."""
        if self.opening is None or self.opening.keyword != "if" or self.first_branch is not None:
            raise MalformedError("unexpected %{ else }")
        self.first_branch = Template(self.flush(), "")
        self.parts = []

    def directive(self) -> Directive:
        """The finished directive."""
        opening = self.opening
        if opening is None or opening.head is None:
            raise MalformedError("a template directive has no head")
        gathered = Template(self.flush(), "")
        body, otherwise = (gathered, None) if self.first_branch is None else (self.first_branch, gathered)
        return Directive(opening.keyword, opening.head, body, otherwise, opening.key, opening.item, opening.source)
