"""Where findings on Terraform resources stand: the narrowest part of the code that decides."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, NamedTuple

import pytest
from tests.iac.located import finding, located

from ctkms.iac.scan import scan
from ctkms.iac.terraform.locations.located_parser import Places
from ctkms.iac.terraform.syntax.hcl_parser import ParsedFile

TRAIL = """
resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.logs.arn
}
"""
ROOT = '{ Effect = "Allow", Principal = { AWS = "111111111111" }, Action = "kms:*", Resource = "*" }'
WRONG = '"arn:aws:cloudtrail:us-east-1:111111111111:trail/other"'


def statement(value: str) -> str:
    return f"""{{
      Effect    = "Allow"
      Principal = {{ Service = "cloudtrail.amazonaws.com" }}
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = {{ StringEquals = {{ "aws:SourceArn" = {value} }} }}
    }}"""


MARKED = statement(f"«{WRONG}»")


def key(policy: str) -> str:
    return f"""
    {TRAIL}
    resource "aws_kms_key" "logs" {{
      policy = {policy}
    }}
    """


def encoded(*statements: str) -> str:
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})'


YAML = """\
  Statement:
    - Effect: Allow
      Principal: {Service: cloudtrail.amazonaws.com}
      Action: kms:GenerateDataKey*
      Resource: "*"
      Condition: {StringEquals: {aws:SourceArn: %s}}
    - {Effect: Allow, Principal: {AWS: "111111111111"}, Action: kms:*, Resource: "*"}
