"""The JSON text of a value that may have holes."""

from __future__ import annotations

import json
from typing import Any, List, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Json, Unordered, Value, check_size, has_rest, is_text, joined
from ctkms.unknowns.text import Hole, Partial, Text, parts_of


def json_text(value: Value) -> Text:
    """The JSON text of a value. An open value stands in it as a bare hole, an open string within quotes."""
    parts: List[Text] = []
    _write_json(check_size(value), parts)
    return joined(parts)


def decoded(text: Json) -> Value:
    """What reading a JSON text gives: lists and objects, of which none has a type of its own."""
    return _untyped(text.value)


def _untyped(value: Value) -> Value:
    take(Budget.STEPS)
    if isinstance(value, dict):
        return {key: _untyped(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_untyped(item) for item in value]
        return Unordered(items) if isinstance(value, Unordered) else items
    return value


def _write_json(value: Value, parts: List[Text]) -> None:
    if isinstance(value, list) and has_rest(value):
        parts.append(open_call("jsonencode", [value]))
    elif isinstance(value, list):
        _write_all("[", [(None, item) for item in value], "]", parts)
    elif isinstance(value, dict):
        _write_all("{", list(value.items()), "}", parts)
    elif isinstance(value, (str, Partial, Json)) or (isinstance(value, Hole) and is_text(value)):
        pieces = parts_of(json_text(value.value) if isinstance(value, Json) else value)
        take(Budget.CHARACTERS, sum(len(piece) for piece in pieces if isinstance(piece, str)))
        parts.append('"')
        parts.extend(
            piece if isinstance(piece, Hole) else json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces
        )
        parts.append('"')
    elif isinstance(value, Hole):
        parts.append(value)
    else:
        parts.append(json.dumps(value))


def _write_all(opening: str, items: Sequence[Tuple[Any, Value]], closing: str, parts: List[Text]) -> None:
    parts.append(opening)
    for position, (key, item) in enumerate(items):
        if position:
            parts.append(",")
        if key is not None:
            _write_json(key if is_text(key) else Partial((key,)), parts)
            parts.append(":")
        _write_json(item, parts)
    parts.append(closing)
