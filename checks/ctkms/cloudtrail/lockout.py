"""KMS's lockout check: who may change a key policy is in the key's own account.

KMS refuses a key policy after which its caller could not change it again, and takes PutKeyPolicy
from principals of the key's own account only. So the key is in an account whose principals may
change the policy, even where the code spells that account by a variable.

https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from typing import Dict, Iterator, Optional, Tuple

from ctkms.cloudtrail.calls import PUT_KEY_POLICY
from ctkms.cloudtrail.keys import Key
from ctkms.iam.document import Document, PrincipalEntry, Statement
from ctkms.iam.evaluate import action_matches
from ctkms.iam.patterns import ACCOUNT, SERVICE, arn_sections
from ctkms.iam.principals import account_of
from ctkms.iam.text import Hole, Kind, Rest, Text
from ctkms.iam.verdict import FALSE


def administering_accounts(key: Key, document: Document) -> Optional[Tuple[Text, ...]]:
    """The accounts of all that may, or might, change the key policy, once each.

    None where that is open, or where KMS is told to leave the check out: then nothing follows. An
    empty tuple says that nobody may.
    """
    if key.bypass is not False or document.open is not None or document.refused:
        return None
    found: Dict[Text, None] = {}
    for statement in document.statements:
        if statement.open is not None:
            return None
        for account in _accounts(statement):
            if account is None:
                return None
            found[account] = None
    return tuple(found)


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
    if isinstance(entry.value, Rest):
        return None
    whole = account_of(entry.value)
    if whole:
        return whole
    sections = arn_sections(entry.value)
    # A name that leaves open where its sections begin may be anybody's.
    if len(sections) < ACCOUNT or sections[SERVICE] not in ("iam", "sts"):
        return None
    account = sections[ACCOUNT]
    return account if isinstance(account, (str, Hole)) and account != "" else None


def is_account(text: Text) -> bool:
    """Whether the text may stand for one account: a literal, or a single open value."""
    return isinstance(text, str) or (isinstance(text, Hole) and text.kind in (Kind.ANY, Kind.ACCOUNT, Kind.NAME))
