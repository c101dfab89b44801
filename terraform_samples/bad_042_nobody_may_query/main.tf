# The account administers the key and may not use it; the analysts may decrypt, not generate data keys.
# AWS: to query an event data store takes both, so nobody can.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
}

resource "aws_kms_key" "events" {
  description             = "CloudTrail Lake encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer the key"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Update*", "kms:ScheduleKeyDeletion"]
        Resource  = "*"
      },
      {
        Sid       = "Allow CloudTrail to encrypt event data store"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
      },
      {
        Sid       = "Allow CloudTrail access"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
      },
      {
        Sid       = "Let analysts query"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:role/LakeAnalyst" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}

resource "aws_cloudtrail_event_data_store" "events" {
  name                 = "management-events"
  kms_key_id           = aws_kms_key.events.arn
  retention_period     = 365
  multi_region_enabled = true
}
