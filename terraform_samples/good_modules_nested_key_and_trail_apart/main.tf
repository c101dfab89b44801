# Keys two modules deep on one side, trails two modules deep on the other.

provider "aws" {
  region = "us-east-1"
}

module "encryption" {
  source = "./modules/encryption"
  trails = ["management-events", "data-events"]
}

module "logging" {
  source = "./modules/logging"
  keys   = module.encryption.keys
}
