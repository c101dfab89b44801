"""What a caller is free to choose: the condition keys whose values are up to him, and the values worth trying.

What a caller chooses and what AWS derives from him is in two tables; every other condition key is
`context.py`'s business.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from functools import lru_cache
from types import MappingProxyType
from typing import Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.access_requests.calls import PUT_KEY_POLICY, S3_CONTEXT, principal_arn_of
from ctkms.cloudtrail.access_requests.context import (
    BYPASS,
    ENCRYPTION_CONTEXT_PREFIX,
    carries_encryption_context,
    family_of,
)
from ctkms.cloudtrail.access_requests.foreign_accounts import (
    account_of_arn,
)
from ctkms.cloudtrail.access_requests.meeting_patterns import (
    MANY_IN_NAME,
    Fresh,
    common,
    plainly,
)
from ctkms.cloudtrail.access_requests.policy_values import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    literals,
    values_for,
)
from ctkms.cloudtrail.access_requests.questions import Chosen
from ctkms.cloudtrail.access_requests.witnesses import witnesses
from ctkms.iam.comparisons import Network, read_network, read_number
from ctkms.iam.conditions import read_operator
from ctkms.iam.context_keys import context_keys, values_with_variables
from ctkms.iam.document import Statement
from ctkms.iam.request import UNDOCUMENTED, ContextValue
from ctkms.iam.variables import resolve, variable_names
from ctkms.unknowns.text import OWN, STRANGE, Hole, Kind, Partial, Rest, Text, is_own, is_strange, parts_of

# Condition keys whose values the caller has in his hand, in his own account and his own call.
# (`family/` and `family:` stand for every key that begins so.)
_TIME = ("aws:currenttime", "aws:epochtime")
# The owner of a trail chooses the bucket; what else CloudTrail's calls carry is CloudTrail's affair.
_CHOSEN_BY_TRAILS = frozenset((*_TIME, S3_CONTEXT))
_CHOSEN_BY_PRINCIPALS = frozenset(
    (
        *_TIME,
        "kms:viaservice",
        "aws:useragent",
        "aws:referer",
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
# What the caller of one operation sets, and that operation.
_PARAMETERS = {BYPASS: PUT_KEY_POLICY}
_MULTIVALUED = frozenset(("kms:encryptioncontextkeys", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:calledvia"))

# What is left open to each kind of caller.
TO_TRAILS = _CHOSEN_BY_TRAILS
TO_PRINCIPALS = frozenset((*_CHOSEN_BY_PRINCIPALS, *_DERIVED, *_PARAMETERS))

# No service changes a key policy for somebody, and CloudTrail is none through which one calls KMS:
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
_VIA_SERVICE, _NOT_VIA = "kms:viaservice", "cloudtrail."

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Candidate = Optional[ContextValue]  # None: the key is absent


def candidates(
    statements: Sequence[Statement], left: FrozenSet[str], foreign: bool, action: str
) -> Tuple[Dict[str, List[Candidate]], bool]:
    """For each condition key of the statements that is left to the caller of the action: the values worth trying.

    And whether these are enough. `left` is TO_TRAILS or TO_PRINCIPALS. What AWS derives from a `foreign` caller
    differs from all that the policy names.
    """
    found: Dict[str, List[Candidate]] = {}
    enough = True
    by_key = _by_key(statements)
    for key in _of(context_keys(statements), left, carries_encryption_context(action)):
        if _PARAMETERS.get(key, action) != action:
            continue
        # What is worth trying is looked for in all conditions of the statements that look at the key.
        if not spend(Budget.COMPARISONS, _LOOK * sum(len(one.conditions) for one in by_key.get(key, ()))):
            return found, False
        texts, complete = _texts(by_key.get(key, ()), key, foreign)
        texts += _taken(statements, key)
        if key == _VIA_SERVICE:
            texts = [] if action == PUT_KEY_POLICY else [one for one in texts if not str(one).startswith(_NOT_VIA)]
        once = tuple(dict.fromkeys(texts))
        found[key] = [None, *(_sets_of(once) if key in _MULTIVALUED else once)]
        enough = enough and complete
    return found, enough


def _by_key(statements: Sequence[Statement]) -> Mapping[str, Sequence[Statement]]:
    """The statements that look at each key."""
    found: Dict[str, Dict[int, Statement]] = {}
    for statement in statements:
        for condition in statement.conditions:
            found.setdefault(str(condition.key).lower(), {})[statement.index] = statement
    return {key: tuple(those.values()) for key, those in found.items()}


def _sets_of(values: Sequence[Text]) -> Iterator[Tuple[Text, ...]]:
    """Each value alone, two together, and all: what asks for some value and what asks for all of them."""
    yield from ((value,) for value in values)
    yield from itertools.islice(itertools.combinations(values, 2), _MOST_PAIRS)
    if len(values) > 2:
        yield tuple(values)


_MOST_PAIRS = 30


@lru_cache(maxsize=512)  # policies look at the same few sets of keys
def _of(keys: Tuple[str, ...], left: FrozenSet[str], with_context: bool) -> Tuple[str, ...]:
    return tuple(
        key
        for key in keys
        if (key in left or family_of(key) in left)
        and (with_context or not key.startswith(_ENCRYPTION_CONTEXT_OF_ANY_FORM))
    )


_ENCRYPTION_CONTEXT_OF_ANY_FORM = ("kms:encryptioncontext:", "kms:encryptioncontextkeys")

_LOOK = 10  # of `Budget.COMPARISONS`
_ANY_VALUE, _OTHER = "*", STRANGE["organization"]
# An organization that is not the policy's, though it may begin alike.
_ID = ("o-" + _OTHER, f"o-{MANY_IN_NAME}{_OTHER}", f"o-{MANY_IN_NAME}{_OTHER}{MANY_IN_NAME}")
_PATHS = tuple(f"{one}/*" for one in _ID)
# What AWS makes of a foreign caller: his part of it is nothing that the policy names.
_FOREIGN_FORMS: Mapping[str, Tuple[str, ...]] = {
    "aws:principalorgid": _ID,
    "aws:principalorgpaths": _PATHS,
    "aws:vpceorgid": _ID,
    "aws:vpceorgpaths": _PATHS,
    # The unique id is IAM's, the name of the session the caller's:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    "aws:userid": tuple(f"{start}{STRANGE['value']}{end}" for start in ("", "AROA", "AIDA") for end in ("", ":*")),
}
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}\Z")
_BEGINS_AS_ONE = re.compile(r"o(?:-[a-z0-9]*)?\Z")


def _is_organization(value: str) -> bool:
    """Whether an id is one, or may be where it is one's own and not spelled out."""
    if any(map(is_own, value)):
        known = "".join([one for one in value if not is_own(one)])
        return not known or _BEGINS_AS_ONE.match(known) is not None or value.startswith("o-")
    return _ORGANIZATION.match(value) is not None


