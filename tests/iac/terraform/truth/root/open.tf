# What the code does not fix.

variable "open_text" {
  type = string
}

variable "open_number" {
  type = number
}

variable "open_bool" {
  type = bool
}

variable "open_list" {
  type = list(string)
}

variable "open_set" {
  type = set(string)
}

variable "open_map" {
  type = map(string)
}

variable "open_any" {
  type = any
}

resource "terraform_data" "open" {
  input = { a = 1 }
}
