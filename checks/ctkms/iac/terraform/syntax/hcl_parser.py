"""Terraform's native syntax, read into the tree of `syntax.py`.

Nothing raises: a block that cannot be read becomes a `Problem`, and reading goes on at the next
line that starts a block. Nesting is limited, so no text can exhaust the stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Match, Tuple

from ctkms.iac.terraform.syntax import lexer
from ctkms.iac.terraform.syntax.expression_parser import ExpressionReader
from ctkms.iac.terraform.syntax.lexer import END, LINES, LOOSE, NEWLINE, OPERATOR
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Broken, Expression, Template, cut
from ctkms.iac.terraform.syntax.template_pieces import MalformedError
from ctkms.iac.terraform.syntax.token_cursor import found

MAX_PROBLEMS = 20  # a text with more is no Terraform; the rest of it is given up
MAX_READ_AGAIN = 200_000  # characters, because they belong to something that was not closed


@dataclass(frozen=True)
class Problem:
    """A place that breaks the grammar; what stands around it was skipped."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True)
class ParsedFile:
    """What could be read of a file, and what could not."""

    body: Body
    problems: Tuple[Problem, ...] = ()


def parse_file(text: str) -> ParsedFile:
    """Read a `.tf` or `.tfvars` file."""
    return _FileReader(text[1:] if text.startswith("\ufeff") else text).file()


def parse_template(text: str) -> Template:
    """Read the contents of a template file; the only part is `Broken` where they are no template."""
    try:
        return ExpressionReader(text).free_template(strip_indentation=False, source=cut(text))
    except (MalformedError, RecursionError) as problem:
        return Template((Broken(str(problem), cut(text)),), cut(text))


class _FileReader(ExpressionReader):
    """Reads bodies: attributes and nested blocks."""

    def file(self) -> ParsedFile:
        """Every block and attribute that can be read."""
        attributes: Dict[str, Expression] = {}
        blocks: List[Block] = []
        problems: List[Problem] = []
        again = 0
        while True:
            start = self.end
            try:
                if not self._body_item(attributes, blocks, closed_by=lexer.BODY_END):
                    break
            except (MalformedError, RecursionError) as problem:
                self.depth = 0
                problems.append(self._problem(problem, start))
                restart = lexer.RESTART.search(self.text, self._after_head(start))
                if restart is None:
                    break
                again += max(self.end - restart.start(), 0)
                if len(problems) == MAX_PROBLEMS or again > MAX_READ_AGAIN:
                    problems.append(Problem(self._line(restart.start()), "too many problems, the rest is not read"))
                    break
                self.end = restart.start()
        return ParsedFile(Body(attributes, tuple(blocks)), tuple(problems))

    def _after_head(self, start: int) -> int:
        """Past the first token of a broken item, so that its own head is not found again."""
        token = LOOSE(self.text, start)
        return max(start, token.end() if token else start) + 1

    def _problem(self, problem: BaseException, start: int) -> Problem:
        if isinstance(problem, MalformedError):
            position = problem.position
            return Problem(self._line(start if position is None else position), str(problem))
        return Problem(self._line(start), "nested too deeply")

    def _body(self) -> Body:
        """A body whose `{` has been consumed, with its `}`."""
        attributes: Dict[str, Expression] = {}
        blocks: List[Block] = []
        self._enter()
        while self._body_item(attributes, blocks, closed_by=lexer.BODY_CLOSE):
            pass
        self.depth -= 1
        return Body(attributes, tuple(blocks))

    def _body_item(self, attributes: Dict[str, Expression], blocks: List[Block], closed_by: int) -> bool:
        """Read one attribute or block; False when the body ends here."""
        head = found(lexer.BODY_ITEM(self.text, self.end))
        kind = head.lastindex
        if kind == lexer.BODY_EQUALS:
            self._attribute(head, attributes)
        elif kind == lexer.BODY_OPEN:
            self.end = head.end()
            line = self._line(head.start(lexer.BODY_NAME))
            labels = lexer.labels(head[lexer.BODY_LABELS])
            blocks.append(Block(head[lexer.BODY_NAME], labels, self._body(), line))
        elif kind == closed_by:
            self.end = head.end()
            return False
        elif kind == lexer.BODY_END:
            raise MalformedError("a block is not closed")
        else:
            raise MalformedError("expected an attribute or a block", head.end())
        return True

    def _attribute(self, head: Match[str], attributes: Dict[str, Expression]) -> None:
        name = head[lexer.BODY_NAME]
        if name in attributes:
            raise MalformedError(f"attribute {name} is set twice", head.start(lexer.BODY_NAME))
        self.match = LINES
        self._seek(head.end())
        attributes[name] = self.expression()
        if self.token.lastindex == NEWLINE:
            self.end = self.token.end()
        elif self.token.lastindex != END and self.token[OPERATOR] != "}":
            raise self._unexpected("after an attribute")
