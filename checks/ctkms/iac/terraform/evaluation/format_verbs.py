"""One verb of Terraform's `format` with a known value, such as `%05d`: Go's rules for numbers, Terraform's for texts.

https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Optional

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.characters import has_simple_characters
from ctkms.iac.terraform.evaluation.conversion import boolean, integer, number, plain
from ctkms.iac.terraform.evaluation.values import Json, Value, fail, is_text

VERB = re.compile(r"%(?:(%)|([-+# 0]*)([1-9]\d*|)(?:\.(\d*))?(?:\[([1-9]\d*)\])?([a-zA-Z]))", re.ASCII)
_LARGEST = 999  # width and precision
_BASES = {"b": ("b", "0b"), "o": ("o", "0"), "x": ("x", "0x"), "X": ("X", "0X"), "d": ("d", "")}


def written(verb: re.Match[str], value: Value) -> str:
    """What a verb writes."""
    letter = verb[6]
    if max(int(verb[3] or 0), int(verb[4] or 0)) > _LARGEST:
        raise TooLarge
    if letter == "v":
        return _padded(verb, _as_it_is(verb, value))
    if value is None:
        return fail("format takes no null")
    if letter in "sq":
        return _padded(verb, _text(verb, plain(value)))
    if letter == "t":
        return plain(boolean(value))
    if letter in _BASES:
        return _integer(verb, integer(value))
    if letter in "eEfgG":
        return _fraction(verb, Decimal(plain(number(value))))
    return fail("format does not know this verb")


def _as_it_is(verb: re.Match[str], value: Value) -> str:
    if "#" not in verb[2]:
        if is_text(value):
            return plain(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _digits("g", Decimal(plain(value)), None)
    return plain(Json(value))


def _text(verb: re.Match[str], value: str) -> str:
    if verb[4] and int(verb[4]):
        value = _counted(value)[: int(verb[4])]
    return plain(Json(value)) if verb[6] == "q" else value


def _counted(value: str) -> str:
    """A text whose characters Terraform counts as Python does."""
    if not has_simple_characters(value):
        raise TooLarge
    return value


def _padded(verb: re.Match[str], value: str) -> str:
    if not verb[3]:
        return value
    missing = (int(verb[3]) - len(_counted(value))) * ("0" if "0" in verb[2] else " ")
    return value + missing if "-" in verb[2] else missing + value


def _sign(verb: re.Match[str], negative: bool) -> str:
    return "-" if negative else "+" if "+" in verb[2] else " " if " " in verb[2] else ""


def _integer(verb: re.Match[str], value: int) -> str:
    base, prefix = _BASES[verb[6]]
    digits = format(abs(value), base)
    if verb[4] is not None:
        if not value and not int(verb[4] or 0):
            return ""
        digits = digits.zfill(int(verb[4] or 0))
    zeros = "0" in verb[2] and verb[4] is None
    return _aligned(
        verb, _sign(verb, value < 0) + (prefix if "#" in verb[2] else ""), digits, zeros and "-" not in verb[2]
    )


def _fraction(verb: re.Match[str], value: Decimal) -> str:
    precision = int(verb[4] or 0) if verb[4] is not None else None
    if precision is None and verb[6] in "eEf":
        precision = 6
    return _aligned(verb, _sign(verb, value < 0), _digits(verb[6], abs(value), precision), "0" in verb[2])


def _aligned(verb: re.Match[str], sign: str, digits: str, zeros: bool) -> str:
    missing = int(verb[3] or 0) - len(sign) - len(digits)
    if zeros:
        return sign + missing * "0" + digits
    return sign + digits + missing * " " if "-" in verb[2] else missing * " " + sign + digits


def _digits(letter: str, value: Decimal, precision: Optional[int]) -> str:
    """The digits of a number as Go writes them with `%e`, `%f` or `%g`; no precision means all that are needed."""
    sign = "-" if value < 0 else ""
    value = abs(value)
    if letter == "f":
        return sign + format(value.quantize(Decimal(1).scaleb(-(precision or 0)), context=_EXACT), "f")
    if letter in "eE":
        return sign + _scientific(_rounded(value, (precision or 0) + 1), precision or 0, letter)
    value = _rounded(value, max(precision, 1)) if precision is not None else value
    mantissa = format(value.normalize(_EXACT), "f") if value else "0"
    digits = mantissa.replace(".", "").strip("0") or "0"
    exponent = value.adjusted() if value else 0
    largest = 6 if precision is None else max(precision, 1)
    if precision is not None and largest > len(digits) >= exponent + 1:
        largest = len(digits)
    if -4 <= exponent < largest:
        return sign + mantissa
    return sign + _scientific(value, len(digits) - 1, "E" if letter == "G" else "e")


_EXACT = Context(prec=2_000, rounding=ROUND_HALF_EVEN)


def _rounded(value: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(value)


def _scientific(value: Decimal, places: int, letter: str) -> str:
    exponent = value.adjusted() if value else 0
    mantissa = format(value.scaleb(-exponent, _EXACT).quantize(Decimal(1).scaleb(-places), context=_EXACT), "f")
    return f"{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02}"
