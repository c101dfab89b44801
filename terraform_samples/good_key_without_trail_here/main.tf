# A security account's key stack. The trail is in another repository: the policy alone says what the key is for.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_kms_key" "cloudtrail" {
  description             = "CloudTrail log encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy                  = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Enable IAM User Permissions",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
          "Action": "kms:*",
          "Resource": "*"
        },
        {
          "Sid": "Allow CloudTrail to encrypt logs",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": "kms:GenerateDataKey*",
          "Resource": "*",
          "Condition": {
            "StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events"},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111111111111:trail/*"}
          }
        },
        {
          "Sid": "Allow CloudTrail access",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": "kms:DescribeKey",
          "Resource": "*",
          "Condition": {
            "StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events"}
          }
        },
        {
          "Sid": "Enable CloudTrail log decrypt permissions",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::111111111111:role/SecurityAudit"},
          "Action": "kms:Decrypt",
          "Resource": "*",
          "Condition": {
            "Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}
          }
        }
      ]
    }
  JSON
}

resource "aws_kms_alias" "cloudtrail" {
  name          = "alias/cloudtrail"
  target_key_id = aws_kms_key.cloudtrail.key_id
}

output "cloudtrail_key_arn" {
  value = aws_kms_key.cloudtrail.arn
}
