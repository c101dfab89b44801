"""Code with one finding each; `expected.json` has the lines that its repair takes away and adds."""

from __future__ import annotations

from typing import NamedTuple

from ctkms.cloudtrail.findings import PROVED

PREFIX = """\
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "acme-logs"
  kms_key_id     = aws_kms_key.logs.arn
}

"""
SOURCE = "arn:aws:cloudtrail:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:trail/audit"
ANY = "arn:aws:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/*"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
ROOT = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"

OBJECTS = (
    PREFIX
    + f"""\
resource "aws_kms_key" "logs" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ # the account
        Effect    = "Allow"
        Principal = {{ AWS = "{ROOT}" }}
        Action    = "kms:*"
        Resource  = "*"
      }},
      {{
        Effect    = "Allow"
        Principal = {{ Service = "cloudtrail.amazonaws.com" }}
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {{
          StringEquals = {{ "aws:SourceArn" = "{SOURCE}" }}
          StringLike   = {{ "{CONTEXT}" = "{ANY}" }}
        }}
      }},
      {{
        Effect    = "Allow"
        Principal = {{ Service = "cloudtrail.amazonaws.com" }}
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = {{ StringEquals = {{ "aws:SourceArn" = "{SOURCE}" }} }} # this trail's
      }} # the last
    ]
  }})
}}
"""
)
BLOCKS = (
    PREFIX
    + f"""\
data "aws_iam_policy_document" "logs" {{
  statement {{
    actions   = ["kms:*"]
    resources = ["*"]
    principals {{
      type        = "AWS"
      identifiers = ["{ROOT}"]
    }}
  }}

  statement {{
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]

    principals {{
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }}

    condition {{
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["{SOURCE}"]
    }}

    condition {{
      test     = "StringLike"
      variable = "{CONTEXT}"
      values   = ["{ANY}"]
    }}
  }}
  # CloudTrail looks at the key before it uses it.
  statement {{
    actions   = ["kms:DescribeKey"]
    resources = ["*"]

    principals {{
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }}

    condition {{
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["{SOURCE}"]
    }}
  }}
}}

resource "aws_kms_key" "logs" {{
  policy = data.aws_iam_policy_document.logs.json
}}
"""
)
TEMPLATE = """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: acme-logs
      KMSKeyId: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:GenerateDataKey*
            Resource: '*'
            Condition:
              StringEquals:
                aws:SourceArn: !Sub arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit
              StringLike:
                kms:EncryptionContext:aws:cloudtrail:arn: !Sub arn:aws:cloudtrail:*:${AWS::AccountId}:trail/*
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:DescribeKey
            Resource: '*'
            Condition: {StringEquals: {aws:SourceArn: !Sub 'arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit'}}  # this trail's
"""  # noqa: E501
JSON = """\
{
  "Resources": {
    "Trail": {
      "Type": "AWS::CloudTrail::Trail",
      "Properties": {
        "TrailName": "audit", "IsLogging": true, "S3BucketName": "acme-logs",
        "KMSKeyId": {"Fn::GetAtt": ["Key", "Arn"]}
      }
    },
    "Key": {
      "Type": "AWS::KMS::Key",
      "Properties": {
        "KeyPolicy": {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
              "Action": "kms:*",
              "Resource": "*"
            },
            {
              "Effect": "Allow",
              "Principal": {"Service": "cloudtrail.amazonaws.com"},
              "Action": "kms:GenerateDataKey*",
              "Resource": "*",
              "Condition": {
                "StringEquals": {
                  "aws:SourceArn": {"Fn::Sub": "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"}
                }
              }
            },
            {
              "Effect": "Allow",
              "Principal": {"Service": "cloudtrail.amazonaws.com"},
              "Action": "kms:DescribeKey",
              "Resource": "*",
              "Condition": {
                "StringEquals": {
                  "aws:SourceArn": {"Fn::Sub": "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"}
                }
              }
            }
          ]
        }
      }
    }
  }
}
"""


class Case(NamedTuple):
    """What is said of it, the file's name and text, the rule that fails, and what its repair is worth."""

    sentence: str
    file: str
    text: str
    rule: str
    status: str = PROVED


def without(text: str, *parts: str) -> str:
    """The text without some of its parts, each of which is in there."""
    for part in parts:
        assert part in text, part
        text = text.replace(part, "", 1)
    return text


def instead(text: str, old: str, new: str) -> str:
    """The text with its first part of this kind replaced."""
    assert old in text, old
    return text.replace(old, new, 1)


