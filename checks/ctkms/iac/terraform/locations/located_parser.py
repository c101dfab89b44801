"""A second reading of Terraform code that remembers where everything stands.

The evaluator's reading keeps no positions, since hardly any of them is ever asked for. Once somebody
asks, the files of a module are read again by the same grammar, and every node gets its place in a table.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Match, Optional

from ctkms.iac.terraform.modules.module import JSON
from ctkms.iac.terraform.syntax import json_syntax, lexer
from ctkms.iac.terraform.syntax.hcl_parser import FileReader, ParsedFile
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Expression, Template
from ctkms.iac.terraform.syntax.template_reader import TemplateReader
from ctkms.unknowns.source_nodes import Member, Node, Span, json_node


class Places:
    """Where the nodes of syntax trees stand: a block by its head, an expression by its text."""

    def __init__(self) -> None:
        self._spans: Dict[int, Span] = {}  # by the identity of a node
        self._nodes: List[object] = []  # kept, so that no other object gets the identity of one
        self.texts: Dict[str, str] = {}  # of the files

    def note(self, node: object, span: Span) -> None:
        """Remember where a node stands."""
        self._spans[id(node)] = span
        self._nodes.append(node)

    def of(self, node: object) -> Optional[Span]:
        """Where a node stands; None for one that was not read here."""
        return self._spans.get(id(node))

    def text(self, span: Span) -> str:
        """The text that stands there."""
        return self.texts[span.file][span.start : span.end]

    def parse(self, path: str, text: str) -> ParsedFile:
        """Read a file of a module."""
        self.texts[path] = text
        return (
            _parse_json(path, text, self)
            if path.endswith(JSON)
            else _LocatedReader(text, places=self, file=path).file()
        )

    def values(self, path: str, text: str) -> Mapping[str, Expression]:
        """What a file of variables sets."""
        self.texts[path] = text
        if not path.endswith(".json"):
            return _LocatedReader(text, places=self, file=path).file().body.attributes
        node, values = json_node(text), _Values(path, text)
        return {} if node is None else _LocatedJsonReader(self, values).literals(values.of(node))


class _LocatedReader(FileReader):
    """The reader of the grammar; `base` is where its text begins in the file."""

    def __init__(
        self,
        text: str,
        first_line: int = 1,
        depth: int = 0,
        places: Optional[Places] = None,
        file: str = "",
        base: int = 0,
    ) -> None:
        super().__init__(text, first_line, depth)
        self._places = Places() if places is None else places
        self._file = file
        self._base = base

    def _note(self, node: object, start: int, end: int) -> None:
        self._places.note(node, Span(self._file, self._base + start, self._base + end))

    def _inside(self, contents: str, start: int) -> TemplateReader:
        return _LocatedReader(contents, self._line(start), self.depth + 1, self._places, self._file, self._base + start)

    def expression(self) -> Expression:
        """The expression at the cursor."""
        start = self._start()
        node = super().expression()
        self._note(node, start, self.end)
        return node

    def _string(self, text: str) -> Template:
        return Template((text,) if text else (), f'"{text}"')  # one for each place, unlike the evaluator's reading

    def _item_key(self, item: Match[str]) -> Any:
        key = super()._item_key(item)
        if not isinstance(key, str):
            return key
        group = lexer.ITEM_BARE_KEY if item[lexer.ITEM_QUOTED_KEY] is None else lexer.ITEM_QUOTED_KEY
        return self._plain(key, item, group)

    def _item_value(self, item: Match[str]) -> Any:
        value = super()._item_value(item)
        return self._plain(value, item, lexer.ITEM_VALUE) if isinstance(value, str) else value

    def _plain(self, text: str, item: Match[str], group: int) -> Template:
        node = self._string(text)
        quoted = group != lexer.ITEM_BARE_KEY
        self._note(node, item.start(group) - quoted, item.end(group) + quoted)
        return node

    def _body_item(self, attributes: Dict[str, Expression], blocks: List[Block], closed_by: int) -> bool:
        head = lexer.BODY_ITEM(self.text, self.end)
        more = super()._body_item(attributes, blocks, closed_by)
        if head is not None and head.lastindex == lexer.BODY_OPEN:
            start, end = head.start(lexer.BODY_NAME), head.start(lexer.BODY_OPEN)
            self._note(blocks[-1].body, start, start + len(self.text[start:end].rstrip()))
        return more


# The JSON syntax


class _Text(str):
    """A string of its own for each place, so that its identity tells the place."""

    __slots__ = ()


def _parse_json(path: str, text: str, places: Places) -> ParsedFile:
    node = json_node(text)
    if node is None:
        return json_syntax.parse_json_file(text)
    values = _Values(path, text)
    return _LocatedJsonReader(places, values).file(values.of(node))


class _Values:
    """What the nodes of a JSON text stand for, with the place of each list, object and string by its identity."""

    def __init__(self, file: str, text: str) -> None:
        self.text = text
        self._file = file
        self.spans: Dict[int, Span] = {}
        self.heads: Dict[int, Span] = {}  # of objects: the name that they stand under

    def of(self, node: Node) -> Any:
        """The value of a node."""
        value: Any
        if node.members is not None:
            value = json_syntax.JsonObject((member.name, self._member(member)) for member in node.members)
        elif node.items is not None:
            value = [self.of(item) for item in node.items]
        elif self.text[node.start] == '"':
            value = _Text(node.text or "")
        else:
            return json.loads(self.text[node.start : node.end])
        self.spans[id(value)] = Span(self._file, node.start, node.end)
        return value

    def _member(self, member: Member) -> Any:
        value = self.of(member.node)
        for one in value if isinstance(value, list) else [value]:
            self.heads[id(one)] = Span(self._file, member.start, member.end)
        return value


class _LocatedJsonReader(json_syntax.JsonReader):
    """The reader of the JSON syntax."""

    def __init__(self, places: Places, values: _Values) -> None:
        super().__init__(values.text)
        self._places = places
        self._values = values
        places.note(values, Span("", 0, 0))  # kept with all its values, so that their identities stay theirs

    def literals(self, content: Any) -> Mapping[str, Expression]:
        """The members of an object that is no body: nothing is filled in."""
        return {name: self._literal(value) for name, value in content} if isinstance(content, tuple) else {}

    def _expression(self, value: Any) -> Expression:
        return self._noted(super()._expression(value), value)

    def _literal(self, value: Any) -> Expression:
        return self._noted(super()._literal(value), value)

    def _noted(self, node: Expression, value: object) -> Expression:
        if id(value) in self._values.spans:
            self._places.note(node, self._values.spans[id(value)])
        return node

    def _body(self, content: json_syntax.JsonObject) -> Body:
        body = super()._body(content)
        if id(content) in self._values.heads:
            self._places.note(body, self._values.heads[id(content)])
        return body
