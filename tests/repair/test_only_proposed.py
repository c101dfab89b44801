"""Repairs that work and are not proved, since somebody else may lose by them, or Terraform may refuse them."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Union

import pytest
from tests.repair.cases import JSON, OBJECTS, PREFIX, ROOT, SOURCE, TEMPLATE, instead, without
from tests.repair.cases_of_resources import HCL_POLICY, POLICY_BESIDE

from ctkms.cloudtrail.findings import NONE, PROPOSED, PROVED
from ctkms.repair.file_text import is_json
from ctkms.repair.search import Repair, Search
from ctkms.repair.tree import Tree, failures

READER = f"""\
      {{
        Effect    = "Allow"
        Principal = {{ AWS = "{ROOT.replace(":root", ":role/Reader")}" }}
        Action    = "kms:Decrypt"
        Resource  = "*"
      }},
"""
READERS = instead(OBJECTS, "    Statement = [\n", "    Statement = [\n" + READER)
YAML_READERS = instead(
    TEMPLATE,
    "        Statement:\n",
    "        Statement:\n          - Effect: Allow\n"
    "            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/R'}\n"
    "            Action: kms:Decrypt\n            Resource: '*'\n",
)
VIA = '        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.eu-central-1.amazonaws.com" } }\n'
DENY = '      {{ Effect = "Deny", Principal = {}, Action = "kms:GenerateDataKey*", Resource = "*" }},\n'
SHARED = (
    READERS.replace('resource "aws_kms_key" "logs" {\n  policy = jsonencode(', "locals {\n  policy = jsonencode(")
    + """
resource "aws_kms_key" "logs" {
  policy = local.policy
}

