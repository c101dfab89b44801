"""Who else may call: strangers, and the principals that a policy names.

Each function gives what is worth asking (see `witnesses.py` and `caller_choices.py`).
"""

from __future__ import annotations

import itertools
import re
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.access_requests.caller_choices import (
    TO_PRINCIPALS,
    Candidate,
    candidates,
    chosen_context,
)
from ctkms.cloudtrail.access_requests.calls import principal_arn_of
from ctkms.cloudtrail.access_requests.context import (
    ENCRYPTION_CONTEXT,
    carries_encryption_context,
)
from ctkms.cloudtrail.access_requests.foreign_accounts import (
    OTHER_ACCOUNT,
    account_of_arn,
    foreign_accounts,
    is_foreign,
    within_arn,
)
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.access_requests.meeting_patterns import (
    MANY_IN_NAME,
    MANY_IN_SECTION,
    Read,
    plainly,
)
from ctkms.cloudtrail.access_requests.policy_values import (
    ACCOUNT_LENGTH,
    FRESH_NAME,
    Speaking,
    accounts_in,
    drawn_from,
    has_wildcard,
    untold_for,
    values_for,
)
from ctkms.cloudtrail.access_requests.questions import WHO, Chosen, Question, Questions, of_the_case
from ctkms.cloudtrail.access_requests.witnesses import Witnesses, witnesses
from ctkms.iam.context_keys import values_with_variables
from ctkms.iam.document import Document, Principals, Statement, Value
from ctkms.iam.patterns import ACCOUNT, RESOURCE, arn_sections, matches
from ctkms.iam.patterns import SERVICE as SERVICE_SECTION
from ctkms.iam.policy import Condition
from ctkms.iam.principals import EVERYONE, account_of, names_account
from ctkms.iam.request import AwsPrincipal, Context, Request
from ctkms.unknowns.text import OWN, Hole, Kind, Rest, Text, join
from ctkms.unknowns.truth import UNKNOWN, Truth

_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")


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


@of_the_case
def _kinds(case: KeyCase) -> Tuple[_Kind, ...]:
    """The kinds of principals that the policy may tell apart."""
    statements = case.document.statements
    by_name = values_for(statements, (_PRINCIPAL_ARN,)) or any(values_with_variables(one) for one in statements)
    return _KINDS if by_name else _KINDS[:1]


def strangers(case: KeyCase, action: str, purpose: str) -> Questions:
    """Principals of accounts that the policy does not name, with everything they may choose."""
    who = _strangers(case)
    asked = []
    for kind in _kinds(case):
        anyone = kind.arn(case.partition, OTHER_ACCOUNT, Hole("<any name>"))
        asked.append(_question(case, action, anyone, tuple(filter(kind.has, who.values)), purpose, foreign=True))
    complete = who.complete and all(whole for _, whole in asked)
    return Questions(tuple([question for question, _ in asked]), _is_read(case), capped=not complete)


@of_the_case
def _strangers(case: KeyCase) -> Witnesses:
    accounts = foreign_accounts(case, (_PRINCIPAL_ARN, *_ACCOUNT_KEYS))
    return _principals(case, (accounts,), case.document.statements, is_foreign)


def _principals(
    case: KeyCase, accounts: Iterable[Sequence[Text]], statements: Sequence[Statement], accept: Callable[[Text], bool]
) -> Witnesses:
    """Principals of every kind that conditions on principals may be meant for; each account is in one of its forms."""
    forms = [
        [kind.arn(case.partition, account, kind.name) for account in of_one]
        for of_one in accounts
        for kind in _kinds(case)
    ]
    keys: Dict[str, Read] = {_PRINCIPAL_ARN: plainly, **dict.fromkeys(_ACCOUNT_KEYS, within_arn("arn:*:iam::{}:*"))}
    return witnesses(statements, keys, forms, FRESH_NAME, accept)


@of_the_case
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
    return tuple(found if len(found) <= _FEW else _told_apart(case, found))


_FEW = 8  # principals that are asked as quickly as told apart


def _told_apart(case: KeyCase, arns: Iterable[Text]) -> Iterator[Text]:
    """Of principals that the policy does not tell apart the first one: it answers alike for all of them."""
    statements = case.document.statements
    conditions = [one for statement in statements for one in statement.conditions if _looks_at_who(one)]
    # A variable may be any part of him.
    varying = any(values_with_variables(one) for one in statements)
    seen: Set[Optional[Tuple[Truth, ...]]] = set()
    for arn in arns:
        told = None if varying else _told_of(case, arn, conditions)
        if told is None or told not in seen:
            seen.add(told)
            yield arn


def _told_of(case: KeyCase, arn: Text, conditions: Sequence[Condition]) -> Optional[Tuple[Truth, ...]]:
    """What the policy says of a principal by who he is; None where that is open, since it has a name of its own."""
    account, caller = account_of_arn(arn), AwsPrincipal(arn)
    context = Context({_PRINCIPAL_ARN: principal_arn_of(arn), **dict.fromkeys(_ACCOUNT_KEYS, account)})
    answers = itertools.chain(
        (is_root(arn), matches(case.account, account, wildcards=False)),
        (case.policy.names(one, caller) for one in case.document.statements if one.principals),
        (case.policy.holds(one, context) for one in conditions),
    )
    found: List[Truth] = []
    for answer in answers:
        if answer is UNKNOWN:
            return None
        found.append(answer)
    return tuple(found)


def _looks_at_who(condition: Condition) -> bool:
    return str(condition.key).lower() in (_PRINCIPAL_ARN, *_ACCOUNT_KEYS)


def _allowed_names(document: Document) -> Iterator[Text]:
    """The AWS principals of the Allow statements as these name them; `NotPrincipal` means everyone but some."""
    for statement in document.statements:
        principals = statement.principals
        if statement.effect == "Deny" or principals is None:
            continue
        if principals.negated:
            yield EVERYONE
        else:
            yield from (name.like if isinstance(name, Rest) else name for name in _aws_names(principals))


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
    yield from untold_for(statements, (_PRINCIPAL_ARN,))
    if spend(Budget.REQUESTS, len(statements)):
        of_each = [(account,) for account in Speaking(case.document).told_apart(accounts)]
        yield from _principals(case, of_each, statements, lambda arn: True).values


def _asks_who(statement: Statement) -> bool:
    return any(map(_looks_at_who, statement.conditions))


_DIGITS = re.compile(r"(?=[?*]*[0-9])[0-9?*]+")  # of an account, with wildcards


def _peoples_accounts(case: KeyCase) -> Iterator[Text]:
    """The accounts of principals, and those that conditions on principals ask for."""
    statements = case.document.statements
    for statement in statements:
        for entry in statement.principals.entries if statement.principals else ():
            name = entry.value.like if isinstance(entry.value, Rest) else entry.value
            yield from (one for one in (account_of(name), account_of_arn(name)) if one)
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
    statements = case.policy.statements_about(AwsPrincipal(arn), action)
    free, complete = candidates(statements, TO_PRINCIPALS, foreign, action)
    given: Dict[str, Candidate] = {}
    if not foreign:
        free.pop(ENCRYPTION_CONTEXT, None)
        given = {ENCRYPTION_CONTEXT: trail_context} if carries_encryption_context(action) else {}

    def ask(chosen: Chosen) -> Request:
        caller = chosen.get(WHO, arn)
        return case.asked.by_principal(
            action, caller, {**chosen_context(free, chosen, caller, given), **given}, purpose
        )

    return Question(ask, {WHO: who} if who else {}, free), complete
