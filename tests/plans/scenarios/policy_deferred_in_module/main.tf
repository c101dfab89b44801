# A module makes a key, a trail and the role that reads its logs. It is called twice, with a trail name each.

module "management_events" {
  source = "./modules/encrypted-trail"

  trail_name = "management-events"
}

module "data_events" {
  source = "./modules/encrypted-trail"

  trail_name = "data-events"
}
