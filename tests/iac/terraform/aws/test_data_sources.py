"""What data sources tell that ask AWS: who is in one's own account, and which accounts there are, by type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

import pytest

from ctkms.iac.scan import judge, scan
from ctkms.iac.terraform.evaluation.values import Picked, Unordered
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.folder_loader import FolderLoader
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.unknowns.text import (
    MANAGEMENT_ACCOUNT,
    OWN_ACCOUNT,
    OWN_PARTITION,
    OWN_SUFFIX,
    Hole,
    Kind,
    Maybe,
    Partial,
    Rest,
    Text,
    join,
)


def data(type_: str, body: str = "", label: str = "x") -> str:
    return f"""
    data "{type_}" "{label}" {{
      {body}
    }}
    """


def name(source: str) -> Hole:
    return Hole("${" + source + "}", Kind.NAME)


def account(source: str) -> Hole:
    return Hole("${" + source + "}", Kind.ACCOUNT)


def iam(rest: Sequence[Text], owner: Text = OWN_ACCOUNT) -> Text:
    return join(("arn:", OWN_PARTITION, ":iam::", owner, ":", *rest))


def organizations(rest: Sequence[Text]) -> Text:
    return join(("arn:", OWN_PARTITION, ":organizations::", MANAGEMENT_ACCOUNT, ":", *rest))


ORGANIZATION = "data.aws_organizations_organization.x"
ROLES = "data.aws_iam_roles.x"
SECURITY = f"([for a in {ORGANIZATION}.accounts : a.name, a.id]).Security: {ORGANIZATION}.accounts[*].id"
SSO = """
name_regex  = "AWSReservedSSO_Admin_.*"
path_prefix = "/aws-reserved/sso.amazonaws.com/"
"""
MANAGER = """
provider "aws" {
  alias  = "m"
  region = "us-east-1"
  assume_role {
    role_arn = "arn:aws:iam::999999999999:role/x"
  }
}
"""

# The value of `local.x`, which each row writes as an expression beside some code.
VALUES: Sequence[Tuple[str, str, str, Any]] = [
    # Users, roles and groups
    (
        "a role that is looked up is in the own account, at some path",
        data("aws_iam_role", 'name = "Admin"'),
        "data.aws_iam_role.x.arn",
        iam(("role/", name("data.aws_iam_role.x.path"), "Admin")),
    ),
    (
        "its path begins with a slash",
        data("aws_iam_role", 'name = "Admin"'),
        "[data.aws_iam_role.x.path, data.aws_iam_role.x.name, data.aws_iam_role.x.id, data.aws_iam_role.x.unique_id]",
        [join(("/", name("data.aws_iam_role.x.path"))), "Admin", "Admin", name("data.aws_iam_role.x.unique_id")],
    ),
    (
        "an open name of a role that is looked up is a name",
        'variable "v" {}' + data("aws_iam_role", 'name = "${var.v}-admin"'),
        "data.aws_iam_role.x.arn",
        iam(("role/", name("data.aws_iam_role.x.path"), name("var.v"), "-admin")),
    ),
    (
        "a role that another provider looks up is in its account",
        MANAGER
        + """
        data "aws_iam_role" "x" {
          name     = "Admin"
          provider = aws.m
        }
        """,
        "data.aws_iam_role.x.arn",
        iam(("role/", name("data.aws_iam_role.x.path"), "Admin"), "999999999999"),
    ),
    (
        "a user that is looked up",
        data("aws_iam_user", 'user_name = "bob"'),
        "[data.aws_iam_user.x.arn, data.aws_iam_user.x.user_name, data.aws_iam_user.x.user_id]",
        [
            iam(("user/", name("data.aws_iam_user.x.path"), "bob")),
            "bob",
            name("data.aws_iam_user.x.user_id"),
        ],
    ),
    (
        "a group that is looked up, and its users",
        data("aws_iam_group", 'group_name = "ops"'),
        "[data.aws_iam_group.x.arn, data.aws_iam_group.x.users[*].arn]",
        [
            iam(("group/", name("data.aws_iam_group.x.path"), "ops")),
            [
                Rest(
                    Hole(
                        '${"arn:${<this partition>}:iam::${<this account>}:user/'
                        '${data.aws_iam_group.x.users[*].path}${data.aws_iam_group.x.users[*].user_name}"}'
                    ),
                    iam(
                        (
                            "user/",
                            name("data.aws_iam_group.x.users[*].path"),
                            name("data.aws_iam_group.x.users[*].user_name"),
                        )
                    ),
                )
            ],
        ],
    ),
    (
        "the role of an instance profile",
        data("aws_iam_instance_profile", 'name = "p"'),
        "data.aws_iam_instance_profile.x.role_arn",
        iam(("role/", name("data.aws_iam_instance_profile.x.role_arn"))),
    ),
    # Several
    (
        "roles that are looked up are any number of roles of the own account",
        data("aws_iam_roles"),
        f"{ROLES}.arns",
        Unordered([Rest(Hole("${" + ROLES + ".arns}"), iam(("role/", name(f"{ROLES}.arns[*]"))))]),
    ),
    (
        "all of them begin with the path that is asked for",
        data("aws_iam_roles", SSO),
        f"tolist({ROLES}.arns)",
        Unordered(
            [
                Rest(
                    Hole("${" + ROLES + ".arns}"),
                    iam(("role/aws-reserved/sso.amazonaws.com/", name(f"{ROLES}.arns[*]"))),
                )
            ]
        ),
    ),
    (
        "one of them",
        data("aws_iam_roles"),
        f"tolist({ROLES}.arns)[0]",
        iam(("role/", Picked("${" + ROLES + ".arns[0]}", Kind.NAME))),
    ),
    (
        "one of them by its place",
        data("aws_iam_roles"),
        f"element(sort({ROLES}.arns), 0)",
        iam(("role/", Picked("${" + f"element({ROLES}.arns, 0)" + "}", Kind.NAME))),
    ),
    (
        "where there may be none, another value may be chosen",
        data("aws_iam_roles"),
        f'try(tolist({ROLES}.arns)[0], "*")',
        Hole('${try("arn:${<this partition>}:iam::${<this account>}:role/${data.aws_iam_roles.x.arns[0]}", "*")}'),
    ),
    (
        "nothing tells that there is one",
        data("aws_iam_roles"),
        f"can(tolist({ROLES}.arns)[0])",
        Hole('${can("arn:${<this partition>}:iam::${<this account>}:role/${data.aws_iam_roles.x.arns[0]}")}'),
    ),
    ("nor how many there are", data("aws_iam_roles"), f"length({ROLES}.arns)", Hole("${length(" + ROLES + ".arns)}")),
    (
        "the only one may be null",
        data("aws_iam_roles"),
        f'coalesce(one({ROLES}.arns), "*")',
        Hole("${coalesce(one(" + ROLES + '.arns), "*")}'),
    ),
    (
        "or one of them",
        data("aws_iam_roles"),
        f"one({ROLES}.arns)",
        Maybe(
            "${one(data.aws_iam_roles.x.arns)}",
            each=iam(("role/", Picked("${one(data.aws_iam_roles.x.arns)}", Kind.NAME))),
        ),
    ),
    (
        "there may be several, and then there is no only one",
        data("aws_iam_roles"),
        f'try(one({ROLES}.arns), "*")',
        Hole("${try(one(" + ROLES + '.arns), "*")}'),
    ),
    ("a plural may be null", data("aws_iam_roles"), f"{ROLES}.arns == null", Hole("${" + ROLES + ".arns == null}")),
    (
        "a loop makes something of each name",
        data("aws_iam_roles") + data("aws_caller_identity"),
        f'[for n in {ROLES}.names : "arn:aws:iam::${{data.aws_caller_identity.x.account_id}}:role/sso/${{n}}"]',
        Unordered(
            [
                Rest(
                    Hole('${"arn:aws:iam::${<this account>}:role/sso/${data.aws_iam_roles.x.names[*]}"}'),
                    join(("arn:aws:iam::", OWN_ACCOUNT, ":role/sso/", name(f"{ROLES}.names[*]"))),
                )
            ]
        ),
    ),
    (
        "and so does formatlist",
        data("aws_iam_roles"),
        f'formatlist("arn:aws:iam::111111111111:role/%s", {ROLES}.names)',
        Unordered(
            [
                Rest(
                    Hole('${format("arn:aws:iam::111111111111:role/%s", ' + ROLES + ".names...)}"),
                    Partial(("arn:aws:iam::111111111111:role/", name(f"{ROLES}.names[*]"))),
                )
            ]
        ),
    ),
    (
        "lists of lists of them",
        data("aws_iam_roles"),
        f'flatten([for n in {ROLES}.names : ["a-${{n}}", "b"]])',
        Unordered(
            [
                Rest(Hole('${"a-${data.aws_iam_roles.x.names[*]}"}'), Partial(("a-", name(f"{ROLES}.names[*]")))),
                Rest(Hole('${"b"}'), "b"),
            ]
        ),
    ),
    # Whoever runs Terraform
    (
        "the role behind the own session",
        data("aws_caller_identity") + data("aws_iam_session_context", "arn = data.aws_caller_identity.x.arn"),
        "data.aws_iam_session_context.x.issuer_arn",
        iam((name("data.aws_iam_session_context.x.issuer_arn"),)),
    ),
    (
        "the role behind a session that is spelled out, wherever it is: it is looked up by its name",
        data("aws_iam_session_context", 'arn = "arn:aws:sts::222222222222:assumed-role/Audit/jane"'),
        "[data.aws_iam_session_context.x.issuer_arn, data.aws_iam_session_context.x.issuer_name,"
        " data.aws_iam_session_context.x.session_name]",
        [iam(("role/", name("data.aws_iam_session_context.x.path"), "Audit")), "Audit", "jane"],
    ),
    (
        "a user has no session",
        data("aws_iam_session_context", 'arn = "arn:aws:iam::222222222222:user/bob"'),
        "[data.aws_iam_session_context.x.issuer_arn, data.aws_iam_session_context.x.issuer_name]",
        ["arn:aws:iam::222222222222:user/bob", ""],
    ),
    (
        "a session that is open is anybody's",
        'variable "v" {}' + data("aws_iam_session_context", "arn = var.v"),
        "data.aws_iam_session_context.x.issuer_arn",
        Hole("${data.aws_iam_session_context.x.issuer_arn}"),
    ),
    # The organization
    (
        "an organization, its management account and its root",
        data("aws_organizations_organization"),
        f"[{ORGANIZATION}.id, {ORGANIZATION}.arn, {ORGANIZATION}.master_account_arn, {ORGANIZATION}.roots[0].id]",
        [
            name(f"{ORGANIZATION}.id"),
            organizations(("organization/", name(f"{ORGANIZATION}.id"))),
            organizations(("account/", name(f"{ORGANIZATION}.id"), "/", MANAGEMENT_ACCOUNT)),
            Picked("${" + ORGANIZATION + ".roots[0].id}", Kind.NAME),
        ],
    ),
    (
        "its accounts are some accounts",
        data("aws_organizations_organization"),
        f"{ORGANIZATION}.accounts[*].id",
        [Rest(Hole("${" + ORGANIZATION + ".accounts[*].id}"), account(f"{ORGANIZATION}.accounts[*].id"))],
    ),
    (
        "those of some name are as well",
        data("aws_organizations_organization"),
        f'[for a in {ORGANIZATION}.non_master_accounts : a.id if a.name == "Security"]',
        [
            Rest(
                Hole(
                    '${%s.non_master_accounts[*].id if %s.non_master_accounts[*].name == "Security"}'
                    % ((ORGANIZATION,) * 2)
                ),
                account(f"{ORGANIZATION}.non_master_accounts[*].id"),
            )
        ],
    ),
    (
        "an account by its name is one of them",
        data("aws_organizations_organization"),
        f'{{ for a in {ORGANIZATION}.accounts : a.name => a.id }}["Security"]',
        Picked("${" + SECURITY + "}", Kind.ACCOUNT),
    ),
    (
        "or another value",
        data("aws_organizations_organization"),
        f'try({{ for a in {ORGANIZATION}.accounts : a.name => a.id }}["Security"], "*")',
        Hole("${try(" + SECURITY + ', "*")}'),
    ),
    (
        "two of a name are none",
        data("aws_organizations_organization"),
        f"try({{ for a in {ORGANIZATION}.accounts : a.name => a.id }}, {{}})",
        Hole("${try([for a in " + ORGANIZATION + ".accounts : a.name, a.id], {})}"),
    ),
    (
        "the values of such a map are all of them",
        data("aws_organizations_organization"),
        f"values({{ for a in {ORGANIZATION}.accounts : a.name => a.id }})",
        [
            Rest(
                Hole("${values([for a in " + ORGANIZATION + ".accounts : a.name, a.id])}"),
                account(f"{ORGANIZATION}.accounts[*].id"),
            )
        ],
    ),
    (
        "each of them is one account",
        data("aws_organizations_organization"),
        f"[{ORGANIZATION}.accounts[1].id, {ORGANIZATION}.accounts[1].arn]",
        [
            Picked("${" + ORGANIZATION + ".accounts[1].id}", Kind.ACCOUNT),
            organizations(
                (
                    "account/",
                    name(f"{ORGANIZATION}.id"),
                    "/",
                    Picked("${" + ORGANIZATION + ".accounts[1].id}", Kind.ACCOUNT),
                )
            ),
        ],
    ),
    (
        "an account may not be there",
        data("aws_organizations_organization"),
        f'try({ORGANIZATION}.accounts[1].id, "*")',
        Hole("${try(" + ORGANIZATION + '.accounts[1].id, "*")}'),
    ),
    (
        "what is said of it may be anything",
        data("aws_organizations_organization"),
        f"{ORGANIZATION}.accounts[*].name",
        [Rest(Hole("${" + ORGANIZATION + ".accounts[*].name}"))],
    ),
    (
        "the organization that the code makes has the same",
        'resource "aws_organizations_organization" "o" {}',
        "aws_organizations_organization.o.non_master_accounts[*].id",
        [
            Rest(
                Hole("${aws_organizations_organization.o.non_master_accounts[*].id}"),
                account("aws_organizations_organization.o.non_master_accounts[*].id"),
            )
        ],
    ),
    (
        "an account that the code makes",
        """
        resource "aws_organizations_account" "a" {
          name = "a"
        }
        """,
        "aws_organizations_account.a.id",
        account("aws_organizations_account.a.id"),
    ),
    # ARNs
    (
        "an ARN is taken apart",
        data("aws_arn", 'arn = "arn:aws:rds:eu-west-1:123456789012:db:mysql-db"'),
        "[for one in [data.aws_arn.x] : [one.partition, one.service, one.region, one.account, one.resource]][0]",
        ["aws", "rds", "eu-west-1", "123456789012", "db:mysql-db"],
    ),
    (
        "an open part without colons stays in its place",
        data("aws_iam_role", 'name = "r"') + data("aws_arn", "arn = data.aws_iam_role.x.arn"),
        "[data.aws_arn.x.account, data.aws_arn.x.resource]",
        [OWN_ACCOUNT, join(("role/", name("data.aws_iam_role.x.path"), "r"))],
    ),
    (
        "behind one that may have colons everything is open",
        'variable "v" {}' + data("aws_arn", 'arn = "arn:aws:kms:us-east-1:${var.v}:key/x"'),
        "[data.aws_arn.x.region, data.aws_arn.x.account, data.aws_arn.x.resource]",
        ["us-east-1", Hole("${data.aws_arn.x.account}"), Hole("${data.aws_arn.x.resource}")],
    ),
    (
        "the last part may be open",
        'variable "v" {}' + data("aws_arn", 'arn = "arn:aws:iam::111111111111:role/${var.v}"'),
        "data.aws_arn.x.account",
        "111111111111",
    ),
    (
        "what is no ARN is open",
        data("aws_arn", 'arn = "a:b"'),
        "data.aws_arn.x.account",
        Hole("${data.aws_arn.x.account}"),
    ),
    # terraform_data
    (
        "what goes in comes out",
        """
        resource "terraform_data" "x" {
          input = { a = ["b"] }
        }
        """,
        "terraform_data.x.output.a[0]",
        "b",
    ),
    ("nothing comes out of nothing", 'resource "terraform_data" "x" {}', "terraform_data.x.output", None),
    (
        "unless it is the one from before",
        """
        resource "terraform_data" "x" {
          input = "a"
          lifecycle {
            ignore_changes = [input]
          }
        }
        """,
        "terraform_data.x.output",
        Hole("${terraform_data.x.output}"),
    ),
    # Not in the file that is scanned
    (
        "an account that is looked up in another file is one that nobody knows",
        "",
        "data.aws_caller_identity.x.account_id",
        Hole("the account of data.aws_caller_identity.x", Kind.ACCOUNT, own=True),
    ),
    (
        "so is that of one of several",
        "",
        "data.aws_caller_identity.x[0].account_id",
        Hole("the account of data.aws_caller_identity.x[0]", Kind.ACCOUNT, own=True),
    ),
    (
        "of several there may be none",
        "",
        'try(data.aws_caller_identity.x[0].account_id, "*")',
        Hole('${try(the account of data.aws_caller_identity.x[0], data.aws_caller_identity.x[0], "*")}'),
    ),
    (
        "a Region that is looked up in another file",
        "",
        "data.aws_region.x.name",
        Hole("the Region of data.aws_region.x", Kind.REGION, own=True),
    ),
    (
        "a partition that is looked up in another file",
        "",
        "[data.aws_partition.x.partition, data.aws_partition.x.dns_suffix]",
        [OWN_PARTITION, OWN_SUFFIX],
    ),
    (
        "roles that are looked up in another file",
        "",
        f"{ROLES}.arns",
        Unordered(
            [
                Rest(
                    Hole("${" + ROLES + ".arns}"),
                    iam(("role/", name(f"{ROLES}.arns[*]")), Hole(f"the account of {ROLES}", Kind.ACCOUNT, own=True)),
                )
            ]
        ),
    ),
    (
        "what is not in the table is open",
        "",
        "[data.aws_caller_identity.x.user_id, data.aws_caller_identity.x, data.aws_kms_key.x.arn]",
        [
            Hole("${data.aws_caller_identity.x.user_id}"),
            Hole("${data.aws_caller_identity.x}"),
            Hole("${data.aws_kms_key.x.arn}"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("code", "expression", "expected"), [one[1:] for one in VALUES], ids=[one[0] for one in VALUES]
)
def test_value(tmp_path: Path, code: str, expression: str, expected: Any) -> None:
    (tmp_path / "main.tf").write_text(
        f"""
        {code}
        locals {{
          x = {expression}
        }}
        """,
        encoding="utf-8",
    )
    found = Configuration(FolderLoader(Files((str(tmp_path),)), str(tmp_path))).inventory({}).scenario.root.local("x")
    assert found == expected
    assert type(found) is type(expected)


# What the rules say


BASE = data("aws_caller_identity", "", "me") + data("aws_region", "", "here")
ME = "data.aws_caller_identity.me.account_id"
TRAIL = """resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.logs.arn
}
"""
READS = (
    '{ Effect = "Allow", Principal = { AWS = %s }, Action = "kms:Decrypt", Resource = "*",'
    ' Condition = { Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } } }'
)
READS_ALL = '{ Effect = "Allow", Principal = { AWS = %s }, Action = "kms:Decrypt", Resource = "*" }'
MANAGES = '{ Effect = "Allow", Principal = { AWS = %s }, Action = "kms:*", Resource = "*" }'
EVERYONE_IF = (
    '{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*",'
    ' Condition = { %s, Null = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } } }'
)
DENIES_UNLESS = (
    '{ Effect = "Deny", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*", Condition = { %s } }'
)
ENCRYPTS_IF = (
    '{ Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Resource = "*",'
    ' Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Condition = { %s } }'
)
TRAILS, USERS = "arn:aws:cloudtrail:*:*:trail", "arn:aws:iam::*:user"
ROLE = f"arn:aws:iam::${{{ME}}}:role/R"
WITHIN = f"${{{ORGANIZATION}.id}}/${{{ORGANIZATION}.roots[0].id}}"
DATA = 'resource "terraform_data" "p" {\n  input = jsonencode('
ADMIN = (
    '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${%s}:role/Admin" },'
    ' Action = ["kms:PutKeyPolicy", "kms:Describe*"], Resource = "*" }'
)
OWNER = '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${%s}:root" }, Action = "kms:*", Resource = "*" }'


def encrypts(owner: str = ME, region: str = "data.aws_region.here.name", more: str = "") -> str:
    """The statements for the trail."""
    arn = f"arn:aws:cloudtrail:${{{region}}}:${{{owner}}}:trail/audit"
    return f"""{{
      Effect = "Allow", Principal = {{ Service = "cloudtrail.amazonaws.com" }}, Resource = "*",
      Action = ["kms:GenerateDataKey*", "kms:DescribeKey"],
      Condition = {{ StringEquals = {{ "aws:SourceArn" = "{arn}" {more} }} }}
    }}, {{
      Effect = "Deny", Principal = {{ Service = "cloudtrail.amazonaws.com" }}, Resource = "*",
      Action = "kms:GenerateDataKey*",
      Condition = {{ StringNotLike = {{
        "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${{{owner}}}:trail/*"
      }} }}
    }}"""


def code(*statements: str, more: str = "", base: str = BASE) -> str:
    listed = ",\n    ".join(statements)
    return f"""{base}{more}resource "aws_kms_key" "logs" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {listed}
  ] }})
}}
{TRAIL}"""


def verdicts(folder: Path, text: str) -> Dict[str, str]:
    """The first letters of what the rules say of the key: P for passed, F for failed; - where they say nothing."""
    (folder / "main.tf").write_text(text, encoding="utf-8")
    found = {one.address: judge(one.subject) for one in scan(str(folder))}
    return {rule[-3:]: finding.result[0] for rule, finding in found["aws_kms_key.logs"].items()}


ROLES_HERE = data("aws_iam_roles", SSO)
ORGANIZATION_HERE = data("aws_organizations_organization")
ALL = ("001", "002", "020", "021", "022", "023", "024", "040", "041", "062", "080")

# A sentence, the code, and which of these rules do not pass: F for failed, and - where it stays open.
VERDICTS: Sequence[Tuple[str, str, Dict[str, str]]] = [
    (
        "roles that are looked up may be none, so nobody may read",
        code(ADMIN % ME, encrypts(), READS % f"{ROLES}.arns", more=ROLES_HERE),
        {"040": "-", "080": "-"},
    ),
    (
        "beside somebody who may read anyhow they do no harm",
        code(ADMIN % ME, encrypts(), READS % f'concat(tolist({ROLES}.arns), ["{ROLE}"])', more=ROLES_HERE),
        {},
    ),
    ("one of them is there", code(ADMIN % ME, encrypts(), READS % f"tolist({ROLES}.arns)[0]", more=ROLES_HERE), {}),
    (
        "the only one may be null, and is no stranger else",
        code(ADMIN % ME, encrypts(), READS % f'["{ROLE}", one({ROLES}.arns)]', more=ROLES_HERE),
        {"080": "-"},
    ),
    (
        "the only one may be null where nobody else may read",
        code(ADMIN % ME, encrypts(), READS % f"one({ROLES}.arns)", more=ROLES_HERE),
        {"040": "-", "080": "-"},
    ),
    (
        "those that may read without the encryption context may be none",
        code(ADMIN % ME, encrypts(), READS_ALL % f"{ROLES}.arns", more=ROLES_HERE),
        {"040": "-", "041": "-", "080": "-"},
    ),
    (
        "a role that is looked up is there",
        code(ADMIN % ME, encrypts(), READS_ALL % "data.aws_iam_role.x.arn", more=data("aws_iam_role", 'name = "r"')),
        {"041": "F"},
    ),
    (
        "administrators that are looked up may be none",
        code(MANAGES % f"{ROLES}.arns", encrypts(), READS % f'"{ROLE}"', more=ROLES_HERE),
        {"041": "-", "062": "-", "080": "-"},
    ),
    (
        "whoever runs Terraform may change the policy",
        code(
            MANAGES % "data.aws_iam_session_context.x.issuer_arn",
            encrypts(),
            more=data("aws_iam_session_context", "arn = data.aws_caller_identity.me.arn"),
        ),
        {},
    ),
    (
        "everyone who is one of them is no stranger",
        code(
            OWNER % ME, encrypts(), EVERYONE_IF % f'ArnLike = {{ "aws:PrincipalArn" = {ROLES}.arns }}', more=ROLES_HERE
        ),
        {},
    ),
    (
        "a Deny that spares them may spare nobody",
        code(
            ADMIN % ME,
            encrypts(),
            READS % f'"{ROLE}"',
            DENIES_UNLESS % f'ArnNotLike = {{ "aws:PrincipalArn" = {ROLES}.arns }}',
            more=ROLES_HERE,
        ),
        {"040": "-"},
    ),
    (
        "accounts of the organization are no strangers",
        code(
            OWNER % ME,
            encrypts(),
            READS % f'[for a in {ORGANIZATION}.accounts : "arn:aws:iam::${{a.id}}:root"]',
            more=ORGANIZATION_HERE,
        ),
        {"080": "-"},
    ),
    (
        "they may be none, and any of them may be the own one",
        code(ADMIN % ME, encrypts(), READS % f"{ORGANIZATION}.accounts[*].id", more=ORGANIZATION_HERE),
        {"040": "-", "080": "-"},
    ),
    (
        "whether members may manage the key is open, since the own account may be one",
        code(
            MANAGES % f"{ORGANIZATION}.non_master_accounts[*].id",
            encrypts(),
            READS % f'"{ROLE}"',
            more=ORGANIZATION_HERE,
        ),
        {"062": "-", "080": "-"},
    ),
    (
        "a trail of an account that is none of the organization's is a stranger's",
        code(
            OWNER % ME,
            ENCRYPTS_IF % f'StringEquals = {{ "aws:SourceAccount" = {ORGANIZATION}.accounts[*].id }}',
            more=ORGANIZATION_HERE,
        ),
        {"001": "-", "002": "-", "021": "-", "022": "-", "024": "-"},
    ),
    (
        "whoever is in the own organization may read",
        code(
            OWNER % ME,
            encrypts(),
            EVERYONE_IF % f'StringEquals = {{ "aws:PrincipalOrgID" = {ORGANIZATION}.id }}',
            more=ORGANIZATION_HERE,
        ),
        {},
    ),
    (
        "by its path as well",
        code(
            OWNER % ME,
            encrypts(),
            EVERYONE_IF % f'"ForAnyValue:StringLike" = {{ "aws:PrincipalOrgPaths" = "{WITHIN}/*" }}',
            more=ORGANIZATION_HERE,
        ),
        {},
    ),
    (
        "a stranger may give his role the name of one's own",
        f"""
        data "aws_caller_identity" "me" {{
        }}
        data "aws_region" "here" {{
        }}
        resource "aws_iam_role" "r" {{}}
        resource "aws_kms_key" "logs" {{
          policy = jsonencode({{ Version = "2012-10-17", Statement = [
                {OWNER % ME},
                {encrypts()},
                {EVERYONE_IF % 'ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/${aws_iam_role.r.name}" }'}
              ] }})
        }}
        resource "aws_cloudtrail" "audit" {{
          name           = "audit"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.logs.arn
        }}
        """,
        {"023": "F"},
    ),
    (
        "and his session",
        f"""
        data "aws_caller_identity" "me" {{
        }}
        data "aws_region" "here" {{
        }}
        resource "aws_iam_role" "r" {{}}
        resource "aws_kms_key" "logs" {{
          policy = jsonencode({{ Version = "2012-10-17", Statement = [
                {OWNER % ME},
                {encrypts()},
                {EVERYONE_IF % 'StringLike = { "aws:userid" = "*:${aws_iam_role.r.name}" }'}
              ] }})
        }}
        resource "aws_cloudtrail" "audit" {{
          name           = "audit"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.logs.arn
        }}
        """,
        {"023": "F"},
    ),
    (
        "or that of any of several",
        code(
            OWNER % ME,
            encrypts(),
            EVERYONE_IF % f'ArnLike = {{ "aws:PrincipalArn" = [for n in {ROLES}.names : "{USERS}/${{n}}"] }}',
            more=ROLES_HERE,
        ),
        {"023": "-"},
    ),
    (
        "and his trail, too",
        code(
            OWNER % ME,
            ENCRYPTS_IF % f'ArnLike = {{ "aws:SourceArn" = [for n in {ROLES}.names : "{TRAILS}/${{n}}"] }}',
            more=ROLES_HERE,
        ),
        {"001": "-", "002": "-", "020": "-", "021": "-"},
    ),
    (
        "users that a Deny spares may read, if there are any",
        code(
            ADMIN % ME,
            encrypts(),
            READS_ALL % f'"arn:aws:iam::${{{ME}}}:root"',
            DENIES_UNLESS % 'ArnNotLike = { "aws:PrincipalArn" = data.aws_iam_users.x.arns }',
            more=data("aws_iam_users"),
        ),
        {"040": "-"},
    ),
    (
        "what is looked up in another file is one's own",
        code(OWNER % ME, encrypts(), base=""),
        {},
    ),
    (
        "whatever it is called there",
        code(OWNER % ME, encrypts("data.aws_caller_identity.other.account_id"), base=""),
        {},
    ),
    (
        "another account stays another one",
        code(OWNER % ME, encrypts(), READS % '"arn:aws:iam::222222222222:root"', base="").replace(
            ":trail/audit", ":trail/other"
        ),
        {"001": "F", "002": "F"},
    ),
    (
        "a policy that has gone through terraform_data is what it was",
        code(OWNER % ME, encrypts()).replace("policy = jsonencode(", "policy = terraform_data.p.output\n}\n" + DATA),
        {},
    ),
    (
        "an ARN that has been taken apart",
        code(
            OWNER % "data.aws_arn.x.account", encrypts(), more=data("aws_arn", f'arn = "arn:aws:iam::${{{ME}}}:root"')
        ),
        {},
    ),
]


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in VERDICTS], ids=[one[0] for one in VERDICTS])
def test_verdict(tmp_path: Path, text: str, expected: Dict[str, str]) -> None:
    found = verdicts(tmp_path, text)
    assert {rule: found.get(rule, "-") for rule in ALL if found.get(rule) != "P"} == expected


SAMPLES = Path(__file__).parents[4] / "terraform_samples"
BLOCK = re.compile(r'^data "aws_(?:caller_identity|region|partition)" "\w+" \{\s*\}\n', re.MULTILINE)
SINGLE = [
    folder.name
    for folder in sorted(SAMPLES.iterdir())
    if [one.name for one in folder.iterdir()] == ["main.tf"] and BLOCK.search((folder / "main.tf").read_text("utf-8"))
]


@pytest.mark.parametrize("sample", SINGLE)
def test_whether_one_file_shows_who_runs_terraform_decides_nothing(sample: str, tmp_path: Path) -> None:
    text = (SAMPLES / sample / "main.tf").read_text("utf-8")
    (tmp_path / "main.tf").write_text(BLOCK.sub("", text), encoding="utf-8")
    shown, hidden = (
        {one.address: judge(one.subject) for one in scan(str(path))} for path in (SAMPLES / sample, tmp_path)
    )
    results = [
        {(address, rule, finding.result) for address, found in each.items() for rule, finding in found.items()}
        for each in (shown, hidden)
    ]
    assert results[0] == results[1]
