"""Policies as templates of CloudFormation: every reader of YAML reads what was written."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ctkms.iac.cloudformation.templates.template_text import read_template
from ctkms.writers.policy_as_template import scalar, template

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text("abcdefgABCN:*/.-_ 0123", min_size=1)
SCALARS = st.one_of(TEXTS, NAMES, st.none(), st.booleans(), st.integers(-(2**31), 2**31))
POLICIES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
        max_leaves=12,
    ),
    min_size=1,
)


@given(st.one_of(TEXTS, NAMES))
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*", '"*"'),
        ("2012-10-17", '"2012-10-17"'),
        ("Null", '"Null"'),
        ("false", '"false"'),
        ("On", '"On"'),
        ("111122223333", '"111122223333"'),
        ("aws:SourceArn", "aws:SourceArn"),
        ("arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:*:111122223333:trail/*"),
        ("Enable IAM User Permissions", "Enable IAM User Permissions"),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a:", '"a:"'),
        ("", '""'),
        ("a ", '"a "'),
        ("!Sub x", '"!Sub x"'),
        ("\u2028", '"\\u2028"'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_only_what_can_be_nothing_else_stands_without_quotes(text: str, written: str) -> None:
    assert scalar(text) == written


@given(POLICIES)
def test_a_policy_is_read_back_as_it_was(policy: Any) -> None:
    written = template("Key", policy)
    read = yaml.safe_load(written)["Resources"]["Key"]["Properties"]["KeyPolicy"]
    assert json.dumps(read) == json.dumps(policy)
    assert written.isprintable() or set(filter(lambda one: not one.isprintable(), written)) == {"\n"}


def test_our_own_reader_takes_the_template() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Condition": {"Null": {"a:b": "false"}}}]}
    assert read_template(template("Key", policy))["Resources"]["Key"]["Properties"]["KeyPolicy"] == policy
