variable "keys" {
  type = map(string)
}

module "trail" {
  source   = "../trail"
  for_each = var.keys
  name     = each.key
  key_arn  = each.value
}
