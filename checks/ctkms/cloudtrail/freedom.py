"""What a caller is free to choose: the condition keys whose values are up to him, and the values worth trying.

What a caller chooses and what AWS derives from him is in two tables; every other condition key is
`context.py`'s business.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Dict, FrozenSet, Iterator, List, Optional, Sequence, Tuple

from ctkms.cloudtrail.calls import S3_CONTEXT
from ctkms.cloudtrail.choices import condition_keys, drawn_from, for_operator, literals, values_for
from ctkms.cloudtrail.context import ENCRYPTION_CONTEXT_PREFIX, carries_encryption_context, family_of
from ctkms.iam.comparisons import read_network
from ctkms.iam.document import Statement
from ctkms.iam.request import ContextValue
from ctkms.iam.text import STRANGE, Rest, Text

# Condition keys whose values the caller has in his hand, in his own account and his own call.
# (`family/` and `family:` stand for every key that begins so.)
_CHOSEN_IN_EVERY_CALL = (
    "kms:viaservice",
    "aws:currenttime",
    "aws:epochtime",
    "aws:useragent",
    "aws:referer",
)
# The owner of a trail chooses the bucket; the names in the encryption context are CloudTrail's.
_CHOSEN_BY_TRAILS = frozenset((*_CHOSEN_IN_EVERY_CALL, S3_CONTEXT))
_CHOSEN_BY_PRINCIPALS = frozenset(
    (
        *_CHOSEN_IN_EVERY_CALL,
        ENCRYPTION_CONTEXT_PREFIX,
        "kms:encryptioncontextkeys",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principaltag/",
        "aws:principaltype",
        "aws:sourceidentity",
        "aws:tokenissuetime",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpcsourceip",
        # Of sts:AssumeRole. An external id is no secret:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
        "sts:externalid",
        "sts:rolesessionname",
        "sts:sourceidentity",
    )
)

# Condition keys that AWS derives from who calls or from where. A stranger's differ from those of the policy.
_DERIVED = frozenset(
    (
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpcaccount",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:sourcevpcorgid",
        "aws:sourcevpcorgpaths",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    )
)
_MULTIVALUED = frozenset(("kms:encryptioncontextkeys", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:calledvia"))

# What is left open to each kind of caller.
TO_TRAILS = _CHOSEN_BY_TRAILS
# AWS does not document what it sends of a trail's organization; of a foreign trail it is a foreign one, or nothing.
TO_FOREIGN_TRAILS = _CHOSEN_BY_TRAILS | {"aws:sourceorgid", "aws:sourceorgpaths"}
TO_PRINCIPALS = _CHOSEN_BY_PRINCIPALS | _DERIVED

Candidate = Optional[ContextValue]  # None: the key is absent


def candidates(
    statements: Sequence[Statement], left: FrozenSet[str], foreign: bool, action: str
) -> Dict[str, List[Candidate]]:
    """For each condition key of the statements that is left to the caller of the action: the values worth trying.

    `left` is TO_TRAILS, TO_FOREIGN_TRAILS or TO_PRINCIPALS. What AWS derives from a `foreign` caller differs from
    all that the policy names.
    """
    keys = _of(condition_keys(statements), left, carries_encryption_context(action))
    return {key: _values(statements, key, foreign) for key in keys}


@lru_cache(maxsize=512)  # policies look at the same few sets of keys
def _of(keys: Tuple[str, ...], left: FrozenSet[str], with_context: bool) -> Tuple[str, ...]:
    return tuple(
        key
        for key in keys
        if (key in left or family_of(key) in left)
        and (with_context or not key.startswith(_ENCRYPTION_CONTEXT_OF_ANY_FORM))
    )


_ENCRYPTION_CONTEXT_OF_ANY_FORM = ("kms:encryptioncontext:", "kms:encryptioncontextkeys")


def _values(statements: Sequence[Statement], key: str, foreign: bool) -> List[Candidate]:
    if foreign and key in _DERIVED:
        texts: Tuple[Text, ...] = _foreign_values(key, literals(values_for(statements, (key,))))
    else:
        texts = (STRANGE["value"], *_compared(statements, key))
    several = key in _MULTIVALUED
    return [None, *((text,) if several else text for text in dict.fromkeys(texts))]


def _compared(statements: Sequence[Statement], key: str) -> Iterator[Text]:
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str) and condition.key.lower() == key and isinstance(condition.operator, str):
                # The caller may carry the very value that the code leaves open.
                values = [one.hole if isinstance(one, Rest) else one for one in condition.values]
                yield from for_operator(condition.operator, values)


def _foreign_values(key: str, named: Sequence[str]) -> Tuple[str, ...]:
    if key == "aws:sourceip":
        return _addresses_outside(named)
    return drawn_from(named, STRANGE["organization"] if "org" in key else STRANGE["value"])


def _addresses_outside(named: Sequence[str]) -> Tuple[str, ...]:
    """An IPv4 and an IPv6 address that no named network holds, or any address where the networks leave none."""
    networks = [network for network in map(read_network, named) if network is not None]
    found = []
    for candidates in (_IPV4, _IPV6):
        outside = (one for one in candidates if not any(one in network for network in networks))  # type: ignore[operator]
        found.append(str(next(outside, candidates[0])))
    return tuple(found)


# Addresses spread over the public ranges.
_IPV4 = tuple(
    ipaddress.ip_address(f"{first}.77.77.77") for first in (8, 23, 45, 61, 80, 101, 133, 155, 177, 190, 201, 213)
)
_IPV6 = tuple(
    ipaddress.ip_address(f"{first}::77") for first in ("2001:4860", "2400:cb00", "2600:1f00", "2a00:1450", "2c0f:f248")
)
