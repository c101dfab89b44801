variable "statements" {
  description = "Policy documents to put beside the administrators' statement"
  type        = list(string)
  default     = []
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "this" {
  source_policy_documents = var.statements

  statement {
    sid       = "EnableIAMUserPermissions"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "this" {
  description         = "CloudTrail log encryption"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.this.json
}

output "arn" {
  value = aws_kms_key.this.arn
}
