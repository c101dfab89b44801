# The keys are kept in a security account, 222222222222; the event data store is in 111111111111.
# AWS: a trail may use a key of another account, an event data store may not.

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias  = "security"
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/Deploy"
  }
}

resource "aws_kms_key" "events" {
  provider = aws.security

  description             = "CloudTrail Lake encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::222222222222:root" }
        Action    = "kms:*"
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
        Sid       = "Enable user key permissions for event data stores"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
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
