"""Whatever a file holds, judging and asking it ends with an answer or one line, and what is printed is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cloudtrail.policies import ACCOUNT, GOOD, TRAIL_ARN

from ctkms.commands import ask_command, judge_command

NAMES = (
    *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"),
    *("NotResource", "Condition", "AWS", "Service", "Federated", "StringEquals", "Null", "ForAllValues:ArnLike"),
    *("kms:CallerAccount", "aws:SourceArn", "kms:EncryptionContext:aws:cloudtrail:arn", "Policy"),
)
TEXTS = st.one_of(
    st.sampled_from(
        (
            *("2012-10-17", "2008-10-17", "Allow", "Deny", "*", "kms:*", "kms:Decrypt", "cloudtrail.amazonaws.com"),
            *(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", TRAIL_ARN, "${aws:PrincipalAccount}", "${", "arn:", "\x1b[31m"),
        )
    ),
    st.text(max_size=6),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXTS), inner, max_size=4)
    ),
    max_leaves=20,
)
STATEMENTS = st.lists(
    st.one_of(
        st.sampled_from(GOOD),
        VALUES,
        st.builds(lambda one, name, value: {**one, name: value}, st.sampled_from(GOOD), st.sampled_from(NAMES), VALUES),
    ),
    max_size=4,
)
POLICIES = st.one_of(VALUES, st.builds(lambda given: {"Version": "2012-10-17", "Statement": given}, STATEMENTS))
QUESTIONS = (
    ["--who", "kms:Decrypt"],
    ["--who", "kms:CreateGrant", "--account", ACCOUNT],
    ["--principal", f"arn:aws:iam::{ACCOUNT}:role/a", "--action", "kms:Decrypt"],
    [
        "--principal",
        "cloudtrail.amazonaws.com",
        "--action",
        "kms:GenerateDataKey",
        "--context",
        f"aws:SourceArn={ACCOUNT}",
    ],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.json"


def ends_well(capsys: Any, code: int) -> None:
    said = capsys.readouterr()
    assert code in (0, 1, 2)
    assert bool(said.out) is (code != 2)
    assert said.err.count("\n") == int(code == 2)
    assert (said.out + said.err).replace("\n", "").isprintable()


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(POLICIES, st.sampled_from(QUESTIONS), st.sampled_from(([], ["--json"])))
def test_any_policy_can_be_asked(capsys, file: Path, content: Any, question: List[str], form: List[str]) -> None:
    file.write_text(json.dumps(content))
    ends_well(capsys, ask_command.run(["--policy", str(file), *question, *form]))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(POLICIES, st.sampled_from(([], ["--trail", TRAIL_ARN])), st.sampled_from(([], ["--json"])))
def test_any_policy_can_be_judged(capsys, file: Path, content: Any, trail: List[str], form: List[str]) -> None:
    file.write_text(json.dumps(content))
    ends_well(capsys, judge_command.run([str(file), *trail, *form]))


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xef\xbb\xbf{}", b"nan", b'"\\ud800"', b"{" * 5000])
def test_any_bytes(capsys, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    ends_well(capsys, ask_command.run(["--policy", str(file), *QUESTIONS[0]]))
    ends_well(capsys, judge_command.run([str(file), "--trail", TRAIL_ARN]))