YAML_CONTEXT = """\
              StringLike:
                kms:EncryptionContext:aws:cloudtrail:arn: !Sub arn:aws:cloudtrail:*:${AWS::AccountId}:trail/*
"""
YAML_DESCRIBE = TEMPLATE[TEMPLATE.rindex("          - Effect") :]
CASES = (
    Case(
        "a condition is added to an object of HCL that has one",
        "main.tf",
        without(OBJECTS, f'          StringLike   = {{ "{CONTEXT}" = "{ANY}" }}\n'),
        "021",
    ),
    Case(
        "a condition is added to an object of HCL that has none",
        "main.tf",
        without(
            OBJECTS, f'        Condition = {{ StringEquals = {{ "aws:SourceArn" = "{SOURCE}" }} }} # this trail\'s\n'
        ),
        "024",
    ),
    Case(
        "a statement is added after one with a comment behind it and without a comma",
        "main.tf",
        without(
            OBJECTS,
            OBJECTS[OBJECTS.rindex("      {\n") : OBJECTS.rindex("      } # the last")] + "      } # the last\n",
        ),
        "002",
    ),
    Case(
        "an operator is replaced in an object of HCL",
        "main.tf",
        instead(OBJECTS, "          StringLike   =", "          StringEqualsIgnoreCase ="),
        "001",
    ),
    Case(
        "a value is replaced in an object of HCL",
        "main.tf",
        instead(OBJECTS, f'{{ "{CONTEXT}" = "{ANY}" }}', f'{{ "{CONTEXT}" = "{SOURCE}s" }}'),
        "001",
    ),
    Case(
        "a Windows file keeps its line breaks",
        "main.tf",
        without(OBJECTS, f'          StringLike   = {{ "{CONTEXT}" = "{ANY}" }}\n').replace("\n", "\r\n"),
        "021",
    ),
    Case(
        "a file keeps its byte order mark",
        "main.tf",
        "\ufeff" + instead(OBJECTS, "          StringLike   =", "          StringEqualsIgnoreCase ="),
        "001",
    ),
    Case(
        "an account that the code writes out is written out",
        "main.tf",
        instead(
            without(
                OBJECTS.replace("${data.aws_caller_identity.current.account_id}", "111111111111"),
                'data "aws_caller_identity" "current" {}\n',
            ),
            f'          StringLike   = {{ "{CONTEXT}" = "arn:aws:cloudtrail:*:111111111111:trail/*" }}\n',
            "",
        ),
        "021",
    ),
    Case(
        "a block that the values need is added where the code has none",
        "main.tf",
        without(
            instead(OBJECTS, "data.aws_caller_identity.current.account_id", "var.account").replace(
                "${data.aws_caller_identity.current.account_id}", "*"
            ),
            'data "aws_caller_identity" "current" {}\n',
            f'          StringLike   = {{ "{CONTEXT}" = "arn:aws:cloudtrail:*:*:trail/*" }}\n',
        ).replace("StringEquals = {", "StringLike = {")
        + 'variable "account" {}\n',
        "021",
    ),
    Case(
        "a condition block is added to a statement block",
        "main.tf",
        without(
            BLOCKS,
            BLOCKS[
                BLOCKS.index('\n    condition {\n      test     = "StringLike"') : BLOCKS.index("  }\n  # CloudTrail")
            ],
        ),
        "021",
    ),
    Case(
        "a statement block is added after the last",
        "main.tf",
        without(BLOCKS, BLOCKS[BLOCKS.index("  # CloudTrail") : BLOCKS.index('}\n\nresource "aws_kms_key"')]),
        "002",
    ),
    Case(
        "a misspelt condition key of a block is corrected",
        "main.tf",
        instead(BLOCKS, f'variable = "{CONTEXT}"', 'variable = "kms:EncryptionContext:aws:cloudtrial:arn"'),
        "001",
    ),
    Case(
        "a condition is added in YAML's block style",
        "template.yaml",
        without(TEMPLATE, YAML_CONTEXT),
        "021",
    ),
    Case(
        "a condition is added in YAML's flow style",
        "template.yaml",
        instead(
            TEMPLATE,
            TEMPLATE[TEMPLATE.index("            Condition:\n") : TEMPLATE.index(YAML_DESCRIBE)],
            "            Condition: {StringEquals: {aws:SourceArn: !Sub 'arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit'}}\n",  # noqa: E501
        ),
        "021",
    ),
    Case(
        "a statement is added to a list of YAML",
        "template.yaml",
        without(TEMPLATE, YAML_DESCRIBE),
        "002",
    ),
    Case(
        "an action that AWS does not know is corrected in YAML",
        "template.yaml",
        instead(TEMPLATE, "kms:DescribeKey", "kms:DescribeKeys"),
        "002",
    ),
    Case(
        "an element is added in JSON",
        "template.json",
        instead(JSON, '"Action": "kms:DescribeKey",\n              "Resource": "*",', '"Action": "kms:DescribeKey",'),
        "002",
    ),
    Case(
        "a condition is added in JSON, with references as the file has them",
        "template.json",
        JSON,
        "021",
    ),
)
