"""Whom the statements of a key policy let call an action, and under which conditions.

For each principal that an Allow statement names, the policy is asked about a call of which everything that a caller
can choose is open: what allows it then, and what may deny it.
"""

from __future__ import annotations

from enum import Enum
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.single_request import open_request
from ctkms.iam.decision import Trace, counts_as
from ctkms.iam.document import Principals, Statement
from ctkms.iam.evaluate import Evaluator, action_matches
from ctkms.iam.patterns import ACCOUNT, matches, settled_sections
from ctkms.iam.principals import EVERYONE, account_of
from ctkms.iam.request import AwsPrincipal, Context, Principal, ServicePrincipal
from ctkms.unknowns.text import Hole, Kind, Rest, Text, holes_in, join
from ctkms.unknowns.truth import FALSE, TRUE


class Who(Enum):
    """What a policy may name."""

    PRINCIPAL = "a user, role or session"
    ACCOUNT = "the users and roles of an account"
    EVERYONE = "everyone"
    SERVICE = "a service"
    OPEN = "whoever a value that the code leaves open names"


class Admitted(NamedTuple):
    """Somebody whom statements let call, or may.

    `by` are the Allow statements, `unless` the Deny statements that may stand against them, `denied` one that does.
    """

    who: Who
    name: Text  # an ARN, an account id, a service, what is open; "" for everyone
    by: Tuple[Trace, ...] = ()
    unless: Tuple[Trace, ...] = ()
    denied: Optional[Trace] = None
    context: Context = Context()  # of the call that was asked about


_Candidate = Tuple[Who, Text]

_ANY_PARTITION = Hole("<any partition>", Kind.PARTITION)
_ANY_ACCOUNT = Hole("<any account>", Kind.ACCOUNT)
_ANY_SERVICE = Hole("<any AWS service>")
_ANY_NAME = Hole("<any user or role>", Kind.NAME)


def who_may(policy: Evaluator, action: str, key_arn: Text, account: Optional[str] = None) -> Tuple[Admitted, ...]:
    """Who may call the action, in the order of the policy; of one account only, if it is given."""
    found: Dict[_Candidate, None] = {}
    if policy.document.open is not None:
        return (Admitted(Who.OPEN, policy.document.open),)
    for statement in policy.document.statements:
        if statement.effect != "Deny" and action_matches(statement.actions, action) is not FALSE:
            found.update(dict.fromkeys(_named_by(statement)))
        elif statement.open is not None:
            found[Who.OPEN, statement.open] = None
    candidates = list(found) if account is None else _of_account(found, account)
    admitted = [_admitted(policy, action, key_arn, *one) for one in candidates]
    if account is None and any(one.who is Who.EVERYONE and one.denied is not None for one in admitted):
        # Everyone includes services, and a Deny for all users and roles may spare those.
        services = _admitted(policy, action, key_arn, Who.SERVICE, _ANY_SERVICE)
        admitted += [services] if services.denied is None else []
    return tuple(one for one in admitted if one.by)


def _named_by(statement: Statement) -> Iterator[_Candidate]:
    principals = statement.principals
    if statement.open is not None:
        yield Who.OPEN, statement.open
    elif principals is not None and principals.negated:
        yield Who.EVERYONE, ""
    elif principals is not None:
        yield from _entries(principals)


def _entries(principals: Principals) -> Iterator[_Candidate]:
    for entry in principals.entries:
        value = entry.value
        if isinstance(value, Rest):
            yield Who.OPEN, value.hole
        elif entry.type == "Service":
            yield Who.SERVICE, value
        elif entry.type == "AWS" and value == EVERYONE:
            yield Who.EVERYONE, ""
        elif entry.type == "AWS":
            account = account_of(value)
            yield (Who.ACCOUNT, account) if account else (Who.PRINCIPAL, value)


def _of_account(found: Dict[_Candidate, None], account: str) -> List[_Candidate]:
    """The account at large, and those of its principals that are named, or may be."""
    named = [(who, name) for who, name in found if who is Who.OPEN or (who is Who.PRINCIPAL and _is_in(name, account))]
    return [(Who.ACCOUNT, account), *named]


def _is_in(name: Text, account: str) -> bool:
    sections = settled_sections(name)
    return not sections or matches(sections[ACCOUNT], account, wildcards=False) is not FALSE


def _admitted(policy: Evaluator, action: str, key_arn: Text, who: Who, name: Text) -> Admitted:
    caller = _caller(who, name)
    request = open_request(policy.document, key_arn, caller, action)
    traces = [trace for trace in policy.decide(request).traces if trace.matches is not FALSE]
    allowing = [trace for trace in traces if trace.statement.effect != "Deny"]
    about = [one for one in allowing if _speaks_of(policy, one.statement, caller)]
    if who is Who.OPEN:
        about = [one for one in allowing if (who, name) in _named_by(one.statement)]
    denying = [trace for trace in traces if counts_as(trace, "Deny") is not FALSE]
    return Admitted(
        who,
        name,
        by=tuple(about),
        unless=tuple(trace for trace in denying if counts_as(trace, "Deny") is not TRUE),
        denied=next((trace for trace in denying if counts_as(trace, "Deny") is TRUE), None),
        context=Context(request.context),
    )


def _caller(who: Who, name: Text) -> Principal:
    if who is Who.SERVICE:
        return ServicePrincipal(name)
    if who is Who.PRINCIPAL:
        return AwsPrincipal(name)
    account = name if who is Who.ACCOUNT else _ANY_ACCOUNT
    return AwsPrincipal(join(("arn:", _ANY_PARTITION, ":iam::", account, ":", _ANY_NAME)))


def _speaks_of(policy: Evaluator, statement: Statement, caller: Principal) -> bool:
    """Whether the statement speaks of the caller at large, or has an open part that may name him.

    A statement about one role speaks of that one only, though any user or role of the account may be it.
    """
    principals = statement.principals
    if statement.open is not None or principals is None or principals.negated:
        return True
    if policy.names(statement, caller) is TRUE:
        return True
    return any(isinstance(one.value, Rest) or holes_in(one.value) for one in principals.entries)
