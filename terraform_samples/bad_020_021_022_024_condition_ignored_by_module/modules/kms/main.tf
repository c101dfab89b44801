variable "statements" {
  description = "Statements of the key policy: sid, actions, principals, and optionally conditions"
  type        = any
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.statements

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = ["*"]

      dynamic "principals" {
        for_each = statement.value.principals

        content {
          type        = principals.key
          identifiers = principals.value
        }
      }

      dynamic "condition" {
        for_each = lookup(statement.value, "conditions", [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_kms_key" "this" {
  description = "Shared key"
  policy      = data.aws_iam_policy_document.this.json
}

output "key_arn" {
  value = aws_kms_key.this.arn
}
