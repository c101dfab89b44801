"""Reading the expressions of Terraform's language: operators, references, calls, collections."""

from __future__ import annotations

from decimal import Decimal
from sys import intern  # most strings of a policy recur
from typing import List, Match, Optional, Tuple, Union

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.syntax import lexer
from ctkms.iac.terraform.syntax.lexer import (
    HEREDOC,
    LINES,
    LOOSE,
    NAME,
    NEWLINE,
    NUMBER,
    OPERATOR,
    QUOTE,
    STRING,
    Matcher,
)
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Splat,
    Unary,
    Variable,
)
from ctkms.iac.terraform.syntax.template_pieces import MalformedError
from ctkms.iac.terraform.syntax.template_reader import TemplateReader
from ctkms.iac.terraform.syntax.token_cursor import found

MAX_CHAIN = 200  # operators in a row, steps of one traversal
MAX_DIGITS = 300
MAX_NUMBER = 1e300

_PRECEDENCE = {
    operator: level
    for level, operators in enumerate(("||", "&&", "== !=", "< > <= >=", "+ -", "* / %"), 1)
    for operator in operators.split()
}
_KEYWORDS = {"true": True, "false": False, "null": None}
_ITEM_VARIABLE = Variable("*", "*")


Part = Union[str, Expression]  # of an object: a plain string, or whatever else stands there


