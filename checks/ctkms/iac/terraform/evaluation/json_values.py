"""The JSON text of a value that may have holes, as Go writes it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, List, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Json, Layout, Value, check_size, has_rest, is_text, joined
from ctkms.unknowns.text import Hole, Partial, Text, parts_of

# What Go's encoding/json escapes beyond what JSON demands, so that its text may stand within HTML.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_ESCAPED = re.compile("[<>&\u2028\u2029]")

Member = Tuple[Any, Value]


def json_text(encoded: Json) -> Text:
    """The text of a JSON value. An open value stands in it as a bare hole, an open string within quotes."""
    parts: List[Text] = []
    _Writer(parts, encoded.layout).write(check_size(encoded.value), 0)
    return joined(parts)


def _escaped(literal: str) -> str:
    written = json.dumps(literal, ensure_ascii=False)[1:-1]
    return written.translate(_ESCAPES) if _ESCAPED.search(written) else written


class _Writer:
    """Writes one value. An object of Terraform's has its members by name, a document of the provider's in its order."""

    def __init__(self, parts: List[Text], layout: Layout) -> None:
        self._parts = parts
        self._layout = layout

    def write(self, value: Value, level: int) -> None:
        """Add the text of a value that stands so deep in others."""
        if isinstance(value, list) and has_rest(value):
            self._parts.append(open_call("jsonencode", [value]))
        elif isinstance(value, list):
            self._all("[", [(None, item) for item in value], "]", level)
        elif isinstance(value, dict):
            members = list(value.items())
            self._all("{", sorted(members, key=_by_name) if self._layout is Layout.ENCODED else members, "}", level)
        elif isinstance(value, (str, Partial, Json)) or (isinstance(value, Hole) and is_text(value)):
            self._string(json_text(value) if isinstance(value, Json) else value)
        elif isinstance(value, Hole):
            self._parts.append(value)
        else:
            self._parts.append(_plain(value))

    def _string(self, text: Text) -> None:
        pieces = parts_of(text)
        take(Budget.CHARACTERS, sum(len(piece) for piece in pieces if isinstance(piece, str)))
        self._parts.append('"')
        self._parts.extend(piece if isinstance(piece, Hole) else _escaped(piece) for piece in pieces)
        self._parts.append('"')

    def _all(self, opening: str, items: Sequence[Member], closing: str, level: int) -> None:
        parts, indents = self._parts, self._layout is Layout.RENDERED and bool(items)
        parts.append(opening)
        for position, (key, item) in enumerate(items):
            if position:
                parts.append(",")
            if indents:
                parts.append(_new_line(level + 1))
            if key is not None:
                self._string(key)
                parts.append(": " if indents else ":")
            self.write(item, level + 1)
        parts.append(_new_line(level) + closing if indents else closing)


def _new_line(level: int) -> str:
    return "\n" + "  " * level


def _by_name(member: Member) -> str:
    """Where a member stands among the others; one with an open name where the known beginning of the name tells it."""
    first = parts_of(member[0])[0]
    return first if isinstance(first, str) else ""


def _plain(value: Value) -> str:
    """A number is written out in full, without an exponent."""
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else json.dumps(value)
