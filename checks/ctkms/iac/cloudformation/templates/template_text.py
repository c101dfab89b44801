"""From the text of a file to the template in it, as its author wrote it: YAML or JSON, nothing rendered.

Aliases make a few lines of YAML stand for any number of values (CloudFormation itself takes none), and
numbers of many digits take Python long. Neither is in a template that somebody could deploy.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

import yaml

from ctkms.budgets import TooLarge
from ctkms.iac.cloudformation.templates.serverless import service_template

MAX_VALUES = 200_000  # that a template may stand for
MAX_MARKS = 40_000  # of YAML's structure, and one more for every so many characters: reading each takes long
_PER_MARK = 8
_MARK = re.compile(r"[,\[{\n]|: |- ")
MAX_MERGED = 10_000  # members that one mapping may take from others by `<<`
MAX_DIGITS = 50  # a number of more is taken as text, which is what CloudFormation makes of a number anyway


@dataclass(frozen=True)
class Unread:
    """What could be a template and was not read, and why."""

    why: str


_LARGE = Unread("it is too large to work out")


class TemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short forms: `!Sub x` is `{"Fn::Sub": x}`."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Write out what is merged: a member of its own counts, else that of the first mapping which has it.

        PyYAML itself takes the first or the last one, as its version has it. Mappings may merge each other.
        https://yaml.org/type/merge.html
        """
        given, node.value = node.value, []
        own: List[Tuple[yaml.Node, yaml.Node]] = []
        merged: Dict[Any, Tuple[yaml.Node, yaml.Node]] = {}
        for key, value in given:
            if key.tag != "tag:yaml.org,2002:merge":
                own.append((key, value))
                continue
            for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(one, yaml.MappingNode):
                    raise yaml.constructor.ConstructorError(None, None, "merged is a mapping", one.start_mark)
                self.flatten_mapping(one)
                for pair in one.value:
                    name = (pair[0].tag, pair[0].value) if isinstance(pair[0], yaml.ScalarNode) else id(pair[0])
                    merged.setdefault(name, pair)
        if len(merged) > MAX_MERGED:
            raise TooLarge
        node.value = [*merged.values(), *own]


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> Dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _number(kind: str) -> Any:
    read = yaml.SafeLoader.yaml_constructors[f"tag:yaml.org,2002:{kind}"]

    def number(loader: Any, node: yaml.ScalarNode) -> Any:
        return read(loader, node) if len(node.value) <= MAX_DIGITS else loader.construct_scalar(node)

    return number


TemplateLoader.add_multi_constructor("!", _short_form)
for _kind in ("int", "float"):
    TemplateLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _number(_kind))


def read_template(text: str) -> Any:
    """The template that a text holds, not rendered; None when it is none, `Unread` when it is too large."""
    try:
        content = _content(text)
        return content if _stands_for(content, {}) <= MAX_VALUES else _LARGE
    except TooLarge:
        return _LARGE
    except (ValueError, OverflowError, yaml.YAMLError, RecursionError):
        return None


def _content(text: str) -> Any:
    try:
        return json.loads(text, parse_int=_json_number)
    except ValueError:  # YAML, or JSON with a comma too many, which Checkov takes
        pass
    allowed = MAX_MARKS + len(text) // _PER_MARK
    if any(position > allowed for position, _ in enumerate(_MARK.finditer(text))):
        raise TooLarge
    return yaml.load(text, TemplateLoader)  # noqa: S506


def read_json(text: str) -> Any:
    """The value that a JSON text holds; None when it is none."""
    try:
        return json.loads(text, parse_int=_json_number)
    except (ValueError, RecursionError):
        return None


def _json_number(digits: str) -> Any:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _stands_for(value: Any, known: Dict[int, int]) -> int:
    """How many values there are, an alias counted as often as it is used; without end for one within itself."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        known[id(value)] = MAX_VALUES + 1
        items = value if isinstance(value, list) else value.values()
        known[id(value)] = min(1 + sum(_stands_for(item, known) for item in items), MAX_VALUES + 1)
    return known[id(value)]


def read_service(text: str) -> Any:
    """The template in a file of the Serverless Framework; None when there is none."""
    service = read_template(text)
    return service if isinstance(service, Unread) else service_template(service)
