# One statement a reader team, 63 statements in all, with nothing to resolve: above 10,000 characters.

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
        Sid       = "Allow CloudTrail to encrypt logs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events" }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:111111111111:trail/*" }
        }
      },
      {
        Sid       = "Allow CloudTrail to describe key"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events" } }
      },
      {
        Sid       = "ReaderTeam01"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-01" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam02"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-02" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam03"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-03" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam04"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-04" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam05"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-05" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam06"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-06" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam07"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-07" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam08"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-08" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam09"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-09" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam10"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-10" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam11"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-11" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam12"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-12" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam13"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-13" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam14"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-14" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam15"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-15" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam16"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-16" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam17"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-17" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam18"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-18" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam19"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-19" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam20"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-20" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam21"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-21" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam22"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-22" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam23"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-23" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam24"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-24" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam25"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-25" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam26"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-26" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam27"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-27" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam28"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-28" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam29"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-29" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam30"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-30" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam31"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-31" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam32"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-32" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam33"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-33" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam34"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-34" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam35"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-35" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam36"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-36" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam37"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-37" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam38"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-38" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam39"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-39" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam40"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-40" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam41"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-41" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam42"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-42" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam43"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-43" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam44"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-44" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam45"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-45" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam46"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-46" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam47"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-47" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam48"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-48" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam49"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-49" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam50"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-50" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam51"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-51" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam52"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-52" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam53"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-53" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam54"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-54" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam55"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-55" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam56"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-56" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam57"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-57" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam58"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-58" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam59"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-59" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
      {
        Sid       = "ReaderTeam60"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/reader-team-60" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } }
      },
    ]
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-cloudtrail-111111111111"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AWSCloudTrailAclCheck"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.logs.arn
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events" } }
      },
      {
        Sid       = "AWSCloudTrailWrite"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/*"
        Condition = {
          StringEquals = {
            "s3:x-amz-acl"  = "bucket-owner-full-control"
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/management-events"
          }
        }
      },
    ]
  })
}

resource "aws_cloudtrail" "management_events" {
  name                          = "management-events"
  s3_bucket_name                = aws_s3_bucket.logs.id
  kms_key_id                    = aws_kms_key.cloudtrail.arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  depends_on = [aws_s3_bucket_policy.logs]
}
