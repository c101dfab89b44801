# What the expressions of the tables refer to.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

locals {
  account_id    = "111122223333"
  region        = "eu-central-1"
  partition     = "aws"
  dns_suffix    = "amazonaws.com"
  trail_name    = "audit"
  trail_arn     = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit"
  prefix        = ""
  enabled       = true
  disabled      = false
  none          = null
  accounts      = ["111111111111", "222222222222", "333333333333"]
  account_names = { prod = "111111111111", dev = "222222222222" }
  roles         = ["Admin", "Audit"]
  no_roles      = []
  role_arns     = ["arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::111122223333:role/Audit"]
  role_set      = toset(["Audit", "Admin"])
  organization  = "o-a1b2c3d4e5"
  tags          = { Name = "trail", Team = "security" }
  readers = {
    audit = { account = "111111111111", roles = ["Audit", "Read"], enabled = true }
    soc   = { account = "222222222222", roles = ["Soc"], enabled = false }
  }
  statements = [
    { sid = "A", actions = ["kms:Decrypt"], principals = ["arn:aws:iam::111111111111:root"], conditions = [] },
    { sid = "B", actions = ["kms:DescribeKey", "kms:Encrypt"], principals = ["*"],
    conditions = [{ test = "StringEquals", variable = "aws:PrincipalOrgID", values = ["o-a1b2c3d4e5"] }] },
  ]
  policy      = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] }
  policy_json = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }] })
}

variable "account_ids" {
  type    = list(string)
  default = ["111111111111", 222222222222]
}

variable "admins" {
  type    = set(string)
  default = ["b", "a", "b"]
}

variable "names" {
  type    = map(string)
  default = { b = "2", a = 1 }
}

variable "reader" {
  type = object({
    name    = string
    account = optional(string)
    roles   = optional(list(string), ["Read"])
    enabled = optional(bool, true)
  })
  default = { name = "audit", unknown = "x" }
}

variable "flag" {
  type    = bool
  default = "true"
}

variable "count_of" {
  type    = number
  default = "3"
}

variable "anything" {
  type    = any
  default = { list = [1, "2"], text = "x" }
}

variable "nothing" {
  type    = string
  default = null
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "EnableRoot"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account_id}:root", "arn:aws:iam::111111111111:root"]
    }
    condition {
      test     = "StringNotLike"
      variable = "aws:PrincipalArn"
      values   = ["<none>"]
    }
  }
}
