"""Which keys of the request context a policy looks at: those it compares, and those its variables name."""

from __future__ import annotations

from typing import Any, Tuple

import pytest

from ctkms.iam.context_keys import context_keys
from ctkms.iam.document import parse
from ctkms.iam.variables import variable_names
from ctkms.unknowns.text import Hole, Rest, Text, join

X = Hole("${var.x}")
NAMED: Tuple[Tuple[Text, Tuple[str, ...]], ...] = (
    ("no variable", ()),
    ("${aws:ResourceOrgID}", ("aws:resourceorgid",)),
    ("a-${aws:username}-${aws:PrincipalTag/team, 'none'}", ("aws:username", "aws:principaltag/team")),
    ("${aws:userid}${aws:UserId}", ("aws:userid",)),
    ("${*}${?}${$}", ()),
    ("${no key}", ()),
    ("${aws:username", ()),
    (X, ()),
    (join(("${aws:username}/", X, "/${aws:userid}")), ("aws:username", "aws:userid")),
)


@pytest.mark.parametrize(("text", "expected"), NAMED, ids=[str(text) for text, _ in NAMED])
def test_names_of_variables(text: Text, expected: Tuple[str, ...]):
    assert variable_names(text) == expected


def keys_of(**elements: Any) -> Tuple[str, ...]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", **elements}
    return context_keys(parse({"Version": "2012-10-17", "Statement": [statement]}).statements)


def test_a_policy_looks_at_the_keys_that_it_compares_and_at_those_of_its_variables():
    condition = {
        "StringEquals": {"aws:PrincipalOrgID": ["${aws:ResourceOrgID}", Rest(X)]},
        "Bool": {X: "true", "aws:SecureTransport": "true"},
    }
    assert keys_of(Condition=condition) == ("aws:principalorgid", "aws:securetransport", "aws:resourceorgid")


def test_a_variable_in_a_resource_is_looked_at():
    assert keys_of(Resource="arn:aws:kms:*:${aws:PrincipalAccount}:key/*") == ("aws:principalaccount",)
    assert keys_of(Resource=None, NotResource="${aws:username}") == ("aws:username",)
