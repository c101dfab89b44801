variable "region" {
  type    = string
  default = "ap-northeast-2"
}

variable "account_id" {
  type    = string
  default = "111111111111"
}

variable "trail_name" {
  type = string
}

variable "reader_arns" {
  type    = list(string)
  default = ["arn:aws:iam::111111111111:role/Auditor", "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Audit/kim"]
}
