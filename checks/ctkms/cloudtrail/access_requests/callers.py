"""Who else may call: other trails, strangers, and the principals that a policy names.

Each function gives what is worth asking (see `witnesses.py` and `caller_choices.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.access_requests.caller_choices import TO_PRINCIPALS, TO_TRAILS, Candidate, candidates
from ctkms.cloudtrail.access_requests.calls import DESCRIBE_KEY, GENERATE_DATA_KEY, SERVICE
from ctkms.cloudtrail.access_requests.context import (
    ENCRYPTION_CONTEXT,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    carries_encryption_context,
)
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.access_requests.policy_values import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    Speaking,
    accounts_in,
    drawn_from,
    has_wildcard,
    sections_of,
    values_for,
)
from ctkms.cloudtrail.access_requests.questions import Chosen, Question, Questions
from ctkms.cloudtrail.access_requests.witnesses import (
    MANY_IN_NAME,
    MANY_IN_SECTION,
    ONE_IN_SECTION,
    Read,
    Witnesses,
    plainly,
    witnesses,
)
from ctkms.cloudtrail.resources import Trail, trail_arn
from ctkms.iam.document import Document, Principals, Statement, Value
from ctkms.iam.evaluate import statements_about
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.patterns import SERVICE as SERVICE_SECTION
from ctkms.iam.principals import EVERYONE, account_of, names_account
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, Request
from ctkms.iam.variables import resolve
from ctkms.unknowns.text import OWN, STRANGE, Hole, Kind, Partial, Rest, Text, is_strange, join
from ctkms.unknowns.truth import Truth

_TRAIL_KEYS = (SOURCE_ARN, ENCRYPTION_CONTEXT)
_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")


# Several rules ask about the same callers of a case, one after the other.
_of_the_case = lru_cache(maxsize=16)

# --- Trails ---------------------------------------------------------------------------------------

_WHO = "who"  # the choice of the trail or the principal
_STRANGER = STRANGE["account"] * ACCOUNT_LENGTH
# Accounts of which a policy gives some digits, and not this one.
_PART_STRANGERS = tuple(
    ONE_IN_SECTION * place + STRANGE["account"] + ONE_IN_SECTION * (ACCOUNT_LENGTH - 1 - place)
    for place in reversed(range(ACCOUNT_LENGTH))
)

# What has not been chosen of a trail or a principal.
_OTHER_ACCOUNT = Hole("<another account>", Kind.ACCOUNT)
_ANY_REGION, _ANY_NAME = Hole("<any Region>", Kind.REGION), Hole("<any name>", Kind.NAME)


def foreign_trails(case: KeyCase, trail: Trail) -> Witnesses:
    """Trails of other accounts, under any name, which the conditions on either key of a trail may let in."""
    keys = (SOURCE_ACCOUNT, *_TRAIL_KEYS)
    return _trails(case, _region(trail), _foreign_accounts(case, keys), keys, _is_foreign)


def foreign_contexts(case: KeyCase, trail: Trail) -> Witnesses:
    """The same, as far as the conditions on the encryption context tell."""
    keys = (ENCRYPTION_CONTEXT,)
    return _trails(case, _region(trail), _foreign_accounts(case, keys), keys, _is_foreign)


def other_trails(case: KeyCase, trail: Trail) -> Witnesses:
    """Trails of the same account under names that the policy does not spell out."""
    account = account_of_trail(case, trail)
    return _trails(case, _region(trail), (account,), (SOURCE_ARN, SOURCE_ACCOUNT), _is_freshly_named)


def account_of_trail(case: KeyCase, trail: Trail) -> Text:
    """The account that a trail's ARN names; the key's where the ARN is not known."""
    sections = arn_sections(trail.arn)
    return sections[ACCOUNT] if sections else case.account


def _region(trail: Trail) -> Tuple[Text, ...]:
    return arn_sections(trail.arn)[REGION : REGION + 1]


@_of_the_case  # many trails have one Region and one account
def _trails(
    case: KeyCase,
    own: Tuple[Text, ...],
    accounts: Tuple[Text, ...],
    keys: Tuple[str, ...],
    accept: Callable[[Text], bool],
) -> Witnesses:
    values = values_for(case.document.statements, (SOURCE_ARN, ENCRYPTION_CONTEXT))
    spelled_out = [one for one in sections_of(values, REGION) if one and not has_wildcard(one)]
    # A Region begins with a letter, so no digits of a policy are one.
    elsewhere = dict.fromkeys((FRESH_NAME + MANY_IN_NAME, *spelled_out))
    forms = [
        [trail_arn(MANY_IN_NAME, region, account, case.partition) for account in accounts for region in regions]
        for regions in (own, tuple(elsewhere))
        if regions
    ]
    of_account = trail_arn("*", "*", "{}", "*")
    read: Dict[str, Read] = {SOURCE_ARN: plainly, ENCRYPTION_CONTEXT: plainly, SOURCE_ACCOUNT: _within(str(of_account))}
    statements = statements_about(case.document, SERVICE, GENERATE_DATA_KEY) + statements_about(
        case.document, SERVICE, DESCRIBE_KEY
    )
    return witnesses(statements, {key: read[key] for key in keys}, forms, FRESH_NAME, accept)


def _foreign_accounts(case: KeyCase, keys: Tuple[str, ...]) -> Tuple[str, ...]:
    """An account that nobody names; and where a pattern gives some digits of one, others that have these."""
    partly = any(_gives_digits(str(value)) for value in values_for(case.document.statements, keys))
    return (_STRANGER, *_PART_STRANGERS) if partly else (_STRANGER,)


def _gives_digits(pattern: str) -> bool:
    """Whether a pattern has digits that may be some of an account, and not all of it."""
    sections = arn_sections(pattern)
    account = str(sections[ACCOUNT]) if sections else pattern
    return has_wildcard(account) and any(map(str.isdigit, account))


def _within(form: str) -> Read:
    """How a pattern for an account is one for the ARN that it is in."""
    return lambda pattern: form.format(pattern)


def _is_foreign(arn: Text) -> bool:
    """Whether its account is nobody's whom the policy names; one that is all digits is what somebody has named."""
    return _has_strange(arn, ACCOUNT)


