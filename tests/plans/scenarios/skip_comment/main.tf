# Any account's trail may use the key, and the team has accepted that.

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "cloudtrail" {
  #checkov:skip=CKV_CTKMS_020:accepted
  description             = "CloudTrail log encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrail"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = aws_kms_key.cloudtrail.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
