"""The table of Terraform's functions.

A function in it takes evaluated arguments and returns a value. `_KNOWN` ones run only when nothing
in their arguments is open; the others say themselves what holes make of their result. What is not
in the table, or cannot be foretold (`timestamp`, `uuid`), gives an unknown value.
https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation import collection_functions as collections
from ctkms.iac.terraform.evaluation import date_functions as dates
from ctkms.iac.terraform.evaluation import encoding_functions as encodings
from ctkms.iac.terraform.evaluation import format_functions as formats
from ctkms.iac.terraform.evaluation import hash_functions as hashes
from ctkms.iac.terraform.evaluation import map_functions as maps
from ctkms.iac.terraform.evaluation import member_functions as members
from ctkms.iac.terraform.evaluation import network_functions as networks
from ctkms.iac.terraform.evaluation import number_functions as numbers
from ctkms.iac.terraform.evaluation import regex_functions as regexes
from ctkms.iac.terraform.evaluation import set_functions as sets
from ctkms.iac.terraform.evaluation import text_functions as texts
from ctkms.iac.terraform.evaluation.arn_functions import trim_iam_role_path
from ctkms.iac.terraform.evaluation.conversion import plain, text, whole
from ctkms.iac.terraform.evaluation.csv_functions import csv_decode
from ctkms.iac.terraform.evaluation.json_values import decoded
from ctkms.iac.terraform.evaluation.number_text import exact_number
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.paths import absolute, without_home
from ctkms.iac.terraform.evaluation.signatures import SIGNATURES
from ctkms.iac.terraform.evaluation.type_conversion import convert
from ctkms.iac.terraform.evaluation.value_types import BOOL, NUMBER, STRING
from ctkms.iac.terraform.evaluation.values import Failure, Json, Value, check_size, fail, is_known, is_null, plain_null
from ctkms.iac.terraform.evaluation.yaml_encoding import yaml_encode
from ctkms.iac.terraform.evaluation.yaml_functions import yaml_decode
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
        return decoded(value)
    if isinstance(value, str):
        take(Budget.STEPS, len(value) // 20)
        return _json_value(value)
    if isinstance(value, Hole):
        return open_call("jsondecode", [value])
    if not isinstance(value, Partial):
        return _json_value(plain(value))
    content, _, problem = read_json(value)
    return open_call("jsondecode", [value]) if problem or isinstance(content, Hole) else _numbers_whole(content)


def _json_value(source: str) -> Value:
    try:
        value = json.loads(source, parse_constant=fail, parse_float=exact_number)
    except json.JSONDecodeError:
        return fail("this is no JSON")
    return value if _is_text(value) else open_call("jsondecode", [source])


def _is_text(value: object) -> bool:
    """Whether no half of a character stands in a value, which JSON can write and Terraform replaces."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


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


def _same_value(value: Value) -> Value:
    return value


Function = Callable[..., Value]

# These run on open arguments too, and keep what is known.
_OPEN: Dict[str, Function] = {
    "abspath": absolute,
    "pathexpand": without_home,
    "jsonencode": lambda value: Json(plain_null(value)),
    "jsondecode": _json_decode,
    "yamldecode": yaml_decode,
    "sensitive": _same_value,
    "nonsensitive": _same_value,
    "ephemeralasnull": _same_value,
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
    "basename": texts.base_name,
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
    "provider::trim_iam_role_path": trim_iam_role_path,
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
    "dirname": texts.dir_name,
    "bcrypt": lambda value, *cost: open_call("bcrypt", [text(value), *cost]),
    "trim": texts.trim,
    "trimspace": texts.trim_space,
    "chomp": texts.chomp,
    "strrev": texts.reverse,
    **numbers.FUNCTIONS,
    "base64encode": encodings.base64_encode,
    "base64decode": encodings.base64_decode,
    "textencodebase64": encodings.text_encode_base64,
    "textdecodebase64": encodings.text_decode_base64,
    "rsadecrypt": encodings.rsa_decrypt,
    "urlencode": encodings.url_encode,
    "yamlencode": lambda value: yaml_encode(plain_null(value)),
    "csvdecode": csv_decode,
    **hashes.FUNCTIONS,
    "uuidv5": hashes.uuid_of_name,
    "cidrhost": networks.cidr_host,
    "cidrnetmask": networks.cidr_netmask,
    "cidrsubnet": networks.cidr_subnet,
    "cidrsubnets": networks.cidr_subnets,
    "formatdate": dates.format_date,
    "timeadd": dates.time_add,
    "timecmp": dates.time_compare,
}
