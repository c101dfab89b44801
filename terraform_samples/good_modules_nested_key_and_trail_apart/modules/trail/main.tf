variable "name" {
  type = string
}

variable "key_arn" {
  type = string
}

resource "aws_cloudtrail" "this" {
  name                       = var.name
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = var.key_arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
