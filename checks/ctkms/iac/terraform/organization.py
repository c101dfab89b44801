"""The organization that a configuration is about: its management account, and accounts that are not it.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple

from ctkms.iac.terraform.attributes import as_text
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iam.text import MANAGEMENT_ACCOUNT, Hole, Kind, Text

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
    return Organization(_management(resources, certain), tuple(members))


def _management(resources: Sequence[ResourceInstance], certain: Sequence[ResourceInstance]) -> Text:
    told = {one.known("master_account_id") for one in resources if one.type in (_LOOKED_UP, _MADE_BY_MANAGEMENT[0])}
    literals = [one for one in told if isinstance(one, str)]
    makers = {one.provider().account for one in certain if one.type in _MADE_BY_MANAGEMENT}
    found: Sequence[Text] = literals or tuple(makers)
    if len(found) > 1:
        return Hole("the management account, which the code shows in two ways", Kind.ACCOUNT)
    return found[0] if found else MANAGEMENT_ACCOUNT
