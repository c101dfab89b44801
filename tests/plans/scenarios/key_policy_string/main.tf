# Policies that are known, on the resources that hold one beside aws_kms_key.

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "replica"
  region = "us-west-2"
}

data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  trail_arn  = "arn:aws:cloudtrail:us-east-1:${local.account_id}:trail/audit"
  west_arn   = "arn:aws:cloudtrail:us-west-2:${local.account_id}:trail/west"
}

resource "aws_kms_key" "cloudtrail" {
  multi_region            = true
  description             = "CloudTrail log encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}

resource "aws_kms_key_policy" "cloudtrail" {
  key_id = aws_kms_key.cloudtrail.key_id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrailToEncryptLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = local.trail_arn }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.account_id}:trail/*" }
        }
      },
      {
        Sid       = "AllowCloudTrailToDescribeKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
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

  depends_on = [aws_kms_key_policy.cloudtrail]
}

resource "aws_kms_replica_key" "cloudtrail" {
  provider = aws.replica

  description     = "CloudTrail log encryption"
  primary_key_arn = aws_kms_key.cloudtrail.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrailToEncryptLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = local.west_arn }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.account_id}:trail/*" }
        }
      },
      {
        Sid       = "AllowCloudTrailToDescribeKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = local.west_arn } }
      },
    ]
  })
}

resource "aws_cloudtrail" "west" {
  provider = aws.replica

  name                       = "west"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = aws_kms_replica_key.cloudtrail.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_kms_external_key" "cloudtrail" {
  description  = "CloudTrail log encryption, with material of our own"
  multi_region = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrailToEncryptLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${local.account_id}:trail/own-material" }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.account_id}:trail/*" }
        }
      },
      {
        Sid       = "AllowCloudTrailToDescribeKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${local.account_id}:trail/own-material" } }
      },
    ]
  })
}

resource "aws_cloudtrail" "own_material" {
  name                       = "own-material"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = aws_kms_external_key.cloudtrail.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_kms_replica_external_key" "cloudtrail" {
  provider = aws.replica

  description     = "CloudTrail log encryption, with material of our own"
  primary_key_arn = aws_kms_external_key.cloudtrail.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrailToEncryptLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-west-2:${local.account_id}:trail/own-material-west" }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.account_id}:trail/*" }
        }
      },
      {
        Sid       = "AllowCloudTrailToDescribeKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-west-2:${local.account_id}:trail/own-material-west" } }
      },
    ]
  })
}

resource "aws_cloudtrail" "own_material_west" {
  provider = aws.replica

  name                       = "own-material-west"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = aws_kms_replica_external_key.cloudtrail.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
