"""Who else may call: other trails, strangers, and the principals that a policy names.

Each function gives the requests that are worth making (see `choices.py` and `freedom.py`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ctkms.cloudtrail.calls import SERVICE
from ctkms.cloudtrail.case import Case
from ctkms.cloudtrail.choices import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    accounts_in,
    combinations,
    drawn_from,
    has_wildcard,
    literals,
    sections_of,
    texts_in,
    values_for,
    witness,
)
from ctkms.cloudtrail.context import ENCRYPTION_CONTEXT, SOURCE_ACCOUNT, SOURCE_ARN
from ctkms.cloudtrail.freedom import TO_PRINCIPALS, TO_TRAILS, Candidate, candidates
from ctkms.cloudtrail.keys import Trail, trail_arn
from ctkms.iam.evaluate import statements_about
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.principals import EVERYONE, account_of
from ctkms.iam.request import AwsPrincipal, Request
from ctkms.iam.text import STRANGE, Rest, Text, join

_TRAIL_KEYS = (SOURCE_ARN, ENCRYPTION_CONTEXT)
_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")


class Requests(NamedTuple):
    """Requests to make; `complete` says that no other choice could get another answer."""

    requests: Tuple[Request, ...]
    complete: bool = True


# Several rules ask about the same callers of a case, one after the other.
_of_the_case = lru_cache(maxsize=16)

# --- Trails ---------------------------------------------------------------------------------------


@_of_the_case
def foreign_trails(case: Case, trail: Trail) -> Tuple[Trail, ...]:
    """Trails of other accounts, under any name, among them the names that the policy speaks of."""
    values = values_for(case.document.statements, _TRAIL_KEYS)
    patterns = (
        *sections_of(values, ACCOUNT),
        *literals(values_for(case.document.statements, (SOURCE_ACCOUNT,))),
    )
    names = _trail_names(values)
    return _trails(
        case,
        regions=_regions(trail, values),
        accounts=drawn_from(patterns, STRANGE["account"], ACCOUNT_LENGTH),
        names=(*drawn_from(names, FRESH_NAME), *_spelled_out(names), *literals((trail.name,))),
    )


@_of_the_case
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
    combined, complete = combinations(candidates(statements, TO_TRAILS, foreign=True))
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
    return _calls(case, action, _strangers(case), purpose, foreign=True)


@_of_the_case
def _strangers(case: Case) -> Tuple[Text, ...]:
    statements = case.document.statements
    arns = values_for(statements, (_PRINCIPAL_ARN,))
    accounts = (*sections_of(arns, ACCOUNT), *literals(values_for(statements, _ACCOUNT_KEYS)))
    resources = sections_of(arns, RESOURCE)
    return tuple(
        join(("arn:", case.partition, ":iam::", account, ":", resource))
        for account in drawn_from(accounts, STRANGE["account"], ACCOUNT_LENGTH)
        for resource in (f"role/{FRESH_NAME}", *_spelled_out(resources), *drawn_from(resources, FRESH_NAME)[1:])
    )


@_of_the_case
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
        choices = candidates(statements, TO_PRINCIPALS, foreign)
        if trail_context and statements:
            choices.pop(ENCRYPTION_CONTEXT, None)
            choices[ENCRYPTION_CONTEXT] = list(trail_context)
        extras, all_of_them = combinations(choices)
        complete = complete and all_of_them
        requests.extend(case.asked.by_principal(action, arn, extra, purpose) for extra in extras)
    return Requests(tuple(requests), complete)
