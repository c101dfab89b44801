"""Whom the principals of a statement name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import FrozenSet, NamedTuple, Tuple

from ctkms.budgets import Budget, spend
from ctkms.iam.document import PrincipalEntry, Principals
from ctkms.iam.patterns import ACCOUNT, RESOURCE, SERVICE, cached_by_text, is_open, matches, settled_sections
from ctkms.iam.request import AwsPrincipal, Principal, ServicePrincipal
from ctkms.unknowns.text import Hole, Kind, Rest, Text, join, parts_of, split
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, any_of, negate

# Twelve digits, or as many characters that stand for an account that is not spelled out (`text.OWN`, `text.STRANGE`).
_ACCOUNT_ID = re.compile("[0-9\ue000-\ue1ff]{12}\\Z")

EVERYONE = "*"
_STATEMENT, _ENTRY = 10, 24  # steps of `Budget.COMPARISONS` for a statement, and for a principal that has open parts

# What a name with open parts may turn out to be.
_ANY = Hole("<any text>")
_ANY_ACCOUNT = Hole("<any account>", Kind.ACCOUNT)
_ANY_PARTITION = Hole("<any partition>", Kind.PARTITION)
_ANY_ROOT = join(("arn:", _ANY_PARTITION, ":iam::", _ANY_ACCOUNT, ":root"))
_ANY_ROLE = join(("arn:", _ANY_PARTITION, ":iam::", _ANY_ACCOUNT, ":role/", _ANY))
_ANY_SESSION = join(("arn:", _ANY_PARTITION, ":sts::", _ANY_ACCOUNT, ":assumed-role/", _ANY))


def _read_account(entry: Text) -> Text:
    if isinstance(entry, str) and _ACCOUNT_ID.match(entry):
        return entry
    if isinstance(entry, Hole):
        return entry if entry.kind is Kind.ACCOUNT else ""
    sections = settled_sections(entry)
    return sections[ACCOUNT] if sections and sections[SERVICE] == "iam" and sections[RESOURCE] == "root" else ""


_account_of = cached_by_text(_read_account)


def account_of(entry: Text) -> Text:
    """The account that an entry surely names as a whole, by its id or by the ARN of its root; else ""."""
    return _account_of(entry)


def names_account(entry: Text) -> Truth:
    """Whether an entry names an account as a whole; an open one may turn out to do so."""
    if account_of(entry):
        return TRUE
    if isinstance(entry, str):
        return FALSE
    return UNKNOWN if _may_be(entry, _ANY_ACCOUNT) or _may_be(entry, _ANY_ROOT) else FALSE


def _may_be(text: Text, other: Text) -> bool:
    return matches(text, other, wildcards=False) is not FALSE


def entry_matches(entry: PrincipalEntry, principal: Principal) -> Truth:
    """Whether one principal of a statement is, or includes, the caller."""
    if isinstance(entry.value, Rest):
        # Any number of unknown names: whoever the caller is, nothing says that he is among them.
        found = _named(entry.type, entry.value.like, principal)
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
    if not isinstance(principal, AwsPrincipal):
        return matches(name, EVERYONE, wildcards=False)  # an open value may be "*", which includes services as well
    if name in (principal.arn, principal.role):
        return TRUE
    account = account_of(name)
    if account:
        # The account stands for all of its principals; their own IAM policies decide the rest:
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
        return matches(account, _account_of_caller(principal), wildcards=False)
    found = any_of((matches(name, principal.arn, wildcards=False), _names_role(name, principal)))
    if found is TRUE or isinstance(name, str):
        return found
    if _may_be(name, EVERYONE):
        return UNKNOWN
    if _other_account(name, principal):
        return FALSE
    # However unlikely, the open parts may make it the name of the account.
    wider = (_account_of_caller(principal), principal.root or _ANY_ROOT)
    return UNKNOWN if any(_may_be(name, other) for other in wider) else found


def _account_of_caller(principal: AwsPrincipal) -> Text:
    """The account of the caller; any, where an open part of its ARN might hold the account as well."""
    sections = settled_sections(principal.arn)
    if sections:
        return sections[ACCOUNT]
    return "" if isinstance(principal.arn, str) else _ANY


def _names_role(name: Text, principal: AwsPrincipal) -> Truth:
    """Whether the principal is a session of the role; its ARN leaves out the role's path, so the name decides."""
    if principal.role == principal.arn:
        session = not isinstance(principal.arn, str) and _may_be(principal.arn, _ANY_SESSION)
        return UNKNOWN if session and _may_be(name, _ANY_ROLE) and not _other_account(name, principal) else FALSE
    exact, open_name = _without_path(name)
    found = matches(exact, principal.role, wildcards=False)
    return UNKNOWN if found is FALSE and _may_be(open_name, principal.role) else found