def _is_freshly_named(arn: Text) -> bool:
    return _has_strange(arn, RESOURCE)


def _has_strange(arn: Text, place: int) -> bool:
    sections = arn_sections(arn)
    section = sections[place] if sections else ""
    return isinstance(section, str) and any(map(is_strange, section))


def calls_of_trails(
    case: KeyCase,
    action: str,
    trails: Witnesses,
    source: Optional[Trail] = None,
    context: Optional[Trail] = None,
    account: Text = _OTHER_ACCOUNT,
    organization: Optional[Mapping[str, Candidate]] = None,
) -> Questions:
    """CloudTrail's calls for each of the trails.

    With `source`, `aws:SourceArn` is that trail's whatever trail the encryption context is of; with
    `context` it is the other way round. AWS sends no such call: the question is which of the two
    conditions stands by itself. `account` is that of all the trails; `organization` what the call says of theirs,
    where something is assumed of it.
    """
    statements = statements_about(case.document, SERVICE, action)
    free, complete = candidates(statements, TO_TRAILS, False, action)
    anyone = trail_arn(_ANY_NAME, _ANY_REGION, account, case.partition)

    def ask(chosen: Chosen) -> Request:
        arn = chosen.get(_WHO, anyone)
        trail = Trail("", arn_sections(arn)[RESOURCE], arn)
        extra = {**_chosen(free, chosen), **(organization or {})}
        return case.asked.by_trail(action, source or trail, (context or trail).arn, extra)

    return Questions((Question(ask, {_WHO: trails.values}, free),), capped=not (trails.complete and complete))


def _chosen(
    free: Mapping[str, Sequence[Candidate]],
    chosen: Chosen,
    caller: Text = "",
    carried: Mapping[str, Candidate] = MappingProxyType({}),
) -> Dict[str, Candidate]:
    """The condition keys that are left to a caller: what he has chosen, or not yet."""
    given = {key: chosen.get(key, UNDOCUMENTED) for key in free}
    # A value that the policy takes from the request is what the request carries.
    known = {**given, **carried, "aws:principalarn": caller, "aws:principalaccount": _account_in(caller)}
    return {key: _resolved(value, known) for key, value in given.items()}


