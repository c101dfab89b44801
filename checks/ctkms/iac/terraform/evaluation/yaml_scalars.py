"""What a scalar of YAML is to Terraform's `yamldecode`, whose rules are neither YAML 1.1's nor 1.2's.

An unquoted `2012-10-17` is a time, whose text is `2012-10-17T00:00:00Z`; `017` is 17, `0o17` is 15, and `yes` is true.
https://developer.hashicorp.com/terraform/language/functions/yamldecode, https://github.com/zclconf/go-cty-yaml
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from typing import Dict, Optional

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.number_text import exact_number
from ctkms.iac.terraform.evaluation.values import Value, fail

_CORE = "tag:yaml.org,2002:"
BINARY, BOOL, FLOAT, INT, NULL, STR, TIME = (
    _CORE + name for name in ("binary", "bool", "float", "int", "null", "str", "timestamp")
)
QUOTED = ("'", '"')

_WORDS: Dict[str, Value] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INFINITY = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NO_NUMBER = (".nan", ".NaN", ".NAN")
# What begins otherwise is text, unless a tag says more.
_MAY_BE_MORE = frozenset("+-.0123456789yYnNtTfFoO~")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_PREFIXED = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+))", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)| +(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?",
    re.ASCII,
)


def resolved(tag: Optional[str], text: str, style: Optional[str]) -> Value:
    """The value of a scalar; fails where Terraform refuses it, raises `TooLarge` for infinity, which no value is."""
    if tag not in (None, BINARY, BOOL, FLOAT, INT, NULL, STR, TIME):
        return fail("yamldecode knows no such tag")
    if tag not in (STR, BINARY) and (not text or text[0] in _MAY_BE_MORE):
        if style in QUOTED:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INFINITY.fullmatch(text):
            raise TooLarge
        if tag is None and text in _NO_NUMBER:
            return fail("yamldecode knows no NaN")
        if text[0] == "." and _DECIMAL.fullmatch(text):
            return exact_number(text)
        time = _time(text) if tag in (None, TIME) else None
        if time is not None:
            return time
        if text[0] in "+-0123456789" and (_INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text)):
            tag = INT
    return _tagged(tag, text)


def _tagged(tag: Optional[str], text: str) -> Value:
    """The value of a scalar of which only its tag says what it is."""
    if tag is None or tag == STR:
        return text
    if tag == BINARY:
        return text if _is_base64(text) else fail("this is no base64 text")
    if tag in (INT, FLOAT):
        return _number(text.replace("_", ""))
    if tag == NULL:
        return None
    if tag == BOOL and isinstance(_WORDS.get(text), bool):
        return _WORDS[text]
    return fail("a scalar is not what its tag says")


def _number(digits: str) -> Value:
    if _DECIMAL.fullmatch(digits):
        return exact_number(digits)
    found = _PREFIXED.fullmatch(digits)
    if found is None:
        return fail("this is no number")
    number = next(int(one, base) for one, base in zip(found.groups()[1:], (16, 8, 2)) if one)
    number = -number if found[1] == "-" else number
    return number if -(2**63) <= number < 2**64 else fail("this number has too many digits")


def _time(text: str) -> Optional[str]:
    """A time as Terraform writes it; None for what is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, *clock = found.groups()
    hour, minute, second = (int(one or 0) for one in (clock[:3] if clock[3] else clock[4:]))
    try:
        datetime.datetime(int(year) or 400, int(month), int(day), hour, minute, second)
    except ValueError:
        return None
    zone = clock[3] or "Z"
    if zone != "Z" and (int(zone[1:3]) > 24 or int(zone[4:]) > 60):
        return None
    if zone[4:] == "60":
        raise TooLarge  # Terraform takes it for an hour
    zone = "Z" if zone[1:] == "00:00" else zone
    return f"{year}-{int(month):02}-{int(day):02}T{hour:02}:{minute:02}:{second:02}{zone}"


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