class ExpressionReader(TemplateReader):
    """A recursive descent; newlines end an expression unless a bracket is open."""

    def expression(self) -> Expression:
        """A conditional, or anything that binds tighter."""
        self._enter()
        start = self._start()
        node = self._operand()
        if self.token[OPERATOR] in _PRECEDENCE:
            node = self._operations(node, start, 1)
        if self.token[OPERATOR] == "?":
            self._next()
            yes = self.expression()
            self._expect(":")
            node = Conditional(node, yes, self.expression(), self._source(start))
        self.depth -= 1
        return node

    def _operations(self, left: Expression, start: int, lowest: int) -> Expression:
        """Binary operators of at least the precedence `lowest`, all left-associative."""
        for _ in range(MAX_CHAIN):
            operator = self.token[OPERATOR]
            level = _PRECEDENCE.get(operator, 0)
            if level < lowest:
                return left
            self._next()
            right_start = self._start()
            right = self._operand()
            if _PRECEDENCE.get(self.token[OPERATOR], 0) > level:
                right = self._operations(right, right_start, level + 1)
            left = Binary(operator, left, right, self._source(start))
        raise MalformedError("too many operators in a row", start)

    def _operand(self) -> Expression:
        """A primary expression with what follows it: attributes, indexes, splats."""
        self.room -= 1
        if self.room < 0:
            raise TooLarge
        token = self.token
        kind = token.lastindex
        start = self._start()
        node: Expression
        if kind == STRING:
            node = self._string(token[STRING])
            self._next()
        elif kind == NAME:
            node = self._named(token[NAME], start)
        elif kind == OPERATOR:
            node = self._bracketed(token[OPERATOR], start)
        elif kind == NUMBER:
            self._next()
            node = Literal(_number(token[NUMBER], start), token[NUMBER])
        elif kind == QUOTE:
            node = self._quoted(start)
        elif kind == HEREDOC:
            node = self._heredoc(token, start)
        else:
            raise self._unexpected("where a value is expected")
        if self.token[OPERATOR] in (".", "["):
            node = self._steps(node, start)
        return node

    def _bracketed(self, opening: str, start: int) -> Expression:
        if opening == "{":
            return self._object(start)
        if opening == "[":
            return self._list(start)
        if opening == "(":
            outer = self._open()
            node = self.expression()
            self._close(")", outer)
            return node
        if opening in ("-", "!"):
            self._enter()
            self._next()
            operand = self._operand()
            self.depth -= 1
            return Unary(opening, operand, self._source(start))
        raise self._unexpected("where a value is expected")

    def _named(self, name: str, start: int) -> Expression:
        """A keyword, a function call or the root of a traversal."""
        self._next()
        while self.token[OPERATOR] == "::":
            self._next()
            name += "::" + self._name()
        if self.token[OPERATOR] == "(":
            return self._call(name, start)
        if name in _KEYWORDS:
            return Literal(_KEYWORDS[name], name)
        return Variable(name, name)

    def _call(self, name: str, start: int) -> Call:
        outer = self._open()
        arguments: List[Expression] = []
        expand = False
        while self.token[OPERATOR] != ")":
            arguments.append(self.expression())
            if self.token[OPERATOR] == "...":
                expand = True
                self._next()
                break
            if self.token[OPERATOR] != ",":
                break
            self._next()
        self._close(")", outer)
        return Call(self.text, start, self.end, name, tuple(arguments), expand)

    def _steps(self, node: Expression, start: int, splat_item: bool = False) -> Expression:
        """The attributes, indexes and splats after a value; `splat_item` where `.*` has begun, which takes no index."""
        for _ in range(MAX_CHAIN):
            operator = self.token[OPERATOR]
            self.room -= 1
            if operator == ".":
                self._next()
                node = self._dot(node, start)
            elif operator == "[" and not splat_item:
                node = self._index(node, start)
            else:
                return node
        raise MalformedError("too many steps in a row", start)

    def _dot(self, node: Expression, start: int) -> Expression:
        kind = self.token.lastindex
        if kind == NAME:
            name = self._name()
            return Attribute(node, name, self._source(start))
        if kind == NUMBER and self.token[NUMBER].isdigit():
            key = Literal(_number(self.token[NUMBER], start), self.token[NUMBER])
            self._next()
            return Index(node, key, self._source(start))
        self._expect("*")
        return self._splat(node, start, splat_item=True)

    def _index(self, node: Expression, start: int) -> Expression:
        outer = self._open()
        if self.token[OPERATOR] == "*":
            self._next()
            self._close("]", outer)
            return self._splat(node, start, splat_item=False)
        key = self.expression()
        self._close("]", outer)
        return Index(node, key, self._source(start))

    def _splat(self, node: Expression, start: int, splat_item: bool) -> Expression:
        self._enter()
        each = self._steps(_ITEM_VARIABLE, self._start(), splat_item)
        self.depth -= 1
        return Splat(node, each, self._source(start))

    # Collections

    def _list(self, start: int) -> Expression:
        outer = self._open()
        if self.token[NAME] == "for":
            return self._for("]", start, outer)
        items: List[Expression] = []
        while self.token[OPERATOR] != "]":
            items.append(self.expression())
            if self.token[OPERATOR] != ",":
                break
            self._next()
        self._close("]", outer)
        return ListExpr(self.text, start, self.end, tuple(items))

    def _object(self, start: int) -> Expression:
        outer, self.match = self.match, LINES
        first = LOOSE(self.text, self.token.end())
        if first is not None and first[NAME] == "for":
            self.match = LOOSE
            self._seek(first.start(NAME))
            return self._for("}", start, outer)
        keys: List[Part] = []
        values: List[Part] = []
        position = self.token.end()
        while True:
            item = found(lexer.OBJECT_ITEM(self.text, position))
            if item.lastindex == lexer.ITEM_CLOSE:
                break
            keys.append(self._item_key(item))
            values.append(self._item_value(item))
            position = self.end
        self.match = outer
        self._seek(item.end())
        return ObjectExpr(self.text, start, self.end, self._expressions(keys), self._expressions(values))

    def _expressions(self, parts: List[Part]) -> Tuple[Expression, ...]:
        return tuple([self._string(part) if isinstance(part, str) else part for part in parts])

    def _item_key(self, item: Match[str]) -> Part:
        """The key of an item of an object; leaves `end` behind its `=` or `:`."""
        self.end = item.end()
        quoted, bare = item[lexer.ITEM_QUOTED_KEY], item[lexer.ITEM_BARE_KEY]
        plain = bare if quoted is None else quoted
        return self._computed_key(self.end) if plain is None else intern(plain)

    def _item_value(self, item: Match[str]) -> Part:
        """The value of the same item; leaves `end` behind it."""
        plain = item[lexer.ITEM_VALUE]
        if plain is not None:
            return intern(plain)
        self._seek(self.end)
        value = self.expression()
        if self.token.lastindex != NEWLINE and self.token[OPERATOR] not in (",", "}"):
            raise self._unexpected("after an item of an object")
        return value

    def _computed_key(self, position: int) -> Expression:
        """A key in parentheses, with interpolation, or a number; leaves `end` behind the `=` or `:`."""
        self._seek(position)
        key = self.expression()
        if self.token[OPERATOR] not in ("=", ":"):
            raise self._unexpected("after the key of an object")
        self.end = self.token.end()
        return key

    def _for(self, closing: str, start: int, outer: Matcher) -> ForExpr:
        """A for-expression, from its keyword on; `outer` is the newline rule around it."""
        self._next()
        key, item = self._loop_variables()
        collection = self.expression()
        self._expect(":")
        result_key: Optional[Expression] = None
        result = self.expression()
        grouped = False
        if closing == "}":
            result_key = result
            self._expect("=>")
            result = self.expression()
            if self.token[OPERATOR] == "...":
                grouped = True
                self._next()
        condition: Optional[Expression] = None
        if self.token[NAME] == "if":
            self._next()
            condition = self.expression()
        self._close(closing, outer)
        return ForExpr(key, item, collection, result_key, result, condition, grouped, self._source(start))


def _number(digits: str, position: int) -> Union[int, float]:
    if len(digits) > MAX_DIGITS:
        raise MalformedError("a number has too many digits", position)
    approximate = float(digits)
    if approximate > MAX_NUMBER or not approximate.is_integer():
        return approximate
    return int(Decimal(digits))
