# What the CloudTrail console writes on a new key for an event data store.
# AWS: it works; kms:DescribeKey, which the documentation asks for as well, is not in it.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
}

resource "aws_kms_key" "events" {
  description = "The key created by CloudTrail to encrypt event data stores"

  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Id": "Key policy created by CloudTrail",
      "Statement": [
        {
          "Sid": "Allow CloudTrail to encrypt event data store",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
          "Resource": "*"
        },
        {
          "Sid": "Enable IAM user permissions",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:${data.aws_partition.current.partition}:iam::${local.account_id}:root"},
          "Action": "kms:*",
          "Resource": "*"
        },
        {
          "Sid": "Enable user to have permissions to this key",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:${data.aws_partition.current.partition}:iam::${local.account_id}:user/analyst"},
          "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
          "Resource": "*"
        }
      ]
    }
  POLICY
}

resource "aws_kms_alias" "events" {
  name          = "alias/cloudtrail-lake"
  target_key_id = aws_kms_key.events.key_id
}

resource "aws_cloudtrail_event_data_store" "events" {
  name                 = "management-events"
  kms_key_id           = aws_kms_key.events.arn
  retention_period     = 365
  multi_region_enabled = true
}
