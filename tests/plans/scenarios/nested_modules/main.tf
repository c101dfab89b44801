# The key is two modules deep; its ARN comes up to the trail through an output of each.

module "security" {
  source = "./modules/security"

  trail_name = "audit"
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = module.security.key_arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