def _texts(statements: Sequence[Statement], key: str, foreign: bool) -> Tuple[List[Text], bool]:
    if foreign and key == "aws:sourceip":
        return list(_addresses_outside(literals(values_for(statements, (key,))))), True
    if foreign and (key in _DERIVED or key in _FOREIGN_FORMS):
        forms = _FOREIGN_FORMS.get(key, (_ANY_VALUE,))
        drawn = witnesses(statements, {key: plainly}, (forms,), STRANGE["value"], _is_strange)
        return list(drawn.values), drawn.complete
    # What is one's own may turn out to be what the code leaves open.
    drawn = witnesses(statements, {key: plainly}, ((_ANY_VALUE,),), STRANGE["value"] if foreign else OWN[Kind.ANY])
    texts = [*drawn.values, *_compared(statements, key)]
    if key in _MULTIVALUED:
        # What several conditions ask for may be several values.
        fresh = STRANGE["value"] if foreign else OWN[Kind.ANY]
        each = (common(_ANY_VALUE, (one,), Fresh(fresh)) for one in literals(values_for(statements, (key,))))
        texts = [*texts, *(one for one in each if one is not None)]
    if key == "aws:principalorgid":
        # An operator may ignore case, and an organization has small letters.
        texts = [*texts, *(one.lower() for one in texts if isinstance(one, str))]
        texts = [one for one in texts if not isinstance(one, str) or _is_organization(one)]
    return texts, drawn.complete


