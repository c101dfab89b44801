# The kms module writes the policy and gives out the key's ARN; the trail module takes it in.

locals {
  trail_name = "company-audit"
}

module "kms" {
  source     = "./modules/kms"
  trail_name = local.trail_name
}

module "trail" {
  source      = "./modules/trail"
  name        = local.trail_name
  bucket_name = "acme-company-audit"
  kms_key_arn = module.kms.key_arn
}
