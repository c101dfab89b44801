"""YAML as CloudFormation reads it, and as the Serverless Framework does: the short forms, and what a plain scalar is.

CloudFormation takes YAML 1.1: `yes` and `on` are true, 0300 is the octal number 192, and 012345678901, which is no
octal number, is a fraction. The framework reads its files by js-yaml, and so YAML 1.2: `yes` is a text, 0300 is 300,
and what looks like a date is a point in time, which it hands to CloudFormation with its hours.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
https://github.com/nodeca/js-yaml
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Dict, List, Mapping, Tuple

import yaml

from ctkms.budgets import TooLarge
from ctkms.unknowns.yaml_text import FastLoader

MAX_MERGED = 10_000  # members that one mapping may take from others by `<<`
MAX_DIGITS = 50  # a number of more is taken as text, which is what CloudFormation makes of a number anyway

_TAG = "tag:yaml.org,2002:"
_AFTER_ZERO = "tag:ctkms:after-zero"
_TYPED = frozenset((*(_TAG + kind for kind in ("bool", "int", "float", "timestamp")), _AFTER_ZERO))

# Where names stand rather than values, and how many items of a list are names.
_NAMES: Mapping[str, int] = {
    "Condition": 0,
    "Ref": 0,
    "DependsOn": 1_000,
    "Fn::If": 1,
    "Fn::FindInMap": 3,
    "Fn::GetAtt": 2,
}

Pair = Tuple[yaml.Node, yaml.Node]


class _Loader(FastLoader):  # type: ignore[misc]
    """YAML with CloudFormation's short forms: `!Sub x` is `{"Fn::Sub": x}`."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Write out what is merged: a member of its own counts, else that of the first mapping which has it.

        PyYAML itself takes the first or the last one, as its version has it. Mappings may merge each other.
        https://yaml.org/type/merge.html
        """
        given, node.value = node.value, []
        own: List[Pair] = []
        merged: Dict[Any, Pair] = {}
        for key, value in given:
            if key.tag != f"{_TAG}merge":
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


class TemplateLoader(_Loader):
    """A template of CloudFormation.

    Names are taken as they are written. CloudFormation takes no name that is a number, and refuses a condition that
    is a boolean to YAML or finds it by that name; either way `Condition: Yes` means none but the condition `Yes`.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Write out what is merged, and take the names as texts."""
        super().flatten_mapping(node)
        node.value = [_pair(_as_written(key), value) for key, value in node.value]


class ServiceLoader(_Loader):
    """A file of the Serverless Framework."""


def _pair(key: yaml.Node, value: yaml.Node) -> Pair:
    name = key.value if isinstance(key, yaml.ScalarNode) else None
    return key, _with_names(value, name) if isinstance(name, str) and name in _NAMES else value


def _with_names(node: yaml.Node, function: str) -> yaml.Node:
    if not isinstance(node, yaml.SequenceNode):
        return _as_written(node)
    count = _NAMES[function]
    items: List[yaml.Node] = [*map(_as_written, node.value[:count]), *node.value[count:]]
    return yaml.SequenceNode(node.tag, items, node.start_mark, node.end_mark)


def _as_written(node: yaml.Node) -> yaml.Node:
    if not isinstance(node, yaml.ScalarNode) or node.tag not in _TYPED:
        return node
    return yaml.ScalarNode(f"{_TAG}str", node.value, node.start_mark, node.end_mark)


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> Dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(_with_names(node, name) if name in _NAMES else node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return {name: value}


def _number(kind: str) -> Any:
    read = yaml.SafeLoader.yaml_constructors[_TAG + kind]

    def number(loader: Any, node: yaml.ScalarNode) -> Any:
        return read(loader, node) if len(node.value) <= MAX_DIGITS else loader.construct_scalar(node)

    return number


_Loader.add_multi_constructor("!", _short_form)
_Loader.add_constructor(f"{_TAG}merge", _Loader.construct_scalar)  # where nothing is merged it is text
for _kind in ("int", "float"):
    _Loader.add_constructor(_TAG + _kind, _number(_kind))


# CloudFormation's: digits after a zero that are not all octal, and dates as they are written

_SCIENTIFIC = 10**7  # from here on Java writes a float with an exponent


def _after_zero(loader: Any, node: yaml.ScalarNode) -> Any:
    """A float as CloudFormation writes it: 1.2345678901E10."""
    if len(node.value) > MAX_DIGITS:
        return loader.construct_scalar(node)
    number = int(node.value.replace("_", ""))
    if abs(number) < _SCIENTIFIC:
        return f"{number}.0"
    digits = str(abs(number))
    return f"{'-' if number < 0 else ''}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"


TemplateLoader.add_implicit_resolver(_AFTER_ZERO, re.compile(r"[-+]?0[0-9_]*[89][0-9_]*\Z"), list("-+0"))
TemplateLoader.add_constructor(_AFTER_ZERO, _after_zero)
TemplateLoader.add_constructor(f"{_TAG}timestamp", TemplateLoader.construct_scalar)


# The framework's: the default schema of js-yaml

_SIGNED, _DIGITS = "-+0123456789", "0123456789"
_SCALARS: Tuple[Tuple[str, str, str], ...] = (
    # kind, what it looks like, what it begins with
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+)", _SIGNED),
    ("float", r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", _SIGNED),
    ("float", r"\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("timestamp", r"\d{4}-\d\d-\d\d", _DIGITS),
    (
        "timestamp",
        r"\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
        _DIGITS,
    ),
)
_BASES = {"0b": 2, "0x": 16, "0o": 8}


def _integer(loader: Any, node: yaml.ScalarNode) -> Any:
    """A number; also of digits after a zero, since YAML 1.2 writes octal numbers with `0o`."""
    text = node.value
    if len(text) > MAX_DIGITS:
        return loader.construct_scalar(node)
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    base = _BASES.get(digits[:2], 10)
    return sign * int(digits[2:] if base != 10 else digits, base)


def _fraction(loader: Any, node: yaml.ScalarNode) -> Any:
    text = node.value.lower()
    if len(text) > MAX_DIGITS or text.lstrip("+-")[:4] in (".inf", ".nan"):
        return loader.construct_scalar(node)  # JSON has neither of the two
    found = float(text)
    return int(found) if found.is_integer() else found


def _point_in_time(loader: Any, node: yaml.ScalarNode) -> str:
    """A date as JSON of JavaScript writes it."""
    try:
        found = yaml.SafeLoader.yaml_constructors[f"{_TAG}timestamp"](loader, node)
    except (ValueError, OverflowError, AttributeError):
        return str(loader.construct_scalar(node))
    if not isinstance(found, datetime.datetime):
        return f"{found.isoformat()}T00:00:00.000Z"
    utc = found.astimezone(datetime.timezone.utc).replace(tzinfo=None) if found.tzinfo else found
    return f"{utc.isoformat(timespec='milliseconds')}Z"


ServiceLoader.yaml_implicit_resolvers = {}
for _kind, _looks, _first in _SCALARS:
    ServiceLoader.add_implicit_resolver(
        _TAG + _kind, re.compile(rf"(?:{_looks})\Z"), [*_first, *([""] if _kind == "null" else [])]
    )
for _kind, _read in (("int", _integer), ("float", _fraction), ("timestamp", _point_in_time)):
    ServiceLoader.add_constructor(_TAG + _kind, _read)
