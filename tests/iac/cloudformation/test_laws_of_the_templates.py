"""A template is read as what it says: known policies, hidden behind random intrinsic functions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from tests.tools import tool

from ctkms.iac.cloudformation.evaluation import evaluation

SEEDS = range(200)
MOST_OPEN = 0.02


@pytest.fixture(scope="module")
def laws() -> Any:
    """What `tools/laws.py templates` tries for as long as one likes."""
    return tool("laws_of_the_templates")


@pytest.fixture(scope="module")
def hidden(laws: Any) -> Any:
    """What is hidden from each seed."""
    return [laws.hidden(seed) for seed in SEEDS]


def test_no_template_is_read_as_what_it_does_not_say(laws: Any, hidden: Any) -> None:
    readings = [laws.read(one) for one in hidden]
    assert [laws.told(one) for one in readings if one.outcome == laws.WRONG] == []
    assert sum(one.outcome == laws.OPEN for one in readings) <= MOST_OPEN * len(readings)


FUNCTIONS = "Sub Join If Select Split FindInMap ImportValue GetAtt Equals And Or Not".split()
WAYS = {
    # what occurs: what tells it
    **{f"Fn::{name}": rf'"Fn::{name}": ' for name in FUNCTIONS},
    **{f"!{name}": rf"!{name}\b" for name in FUNCTIONS},
    "Ref": r'"Ref": ',
    "!Ref": r"!Ref ",
    "a condition by name": r"Condition\W+C\d",
    "Fn::Sub with a map": r"!Sub\s*(\[|\n\s*-)",
    "a list parameter": r"CommaDelimitedList",
    "a parameter of few values": r"AllowedValues",
    "an open parameter": r"Stage0",
    "a nested stack": r"AWS::CloudFormation::Stack",
    "what is handed to it": r"Handed0",
    "an output of a nested stack": r"Outputs\.O",
    "Fn::Length": r"Length",
    "Fn::ToJsonString": r"ToJsonString",
    "a default in a map": r"DefaultValue",
    "an anchor": r"&id\d+",
    "a policy as text": r"KeyPolicy.{0,400}Statement\\",
    "a loop": r"Fn::ForEach::Made",
    "a merge": r"<<:",
    "an alias": r"AWS::KMS::Alias",
    "a variable of a service": r"\$\{self:custom\.v",
    "what it falls back to": r"\$\{opt:x, '",
    "a file of a service": r"file\(",
    "a text with a policy variable": r"\$\{!aws:",
}


@pytest.mark.parametrize("pattern", WAYS.values(), ids=WAYS)
def test_everything_occurs(pattern: str, hidden: Any) -> None:
    texts = ("\n".join(one.files.values()) for one in hidden)
    assert sum(re.search(pattern, text, re.DOTALL) is not None for text in texts) >= 5


def test_the_policies_differ(hidden: Any) -> None:
    assert len(Counter(str(one.policy) for one in hidden)) > 0.95 * len(SEEDS)


CARELESS = {
    # what a reader may get wrong: what it takes it for
    "Fn::FindInMap": lambda self, argument, at: "other",
    "Fn::ImportValue": lambda self, argument, at: "other",
    "Fn::GetAtt": lambda self, argument, at: str(argument),
}


@pytest.mark.parametrize("function", CARELESS)
def test_a_wrong_reading_would_be_found(function: str, laws: Any, hidden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "_FUNCTIONS", {**evaluation._FUNCTIONS, function: CARELESS[function]})
    assert any(laws.read(one).outcome == laws.WRONG for one in hidden[:40])


def test_an_open_reading_would_be_counted(laws: Any, hidden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = {name: one for name, one in evaluation._FUNCTIONS.items() if name != "Fn::FindInMap"}
    monkeypatch.setattr(evaluation, "_FUNCTIONS", functions)
    assert any(laws.read(one).outcome == laws.OPEN for one in hidden[:40])
