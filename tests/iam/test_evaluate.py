"""What AWS answers to a request, case by case; the cases are data in `cases/`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from case_files import Case, cases

from ctkms.iam.document import parse
from ctkms.iam.evaluate import AwsPrincipal, Request, Verdict, decide
from ctkms.iam.text import Hole

CASES = tuple(cases())
READER = "arn:aws:iam::111122223333:role/reader"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case):
    assert decide(parse(case.policy), case.request).verdict.value == case.expected


def test_names_of_cases_are_told_apart():
    assert [name for name, times in Counter(case.name for case in CASES).items() if times > 1] == []


def decided(*statements, principal=READER, action="kms:Decrypt", context=None):
    document = parse({"Version": "2012-10-17", "Statement": list(statements)})
    return decide(document, Request(principal, action, "arn:aws:kms:us-east-1:111122223333:key/1", context or {}))


def test_decision_names_the_statement_that_allows():
    decision = decided({**ALLOW, "Action": "kms:Encrypt"}, {**ALLOW, "Sid": "readers"})
    assert [trace.statement.label for trace in decision.deciding] == ['statement "readers"']


def test_decision_names_the_statement_that_denies():
    decision = decided(ALLOW, {**ALLOW, "Effect": "Deny"})
    assert [trace.statement.index for trace in decision.deciding] == [1]


def test_decision_names_the_statements_that_are_left_open():
    opened = {**ALLOW, "Principal": {"AWS": Hole("${var.principal}")}}
    decision = decided({**ALLOW, "Action": "kms:Encrypt"}, opened)
    assert [(trace.statement.index, trace.element) for trace in decision.deciding] == [(1, "Principal")]


def test_decision_names_a_statement_of_open_effect_that_matches():
    decision = decided({**ALLOW, "Effect": Hole("${var.effect}")})
    assert decision.verdict is Verdict.UNKNOWN
    assert [trace.statement.index for trace in decision.deciding] == [0]


def test_near_misses_come_closest_first_with_the_condition_that_refused():
    decision = decided(
        {**ALLOW, "Principal": {"Service": "logs.amazonaws.com"}},
        {**ALLOW, "Action": "kms:Encrypt"},
        {**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
        context={"aws:SourceAccount": "999988887777"},
    )
    assert [(trace.statement.index, trace.element) for trace in decision.deciding] == [(2, "Condition"), (1, "Action")]
    nearest = decision.deciding[0]
    assert nearest.condition is not None
    assert (nearest.condition.operator, nearest.actual) == ("StringEquals", "999988887777")


def test_principal_as_plain_text_is_an_arn_or_a_service():
    service = {**ALLOW, "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    assert decided(service, principal="cloudtrail.amazonaws.com").verdict is Verdict.ALLOW
    assert decided(service, principal=READER).verdict is Verdict.DENY
    assert decided(service, principal=AwsPrincipal(READER)).verdict is Verdict.DENY


def test_numbers_and_booleans_of_a_context_are_written_out():
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}, "Bool": {"aws:SecureTransport": "true"}}
    context = {"aws:MultiFactorAuthAge": 60, "aws:SecureTransport": True}
    assert decided({**ALLOW, "Condition": condition}, context=context).verdict is Verdict.ALLOW


def test_verdicts_are_no_booleans():
    with pytest.raises(TypeError):
        bool(decided(ALLOW).verdict)
    with pytest.raises(TypeError):
        bool(decided(ALLOW).traces[0].matches)
