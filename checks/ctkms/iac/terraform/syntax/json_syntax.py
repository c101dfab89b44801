"""Terraform's JSON syntax, read into the same tree as its native one.

https://developer.hashicorp.com/terraform/language/syntax/json

Whether an object is a nested block or a value is for the schema of the resource to say, so it is
kept as both. Strings are templates.
"""

from __future__ import annotations

import json
from typing import Callable, Dict, Iterable, Iterator, List, Tuple

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.syntax.hcl_parser import ParsedFile, Problem, parse_file, parse_template
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Expression, ListExpr, Literal, ObjectExpr, Template, cut
from ctkms.iac.terraform.syntax.token_cursor import MAX_VALUES, SHORT_VALUE

# How many labels the blocks of a file have; of the others nothing is read.
_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "locals": 0}
_COMMENT = "//"
_MAX_TEXT = 300  # of the source of a list or object
_PER_TEMPLATE = 3  # values that are read in the time that a template takes


def parse_json_file(text: str) -> ParsedFile:
    """Read a `.tf.json` file."""
    try:
        return JsonReader(text).file(
            json.loads(text[1:] if text.startswith("\ufeff") else text, object_pairs_hook=JsonObject)
        )
    except ValueError as error:
        return ParsedFile(Body({}, ()), (Problem(getattr(error, "lineno", 1), f"no JSON: {error}"),))
    except RecursionError:
        return ParsedFile(Body({}, ()), (Problem(1, "nested too deeply"),))


class JsonObject(Tuple[Tuple[str, object], ...]):
    """The members of an object, in order: a name may come twice, as a block may."""


def _objects(content: object) -> List[JsonObject]:
    """An object may be given alone or in an array of several."""
    listed = content if isinstance(content, list) else [content]
    return [one for one in listed if isinstance(one, JsonObject)]


class JsonReader:
    """Reads values. Each is an argument and, where it is an object, a block as well; it is read once for both."""

    def __init__(self, text: str) -> None:
        self.room = MAX_VALUES // 2 + len(text) // SHORT_VALUE
        self._expressions: Dict[int, Expression] = {}  # by the identity of the value

    def file(self, content: object) -> ParsedFile:
        """The blocks of a file with this content."""
        return ParsedFile(Body({}, tuple([block for one in _objects(content) for block in self._blocks(one)])))

    def _blocks(self, content: JsonObject) -> Iterator[Block]:
        for type_, inner in content:
            if type_ in _LABELS:
                yield from self._labelled(type_, _LABELS[type_], (), inner)

    def _labelled(self, type_: str, missing: int, labels: Tuple[str, ...], content: object) -> Iterator[Block]:
        for one in _objects(content):
            if not missing:
                yield Block(type_, labels, self._variable(one) if type_ == "variable" else self._body(one))
                continue
            for label, inner in one:
                if label != _COMMENT:
                    yield from self._labelled(type_, missing - 1, (*labels, label), inner)

    def _variable(self, content: JsonObject) -> Body:
        """The type of a variable is an expression in a string, and its default is no expression at all."""
        body = self._body(JsonObject(one for one in content if one[0] != "default"))
        attributes = dict(body.attributes)
        for name, value in content:
            if name == "default":
                attributes[name] = self._literal(value)
            elif name == "type" and isinstance(value, str):
                attributes.update(parse_file(f"type = {value}\n").body.attributes)
        return Body(attributes, body.blocks)

    def _body(self, content: JsonObject) -> Body:
        attributes: Dict[str, Expression] = {}
        blocks: List[Block] = []
        for name, value in content:
            if name == _COMMENT:
                continue
            if name == "dynamic":
                blocks.extend(block for one in _objects(value) for block in self._labelled("dynamic", 1, (), one))
                continue
            attributes[name] = self._expression(value)
            blocks.extend(Block(name, (), self._body(one)) for one in _objects(value))
        return Body(attributes, tuple(blocks))

    def _expression(self, value: object) -> Expression:
        found = self._expressions.get(id(value)) if isinstance(value, (list, JsonObject)) else None
        if found is None:
            self._take(1)
            found = self._template(value) if isinstance(value, str) else self._read(value, self._expression)
            if isinstance(value, (list, JsonObject)):
                self._expressions[id(value)] = found
        return found

    def _literal(self, value: object) -> Expression:
        """A value that is what it is: nothing is filled in."""
        self._take(1)
        return _plain_text(value) if isinstance(value, str) else self._read(value, self._literal)

    def _take(self, values: int) -> None:
        self.room -= values
        if self.room < 0:
            raise TooLarge

    def _read(self, value: object, inner: Callable[[object], Expression]) -> Expression:
        """What is no text; `inner` reads what is in it. What would be a comment in a block is a member of an object."""
        if isinstance(value, list):
            items = tuple(map(inner, value))
            text = _text("[", (item.source for item in items), "]")
            return ListExpr(text, 0, len(text), items)
        if isinstance(value, JsonObject):
            keys, items = tuple(inner(name) for name, _ in value), tuple(inner(item) for _, item in value)
            text = _text("{", (f"{key.source}: {item.source}" for key, item in zip(keys, items)), "}")
            return ObjectExpr(text, 0, len(text), keys, items)
        return Literal(value, json.dumps(value)[:_MAX_TEXT])

    def _template(self, value: str) -> Template:
        if "${" not in value and "%{" not in value:
            return _plain_text(value)
        self._take(_PER_TEMPLATE)
        return parse_template(value)


def _plain_text(value: str) -> Template:
    return Template((value,) if value else (), f'"{cut(value)}"')


def _text(opening: str, items: Iterable[str], closing: str) -> str:
    """The JSON text of a list or object, as far as it is shown."""
    pieces: List[str] = []
    size = 0
    for item in items:
        pieces.append(item)
        size += len(item)
        if size > _MAX_TEXT:
            break
    text = f"{opening}{', '.join(pieces)}{closing}"
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."
