"""What names mean in a module instance: one row a claim."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, Union

import pytest

from ctkms.iac.terraform.evaluation.values import Json, Layout
from ctkms.iac.terraform.modules.files import MAX_BYTES, Files
from ctkms.iac.terraform.modules.folder_loader import FolderLoader
from ctkms.iac.terraform.modules.module import read_module
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import (
    MANAGEMENT_ACCOUNT,
    OWN_ACCOUNT,
    OWN_PARTITION,
    OWN_REGION,
    OWN_SUFFIX,
    Hole,
    Kind,
    Partial,
    Rest,
    join,
)

ROLE = """
resource "aws_iam_role" "r" {
  %s
}
"""
CHILD = {
    "child/main.tf": """
    variable "x" {
      default = "d"
      %s
    }
    output "x" {
      value = var.x
    }
    """
}


def child(declaration: str = "", passed: str = "") -> Dict[str, str]:
    return {
        "child/main.tf": CHILD["child/main.tf"] % declaration,
        "main.tf": f"""
        variable "u" {{}}
        module "m" {{
          source = "./child"
          {passed}
        }}
        """,
    }


def made(source: str) -> Hole:
    return Hole("${" + source + "}", Kind.NAME)


# The value of `local.x`, which each row writes as an expression beside some files.
ASSUMES = """
assume_role {{
  role_arn = "arn:aws:iam::{}:role/x"
}}
"""
FIRST, SECOND = ASSUMES.format("111111111111"), ASSUMES.format("222222222222")
CASES = [
    # Variables
    ("a variable without a value is open", 'variable "v" {}', "var.v", Hole("${var.v}")),
    (
        "a default is a value",
        """
        variable "v" {
          default = 1
        }
        """,
        "var.v",
        1,
    ),
    (
        "terraform.tfvars beats the default",
        {
            "main.tf": """
            variable "v" {
              default = 1
            }
            """,
            "terraform.tfvars": "v = 2",
        },
        "var.v",
        2,
    ),
    (
        "later files of variables beat earlier ones",
        {
            "main.tf": 'variable "v" {}',
            "terraform.tfvars": "v = 1",
            "terraform.tfvars.json": '{"v": 2}',
            "b.auto.tfvars": "v = 4",
            "a.auto.tfvars.json": '{"v": 3}',
        },
        "var.v",
        4,
    ),
    (
        "a broken file of variables is left out",
        {"main.tf": 'variable "v" {}', "terraform.tfvars.json": "["},
        "var.v",
        Hole("${var.v}"),
    ),
    (
        "files of other names set nothing",
        {"main.tf": 'variable "v" {}', "prod.tfvars": "v = 1"},
        "var.v",
        Hole("${var.v}"),
    ),
    (
        "defaults of optional attributes are filled in",
        """
        variable "v" {
          type    = map(object({ a = string, b = optional(string, "B"), c = optional(list(string)) }))
          default = { k = { a = 1 } }
        }
        """,
        "var.v",
        {"k": {"a": "1", "b": "B", "c": None}},
    ),
    (
        "a set holds each value once",
        """
        variable "v" {
          type    = set(string)
          default = ["a", "a"]
        }
        """,
        "var.v",
        ["a"],
    ),
    # Locals
    (
        "locals refer to locals",
        """
        locals {
          a = local.b
        }
        locals {
          b = 1
        }
        """,
        "local.a",
        1,
    ),
    (
        "a local that depends on itself is open",
        """
        locals {
          a = local.b
          b = local.a
        }
        """,
        "local.a",
        Hole("${local.a}"),
    ),
    ("a local that is not there is open", "", "local.gone", Hole("${local.gone}")),
    # ModuleLoader
    ("an output of a module has the value that was passed", child(passed='x = "p"'), "module.m.x", "p"),
    ("a variable that was not passed has its default", child(), "module.m.x", "d"),
    ("null is passed as null", child(passed="x = null"), "module.m.x", None),
    ("null is the default where null is refused", child("nullable = false", "x = null"), "module.m.x", "d"),
    ("an open value keeps the name it has outside", child(passed="x = var.u"), "module.m.x", Hole("${var.u}")),
    ("an output that is not there is open", child(), "module.m.y", Hole("${module.m.y}")),
    (
        "instances of a module are a list",
        child(
            passed="""
            count = 2
            x     = count.index
            """
        ),
        "module.m[*].x",
        [0, 1],
    ),
    (
        "instances of a module are a map",
        child(
            passed="""
            for_each = { a = "A" }
            x        = each.value
            """
        ),
        "[for k, v in module.m : [k, v.x]]",
        [["a", "A"]],
    ),
    (
        "an unknown instance of a module is the one that is named",
        child(
            passed="""
            for_each = var.u
            x        = each.key
            """
        ),
        'module.m["a"].x',
        "a",
    ),
    (
        "a condition on a module is a choice",
        child(passed="count = var.u ? 1 : 0"),
        "module.m[*].x",
        [Rest(Choice("${module.m[*].x}", conditions=frozenset(("${var.u}",))))],
    ),
    (
        "a module from elsewhere is open",
        """
        module "m" {
          source = "git::https://x"
        }
        """,
        "module.m.a[0]",
        Hole("${module.m.a[0]}"),
    ),
    (
        "references in a module are told apart from those outside",
        {
            "main.tf": """
            module "m" {
              source = "./child"
            }
            """,
            "child/main.tf": """
            output "x" {
              value = aws_x.y.z
            }
            """,
        },
        "module.m.x",
        Hole("${module.m.aws_x.y.z}"),
    ),
    # Resources
    (
        "an attribute that is set has its value",
        """
        resource "aws_x" "y" {
          a = { b = 1 }
        }
        """,
        "aws_x.y.a.b",
        1,
    ),
    ("any other attribute is open", 'resource "aws_x" "y" {}', "aws_x.y.z", Hole("${aws_x.y.z}")),
    ("an undeclared resource is open", "", "data.aws_x.y.z[0]", Hole("${data.aws_x.y.z[0]}")),
    (
        "instances of a resource are a list",
        """
        resource "aws_x" "y" {
          count = 2
          a     = count.index
        }
        """,
        "aws_x.y[*].a",
        [0, 1],
    ),
    (
        "an instance may be missing where the number of them is open",
        """
        variable "n" {}
        resource "terraform_data" "y" {
          count = var.n
          input = "a"
        }
        """,
        '[can(terraform_data.y[0].input), try(terraform_data.y[0].input, "none")]',
        [Hole('${can("a", var.n)}'), Hole('${try("a", var.n, "none")}')],
    ),
    (
        "so it may where the keys of them are open, and in a module",
        {
            **child(),
            "main.tf": """
            variable "u" {}
            module "m" {
              source   = "./child"
              for_each = var.u
            }
            """,
        },
        'try(module.m["k"].x, "none")',
        Choice('${try("d", var.u, "none")}', conditions=frozenset(("any of var.u",))),
    ),
    (
        "it is not missing among those that are known",
        """
        variable "n" {}
        resource "terraform_data" "y" {
          for_each = { a = "b", (var.n) = "c" }
          input    = each.value
        }
        """,
        'try(terraform_data.y["a"].input, "none")',
        "b",
    ),
    (
        "an instance beyond the count does not exist",
        """
        resource "aws_x" "y" {
          count = 1
        }
        """,
        'try(aws_x.y[1].id, "none")',
        "none",
    ),
    (
        "the values of a map of resources",
        """
        resource "aws_x" "y" {
          for_each = toset(["k"])
          a        = each.value
        }
        """,
        "values(aws_x.y)[*].a",
        ["k"],
    ),
    (
        "a resource that depends on itself is open",
        """
        resource "aws_x" "y" {
          a = aws_x.y.a
        }
        """,
        "aws_x.y.a",
        Hole("${aws_x.y.a}"),
    ),
    (
        "an index that is not known leads to one of the instances",
        """
        variable "v" {}
        resource "aws_x" "y" {
          for_each = toset(["k"])
        }
        """,
        "aws_x.y[var.v].id",
        Hole("${aws_x.y[var.v].id}"),
    ),
    ("the workspace is open", "", "terraform.workspace", Hole("${terraform.workspace}")),
    # Attributes that follow from the code
    ("the account", 'data "aws_caller_identity" "c" {}', "data.aws_caller_identity.c.account_id", OWN_ACCOUNT),
    ("the Region", 'data "aws_region" "r" {}', "data.aws_region.r.name", OWN_REGION),
    ("the Region of a later provider version", 'data "aws_region" "r" {}', "data.aws_region.r.region", OWN_REGION),
    (
        "a Region that is looked up by name",
        """
        data "aws_region" "r" {
          name = "eu-west-1"
        }
        """,
        "data.aws_region.r.id",
        "eu-west-1",
    ),
    ("the partition", 'data "aws_partition" "p" {}', "data.aws_partition.p.partition", OWN_PARTITION),
    ("the suffix", 'data "aws_partition" "p" {}', "data.aws_partition.p.dns_suffix", OWN_SUFFIX),
    (
        "a service principal",
        """
        data "aws_service_principal" "s" {
          service_name = "cloudtrail"
        }
        """,
        "data.aws_service_principal.s.name",
        "cloudtrail.amazonaws.com",
    ),
    (
        "a role's ARN has its path",
        ROLE
        % """
        name = "n"
        path = "/p/"
        """,
        "aws_iam_role.r.arn",
        join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":role/p/n")),
    ),
    ("a name that is made up is a name", ROLE % "", "aws_iam_role.r.name", made("aws_iam_role.r.name")),
    (
        "a name may only be begun",
        ROLE % 'name_prefix = "a-"',
        "aws_iam_role.r.id",
        Partial(("a-", made("aws_iam_role.r.name"))),
    ),
    (
        "a bucket's id is its name",
        """
        resource "aws_s3_bucket" "b" {
          bucket = "n"
        }
        """,
        "aws_s3_bucket.b.id",
        "n",
    ),
    (
        "a trail's home",
        """
        resource "aws_cloudtrail" "t" {
          name = "n"
        }
        """,
        "aws_cloudtrail.t.home_region",
        OWN_REGION,
    ),
    (
        "the management account is a value of its own",
        'data "aws_organizations_organization" "o" {}',
        "data.aws_organizations_organization.o.master_account_id",
        MANAGEMENT_ACCOUNT,
    ),
    (
        "a policy document's JSON is its content",
        'data "aws_iam_policy_document" "d" {}',
        "data.aws_iam_policy_document.d.minified_json",
        Json({"Version": "2012-10-17"}, Layout.MINIFIED),
    ),
    (
        "its sets are written backwards, and in what order is open where something in them is",
        """
        variable "a" {}
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["a:b", "a:c"]
            resources = ["x", var.a]
          }
        }
        """,
        "[jsondecode(data.aws_iam_policy_document.d.json).Statement[0].Action[0], "
        "jsondecode(data.aws_iam_policy_document.d.json).Statement[0].Resource[0]]",
        ["a:c", Hole('${["x", var.a][0]}')],
    ),
    # Providers
    (
        "an alias whose Region is open has a Region of its own",
        """
        variable "r" {}
        provider "aws" {
          alias  = "x"
          region = var.r
        }
        data "aws_region" "d" {
          provider = aws.x
        }
        """,
        "[data.aws_region.d.name, var.r]",
        [Hole("${var.r}", Kind.REGION, own=True)] * 2,
    ),
    (
        "an alias that assumes an open role is in an account of its own",
        """
        variable "r" {}
        provider "aws" {
          alias = "x"
          assume_role {
            role_arn = var.r
          }
        }
        data "aws_caller_identity" "d" {
          provider = aws.x
        }
        """,
        "data.aws_caller_identity.d.account_id",
        Hole("the account of provider aws.x", Kind.ACCOUNT, own=True),
    ),
    (
        "an account that is open in the assumed role is the variable's",
        """
        variable "a" {}
        provider "aws" {
          assume_role {
            role_arn = "arn:aws:iam::${var.a}:role/x"
          }
        }
        """,
        "var.a",
        OWN_ACCOUNT,
    ),
    (
        "the only account that is allowed is the account",
        """
        provider "aws" {
          allowed_account_ids = ["111122223333"]
        }
        data "aws_caller_identity" "d" {}
        """,
        "data.aws_caller_identity.d.account_id",
        "111122223333",
    ),
    (
        "an account may be written as a number",
        """
        provider "aws" {
          allowed_account_ids = [111122223333]
        }
        data "aws_caller_identity" "d" {}
        """,
        "data.aws_caller_identity.d.account_id",
        "111122223333",
    ),
    (
        "of several roles each assumes the next one",
        f"""
        provider "aws" {{
          {FIRST}{SECOND}}}
        data "aws_caller_identity" "d" {{}}
        """,
        "data.aws_caller_identity.d.account_id",
        "222222222222",
    ),
    (
        "a role that a web identity assumes is one",
        'provider "aws" {\n' + (FIRST).replace("role {", "role_with_web_identity {") + "}\n"
        'data "aws_caller_identity" "d" {}',
        "data.aws_caller_identity.d.account_id",
        "111111111111",
    ),
    (
        "and it comes before the others",
        'provider "aws" {\n' + SECOND + (FIRST).replace("role {", "role_with_web_identity {") + "}\n"
        'data "aws_caller_identity" "d" {}',
        "data.aws_caller_identity.d.account_id",
        "222222222222",
    ),
    (
        "a last role that is open decides",
        f"""
        variable "r" {{}}
        provider "aws" {{
          {FIRST}  assume_role {{
            role_arn = var.r
          }}
        }}
        data "aws_caller_identity" "d" {{}}
        """,
        "data.aws_caller_identity.d.account_id",
        OWN_ACCOUNT,
    ),
    (
        "a role without an ARN is none",
        f"""
        provider "aws" {{
          {FIRST}  assume_role {{
            role_arn = ""
          }}
        }}
        data "aws_caller_identity" "d" {{}}
        """,
        "data.aws_caller_identity.d.account_id",
        "111111111111",
    ),
    # JSON syntax
    (
        "a default in JSON is literal, down to what would be a comment in a block",
        {"v.tf.json": '{"variable": {"v": {"default": {"k": "${x} %{ if }", "//": ["$${y}"]}}}}'},
        "var.v",
        {"k": "${x} %{ if }", "//": ["$${y}"]},
    ),
    (
        "elsewhere a text in JSON is a template, and an object keeps all of its members",
        {
            "v.tf.json": '{"//": "c", "locals": {"//": "c", "k": "n", "v": {'
            '"${local.k}": "%{ if true }y%{ endif }$${z}", "//": 1}}}'
        },
        "local.v",
        {"n": "y${z}", "//": 1},
    ),
    (
        "a name that comes twice in JSON is two blocks",
        {
            "v.tf.json": '{"locals": {"a": 1}, "locals": {"b": 2}, "data": {"aws_iam_policy_document": {"d": {'
            '"statement": {"sid": "A"}, "statement": [{"sid": "B"}, {"sid": "C"}]}}, '
            '"aws_iam_policy_document": {"e": {}}}}'
        },
        "[local.a, local.b, jsondecode(data.aws_iam_policy_document.d.json).Statement[*].Sid, "
        "data.aws_iam_policy_document.e.minified_json]",
        [1, 2, ["A", "B", "C"], Json({"Version": "2012-10-17"}, Layout.MINIFIED)],
    ),
    # Files
    (
        "an override changes what it names",
        {
            "main.tf": """
            resource "aws_x" "y" {
              a = 1
              b = 1
            }
            """,
            "override.tf": """
            resource "aws_x" "y" {
              b = 2
            }
            """,
        },
        "[aws_x.y.a, aws_x.y.b]",
        [1, 2],
    ),
    (
        "an overriding file comes last, whatever its name",
        {
            "z.tf": """
            variable "v" {
              default = 1
            }
            """,
            "a_override.tf": """
            variable "v" {
              default = 2
            }
            """,
        },
        "var.v",
        2,
    ),
    ("a file in the folder is read", {"a.json": "x"}, 'file("${path.root}/a.json")', "x"),
    *(
        (f"a file in the folder is read by {path}", {"a.json": "x"}, f'file("{path}/a.json")', "x")
        for path in ("${path.cwd}", "${abspath(path.module)}", ".")
    ),
    (
        "paths start where Terraform is run",
        {
            "main.tf": """
            module "m" {
              source = "./m/n"
            }
            """,
            "m/n/main.tf": """
            output "here" {
              value = path.module
            }
            """,
        },
        "[path.module, path.root, module.m.here, basename(module.m.here)]",
        [".", ".", "m/n", "n"],
    ),
    ("what that is called on this machine is not told", "", "abspath(path.root)", Hole("${path.cwd}")),
    (
        "nor in the name of a file that is not there",
        "",
        'file("${path.cwd}/../a")',
        Hole('${file("${path.cwd}/../a")}'),
    ),
    ("nor of one beside the module", "", 'file("${path.module}/../a")', Hole('${file("./../a")}')),
    ("a file outside of the scan is not", "", 'file("/etc/hostname")', Hole('${file("/etc/hostname")}')),
]


@pytest.mark.parametrize(("files", "expression", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_value(tmp_path: Path, files: Union[str, Dict[str, str]], expression: str, expected: Any) -> None:
    written = {"main.tf": files} if isinstance(files, str) else files
    for name, text in {
        **written,
        "x.tf": f"""
        locals {{
          x = {expression}
        }}
        """,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert (
        Configuration(FolderLoader(Files((str(tmp_path),)), str(tmp_path))).inventory({}).scenario.root.local("x")
        == expected
    )


def test_a_link_does_not_lead_out_of_the_scan(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("s", encoding="utf-8")
    (inside / "link").symlink_to(outside / "secret")
    (inside / "own").write_text("o", encoding="utf-8")
    files = Files((str(inside),))
    assert files.read(str(inside / "own")) == "o"
    assert files.read(str(inside / "link")) is None
    assert files.read(str(inside / "../out/secret")) is None


def test_what_cannot_be_read_is_not(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    os.mkfifo(tmp_path / "pipe")
    files = Files((str(tmp_path),))
    assert [files.read(str(tmp_path / name)) for name in ("large", "pipe", "gone", ".", "\0")] == [None] * 5


def test_an_empty_folder_is_an_empty_module(tmp_path: Path) -> None:
    assert not read_module(Files((str(tmp_path),)), str(tmp_path)).resources
