"""Values as numbers, bools and strings, the way Terraform converts them on its own."""

from __future__ import annotations

import math
import re
from typing import Union

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.values import Json, Value, fail
from ctkms.unknowns.text import Hole, Partial, Text

MAX_NUMBER = 1e300


def number(value: Value) -> Union[int, float]:
    """A known value as a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return fail("a number is required")
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?", value, re.ASCII):
            return fail("a number is required")
        value = int(value) if value.lstrip("-").isdigit() else float(value)
    return whole(value)


def whole(value: Union[int, float]) -> Union[int, float]:
    """A number without a fraction is an int, however it was computed."""
    if not -MAX_NUMBER < value < MAX_NUMBER:
        raise TooLarge
    return int(value) if isinstance(value, float) and value.is_integer() else value


def integer(value: Value) -> int:
    """A known value as a whole number."""
    converted = number(value)
    return converted if isinstance(converted, int) else fail("a whole number is required")


def boolean(value: Value) -> bool:
    """A known value as a bool."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false") and isinstance(value, str):
        return value == "true"
    return fail("a bool is required")


def text(value: Value) -> Text:
    """A value as a string, with its holes."""
    if isinstance(value, (str, Hole, Partial)):
        return value
    if isinstance(value, Json):
        return json_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value) if 1e-5 < abs(value) < 1e15 else format(value, "f").rstrip("0").rstrip(".")
    return fail("a string is required")


def plain(value: Value) -> str:
    """A known value as a string."""
    converted = text(value)
    return converted if isinstance(converted, str) else fail("a known string is required")
