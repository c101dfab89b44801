"""Terraform's JSON syntax, read into the same tree as its native one.

https://developer.hashicorp.com/terraform/language/syntax/json

Whether an object is a nested block or a value is for the schema of the resource to say, so it is
kept as both. Strings are templates.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Tuple

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
        return JsonReader(text).file(json.loads(text[1:] if text.startswith("\ufeff") else text))
    except ValueError as error:
        return ParsedFile(Body({}, ()), (Problem(getattr(error, "lineno", 1), f"no JSON: {error}"),))
    except RecursionError:
        return ParsedFile(Body({}, ()), (Problem(1, "nested too deeply"),))


def _objects(content: Any) -> List[Mapping[str, Any]]:
    """An object may be given alone or in an array of several."""
    listed = content if isinstance(content, list) else [content]
    return [one for one in listed if isinstance(one, dict)]


def _typed(variable: Body, content: Mapping[str, Any]) -> Body:
    """The type of a variable is an expression in a string."""
    constraint = content.get("type")
    if not isinstance(constraint, str):
        return variable
    return Body({**variable.attributes, **parse_file(f"type = {constraint}\n").body.attributes}, variable.blocks)


class JsonReader:
    """Reads values. Each is an argument and, where it is an object, a block as well; it is read once for both."""

    def __init__(self, text: str) -> None:
        self.room = MAX_VALUES // 2 + len(text) // SHORT_VALUE
        self._expressions: Dict[int, Expression] = {}  # by the identity of the value

    def file(self, content: Any) -> ParsedFile:
        """The blocks of a file with this content."""
        return ParsedFile(Body({}, tuple([block for one in _objects(content) for block in self._blocks(one)])))

    def _blocks(self, content: Mapping[str, Any]) -> Iterator[Block]:
        for type_, inner in content.items():
            if type_ in _LABELS:
                yield from self._labelled(type_, _LABELS[type_], (), inner)

    def _labelled(self, type_: str, missing: int, labels: Tuple[str, ...], content: Any) -> Iterator[Block]:
        for one in _objects(content):
            if not missing:
                body = self._body(one)
                yield Block(type_, labels, _typed(body, one) if type_ == "variable" else body)
                continue
            for label, inner in one.items():
                if label != _COMMENT:
                    yield from self._labelled(type_, missing - 1, (*labels, label), inner)

    def _body(self, content: Mapping[str, Any]) -> Body:
        attributes: Dict[str, Expression] = {}
        blocks: List[Block] = []
        for name, value in content.items():
            if name == _COMMENT:
                continue
            if name == "dynamic":
                blocks.extend(block for one in _objects(value) for block in self._labelled("dynamic", 1, (), one))
                continue
            attributes[name] = self._expression(value)
            blocks.extend(Block(name, (), self._body(one)) for one in _objects(value))
        return Body(attributes, tuple(blocks))

    def _expression(self, value: Any) -> Expression:
        found = self._expressions.get(id(value)) if isinstance(value, (list, dict)) else None
        if found is None:
            self.room -= 1
            if self.room < 0:
                raise TooLarge
            found = self._read(value)
            if isinstance(value, (list, dict)):
                self._expressions[id(value)] = found
        return found

    def _read(self, value: Any) -> Expression:
        if isinstance(value, str):
            if "${" not in value and "%{" not in value:
                return Template((value,) if value else (), f'"{cut(value)}"')
            self.room -= _PER_TEMPLATE
            return parse_template(value)
        if isinstance(value, list):
            items = tuple(map(self._expression, value))
            text = _text("[", (item.source for item in items), "]")
            return ListExpr(text, 0, len(text), items)
        if isinstance(value, dict):
            named = {name: item for name, item in value.items() if name != _COMMENT}
            keys, items = tuple(map(self._read, named)), tuple(map(self._expression, named.values()))
            text = _text("{", (f"{key.source}: {item.source}" for key, item in zip(keys, items)), "}")
            return ObjectExpr(text, 0, len(text), keys, items)
        return Literal(value, json.dumps(value)[:_MAX_TEXT])


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