def _resolved(value: Candidate, known: Mapping[str, Candidate]) -> Candidate:
    if not isinstance(value, (str, Partial)) or "${" not in str(value):
        return value
    found = resolve(value, {key: one for key, one in known.items() if one is not None}, wildcards=False)
    return UNDOCUMENTED if found is None or not isinstance(found, (str, Hole, Partial)) else found


def _account_in(arn: Text) -> Text:
    sections = arn_sections(arn)
    return sections[ACCOUNT] if sections else ""


# --- Users, roles and accounts ------------------------------------------------------------------------


class _Kind(NamedTuple):
    """A kind of principal, by the form of its ARN."""

    service: str
    before_name: str  # of the last section
    name: str = MANY_IN_SECTION  # a pattern; "" where there is none

    def arn(self, partition: Text, account: Text, name: Text) -> Text:
        """The ARN of one with this name."""
        return join(
            ("arn:", partition, f":{self.service}::", account, f":{self.before_name}", name if self.name else "")
        )

    def has(self, arn: Text) -> bool:
        """Whether an ARN is of this kind."""
        sections = arn_sections(arn)
        return sections[SERVICE_SECTION] == self.service and str(sections[RESOURCE]).startswith(self.before_name)


# What `aws:PrincipalArn` may be; of a session of a role it is the role.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
_KINDS = (
    _Kind("iam", "role/"),
    _Kind("iam", "user/"),
    _Kind("sts", "federated-user/", MANY_IN_NAME),
    _Kind("iam", "root", ""),
)


def strangers(case: KeyCase, action: str, purpose: str) -> Questions:
    """Principals of accounts that the policy does not name, with everything they may choose."""
    who = _strangers(case)
    asked = []
    for kind in _KINDS:
        anyone = kind.arn(case.partition, _OTHER_ACCOUNT, Hole("<any name>"))
        asked.append(_question(case, action, anyone, tuple(filter(kind.has, who.values)), purpose, foreign=True))
    complete = who.complete and all(whole for _, whole in asked)
    return Questions(tuple([question for question, _ in asked]), _is_read(case), capped=not complete)


@_of_the_case
def _strangers(case: KeyCase) -> Witnesses:
    accounts = _foreign_accounts(case, (_PRINCIPAL_ARN, *_ACCOUNT_KEYS))
    return _principals(case, (accounts,), case.document.statements, _is_foreign)


def _principals(
    case: KeyCase, accounts: Iterable[Sequence[Text]], statements: Sequence[Statement], accept: Callable[[Text], bool]
) -> Witnesses:
    """Principals of every kind that conditions on principals may be meant for; each account is in one of its forms."""
    forms = [
        [kind.arn(case.partition, account, kind.name) for account in of_one] for of_one in accounts for kind in _KINDS
    ]
    keys: Dict[str, Read] = {_PRINCIPAL_ARN: plainly, **dict.fromkeys(_ACCOUNT_KEYS, _within("arn:*:iam::{}:*"))}
    return witnesses(statements, keys, forms, FRESH_NAME, accept)


