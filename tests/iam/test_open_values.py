"""What leaves a decision open: values of the code, and what AWS does not document; one of the two is always named."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest

from ctkms.iam.decision import Decision
from ctkms.iam.document import parse
from ctkms.iam.evaluate import decide
from ctkms.iam.open_values import holes_behind, undocumented_in
from ctkms.iam.request import UNDOCUMENTED, Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole

X = Hole("${var.x}")
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
ROLE = "arn:aws:iam::111122223333:role/reader"
SENT = {"aws:SourceIp": "10.1.2.3", "kms:CallerAccount": "111122223333", "aws:CurrentTime": "2026-01-01T00:00:00Z"}
NOT_SAID = "(AWS does not document the outcome)"


def decision(context: Dict[str, Any], **elements: Any) -> Decision:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", **elements}
    document = parse({"Version": "2012-10-17", "Statement": [statement]})
    return decide(document, Request(ROLE, "kms:Decrypt", KEY, context))


def undocumented(found: Decision) -> Tuple[str, ...]:
    assert found.verdict is Verdict.UNKNOWN
    return tuple(one for trace in found.deciding for one in undocumented_in(trace))


CONDITIONS = (
    ({"NumericEquals": {"kms:CallerAccount": "x"}}, "NumericEquals on kms:CallerAccount compares with x"),
    ({"IpAddress": {"aws:SourceIp": "myip"}}, "IpAddress on aws:SourceIp compares with myip"),
    ({"NotIpAddress": {"aws:SourceIp": ["10.9.9.9", "myip"]}}, "NotIpAddress on aws:SourceIp compares with myip"),
    ({"DateLessThan": {"aws:CurrentTime": "tomorrow"}}, "DateLessThan on aws:CurrentTime compares with tomorrow"),
    ({"ArnLike": {"kms:CallerAccount": "arn:aws:s3*"}}, "ArnLike on kms:CallerAccount compares with arn:aws:s3*"),
    ({"ArnLike": {"kms:CallerAccount": "*"}}, "ArnLike on kms:CallerAccount compares with *"),
    (
        {"StringNotEquals": {"aws:SourceIp": "${aws:username}"}},
        "StringNotEquals on aws:SourceIp compares with ${aws:username}",
    ),
    (
        {"BinaryEquals": {"aws:SourceIp": [f"{n}!" for n in range(5)]}},
        "BinaryEquals on aws:SourceIp compares with 0!, 1!, 2! and 2 more",
    ),
    ({"Null": {"aws:SourceIp": "maybe"}}, "Null on aws:SourceIp compares with maybe"),
)


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[expected for _, expected in CONDITIONS])
def test_a_comparison_that_aws_does_not_document(condition: Dict[str, Any], expected: str):
    assert undocumented(decision(SENT, Condition=condition)) == (f"{expected} {NOT_SAID}",)


@pytest.mark.parametrize("sent", [("a", "b"), "a", UNDOCUMENTED])
def test_a_multivalued_key_needs_a_set_operator(sent: Any):
    (said,) = undocumented(decision({"aws:TagKeys": sent}, Condition={"StringEquals": {"aws:TagKeys": "a"}}))
    assert said.startswith("StringEquals on aws:TagKeys, which has several values, without ForAnyValue")


def test_a_value_that_cannot_be_read_is_named_beside_an_open_one():
    found = decision(SENT, Condition={"IpAddress": {"aws:SourceIp": ["myip", X]}})
    assert undocumented(found) == (f"IpAddress on aws:SourceIp compares with myip {NOT_SAID}",)
    assert holes_behind(found) == (X,)


def test_nothing_is_undocumented_where_the_code_alone_leaves_it_open():
    found = decision(SENT, Condition={"IpAddress": {"aws:SourceIp": [X]}})
    assert undocumented(found) == ()
    assert holes_behind(found) == (X,)


def test_an_open_condition_key_is_behind_what_it_leaves_open():
    assert holes_behind(decision(SENT, Condition={"StringEquals": {X: "a"}})) == (X,)


def test_a_key_that_may_be_sent_or_not_is_no_value_of_the_code():
    found = decision({"aws:SourceIp": UNDOCUMENTED}, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    assert undocumented(found) == ()
    assert holes_behind(found) == ()
    assert str(UNDOCUMENTED) == "what AWS does not document"


def test_a_resource_of_which_aws_does_not_say_what_it_covers():
    assert undocumented(decision({}, Resource=["arn:aws:*"])) == (
        "the Resource arn:aws:* (AWS does not document whether it covers this key)",
    )


def test_a_principal_of_which_aws_does_not_say_whom_it_covers():
    allow = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*", "Sid": "Others"}
    document = parse({"Version": "2012-10-17", "Statement": [allow, deny]})
    assert undocumented(decide(document, Request(ROLE, "kms:Decrypt", KEY))) == (
        'whom the NotPrincipal of statement "Others" covers',
    )
