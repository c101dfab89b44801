"""The attributes of an organization, its units and its accounts.

The ARN of each of them carries the management account. The accounts that are looked up are some accounts: the own
one may be among them, and which account manages the organization is up to `subjects/organization.py`.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
"""

from __future__ import annotations

from typing import Dict, Mapping

from ctkms.iac.terraform.aws.declared import Declared, Formula, constant, made, of_kind, open_attribute
from ctkms.iac.terraform.evaluation.values import Unordered, Value
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_PARTITION, Hole, Kind, Rest, Text, join


def _arn(kind: str, *names: Text) -> Text:
    slashed = [piece for name in names for piece in ("/", name)]
    return join(("arn:", OWN_PARTITION, ":organizations::", MANAGEMENT_ACCOUNT, f":{kind}", *slashed))


def _account(of: str, organization: Hole) -> Dict[str, Value]:
    """One of the accounts of a list."""
    told = ("email", "joined_method", "joined_timestamp", "name", "state", "status", "delegation_enabled_date")
    id_ = Hole("${" + f"{of}.id" + "}", Kind.ACCOUNT)
    return {"id": id_, "arn": _arn("account", organization, id_), **_open(of, *told)}


def _open(of: str, *names: str) -> Dict[str, Value]:
    return {name: Hole("${" + f"{of}.{name}" + "}") for name in names}


def _accounts(attribute: str, organization: str = "organization") -> Formula:
    def accounts(declared: Declared) -> Value:
        each = dict(_account(f"{declared.address}.{attribute}[*]", made(declared, organization)))
        return [Rest(open_attribute(declared, attribute), each)]

    return accounts


def _administrators(declared: Declared) -> Value:
    found = _accounts("delegated_administrators")(declared)
    return Unordered(found) if isinstance(found, list) else found


def _roots(declared: Declared) -> Value:
    of = f"{declared.address}.roots[*]"
    id_ = Hole("${" + f"{of}.id" + "}", Kind.NAME)
    each = {"id": id_, "arn": _arn("root", made(declared, "id"), id_), **_open(of, "name", "policy_types")}
    return [Rest(open_attribute(declared, "roots"), each)]


def _units(declared: Declared) -> Value:
    of = f"{declared.address}.children[*]"
    id_ = Hole("${" + f"{of}.id" + "}", Kind.NAME)
    each = {"id": id_, "arn": _arn("ou", made(declared, "organization"), id_), **_open(of, "name")}
    return [Rest(open_attribute(declared, "children"), each)]


_ORGANIZATION: Mapping[str, Formula] = {
    "id": of_kind("id", Kind.NAME),
    "arn": lambda declared: _arn("organization", made(declared, "id")),
    "master_account_id": constant(MANAGEMENT_ACCOUNT),
    "master_account_arn": lambda declared: _arn("account", made(declared, "id"), MANAGEMENT_ACCOUNT),
    "accounts": _accounts("accounts", "id"),
    "non_master_accounts": _accounts("non_master_accounts", "id"),
    "roots": _roots,
}
_UNIT_ACCOUNTS: Mapping[str, Formula] = {"accounts": _accounts("accounts")}
ORGANIZATION_FORMULAS: Dict[str, Mapping[str, Formula]] = {
    "aws_organizations_organization": _ORGANIZATION,
    "data.aws_organizations_organization": _ORGANIZATION,
    "aws_organizations_account": {
        "id": of_kind("id", Kind.ACCOUNT),
        "arn": lambda declared: _arn(
            "account", made(declared, "organization"), open_attribute(declared, "id", Kind.ACCOUNT)
        ),
    },
    "data.aws_organizations_delegated_administrators": {"delegated_administrators": _administrators},
    "data.aws_organizations_organizational_units": {"children": _units},
    "data.aws_organizations_organizational_unit_child_accounts": _UNIT_ACCOUNTS,
    "data.aws_organizations_organizational_unit_descendant_accounts": _UNIT_ACCOUNTS,
}
