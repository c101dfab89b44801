"""Who else may call: other trails, strangers, and the principals that a policy names.

Each function gives the requests that are worth making (see `choices.py`). What a caller chooses and
what AWS derives from him is in two tables; every other condition key is `context.py`'s business.
"""

from __future__ import annotations

import ipaddress
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ctkms.cloudtrail.calls import S3_CONTEXT, SERVICE
from ctkms.cloudtrail.case import Case
from ctkms.cloudtrail.choices import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    accounts_in,
    combinations,
    condition_keys,
    drawn_from,
    for_operator,
    has_wildcard,
    sections_of,
    texts_in,
    values_for,
    witness,
)
from ctkms.cloudtrail.context import (
    ENCRYPTION_CONTEXT,
    ENCRYPTION_CONTEXT_PREFIX,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    family_of,
)
from ctkms.cloudtrail.keys import Trail, trail_arn
from ctkms.iam.comparisons import read_network
from ctkms.iam.document import Statement
from ctkms.iam.evaluate import statements_about
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.principals import EVERYONE, account_of
from ctkms.iam.request import AwsPrincipal, ContextValue, Request
from ctkms.iam.text import STRANGE, Rest, Text, join

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
_CHOSEN_BY_TRAILS = (*_CHOSEN_IN_EVERY_CALL, S3_CONTEXT)
_CHOSEN_BY_PRINCIPALS = (
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

# Condition keys that AWS derives from who calls or from where. A stranger's differ from those of the policy.
_DERIVED = (
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
_MULTIVALUED = frozenset(("kms:encryptioncontextkeys", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:calledvia"))

_TRAIL_KEYS = (SOURCE_ARN.lower(), ENCRYPTION_CONTEXT.lower())
_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")

Candidate = Optional[ContextValue]  # None: the key is absent


class Requests(NamedTuple):
    """Requests to make; `complete` says that no other choice could get another answer."""

    requests: Tuple[Request, ...]
    complete: bool = True


# --- Trails ---------------------------------------------------------------------------------------


def foreign_trails(case: Case, trail: Trail) -> Tuple[Trail, ...]:
    """Trails of other accounts, under any name, among them the names that the policy speaks of."""
    values = values_for(case.document.statements, _TRAIL_KEYS)
    patterns = (
        *sections_of(values, ACCOUNT),
        *_literals(values_for(case.document.statements, (SOURCE_ACCOUNT.lower(),))),
    )
    names = _trail_names(values)
    return _trails(
        case,
        regions=_regions(trail, values),
        accounts=drawn_from(patterns, STRANGE["account"], ACCOUNT_LENGTH),
        names=(*drawn_from(names, FRESH_NAME), *_spelled_out(names), *_literals((trail.name,))),
    )


def other_trails(case: Case, trail: Trail) -> Tuple[Trail, ...]:
    """Trails of the same account under names that the policy does not spell out."""
    values = values_for(case.document.statements, _TRAIL_KEYS)
    sections = arn_sections(trail.arn)
    return _trails(
        case,
        regions=_regions(trail, values),
        accounts=(sections[ACCOUNT] if sections else case.account,),
        names=drawn_from(_trail_names(values), FRESH_NAME),
    )


def _trails(case: Case, regions: Iterable[Text], accounts: Iterable[Text], names: Sequence[Text]) -> Tuple[Trail, ...]:
    return tuple(
        Trail("", name, trail_arn(name, region, account, case.partition))
        for account in accounts
        for region in regions
        for name in dict.fromkeys(names)
    )


def _regions(trail: Trail, values: Iterable[Text]) -> Tuple[Text, ...]:
    sections = arn_sections(trail.arn)
    named = sections_of(values, REGION)
    own: Tuple[Text, ...] = (sections[REGION],) if sections else ()
    return tuple(dict.fromkeys((*own, *_spelled_out(named), *drawn_from(named, STRANGE["value"])[1:])))


def _trail_names(values: Iterable[Text]) -> Tuple[str, ...]:
    return tuple(one.partition("/")[2] if "/" in one else one for one in sections_of(values, RESOURCE))


def _literals(texts: Iterable[Text]) -> Tuple[str, ...]:
    return tuple(text for text in texts if isinstance(text, str))


def _spelled_out(values: Iterable[str]) -> Tuple[str, ...]:
    return tuple(value for value in values if value and not has_wildcard(value))


def calls_of_trails(
    case: Case, action: str, trails: Iterable[Trail], source: Optional[Trail] = None, context: Optional[Trail] = None
) -> Requests:
    """CloudTrail's calls for each of the trails.

    With `source`, `aws:SourceArn` is that trail's whatever trail the encryption context is of; with
    `context` it is the other way round. AWS sends no such call: the question is which of the two
    conditions stands by itself.
    """
    statements = statements_about(case.document, SERVICE, action)
    fixed = (*_TRAIL_KEYS, SOURCE_ACCOUNT.lower())
    choices = _candidates(
        statements, (*_CHOSEN_BY_TRAILS, "aws:sourceorgid", "aws:sourceorgpaths"), foreign=True, but=fixed
    )
    combined, complete = combinations(choices)
    extras = tuple(combined)
    return Requests(
        tuple(
            case.asked.by_trail(action, source or trail, (context or trail).arn, extra)
            for trail in trails
            for extra in extras
        ),
        complete,
    )


# --- Users, roles and accounts ------------------------------------------------------------------------


def strangers(case: Case, action: str, purpose: str) -> Requests:
    """Principals of accounts that the policy does not name, with everything they may choose."""
    statements = case.document.statements
    arns = values_for(statements, (_PRINCIPAL_ARN,))
    accounts = (*sections_of(arns, ACCOUNT), *_literals(values_for(statements, _ACCOUNT_KEYS)))
    resources = sections_of(arns, RESOURCE)
    principals = [
        join(("arn:", case.partition, ":iam::", account, ":", resource))
        for account in drawn_from(accounts, STRANGE["account"], ACCOUNT_LENGTH)
        for resource in (f"role/{FRESH_NAME}", *_spelled_out(resources), *drawn_from(resources, FRESH_NAME)[1:])
    ]
    return _calls(case, action, principals, purpose, foreign=True)


def named_principals(case: Case) -> Tuple[Text, ...]:
    """Every principal that an Allow statement could mean: by name, by account, or in the conditions on everyone."""
    found: Dict[Text, None] = {}
    for statement in case.document.statements:
        if statement.effect == "Deny" or not statement.principals:
            continue
        if statement.principals.negated:
            found.update((arn, None) for arn in _anyone(case))
            continue
        for entry in statement.principals.entries:
            if entry.type != "AWS":
                continue
            name = entry.value.hole if isinstance(entry.value, Rest) else entry.value
            if name == EVERYONE:
                found.update((arn, None) for arn in _anyone(case))
            else:
                account = account_of(name)
                found[root_of(account, case.partition) if account else name] = None
    return tuple(found)


def _anyone(case: Case) -> Iterator[Text]:
    """Principals that "everyone, if ..." can mean: those of its conditions, and an ordinary role of each account."""
    accounts = tuple(dict.fromkeys((case.account, *accounts_in(texts_in(case.document)))))
    for value in values_for(case.document.statements, (_PRINCIPAL_ARN,)):
        sections = arn_sections(value)
        if not isinstance(value, str) or not has_wildcard(value):
            yield value
        elif sections:
            named = (sections[ACCOUNT],) if not has_wildcard(str(sections[ACCOUNT])) else accounts
            resource = witness(str(sections[RESOURCE]), FRESH_NAME)
            yield from (join(("arn:", case.partition, ":iam::", account, ":", resource)) for account in named)
    for account in accounts:
        yield join(("arn:", case.partition, ":iam::", account, f":role/{FRESH_NAME}"))


def root_of(account: Text, partition: Text) -> Text:
    """The ARN of an account's root principal."""
    return join(("arn:", partition, ":iam::", account, ":root"))


def is_root(arn: Text) -> bool:
    """Whether the principal is an account root, which delegates to the account's IAM policies."""
    return bool(account_of(arn))


def calls_of(
    case: Case, action: str, principals: Iterable[Text], purpose: str, encryption_context: Candidate
) -> Requests:
    """Calls of the key's own people, with everything they may choose but the trail's encryption context."""
    return _calls(case, action, tuple(principals), purpose, foreign=False, trail_context=(encryption_context,))


def _calls(
    case: Case,
    action: str,
    principals: Sequence[Text],
    purpose: str,
    foreign: bool,
    trail_context: Optional[Tuple[Candidate, ...]] = None,
) -> Requests:
    requests: List[Request] = []
    # A statement that nobody can read may name anybody.
    complete = case.document.open is None and all(one.open is None for one in case.document.statements)
    for arn in principals:
        caller = AwsPrincipal(arn)
        statements = statements_about(case.document, caller, action)
        fixed = (_PRINCIPAL_ARN, *_ACCOUNT_KEYS) + ((ENCRYPTION_CONTEXT.lower(),) if trail_context else ())
        choices = _candidates(statements, (*_CHOSEN_BY_PRINCIPALS, *_DERIVED), foreign, but=fixed)
        if trail_context:
            choices[ENCRYPTION_CONTEXT.lower()] = list(trail_context)
        if not statements:
            choices = {}
        extras, all_of_them = combinations(choices)
        complete = complete and all_of_them
        requests.extend(case.asked.by_principal(action, arn, extra, purpose) for extra in extras)
    return Requests(tuple(requests), complete)


# --- What they choose ---------------------------------------------------------------------------------


def _candidates(
    statements: Sequence[Statement], open_to_choice: Sequence[str], foreign: bool, but: Sequence[str]
) -> Dict[str, List[Candidate]]:
    """For each condition key of the statements that the caller decides upon: the values worth trying."""
    keys = (key for key in condition_keys(statements) if key not in but)
    return {
        key: _values(statements, key, foreign)
        for key in keys
        if key in open_to_choice or family_of(key) in open_to_choice
    }


def _values(statements: Sequence[Statement], key: str, foreign: bool) -> List[Candidate]:
    if foreign and key in _DERIVED:
        texts: Tuple[Text, ...] = _foreign_values(key, _literals(values_for(statements, (key,))))
    else:
        texts = (STRANGE["value"], *_compared(statements, key))
    several = key in _MULTIVALUED
    return [None, *((text,) if several else text for text in dict.fromkeys(texts))]


def _compared(statements: Sequence[Statement], key: str) -> Iterator[Text]:
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str) and condition.key.lower() == key and isinstance(condition.operator, str):
                yield from for_operator(
                    condition.operator, [one for one in condition.values if not isinstance(one, Rest)]
                )


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
