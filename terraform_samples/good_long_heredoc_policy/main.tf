# 140 teams read the logs, each by its own role: the document is longer than 10,000 characters,
# and still far below KMS's limit of 32,768 bytes.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.name
  partition  = data.aws_partition.current.partition
  trail_name = "audit"
  trail_arn  = "arn:${local.partition}:cloudtrail:${local.region}:${local.account_id}:trail/${local.trail_name}"
}

resource "aws_kms_key" "cloudtrail" {
  description = "CloudTrail logs"

  policy = <<EOT
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Root",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:${local.partition}:iam::${local.account_id}:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Encrypt",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringEquals": {"aws:SourceArn": "${local.trail_arn}"},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:${local.partition}:cloudtrail:*:${local.account_id}:trail/*"}
      }
    },
    {
      "Sid": "Describe",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:DescribeKey",
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:SourceArn": "${local.trail_arn}"}}
    },
    {
      "Sid": "Readers",
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-001",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-002",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-003",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-004",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-005",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-006",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-007",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-008",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-009",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-010",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-011",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-012",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-013",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-014",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-015",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-016",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-017",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-018",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-019",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-020",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-021",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-022",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-023",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-024",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-025",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-026",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-027",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-028",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-029",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-030",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-031",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-032",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-033",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-034",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-035",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-036",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-037",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-038",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-039",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-040",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-041",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-042",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-043",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-044",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-045",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-046",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-047",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-048",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-049",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-050",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-051",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-052",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-053",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-054",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-055",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-056",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-057",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-058",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-059",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-060",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-061",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-062",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-063",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-064",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-065",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-066",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-067",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-068",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-069",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-070",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-071",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-072",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-073",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-074",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-075",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-076",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-077",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-078",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-079",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-080",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-081",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-082",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-083",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-084",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-085",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-086",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-087",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-088",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-089",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-090",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-091",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-092",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-093",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-094",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-095",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-096",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-097",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-098",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-099",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-100",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-101",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-102",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-103",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-104",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-105",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-106",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-107",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-108",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-109",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-110",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-111",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-112",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-113",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-114",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-115",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-116",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-117",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-118",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-119",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-120",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-121",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-122",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-123",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-124",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-125",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-126",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-127",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-128",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-129",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-130",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-131",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-132",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-133",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-134",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-135",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-136",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-137",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-138",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-139",
          "arn:${local.partition}:iam::${local.account_id}:role/cloudtrail-log-reader-team-140"
        ]
      },
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}
    }
  ]
}
EOT
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-cloudtrail-logs"
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
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
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
            "aws:SourceArn" = local.trail_arn
          }
        }
      },
    ]
  })
}

resource "aws_cloudtrail" "audit" {
  name                          = local.trail_name
  s3_bucket_name                = aws_s3_bucket.logs.id
  kms_key_id                    = aws_kms_key.cloudtrail.arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  depends_on = [aws_s3_bucket_policy.logs]
}
