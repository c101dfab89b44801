# One key, one document and one trail for each environment; every key names its own trail.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  trails     = toset(["prod", "staging"])
}

data "aws_iam_policy_document" "key" {
  for_each = local.trails

  statement {
    sid       = "EnableRootPermissions"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }
  statement {
    sid       = "AllowCloudTrailEncrypt"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudtrail:${data.aws_region.current.name}:${local.account_id}:trail/${each.key}-audit"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:${local.partition}:cloudtrail:*:${local.account_id}:trail/*"]
    }
  }
  statement {
    sid       = "AllowCloudTrailDescribe"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudtrail:${data.aws_region.current.name}:${local.account_id}:trail/${each.key}-audit"]
    }
  }
}

resource "aws_kms_key" "cloudtrail" {
  for_each = local.trails

  description = "CloudTrail logs of ${each.key}"
  policy      = data.aws_iam_policy_document.key[each.key].json
}

resource "aws_s3_bucket" "logs" {
  for_each = local.trails
  bucket   = "acme-${each.key}-cloudtrail"
}

resource "aws_cloudtrail" "audit" {
  for_each = local.trails

  name           = "${each.key}-audit"
  s3_bucket_name = aws_s3_bucket.logs[each.key].id
  kms_key_id     = aws_kms_key.cloudtrail[each.key].arn
}
