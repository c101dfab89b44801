# A delegated administrator makes the organization's event data store, with a key of the management account.
# AWS: the store belongs to the management account, so its key has to be there.

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]

  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}

provider "aws" {
  alias               = "management"
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

resource "aws_organizations_delegated_administrator" "security" {
  provider = aws.management

  account_id        = "222222222222"
  service_principal = "cloudtrail.amazonaws.com"
}

resource "aws_kms_key" "events" {
  provider = aws.management

  description             = "CloudTrail Lake encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Allow CloudTrail to encrypt event data store"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
      {
        Sid       = "Let the security account query"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::222222222222:root" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_cloudtrail_event_data_store" "organization" {
  name                 = "organization-events"
  kms_key_id           = aws_kms_key.events.arn
  organization_enabled = true
  retention_period     = 365

  depends_on = [aws_organizations_delegated_administrator.security]
}
