"""One request that somebody asks about, with what AWS documents of its context filled in."""

from __future__ import annotations

from typing import Dict, Iterable, Mapping, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.calls import DECRYPT, DESCRIBE_KEY, GENERATE_DATA_KEY, PUT_KEY_POLICY, Asked
from ctkms.cloudtrail.access_requests.context import (
    CLOUDTRAIL,
    ENCRYPTION_CONTEXT_PREFIX,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    Known,
    carries_encryption_context,
    sent_by_service,
)
from ctkms.cloudtrail.resources import Trail
from ctkms.iam.context_keys import context_keys
from ctkms.iam.document import Document
from ctkms.iam.patterns import ACCOUNT, RESOURCE, SERVICE, arn_sections
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, Context, ContextValue, Principal, Request, ServicePrincipal
from ctkms.iam.vocabulary import condition_key_exists
from ctkms.unknowns.text import Hole, Text

Given = Mapping[str, Optional[ContextValue]]  # by condition key; None: the call does not carry it


class Asking(NamedTuple):
    """A request, and where its context is from, as far as the policy looks at it."""

    request: Request
    given: Tuple[str, ...]  # condition keys as they were given
    filled_in: Tuple[str, ...]  # as AWS documents the call
    open: Tuple[str, ...]  # AWS may send them, with any value
    absent: Tuple[str, ...]
    unread: Optional[Hole] = None  # where nothing is known of the policy


# Of these the documentation has been read as to which condition keys their calls carry.
_KNOWN_CALLS = (GENERATE_DATA_KEY, DECRYPT, DESCRIBE_KEY, PUT_KEY_POLICY)


def asking(document: Document, key_arn: Text, caller: Principal, action: str, given: Given) -> Asking:
    """The request with what is `given` of its context.

    A user's or role's call carries the encryption context that is given; that of a service is open.
    """
    told = {key.lower(): value for key, value in given.items()}
    base = dict(open_request(document, key_arn, caller, action, told.get(SOURCE_ARN)).context)
    if not isinstance(caller, ServicePrincipal):
        base = {key: one for key, one in base.items() if not _is_open_context(key, one)}
    if SOURCE_ARN in told and SOURCE_ACCOUNT not in told and isinstance(caller, ServicePrincipal):
        base.pop(SOURCE_ACCOUNT, None)
        base.update(_account_in(told[SOURCE_ARN]))
    for key, value in told.items():
        base.pop(key, None)
        if value is not None:
            base[key] = value
    spelled = spellings(document)
    looked_at = [key for key in spelled if key not in told]
    return Asking(
        Request(caller, action, key_arn, Context(base)),
        given=tuple(given),
        filled_in=tuple(spelled[key] for key in looked_at if key in base and base[key] is not UNDOCUMENTED),
        open=tuple(spelled[key] for key in looked_at if base.get(key) is UNDOCUMENTED),
        absent=tuple(spelled[key] for key in spelled if key not in base),
        unread=document.open,
    )


def open_request(
    document: Document, key_arn: Text, caller: Principal, action: str, source: Optional[ContextValue] = None
) -> Request:
    """The request of a caller who may choose whatever a caller may: that is open, and so is what is not documented."""
    asked = Asked(key_arn, context_keys(document.statements))
    if isinstance(caller, AwsPrincipal):
        request = asked.by_principal(action, caller.arn, {}, "")
    elif caller.name == CLOUDTRAIL and action in _KNOWN_CALLS[:3] and _is_trail(source):
        return asked.by_trail(action, Trail("", "", str(source)))
    else:
        known: Known = {
            "aws:principalservicename": caller.name,
            "aws:resourceaccount": _section(key_arn),
        }
        request = Request(caller, action, key_arn, sent_by_service(asked.condition_keys, action, known))
    context: Dict[str, ContextValue] = dict(request.context)
    for key in asked.condition_keys:
        context.update({key: UNDOCUMENTED} if key not in context and _may_be_sent(key, action) else {})
    return Request(caller, action, key_arn, Context(context))


def spellings(document: Document) -> Dict[str, str]:
    """The condition keys that the policy looks at, in lower case, with how it spells them."""
    found = dict(zip(context_keys(document.statements), context_keys(document.statements)))
    for statement in reversed(document.statements):
        found.update((one.key.lower(), one.key) for one in statement.conditions if isinstance(one.key, str))
    return found


def may_not_carry(action: str, keys: Iterable[str]) -> bool:
    """Whether there is an encryption context among the keys, and a call of the action has none."""
    has_none = action in _KNOWN_CALLS and not carries_encryption_context(action)
    return has_none and any(key.lower().startswith(ENCRYPTION_CONTEXT_PREFIX) for key in keys)


def _may_be_sent(key: str, action: str) -> bool:
    """Whether a call may carry a key that the documentation of the known calls does not have."""
    if key.startswith(ENCRYPTION_CONTEXT_PREFIX):
        return carries_encryption_context(action) or action not in _KNOWN_CALLS
    return action not in _KNOWN_CALLS and condition_key_exists(key)


def _is_open_context(key: str, value: ContextValue) -> bool:
    return key.startswith(ENCRYPTION_CONTEXT_PREFIX) and value is UNDOCUMENTED


def _is_trail(arn: Optional[ContextValue]) -> bool:
    if not isinstance(arn, str):
        return False
    sections = arn_sections(arn)
    return bool(sections) and sections[SERVICE] == "cloudtrail" and str(sections[RESOURCE]).startswith("trail/")


def _account_in(arn: Optional[ContextValue]) -> Dict[str, ContextValue]:
    """`aws:SourceAccount` goes with `aws:SourceArn`: the account that the ARN has."""
    if arn is None:
        return {}
    sections = arn_sections(arn) if isinstance(arn, str) else ()
    return {SOURCE_ACCOUNT: sections[ACCOUNT] if sections and sections[ACCOUNT] else UNDOCUMENTED}


def _section(arn: Text) -> Optional[ContextValue]:
    sections = arn_sections(arn)
    return sections[ACCOUNT] if sections else UNDOCUMENTED
