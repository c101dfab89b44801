"""Terraform's `yamlencode`: every text in double quotes, and each line of a longer text on its own.

https://developer.hashicorp.com/terraform/language/functions/yamlencode
"""

from __future__ import annotations

import re
from typing import List

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Json, Value, fail

_WIDTH = 80  # a text in quotes is folded at a blank after it
_LONGEST_KEY = 128
_PRINTED = re.compile("[ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\n]*")
_SHORT = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip


class _Open(Exception):  # noqa: N818 - an outcome that `yaml_encode` expects
    """A text whose lines are broken in a way that is not worked out here."""


def yaml_encode(value: Value) -> Value:
    """The text of YAML for a known value."""
    try:
        lines = _lines(value)
    except _Open:
        return open_call("yamlencode", [value])
    if any(" " in line[_WIDTH:] for line in lines):
        return open_call("yamlencode", [value])
    ends = ["..."] if value is None or isinstance(value, (bool, int, float)) else []
    return "".join(f"{line}\n" for line in [*lines, *ends])


def _lines(value: object) -> List[str]:
    """The lines of a value, as they stand when nothing is around it."""
    take(Budget.STEPS)
    if isinstance(value, list) and value:
        return [line for item in value for line in _indented("- ", _lines(item), "  " if _hangs(item) else "")]
    if isinstance(value, dict) and value:
        return [line for name in sorted(value) for line in _member(name, value[name])]
    if isinstance(value, (list, dict)):
        return ["[]" if isinstance(value, list) else "{}"]
    if value is None or isinstance(value, (bool, int, float)):
        return ["null" if value is None else plain(value)]
    return _text(plain(value)) if isinstance(value, (str, Json)) else fail("YAML has no such value")


def _hangs(value: object) -> bool:
    """Whether the further lines of an item stand below its first one, and not where they do anyway."""
    return isinstance(value, (list, dict))


def _member(name: str, item: object) -> List[str]:
    (key,) = _text(name) if "\n" not in name else [""]
    if not key or len(key) > _LONGEST_KEY:
        raise _Open
    lines = _lines(item)
    if isinstance(item, list) and item:
        return [f"{key}:", *lines]
    if isinstance(item, dict) and item:
        return [f"{key}:", *(f"  {line}" if line else line for line in lines)]
    return _indented(f"{key}: ", lines, "")


def _indented(first: str, lines: List[str], others: str) -> List[str]:
    return [first + lines[0], *(others + line if line else line for line in lines[1:])]


def _text(value: str) -> List[str]:
    """A text in quotes; one of several lines as a block, where YAML can write it so."""
    if "\n" in value and _PRINTED.fullmatch(value):
        if value[0] in " \n":
            raise _Open
        if " \n" not in value and not value.endswith(" "):
            end = "-" if not value.endswith("\n") else "+" if value.endswith("\n\n") else ""
            body = value[:-1] if value.endswith("\n") else value
            return [f"|{end}", *(f"  {line}" if line else line for line in body.split("\n"))]
    return ['"' + "".join(map(_quoted, value)) + '"']


def _quoted(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if _PRINTED.fullmatch(character):
        return character
    code = ord(character)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
