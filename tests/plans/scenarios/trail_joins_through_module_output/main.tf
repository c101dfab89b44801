# A module makes the key and hands its ARN to the trail.

module "key" {
  source = "./modules/key"

  trail_name = "audit"
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = module.key.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
