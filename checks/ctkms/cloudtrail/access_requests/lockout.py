"""KMS's lockout check: who may change a key policy is in the key's own account.

KMS refuses a key policy after which its caller could not change it again, and takes PutKeyPolicy
from principals of the key's own account only. So the key is in an account whose principals may
change the policy, even where the code spells that account by a variable.

https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from typing import Dict, Iterator, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.calls import PUT_KEY_POLICY
from ctkms.cloudtrail.resources import Key
from ctkms.iam.document import Document, PrincipalEntry, Statement
from ctkms.iam.evaluate import action_matches
from ctkms.iam.patterns import ACCOUNT, SERVICE, arn_sections
from ctkms.iam.principals import account_of
from ctkms.unknowns.text import Hole, Rest, Text
from ctkms.unknowns.truth import FALSE


class Administrators(NamedTuple):
    """The accounts of those who may change a key policy; `all_known` says that there can be no others."""

    accounts: Tuple[Text, ...]
    all_known: bool


def administrators(key: Key, document: Document) -> Administrators:
    """Whose principals may, or might, change the key policy.

    Where KMS is told to leave the check out, nothing follows from it, so others count as possible.
    """
    closed = key.bypass is False and document.open is None and not document.refused
    found: Dict[Text, None] = {}
    for statement in document.statements:
        closed = closed and statement.open is None
        for account in _accounts(statement):
            if account is None:
                closed = False
            else:
                found[account] = None
    return Administrators(tuple(found), closed)


def _accounts(statement: Statement) -> Iterator[Optional[Text]]:
    """The accounts that a statement lets change the policy; None for one that is open, or for everyone."""
    principals = statement.principals
    if statement.effect == "Deny" or principals is None or statement.resources is None:
        return
    if action_matches(statement.actions, PUT_KEY_POLICY) is FALSE:
        return
    if principals.negated:
        yield None
        return
    for entry in principals.entries:
        if entry.type == "AWS":  # no service changes a key policy
            yield _account(entry)


def _account(entry: PrincipalEntry) -> Optional[Text]:
    name = entry.value
    if isinstance(name, Rest):
        account = _account_in(name.like)
        # Each of them may be in another account, unless it is one's own or spelled out.
        return account if isinstance(account, str) or (isinstance(account, Hole) and account.own) else None
    return _account_in(name)


def _account_in(name: Text) -> Optional[Text]:
    whole = account_of(name)
    if whole:
        return whole
    sections = arn_sections(name)
    # A name that leaves open where its sections begin may be anybody's.
    if len(sections) < ACCOUNT or sections[SERVICE] not in ("iam", "sts"):
        return None
    account = sections[ACCOUNT]
    return account if isinstance(account, (str, Hole)) and account != "" else None
