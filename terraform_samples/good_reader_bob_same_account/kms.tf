# User Bob reads the logs in the account of the key and the bucket, 111111111111.
# The policy is a resource of its own, so its Resource can name the key.

resource "aws_kms_key" "cloudtrail" {
  description         = "CloudTrail logs"
  enable_key_rotation = true
}

resource "aws_kms_alias" "cloudtrail" {
  name          = "alias/cloudtrail-logs"
  target_key_id = aws_kms_key.cloudtrail.id
}
