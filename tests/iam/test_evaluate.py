"""What AWS answers to a request, case by case; the cases are data in `cases/`.

A file has the parts that its cases have in common (`statement`, `request`); a case overrides them:

- `policy` is a whole document, `statements` are whole statements, `statement` holds the elements that
  differ (null takes one away), and `condition` is the `Condition` of the common statement;
- `request` and `context` are what differs in the request; a list is the values of a multivalued key;
- `⟦var.x⟧` within a string is a value that the code leaves open, `⟦var.x|account⟧` one of a known kind;
  `{"$rest": "var.x"}` is an open list, `{"$undocumented": true}` a key that may or may not be sent;
- `⟨another account⟩`, `⟨this account⟩` and their like are the placeholders of `ctkms.unknowns.text`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from ctkms.iam.document import parse
from ctkms.iam.evaluate import decide
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import OWN, STRANGE, Hole, Kind, Rest, Text, join

CASES = Path(__file__).parent / "cases"

_KINDS = {kind.name.lower(): kind for kind in Kind}
_MARKS = re.compile(r"⟦([^|⟧]*)(?:\|(\w+))?⟧|⟨([^⟩]*)⟩")
_PLACEHOLDERS = {
    "another account": STRANGE["account"] * 12,
    "another name": STRANGE["name"],
    "another organization": STRANGE["organization"],
    "another value": STRANGE["value"],
    "this account": OWN[Kind.ACCOUNT] * 12,
    "this Region": OWN[Kind.REGION],
    "this partition": OWN[Kind.PARTITION],
}


@dataclass(frozen=True)
class Case:
    """One sentence about AWS, the request that proves it, and the answer."""

    file: str
    name: str
    policy: Any
    request: Request
    expected: str


def text(written: str) -> Text:
    """A string of a case file with its marks replaced."""
    parts: List[Text] = []
    position = 0
    for mark in _MARKS.finditer(written):
        source, kind, placeholder = mark.groups()
        parts.append(written[position : mark.start()])
        parts.append(_PLACEHOLDERS[placeholder] if placeholder else Hole("${" + source + "}", _KINDS[kind or "any"]))
        position = mark.end()
    return join((*parts, written[position:]))


def value(written: Any) -> Any:
    """A value of a case file with its marks replaced, however deep they stand."""
    if isinstance(written, str):
        return text(written)
    if isinstance(written, list):
        return [value(item) for item in written]
    if not isinstance(written, dict):
        return written
    if "$rest" in written:
        return Rest(Hole("${" + written["$rest"] + "}"), text(written["$each"]) if "$each" in written else None)
    if "$undocumented" in written:
        return UNDOCUMENTED
    return {text(name): value(item) for name, item in written.items()}


def cases() -> Iterator[Case]:
    """Every case of every file."""
    for path in sorted(CASES.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        for case in content["cases"]:
            yield _case(path.stem, content, case)


def _case(file: str, common: Dict[str, Any], case: Dict[str, Any]) -> Case:
    request = {"context": {}, **common["request"], **case.get("request", {})}
    context = {**request["context"], **case.get("context", {})}
    return Case(
        file=file,
        name=case["name"],
        policy=value(_policy(common, case)),
        request=Request(
            principal=_principal(request["principal"]),
            action=request["action"],
            resource=text(request["resource"]),
            context={name: _sent(value(item)) for name, item in context.items()},
        ),
        expected=case["expected"],
    )


def _policy(common: Dict[str, Any], case: Dict[str, Any]) -> Any:
    if "policy" in case:
        return case["policy"]
    if "statements" in case:
        statements = case["statements"]
    else:
        merged = {**common["statement"], **case.get("statement", {})}
        if "condition" in case:
            merged["Condition"] = case["condition"]
        statements = [{name: element for name, element in merged.items() if element is not None}]
    return {"Version": case.get("version", "2012-10-17"), "Statement": statements}


def _principal(written: str) -> Any:
    return AwsPrincipal(text(written)) if written.startswith("arn:") else ServicePrincipal(text(written))


def _sent(sent: Any) -> Any:
    return tuple(sent) if isinstance(sent, list) else sent


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Case):
    assert decide(parse(case.policy), case.request).verdict.value == case.expected


def test_names_of_cases_are_told_apart():
    assert [name for name, times in Counter(case.name for case in cases()).items() if times > 1] == []


READER = "arn:aws:iam::111122223333:role/reader"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


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