def _read_without_path(role: Text) -> Tuple[Text, Text]:
    """The role's ARN without a path, and what else it may be, since an open part may hold slashes."""
    sections = settled_sections(role)
    if not sections:
        return role, role if isinstance(role, str) else _ANY
    head = tuple(part for section in sections[:RESOURCE] for part in (section, ":"))
    names = split(sections[RESOURCE], "/")
    exact = join((*head, "role/", names[-1])) if len(names) > 2 and names[0] == "role" else role
    if not is_open(names[-1]) and not is_open(names[0]):
        may_be_role = not isinstance(names[0], str) and len(names) > 1 and _may_be(names[0], "role")
        return exact, join((*head, "role/", names[-1])) if may_be_role else exact
    last = parts_of(names[-1])[-1]
    return exact, join((*head, "role/", _ANY, last if isinstance(last, str) else ""))


_without_path = cached_by_text(_read_without_path)


def _other_account(name: Text, principal: AwsPrincipal) -> bool:
    """Whether the ARN belongs to another account for sure, however its open parts turn out."""
    sections = settled_sections(name)
    return bool(sections) and not _may_be(sections[ACCOUNT], _account_of_caller(principal))


_ACCOUNT = "account "


class ReadPrincipals(NamedTuple):
    """The principals of a statement, of which the AWS ones that are spelled out are looked up."""

    written: Principals
    whole: FrozenSet[str]  # as they are written, or the accounts that they name
    roles: FrozenSet[str]  # without their paths, as their sessions name them
    others: Tuple[PrincipalEntry, ...]


def read_principals(principals: Principals) -> ReadPrincipals:
    """The principals, ready to be asked for many callers."""
    spelled = [one.value for one in principals.entries if one.type == "AWS" and isinstance(one.value, str)]
    others = tuple([one for one in principals.entries if one.type != "AWS" or not isinstance(one.value, str)])
    whole = frozenset(_ACCOUNT + str(account_of(name)) if account_of(name) else name for name in spelled)
    roles = frozenset(str(_without_path(name)[0]) for name in spelled if not account_of(name))
    return ReadPrincipals(principals, whole, roles, others)


def _is_named(names: ReadPrincipals, principal: Principal) -> bool:
    """Whether a name that is spelled out is, or includes, the caller, who is spelled out as well."""
    if EVERYONE in names.whole:
        return True
    if not isinstance(principal, AwsPrincipal):
        return False
    return (
        principal.arn in names.whole
        or _ACCOUNT + str(principal.account) in names.whole
        or (principal.role != principal.arn and principal.role in names.roles)
    )


def _found(names: ReadPrincipals, principal: Principal) -> Truth:
    entries = names.written.entries
    plain = isinstance(principal, ServicePrincipal) or isinstance(principal.arn, str)
    if plain:
        if _is_named(names, principal):
            return TRUE
        entries = names.others
    if not spend(Budget.COMPARISONS, _STATEMENT + _ENTRY * len(entries)):
        return UNKNOWN
    return any_of([entry_matches(entry, principal) for entry in entries])


def principals_match(names: ReadPrincipals, principal: Principal) -> Truth:
    """Whether `Principal` or `NotPrincipal` lets a statement speak of the caller."""
    found = _found(names, principal)
    if not names.written.negated:
        return found
    if found is TRUE and isinstance(principal, AwsPrincipal) and not _excepted(names.written, principal):
        return UNKNOWN
    return negate(found)


def _excepted(principals: Principals, principal: AwsPrincipal) -> bool:
    """Whether `NotPrincipal` leaves the caller out for sure.

    AWS asks to list a user or role as well as the account, and says that the statement might reach
    the caller otherwise; the account alone does not stand for its users.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = [entry.value for entry in principals.entries if entry_matches(entry, principal) is TRUE]
    names = [value for value in listed if not isinstance(value, Rest)]
    if EVERYONE in names:
        return True
    if not any(map(account_of, names)):
        return False
    if principal.role != principal.arn:  # AWS may look at the account, then at the role, then at its session
        return any(_names_role(name, principal) is TRUE for name in names)
    return principal.is_root or not all(map(account_of, names))
