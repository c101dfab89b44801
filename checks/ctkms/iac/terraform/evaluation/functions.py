"""The table of Terraform's functions.

A function in it takes evaluated arguments and returns a value. `_KNOWN` ones run only when nothing
in their arguments is open; the others say themselves what holes make of their result. What is not
in the table, or cannot be foretold (`timestamp`, `uuid`), gives an unknown value.
https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import base64
import json
import math
import re
from typing import Any, Callable, Dict, List
from urllib.parse import quote_plus

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation import collection_functions as collections
from ctkms.iac.terraform.evaluation import format_functions as formats
from ctkms.iac.terraform.evaluation import map_functions as maps
from ctkms.iac.terraform.evaluation import member_functions as members
from ctkms.iac.terraform.evaluation import regex_functions as regexes
from ctkms.iac.terraform.evaluation import set_functions as sets
from ctkms.iac.terraform.evaluation import text_functions as texts
from ctkms.iac.terraform.evaluation.conversion import integer, number, plain, whole
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.paths import absolute
from ctkms.iac.terraform.evaluation.signatures import SIGNATURES
from ctkms.iac.terraform.evaluation.type_conversion import convert
from ctkms.iac.terraform.evaluation.value_types import BOOL, NUMBER, STRING
from ctkms.iac.terraform.evaluation.values import Failure, Json, Value, check_size, fail, is_known, is_null, plain_null
from ctkms.unknowns.json_text import read_json
from ctkms.unknowns.text import Hole, Partial

__all__ = ["Json", "call"]


def call(name: str, arguments: List[Value]) -> Value:
    """The result of a function; raises `Failure` where Terraform would report an error."""
    if name.startswith("provider::"):
        name = "provider::" + name.rpartition("::")[2]  # the local name of a provider is its user's choice
    function = _OPEN.get(name)
    try:
        signature = SIGNATURES.get(name)
        if signature is not None:
            arguments = signature.arguments(name, arguments)
        if function is None:
            function = _KNOWN.get(name)
            if function is None or not is_known(arguments):
                return open_call(name, arguments)
            if signature is None and any(map(is_null, arguments)):
                return fail(f"{name} takes no null")
        result = check_size(function(*arguments))
        return result if signature is None else signature.result(result)
    except (Failure, TooLarge):
        raise
    except Exception:  # an argument of a type that a function does not expect must not end a scan
        return open_call(name, arguments)


def _json_decode(value: Value) -> Value:
    if isinstance(value, Json):
        return value.value
    if isinstance(value, str):
        take(Budget.STEPS, len(value) // 20)
        return _numbers_whole(json.loads(value, parse_constant=fail))
    if not isinstance(value, Partial):
        return open_call("jsondecode", [value])
    content, _, problem = read_json(value)
    return open_call("jsondecode", [value]) if problem or isinstance(content, Hole) else _numbers_whole(content)


def _numbers_whole(value: Any) -> Value:
    if isinstance(value, dict):
        return {key: _numbers_whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers_whole(item) for item in value]
    return whole(value) if isinstance(value, float) else value


def _to_number(value: Value) -> Value:
    return convert(value, NUMBER) if is_known(value) else open_call("tonumber", [value])


def _to_bool(value: Value) -> Value:
    return convert(value, BOOL)


def _to_string(value: Value) -> Value:
    return convert(value, STRING)


def _power(base: Value, exponent: Value) -> Value:
    """Only what is exact: Terraform computes in floating point, and not always as Python does."""
    left, right = number(base), number(exponent)
    exact = isinstance(left, int) and isinstance(right, int) and 0 <= right <= 1000 and abs(left) <= 10**300
    if not exact or right * math.log2(abs(left) or 1) > _EXACT:
        return open_call("pow", [base, exponent])
    return whole(left**right)


_EXACT = 53  # bits


def _logarithm(value: Value, base: Value) -> Value:
    """Only what is exact, as for powers."""
    left, right = number(value), number(base)
    if left <= 0 or right <= 0 or right == 1:
        return open_call("log", [value, base])
    found = math.log(left, right)
    exact = isinstance(left, int) and isinstance(right, int) and found in range(_EXACT) and right ** int(found) == left
    return int(found) if exact else open_call("log", [value, base])


def _parse_int(value: Value, base: Value) -> Value:
    if not isinstance(value, str) or not 2 <= integer(base) <= 62:
        return fail("parseint takes a text, and a base from 2 to 62")
    if len(value) > 300:
        raise TooLarge
    if integer(base) > 36:  # there the case of a letter counts
        return open_call("parseint", [value, base])
    digits = value[1:] if value[:1] in ("+", "-") else value
    if not re.fullmatch("[0-9a-zA-Z]+", digits) or any(int(digit, 36) >= integer(base) for digit in digits):
        return fail("this is no number in that base")
    return int(value, integer(base))


def _decoded(value: Value) -> str:
    try:
        return base64.b64decode(plain(value), validate=True).decode("utf-8")
    except ValueError:
        return fail("this is no base64 text")


def _same_value(value: Value) -> Value:
    return value


Function = Callable[..., Value]

# These run on open arguments too, and keep what is known.
_OPEN: Dict[str, Function] = {
    "abspath": absolute,
    "jsonencode": lambda value: Json(plain_null(value)),
    "jsondecode": _json_decode,
    "sensitive": _same_value,
    "nonsensitive": _same_value,
    "tostring": _to_string,
    "tonumber": _to_number,
    "tobool": _to_bool,
    "tolist": collections.to_list,
    "toset": sets.to_set,
    "tomap": maps.to_map,
    "concat": collections.concat,
    "flatten": collections.flatten,
    "distinct": collections.distinct,
    "compact": collections.compact,
    "reverse": collections.reverse,
    "sort": collections.sort,
    "slice": collections.slice_,
    "element": members.element,
    "one": members.one,
    "contains": members.contains,
    "length": members.length,
    "coalesce": members.coalesce,
    "coalescelist": collections.coalescelist,
    "alltrue": members.all_true,
    "anytrue": members.any_true,
    "setunion": sets.union,
    "setproduct": sets.product,
    "merge": maps.merge,
    "keys": maps.keys,
    "values": maps.values,
    "lookup": maps.lookup,
    "zipmap": maps.zipmap,
    "join": texts.join_,
    "split": texts.split,
    "lower": texts.lower,
    "upper": texts.upper,
    "startswith": texts.starts_with,
    "endswith": texts.ends_with,
    "strcontains": texts.contains_text,
    "trimprefix": texts.trim_prefix,
    "trimsuffix": texts.trim_suffix,
    "replace": regexes.replace,
    "format": formats.format_,
    "formatlist": formats.format_list,
    "provider::arn_build": texts.join_arn,
    "provider::arn_parse": texts.parse_arn,
}

# These need to know all of their arguments.
_KNOWN: Dict[str, Function] = {
    "index": members.index,
    "range": collections.range_,
    "chunklist": collections.chunklist,
    "matchkeys": collections.matchkeys,
    "sum": members.sum_,
    "setintersection": sets.intersection,
    "setsubtract": sets.subtract,
    "transpose": maps.transpose,
    "title": texts.title,
    "substr": texts.substr,
    "indent": texts.indent,
    "regex": regexes.regex,
    "regexall": regexes.regex_all,
    "basename": texts.base_name,
    "dirname": texts.dir_name,
    "trim": lambda value, characters: plain(value).strip(plain(characters)) if characters else value,
    "trimspace": lambda value: plain(value).strip(),
    "chomp": lambda value: plain(value).rstrip("\r\n"),
    "strrev": lambda value: plain(value)[::-1],
    "max": lambda *values: max(map(number, values)) if values else fail("max takes at least one number"),
    "min": lambda *values: min(map(number, values)) if values else fail("min takes at least one number"),
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "signum": lambda value: (integer(value) > 0) - (integer(value) < 0),
    "pow": _power,
    "log": _logarithm,
    "parseint": _parse_int,
    "base64encode": lambda value: base64.b64encode(plain(value).encode("utf-8")).decode("ascii"),
    "base64decode": _decoded,
    "urlencode": lambda value: quote_plus(plain(value)),
}
