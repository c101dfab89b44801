"""The buckets of trails, and the roles and users, that go with a key: one row a claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import pytest

from ctkms.cloudtrail.resources import Key, Person
from ctkms.iac.terraform.code_scan import Tree
from ctkms.unknowns.names import may_be_same
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Text, join

Files = Dict[str, str]

KEY = """
resource "aws_kms_key" "k" {}
"""
WEST = """
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
"""
OTHER = """
provider "aws" {
  alias = "other"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/x"
  }
}
"""


def trail(bucket: str, more: str = "") -> str:
    return f"""
    resource "aws_cloudtrail" "t" {{
      name           = "audit"
      kms_key_id     = aws_kms_key.k.arn
      s3_bucket_name = {bucket}
      {more}
    }}
    """


def bucket(body: str = "", name: str = "b") -> str:
    return f"""
    resource "aws_s3_bucket" "{name}" {{
      {body}
    }}
    """


TURNED_ON = """
rule {
  bucket_key_enabled = true
}
"""


def encryption(of: str, rule: str = TURNED_ON, more: str = "") -> str:
    return f"""
    resource "aws_s3_bucket_server_side_encryption_configuration" "e" {{
      bucket = {of}
      {rule}
      {more}
    }}
    """


def rule(value: str) -> str:
    return f"""
    rule {{
      bucket_key_enabled = {value}
    }}
    """


def keys_of(folder: Path, files: Union[str, Files], address: str = "aws_kms_key.k") -> Tuple[Key, ...]:
    for name, content in ({"main.tf": files} if isinstance(files, str) else files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    subject = Tree(str(folder)).subject(str(folder / "main.tf"), (), address)
    assert subject is not None
    return subject.scenarios


NAMED = 'bucket = "logs"'
ENCRYPTION = "${aws_s3_bucket_server_side_encryption_configuration.e}"
INLINE = """
server_side_encryption_configuration {
  rule {
    bucket_key_enabled = true
  }
}
"""
S3 = {
    "s3/main.tf": 'variable "key" {}'
    + bucket()
    + encryption("aws_s3_bucket.b.id", rule("var.key"))
    + """
    output "name" {
      value = aws_s3_bucket.b.bucket
    }
    """
}
MANY = 'variable "n" {}'

# Each row: the claim, the code beside the key, and the Region and bucket key of the trail's bucket in each scenario.
BUCKETS: List[Tuple[str, Union[str, Files], List[Tuple[Optional[Text], Any]]]] = [
    ("a bucket that is not in the code has neither", trail('"logs"'), [(None, None)]),
    ("a bucket by reference has no key of its own", bucket() + trail("aws_s3_bucket.b.id"), [(OWN_REGION, False)]),
    ("a bucket by its literal name is found", bucket(NAMED) + trail('"logs"'), [(OWN_REGION, False)]),
    ("a bucket of another name is another", bucket('bucket = "other"') + trail('"logs"'), [(None, None)]),
    (
        "two buckets by one variable are one",
        'variable "b" {}' + bucket("bucket = var.b") + trail("var.b"),
        [(OWN_REGION, False)],
    ),
    ("a bucket of an unknown name is not found", 'variable "b" {}' + bucket() + trail("var.b"), [(None, None)]),
    (
        "the Region is that of the provider",
        WEST + bucket("provider = aws.west") + trail("aws_s3_bucket.b.id"),
        [("us-west-2", False)],
    ),
    (
        "the Region of the bucket goes before that of its provider",
        WEST
        + """
        resource "aws_s3_bucket" "b" {
          provider = aws.west
          region   = "eu-west-1"
        }
        """
        + trail("aws_s3_bucket.b.id"),
        [("eu-west-1", False)],
    ),
    (
        "buckets of one name in two Regions have no Region",
        WEST
        + bucket(NAMED)
        + f"""
        resource "aws_s3_bucket" "c" {{
          {NAMED}
          provider = aws.west
        }}
        """
        + trail('"logs"'),
        [(None, False)],
    ),
    (
        "a configuration by reference turns the key on",
        bucket() + encryption("aws_s3_bucket.b.id") + trail("aws_s3_bucket.b.bucket"),
        [(OWN_REGION, True)],
    ),
    (
        "a configuration by name counts without the bucket",
        encryption('"logs"') + trail('"logs"'),
        [(None, True)],
    ),
    (
        "a configuration that does not speak of the key leaves it off",
        """
        resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
          bucket = "logs"
          rule {
          }
        }
        """
        + trail('"logs"'),
        [(None, False)],
    ),
    (
        "a string is read as a bool",
        encryption('"logs"', rule('"true"')) + trail('"logs"'),
        [(None, True)],
    ),
    (
        "an open setting stays open",
        'variable "on" {}' + encryption('"logs"', rule("var.on")) + trail('"logs"'),
        [(None, Hole("${var.on}"))],
    ),
    (
        "a setting that is no bool is open",
        encryption('"logs"', rule("[1]")) + trail('"logs"'),
        [(None, Hole("${[1]}"))],
    ),
    (
        "a condition in the setting opens scenarios",
        'variable "on" {}' + encryption('"logs"', rule("var.on ? true : false")) + trail('"logs"'),
        [(None, True), (None, False)],
    ),
    (
        "a configuration that may not be there opens scenarios",
        'variable "on" {}' + bucket(NAMED) + encryption('"logs"', more="count = var.on ? 1 : 0") + trail('"logs"'),
        [(OWN_REGION, True), (OWN_REGION, False)],
    ),
    (
        "a configuration of an unknown count leaves the setting open",
        MANY + bucket(NAMED) + encryption('"logs"', more="count = var.n") + trail('"logs"'),
        [(OWN_REGION, Hole(ENCRYPTION[:-1] + "[count.index of var.n]}"))],
    ),
    (
        "a configuration that is there as often as its bucket decides",
        MANY
        + bucket("count = var.n")
        + encryption("aws_s3_bucket.b[count.index].id", more="count = var.n")
        + trail("aws_s3_bucket.b[count.index].id", "count = var.n"),
        [(OWN_REGION, True)],
    ),
    (
        "a configuration of some bucket of an open number may be this one's",
        MANY
        + bucket("count = var.n")
        + encryption("aws_s3_bucket.b[count.index].id", more="count = var.n")
        + trail("aws_s3_bucket.b[0].id"),
        [(OWN_REGION, Hole(ENCRYPTION[:-1] + "[count.index of var.n]}"))],
    ),
    (
        "a configuration of an unknown bucket may be this one's",
        'variable "b" {}' + bucket(NAMED) + encryption("var.b") + trail('"logs"'),
        [(OWN_REGION, Hole(ENCRYPTION))],
    ),
    (
        "a configuration of another bucket is none of this one's",
        bucket() + bucket(name="c") + encryption("aws_s3_bucket.c.id") + trail("aws_s3_bucket.b.id"),
        [(OWN_REGION, False)],
    ),
    (
        "a dynamic rule is written out",
        """
        resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
          bucket = "logs"
          dynamic "rule" {
            for_each = [true]
            content {
              bucket_key_enabled = rule.value
            }
          }
        }
        """
        + trail('"logs"'),
        [(None, True)],
    ),
    (
        "an unknown number of rules is open",
        """
        variable "r" {}
        resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
          bucket = "logs"
          dynamic "rule" {
            for_each = var.r
            content {
              bucket_key_enabled = true
            }
          }
        }
        """
        + trail('"logs"'),
        [(None, Hole("${var.r}"))],
    ),
    ("the old inline block counts", bucket(INLINE) + trail("aws_s3_bucket.b.id"), [(OWN_REGION, True)]),
    (
        "a configuration takes the place of the inline block",
        bucket(INLINE) + encryption("aws_s3_bucket.b.id", rule("false")) + trail("aws_s3_bucket.b.id"),
        [(OWN_REGION, False)],
    ),
    (
        "a module with its output is followed",
        {
            **S3,
            "main.tf": KEY
            + """
            module "s3" {
              source = "./s3"
              key    = true
            }
            """
            + trail("module.s3.name"),
        },
        [(OWN_REGION, True)],
    ),
    (
        "one of an open number of modules is followed",
        {
            **S3,
            "main.tf": KEY
            + MANY
            + """
            module "s3" {
              count  = var.n
              source = "./s3"
              key    = true
            }
            """
            + trail("module.s3[0].name"),
        },
        [(OWN_REGION, True)],
    ),
    (
        "a module that is not at hand may turn the key on",
        bucket()
        + """
        module "m" {
          source = "example.com/m"
          b      = aws_s3_bucket.b.id
        }
        """
        + trail("aws_s3_bucket.b.id"),
        [(OWN_REGION, Hole("${module.m}"))],
    ),
    (
        "a module that is told of another bucket does not",
        bucket()
        + bucket(name="b2")
        + """
        module "m" {
          source = "example.com/m"
          b      = aws_s3_bucket.b2.id
        }
        """
        + trail("aws_s3_bucket.b.id"),
        [(OWN_REGION, False)],
    ),
    ("a trail without a bucket has neither", trail("null"), [(None, None)]),
]


@pytest.mark.parametrize(("files", "expected"), [row[1:] for row in BUCKETS], ids=[row[0] for row in BUCKETS])
def test_bucket(tmp_path: Path, files: Union[str, Files], expected: Sequence[Any]) -> None:
    found = keys_of(tmp_path, KEY + files if isinstance(files, str) else files)
    assert [(one.bucket_region, one.bucket_key) for key in found for one in key.trails] == list(expected)


STORE = """
resource "aws_cloudtrail_event_data_store" "s" {{
  name       = "s"
  kms_key_id = aws_kms_key.k.arn
  {}
}}
"""


@pytest.mark.parametrize(
    ("text", "account"),
    [(STORE.format(""), OWN_ACCOUNT), (OTHER + STORE.format("provider = aws.other"), "222222222222")],
    ids=["a store is in this account", "a store is in the account of its provider"],
)
def test_account_of_a_store(tmp_path: Path, text: str, account: Text) -> None:
    assert [store.account for key in keys_of(tmp_path, KEY + text) for store in key.stores] == [account]


def arn(name: Text, kind: str = "role/", account: Text = OWN_ACCOUNT) -> Text:
    return join(("arn:", OWN_PARTITION, ":iam::", account, ":", kind, name))


def document(sid: str) -> str:
    return f'jsonencode({{ Statement = [{{ Sid = "{sid}" }}] }})'


def policy(sid: str) -> Any:
    return {"Statement": [{"Sid": sid}]}


def role(body: str = "", name: str = "r") -> str:
    return f"""
    resource "aws_iam_role" "{name}" {{
      name = "reader"
      {body}
    }}
    """


MANAGED = f"""
resource "aws_iam_policy" "x" {{
  name   = "read"
  policy = {document("M")}
}}
"""
USER = """
resource "aws_iam_user" "u" {
  name = "ann"
  path = "/staff/"
}
"""
ROLE_NAME, USER_NAME = "aws_iam_role.r.name", "aws_iam_user.u.name"
AWS_MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def attached(to: str, type_: str = "aws_iam_role_policy_attachment", arn: str = "aws_iam_policy.x.arn") -> str:
    return f"""
    resource "{type_}" "x" {{
      {to}
      policy_arn = {arn}
    }}
    """


# Each row: the claim, the code beside the key, and the identity policies of the one person in it.
POLICIES: List[Tuple[str, str, Optional[Tuple[Any, ...]]]] = [
    ("a role without policies shows none", role(), None),
    (
        "an inline block",
        role(f"""
        inline_policy {{
          name   = "i"
          policy = {document("I")}
        }}
        """),
        (policy("I"),),
    ),
    ("an empty inline block is none", role("inline_policy {}"), None),
    (
        "an unknown number of inline blocks is open",
        """
        variable "p" {}
        resource "aws_iam_role" "r" {
          name = "reader"
          dynamic "inline_policy" {
            for_each = var.p
            content {
              policy = inline_policy.value
            }
          }
        }
        """,
        (Hole("${var.p}"),),
    ),
    (
        "a policy of a role",
        role()
        + f"""
        resource "aws_iam_role_policy" "x" {{
          role   = {ROLE_NAME}
          policy = {document("P")}
        }}
        """,
        (policy("P"),),
    ),
    (
        "a policy of a role by its literal name",
        role()
        + f"""
        resource "aws_iam_role_policy" "x" {{
          role   = "reader"
          policy = {document("P")}
        }}
        """,
        (policy("P"),),
    ),
    (
        "a policy of another role is none of this one's",
        role()
        + f"""
        resource "aws_iam_role_policy" "x" {{
          role   = "writer"
          policy = {document("P")}
        }}
        """,
        None,
    ),
    (
        "a policy of a user",
        USER
        + f"""
        resource "aws_iam_user_policy" "x" {{
          user   = {USER_NAME}
          policy = {document("P")}
        }}
        """,
        (policy("P"),),
    ),
    (
        "a policy of a user is none of a role's with that name",
        role()
        + f"""
        resource "aws_iam_user_policy" "x" {{
          user   = "reader"
          policy = {document("P")}
        }}
        """,
        None,
    ),
    ("an attached policy", MANAGED + role() + attached(f"role = {ROLE_NAME}"), (policy("M"),)),
    (
        "a policy attached to a user",
        MANAGED + USER + attached(f"user = {USER_NAME}", "aws_iam_user_policy_attachment"),
        (policy("M"),),
    ),
    (
        "a policy attached to a list of roles",
        MANAGED + role() + attached(f"roles = [{ROLE_NAME}]", "aws_iam_policy_attachment"),
        (policy("M"),),
    ),
    (
        "a policy attached to a list of users",
        MANAGED + USER + attached(f"users = [{USER_NAME}]", "aws_iam_policy_attachment"),
        (policy("M"),),
    ),
    ("managed policies of a role", MANAGED + role("managed_policy_arns = [aws_iam_policy.x.arn]"), (policy("M"),)),
    (
        "policies attached by for_each",
        MANAGED
        + role()
        + """
        resource "aws_iam_role_policy_attachment" "x" {
          for_each   = toset([aws_iam_policy.x.arn])
          role       = "reader"
          policy_arn = each.value
        }
        """,
        (policy("M"),),
    ),
    (
        "a policy of AWS is not in the code",
        role() + attached(f"role = {ROLE_NAME}", arn=f'"{AWS_MANAGED}"'),
        (Hole(f"policy {AWS_MANAGED}"),),
    ),
    (
        "an unknown policy is not in the code",
        'variable "p" {}' + role("managed_policy_arns = [var.p]"),
        (Hole("policy var.p"),),
    ),
    (
        "unknown policies are not in the code",
        'variable "p" {}' + role("managed_policy_arns = var.p"),
        (Hole("policy var.p"),),
    ),
    (
        "a policy that may not be there is open",
        'variable "a" {}'
        + role()
        + f"""
        resource "aws_iam_role_policy" "x" {{
          count  = var.a ? 1 : 0
          role   = {ROLE_NAME}
          policy = {document("P")}
        }}
        """,
        (Hole("policy aws_iam_role_policy.x[count.index of var.a ? 1 : 0]"),),
    ),
    (
        "a policy that is there whenever its role is counts",
        MANY
        + role("count = var.n")
        + f"""
        resource "aws_iam_role_policy" "x" {{
          count  = var.n
          role   = aws_iam_role.r[count.index].name
          policy = {document("P")}
        }}
        """,
        (policy("P"),),
    ),
    (
        "a policy of an unknown role may be one more of this one's",
        f"""
        variable "r" {{}}
        resource "aws_iam_role" "r" {{
          name = "reader"
          inline_policy {{
            name   = "i"
            policy = {document("I")}
          }}
        }}
        resource "aws_iam_role_policy" "x" {{
          role   = var.r
          policy = {document("P")}
        }}
        """,
        (policy("I"), Hole("policy aws_iam_role_policy.x")),
    ),
    (
        "of a role without policies in the code a policy of an unknown role says nothing",
        'variable "r" {}'
        + role()
        + f"""
        resource "aws_iam_role_policy" "x" {{
          role   = var.r
          policy = {document("P")}
        }}
        """,
        None,
    ),
    (
        "the policies of a user's groups are not followed",
        USER
        + f"""
        resource "aws_iam_user_group_membership" "x" {{
          user   = {USER_NAME}
          groups = ["g"]
        }}
        """,
        (Hole("policies of the groups of aws_iam_user_group_membership.x"),),
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES])
def test_identity_policies(tmp_path: Path, text: str, expected: Optional[Tuple[Any, ...]]) -> None:
    (found,) = keys_of(tmp_path, KEY + trail('"logs"') + text)
    assert [one.identity_policies for one in found.people] == [expected]


MADE_UP = Hole("${aws_iam_role.r[0].name}", Kind.NAME)

PEOPLE: List[Tuple[str, str, List[Person]]] = [
    ("code without roles and users has no people", "", []),
    (
        "a role has its trust policy",
        role(f"assume_role_policy = {document('T')}"),
        [Person("aws_iam_role.r", arn("reader"), policy("T"))],
    ),
    (
        "a trust policy by a document is that document",
        """
        data "aws_iam_policy_document" "d" {
          policy_id = "n"
        }
        """
        + role("assume_role_policy = data.aws_iam_policy_document.d.json"),
        [Person("aws_iam_role.r", arn("reader"), {"Version": "2012-10-17", "Id": "n"})],
    ),
    ("a user has a path", USER, [Person("aws_iam_user.u", arn("ann", "user/staff/"))]),
    (
        "a role is in the account of its provider",
        OTHER + role("provider = aws.other"),
        [Person("aws_iam_role.r", arn("reader", account="222222222222"))],
    ),
    (
        "roles of one name in two accounts are told apart",
        OTHER
        + role()
        + role("provider = aws.other", "s")
        + f"""
        resource "aws_iam_role_policy" "x" {{
          provider = aws.other
          role     = "reader"
          policy   = {document("P")}
        }}
        """,
        [
            Person("aws_iam_role.r", arn("reader")),
            Person("aws_iam_role.s", arn("reader", account="222222222222"), None, (policy("P"),)),
        ],
    ),
    (
        "a role that the key policy names by its index is there",
        MANY
        + """
        resource "aws_iam_role" "r" {
          count = var.n
        }
        resource "aws_kms_key_policy" "p" {
          key_id = aws_kms_key.k.id
          policy = jsonencode({ Id = aws_iam_role.r[0].arn })
        }
        """,
        [
            Person("aws_iam_role.r[0]", arn(MADE_UP)),
            Person(
                "aws_iam_role.r[count.index of var.n]",
                arn(Hole("${aws_iam_role.r[count.index of var.n].name}", Kind.NAME)),
            ),
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in PEOPLE], ids=[row[0] for row in PEOPLE])
def test_people(tmp_path: Path, text: str, expected: Sequence[Person]) -> None:
    (found,) = keys_of(tmp_path, KEY + trail('"logs"') + text)
    assert list(found.people) == list(expected)


X, Y = Hole("x"), Hole("y")
MADE, MADE_TOO = Hole("made", Kind.NAME), Hole("made too", Kind.NAME)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (X, "a", True),
        (X, Y, True),
        (MADE, MADE, True),
        (MADE, MADE_TOO, False),
        (MADE, "a", False),
        (MADE, X, True),
        (join((X, "-a")), join((X, "-a")), True),
        (join((X, "-a")), join((X, "-b")), False),
        (join((X, "-a")), X, False),
        (join((X, "-a")), join((Y, "-a")), True),
        (join(("a-", X)), "b-c", False),
        (join(("a-", X)), "a-c", True),
        (join((X, "-a")), "c-b", False),
        (join(("a-", X, "-b")), "a-c-b", True),
    ],
)
def test_names_that_may_be_the_same(left: Text, right: Text, expected: bool) -> None:
    assert may_be_same(left, right) is expected
    assert may_be_same(right, left) is expected


def test_the_work_grows_as_the_number_of_buckets_and_roles(tmp_path: Path, calls_in: Any) -> None:
    """Each is brought together with its own by name, not by going through all of them."""

    def calls_for(count: int) -> int:
        several = "".join(
            f"""
            resource "aws_s3_bucket" "b{n}" {{
              bucket = "b{n}"
            }}
            resource "aws_iam_role" "r{n}" {{
              name = "r{n}"
            }}
            resource "aws_iam_role_policy" "r{n}" {{
              role   = aws_iam_role.r{n}.id
              policy = "{{}}"
            }}
            """
            for n in range(count)
        )
        keys: List[Key] = []
        calls: int = calls_in(
            lambda: keys.extend(keys_of(tmp_path / str(count), KEY + trail("aws_s3_bucket.b7.id") + several))
        )
        assert len(keys[0].people) == count
        assert {one.identity_policies for one in keys[0].people} == {("{}",)}
        return calls

    assert calls_for(200) < 2.2 * calls_for(100)
