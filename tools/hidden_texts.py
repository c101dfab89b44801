"""Templates as text, in any of the ways in which they are written: JSON, or YAML with both forms and with anchors."""

from __future__ import annotations

import json
import random
import re
from typing import Any, Dict, Optional

import yaml

from ctkms.iac.cloudformation.templates.yaml_loaders import TemplateLoader

_STR, _MAP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"
_SHORT = frozenset(
    "Ref Condition Fn::GetAtt Fn::Sub Fn::Join Fn::If Fn::Select Fn::Split Fn::FindInMap Fn::ImportValue Fn::Equals "
    "Fn::And Fn::Or Fn::Not Fn::Length Fn::ToJsonString".split()
)
# A plain scalar may be something else than text, and what it is depends on who reads it.
_PLAIN = re.compile(r"[A-Za-z/][\w:/.*${}<>-]*")
_WORDS = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")


def as_json(template: Any, rng: random.Random) -> str:
    """The template as JSON."""
    return json.dumps(template, indent=rng.choice((None, 1, 2)))


def as_yaml(template: Any, rng: random.Random) -> str:
    """The template as YAML; what is one object in it is an anchor and its aliases."""
    return str(yaml.serialize(_Nodes(rng).node(template), width=rng.choice((40, 120, 10_000))))


class _Nodes:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._known: Dict[int, yaml.Node] = {}

    def node(self, value: Any) -> yaml.Node:
        if not isinstance(value, (dict, list)):
            return self._scalar(value)
        if id(value) not in self._known:
            self._known[id(value)] = self._collection(value)
        return self._known[id(value)]

    def _collection(self, value: Any) -> yaml.Node:
        if isinstance(value, list):
            return self._sequence(value)
        if len(value) == 1 and self._rng.random() < 0.6:
            ((name, argument),) = value.items()
            short = self._short(name, argument) if name in _SHORT else None
            if short is not None:
                return short
        pairs = [(self._scalar(name), self.node(one)) for name, one in value.items()]
        flow = self._rng.random() < 0.2
        if len(pairs) > 2 and self._rng.random() < 0.1:
            merged = yaml.MappingNode(_MAP, pairs[:2], flow_style=self._rng.random() < 0.5)
            pairs = [(yaml.ScalarNode("tag:yaml.org,2002:merge", "<<"), merged), *pairs[2:]]
        return yaml.MappingNode(_MAP, pairs, flow_style=flow)

    def _sequence(self, value: Any, tag: str = "tag:yaml.org,2002:seq") -> yaml.Node:
        return yaml.SequenceNode(tag, [self.node(one) for one in value], flow_style=self._rng.random() < 0.5)

    def _short(self, name: str, argument: Any) -> Optional[yaml.Node]:
        """`!Sub x`: a tag takes a text or a list."""
        tag = "!" + name.replace("Fn::", "")
        if name == "Fn::GetAtt" and isinstance(argument, list) and self._rng.random() < 0.7:
            return self._scalar(".".join(argument), tag)
        if isinstance(argument, str):
            return self._scalar(argument, tag)
        return self._sequence(argument, tag) if isinstance(argument, list) else None

    def _scalar(self, value: Any, tag: str = "") -> yaml.Node:
        if isinstance(value, bool):
            return yaml.ScalarNode("tag:yaml.org,2002:bool", "true" if value else "false")
        if isinstance(value, int):
            return yaml.ScalarNode("tag:yaml.org,2002:int", str(value))
        style = self._rng.choice(("'", '"', "'", '"', "|", ">"))
        if _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value) and self._rng.random() < 0.5:
            style = ""
        return yaml.ScalarNode(tag or _STR, value, style=style or None)


def read_back(text: str) -> Any:
    """What a template says, without anything worked out."""
    return yaml.load(text, TemplateLoader)  # noqa: S506
