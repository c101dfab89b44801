variable "name" {
  type = string
}

variable "bucket_name" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

resource "aws_s3_bucket" "logs" {
  bucket = var.bucket_name
}

resource "aws_cloudtrail" "this" {
  name                  = var.name
  s3_bucket_name        = aws_s3_bucket.logs.id
  kms_key_id            = var.kms_key_arn
  is_multi_region_trail = true
}
