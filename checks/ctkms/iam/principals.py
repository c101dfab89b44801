"""Whom the principals of a statement name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from ctkms.iam.document import PrincipalEntry, Principals
from ctkms.iam.patterns import arn_sections, matches
from ctkms.iam.request import AwsPrincipal, Principal, ServicePrincipal
from ctkms.iam.text import Hole, Kind, Partial, Rest, Text, join, split
from ctkms.iam.verdict import FALSE, TRUE, UNKNOWN, Truth, any_of, negate

# Twelve digits, or as many characters that stand for an account that is not spelled out (`text.OWN`, `text.STRANGE`).
_ACCOUNT = re.compile("[0-9\ue000-\ue1ff]{12}\\Z")

EVERYONE = "*"


@lru_cache(maxsize=1024)
def account_of(entry: Text) -> Text:
    """The account that an entry names as a whole, by its id or by the ARN of its root; "" when it names none."""
    if isinstance(entry, str) and _ACCOUNT.match(entry):
        return entry
    if isinstance(entry, Hole):
        return entry if entry.kind is Kind.ACCOUNT else ""
    sections = arn_sections(entry)
    return sections[4] if sections and sections[2] == "iam" and sections[5] == "root" else ""


def entry_matches(entry: PrincipalEntry, principal: Principal) -> Truth:
    """Whether one principal of a statement is, or includes, the caller."""
    if isinstance(entry.value, Rest):
        # Any number of unknown names: whoever the caller is, nothing says that he is among them.
        found = _named(entry.type, entry.value.hole, principal)
        return UNKNOWN if found is TRUE else found
    return _named(entry.type, entry.value, principal)


def _named(kind: str, name: Text, principal: Principal) -> Truth:
    if kind == "AWS":
        # Everyone includes AWS services: a Deny for "*" stops CloudTrail too.
        return TRUE if name == EVERYONE else _aws_named(name, principal)
    if kind == "Service":
        return matches(name, principal.name, wildcards=False) if isinstance(principal, ServicePrincipal) else FALSE
    return FALSE  # Federated and CanonicalUser principals do not call KMS


def _aws_named(name: Text, principal: Principal) -> Truth:
    if isinstance(name, Hole) and name.kind is not Kind.ACCOUNT:
        # An open value may be "*", and then it includes services as well.
        return TRUE if isinstance(principal, AwsPrincipal) and name in (principal.arn, principal.role) else UNKNOWN
    if not isinstance(principal, AwsPrincipal):
        return matches(name, EVERYONE, wildcards=False)
    account = account_of(name)
    if account:
        # The account stands for all of its principals; their own IAM policies decide the rest:
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
        return matches(account, principal.account, wildcards=False)
    found = any_of((matches(name, principal.arn, wildcards=False), _names_role(name, principal)))
    if found is TRUE or not isinstance(name, Partial):
        return found
    if _other_account(name, principal):
        return FALSE
    # However unlikely, the open parts may make it the name of the account or of everyone.
    wider = (EVERYONE, principal.account, principal.root)
    return UNKNOWN if any(matches(name, other, wildcards=False) is not FALSE for other in wider) else found


def _names_role(name: Text, principal: AwsPrincipal) -> Truth:
    """Whether the principal is a session of the role; its ARN leaves out the role's path, so the name decides."""
    return matches(_without_path(name), principal.role, wildcards=False) if principal.role != principal.arn else FALSE


@lru_cache(maxsize=1024)
def _without_path(role: Text) -> Text:
    sections = arn_sections(role)
    names = split(sections[5], "/") if sections else ()
    if len(names) < 3 or names[0] != "role":
        return role
    return join((*(part for section in sections[:5] for part in (section, ":")), "role/", names[-1]))


def _other_account(name: Text, principal: AwsPrincipal) -> bool:
    """Whether the ARN belongs to another account for sure, however its open parts turn out."""
    sections = arn_sections(name)
    return bool(sections) and matches(sections[4], principal.account, wildcards=False) is FALSE


def principals_match(principals: Principals, principal: Principal) -> Truth:
    """Whether `Principal` or `NotPrincipal` lets a statement speak of the caller."""
    found = any_of([entry_matches(entry, principal) for entry in principals.entries])
    if not principals.negated:
        return found
    if found is TRUE and isinstance(principal, AwsPrincipal) and not _excepted(principals, principal):
        return UNKNOWN
    return negate(found)


def _excepted(principals: Principals, principal: AwsPrincipal) -> bool:
    """Whether `NotPrincipal` leaves the caller out for sure.

    AWS asks to list a user or role as well as the account, and says that the statement might reach
    the caller otherwise; the account alone does not stand for its users.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = [entry.value for entry in principals.entries if entry_matches(entry, principal) is TRUE]
    accounts = [value for value in listed if not isinstance(value, Rest) and account_of(value)]
    return EVERYONE in listed or (bool(accounts) and (len(accounts) < len(listed) or principal.is_root))
