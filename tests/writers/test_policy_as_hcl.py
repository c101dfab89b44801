"""Policies in Terraform's language: read back as they were, and laid out as `terraform fmt` does."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cloudtrail.policies import ENCRYPT, READ, ROOT, allow, having, policy

from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.evaluation.values import Json
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.iam.document import parse
from ctkms.writers.policy_as_hcl import expression, key_with_jsonencode, key_with_policy_document, literal

# Terraform brings every text into this form, so one in another form cannot be written at all.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-(2**31), 2**31)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=12,
)


def read_back(written: str) -> Any:
    parsed = parse_file(f"x = {written}\n")
    assert not parsed.problems
    return evaluate(parsed.body.attributes["x"], EmptyScope())


@given(TEXTS)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    assert read_back(literal(text)) == text


@pytest.mark.parametrize(
    "text",
    ["${aws:username}", "%{ if true }", "$${x}", "$$$${", "%%{", "a\\nb", 'a"b', "\u2028", "\U0001f511", "$", "%"],
)
def test_nothing_in_a_text_is_interpolated(text: str) -> None:
    assert read_back(literal(text)) == text


@given(VALUES)
def test_a_value_is_read_back_as_it_was(value: Any) -> None:
    assert json.dumps(read_back(expression(value)), sort_keys=True) == json.dumps(value, sort_keys=True)


POLICY = policy(having(ROOT, Sid="Root"), having(ENCRYPT, Sid="Encrypt"), having(READ, Sid='A "reader" of ${x}'))


def test_a_resource_is_laid_out_as_terraform_fmt_does() -> None:
    document = policy(having(allow({"AWS": ["1", "2"]}, ["a", "b"], {"Bool": {"aws:x": "true"}}), Sid="s"))
    assert key_with_jsonencode("k", document) == (
        'resource "aws_kms_key" "k" {\n'
        "  enable_key_rotation = true\n"
        "\n"
        "  policy = jsonencode({\n"
        '    Version = "2012-10-17"\n'
        "    Statement = [\n"
        "      {\n"
        '        Effect = "Allow"\n'
        "        Principal = {\n"
        "          AWS = [\n"
        '            "1",\n'
        '            "2",\n'
        "          ]\n"
        "        }\n"
        "        Action = [\n"
        '          "a",\n'
        '          "b",\n'
        "        ]\n"
        '        Resource = "*"\n'
        "        Condition = {\n"
        "          Bool = {\n"
        '            "aws:x" = "true"\n'
        "          }\n"
        "        }\n"
        '        Sid = "s"\n'
        "      },\n"
        "    ]\n"
        "  })\n"
        "}\n"
    )


def test_a_policy_document_has_a_block_for_each_statement() -> None:
    document = policy(having(allow({"AWS": ["1", "2"]}, "a", {"Bool": {"aws:x": "true"}}), Sid="s"))
    assert key_with_policy_document("k", document) == (
        'data "aws_iam_policy_document" "k" {\n'
        "  statement {\n"
        '    sid       = "s"\n'
        '    effect    = "Allow"\n'
        '    actions   = ["a"]\n'
        '    resources = ["*"]\n'
        "\n"
        "    principals {\n"
        '      type = "AWS"\n'
        "      identifiers = [\n"
        '        "1",\n'
        '        "2",\n'
        "      ]\n"
        "    }\n"
        "\n"
        "    condition {\n"
        '      test     = "Bool"\n'
        '      variable = "aws:x"\n'
        '      values   = ["true"]\n'
        "    }\n"
        "  }\n"
        "}\n"
        "\n"
        'resource "aws_kms_key" "k" {\n'
        "  enable_key_rotation = true\n"
        "\n"
        "  policy = data.aws_iam_policy_document.k.json\n"
        "}\n"
    )


def test_jsonencode_gives_the_policy() -> None:
    written = key_with_jsonencode("k", POLICY)
    parsed = parse_file(written)
    assert not parsed.problems
    encoded = evaluate(parsed.body.blocks[0].body.attributes["policy"], EmptyScope())
    assert isinstance(encoded, Json)
    assert parse(json.loads(str(json_text(encoded)))) == parse(POLICY)
