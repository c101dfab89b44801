"""What the provider renders for an `aws_iam_policy_document`: one row a claim.

The expectations without open values are what hashicorp/aws 5.100 renders, with `terraform apply`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctkms.iac.terraform.aws.policy_document import policy_of
from ctkms.iac.terraform.code_scan import Tree
from ctkms.iam.document import parse
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Partial, Rest

VERSION = {"Version": "2012-10-17"}
X, XS = Hole("${var.x}"), Rest(Hole("${var.xs}"))


def statement(body: str) -> str:
    return "statement {\n" + body + "\n}"


def policies(*statements: str) -> str:
    listed = ", ".join("{" + one + "}" for one in statements)
    return f"[jsonencode({{ Statement = [{listed}] }})]"


DYNAMIC = """
dynamic "statement" {
  for_each = %s
  content {
    sid     = statement.value
    actions = ["a:${statement.key}"]
  }
}
"""
CONDITIONS = """
condition {
  test     = "StringEquals"
  variable = "k"
  values   = ["v"]
}
dynamic "condition" {
  for_each = var.xs
  content {
    test     = "StringLike"
    variable = "%s"
    values   = [condition.value]
  }
}
"""
OPEN = Hole("${var.xs}")

CASES = [
    ("an empty document has a version and nothing else", "", VERSION),
    (
        "a single value stands alone and the effect is Allow",
        """
        statement {
          actions   = ["a:b"]
          resources = ["*"]
        }
        """,
        {"Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}]},
    ),
    (
        "a set holds each value once, and is written backwards",
        statement('actions = ["a:b", "a:c", "a:b"]'),
        {"Statement": [{"Effect": "Allow", "Action": ["a:c", "a:b"]}]},
    ),
    (
        "empty sets and an empty sid are left out",
        """
        statement {
          sid           = ""
          effect        = "Deny"
          actions       = []
          not_resources = ["x"]
        }
        """,
        {"Statement": [{"Effect": "Deny", "NotResource": "x"}]},
    ),
    (
        "ids and versions are taken over",
        """
        policy_id = "p"
        version   = "2008-10-17"
        statement {
          sid         = "A"
          not_actions = ["a:b"]
        }
        """,
        {"Version": "2008-10-17", "Id": "p", "Statement": [{"Sid": "A", "Effect": "Allow", "NotAction": "a:b"}]},
    ),
    (
        'principals of the type "*" with the identifier "*" become a bare star',
        """
        statement {
          principals {
            type        = "*"
            identifiers = ["*"]
          }
        }
        """,
        {"Statement": [{"Effect": "Allow", "Principal": "*"}]},
    ),
    (
        "the star of another type stays with its type",
        """
        statement {
          not_principals {
            type        = "AWS"
            identifiers = ["*"]
          }
        }
        """,
        {"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "*"}}]},
    ),
    (
        "principals of one type are put together, in the order that the provider keeps a set of blocks in",
        """
        statement {
          principals {
            type        = "AWS"
            identifiers = ["1"]
          }
          principals {
            type        = "Service"
            identifiers = ["s"]
          }
          principals {
            type        = "AWS"
            identifiers = ["2", "arn:&{x}"]
          }
        }
        """,
        {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["1", "arn:${x}", "2"], "Service": "s"}}]},
    ),
    (
        "values under the same operator and key are put together",
        """
        statement {
          condition {
            test     = "StringLike"
            variable = "k"
            values   = ["z", "&{aws:username}"]
          }
          condition {
            test     = "StringLike"
            variable = "k"
            values   = ["a"]
          }
          condition {
            test     = "Bool"
            variable = "K"
            values   = [true]
          }
        }
        """,
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Condition": {"Bool": {"K": "true"}, "StringLike": {"k": ["a", "z", "${aws:username}"]}},
                }
            ]
        },
    ),
    (
        "the sign for policy variables is not replaced in actions",
        """
        statement {
          actions   = ["&{a}"]
          resources = ["&{a}"]
        }
        """,
        {"Statement": [{"Effect": "Allow", "Action": "&{a}", "Resource": "${a}"}]},
    ),
    (
        "dynamic statements over a list are numbered",
        DYNAMIC % '["A", "B"]',
        {
            "Statement": [
                {"Sid": "A", "Effect": "Allow", "Action": "a:0"},
                {"Sid": "B", "Effect": "Allow", "Action": "a:1"},
            ]
        },
    ),
    (
        "in dynamic statements over a set the key is the value",
        DYNAMIC % 'toset(["A"])',
        {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a:A"}]},
    ),
    (
        "dynamic statements over a map have its keys",
        DYNAMIC % '{ k = "A" }',
        {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a:k"}]},
    ),
    ("dynamic statements over nothing are none", DYNAMIC % "[]", {}),
    (
        "dynamic blocks nest, each with its own iterator",
        """
        dynamic "statement" {
          for_each = { S = ["1", "2"] }
          iterator = outer
          content {
            sid = outer.key
            dynamic "principals" {
              for_each = outer.value
              content {
                type        = "AWS"
                identifiers = ["${outer.key}${principals.value}"]
              }
            }
          }
        }
        """,
        {"Statement": [{"Sid": "S", "Effect": "Allow", "Principal": {"AWS": ["S1", "S2"]}}]},
    ),
    (
        "statements of source documents come first, and the document's own replace them by their sid",
        "source_policy_documents = "
        + policies('Sid = "A", Effect = "Allow", Action = ["x"]', 'Effect = "Deny"')
        + """
        statement {
          sid     = "A"
          actions = ["y"]
        }
        """,
        {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "y"}, {"Effect": "Deny"}]},
    ),
    (
        "statements of override documents replace those of the same sid, the others come last",
        """
        statement {
          sid     = "A"
          actions = ["y"]
        }
        """
        + "override_policy_documents = "
        + policies('Effect = "Deny"', 'Sid = "A", Effect = "Deny"'),
        {"Statement": [{"Sid": "A", "Effect": "Deny"}, {"Effect": "Deny"}]},
    ),
    (
        "the last of several overrides wins",
        """
        statement {
          sid     = "A"
          actions = ["y"]
        }
        override_policy_documents = [
          jsonencode({ Statement = [{ Sid = "A", Effect = "Deny" }] }),
          jsonencode({ Id = "late", Statement = [{ Sid = "A", Effect = "Allow" }] }),
        ]
        """,
        {"Id": "late", "Statement": [{"Sid": "A", "Effect": "Allow"}]},
    ),
    (
        "a source document loses what the provider's structure does not know",
        "source_policy_documents = "
        + policies(
            'sid = "A", Effect = "Allow", Foo = 1, Principal = "123", '
            'Condition = { StringEquals = { a = true, b = ["1"] }, NumericLessThan = { z = 5 } }'
        ),
        {
            "Statement": [
                {
                    "Sid": "A",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Condition": {"StringEquals": {"a": "true", "b": "1"}},
                }
            ]
        },
    ),
    (
        "an empty source document adds nothing",
        'source_policy_documents = [""]\n' + statement('actions = ["y"]'),
        {"Statement": [{"Effect": "Allow", "Action": "y"}]},
    ),
    (
        "the older arguments for one document each still count",
        """source_json = jsonencode({ Statement = [{ Sid = "A", Effect = "Allow" }] })
        override_json = jsonencode({ Statement = [{ Sid = "A", Effect = "Deny" }] })""",
        {"Statement": [{"Sid": "A", "Effect": "Deny"}]},
    ),
    (
        "a heredoc with an open value is read as a source document",
        'source_policy_documents = [<<EOT\n{"Statement":[{"Sid":"A","Effect":"Allow","Action":"a:${var.x}"}]}\nEOT\n]',
        {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": Partial(("a:", X))}]},
    ),
    # Open values
    (
        "an open value stays in its place",
        """
        statement {
          actions   = [var.x, "b"]
          resources = var.xs
        }
        """,
        {"Statement": [{"Effect": "Allow", "Action": [X, "b"], "Resource": [XS]}]},
    ),
    ("unknown dynamic statements are any number of statements", DYNAMIC % "var.xs", {"Statement": [XS]}),
    (
        "unknown principals of a known type are any number of that type",
        """
        statement {
          dynamic "principals" {
            for_each = var.xs
            content {
              type        = "AWS"
              identifiers = [principals.value]
            }
          }
        }
        """,
        {"Statement": [{"Effect": "Allow", "Principal": {"AWS": [XS]}}]},
    ),
    (
        "principals of an unknown type may be of any",
        """
        statement {
          principals {
            type        = var.x
            identifiers = ["a"]
          }
        }
        """,
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {kind: [Rest(X)] for kind in ("AWS", "Service", "Federated", "CanonicalUser")},
                }
            ]
        },
    ),
    (
        "an unknown condition on the same key may add values to it",
        statement(CONDITIONS.replace("StringLike", "StringEquals") % "k"),
        {"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"k": ["v", XS]}, OPEN: OPEN}}]},
    ),
    (
        "an unknown condition on another key leaves this one alone",
        statement(CONDITIONS % "other"),
        {"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"k": "v"}, OPEN: OPEN}}]},
    ),
    (
        "an unknown source document adds any number of statements",
        "source_policy_documents = [var.x]\n" + statement('sid = "A"'),
        {"Statement": [Rest(X), {"Sid": "A", "Effect": "Allow"}]},
    ),
    (
        "an unknown override may replace every statement that has a sid, and no other",
        "override_policy_documents = [var.x]\n" + statement('sid = "A"') + "\n" + statement('actions = ["y"]'),
        {"Statement": [X, {"Effect": "Allow", "Action": "y"}, Rest(X)]},
    ),
    (
        "a statement under an open condition is a choice",
        DYNAMIC % 'var.x == "1" ? ["A"] : []',
        {
            "Statement": [
                Rest(Choice('${(var.x == "1") ? ["A"] : []}', conditions=frozenset(('${var.x == "1"}',)))),
            ]
        },
    ),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rendered_policy(tmp_path: Path, body: str, expected: Any) -> None:
    assert policy(tmp_path, body) == {**VERSION, **expected}


@pytest.mark.parametrize("body", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_rendered_policy_is_one_that_the_evaluator_reads(tmp_path: Path, body: str) -> None:
    assert parse(policy(tmp_path, body)).statements is not None


def policy(folder: Path, body: str) -> Any:
    """The policy of a key that the document is attached to."""
    (folder / "main.tf").write_text(
        f"""
        variable "x" {{}}
        variable "xs" {{}}
        # cloudtrail
        data "aws_iam_policy_document" "d" {{
          {body}
        }}
        resource "aws_kms_key" "k" {{
          policy = data.aws_iam_policy_document.d.json
        }}
        """,
        encoding="utf-8",
    )
    configuration = Tree(str(folder))._configuration(str(folder))
    root = configuration.inventory({}).scenario.root
    return policy_of(root.module.resources["data", "aws_iam_policy_document", "d"], root)
