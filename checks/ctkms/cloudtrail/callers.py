"""Who else may call: other trails, strangers, and the principals that a policy names.

Each function gives the requests that are worth making (see `choices.py` and `freedom.py`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.cloudtrail.calls import SERVICE
from ctkms.cloudtrail.case import Case
from ctkms.cloudtrail.choices import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    accounts_in,
    drawn_from,
    has_wildcard,
    literals,
    sections_of,
    values_for,
)
from ctkms.cloudtrail.context import ENCRYPTION_CONTEXT, SOURCE_ACCOUNT, SOURCE_ARN, carries_encryption_context
from ctkms.cloudtrail.freedom import TO_FOREIGN_TRAILS, TO_PRINCIPALS, TO_TRAILS, Candidate, candidates
from ctkms.cloudtrail.keys import Trail, trail_arn
from ctkms.cloudtrail.questions import Chosen, Question, Questions
from ctkms.iam.document import Document
from ctkms.iam.evaluate import statements_about
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.principals import EVERYONE, account_of, names_account
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, Request
from ctkms.iam.text import STRANGE, Hole, Kind, Rest, Text, join
from ctkms.iam.verdict import Truth

_TRAIL_KEYS = (SOURCE_ARN, ENCRYPTION_CONTEXT)
_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")


# Several rules ask about the same callers of a case, one after the other.
_of_the_case = lru_cache(maxsize=16)

# --- Trails ---------------------------------------------------------------------------------------

_ACCOUNT, _REGION, _NAME = "account", "Region", "name"
# What has not been chosen of a trail or a principal.
_ANY = {
    _ACCOUNT: Hole("<another account>", Kind.ACCOUNT),
    _REGION: Hole("<any Region>", Kind.REGION),
    _NAME: Hole("<any name>", Kind.NAME),
}


@_of_the_case
def foreign_trails(case: Case, trail: Trail) -> Mapping[str, Tuple[Text, ...]]:
    """Trails of other accounts, under any name, among them the names that the policy speaks of."""
    values = values_for(case.document.statements, _TRAIL_KEYS)
    patterns = (
        *sections_of(values, ACCOUNT),
        *literals(values_for(case.document.statements, (SOURCE_ACCOUNT,))),
    )
    names = _trail_names(values)
    return {
        _ACCOUNT: drawn_from(patterns, STRANGE["account"], ACCOUNT_LENGTH),
        _REGION: _regions(trail, values),
        _NAME: tuple(dict.fromkeys((*drawn_from(names, FRESH_NAME), *_spelled_out(names), *literals((trail.name,))))),
    }


@_of_the_case
def other_trails(case: Case, trail: Trail) -> Mapping[str, Tuple[Text, ...]]:
    """Trails of the same account under names that the policy does not spell out."""
    values = values_for(case.document.statements, _TRAIL_KEYS)
    sections = arn_sections(trail.arn)
    return {
        _ACCOUNT: (sections[ACCOUNT] if sections else case.account,),
        _REGION: _regions(trail, values),
        _NAME: drawn_from(_trail_names(values), FRESH_NAME),
    }


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
    case: Case,
    action: str,
    trails: Mapping[str, Tuple[Text, ...]],
    source: Optional[Trail] = None,
    context: Optional[Trail] = None,
    foreign: bool = False,
) -> Questions:
    """CloudTrail's calls for each of the trails.

    With `source`, `aws:SourceArn` is that trail's whatever trail the encryption context is of; with
    `context` it is the other way round. AWS sends no such call: the question is which of the two
    conditions stands by itself. Of which organization the trail is counts only for `foreign` trails:
    what AWS sends of one's own is not documented.
    """
    left = TO_FOREIGN_TRAILS if foreign else TO_TRAILS
    free = candidates(statements_about(case.document, SERVICE, action), left, foreign, action)

    def ask(chosen: Chosen) -> Request:
        region, account, name = (chosen.get(one, _ANY[one]) for one in (_REGION, _ACCOUNT, _NAME))
        trail = Trail("", name, trail_arn(name, region, account, case.partition))
        return case.asked.by_trail(action, source or trail, (context or trail).arn, _chosen(free, chosen))

    # One name for the trail is as good as another where a Region is the only one.
    return Questions((Question(ask, trails, free),))


def _chosen(free: Mapping[str, Sequence[Candidate]], chosen: Chosen) -> Dict[str, Candidate]:
    """The condition keys that are left to a caller: what he has chosen, or not yet."""
    return {key: chosen.get(key, UNDOCUMENTED) for key in free}


# --- Users, roles and accounts ------------------------------------------------------------------------


def strangers(case: Case, action: str, purpose: str) -> Questions:
    """Principals of accounts that the policy does not name, with everything they may choose."""
    who = _strangers(case)

    def arn(chosen: Chosen) -> Text:
        account, resource = chosen.get(_ACCOUNT, _ANY[_ACCOUNT]), chosen.get(_RESOURCE, _ANY_ROLE)
        return join(("arn:", case.partition, ":iam::", account, ":", resource))

    return Questions((_question(case, action, arn, who, purpose, foreign=True),), _is_read(case))


_RESOURCE = "role"
_ANY_ROLE = join(("role/", Hole("<any name>")))


@_of_the_case
def _strangers(case: Case) -> Mapping[str, Tuple[Text, ...]]:
    statements = case.document.statements
    arns = values_for(statements, (_PRINCIPAL_ARN,))
    # A pattern that gives the account in digits is none for a stranger, whatever role it names.
    open_ = [value for value in arns if not _spelled_out(literals(arn_sections(value)[ACCOUNT : ACCOUNT + 1]))]
    accounts = (*sections_of(arns, ACCOUNT), *literals(values_for(statements, _ACCOUNT_KEYS)))
    resources = sections_of(open_, RESOURCE)
    return {
        _ACCOUNT: drawn_from(accounts, STRANGE["account"], ACCOUNT_LENGTH),
        _RESOURCE: tuple(
            dict.fromkeys((f"role/{FRESH_NAME}", *_spelled_out(resources), *drawn_from(resources, FRESH_NAME)[1:]))
        ),
    }


@_of_the_case
def named_principals(case: Case) -> Tuple[Text, ...]:
    """Every principal that an Allow statement could mean: by name, by account, or in the conditions on everyone.

    An account stands for its users and roles, so those that some Deny spares are among them.
    """
    named = tuple(dict.fromkeys(_allowed_names(case.document)))
    accounts = tuple([account for account in map(account_of, named) if account])
    found: Dict[Text, None] = {}
    for name in named:
        account = account_of(name)
        whom = _anyone(case) if name == EVERYONE else (root_of(account, case.partition) if account else name,)
        found.update((arn, None) for arn in whom)
    found.update((arn, None) for arn in _spared(case, accounts))
    return tuple(found)


def _allowed_names(document: Document) -> Iterator[Text]:
    """The AWS principals of the Allow statements as these name them; `NotPrincipal` means everyone but some."""
    for statement in document.statements:
        principals = statement.principals
        if statement.effect == "Deny" or principals is None:
            continue
        if principals.negated:
            yield EVERYONE
        else:
            names = [entry.value for entry in principals.entries if entry.type == "AWS"]
            yield from (name.hole if isinstance(name, Rest) else name for name in names)


def _spared(case: Case, accounts: Sequence[Text]) -> Iterator[Text]:
    """The users and roles of the accounts that a Deny may spare: by a condition on their ARN, or by `NotPrincipal`."""
    denying = [statement for statement in case.document.statements if statement.effect != "Allow"]
    yield from _principals_like(case, values_for(denying, (_PRINCIPAL_ARN,)), accounts)
    for statement in denying:
        if statement.principals and statement.principals.negated:
            names = [entry.value for entry in statement.principals.entries if entry.type == "AWS"]
            yield from (name for name in names if not isinstance(name, Rest) and not account_of(name))


def _anyone(case: Case) -> Iterator[Text]:
    """Principals that "everyone, if ..." can mean: those of its conditions, and an ordinary role of each account."""
    accounts = tuple(dict.fromkeys((case.account, *_peoples_accounts(case))))
    yield from _principals_like(case, values_for(case.document.statements, (_PRINCIPAL_ARN,)), accounts)
    for account in accounts:
        yield join(("arn:", case.partition, ":iam::", account, f":role/{FRESH_NAME}"))


def _peoples_accounts(case: Case) -> Iterator[Text]:
    """The accounts of principals, and those that conditions on principals ask for."""
    statements = case.document.statements
    for statement in statements:
        for entry in statement.principals.entries if statement.principals else ():
            name = "" if isinstance(entry.value, Rest) else entry.value
            sections = arn_sections(name)
            yield from (one for one in (account_of(name), sections[ACCOUNT] if sections else "") if one)
    asked = values_for(statements, (_PRINCIPAL_ARN, *_ACCOUNT_KEYS))
    yield from accounts_in(asked)
    yield from (one for one in asked if isinstance(one, Hole))


def _principals_like(case: Case, values: Iterable[Text], accounts: Sequence[Text]) -> Iterator[Text]:
    """The principals that conditions on `aws:PrincipalArn` name; of patterns, those of the accounts that they match."""
    resources: Dict[Text, List[str]] = {}  # the patterns by account
    for value in values:
        sections = arn_sections(value)
        if not isinstance(value, str) or not has_wildcard(value):
            yield value
        elif sections:
            given = str(sections[ACCOUNT])
            for account in accounts if has_wildcard(given) else (given,):
                resources.setdefault(account, []).append(str(sections[RESOURCE]))
    for account, patterns in resources.items():
        named = (*_spelled_out(patterns), *drawn_from(patterns, FRESH_NAME)[1:])
        yield from (join(("arn:", case.partition, ":iam::", account, ":", one)) for one in named)


def root_of(account: Text, partition: Text) -> Text:
    """The ARN of an account's root principal."""
    return join(("arn:", partition, ":iam::", account, ":root"))