def _is_strange(value: Text) -> bool:
    return any(any(map(is_strange, part)) for part in parts_of(value) if isinstance(part, str))


def _compared(statements: Sequence[Statement], key: str) -> Iterator[Text]:
    """Values by which the comparisons that are not of texts come out either way; and the open ones of the policy."""
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str) and condition.key.lower() == key and isinstance(condition.operator, str):
                # The caller may carry the very value that the code leaves open.
                values = [one.like if isinstance(one, Rest) else one for one in condition.values]
                yield from _for_operator(condition.operator, values)


def _for_operator(operator: str, values: Sequence[Text]) -> Iterator[Text]:
    spelling = read_operator(operator)
    if spelling is None or spelling.operator is None:
        return
    name = spelling.operator.name.lower()
    if name == "bool":
        yield from ("true", "false")
    elif name.startswith("numeric"):
        numbers = [read_number(value) for value in values if isinstance(value, str)]
        yield from (str(number + step) for number in numbers if number is not None for step in (-1, 0, 1))
    elif not name.startswith(("string", "arn")):
        yield from values
    else:
        yield from (value for value in values if not isinstance(value, str) or "${" in value)


def _taken(statements: Sequence[Statement], key: str) -> Iterator[Text]:
    """Values that serve where a policy variable takes the value of the key and compares it with another one."""
    taking = [
        str(condition.key)
        for statement in statements
        if values_with_variables(statement)
        for condition in statement.conditions
        for value in condition.values
        if not isinstance(value, Rest) and key in variable_names(value)
    ]
    if taking:
        yield from (
            FRESH_NAME,
            Fresh(FRESH_NAME).instead_of("*"),
            STRANGE["account"] * ACCOUNT_LENGTH,
            *("${" + one + "}" for one in dict.fromkeys(taking)),
        )


def _addresses_outside(named: Sequence[str]) -> Tuple[str, ...]:
    """An IPv4 and an IPv6 address that no named network holds, or any address where the networks leave none."""
    networks = [network for network in map(read_network, named) if network is not None]
    found = []
    for candidates in (_IPV4, _IPV6):
        beside = [one for network in networks for one in _beside(network, candidates[0].version)]
        outside = (one for one in (*candidates, *beside) if not any(one in network for network in networks))
        found.append(str(next(outside, candidates[0])))
    return tuple(found)


def _beside(network: Network, version: int) -> Iterator[Address]:
    """The addresses before and behind a network."""
    if network.version != version:
        return
    for end, step in ((network.network_address, -1), (network.broadcast_address, 1)):
        if 0 <= int(end) + step < 2**network.max_prefixlen:
            yield end + step


# Addresses spread over the public ranges.
_IPV4 = tuple(
    ipaddress.ip_address(f"{first}.77.77.77") for first in (8, 23, 45, 61, 80, 101, 133, 155, 177, 190, 201, 213)
)
_IPV6 = tuple(
    ipaddress.ip_address(f"{first}::77") for first in ("2001:4860", "2400:cb00", "2600:1f00", "2a00:1450", "2c0f:f248")
)


def chosen_context(
    free: Mapping[str, Sequence[Candidate]],
    chosen: Chosen,
    caller: Text = "",
    carried: Mapping[str, Candidate] = MappingProxyType({}),
) -> Dict[str, Candidate]:
    """The condition keys that are left to a caller: what he has chosen, or not yet."""
    given = {key: chosen.get(key, UNDOCUMENTED) for key in free}
    # A value that the policy takes from the request is what the request carries.
    known = {
        **given,
        **carried,
        "aws:principalarn": principal_arn_of(caller),
        "aws:principalaccount": account_of_arn(caller),
    }
    return {key: _resolved(value, known) for key, value in given.items()}


def _resolved(value: Candidate, known: Mapping[str, Candidate]) -> Candidate:
    if not isinstance(value, (str, Partial)) or "${" not in str(value):
        return value
    found = resolve(value, {key: one for key, one in known.items() if one is not None}, wildcards=False)
    return UNDOCUMENTED if found is None or not isinstance(found, (str, Hole, Partial)) else found