@_of_the_case
def named_principals(case: KeyCase) -> Tuple[Text, ...]:
    """Every principal that an Allow statement could mean: by name, by account, or in the conditions on everyone.

    An account stands for its users and roles, so those that some condition asks for or spares are among them.
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
            yield from (name.hole if isinstance(name, Rest) else name for name in _aws_names(principals))


def _spared(case: KeyCase, accounts: Sequence[Text]) -> Iterator[Text]:
    """Users and roles of the accounts that a condition on who they are asks for or spares, or `NotPrincipal`."""
    if any(_asks_who(statement) for statement in case.document.statements):
        yield from _people_of(case, accounts, case.document.statements)
    denying = [statement for statement in case.document.statements if statement.effect != "Allow"]
    for statement in denying:
        if statement.principals and statement.principals.negated:
            names = [name for name in _aws_names(statement.principals) if not isinstance(name, Rest)]
            yield from (name for name in names if not account_of(name))


def _aws_names(principals: Principals) -> List[Value]:
    return [entry.value for entry in principals.entries if entry.type == "AWS"]


def _anyone(case: KeyCase) -> Iterator[Text]:
    """Principals that "everyone, if ..." can mean: those of its conditions, and an ordinary role of each account."""
    accounts = tuple(dict.fromkeys((case.account, *_peoples_accounts(case))))
    yield from _people_of(case, accounts, case.document.statements)
    for account in accounts:
        yield join(("arn:", case.partition, ":iam::", account, f":role/{FRESH_NAME}"))


def _people_of(case: KeyCase, accounts: Sequence[Text], statements: Sequence[Statement]) -> Iterator[Text]:
    """The principals that conditions name or leave room for."""
    named = values_for(statements, (_PRINCIPAL_ARN,))
    yield from (value for value in named if not has_wildcard(str(value)))
    # Names that are spelled out leave room for nobody else.
    if any(has_wildcard(str(value)) for value in named) and spend(Budget.REQUESTS, len(statements)):
        of_each = [(account,) for account in Speaking(case.document).told_apart(accounts)]
        yield from _principals(case, of_each, statements, lambda arn: True).values


def _asks_who(statement: Statement) -> bool:
    return any(str(condition.key).lower() in (_PRINCIPAL_ARN, *_ACCOUNT_KEYS) for condition in statement.conditions)


_DIGITS = re.compile(r"[0-9?*]*[0-9][0-9?*]*")  # of an account, with wildcards


def _peoples_accounts(case: KeyCase) -> Iterator[Text]:
    """The accounts of principals, and those that conditions on principals ask for."""
    statements = case.document.statements
    for statement in statements:
        for entry in statement.principals.entries if statement.principals else ():
            name = "" if isinstance(entry.value, Rest) else entry.value
            yield from (one for one in (account_of(name), _account_in(name)) if one)
    asked = values_for(statements, (_PRINCIPAL_ARN, *_ACCOUNT_KEYS))
    yield from accounts_in(asked)
    partly = [
        str(sections[ACCOUNT]) if sections else str(value) for value in asked for sections in (arn_sections(value),)
    ]
    yield from drawn_from([one for one in partly if _DIGITS.fullmatch(one)], OWN[Kind.ACCOUNT], ACCOUNT_LENGTH)[1:]
    yield from (one for one in asked if isinstance(one, Hole))


def root_of(account: Text, partition: Text) -> Text:
    """The ARN of an account's root principal."""
    return join(("arn:", partition, ":iam::", account, ":root"))


def is_root(arn: Text) -> Truth:
    """Whether the principal is an account root, which delegates to the account's IAM policies; an open one may be."""
    return names_account(arn)


def calls_of(
    case: KeyCase, action: str, principals: Iterable[Text], purpose: str, encryption_context: Candidate
) -> Questions:
    """Calls of the key's own people, with everything they may choose but the trail's encryption context."""
    asked = [_question(case, action, arn, (), purpose, False, encryption_context) for arn in principals]
    return Questions(tuple([one for one, _ in asked]), _is_read(case), not all(complete for _, complete in asked))


def _is_read(case: KeyCase) -> bool:
    """Whether every statement has been read: another one may name anybody."""
    return case.document.open is None and all(one.open is None for one in case.document.statements)


def _question(
    case: KeyCase,
    action: str,
    arn: Text,
    who: Tuple[Text, ...],
    purpose: str,
    foreign: bool,
    trail_context: Candidate = None,
) -> Tuple[Question, bool]:
    """What a principal may ask, or one of several (`arn` before he is chosen), and whether he may choose no more."""
    statements = statements_about(case.document, AwsPrincipal(arn), action)
    free, complete = candidates(statements, TO_PRINCIPALS, foreign, action)
    given: Dict[str, Candidate] = {}
    if not foreign:
        free.pop(ENCRYPTION_CONTEXT, None)
        given = {ENCRYPTION_CONTEXT: trail_context} if carries_encryption_context(action) else {}

    def ask(chosen: Chosen) -> Request:
        caller = chosen.get(_WHO, arn)
        return case.asked.by_principal(action, caller, {**_chosen(free, chosen, caller, given), **given}, purpose)

    return Question(ask, {_WHO: who} if who else {}, free), complete
