"""The account and the Region that an AWS provider works in.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from ctkms.iac.terraform.evaluation.dynamic_blocks import argument, blocks
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind, Partial, Text, split

_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_CREDENTIALS = ("profile", "access_key", "shared_credentials_files", "shared_config_files")


@dataclass(frozen=True)
class Provider:
    """Where resources of a provider are made. `credentials` tells two providers of one account from others."""

    region: Text = OWN_REGION
    account: Text = OWN_ACCOUNT
    credentials: Tuple[object, ...] = ()


UNCONFIGURED = Provider()


def configured(body: Body, scope: Scope, name: str, default: Optional[Provider]) -> Provider:
    """The provider of a `provider "aws"` block.

    `default` is the one without an alias; None says that this is the default one itself. Its
    Region and account, where they are not fixed, are what the pack calls the own ones.
    """
    region = _single(argument(body, "region", scope), Kind.REGION, f"the Region of provider {name}")
    given = (("assume_role", _role(body, scope)), *((one, _frozen(argument(body, one, scope))) for one in _CREDENTIALS))
    credentials = tuple(one for one in given if one[1] is not None)
    account = _account(body, scope, f"the account of provider {name}")
    if default is None:
        own_region = OWN_REGION if region is None or _is_open(region) else region
        return Provider(own_region, OWN_ACCOUNT if account is None or _is_open(account) else account, credentials)
    if account is None:
        same = credentials == default.credentials
        account = default.account if same else unknown_provider(f"of provider {name}").account
    return Provider(unknown_provider(f"of provider {name}").region if region is None else region, account, credentials)


def identities(body: Body, scope: Scope, provider: Provider) -> Dict[Hole, Hole]:
    """Which open values are the provider's Region or account, so that the code may name these by them."""
    given = ((argument(body, "region", scope), provider.region), (_account_given(body, scope), provider.account))
    return {
        open_: own
        for open_, own in given
        if isinstance(open_, Hole) and not isinstance(open_, Choice) and isinstance(own, Hole)
    }


def unknown_provider(whose: str) -> Provider:
    """A provider that is handed in from somewhere that is not in the code; `whose` says which one it is."""
    return Provider(_own(f"the Region {whose}", Kind.REGION), _own(f"the account {whose}", Kind.ACCOUNT))


def _own(source: str, kind: Kind) -> Hole:
    return Hole(source, kind, own=True)


def _is_open(value: Text) -> bool:
    return isinstance(value, Hole) and not isinstance(value, Choice)


def _single(value: Value, kind: Kind, source: str) -> Optional[Text]:
    """A value of its kind: a literal, an open condition, or a hole; None when it is not set."""
    if value is None or value == "":
        return None
    if isinstance(value, (str, Choice)):
        return value
    return _own(value.source if isinstance(value, Hole) else source, kind)


def _role(body: Body, scope: Scope) -> object:
    """The role that the provider ends up in: each assumes the next one, a web identity the first."""
    for type_ in ("assume_role", "assume_role_with_web_identity"):
        for assumed in reversed(blocks(body, type_, scope)):
            role = assumed.value("role_arn")
            if role not in (None, "") or assumed.open is not None:
                return _frozen(assumed.open or role)
    return None


def _account(body: Body, scope: Scope, source: str) -> Optional[Text]:
    given = _account_given(body, scope)
    if given is None and _role(body, scope) is not None:
        return _own(source, Kind.ACCOUNT)
    return _single(given, Kind.ACCOUNT, source)


def _account_given(body: Body, scope: Scope) -> Value:
    """The account that the assumed role is in, or the only one that is allowed; None when neither is said."""
    role = _role(body, scope)
    if isinstance(role, (str, Partial)):
        sections = split(role, ":")
        if len(sections) > 4 and _is_account(sections[4]):
            return sections[4]
    allowed = argument(body, "allowed_account_ids", scope)
    if isinstance(allowed, (list, tuple)) and len(allowed) == 1:
        only = str(allowed[0]) if type(allowed[0]) is int else allowed[0]
        return only if _is_account(only) else None
    return None


def _is_account(value: Value) -> bool:
    return isinstance(value, Hole) or (isinstance(value, str) and bool(_ACCOUNT.match(value)))


def _frozen(value: Value) -> object:
    return repr(value) if isinstance(value, (list, dict)) else value
