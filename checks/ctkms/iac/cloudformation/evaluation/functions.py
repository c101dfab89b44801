"""The intrinsic functions whose result depends on their arguments alone.

Each takes its argument with every value in it already worked out, and returns None where the result
cannot be known.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Callable, Iterator, List, Mapping, Optional, Tuple

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.cloudformation.evaluation.values import (
    check_size,
    joined,
    literal,
    same,
    size_of,
    text_of,
    texts_in,
)
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Kind, Partial, Text, parts_of, separates, split
from ctkms.unknowns.truth import FALSE

MAX_PIECES = 20_000  # that a text may be split into
_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


def sub_parts(text: str) -> Iterator[Tuple[bool, str]]:
    """The parts of an `Fn::Sub` text in order: whether it is a name to look up, and the name or text."""
    position = 0
    for found in _PLACEHOLDER.finditer(text):
        yield False, text[position : found.start()]
        name = found.group(1)
        # ${!Name} stands for the text ${Name}
        yield (False, "${" + name[1:] + "}") if name.startswith("!") else (True, name.strip())
        position = found.end()
    yield False, text[position:]


def map_values(declared: object, top: Optional[Text], second: Optional[Text]) -> List[object]:
    """The values of a mapping that `Fn::FindInMap` may find, with keys that may be unknown."""
    return [value for row in _chosen(declared, top) for value in _chosen(row, second)]


def _chosen(declared: object, key: Optional[Text]) -> List[object]:
    found = entries(declared)
    if isinstance(key, str):
        return [found[key]] if key in found else []
    take(Budget.STEPS, 1 + len(found))
    return [value for name, value in found.items() if _may_be(key, name)]


def _may_be(key: Optional[Text], name: str) -> bool:
    return key is None or same(key, name) is not FALSE


def _pair(argument: object) -> Tuple[object, object]:
    return (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (None, None)


def _join(argument: object) -> object:
    separator, items = _pair(argument)
    if not isinstance(separator, str) or not isinstance(items, list) or _may_shrink(items):
        return None
    texts = [text_of(item) for item in items]
    pieces: List[Text] = []
    for text in texts:
        if text is None:
            return None
        pieces += [separator, text]
    return literal(joined(pieces[1:]))


def _may_shrink(items: List[object]) -> bool:
    """Whether an item waits for a condition: it may turn out to be `AWS::NoValue`."""
    return any(isinstance(item, Choice) for item in items)


def _split(argument: object) -> Optional[List[object]]:
    separator, value = _pair(argument)
    text = text_of(value)
    if not isinstance(separator, str) or not separator or text is None or not _divides(separator, text):
        return None
    if sum(part.count(separator) for part in parts_of(text) if isinstance(part, str)) > MAX_PIECES:
        raise TooLarge
    return list(split(text, separator))


def _divides(separator: str, text: Text) -> bool:
    """Whether no hole can hold a part of the separator; a name that CloudFormation makes has no slash."""
    others = (part for part in parts_of(text) if not (isinstance(part, Hole) and part.kind is Kind.NAME))
    return separates(separator, joined(others) if separator == "/" else text)


def _select(argument: object) -> object:
    index, items = _pair(argument)
    if not isinstance(index, str) or not index.isdecimal() or not isinstance(items, list):
        return None
    if _may_shrink(items):
        return None
    return items[int(index)] if len(index) < 6 and int(index) < len(items) else None


def _length(argument: object) -> Optional[str]:
    return str(len(argument)) if isinstance(argument, list) and not _may_shrink(argument) else None


def _base64(argument: object) -> Optional[str]:
    if not isinstance(argument, str):
        return None
    return base64.b64encode(argument.encode("utf-8", "replace")).decode("ascii")


def _to_json_string(argument: object) -> Optional[str]:
    take(Budget.CHARACTERS, sum(size_of(one) for one in texts_in(check_size(argument))))
    return None if _has_holes(argument) else json.dumps(argument, separators=(",", ":"), default=str)


def _has_holes(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_holes(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_holes(item) for item in value)
    return isinstance(value, (Hole, Partial))


PLAIN_FUNCTIONS: Mapping[str, Callable[[object], object]] = {
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Length": _length,
    "Fn::Base64": _base64,
    "Fn::ToJsonString": _to_json_string,
}
