"""From the text of a file to the template in it, as its author wrote it: YAML or JSON, nothing rendered.

Aliases make a few lines of YAML stand for any number of values (CloudFormation itself takes none), and
numbers of many digits take Python long. Neither is in a template that somebody could deploy.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict

import yaml

from ctkms.budgets import TooLarge
from ctkms.iac.cloudformation.templates.yaml_loaders import MAX_DIGITS, TemplateLoader
from ctkms.unknowns.yaml_text import check_depth

MAX_VALUES = 200_000  # that a template may stand for
MAX_MARKS = 40_000  # of YAML's structure, and one more for every so many characters: reading each takes long
_PER_MARK = 8
_MARK = re.compile(r"[,\[{\n]|: |- ")


@dataclass(frozen=True)
class Unread:
    """What could be a template and was not read, and why."""

    why: str


_LARGE = Unread("it is too large to work out")


def read_template(text: str) -> Any:
    """The template that a text holds, not rendered; None when it is none, `Unread` when it is too large."""
    return read_data(text, TemplateLoader)


def read_data(text: str, loader: Any) -> Any:
    """What a text of YAML or JSON holds, by a reader of YAML; None when it is neither."""
    try:
        content = _content(text, loader)
        return content if _stands_for(content, {}) <= MAX_VALUES else _LARGE
    except TooLarge:
        return _LARGE
    except (ValueError, OverflowError, yaml.YAMLError, RecursionError):
        return None


def _content(text: str, loader: Any) -> Any:
    try:
        return json.loads(text, parse_int=_json_number)
    except ValueError:  # YAML, or JSON with a comma too many, which Checkov takes
        pass
    allowed = MAX_MARKS + len(text) // _PER_MARK
    if any(position > allowed for position, _ in enumerate(_MARK.finditer(text))):
        raise TooLarge
    check_depth(text)
    return yaml.load(text, loader)  # noqa: S506


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
