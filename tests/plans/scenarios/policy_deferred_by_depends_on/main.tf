# The whole document is known, but its module waits for a bucket, so Terraform reads it only during the apply.

provider "aws" {
  region = "us-east-1"
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-cloudtrail-logs"
}

module "key" {
  source     = "./modules/key"
  depends_on = [aws_s3_bucket.logs]

  trail_name = "audit"
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.logs.id
  kms_key_id                 = module.key.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
