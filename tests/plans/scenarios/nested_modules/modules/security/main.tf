variable "trail_name" {
  type = string
}

module "key" {
  source = "../key"

  trail_name = var.trail_name
}

output "key_arn" {
  value = module.key.arn
}
