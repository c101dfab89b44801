# The account root has nothing here: one role administers the key, one role queries the event data store.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
}

data "aws_iam_policy_document" "events" {
  statement {
    sid       = "KeyAdministration"
    actions   = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Update*", "kms:ScheduleKeyDeletion"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:role/KeyAdmin"]
    }
  }

  statement {
    sid       = "AllowCloudTrail"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }

  statement {
    sid       = "QueryEvents"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.analyst.arn]
    }
  }
}

resource "aws_kms_key" "events" {
  description             = "CloudTrail Lake encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}

resource "aws_kms_key_policy" "events" {
  key_id = aws_kms_key.events.id
  policy = data.aws_iam_policy_document.events.json
}

resource "aws_iam_role" "analyst" {
  name = "LakeAnalyst"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_cloudtrail_event_data_store" "events" {
  name                 = "management-events"
  kms_key_id           = aws_kms_key.events.arn
  retention_period     = 365
  multi_region_enabled = true

  depends_on = [aws_kms_key_policy.events]
}
