"""Accounts that a policy does not name, and those of which it gives some digits."""

from __future__ import annotations

from typing import Tuple

from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.access_requests.meeting_patterns import (
    ONE_IN_SECTION,
    Read,
)
from ctkms.cloudtrail.access_requests.policy_values import (
    ACCOUNT_LENGTH,
    has_wildcard,
    values_for,
)
from ctkms.iam.patterns import ACCOUNT, arn_sections
from ctkms.unknowns.text import STRANGE, Hole, Kind, Text, is_strange

STRANGER = STRANGE["account"] * ACCOUNT_LENGTH


# Accounts of which a policy gives some digits, and not this one.
_PART_STRANGERS = tuple(
    ONE_IN_SECTION * place + STRANGE["account"] + ONE_IN_SECTION * (ACCOUNT_LENGTH - 1 - place)
    for place in reversed(range(ACCOUNT_LENGTH))
)


# What has not been chosen of a trail or a principal.
OTHER_ACCOUNT = Hole("<another account>", Kind.ACCOUNT)


def foreign_accounts(case: KeyCase, keys: Tuple[str, ...]) -> Tuple[str, ...]:
    """An account that nobody names; and where a pattern gives some digits of one, others that have these."""
    partly = any(_gives_digits(str(value)) for value in values_for(case.document.statements, keys))
    return (STRANGER, *_PART_STRANGERS) if partly else (STRANGER,)


def _gives_digits(pattern: str) -> bool:
    """Whether a pattern has digits that may be some of an account, and not all of it."""
    sections = arn_sections(pattern)
    account = str(sections[ACCOUNT]) if sections else pattern
    return has_wildcard(account) and any(map(str.isdigit, account))


def within_arn(form: str) -> Read:
    """How a pattern for an account is one for the ARN that it is in."""
    return lambda pattern: form.format(pattern)


def is_foreign(arn: Text) -> bool:
    """Whether its account is nobody's whom the policy names; one that is all digits is what somebody has named."""
    return has_strange(arn, ACCOUNT)


def has_strange(arn: Text, place: int) -> bool:
    sections = arn_sections(arn)
    section = sections[place] if sections else ""
    return isinstance(section, str) and any(map(is_strange, section))


def account_of_arn(arn: Text) -> Text:
    sections = arn_sections(arn)
    return sections[ACCOUNT] if sections else ""
