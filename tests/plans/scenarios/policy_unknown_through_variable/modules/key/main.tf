variable "policy" {
  type = string
}


resource "aws_kms_key" "cloudtrail" {
  description             = "CloudTrail log encryption"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy                  = var.policy
}

output "arn" {
  value = aws_kms_key.cloudtrail.arn
}
