variable "name" {
  type = string
}

variable "policy" {
  description = "Key policy as JSON"
  type        = string
}

resource "aws_kms_key" "this" {
  description         = "Key for ${var.name}"
  enable_key_rotation = true
  policy              = var.policy
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.id
}

output "arn" {
  value = aws_kms_key.this.arn
}