resource "aws_kms_key" "app" {
  policy = local.policy
}
"""
)
MODULE = without(POLICY_BESIDE, PREFIX[PREFIX.index("resource") :]) + (
    'module "trail" {\n  source = "./trail"\n  key    = aws_kms_key.logs.arn\n}\n'
)
CALLED = {
    "main.tf": MODULE,
    "trail/main.tf": 'variable "key" {}\n\n'
    + PREFIX[PREFIX.index("resource") :].replace("aws_kms_key.logs.arn", "var.key"),
}
OTHERS = {
    "a key whose ARN is an output": 'output "key" {\n  value = aws_kms_key.logs.arn\n}\n',
    "a key that encrypts a text": 'resource "aws_kms_ciphertext" "c" {\n  key_id = aws_kms_key.logs.key_id\n}\n',
    "a key that a module gets": 'module "m" {\n  source = "x/y/aws"\n  key    = aws_kms_key.logs.arn\n}\n',
    "a key that a local value hands on": "locals {\n  key = aws_kms_key.logs.arn\n}\n",
}
Code = Union[str, Dict[str, str]]
PROPOSED_ONLY: Dict[str, tuple[Code, str]] = {
    **{f"readers of {name}": (READERS + text, "041") for name, text in OTHERS.items()},
    "readers of a key that a template exports": (
        YAML_READERS + "Outputs:\n  Key:\n    Value: !GetAtt Key.Arn\n    Export: {Name: key}\n",
        "041",
    ),
    "readers who read by another service": (
        instead(READERS, '"kms:Decrypt"\n        Resource  = "*"\n', f'"kms:Decrypt"\n        Resource  = "*"\n{VIA}'),
        "041",
    ),
    "readers of two keys that share a policy": (SHARED, "041"),
    "a Deny that names CloudTrail": (
        instead(
            OBJECTS,
            "    Statement = [\n",
            "    Statement = [\n" + DENY.format('{ Service = "cloudtrail.amazonaws.com" }'),
        ),
        "001",
    ),
    "a Deny without a condition": (
        instead(OBJECTS, "    Statement = [\n", "    Statement = [\n" + DENY.format('"*"')),
        "001",
    ),
    "a module that is made to wait": (CALLED, "065"),
    "a policy that Terraform is told to ignore": (
        instead(OBJECTS, HCL_POLICY, "  lifecycle {\n    ignore_changes = [policy]\n  }\n"),
        "001",
    ),
}


def repaired(code: Code, rule: str, folder: Path) -> tuple[Tree, Repair]:
    """What becomes of the first finding of a rule."""
    files = code if isinstance(code, dict) else {"template.yaml" if "Resources:" in code else "main.tf": code}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    tree = Tree(str(folder))
    return tree, Search(tree).repair(*next(one for one in failures(tree.seen) if one[1].endswith(rule)))


@pytest.mark.parametrize("name", PROPOSED_ONLY)
def test_is_for_people_to_decide(name: str, tmp_path: Path) -> None:
    _, repair = repaired(*PROPOSED_ONLY[name], tmp_path)
    assert (repair.status, bool(repair.reason)) == (PROPOSED, True)


def test_readers_of_nothing_but_logs_are_proved(tmp_path: Path) -> None:
    assert repaired(READERS, "041", tmp_path)[1].status == PROVED


def test_the_policy_of_a_key_in_an_account_that_the_code_has_no_word_for_is_not_made_up(tmp_path: Path) -> None:
    other = 'provider "aws" {\n  alias   = "other"\n  profile = "security"\n}\n\n'
    code = instead(OBJECTS, HCL_POLICY, "  provider = aws.other\n")
    assert repaired(other + code, "001", tmp_path)[1].status == NONE


def test_a_trails_name_is_not_taken_from_what_waits_for_the_key(tmp_path: Path) -> None:
    code = instead(OBJECTS, '= "audit"', '= "audit-${aws_kms_key.logs.key_id}"')
    _, repair = repaired(instead(code, HCL_POLICY, ""), "001", tmp_path)
    assert not any("aws_kms_key" in edit.new_text for edit in repair.edits)


def test_another_trail_keeps_the_key(tmp_path: Path) -> None:
    code = OBJECTS.replace(f'"{SOURCE}"', f'"{SOURCE.replace("trail/audit", "trail/production")}"')
    _, repair = repaired(code, "001", tmp_path)
    assert repair.text.startswith("Add a statement")
    assert repair.status == PROVED


def test_a_data_source_in_a_comment_is_none(tmp_path: Path) -> None:
    code = instead(OBJECTS, 'data "aws_region" "current" {}\n', '/*\ndata "aws_region" "current" {}\n*/\n')
    _, repair = repaired(instead(code, HCL_POLICY, ""), "001", tmp_path)
    assert repair.edits
    assert not any("data.aws_region" in edit.new_text for edit in repair.edits)


def test_an_override_file_gets_no_block(tmp_path: Path) -> None:
    beside = PREFIX.replace('data "aws_caller_identity" "current" {}\n', "")
    policy = OBJECTS[OBJECTS.index('resource "aws_kms_key"') :].replace(
        "data.aws_caller_identity.current.account_id", "var.a"
    )
    files = {
        "main.tf": beside + 'resource "aws_kms_key" "logs" {}\nvariable "a" {}\n',
        "main_override.tf": without(
            policy,
            policy[
                policy.index('      {\n        Effect    = "Allow"\n        Principal = { Service') : policy.index(
                    "    ]\n  })"
                )
            ],
        ),
    }
    assert repaired(files, "001", tmp_path)[1].status == NONE


def test_a_template_in_json_stays_json(tmp_path: Path) -> None:
    both = '"Action": ["kms:GenerateDataKey*", "kms:DescribeKey"]'
    code = instead(
        instead(JSON, '"Action": "kms:GenerateDataKey*"', both),
        '"Action": "kms:DescribeKey"',
        '"Action": "kms:Decrypt"',
    )
    tree, repair = repaired({"template.json": code}, "021", tmp_path)
    assert "Split" in repair.text
    assert all(is_json(text) for text in tree.edited(repair.edits).values())
