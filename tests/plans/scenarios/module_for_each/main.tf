# One call makes a key and a trail for each name.

module "trail" {
  source   = "./modules/encrypted-trail"
  for_each = toset(["data-events", "management-events"])

  trail_name = each.key
}
