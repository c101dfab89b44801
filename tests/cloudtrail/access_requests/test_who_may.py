"""Whom the statements let call an action."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cloudtrail.policies import (
    ACCOUNT,
    CONSOLE_READ,
    CONTEXT,
    ENCRYPT,
    GOOD,
    OTHER,
    READ,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    allow,
    deny,
    having,
    policy,
)

from ctkms.cloudtrail.access_requests.single_request import asking
from ctkms.cloudtrail.access_requests.who_may import Admitted, Who, who_may
from ctkms.cloudtrail.bare_policy import THIS_KEY
from ctkms.iam.document import parse
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.policy import Statement
from ctkms.iam.request import AwsPrincipal, Principal, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole, join


def _with_principals(statement: Dict[str, Any], principals: Any, negated: bool) -> Dict[str, Any]:
    del statement["Principal"]
    return {**statement, "NotPrincipal" if negated else "Principal": principals}


BOB, ROLE = f"arn:aws:iam::{ACCOUNT}:user/Bob", f"arn:aws:iam::{ACCOUNT}:role/a"
OTHER_ROLE = f"arn:aws:iam::{OTHER}:role/b"


def who(document: Any, action: str = "kms:Decrypt", account: Optional[str] = None) -> List[str]:
    """Who may, in short: by which statements, `!` and those that may stand against it, or `-` and the one that does."""
    found = who_may(Evaluator(parse(document)), action, THIS_KEY, account)
    return [shown(one) for one in found]


def shown(one: Admitted) -> str:
    name = {Who.EVERYONE: "everyone", Who.ACCOUNT: f"account {one.name}"}.get(one.who, str(one.name))
    if one.denied is not None:
        return f"{name} -{one.denied.statement.index}"
    unless = "".join(f" !{trace.statement.index}" for trace in one.unless)
    return f"{name}{''.join(f' {trace.statement.index}' for trace in one.by)}{unless}"


CASES: Dict[str, Any] = {
    "the account by its root, and a reader by name": (policy(*GOOD), [f"account {ACCOUNT} 0", f"{BOB} 0 3"]),
    "an account by its id": (policy(allow({"AWS": OTHER}, "kms:*")), [f"account {OTHER} 0"]),
    "everyone, on a condition": (policy(CONSOLE_READ), ["everyone 0"]),
    "a service": (policy(allow(SERVICE, "kms:Decrypt")), ["cloudtrail.amazonaws.com 0"]),
    "nobody where the action is another": (policy(ENCRYPT), []),
    "nobody where the condition is never met": (
        policy(having(READ, Condition={"StringLike": {"kms:EncrytionContext:aws:cloudtrail:arn": "*"}})),
        [],
    ),
    "a reader who is denied": (
        policy(READ, deny({"AWS": BOB}, "kms:*")),
        [f"{BOB} -1"],
    ),
    "a reader who may be denied": (
        policy(READ, deny("*", "kms:*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),
        [f"{BOB} 0 !1"],
    ),
    "an account of which one role may not": (
        policy(ROOT, deny({"AWS": ROLE}, "kms:Decrypt")),
        [f"account {ACCOUNT} 0 !1"],
    ),
    "everyone, of whom only a service is not denied": (
        policy(allow("*", "kms:*"), _with_principals(deny("*", "kms:*"), SERVICE, True)),
        ["everyone -1", "<any AWS service> 0 !1"],
    ),
    "all but one": (
        policy({**allow({}, "kms:*"), "Principal": None, "NotPrincipal": {"AWS": ROLE}}),
        ["everyone 0"],
    ),
    "whom a variable names": (
        policy(allow({"AWS": Hole("${var.readers}")}, "kms:Decrypt")),
        ["${var.readers} 0"],
    ),
    "a role of an account that a variable names": (
        policy(allow({"AWS": join(("arn:aws:iam::", Hole("${var.account}"), ":role/a"))}, "kms:Decrypt")),
        ["arn:aws:iam::${var.account}:role/a 0"],
    ),
    "a statement that nobody can read": (policy(Hole("${local.statement}")), ["${local.statement} 0 !0"]),  # type: ignore[arg-type]
    "a statement that nobody can read beside one about an account": (
        policy(ROOT, Hole("${local.statement}")),  # type: ignore[arg-type]
        [f"account {ACCOUNT} 0 1 !1", "${local.statement} 1 !1"],
    ),
    "a policy that nobody can read": (Hole("${var.policy}"), ["${var.policy}"]),
    "identity providers, which do not call KMS": (policy(allow({"Federated": "a.example.com"}, "kms:*")), []),
}


@pytest.mark.parametrize(("document", "expected"), CASES.values(), ids=CASES)
def test_who_may(document: Any, expected: List[str]) -> None:
    if isinstance(document, dict):
        document["Statement"] = [
            one if isinstance(one, Hole) else {name: value for name, value in one.items() if value is not None}
            for one in document["Statement"]
        ]
    assert who(document) == expected


OF_ONE_ACCOUNT: Dict[str, Any] = {
    "of the key's account: all, and one by name": (GOOD, ACCOUNT, [f"account {ACCOUNT} 0", f"{BOB} 0 3"]),
    "of another account: nobody": (GOOD, OTHER, []),
    "of the account that everyone's condition names": ([CONSOLE_READ], ACCOUNT, [f"account {ACCOUNT} 0"]),
    "of an account that everyone's condition leaves out": ([CONSOLE_READ], OTHER, []),
    "of an account of which a role is named": (
        [allow({"AWS": OTHER_ROLE}, "kms:Decrypt")],
        OTHER,
        [f"{OTHER_ROLE} 0"],
    ),
    "no services": ([allow(SERVICE, "kms:*")], ACCOUNT, []),
}


@pytest.mark.parametrize(("statements", "account", "expected"), OF_ONE_ACCOUNT.values(), ids=OF_ONE_ACCOUNT)
def test_who_may_of_one_account(statements: Any, account: str, expected: List[str]) -> None:
    assert who(policy(*statements), account=account) == expected


CALLERS = (BOB, ROLE, OTHER_ROLE, f"arn:aws:iam::{OTHER}:root", "arn:aws:iam::999999999999:user/x")
KEYS = ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "kms:CallerAccount", CONTEXT, "aws:SourceArn")
VALUES = (ACCOUNT, OTHER, BOB, ROLE, "o-1", TRAIL_ARN, "*", f"arn:aws:iam::{ACCOUNT}:*", "true", "false")
CONDITIONS = st.dictionaries(
    st.sampled_from(("StringLike", "StringEquals", "StringNotLike", "ArnLike", "Null", "StringEqualsIfExists")),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), min_size=1, max_size=2),
    max_size=2,
)
NAMES = st.sampled_from(("*", ACCOUNT, f"arn:aws:iam::{OTHER}:root", *CALLERS[:3]))
PRINCIPALS = st.one_of(
    st.builds(lambda names: {"AWS": names}, st.lists(NAMES, min_size=1, max_size=2)), st.just(SERVICE)
)
STATEMENTS = st.builds(
    lambda make, principals, action, condition, negated: _with_principals(
        make("*", action, condition), principals, negated
    ),
    st.sampled_from((allow, allow, deny)),
    PRINCIPALS,
    st.sampled_from(("kms:*", "kms:Decrypt", "kms:DescribeKey")),
    CONDITIONS,
    st.booleans(),
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    st.lists(STATEMENTS, min_size=1, max_size=4),
    st.sampled_from((*map(AwsPrincipal, CALLERS), ServicePrincipal("cloudtrail.amazonaws.com"))),
    st.dictionaries(st.sampled_from(KEYS[2:]), st.sampled_from(VALUES), max_size=3),
)
def test_whoever_may_is_among_them(statements: Any, caller: Principal, told: Any) -> None:
    """Whatever a call carries: if it is allowed, one of those who may is its caller or speaks for him."""
    document = parse(policy(*statements))
    told = {key: value for key, value in told.items() if key not in _NOT_CARRIED[type(caller)]}
    asked = asking(document, THIS_KEY, caller, "kms:Decrypt", told)
    policy_ = Evaluator(document)
    allowed = policy_.decide(asked.request).verdict is Verdict.ALLOW
    found = who_may(policy_, "kms:Decrypt", THIS_KEY)
    standing = [one for one in found if one.denied is None and speaks_for(one, caller)]
    assert standing or not allowed
    for one in found:
        if one.name == str(caller) and one.denied is not None:
            assert policy_.decide(asked.request).verdict is Verdict.DENY
    if allowed and isinstance(caller, AwsPrincipal):
        of_account = who_may(policy_, "kms:Decrypt", THIS_KEY, str(caller.account))
        assert [one for one in of_account if one.denied is None and speaks_for(one, caller)]


# AWS sends these with no call of the kind, or with what it knows of the caller rather than with what is told.
_NOT_CARRIED = {AwsPrincipal: ("aws:SourceArn", "kms:CallerAccount"), ServicePrincipal: ("aws:PrincipalOrgID",)}


def speaks_for(one: Admitted, caller: Principal) -> bool:
    if one.who is Who.EVERYONE or one.name == str(caller):
        return True
    if isinstance(caller, ServicePrincipal):
        return one.who is Who.SERVICE and isinstance(one.name, Hole)
    return one.who is Who.ACCOUNT and one.name == caller.account


def test_what_admits_is_an_allow_and_what_may_stand_against_it_a_deny() -> None:
    document = parse(policy(ROOT, CONSOLE_READ, deny("*", "kms:*", {"Bool": {"aws:MultiFactorAuthPresent": "false"}})))
    found = who_may(Evaluator(document), "kms:Decrypt", THIS_KEY)
    effects = {(name, statement.effect) for one in found for name, statement in parts(one)}
    assert effects == {("by", "Allow"), ("unless", "Deny")}


def parts(one: Admitted) -> List[tuple[str, Statement]]:
    return [*(("by", trace.statement) for trace in one.by), *(("unless", trace.statement) for trace in one.unless)]
