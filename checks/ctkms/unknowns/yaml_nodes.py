"""A text of YAML as a tree of nodes with their places."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

import yaml

from ctkms.budgets import TooLarge
from ctkms.unknowns.source_nodes import Member, Node
from ctkms.unknowns.yaml_text import FastLoader, check_depth

MAX_NODES = 100_000
_MERGE = "tag:yaml.org,2002:merge"
_ANCHOR = re.compile(r"&\S+\s+")


def yaml_node(text: str, loader: Any = FastLoader) -> Optional[Node]:
    """The tree of a document, aliases as what they stand for; None where it cannot be read."""
    try:
        check_depth(text)
        return _Converter(text).node(yaml.compose(text, Loader=loader), 0)
    except (yaml.YAMLError, ValueError, RecursionError, TooLarge):
        return None


class _Converter:
    """From PyYAML's nodes to ours; what an alias stands for is the same node again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: Dict[int, Node] = {}
        self._left = MAX_NODES

    def node(self, given: Optional[yaml.Node], depth: int) -> Node:
        """One node with all that is in it. A short form such as `!Sub x` is an object with the function as its name."""
        if given is None:
            raise ValueError("there is no document")
        if id(given) not in self._known:
            self._take(1)
            plain = self._plain(given, depth)
            if given.tag.startswith("!") and given.tag != "!":
                name = given.tag[1:] if given.tag in ("!Ref", "!Condition") else f"Fn::{given.tag[1:]}"
                plain = Node(plain.start, plain.end, (Member(name, plain.start, plain.start, plain),))
            self._known[id(given)] = plain
        return self._known[id(given)]

    def _plain(self, given: yaml.Node, depth: int) -> Node:
        start, end = self._without_anchor(given.start_mark.index), given.end_mark.index
        if isinstance(given, yaml.MappingNode):
            members: List[Member] = []
            merged: Dict[str, Member] = {}
            for key, value in given.value:
                inner = self.node(value, depth + 1)
                if key.tag == _MERGE:
                    for one in (one for node in inner.items or (inner,) for one in node.members or ()):
                        merged.setdefault(one.name, one)  # of several, the first that has it
                    self._take(len(merged))
                elif isinstance(key, yaml.ScalarNode):
                    members.append(Member(key.value, key.start_mark.index, key.end_mark.index, inner))
            members[:0] = merged.values()
            inside = [one.node.end for one in members if start <= one.node.start <= end]
            return Node(start, _end(given, end, inside), tuple(members))
        if isinstance(given, yaml.SequenceNode):
            items = tuple([self.node(one, depth + 1) for one in given.value])
            return Node(start, _end(given, end, [one.end for one in items if one.end <= end]), items=items)
        if isinstance(given, yaml.ScalarNode) and given.style in (
            "|",
            ">",
        ):  # YAML's own mark is past the empty lines below
            end = start + len(self._text[start:end].rstrip())
        return Node(start, end, text=str(given.value))

    def _take(self, nodes: int) -> None:
        self._left -= nodes
        if self._left < 0:
            raise TooLarge

    def _without_anchor(self, start: int) -> int:
        anchor = _ANCHOR.match(self._text, start)
        return anchor.end() if anchor else start


def _end(given: yaml.CollectionNode, end: int, inside: List[int]) -> int:
    """Where a collection ends: of one in block style YAML's own mark is at the start of whatever comes after it."""
    return end if given.flow_style else max(inside, default=end)
