# The key of a Control Tower landing zone, with no more than the minimum policy that Control Tower's guide asks for.
# AWS: CloudTrail's guide requires kms:DescribeKey, which that minimum leaves out. So the policy departs from the
# documentation; that is no proof of a broken trail. Control Tower makes the trail, which is why it is not here.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  management  = data.aws_caller_identity.current.account_id
  home_region = data.aws_region.current.name
  partition   = data.aws_partition.current.partition
  trails      = "arn:${local.partition}:cloudtrail"
}

resource "aws_kms_key" "landing_zone" {
  description             = "AWS Control Tower: AWS Config and CloudTrail"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}

resource "aws_kms_alias" "landing_zone" {
  name          = "alias/control-tower"
  target_key_id = aws_kms_key.landing_zone.key_id
}

# Control Tower's guide names the key's own ARN as the resource. In a key policy, `*` is the same.
resource "aws_kms_key_policy" "landing_zone" {
  key_id = aws_kms_key.landing_zone.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ManagementAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.management}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Config"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
      {
        Sid       = "CloudTrail"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "${local.trails}:${local.home_region}:${local.management}:trail/aws-controltower-BaselineCloudTrail"
          }
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = "${local.trails}:*:${local.management}:trail/*"
          }
        }
      },
    ]
  })
}

resource "aws_controltower_landing_zone" "this" {
  version = "3.3"
  manifest_json = jsonencode({
    governedRegions = [local.home_region]
    organizationStructure = {
      security = { name = "Security" }
      sandbox  = { name = "Sandbox" }
    }
    centralizedLogging = {
      enabled   = true
      accountId = "222222222222"
      configurations = {
        kmsKeyArn           = aws_kms_key.landing_zone.arn
        loggingBucket       = { retentionDays = 365 }
        accessLoggingBucket = { retentionDays = 365 }
      }
    }
    securityRoles    = { accountId = "333333333333" }
    accessManagement = { enabled = true }
  })

  # Control Tower looks at the policy before it takes the key.
  depends_on = [aws_kms_key_policy.landing_zone]
}
