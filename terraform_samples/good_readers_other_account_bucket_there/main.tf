# The key is in account 111111111111; the bucket and user Alice, who reads the logs, are in 222222222222.
# The key policy admits the other account's root, and reader.tf allows Alice there: across accounts both must.

provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "log_archive"
  region = "us-west-2"

  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/Deploy"
  }
}

resource "aws_kms_key" "cloudtrail" {
  description = "KeyA"
  policy      = <<EOF
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
        "StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-west-2:111111111111:trail/audit"},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111111111111:trail/*"}
      }
    },
    {
      "Sid": "Enable encrypted CloudTrail log read access",
      "Effect": "Allow",
      "Principal": {"AWS": ["arn:aws:iam::222222222222:root"]},
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {
        "Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}
      }
    },
    {
      "Sid": "Allow CloudTrail access",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:DescribeKey",
      "Resource": "*",
      "Condition": {
        "StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-west-2:111111111111:trail/audit"}
      }
    }
  ]
}
EOF
}

resource "aws_cloudtrail" "audit" {
  name                          = "audit"
  s3_bucket_name                = aws_s3_bucket.logs.id
  kms_key_id                    = aws_kms_key.cloudtrail.arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  depends_on = [aws_s3_bucket_policy.logs]
}
