"""The organization that a configuration is about: its management account, and accounts that are not it.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, FrozenSet, Sequence, Tuple

from ctkms.cloudtrail.access_requests.key_case import policy_in_force
from ctkms.cloudtrail.access_requests.lockout import administrators as administrators_of
from ctkms.cloudtrail.resources import Key
from ctkms.iac.terraform.aws.attributes import as_text
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, Hole, Kind, Partial, Rest, Text, holes_in

# Only the management account makes these: CreateOrganization makes the caller one, and
# RegisterDelegatedAdministrator and CloudTrail's RegisterOrganizationDelegatedAdmin refuse any other.
_MADE_BY_MANAGEMENT = (
    "aws_organizations_organization",
    "aws_organizations_delegated_administrator",
    "aws_cloudtrail_organization_delegated_admin_account",
)
# The attribute that holds the account of a member; the management account is no delegated administrator.
_MEMBERS = {
    "aws_organizations_delegated_administrator": "account_id",
    "aws_cloudtrail_organization_delegated_admin_account": "account_id",
    "aws_organizations_account": "id",
}
_LOOKED_UP = "data.aws_organizations_organization"

ORGANIZATION_TYPES = (*_MADE_BY_MANAGEMENT, "aws_organizations_account")
# A data source counts as far as something refers to it: a plan has read what the account is.
ORGANIZATION_SOURCES = (*ORGANIZATION_TYPES, _LOOKED_UP)


@dataclass(frozen=True)
class Organization:
    """What the code tells of the organization."""

    management: Text = MANAGEMENT_ACCOUNT
    members: Tuple[Text, ...] = ()


def organization_of(resources: Sequence[ResourceInstance]) -> Organization:
    """The organization that resources and data sources speak of."""
    certain = [one for one in resources if one.exists_with(None)]
    members = dict.fromkeys(
        as_text(one.attribute(_MEMBERS[one.type]), Hole("${" + f"{one.address}.account_id" + "}", Kind.ACCOUNT))
        for one in certain
        if one.type in _MEMBERS
    )
    return Organization(_management(resources, certain, frozenset(members)), tuple(members))


def as_seen_from(found: Organization, key: Key, account: Text) -> Organization:
    """The organization without a management account that KMS's lockout check refutes.

    `account` is that of the key's provider. If the organization is managed with the same provider, and
    whoever may change the key policy is in a member account, then the code contradicts itself.
    """
    if not isinstance(account, Hole) or found.management != account or not found.members:
        return found
    administrators = administrators_of(key, policy_in_force(key))
    refuted = administrators.all_known and administrators.accounts and {*administrators.accounts} <= {*found.members}
    return replace(found, management=MANAGEMENT_ACCOUNT) if refuted else found


def members_named(policy: object) -> Tuple[Hole, ...]:
    """The accounts in a policy that are looked up as members, or delegated administrators, of the organization."""
    found: Dict[Hole, None] = {}
    waiting = [policy]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Hole, Partial)):
            found.update((hole, None) for hole in holes_in(value) if _OF_MEMBERS.fullmatch(hole.source))
        elif isinstance(value, Rest):
            waiting.extend((value.hole, value.each))
        elif isinstance(value, dict):
            waiting.extend((*value, *value.values()))
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
    return tuple(found)


# An attribute of one of the accounts, and no expression that may be something else.
_OF_MEMBERS = re.compile(
    r"\$\{(?:module\.[\w.\[\]\"-]*\.)?data\.aws_organizations_"
    r"(?:organization\.[\w-]+\.non_master_accounts|delegated_administrators\.[\w-]+\.delegated_administrators)"
    r"(?:\[[^\[\]]*\])?\.id\}"
)


def _management(
    resources: Sequence[ResourceInstance], certain: Sequence[ResourceInstance], members: FrozenSet[Text]
) -> Text:
    told = {one.known("master_account_id") for one in resources if one.type in (_LOOKED_UP, _MADE_BY_MANAGEMENT[0])}
    literals = [one for one in told if isinstance(one, str)]
    makers = {one.provider().account for one in certain if one.type in _MADE_BY_MANAGEMENT}
    found: Sequence[Text] = [one for one in literals or makers if one not in members]
    if len(found) > 1:
        return Hole("the management account, which the code shows in two ways", Kind.ACCOUNT)
    return found[0] if found else MANAGEMENT_ACCOUNT
