"""Terraform's functions on numbers.

https://developer.hashicorp.com/terraform/language/functions/parseint
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Callable, Dict

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.conversion import integer, number, plain, whole
from ctkms.iac.terraform.evaluation.number_text import MAX_DIGITS
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Json, Value, fail

_EXACT = 2**53  # up to here a float is every whole number
_HALF = 0.5
_MOST_TIMES = 200  # that a number is multiplied with itself
_DIGITS = re.compile(r"([-+]?)([0-9a-zA-Z]+)", re.ASCII)
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CASELESS = 36  # the largest base in which case does not matter


def power(base: Value, exponent: Value) -> Value:
    """`pow(base, exponent)`, which Terraform computes as a float: known where that is exact, or nearly so."""
    factor, times = number(base), number(exponent)
    if abs(times) == _HALF and factor > 0:
        root = math.sqrt(factor)
        return whole(root if times > 0 else 1 / root)
    if not isinstance(times, int) or (factor == 0 and times < 0) or abs(times) > _MOST_TIMES:
        return open_call("pow", [base, exponent])
    exact = Fraction(factor) ** abs(times)
    if abs(exact) > _EXACT or Fraction(float(exact)) != exact:
        return open_call("pow", [base, exponent])
    return whole(float(exact) if times >= 0 else 1 / float(exact))


def logarithm(value: Value, base: Value) -> Value:
    """`log(value, base)`; machines differ in the last digit but for powers of two."""
    arguments = number(value), number(base)
    if min(arguments) < 0 or arguments[0] == 0 or arguments[1] == 1:
        return fail("there is no such logarithm")
    if arguments[0] == 1 and arguments[1] > 0:
        return 0
    if not all(isinstance(one, int) and one > 0 and one & (one - 1) == 0 for one in arguments):
        return open_call("log", [value, base])
    return whole(math.log(arguments[0]) / math.log(arguments[1]))


def parse_int(value: Value, base: Value) -> Value:
    """`parseint(value, base)`"""
    radix = integer(base)
    if not isinstance(value, (str, Json)) or not 2 <= radix <= len(_ALPHABET):
        return fail("parseint takes a text, and a base from 2 to 62")
    found = _DIGITS.fullmatch(plain(value))
    digits = found[2] if found is not None else fail("this is no number")
    if len(digits) > MAX_DIGITS:
        raise TooLarge
    result = 0
    for digit in digits.lower() if radix <= _CASELESS else digits:
        if _ALPHABET.index(digit) >= radix:
            return fail("this is no number in that base")
        result = result * radix + _ALPHABET.index(digit)
    return -result if plain(value).startswith("-") else result


def largest(*values: Value) -> Value:
    """`max(values...)`"""
    return max(map(number, values)) if values else fail("max takes at least one number")


def smallest(*values: Value) -> Value:
    """`min(values...)`"""
    return min(map(number, values)) if values else fail("min takes at least one number")


FUNCTIONS: Dict[str, Callable[..., Value]] = {
    "max": largest,
    "min": smallest,
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "signum": lambda value: (integer(value) > 0) - (integer(value) < 0),
    "pow": power,
    "log": logarithm,
    "parseint": parse_int,
}
