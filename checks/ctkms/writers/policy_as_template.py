"""A key with its policy as a template of CloudFormation in YAML."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Mapping

_INDENT = "  "
# What no reader of YAML 1.1 or 1.2 takes for anything but the text that it is; everything else is written in quotes:
# `*` is an alias, `2012-10-17` a date, `Null` nothing, `on` a boolean, `: ` a mapping, ` #` a comment.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./:*+=@-]*[A-Za-z0-9_./*+=@-])?(?: [A-Za-z0-9_]+)*\Z")
_NO_TEXT = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def template(name: str, policy: Mapping[str, Any]) -> str:
    """A template with one resource, the key."""
    properties = {"EnableKeyRotation": True, "KeyPolicy": policy}
    body = {"Resources": {name: {"Type": "AWS::KMS::Key", "Properties": properties}}}
    return "\n".join(_lines(body, 0)) + "\n"


def scalar(text: str) -> str:
    """A text as YAML: plain where it can be nothing else, or else in double quotes."""
    if _PLAIN.match(text) and text.lower() not in _NO_TEXT:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _lines(value: Any, depth: int) -> Iterator[str]:
    """The lines of a mapping or a list; both have items, or they stand in one line as their parent's."""
    for name, item in value.items() if isinstance(value, Mapping) else ((None, one) for one in value):
        begin = _INDENT * depth + ("- " if name is None else f"{scalar(name)}:")
        if isinstance(item, (Mapping, list, tuple)) and item:
            within = list(_lines(item, depth + 1))
            if name is None:  # the first item stands behind the dash
                yield begin + within[0].lstrip(" ")
                yield from within[1:]
            else:
                yield begin
                yield from within
        else:
            yield f"{begin}{'' if name is None else ' '}{_one(item)}"


def _one(value: Any) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    return json.dumps(value)  # numbers, booleans and null are the same in all three languages
