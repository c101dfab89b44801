"""Terraform's JSON syntax, read into the same tree as its native one.

https://developer.hashicorp.com/terraform/language/syntax/json

Whether an object is a nested block or a value is for the schema of the resource to say, so it is
kept as both. Strings are templates.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ctkms.iac.terraform.language.hcl_parser import ParsedFile, Problem, parse_file, parse_template
from ctkms.iac.terraform.language.syntax import Block, Body, Expression, ListExpr, Literal, ObjectExpr

# How many labels the blocks of a file have; of the others nothing is read.
_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "locals": 0}
_COMMENT = "//"


def parse_json_file(text: str) -> ParsedFile:
    """Read a `.tf.json` file."""
    try:
        content: Any = json.loads(text[1:] if text.startswith("\ufeff") else text)
        blocks = [block for one in _objects(content) for block in _file_blocks(one)]
    except ValueError as error:
        return ParsedFile(Body({}, ()), (Problem(getattr(error, "lineno", 1), f"no JSON: {error}"),))
    except RecursionError:
        return ParsedFile(Body({}, ()), (Problem(1, "nested too deeply"),))
    return ParsedFile(Body({}, tuple(blocks)))


def _file_blocks(content: Mapping[str, Any]) -> Iterator[Block]:
    for type_, inner in content.items():
        if type_ in _LABELS:
            yield from _labelled(type_, _LABELS[type_], (), inner)


def _labelled(type_: str, missing: int, labels: Tuple[str, ...], content: Any) -> Iterator[Block]:
    for one in _objects(content):
        if not missing:
            yield Block(type_, labels, _typed(_body(one), one) if type_ == "variable" else _body(one))
            continue
        for label, inner in one.items():
            if label != _COMMENT:
                yield from _labelled(type_, missing - 1, (*labels, label), inner)


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


def _body(content: Mapping[str, Any]) -> Body:
    attributes: Dict[str, Expression] = {}
    blocks: List[Block] = []
    for name, value in content.items():
        if name == _COMMENT:
            continue
        if name == "dynamic":
            blocks.extend(block for one in _objects(value) for block in _labelled("dynamic", 1, (), one))
            continue
        attributes[name] = _expression(value)
        blocks.extend(Block(name, (), _body(one)) for one in _objects(value))
    return Body(attributes, tuple(blocks))


def _expression(value: Any) -> Expression:
    if isinstance(value, str):
        return parse_template(value)
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ListExpr(text, 0, len(text), tuple(map(_expression, value)))
    if isinstance(value, dict):
        named = {name: item for name, item in value.items() if name != _COMMENT}
        return ObjectExpr(text, 0, len(text), tuple(map(_expression, named)), tuple(map(_expression, named.values())))
    return Literal(value, text)
