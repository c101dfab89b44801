"""Code whose repair names somebody else, adds a whole policy, or stands beside the policy."""

from __future__ import annotations

from tests.repair.cases import BLOCKS, JSON, OBJECTS, PREFIX, ROOT, SOURCE, TEMPLATE, Case, instead, without

from ctkms.cloudtrail.findings import PROPOSED

HCL_POLICY = OBJECTS[OBJECTS.index("  policy = ") : OBJECTS.index("  })\n") + len("  })\n")]
HCL_DESCRIBE = OBJECTS[OBJECTS.rindex("      {\n") : OBJECTS.rindex("      } # the last")] + "      } # the last\n"
HCL_TRAIL = PREFIX[PREFIX.index("resource") :]
YAML_POLICY = TEMPLATE[TEMPLATE.index("      KeyPolicy:\n") :]
YAML_PRINCIPAL = "            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}\n"
POLICY_BESIDE = instead(OBJECTS, 'resource "aws_kms_key" "logs" {\n', 'resource "aws_kms_key" "logs" {}\n\n@@').replace(
    "@@", 'resource "aws_kms_key_policy" "logs" {\n  key_id = aws_kms_key.logs.id\n'
)
TEXT = """\
resource "aws_kms_key" "logs" {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow"@@ "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}##
      ]
    }
  EOT
}
"""
BLOCK = BLOCKS[BLOCKS.index("  # CloudTrail looks") : BLOCKS.index('}\n\nresource "aws_kms_key"')]
LENIENT = without(
    OBJECTS, f'        Condition = {{ StringEquals = {{ "aws:SourceArn" = "{SOURCE}" }} }} # this trail\'s\n'
)
ACCOUNT = "data.aws_caller_identity.current.account_id"
IN_LOCALS = SOURCE.replace(ACCOUNT, "local.account")
RESOURCE_CASES = (
    Case(
        "the account is named instead of everybody in an object of HCL",
        "main.tf",
        instead(OBJECTS, f'{{ AWS = "{ROOT}" }}', '"*"'),
        "023",
        PROPOSED,
    ),
    Case(
        "the account is named instead of everybody in a statement block",
        "main.tf",
        instead(BLOCKS, f'"AWS"\n      identifiers = ["{ROOT}"]', '"*"\n      identifiers = ["*"]'),
        "023",
        PROPOSED,
    ),
    Case(
        "the account is named instead of everybody in YAML",
        "template.yaml",
        instead(TEMPLATE, YAML_PRINCIPAL, "            Principal: '*'\n"),
        "023",
        PROPOSED,
    ),
    Case(
        "the account is named instead of everybody in JSON",
        "template.json",
        instead(JSON, '{"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}', '{"AWS": ["*"]}'),
        "023",
        PROPOSED,
    ),
    Case(
        "CloudTrail and its trail are named where everybody may encrypt",
        "main.tf",
        without(
            instead(
                BLOCKS,
                '"Service"\n      identifiers = ["cloudtrail.amazonaws.com"]',
                '"AWS"\n      identifiers = ["*"]',
            ),
            BLOCKS[BLOCKS.index("\n    condition {") : BLOCKS.index("  }\n  # CloudTrail")],
        ),
        "022",
        PROPOSED,
    ),
    Case(
        "CloudTrail gets statements of its own where it shares one with other services",
        "template.yaml",
        TEMPLATE[: TEMPLATE.index("          - Effect: Allow\n            Principal: {Service")]
        + """\
          - Effect: Allow
            Principal:
              Service:
                - logs.amazonaws.com
                - cloudtrail.amazonaws.com
            Action: kms:*
            Resource: '*'
""",
        "022",
    ),
    Case(
        "a policy is added to a key of Terraform's that has none",
        "main.tf",
        without(OBJECTS, HCL_POLICY),
        "001",
    ),
    Case(
        "a policy is added to a key of a template that has none",
        "template.yaml",
        instead(TEMPLATE, YAML_POLICY, "      EnableKeyRotation: true\n"),
        "001",
    ),
    Case(
        "a statement that reads the trail from elsewhere is copied for DescribeKey",
        "main.tf",
        without(OBJECTS, HCL_TRAIL, HCL_DESCRIBE),
        "002",
    ),
    Case(
        "readers are proposed where nobody may decrypt",
        "template.yaml",
        instead(TEMPLATE, "Action: kms:*", "Action: [kms:Get*, kms:PutKeyPolicy]"),
        "040",
        PROPOSED,
    ),
    Case(
        "a key that is disabled is enabled",
        "main.tf",
        instead(OBJECTS, "  policy =", "  is_enabled = false # for now\n  policy ="),
        "060",
        PROPOSED,
    ),
    Case(
        "a key of another type is made one that CloudTrail can use",
        "template.yaml",
        instead(
            TEMPLATE, "      KeyPolicy:", "      KeySpec: RSA_2048\n      KeyUsage: 'SIGN_VERIFY'\n      KeyPolicy:"
        ),
        "061",
        PROPOSED,
    ),
    Case(
        "a trail that waits for nothing waits for the policy",
        "main.tf",
        POLICY_BESIDE,
        "065",
    ),
    Case(
        "a trail that waits for something waits for the policy too",
        "main.tf",
        instead(POLICY_BESIDE, "aws_kms_key.logs.arn\n", "aws_kms_key.logs.arn\n  depends_on = [aws_kms_alias.logs]\n")
        + '\nresource "aws_kms_alias" "logs" {\n  target_key_id = aws_kms_key.logs.id\n}\n',
        "065",
    ),
    Case(
        "one more line is added to a list of what a trail waits for",
        "main.tf",
        instead(
            POLICY_BESIDE,
            "aws_kms_key.logs.arn\n",
            "aws_kms_key.logs.arn\n  depends_on = [\n    aws_kms_alias.logs # its name\n  ]\n",
        )
        + '\nresource "aws_kms_alias" "logs" {\n  target_key_id = aws_kms_key.logs.id\n}\n',
        "065",
    ),
    Case(
        "an ARN that a policy takes from the trail is put together from its parts",
        "main.tf",
        POLICY_BESIDE.replace(f'"{SOURCE}"', "aws_cloudtrail.audit.arn"),
        "065",
    ),
    Case(
        "a comma that JSON lacks is put in",
        "main.tf",
        TEXT.replace("@@", "").replace("##", ""),
        "080",
        PROPOSED,
    ),
    Case(
        "a comma too many is taken out of JSON",
        "main.tf",
        TEXT.replace("@@", ",").replace("##", ","),
        "080",
        PROPOSED,
    ),
    Case(
        "a condition goes into the content of a dynamic block",
        "main.tf",
        instead(
            BLOCKS,
            BLOCK,
            """\
  dynamic "statement" {
    for_each = [1]
    content {
      actions   = ["kms:DescribeKey"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
    }
  }
""",
        ),
        "024",
    ),
    Case(
        "a local value that says the same is named instead of its text",
        "main.tf",
        instead(
            LENIENT,
            "resource",
            f'locals {{\n  account = {ACCOUNT}\n  arn     = "{IN_LOCALS}" # the trail\n}}\n\nresource',
        ),
        "024",
    ),
    Case(
        "a trail with an index is named without it",
        "main.tf",
        instead(POLICY_BESIDE, '  name           = "audit"\n', '  count = 1\n  name           = "audit"\n'),
        "065",
    ),
)
