variable "trails" {
  type = set(string)
}

module "key" {
  source     = "./modules/key"
  for_each   = var.trails
  trail_name = each.key
}

output "keys" {
  value = { for name, key in module.key : name => key.arn }
}
