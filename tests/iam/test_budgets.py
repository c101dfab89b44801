"""No policy makes its evaluation slow: what is honest is decided within the budget, what is not ends in UNKNOWN."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from ctkms.budgets import Budget, exhausted, metered, spent
from ctkms.iam.document import parse
from ctkms.iam.evaluate import Evaluator, decide
from ctkms.iam.lint import problems_of
from ctkms.iam.request import AwsPrincipal, Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.json_text import MAX_CHARACTERS
from ctkms.unknowns.text import Hole, join

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"
ROLES = [f"arn:aws:iam::{ACCOUNT}:role/team-{one}-reader" for one in range(200)]


def policy(*statements: Dict[str, Any]) -> Dict[str, Any]:
    common = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**common, **one} for one in statements]}


def like(*values: Any) -> Dict[str, Any]:
    return {"Condition": {"ArnLike": {"aws:PrincipalArn": list(values)}}}


def asked(source: Any, callers: List[str]) -> List[Verdict]:
    """What a policy answers to each of the callers, read once and within one budget."""
    policy = Evaluator(parse(source))
    requests = (Request(AwsPrincipal(one), "kms:Decrypt", KEY, {"aws:PrincipalArn": one}) for one in callers)
    return [policy.decide(request).verdict for request in requests]


HONEST = {
    "a hundred statements with two patterns each": policy(
        *(like(f"arn:aws:iam::*:role/team-{one}-*", f"arn:aws:iam::{ACCOUNT}:role/admin-{one}*") for one in range(100))
    ),
    "two hundred patterns": policy(like(*(f"arn:aws:iam::{ACCOUNT}:role/team-{one}-*" for one in range(200)))),
    "four hundred principals": policy(
        {"Principal": {"AWS": [*ROLES, *(f"{one:012d}" for one in range(200))]}}, {"Principal": {"AWS": ROLES[:100]}}
    ),
    "a hundred statements with principals": policy(
        *({"Principal": {"AWS": ROLES[one : one + 3]}, **like("arn:aws:iam::*:role/*")} for one in range(100))
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_policies_are_decided_well_within_the_budget(name: str):
    with metered():
        answers = asked(HONEST[name], ROLES)
        assert spent(Budget.COMPARISONS) < Budget.COMPARISONS.amount / 2
    assert Verdict.UNKNOWN not in answers
    assert Verdict.ALLOW in answers


HOSTILE = {
    "stars and question marks": policy(*(like("arn:aws:iam::*:role/" + f"*a?{one}" * 40) for one in range(100))),
    "a pattern of the size of the policy": policy(like("arn:aws:iam::*:role/" + "*t?" * 10_000)),
    "open parts between stars": policy(
        *(like(join(("arn:aws:iam::*:role/*", Hole(f"${{var.{one}}}"), "*-?eader*"))) for one in range(150))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_policies_end_in_unknown_and_cost_no_more(name: str, calls_in):
    def ask(times: int) -> int:
        with metered():
            return calls_in(lambda: asked(HOSTILE[name], ROLES[:times]))

    few, many = ask(100), ask(200)
    assert many < 3 * few
    assert many < 4_000_000


def test_beyond_the_budget_every_answer_that_needs_a_comparison_is_unknown():
    with metered():
        answers = asked(HOSTILE["open parts between stars"], ROLES)
        document = parse(policy({}, {"Effect": "Deny", "Principal": {"Service": "logs.amazonaws.com"}}))
        assert decide(document, Request(ServicePrincipal("x"), "kms:Encrypt", KEY)).verdict is not Verdict.ALLOW
        assert exhausted(Budget.COMPARISONS)
    assert Verdict.ALLOW not in answers


def test_what_an_evaluator_remembers_is_bounded():
    policy = Evaluator(parse(HONEST["a hundred statements with two patterns each"]))
    for one in range(1_200):
        caller = f"arn:aws:iam::{ACCOUNT}:role/r{one}"
        policy.decide(Request(AwsPrincipal(caller), "kms:Decrypt", KEY, {"aws:PrincipalArn": caller}))
    assert all(len(one) <= 10_000 for one in vars(policy).values() if isinstance(one, dict))


def test_aliases_of_yaml_do_not_become_texts_of_their_size():
    text = "x" * 30_000
    for _ in range(3):
        text = [text] * 100  # type: ignore[assignment]
    (problem,) = problems_of(parse(policy({"Resource": text})))
    assert problem.what == "the policy has too many characters to be one" or "too many values" in problem.what


def test_a_text_that_is_far_too_long_is_not_read():
    (problem,) = problems_of(parse(" " * MAX_CHARACTERS + "{}"))
    assert problem.what == "the policy has too many characters to be one"
