# One module says what CloudTrail may do, another makes a key from such pieces.

provider "aws" {
  region = "us-east-1"
}

module "cloudtrail_statements" {
  source     = "./modules/cloudtrail-statements"
  trail_name = "audit"
}

module "key" {
  source     = "./modules/key"
  statements = [module.cloudtrail_statements.json]
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = "acme-cloudtrail-logs"
  kms_key_id                 = module.key.arn
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