def is_root(arn: Text) -> Truth:
    """Whether the principal is an account root, which delegates to the account's IAM policies; an open one may be."""
    return names_account(arn)


def calls_of(
    case: Case, action: str, principals: Iterable[Text], purpose: str, encryption_context: Candidate
) -> Questions:
    """Calls of the key's own people, with everything they may choose but the trail's encryption context."""
    questions = tuple(
        _question(case, action, _constant(arn), {}, purpose, foreign=False, trail_context=encryption_context)
        for arn in principals
    )
    return Questions(questions, _is_read(case))


def _is_read(case: Case) -> bool:
    """Whether every statement has been read: another one may name anybody."""
    return case.document.open is None and all(one.open is None for one in case.document.statements)


def _constant(arn: Text) -> Callable[[Chosen], Text]:
    return lambda chosen: arn


def _question(
    case: Case,
    action: str,
    arn: Callable[[Chosen], Text],
    who: Mapping[str, Tuple[Text, ...]],
    purpose: str,
    foreign: bool,
    trail_context: Candidate = None,
) -> Question:
    statements = statements_about(case.document, AwsPrincipal(arn({})), action)
    free = candidates(statements, TO_PRINCIPALS, foreign, action)
    given: Dict[str, Candidate] = {}
    if not foreign:
        free.pop(ENCRYPTION_CONTEXT, None)
        given = {ENCRYPTION_CONTEXT: trail_context} if carries_encryption_context(action) else {}

    def ask(chosen: Chosen) -> Request:
        return case.asked.by_principal(action, arn(chosen), {**_chosen(free, chosen), **given}, purpose)

    return Question(ask, who, free)
