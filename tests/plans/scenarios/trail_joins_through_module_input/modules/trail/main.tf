variable "name" {
  type = string
}

variable "kms_key_arn" {
  type = string
}


resource "aws_cloudtrail" "audit" {
  name                       = var.name
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = var.kms_key_arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
