"""What types the functions take: Terraform converts arguments to them before a function sees them.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional, Tuple

from ctkms.iac.terraform.evaluation.type_conversion import convert
from ctkms.iac.terraform.evaluation.value_types import BOOL, DYNAMIC, NUMBER, STRING, Type, list_of, map_of, set_of
from ctkms.iac.terraform.evaluation.values import ListOf, Value, fail, is_null
from ctkms.unknowns.text import Hole, Kind


@dataclass(frozen=True)
class Signature:
    """The parameters of a function, and the type of any number of further ones."""

    parameters: Tuple[Type, ...]
    further: Optional[Type] = None
    null_from: int = 1000  # the first parameter that may be null
    returns: Optional[Type] = None  # where that is the same for all arguments

    def arguments(self, name: str, given: List[Value]) -> List[Value]:
        """The arguments as the function takes them."""
        many = len(given) > len(self.parameters) and self.further is None
        if many or len(given) < len(self.parameters):
            return fail(f"{name} takes another number of arguments")
        if any(map(is_null, given[: self.null_from])):
            return fail(f"{name} takes no null")
        wanted = [*self.parameters, *([self.further] if self.further else []) * len(given)]
        return [convert(argument, type_) for argument, type_ in zip(given, wanted)]

    def result(self, value: Value) -> Value:
        """What the function returned, with the type that it has."""
        if self.returns is None:
            return value
        if isinstance(value, Hole) and value.kind is Kind.ANY:
            return replace(value, type=self.returns)
        return ListOf(value, self.returns) if type(value) is list else value


def _takes(
    *parameters: Type, further: Optional[Type] = None, null: int = 1000, returns: Optional[Type] = None
) -> Signature:
    return Signature(parameters, further, null, returns)


def _same(signature: Signature, *names: str) -> Dict[str, Signature]:
    return dict.fromkeys(names, signature)


_ANY_LIST, _TEXTS, _ANY_SET = list_of(DYNAMIC), list_of(STRING), set_of(DYNAMIC)

SIGNATURES: Mapping[str, Signature] = {
    **_same(_takes(NUMBER, returns=NUMBER), "abs", "ceil", "floor", "signum"),
    **_same(_takes(NUMBER, NUMBER, returns=NUMBER), "log", "pow"),
    **_same(_takes(further=NUMBER, returns=NUMBER), "max", "min"),
    **_same(_takes(STRING, returns=STRING), "abspath", "base64decode", "base64encode", "basename", "chomp", "dirname"),
    **_same(_takes(STRING, returns=STRING), "lower", "strrev", "title", "trimspace", "upper", "urlencode"),
    **_same(
        _takes(STRING, returns=STRING), "md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512", "base64gzip"
    ),
    **_same(_takes(STRING, returns=STRING), "cidrnetmask", "pathexpand"),
    **_same(_takes(STRING, STRING, returns=STRING), "textdecodebase64", "textencodebase64", "rsadecrypt", "uuidv5"),
    **_same(_takes(STRING, STRING, returns=STRING), "formatdate", "timeadd"),
    **_same(_takes(STRING), "csvdecode", "yamldecode"),
    **_same(_takes(DYNAMIC, null=0), "ephemeralasnull"),
    "bcrypt": _takes(STRING, further=NUMBER, returns=STRING),
    "cidrhost": _takes(STRING, NUMBER, returns=STRING),
    "cidrsubnet": _takes(STRING, NUMBER, NUMBER, returns=STRING),
    "cidrsubnets": _takes(STRING, further=NUMBER, returns=_TEXTS),
    "timecmp": _takes(STRING, STRING, returns=NUMBER),
    "yamlencode": _takes(DYNAMIC, null=0, returns=STRING),
    **_same(_takes(STRING, STRING, returns=BOOL), "endswith", "startswith", "strcontains"),
    **_same(_takes(STRING, STRING, returns=STRING), "trim", "trimprefix", "trimsuffix"),
    **_same(_takes(STRING, STRING), "regex", "regexall"),
    **_same(_takes(list_of(BOOL), returns=BOOL), "alltrue", "anytrue"),
    **_same(_takes(DYNAMIC), "flatten", "keys", "one", "reverse", "values"),
    **_same(_takes(DYNAMIC, returns=NUMBER), "length", "sum"),
    **_same(_takes(DYNAMIC, null=0), "jsonencode", "nonsensitive", "sensitive"),
    **_same(_takes(DYNAMIC, null=0), "tobool", "tolist", "tomap", "tonumber", "toset", "tostring"),
    **_same(_takes(_ANY_SET, further=_ANY_SET), "setintersection", "setunion"),
    "chunklist": _takes(_ANY_LIST, NUMBER),
    "coalesce": _takes(further=DYNAMIC, null=0),
    "coalescelist": _takes(further=DYNAMIC),
    "compact": _takes(_TEXTS, returns=_TEXTS),
    "concat": _takes(further=DYNAMIC),
    "contains": _takes(DYNAMIC, DYNAMIC, returns=BOOL),
    "distinct": _takes(_ANY_LIST),
    "element": _takes(DYNAMIC, NUMBER),
    "format": _takes(STRING, further=DYNAMIC, null=1, returns=STRING),
    "formatlist": _takes(DYNAMIC, further=DYNAMIC, null=1, returns=_TEXTS),
    "indent": _takes(NUMBER, STRING, returns=STRING),
    "index": _takes(DYNAMIC, DYNAMIC, returns=NUMBER),
    "join": _takes(STRING, further=_TEXTS, returns=STRING),
    "lookup": _takes(DYNAMIC, STRING, further=DYNAMIC, null=2),
    "matchkeys": _takes(_ANY_LIST, _ANY_LIST, _ANY_LIST),
    "merge": _takes(further=DYNAMIC, null=0),
    "jsondecode": _takes(STRING),
    "parseint": _takes(DYNAMIC, NUMBER, returns=NUMBER),
    "range": _takes(further=NUMBER, returns=list_of(NUMBER)),
    "replace": _takes(STRING, STRING, STRING, returns=STRING),
    "setproduct": _takes(further=DYNAMIC),
    "setsubtract": _takes(_ANY_SET, _ANY_SET),
    "slice": _takes(DYNAMIC, NUMBER, NUMBER),
    "sort": _takes(_TEXTS, returns=_TEXTS),
    "split": _takes(STRING, STRING, returns=_TEXTS),
    "substr": _takes(STRING, NUMBER, NUMBER, returns=STRING),
    "transpose": _takes(map_of(_TEXTS), returns=map_of(_TEXTS)),
    "zipmap": _takes(_TEXTS, DYNAMIC),
}
