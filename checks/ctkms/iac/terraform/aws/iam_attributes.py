"""The attributes of users, roles and groups: of those that the code makes, and of those that it only looks up.

Whoever is looked up is in the account of the data source's provider, and has a name without wildcards. Of a plural
data source it is not known how many it finds; there may be none.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Dict, Mapping

from ctkms.iac.terraform.aws.declared import (
    Declared,
    Formula,
    TextFormula,
    account,
    argument_text,
    as_text,
    made,
    named,
    of_kind,
    open_attribute,
)
from ctkms.iac.terraform.evaluation.values import Unordered, Value
from ctkms.iam.patterns import is_open
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import OWN_PARTITION, Hole, Kind, Part, Rest, Text, join, parts_of, split


def _arn(of: Declared, kind: str, path: Text, name: Text) -> Text:
    """The ARN of somebody; a path begins and ends with a slash."""
    return join(("arn:", OWN_PARTITION, ":iam::", account(of), f":{kind}", path, name))


def _principal(kind: str) -> TextFormula:
    def arn(declared: Declared) -> Text:
        path = declared.argument("path")
        where = "/" if path is None or path == "" else as_text(path, made(declared, "path"))
        return _arn(declared, kind, where, named(declared))

    return arn


# Looked up


def _path(declared: Declared) -> Text:
    return join(("/", made(declared, "path")))


def _as_name(part: Part) -> Part:
    if isinstance(part, Choice):
        return replace(part, kind=Kind.NAME)
    return Hole(part.source, Kind.NAME) if isinstance(part, Hole) else part


def _name_given(argument: str) -> TextFormula:
    """The name by which somebody is looked up; it is one that IAM knows."""

    def name(declared: Declared) -> Text:
        given = as_text(declared.argument(argument), made(declared, argument))
        return join(_as_name(part) for part in parts_of(given))

    return name


def _looked_up(kind: str, name: TextFormula) -> TextFormula:
    return lambda declared: _arn(declared, kind, _path(declared), name(declared))


def _some_name(attribute: str) -> Hole:
    return Hole("${" + attribute + "}", Kind.NAME)


def _several(kind: str) -> Mapping[str, Formula]:
    """What a plural data source finds: users or roles, all of whose paths begin as it says."""

    def arns(declared: Declared) -> Value:
        prefix = as_text(declared.argument("path_prefix"), made(declared, "path_prefix"))
        known = isinstance(prefix, str) and prefix.startswith("/")
        each = _arn(declared, kind, prefix if known else "/", _some_name(f"{declared.address}.arns[*]"))
        return Unordered([Rest(open_attribute(declared, "arns"), each)])

    def names(declared: Declared) -> Value:
        return Unordered([Rest(open_attribute(declared, "names"), _some_name(f"{declared.address}.names[*]"))])

    return {"arns": arns, "names": names}


def _members(declared: Declared) -> Value:
    """The users of a group."""
    each = f"{declared.address}.users[*]"
    path, name = join(("/", _some_name(f"{each}.path"))), _some_name(f"{each}.user_name")
    user: Dict[str, Value] = {
        "arn": _arn(declared, "user", path, name),
        "path": path,
        "user_id": _some_name(f"{each}.user_id"),
        "user_name": name,
    }
    return [Rest(open_attribute(declared, "users"), dict(user))]


def _role_of_profile(declared: Declared) -> Value:
    return _arn(declared, "role", "/", made(declared, "role_arn"))


# Whoever runs Terraform


def _caller_arn(declared: Declared) -> Text:
    service, rest = made(declared, "arn service"), made(declared, "arn resource")
    return join(("arn:", OWN_PARTITION, ":", service, "::", account(declared), ":", rest))


def _issuer_arn(declared: Declared) -> Text:
    """The role behind a session, by its name in the account of the provider; of anybody else his own ARN.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_session_context
    """
    given = argument_text("arn")(declared)
    if isinstance(given, str):
        return _arn(declared, "role", _path(declared), given.split("/")[-2]) if _is_session(given) else given
    sections = split(given, ":")
    if len(sections) <= 5 or any(map(is_open, sections[:5])):
        return open_attribute(declared, "issuer_arn")
    if isinstance(sections[2], str) and sections[2] != "sts":
        return given
    if sections[4] == account(declared) or _is_own(sections[4]):
        return join(("arn:", sections[1], ":iam::", sections[4], ":", made(declared, "issuer_arn")))
    return open_attribute(declared, "issuer_arn")


def _is_own(text: Text) -> bool:
    """Whether it is one's own account, whichever that is: nobody else's session is at hand."""
    return isinstance(text, Hole) and text.own


_SESSION = re.compile(r"arn:[^:]*:sts:[^:]*:[^:]*:assumed-role/.+/..+")


def _is_session(arn: str) -> bool:
    return _SESSION.match(arn) is not None


def _of_session(attribute: str, section: int) -> Formula:
    """Something of a session that stands in its ARN; "" of anybody else."""

    def value(declared: Declared) -> Value:
        given = argument_text("arn")(declared)
        if not isinstance(given, str):
            return made(declared, attribute)
        return given.split("/")[section] if _is_session(given) else ""

    return value


_NAMED: Mapping[str, Formula] = {"name": named, "id": named}
IAM_FORMULAS: Dict[str, Mapping[str, Formula]] = {
    "aws_iam_role": {"arn": _principal("role"), **_NAMED, "unique_id": of_kind("unique_id", Kind.NAME)},
    "aws_iam_user": {"arn": _principal("user"), **_NAMED, "unique_id": of_kind("unique_id", Kind.NAME)},
    "aws_iam_group": {"arn": _principal("group"), **_NAMED, "unique_id": of_kind("unique_id", Kind.NAME)},
    "aws_iam_policy": dict.fromkeys(("arn", "id"), _principal("policy")),
    "data.aws_iam_role": {
        "arn": _looked_up("role", _name_given("name")),
        "id": _name_given("name"),
        "path": _path,
        "unique_id": of_kind("unique_id", Kind.NAME),
    },
    "data.aws_iam_user": {
        "arn": _looked_up("user", _name_given("user_name")),
        "id": of_kind("user_id", Kind.NAME),
        "path": _path,
        "user_id": of_kind("user_id", Kind.NAME),
    },
    "data.aws_iam_group": {
        "arn": _looked_up("group", _name_given("group_name")),
        "id": of_kind("group_id", Kind.NAME),
        "path": _path,
        "group_id": of_kind("group_id", Kind.NAME),
        "users": _members,
    },
    "data.aws_iam_roles": _several("role"),
    "data.aws_iam_users": _several("user"),
    "data.aws_iam_instance_profile": {
        "arn": _looked_up("instance-profile", _name_given("name")),
        "path": _path,
        "role_arn": _role_of_profile,
        "role_id": of_kind("role_id", Kind.NAME),
        "role_name": of_kind("role_name", Kind.NAME),
    },
    "data.aws_caller_identity": {"account_id": account, "id": account, "arn": _caller_arn},
    "data.aws_iam_session_context": {
        "issuer_arn": _issuer_arn,
        "issuer_id": of_kind("issuer_id", Kind.NAME),
        "issuer_name": _of_session("issuer_name", -2),
        "session_name": _of_session("session_name", -1),
    },
}