"""
JSON = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
   "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": %s}}}
]}
"""
DOCUMENT = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["111111111111"]
    }
  }
  %s {
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    %s
  }
}
"""
CONDITION = """condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [%s]
    }"""


class Case(NamedTuple):
    rule: str
    files: Dict[str, str]


CASES = {
    "a value of a condition": Case("001", {"main.tf": key(encoded(ROOT, statement(f"«{WRONG}»")))}),
    "the only value of a list": Case("001", {"main.tf": key(encoded(ROOT, statement(f"[«{WRONG}»]")))}),
    "one of several values: the list": Case("001", {"main.tf": key(encoded(ROOT, statement(f'«[{WRONG}, "x"]»')))}),
    "a local that is the value": Case(
        "001",
        {
            "main.tf": f"""
            locals {{
              arn = «{WRONG}»
            }}
            """
            + key(encoded(ROOT, statement("local.arn")))
        },
    ),
    "the default of a variable that is the value": Case(
        "001",
        {
            "main.tf": f"""
            variable "arn" {{
              default = «{WRONG}»
            }}
            """
            + key(encoded(ROOT, statement("var.arn")))
        },
    ),
    "the value that a file of variables gives": Case(
        "001",
        {
            "main.tf": """
            variable "arn" {
              default = "x"
            }
            """
            + key(encoded(ROOT, statement("var.arn"))),
            "terraform.tfvars": 'arn = "y"\n',
            "a.auto.tfvars": f"""
            other = 1
            arn   = «{WRONG}»
            """,
        },
    ),
    "a part of a value that a file of variables in JSON gives": Case(
        "001",
        {
            "main.tf": """
            variable "trail" {
              type = any
            }
            """
            + key(encoded(ROOT, statement('var.trail["arn"]'))),
            "terraform.tfvars.json": f'{{\n  "//": "${{",\n  "trail": {{"name": "x", "arn": «{WRONG}»}}\n}}\n',
        },
    ),
    "the default of a variable of a module that the root has, too": Case(
        "001",
        {
            "main.tf": """
            variable "arn" {}
            module "key" {
              source = "./key"
            }
            """,
            "terraform.tfvars": 'arn = "y"\n',
            "key/main.tf": f"""
            variable "arn" {{
              default = «{WRONG}»
            }}
            """
            + key(encoded(ROOT, statement("var.arn"))),
        },
    ),
    "an interpolation: the whole string": Case(
        "001",
        {"main.tf": 'locals { name = "other" }\n' + key(encoded(ROOT, statement(f'«"{WRONG[1:-6]}${{local.name}}"»')))},
    ),
    "an action that is missing: the closest statement": Case(
        "001",
        {"main.tf": key(encoded(ROOT, "«" + statement('"x"').replace("GenerateDataKey*", "DescribeKey") + "»"))},
    ),
    "no statement speaks of the caller: the policy": Case(
        "001", {"main.tf": key(f'jsonencode(«{{ Version = "2012-10-17", Statement = [{ROOT}] }}»)')}
    ),
    "no condition at all: the statement": Case(
        "020",
        {"main.tf": key(encoded(ROOT, '«{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }»'))},
    ),
    "a key that is misspelt: its name": Case(
        "001",
        {"main.tf": key(encoded(ROOT, statement(WRONG).replace('"aws:SourceArn"', '«"aws:SourceARNs"»')))},
    ),
    "an action that does not exist": Case(
        "080",
        {
            "main.tf": key(
                encoded(ROOT, statement(WRONG).replace('"kms:GenerateDataKey*"', '["kms:Decrypt", «"kms:Foo"»]'))
            )
        },
    ),
    "a list that is put together": Case(
        "001", {"main.tf": key(f"jsonencode({{ Statement = concat([{ROOT}], [{statement(f'«{WRONG}»')}]) }})")}
    ),
    "an object that is put together": Case(
        "001",
        {"main.tf": key(f'jsonencode(merge({{ Version = "2012-10-17" }}, {{ Statement = [{ROOT}, {MARKED}] }}))')},
    ),
    "a branch of a condition that is known": Case(
        "001",
        {"main.tf": "locals { on = true }\n" + key(encoded(ROOT, statement(f'local.on ? «{WRONG}» : "x"')))},
    ),
    "statements made by a loop": Case(
        "001",
        {"main.tf": key(f'jsonencode({{ Statement = [for one in ["a"] : {statement(f"«{WRONG}»")}] }})')},
    ),
    "JSON in a heredoc": Case("001", {"main.tf": key("<<EOT\n" + JSON % f"«{WRONG}»" + "EOT")}),
    "JSON in an indented heredoc with interpolations": Case(
        "001",
        {
            "main.tf": key(
                "<<-EOT\n    "
                + (JSON % f"«{WRONG}»").replace("111111111111", '${join("", ["1111", "11111111"])}', 1)
                + "  EOT"
            )
        },
    ),
    "JSON in a file": Case(
        "001", {"main.tf": key('file("${path.module}/policy.json")'), "policy.json": JSON % f"«{WRONG}»"}
    ),
    "YAML in a file": Case(
        "001",
        {"main.tf": key('jsonencode(yamldecode(file("policy.yaml")))'), "policy.yaml": YAML % f"«{WRONG}»"},
    ),
    "YAML in an indented heredoc": Case(
        "001",
        {"main.tf": key("jsonencode(yamldecode(<<-EOT\n" + YAML % f"«{WRONG}»" + "EOT\n))")},
    ),
    "a template file": Case(
        "001",
        {
            "main.tf": key('templatefile("policy.tpl", { account = "111111111111" })'),
            "policy.tpl": (JSON % f"«{WRONG}»").replace('"111111111111"', '"${account}"', 1),
        },
    ),
    "a policy document: the value": Case(
        "001",
        {"main.tf": DOCUMENT % ("statement", CONDITION % f"«{WRONG}»") + key("data.aws_iam_policy_document.key.json")},
    ),
    "a policy document: the head of a statement": Case(
        "020",
        {"main.tf": DOCUMENT % ("«statement»", "") + key("data.aws_iam_policy_document.key.json")},
    ),
    "a statement that another document hands on": Case(
        "001",
        {
            "main.tf": DOCUMENT % ("statement", CONDITION % f"«{WRONG}»")
            + """
            data "aws_iam_policy_document" "all" {
              source_policy_documents = [data.aws_iam_policy_document.key.json]
            }
            """
            + key("data.aws_iam_policy_document.all.json")
        },
    ),
    "a module that makes the policy": Case(
        "001",
        {
            "main.tf": """
            module "policy" {
              source = "./policy"
            }
            """
            + key("module.policy.json"),
            "policy/main.tf": DOCUMENT % ("statement", CONDITION % f"«{WRONG}»")
            + """
            output "json" {
              value = data.aws_iam_policy_document.key.json
            }
            """,
        },
    ),
    "a module that is given the value": Case(
        "001",
        {
            "main.tf": f"""
            module "policy" {{
              source = "./policy"
              arn    = «{WRONG}»
            }}
            """
            + key("module.policy.json"),
            "policy/main.tf": 'variable "arn" {}'
            + DOCUMENT % ("statement", CONDITION % "var.arn")
            + """
            output "json" {
              value = data.aws_iam_policy_document.key.json
            }
            """,
        },
    ),
    "a key without a policy: the head of its block": Case(
        "001",
        {
            "main.tf": TRAIL
            + """
            «resource "aws_kms_key" "logs"» {
            }
            """
        },
    ),
    "an argument of the key": Case(
        "060",
        {
            "main.tf": f"""
            resource "aws_cloudtrail" "audit" {{
              name           = "audit"
              s3_bucket_name = "logs"
              kms_key_id     = aws_kms_key.logs.arn
            }}
            resource "aws_kms_key" "logs" {{
              policy     = {encoded(ROOT)}
              is_enabled = «false»
            }}
            """
        },
    ),
    "the JSON syntax": Case(
        "080",
        {
            "main.tf.json": '{"resource": {"aws_kms_key": {"k": {"policy": «"${jsonencode({Statement = ['
            '{Effect = \\"Allow\\", Principal = {Service = \\"cloudtrail.amazonaws.com\\"}, '
            'Action = \\"kms:Foo\\", Resource = \\"*\\"}]})}"»}}}}'
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_finding_stands_on_what_decides(name: str, tmp_path: Path) -> None:
    found, marked = located(tmp_path, CASES[name].files, CASES[name].rule)
    assert found == marked


def test_code_is_read_again_only_where_somebody_has_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: List[str] = []
    parse = Places.parse

    def noted(self: Places, path: str, text: str) -> ParsedFile:
        read.append(path)
        return parse(self, path, text)

    monkeypatch.setattr(Places, "parse", noted)
    (tmp_path / "main.tf").write_text(key(encoded(ROOT, statement(WRONG))), encoding="utf-8")
    subjects = [one.subject for one in scan(str(tmp_path))]
    assert subjects
    assert read == []
    assert finding(tmp_path, "001").location is not None
    assert read == [str(tmp_path / "main.tf")]


def test_columns_count_code_points(tmp_path: Path) -> None:
    files = {
        "main.tf": key(encoded(ROOT.replace("{ Effect", '{ Sid = "Schlüssel🔑", Effect'), statement(f"«{WRONG}»")))
    }
    found, marked = located(tmp_path, files, "001")
    assert found == marked
