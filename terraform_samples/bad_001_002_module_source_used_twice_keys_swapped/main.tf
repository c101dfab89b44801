# One module of keys and one of trails, each used twice, and the trails have each other's key.

provider "aws" {
  region = "us-east-1"
}

module "management_key" {
  source     = "./modules/key"
  trail_name = "management-events"
}

module "data_key" {
  source     = "./modules/key"
  trail_name = "data-events"
}

module "management_trail" {
  source  = "./modules/trail"
  name    = "management-events"
  key_arn = module.data_key.arn
}

module "data_trail" {
  source  = "./modules/trail"
  name    = "data-events"
  key_arn = module.management_key.arn
}
