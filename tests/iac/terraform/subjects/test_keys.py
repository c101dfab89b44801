"""From a small tree of Terraform code to the key that is judged: one row a claim."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence, Tuple, Union

import pytest

from ctkms.cloudtrail.resources import Key, key_arn, trail_arn
from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.terraform.code_scan import Tree
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind

Call = Tuple[str, str, Union[str, int, None]]
Files = Dict[str, str]


@dataclass(frozen=True)
class Case:
    """Some files, a resource as Checkov names it, and what is expected of its key: once, or once a scenario."""

    name: str
    files: Files
    address: str
    expected: Sequence[Dict[str, Any]]
    file: str = "main.tf"
    callers: Sequence[Call] = ()
    holds_policy: bool = True


def trail(reference: str, name: str = "t", more: str = "", value: str = '"audit"') -> str:
    return f"""
    resource "aws_cloudtrail" "{name}" {{
      name           = {value}
      s3_bucket_name = "logs"
      kms_key_id     = {reference}
      {more}
    }}
    """


def key(name: str = "k", body: str = "") -> str:
    return f"""
    resource "aws_kms_key" "{name}" {{
      {body}
    }}
    """


ALIAS = """
resource "aws_kms_alias" "a" {
  name          = "alias/audit"
  target_key_id = aws_kms_key.k.id
}
"""
IN_TWO_REGIONS = """
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
"""


def key_hole(address: str) -> Hole:
    return Hole(f"{address}.key_id", Kind.KEY_ID)


def trails(found: Key) -> Any:
    return [one.address for one in found.trails]


def open_trails(found: Key) -> Any:
    return [one.address for one in found.open_trails]


# How a field of an expectation is read off the key, where it is not the field itself.
READ: Dict[str, Callable[[Key], Any]] = {
    "trails": trails,
    "open_trails": open_trails,
    "trail_arns": lambda found: [one.arn for one in found.trails],
    "trail_names": lambda found: [one.name for one in found.trails],
    "buckets": lambda found: [one.bucket for one in found.trails],
    "stores": lambda found: [one.address for one in found.stores],
}

POLICY = 'policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "%s" }] })'


def policy(sid: str) -> Any:
    return {"Version": "2012-10-17", "Statement": [{"Sid": sid}]}


MODULE = {
    "kms/main.tf": """
    variable "policy" {}
    resource "aws_kms_key" "this" {
      policy = var.policy
    }
    output "arn" {
      value = aws_kms_key.this.arn
    }
    output "key" {
      value = aws_kms_key.this
    }
    """
}


def call(name: str, more: str = "") -> str:
    return f"""
    module "{name}" {{
      source = "./kms"
      {more or "policy = null"}
    }}
    """


def in_module(name: str, index: Union[str, int, None] = None) -> Dict[str, Any]:
    return {"file": "kms/main.tf", "callers": [("main.tf", name, index)]}


def case(name: str, files: Union[str, Files], address: str, *expected: Dict[str, Any], **where: Any) -> Case:
    return Case(name, {"main.tf": files} if isinstance(files, str) else files, address, expected, **where)


CASES = [
    # What the key itself says
    case(
        "a key of which the code sets nothing has KMS's defaults",
        key() + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {
            "address": "aws_kms_key.k",
            "policy": None,
            "arn": key_arn(key_hole("aws_kms_key.k")),
            "enabled": True,
            "key_spec": "SYMMETRIC_DEFAULT",
            "key_usage": "ENCRYPT_DECRYPT",
            "trails": ["aws_cloudtrail.t"],
            "trail_arns": [trail_arn("audit")],
            "buckets": ["logs"],
            "scenario": "",
        },
    ),
    case(
        "state, spec and usage are read",
        """
        resource "aws_kms_key" "k" {
          is_enabled               = "false"
          customer_master_key_spec = "RSA_2048"
          key_usage                = "SIGN_VERIFY"
        }
        """
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"enabled": False, "key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"},
    ),
    case(
        "an open state stays open",
        'variable "on" {}' + key(body="is_enabled = var.on") + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"enabled": Hole("${var.on}")},
    ),
    case(
        "a replica shares the kind of its primary",
        key(body='customer_master_key_spec = "RSA_2048"')
        + """
        resource "aws_kms_replica_key" "r" {
          primary_key_arn = aws_kms_key.k.arn
          enabled         = false
        }
        """
        + trail("aws_kms_replica_key.r.arn"),
        "aws_kms_replica_key.r",
        {"enabled": False, "key_spec": "RSA_2048", "trails": ["aws_cloudtrail.t"]},
    ),
    # How a trail reaches the key
    *(
        case(
            f"a trail reaches the key by {how}",
            text,
            "aws_kms_key.k",
            {"trails": ["aws_cloudtrail.t"], "open_trails": []},
        )
        for how, text in (
            ("its ARN", key() + trail("aws_kms_key.k.arn")),
            ("its id", key() + trail("aws_kms_key.k.key_id")),
            ("an ARN put together", key() + trail('"arn:aws:kms:us-east-1:111122223333:key/${aws_kms_key.k.id}"')),
            (
                "a local",
                """
                locals {
                  arn = aws_kms_key.k.arn
                }
                """
                + key()
                + trail("local.arn"),
            ),
            ("try and coalesce", key() + trail('try(coalesce("", aws_kms_key.k.arn), null)')),
            ("a known condition", key() + trail("length([1]) > 0 ? aws_kms_key.k.arn : null")),
            (
                "the name of its alias",
                key() + ALIAS + trail('"arn:aws:kms:eu-west-1:111122223333:alias/audit"'),
            ),
            (
                "attributes of its alias",
                key()
                + """
                resource "aws_kms_alias" "a" {
                  name          = "alias/audit"
                  target_key_id = aws_kms_key.k.arn
                }
                """
                + trail("aws_kms_alias.a.target_key_arn"),
            ),
            (
                "the ARN of an alias with a made-up name",
                key()
                + """
                resource "aws_kms_alias" "a" {
                  name_prefix   = "alias/a-"
                  target_key_id = aws_kms_key.k.id
                }
                """
                + trail("aws_kms_alias.a.arn"),
            ),
            (
                "a data source on its alias",
                key()
                + ALIAS
                + """
                data "aws_kms_key" "d" {
                  key_id = "alias/audit"
                }
                """
                + trail("data.aws_kms_key.d.arn"),
            ),
            (
                "a data source of an alias",
                key()
                + ALIAS
                + """
                data "aws_kms_alias" "d" {
                  name = aws_kms_alias.a.name
                }
                """
                + trail("data.aws_kms_alias.d.target_key_arn"),
            ),
        )
    ),
    case(
        "an alias in another Region leads to another key",
        IN_TWO_REGIONS
        + key()
        + ALIAS
        + """
        data "aws_kms_alias" "d" {
          name     = "alias/audit"
          provider = aws.west
        }
        """
        + trail("data.aws_kms_alias.d.target_key_arn", more="provider = aws.west")
        + trail('"arn:aws:kms:us-west-2:111122223333:alias/audit"', "u")
        + trail('"alias/audit"', "v", "provider = aws.west")
        + trail('"alias/audit"', "w"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.w"], "open_trails": []},
    ),
    case(
        "of two aliases of one name the one in the same Region is meant",
        IN_TWO_REGIONS
        + key("k", "provider = aws.west")
        + key("other")
        + """
        resource "aws_kms_alias" "a" {
          name          = "alias/audit"
          target_key_id = aws_kms_key.other.id
        }
        resource "aws_kms_alias" "b" {
          name          = "alias/audit"
          target_key_id = aws_kms_key.k.id
          provider      = aws.west
        }
        data "aws_kms_key" "d" {
          key_id   = "alias/audit"
          provider = aws.west
        }
        """
        + trail("data.aws_kms_key.d.arn", more="provider = aws.west"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.t"], "open_trails": []},
    ),
    case(
        "an event data store uses a key as a trail does",
        key()
        + """
        resource "aws_cloudtrail_event_data_store" "s" {
          name       = "s"
          kms_key_id = aws_kms_key.k.arn
        }
        """,
        "aws_kms_key.k",
        {"trails": [], "stores": ["aws_cloudtrail_event_data_store.s"]},
    ),
    case(
        "a trail of another key is none of this one",
        key() + key("other") + trail("aws_kms_key.other.arn"),
        "aws_kms_key.k",
        {"trails": [], "open_trails": []},
    ),
    case(
        "a trail of an unknown key may use this one",
        'variable "key" {}' + key() + trail("var.key"),
        "aws_kms_key.k",
        {"trails": [], "open_trails": ["aws_cloudtrail.t"]},
    ),
    case(
        "a trail of a literal key uses no key of the code",
        key() + trail('"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"'),
        "aws_kms_key.k",
        {"trails": [], "open_trails": []},
    ),
    # Open conditions
    case(
        "a trail on one of two keys makes a scenario of each choice",
        'variable "a" {}' + key() + key("other") + trail("var.a ? aws_kms_key.k.arn : aws_kms_key.other.arn"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.t"], "scenario": "${var.a} is true"},
        {"trails": [], "scenario": "${var.a} is false"},
    ),
    case(
        "a condition that cannot lead to the key makes no scenarios",
        'variable "a" {}'
        + key()
        + key("b")
        + key("c")
        + trail("var.a ? aws_kms_key.b.arn : aws_kms_key.c.arn")
        + trail("aws_kms_key.k.arn", "u"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.u"], "open_trails": [], "scenario": ""},
    ),
    case(
        "a trail that may not be there makes two scenarios",
        'variable "a" {}' + key() + trail("aws_kms_key.k.arn", more="count = var.a ? 1 : 0"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.t[0]"], "scenario": "${var.a} is true"},
        {"trails": [], "scenario": "${var.a} is false"},
    ),
    case(
        "a key that may not be there is judged where it is",
        'variable "a" {}' + key(body="count = var.a ? 1 : 0") + trail("one(aws_kms_key.k[*].arn)"),
        "aws_kms_key.k",
        {"address": "aws_kms_key.k[0]", "trails": ["aws_cloudtrail.t"], "scenario": "${var.a} is true"},
    ),
    case(
        "a policy under a condition makes two scenarios",
        'variable "a" {}'
        + key(body='policy = var.a ? jsonencode({ Id = "yes" }) : jsonencode({ Id = "no" })')
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"policy": {"Id": "yes"}, "scenario": "${var.a} is true"},
        {"policy": {"Id": "no"}, "scenario": "${var.a} is false"},
    ),
    case(
        "a policy of a document that may not be there makes two scenarios",
        """
        variable "a" {}
        data "aws_iam_policy_document" "d" {
          count     = var.a ? 1 : 0
          policy_id = "yes"
        }
        """
        + key(body='policy = try(data.aws_iam_policy_document.d[0].json, jsonencode({ Id = "no" }))')
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"policy": {"Version": "2012-10-17", "Id": "yes"}, "scenario": "${var.a} is true"},
        {"policy": {"Id": "no"}, "scenario": "${var.a} is false"},
    ),
    case(
        "a condition on a known variable is none",
        """
        variable "a" {
          default = false
        }
        """
        + key(body='policy = var.a ? jsonencode({ Id = "yes" }) : jsonencode({ Id = "no" })')
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"policy": {"Id": "no"}, "scenario": ""},
    ),
    # Instances
    case(
        "an index of count leads to that instance",
        key(body="count = 3") + trail("aws_kms_key.k[2].arn"),
        "aws_kms_key.k[2]",
        {"trails": ["aws_cloudtrail.t"]},
    ),
    case(
        "an index of count leads to no other instance",
        key(body="count = 3") + trail("aws_kms_key.k[2].arn"),
        "aws_kms_key.k[0]",
        {"trails": [], "open_trails": []},
    ),
    case(
        "instances of for_each are told apart",
        """
        resource "aws_kms_key" "k" {
          for_each = toset(["a", "b"])
          policy   = jsonencode({ Id = each.key })
        }
        """
        + trail("aws_kms_key.k[each.key].arn", more='for_each = { b = "beta" }', value="each.value"),
        'aws_kms_key.k["b"]',
        {"policy": {"Id": "b"}, "trails": ['aws_cloudtrail.t["b"]'], "trail_names": ["beta"]},
    ),
    case(
        "a local map of keys leads to the key that is named",
        """
        locals {
          keys = { one = aws_kms_key.k.arn, two = aws_kms_key.other.arn }
        }
        """
        + key()
        + key("other")
        + trail('local.keys["one"]')
        + trail("local.keys.two", "u"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.t"]},
    ),
    case(
        "instances that Checkov cannot tell apart are scenarios",
        """
        resource "aws_kms_key" "k" {
          for_each = { for one in ["a", "b"] : one => one }
          policy   = jsonencode({ Id = each.key })
        }
        """
        + trail('aws_kms_key.k["b"].arn'),
        "aws_kms_key.k",
        {"policy": {"Id": "a"}, "trails": [], "scenario": 'the resource is aws_kms_key.k["a"]'},
        {"policy": {"Id": "b"}, "trails": ["aws_cloudtrail.t"], "scenario": 'the resource is aws_kms_key.k["b"]'},
    ),
    case(
        "of unknown instances the one that a trail names is judged",
        """
        variable "keys" {}
        resource "aws_kms_key" "k" {
          for_each = var.keys
          policy   = jsonencode({ Id = each.key })
        }
        """
        + trail('aws_kms_key.k["audit"].arn'),
        "aws_kms_key.k",
        {"address": 'aws_kms_key.k["audit"]', "policy": {"Id": "audit"}, "trails": ["aws_cloudtrail.t"]},
    ),
    case(
        "unknown instances of the same collection go together",
        'variable "keys" {}'
        + key(body="for_each = var.keys")
        + trail("aws_kms_key.k[each.key].arn", more="for_each = var.keys", value="each.value.name"),
        "aws_kms_key.k",
        {"trails": ["aws_cloudtrail.t[each.key of var.keys]"], "open_trails": []},
    ),
    # ModuleLoader
    case(
        "a policy is passed into a module, and the ARN of its key is passed out",
        {**MODULE, "main.tf": call("m", POLICY % "Root") + trail("module.m.arn")},
        "module.m.aws_kms_key.this",
        {"policy": policy("Root"), "trails": ["aws_cloudtrail.t"], "address": "module.m.aws_kms_key.this"},
        **in_module("m"),
    ),
    case(
        "a key is passed out as a whole object",
        {**MODULE, "main.tf": call("m", POLICY % "Root") + trail("module.m.key.arn")},
        "module.m.aws_kms_key.this",
        {"trails": ["aws_cloudtrail.t"]},
        **in_module("m"),
    ),
    case(
        "a key is passed into a module with the trail",
        {
            "main.tf": key()
            + """
            module "trail" {
              source = "./trail"
              key    = aws_kms_key.k
            }
            """,
            "trail/main.tf": 'variable "key" {}' + trail("var.key.arn"),
        },
        "aws_kms_key.k",
        {"trails": ["module.trail.aws_cloudtrail.t"]},
    ),
    case(
        "of two calls of one module each has its own trail",
        {**MODULE, "main.tf": call("a") + call("b") + trail("module.a.arn") + trail("module.b.arn", "u")},
        "module.b.aws_kms_key.this",
        {"trails": ["aws_cloudtrail.u"]},
        **in_module("b"),
    ),
    case(
        "instances of a module by for_each are told apart",
        {
            **MODULE,
            "main.tf": """
            module "m" {
              source   = "./kms"
              for_each = toset(["a", "b"])
              policy   = jsonencode({ Id = each.key })
            }
            """
            + trail('module.m["b"].arn'),
        },
        'module.m["b"].aws_kms_key.this',
        {"policy": {"Id": "b"}, "trails": ["aws_cloudtrail.t"]},
        **in_module("m", "b"),
    ),
    case(
        "instances of a module by count are told apart",
        {
            **MODULE,
            "main.tf": """
            module "m" {
              source = "./kms"
              count  = 2
              policy = null
            }
            """
            + trail("module.m[1].arn"),
        },
        "module.m[0].aws_kms_key.this",
        {"trails": []},
        **in_module("m", 0),
    ),
    case(
        "a module in a module is followed",
        {
            **MODULE,
            "main.tf": """
            module "outer" {
              source = "./outer"
            }
            """
            + trail("module.outer.arn"),
            "outer/main.tf": """
            module "m" {
              source = "../kms"
              policy = null
            }
            output "arn" {
              value = module.m.arn
            }
            """,
        },
        "module.outer.module.m.aws_kms_key.this",
        {"trails": ["aws_cloudtrail.t"]},
        file="kms/main.tf",
        callers=[("main.tf", "outer", None), ("outer/main.tf", "m", None)],
    ),
    case(
        "a module that is not there may lead anywhere",
        key()
        + """
        module "kms" {
          source = "terraform-aws-modules/kms/aws"
        }
        """
        + trail("module.kms.key_arn"),
        "aws_kms_key.k",
        {"trails": [], "open_trails": ["aws_cloudtrail.t"]},
    ),
    case(
        "a module that terraform init has downloaded is read",
        {
            "main.tf": """
            module "kms" {
              source = "terraform-aws-modules/kms/aws"
              policy = null
            }
            """
            + trail("module.kms.arn"),
            ".terraform/modules/modules.json": '{"ModuleLoader":[{"Key":"kms","Dir":".terraform/modules/kms"}]}',
            ".terraform/modules/kms/main.tf": MODULE["kms/main.tf"],
        },
        "module.kms.aws_kms_key.this",
        {"trails": ["aws_cloudtrail.t"]},
        file=".terraform/modules/kms/main.tf",
        callers=[("main.tf", "kms", None)],
    ),
    # Policies on a resource of their own
    case(
        "a key policy in another file takes the place of the inline one",
        {
            "main.tf": key(body=POLICY % "Inline") + trail("aws_kms_key.k.arn"),
            "policy.tf": f"""
            resource "aws_kms_key_policy" "p" {{
              key_id = aws_kms_key.k.id
              {POLICY % "Own"}
            }}
            """,
        },
        "aws_kms_key.k",
        {"policy": policy("Own"), "policy_address": "aws_kms_key_policy.p"},
        holds_policy=False,
    ),
    case(
        "a key policy is judged with the key that it is attached to",
        {
            "main.tf": key() + trail("aws_kms_key.k.arn"),
            "policy.tf": f"""
            resource "aws_kms_key_policy" "p" {{
              key_id = aws_kms_key.k.id
              {POLICY % "Own"}
            }}
            """,
        },
        "aws_kms_key_policy.p",
        {
            "address": "aws_kms_key.k",
            "policy": policy("Own"),
            "policy_address": "aws_kms_key_policy.p",
            "trails": ["aws_cloudtrail.t"],
        },
        file="policy.tf",
    ),
    case(
        "a key policy of a literal key goes with the trail of that key",
        """
        resource "aws_kms_key_policy" "p" {
          key_id = "1234abcd"
          policy = "{}"
        }
        """
        + trail('"arn:aws:kms:us-east-1:111122223333:key/1234abcd"'),
        "aws_kms_key_policy.p",
        {"address": "aws_kms_key_policy.p", "policy": "{}", "trails": ["aws_cloudtrail.t"], "arn": key_arn("1234abcd")},
    ),
    case(
        "a key policy of an unknown key goes with the trail of the same unknown key",
        """
        variable "key" {}
        variable "other" {}
        resource "aws_kms_key_policy" "p" {
          key_id = var.key
          policy = "{}"
        }
        """
        + trail("var.key")
        + trail("var.other", "u"),
        "aws_kms_key_policy.p",
        {"trails": ["aws_cloudtrail.t"], "open_trails": ["aws_cloudtrail.u"]},
    ),
    case(
        "a key policy that may not be there leaves the inline policy in the other scenario",
        'variable "a" {}'
        + key(body=POLICY % "Inline")
        + trail("aws_kms_key.k.arn")
        + f"""
        resource "aws_kms_key_policy" "p" {{
          count  = var.a ? 1 : 0
          key_id = aws_kms_key.k.id
          {POLICY % "Own"}
        }}
        """,
        "aws_kms_key.k",
        {"policy": policy("Own"), "policy_address": "aws_kms_key_policy.p[0]"},
        {"policy": policy("Inline"), "policy_address": ""},
        holds_policy=False,
    ),
    case(
        "such a key policy carries what holds with it and without it",
        'variable "a" {}'
        + key(body=POLICY % "Inline")
        + trail("aws_kms_key.k.arn")
        + f"""
        resource "aws_kms_key_policy" "p" {{
          count  = var.a ? 1 : 0
          key_id = aws_kms_key.k.id
          {POLICY % "Own"}
        }}
        """,
        "aws_kms_key_policy.p",
        {"policy": policy("Own"), "scenario": "${var.a} is true"},
        {"policy": policy("Inline"), "scenario": "${var.a} is false"},
    ),
    case(
        "a key policy with more conditions than there are scenarios for may be there or not",
        """
        variable "a" {}
        variable "b" {}
        variable "c" {}
        variable "d" {}
        variable "e" {}
        """
        + key(body=POLICY % "Inline")
        + trail("aws_kms_key.k.arn")
        + f"""
        resource "aws_kms_key_policy" "p" {{
          count  = var.a && var.b && var.c && var.d && var.e ? 1 : 0
          key_id = aws_kms_key.k.id
          {POLICY % "Own"}
        }}
        """,
        "aws_kms_key.k",
        {"policy": Hole("which policy aws_kms_key.k has")},
        *[{"policy": policy("Inline")}] * 4,
        holds_policy=False,
    ),
    # Forms of the policy
    *(
        case(f"a policy by {how}", text + trail("aws_kms_key.k.arn"), "aws_kms_key.k", {"policy": expected})
        for how, text, expected in (
            ("a heredoc is text", key(body='policy = <<EOT\n{"Id": "x"}\nEOT\n'), '{"Id": "x"}\n'),
            ("null is none", key(body="policy = null"), None),
            ("an empty string is none", key(body='policy = ""'), None),
            ("an unknown variable is open", 'variable "p" {}' + key(body="policy = var.p"), Hole("${var.p}")),
            ("jsonencode of something else is its text", key(body="policy = jsonencode([1])"), "[1]"),
            (
                "a document with count is that document",
                """
                data "aws_iam_policy_document" "d" {
                  count     = 1
                  policy_id = "n${count.index}"
                }
                """
                + key(body="policy = data.aws_iam_policy_document.d[0].json"),
                {"Version": "2012-10-17", "Id": "n0"},
            ),
        )
    ),
    case(
        "a policy file is read, and its holes are not filled",
        {
            "main.tf": key(body='policy = file("${path.module}/policy.json")') + trail("aws_kms_key.k.arn"),
            "policy.json": '{"Id": "${account}"}',
        },
        "aws_kms_key.k",
        {"policy": '{"Id": "${account}"}'},
    ),
    case(
        "a template file is filled",
        {
            "main.tf": """
            data "template_file" "p" {
              template = file("p.tpl")
              vars     = { id = "x" }
            }
            """
            + key(body="policy = data.template_file.p.rendered")
            + trail("aws_kms_key.k.arn"),
            "p.tpl": '{"Id": "${id}"}',
        },
        "aws_kms_key.k",
        {"policy": '{"Id": "x"}'},
    ),
    # Where things are
    case(
        "the Region and the account that a provider fixes count",
        """
        provider "aws" {
          region = "us-east-1"
          assume_role {
            role_arn = "arn:aws:iam::222222222222:role/x"
          }
        }
        """
        + key()
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {
            "arn": key_arn(key_hole("aws_kms_key.k"), "us-east-1", "222222222222"),
            "trail_arns": [trail_arn("audit", "us-east-1", "222222222222")],
        },
    ),
    case(
        "a provider with an alias has its own Region, in the same account",
        """
        provider "aws" {
          region = var.region
        }
        provider "aws" {
          alias  = "west"
          region = "us-west-2"
        }
        variable "region" {}
        """
        + key(body="provider = aws.west")
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"arn": key_arn(key_hole("aws_kms_key.k"), "us-west-2", OWN_ACCOUNT), "trail_arns": [trail_arn("audit")]},
    ),
    case(
        "a provider that is handed into a module counts there",
        {
            **MODULE,
            "main.tf": """
            provider "aws" {
              alias  = "west"
              region = "us-west-2"
            }
            module "m" {
              source = "./kms"
              policy = null
              providers = {
                aws = aws.west
              }
            }
            """
            + trail("module.m.arn"),
        },
        "module.m.aws_kms_key.this",
        {"arn": key_arn(key_hole("module.m.aws_kms_key.this"), "us-west-2", OWN_ACCOUNT)},
        **in_module("m"),
    ),
    case(
        "the Region of a resource goes before that of its provider",
        key(body='region = "eu-west-1"') + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"arn": key_arn(key_hole("aws_kms_key.k"), "eu-west-1")},
    ),
    case(
        "a variable that the provider takes its Region from is the own Region",
        """
        variable "region" {}
        provider "aws" {
          region = var.region
        }
        """
        + key(body='policy = jsonencode({ Id = "${var.region}" })')
        + trail("aws_kms_key.k.arn"),
        "aws_kms_key.k",
        {"policy": {"Id": OWN_REGION}, "arn": key_arn(key_hole("aws_kms_key.k"))},
    ),
]


@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_key(tmp_path: Path, one: Case) -> None:
    subject = subject_of(tmp_path, one)
    assert subject is not None
    assert [
        {name: read(name, found) for name in expected} for found, expected in zip(subject.scenarios, one.expected)
    ] == list(one.expected)
    assert len(subject.scenarios) == len(one.expected)
    assert subject.holds_policy is one.holds_policy
    assert subject.declares_key is not one.address.split(".")[-2].endswith("_policy")


NO_SUBJECT = [
    case("code that does not speak of CloudTrail", key(), "aws_kms_key.k"),
    case("a resource of another type", trail("null"), "aws_cloudtrail.t"),
    case("a resource that is not declared", key() + trail("null"), "aws_kms_key.other"),
    case("a count of zero", key(body="count = 0") + trail("null"), "aws_kms_key.k"),
    case("an instance that does not exist", key(body="count = 1") + trail("null"), "aws_kms_key.k[1]"),
    case("a file that is not there", "# cloudtrail", "aws_kms_key.k", file="gone/main.tf"),
    case("an address that is none", key() + trail("null"), "]["),
    case(
        "a call that is not there", {**MODULE, "main.tf": trail("null")}, "module.m.aws_kms_key.this", **in_module("m")
    ),
    case(
        "a module that calls itself",
        {
            "main.tf": """
            module "m" {
              source = "./"
            }
            """
            + trail("module.m.x")
        },
        "module.m.aws_kms_key.k",
        callers=[("main.tf", "m", None)],
    ),
]


@pytest.mark.parametrize("one", NO_SUBJECT, ids=[one.name for one in NO_SUBJECT])
def test_no_subject(tmp_path: Path, one: Case) -> None:
    assert subject_of(tmp_path, one) is None


def test_a_key_is_found_in_any_checkout(tmp_path: Path) -> None:
    """The same code below two roots is two configurations."""
    for name in ("one", "two"):
        write(tmp_path, {f"{name}/main.tf": key(body=POLICY % name) + trail("aws_kms_key.k.arn")})
    tree = Tree(str(tmp_path))
    found = [tree.subject(str(tmp_path / name / "main.tf"), (), "aws_kms_key.k") for name in ("one", "two")]
    assert [one.scenarios[0].policy for one in found if isinstance(one, Subject)] == [policy("one"), policy("two")]


def subject_of(folder: Path, one: Case) -> Optional[Subject]:
    write(folder, one.files)
    callers = [(str(folder / file), name, index) for file, name, index in one.callers]
    found = Tree(str(folder)).subject(str(folder / one.file), callers, one.address)
    assert not isinstance(found, Unjudged)
    return found


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(name: str, found: Key) -> Any:
    return READ[name](found) if name in READ else getattr(found, name)
