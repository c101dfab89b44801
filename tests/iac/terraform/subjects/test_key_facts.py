"""What the code tells of a key beside its policy and its trails: one row a claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Sequence, Tuple

import pytest

from ctkms.cloudtrail.resources import Key, key_arn
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.terraform.code_scan import Tree
from ctkms.iac.terraform.evaluation.values import Picked
from ctkms.unknowns.names import may_be_same
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Text, join

Files = Dict[str, str]
Expected = Dict[str, Any]

UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION = "mrk-1234abcd12ab34cd56ef1234567890ab"


def key(label: str = "k", body: str = "") -> str:
    return f"""
    resource "aws_kms_key" "{label}" {{
      {body}
    }}
    """


def trail(reference: str = "aws_kms_key.k.arn", more: str = "", label: str = "t") -> str:
    return f"""
    resource "aws_cloudtrail" "{label}" {{
      name       = "audit"
      kms_key_id = {reference}
      {more}
    }}
    """


def store(reference: str = "aws_kms_key.k.arn", more: str = "") -> str:
    return f"""
    resource "aws_cloudtrail_event_data_store" "s" {{
      kms_key_id = {reference}
      {more}
    }}
    """


def topic(reference: str = "aws_kms_key.k.arn", more: str = 'name = "alerts"', label: str = "n") -> str:
    return f"""
    resource "aws_sns_topic" "{label}" {{
      kms_master_key_id = {reference}
      {more}
    }}
    """


def policy(more: str = "") -> str:
    return f"""
    resource "aws_kms_key_policy" "p" {{
      key_id = aws_kms_key.k.id
      policy = "{{}}"
      {more}
    }}
    """


def key_hole(address: str, kind: Kind = Kind.KEY_ID) -> Hole:
    return Hole(f"{address}.key_id", kind)


def topic_arn(name: Text = "alerts", region: Text = OWN_REGION) -> Text:
    return join(("arn:", OWN_PARTITION, ":sns:", region, ":", OWN_ACCOUNT, ":", name))


def management(role_account: str) -> str:
    """A provider of another account."""
    return f"""
    provider "aws" {{
      alias  = "m"
      region = "eu-west-1"
      assume_role {{
        role_arn = "arn:aws:iam::{role_account}:role/x"
      }}
    }}
    """


def delegated(account: str = '"222222222222"', more: str = "") -> str:
    return f"""
    resource "aws_organizations_delegated_administrator" "d" {{
      account_id        = {account}
      service_principal = "cloudtrail.amazonaws.com"
      {more}
    }}
    """


READ: Dict[str, Callable[[Key], Any]] = {
    "organizations": lambda found: [one.organization for one in found.trails + found.stores],
    "beside": lambda found: [one.beside_key for one in found.trails],
    "trails": lambda found: [one.address for one in found.trails],
    "topics": lambda found: [(one.address, one.arn) for one in found.topics],
    "notifying": lambda found: [trail.address for one in found.topics for trail in one.trails],
    "resources": lambda found: [one["Resource"] for one in found.policy["Statement"]],
    "unseen": lambda found: [str(one) for one in found.unseen],
    "open_users": lambda found: [str(one) for one in found.open_users],
}


def resources(*expressions: str) -> str:
    """A policy with a statement on each of some keys."""
    listed = ", ".join(f"{{ Resource = {one} }}" for one in expressions)
    return f"policy = jsonencode({{ Statement = [{listed}] }})"


def administered_by(*accounts: str) -> str:
    """A policy that only these accounts may change."""
    roots = ", ".join(f'"arn:aws:iam::{one}:root"' for one in accounts)
    allowed = f'{{ Effect = "Allow", Principal = {{ AWS = [{roots}] }}, Action = "kms:*", Resource = "*" }}'
    return f"policy = jsonencode({{ Statement = [{allowed}] }})"


Case = Tuple[str, str, Sequence[Expected]]  # a sentence, the code, and what it tells of aws_kms_key.k in each scenario

KEY_IDS: Sequence[Case] = [
    (
        "another key of the code is another key",
        key(body=resources("aws_kms_key.k.arn", "aws_kms_key.other.arn")) + key("other") + trail(),
        [{"arn": key_arn(key_hole("aws_kms_key.k"))}],
    ),
    (
        "a key that is looked up may be any key",
        """
        data "aws_kms_key" "d" {
          key_id = "alias/x"
        }
        """
        + key(body=resources("data.aws_kms_key.d.arn"))
        + trail(),
        [{"resources": [key_arn(Hole("${key_id of alias/x}", Kind.NAME))]}],
    ),
    (
        "a replica has the key id of its primary, in another Region",
        """
        provider "aws" {
          alias  = "west"
          region = "us-west-2"
        }
        resource "aws_kms_replica_key" "r" {
          primary_key_arn = aws_kms_key.k.arn
          provider        = aws.west
        }
        """
        + key(body=resources("aws_kms_replica_key.r.arn"))
        + trail()
        + trail("aws_kms_replica_key.r.arn", label="w"),
        [
            {
                "resources": [key_arn(key_hole("aws_kms_key.k"), "us-west-2")],
                "trails": ["aws_cloudtrail.t"],
            }
        ],
    ),
]

ORGANIZATION: Sequence[Case] = [
    ("a trail is its account's own", key() + trail() + store(), [{"organizations": [False, False]}]),
    (
        "a trail or store is the organization's",
        key() + trail(more="is_organization_trail = true") + store(more='organization_enabled = "true"'),
        [{"organizations": [True, True]}],
    ),
    (
        "it may be",
        'variable "o" {}' + key() + trail(more="is_organization_trail = var.o"),
        [{"organizations": [Hole("${var.o}")]}],
    ),
    (
        "an open condition decides it",
        'variable "o" {}' + key() + trail(more="is_organization_trail = var.o ? true : false"),
        [{"organizations": [True]}, {"organizations": [False]}],
    ),
    ("nobody says which account manages", key() + trail(), [{"management": MANAGEMENT_ACCOUNT, "members": ()}]),
    (
        "the management account by its data source",
        'data "aws_organizations_organization" "o" {}'
        + key(body=resources("data.aws_organizations_organization.o.master_account_id"))
        + trail(),
        [{"management": MANAGEMENT_ACCOUNT, "resources": [MANAGEMENT_ACCOUNT]}],
    ),
    (
        "who makes the organization manages it",
        'resource "aws_organizations_organization" "o" {}'
        + key(body=resources("aws_organizations_organization.o.master_account_id"))
        + trail(),
        [{"management": OWN_ACCOUNT, "resources": [OWN_ACCOUNT]}],
    ),
    (
        "who appoints a delegated administrator manages, and the delegate does not",
        management("111111111111") + key() + trail() + delegated(more="provider = aws.m"),
        [{"management": "111111111111", "members": ("222222222222",)}],
    ),
    (
        "so it is with CloudTrail's own",
        key()
        + trail()
        + """
        resource "aws_cloudtrail_organization_delegated_admin_account" "d" {
          account_id = "222222222222"
        }
        """,
        [{"management": OWN_ACCOUNT, "members": ("222222222222",)}],
    ),
    (
        "who administers the key as a member does not manage, though the code has one provider for both",
        key(body=administered_by("222222222222")) + trail() + delegated(),
        [{"management": MANAGEMENT_ACCOUNT, "members": ("222222222222",)}],
    ),
    (
        "who administers it beside a member may",
        key(body=administered_by("222222222222", "111111111111")) + trail() + delegated(),
        [{"management": OWN_ACCOUNT, "members": ("222222222222",)}],
    ),
    (
        "with the lockout check left out, anybody may",
        f"""
        resource "aws_kms_key" "k" {{
          {administered_by("222222222222")}
          bypass_policy_lockout_safety_check = true
        }}
        """
        + trail()
        + delegated(),
        [{"management": OWN_ACCOUNT}],
    ),
    (
        "a delegate never manages, whoever appoints it",
        management("222222222222") + key() + trail() + delegated(more="provider = aws.m"),
        [{"management": MANAGEMENT_ACCOUNT, "members": ("222222222222",)}],
    ),
    (
        "the accounts of members that are looked up",
        key(
            body=resources(
                "data.aws_organizations_organization.o.non_master_accounts[0].id",
                "tolist(data.aws_organizations_delegated_administrators.d.delegated_administrators)[0].id",
                "coalesce(var.x, data.aws_organizations_organization.o.non_master_accounts[1].id)",
                "data.aws_organizations_organization.o.accounts[0].id",
            )
        )
        + trail(),
        [
            {
                "members": (
                    Picked(
                        "${data.aws_organizations_delegated_administrators.d.delegated_administrators[0].id}",
                        Kind.ACCOUNT,
                    ),
                    Picked("${data.aws_organizations_organization.o.non_master_accounts[0].id}", Kind.ACCOUNT),
                )
            }
        ],
    ),
    (
        "two accounts cannot both manage",
        management("111111111111")
        + key()
        + trail()
        + delegated(more="provider = aws.m")
        + 'resource "aws_organizations_organization" "o" {}',
        [{"management": Hole("the management account, which the code shows in two ways", Kind.ACCOUNT)}],
    ),
    (
        "a delegated administrator that may not be there tells nothing",
        'variable "n" {}' + key() + trail() + delegated(more="count = var.n"),
        [{"management": MANAGEMENT_ACCOUNT, "members": ()}],
    ),
    (
        "an account that the code makes is a member",
        key()
        + trail()
        + """
        resource "aws_organizations_account" "a" {
          name = "a"
        }
        """,
        [
            {
                "management": MANAGEMENT_ACCOUNT,
                "members": (Hole("${aws_organizations_account.a.id}", Kind.ACCOUNT),),
            }
        ],
    ),
]

TOPICS: Sequence[Case] = [
    ("a topic names the key by its ARN", key() + topic(), [{"topics": [("aws_sns_topic.n", topic_arn())]}]),
    (
        "or by its alias",
        """
        resource "aws_kms_alias" "a" {
          name          = "alias/x"
          target_key_id = aws_kms_key.k.id
        }
        """
        + key()
        + topic('"alias/x"'),
        [{"topics": [("aws_sns_topic.n", topic_arn())]}],
    ),
    ("another topic has another key", key() + key("other") + topic("aws_kms_key.other.id"), [{"topics": []}]),
    ("a topic that may have any key is not shown to have this one", key() + topic("var.x"), [{"topics": []}]),
    (
        "an open condition decides it",
        'variable "e" {}' + key() + topic("var.e ? aws_kms_key.k.id : null"),
        [{"topics": [("aws_sns_topic.n", topic_arn())]}, {"topics": []}],
    ),
    (
        "a trail of another key notifies by name or ARN",
        key()
        + key("other")
        + topic()
        + trail("aws_kms_key.other.arn", "sns_topic_name = aws_sns_topic.n.arn")
        + trail("null", "sns_topic_name = aws_sns_topic.n.name", "u")
        + trail("null", 'sns_topic_name = "alerts"', "v")
        + trail("null", 'sns_topic_name = "others"', "w")
        + trail("null", "sns_topic_name = var.x", "x"),
        [{"notifying": ["aws_cloudtrail.t", "aws_cloudtrail.u", "aws_cloudtrail.v"], "trails": []}],
    ),
    (
        "a topic of the same name in another Region is another one",
        """
        provider "aws" {
          alias  = "west"
          region = "us-west-2"
        }
        """
        + key()
        + """
        resource "aws_sns_topic" "n" {
          kms_master_key_id = aws_kms_key.k.arn
          name              = "alerts"
          provider          = aws.west
        }
        """
        + trail("null", 'sns_topic_name = "alerts"'),
        [{"topics": [("aws_sns_topic.n", topic_arn(region="us-west-2"))], "notifying": []}],
    ),
    (
        "other resources use the key as well",
        key()
        + trail()
        + topic()
        + """
        resource "aws_cloudwatch_log_group" "l" {
          kms_key_id = aws_kms_key.k.arn
        }
        resource "aws_sqs_queue" "q" {
          kms_master_key_id = aws_kms_key.k.id
        }
        resource "aws_dynamodb_table" "t" {
          server_side_encryption {
            kms_key_arn = aws_kms_key.k.arn
          }
        }
        resource "aws_secretsmanager_secret" "s" {
          kms_key_id = aws_kms_key.other.arn
        }
        resource "aws_s3_bucket_object" "o" {
          kms_key_id = aws_kms_key.k.arn
        }
        resource "aws_kms_grant" "g" {
          key_id = aws_kms_key.k.id
        }
        """,
        [{"other_users": ("aws_cloudwatch_log_group.l", "aws_sqs_queue.q", "aws_dynamodb_table.t")}],
    ),
]

# Topics that may use the key: what stands before the topic, its key, what else it says, in how many scenarios it
# certainly uses the key, and in how many others it may.
PERHAPS: Sequence[Tuple[str, str, str, str, Sequence[int]]] = [
    ("by a condition", 'variable "c" {}', "var.c ? aws_kms_key.k.arn : null", "", [1, 1]),
    ("by a condition between keys", 'variable "c" {}', 'var.c ? aws_kms_key.k.arn : "alias/aws/sns"', "", [1, 1]),
    ("by an open count", 'variable "c" {}', "aws_kms_key.k.arn", "count = var.c ? 1 : 0", [1, 1]),
    ("by an open number", 'variable "c" {}', "aws_kms_key.k.arn", "for_each = var.c", [1, 1]),
    ("by a fallback", 'variable "c" {}', "coalesce(var.c, aws_kms_key.k.arn)", "", [0, 1]),
    ("by a table", 'variable "c" {}', 'lookup(var.c, "x", aws_kms_key.k.arn)', "", [0, 1]),
    (
        "by a flag",
        """
        variable "c" {
          default = false
        }
        """,
        "var.c ? aws_kms_key.k.arn : null",
        "",
        [0, 1],
    ),
    (
        "if it exists by a flag",
        """
        variable "c" {
          default = false
        }
        """,
        "aws_kms_key.k.arn",
        "count = var.c ? 1 : 0",
        [0, 1],
    ),
    ("never, by a variable alone", 'variable "c" {}', "var.c", "", [0, 0]),
    ("never, as another key", key("other"), "aws_kms_key.other.arn", "", [0, 0]),
    ("certainly", "", "aws_kms_key.k.arn", "", [1, 0]),
]

POLICIES: Sequence[Case] = [
    ("the lockout check is left alone", key() + trail(), [{"bypass": False, "inline_policy": None}]),
    (
        "the lockout check is left out",
        key(body='bypass_policy_lockout_safety_check = "true"') + trail(),
        [{"bypass": True}],
    ),
    (
        "that may be",
        'variable "b" {}' + key(body="bypass_policy_lockout_safety_check = var.b") + trail(),
        [{"bypass": Hole("${var.b}")}],
    ),
    (
        "of a policy on its own the key's bypass tells nothing",
        key(body="bypass_policy_lockout_safety_check = true") + policy() + trail(),
        [{"bypass": False}],
    ),
    (
        "it has its own",
        key() + policy("bypass_policy_lockout_safety_check = true") + trail(),
        [{"bypass": True, "inline_policy": None}],
    ),
    (
        "what the key itself sets is kept beside it",
        key(body=resources('"*"')) + policy() + trail(),
        [{"policy": "{}", "inline_policy": {"Statement": [{"Resource": "*"}]}}],
    ),
]

USERS: Sequence[Case] = [
    (
        "what a trail may name instead is not seen",
        """
        variable "c" {}
        variable "x" {}
        """
        + key()
        + trail("var.c ? aws_kms_key.k.arn : var.x"),
        [
            {"trails": ["aws_cloudtrail.t"], "unseen": ["${var.x}"], "open_users": []},
            {"trails": [], "unseen": [], "open_users": ["${var.x}"]},
        ],
    ),
    (
        "a literal ARN is none that is seen",
        'variable "c" {}' + key() + trail(f'var.c ? aws_kms_key.k.arn : "arn:aws:kms:x:1:key/{UUID}"'),
        [{"unseen": [f"arn:aws:kms:x:1:key/{UUID}"]}, {"unseen": []}],
    ),
    (
        "another key of the code is seen, and null is none",
        'variable "c" {}'
        + key()
        + key("other")
        + trail("var.c ? aws_kms_key.k.arn : aws_kms_key.other.arn")
        + store("var.c ? aws_kms_key.k.arn : null"),
        [{"unseen": []}, {"unseen": []}],
    ),
    (
        "a key of AWS is no key to judge",
        'variable "c" {}' + key() + trail('var.c ? aws_kms_key.k.arn : "alias/aws/x"'),
        [{"unseen": []}, {"unseen": []}],
    ),
    (
        "each instance of a trail for itself",
        'variable "x" {}' + key() + trail("each.value", "for_each = { a = aws_kms_key.k.arn, b = var.x }"),
        [{"trails": ['aws_cloudtrail.t["a"]'], "unseen": [], "open_users": ["${var.x}"]}],
    ),
    (
        "a trail and a store may use any key",
        """
        variable "x" {}
        variable "y" {}
        """
        + key()
        + trail("var.x")
        + store("var.y"),
        [{"open_users": ["${var.x}", "${var.y}"]}],
    ),
    (
        "a trail of the key's own provider is beside it",
        management("111111111111") + key() + trail() + trail(more="provider = aws.m", label="u"),
        [{"beside": [True, False]}],
    ),
]

CASES = (*KEY_IDS, *ORGANIZATION, *TOPICS, *POLICIES, *USERS)


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_facts(text: str, expected: Sequence[Expected], tmp_path: Path) -> None:
    subject = read(tmp_path, {"main.tf": text}, "aws_kms_key.k")
    found = [
        {name: READ[name](scenario) if name in READ else getattr(scenario, name) for name in one}
        for scenario, one in zip(subject.scenarios, expected)
    ]
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert len(subject.scenarios) == len(expected)


@pytest.mark.parametrize(
    ("before", "reference", "more", "expected"), [one[1:] for one in PERHAPS], ids=[one[0] for one in PERHAPS]
)
def test_a_topic_may_use_the_key(before: str, reference: str, more: str, expected: Any, tmp_path: Path) -> None:
    scenarios = read(tmp_path, {"main.tf": before + key() + topic(reference, more)}, "aws_kms_key.k").scenarios
    may = [one for one in scenarios if any(user.startswith("perhaps aws_sns_topic.n") for user in one.other_users)]
    assert [sum(bool(one.topics) for one in scenarios), len(may)] == expected


def test_a_topic_that_stands_and_falls_with_the_key_uses_it(tmp_path: Path) -> None:
    count = "count = var.c ? 1 : 0"
    text = 'variable "c" {}' + key(body=count) + topic("aws_kms_key.k[0].arn", count)
    (found,) = read(tmp_path, {"main.tf": text}, "aws_kms_key.k[0]").scenarios
    assert len(found.topics) == 1
    assert found.other_users == ()


def test_a_queue_may_use_the_key(tmp_path: Path) -> None:
    queue = """
    resource "aws_sqs_queue" "q" {
      kms_master_key_id = var.c ? aws_kms_key.k.arn : null
    }
    """
    (found,) = read(tmp_path, {"main.tf": 'variable "c" {}' + key() + queue}, "aws_kms_key.k").scenarios
    assert found.other_users == ("perhaps aws_sqs_queue.q",)


# How the key policies of one key are attached, and which may stay, seen from each resource.
TWO = policy() + policy("provider = aws").replace('"p"', '"q"')


@pytest.mark.parametrize("address", ["aws_kms_key.k", "aws_kms_key_policy.p", "aws_kms_key_policy.q"])
def test_any_of_two_policies_of_a_key_may_stay(address: str, tmp_path: Path) -> None:
    scenarios = read(tmp_path, {"main.tf": key() + TWO + trail()}, address).scenarios
    assert sorted((one.policy_address, one.scenario) for one in scenarios) == [
        (f"aws_kms_key_policy.{one}", f"aws_kms_key_policy.{one} stays, of the 2 policies attached to one key")
        for one in "pq"
    ]


def test_any_of_two_policies_of_a_key_elsewhere_may_stay(tmp_path: Path) -> None:
    text = TWO.replace("aws_kms_key.k.id", "var.k")
    scenarios = read(tmp_path, {"main.tf": 'variable "k" {}' + text}, "aws_kms_key_policy.p").scenarios
    assert [one.policy_address for one in scenarios] == ["aws_kms_key_policy.p", "aws_kms_key_policy.q"]
    assert {one.address for one in scenarios} == {"aws_kms_key_policy.p"}


def test_of_many_policies_of_a_key_which_stays_is_open(tmp_path: Path) -> None:
    many = policy("count = 9")
    (found,) = read(tmp_path, {"main.tf": key() + many + trail()}, "aws_kms_key.k").scenarios
    assert found.policy == Hole("which of the 9 policies that are attached to aws_kms_key.k stays")


# Expressions that may give the key, or something that nobody has seen.
OPEN_REFERENCES = [
    "coalesce(var.k, aws_kms_key.k.arn)",
    'lookup(var.k, "x", aws_kms_key.k.arn)',
    "element([var.k, aws_kms_key.k.arn], var.i)",
    "{ a = aws_kms_key.k.arn, b = var.k }[var.i]",
    'merge({ x = aws_kms_key.k.arn }, var.k)["x"]',
    "coalesce(data.aws_kms_key.z.arn, aws_kms_key.k.arn)",
]


@pytest.mark.parametrize("reference", OPEN_REFERENCES)
def test_what_a_trail_may_name_besides_is_not_seen(reference: str, tmp_path: Path) -> None:
    variables = """
    variable "k" {}
    variable "i" {}
    """
    (found,) = read(tmp_path, {"main.tf": variables + key() + trail(reference)}, "aws_kms_key.k").scenarios
    assert READ["unseen"](found) == ["${" + reference + "}"]


def read(folder: Path, files: Files, address: str, file: str = "main.tf", calls: Sequence[Any] = ()) -> Subject:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# cloudtrail\n" + text, encoding="utf-8")
    callers = [(str(folder / caller), call, index) for caller, call, index in calls]
    subject = Tree(str(folder)).subject(str(folder / file), callers, address)
    assert isinstance(subject, Subject)
    return subject


# Whose id is written how: the code around a policy that names it, and its hole there.
INSTANCES: Sequence[Tuple[str, str, str, Hole]] = [
    ("one", "", "aws_kms_key.x.arn", key_hole("aws_kms_key.x")),
    ("one of a count", "count = 2", "aws_kms_key.x[1].arn", key_hole("aws_kms_key.x[1]")),
    ("one of a for_each", 'for_each = toset(["a"])', 'aws_kms_key.x["a"].arn', key_hole('aws_kms_key.x["a"]')),
    ("one of an open count", "count = var.n", "aws_kms_key.x[0].arn", key_hole("aws_kms_key.x[0]")),
    (
        "some one of an open count",
        "count = var.n",
        "aws_kms_key.x[var.i].arn",
        key_hole("aws_kms_key.x[var.i]", Kind.SOME_KEY_ID),
    ),
    (
        "the only one, of an open name",
        "for_each = toset([var.i])",
        "aws_kms_key.x[var.i].arn",
        key_hole("aws_kms_key.x[var.i]"),
    ),
    (
        "one of two open names, which may be the same",
        "for_each = toset([var.i, var.n])",
        "aws_kms_key.x[var.i].arn",
        key_hole("aws_kms_key.x[var.i]", Kind.SOME_KEY_ID),
    ),
]


@pytest.mark.parametrize(
    ("repeated", "reference", "hole"), [one[1:] for one in INSTANCES], ids=[one[0] for one in INSTANCES]
)
def test_the_id_of_an_instance(repeated: str, reference: str, hole: Hole, tmp_path: Path) -> None:
    text = (
        """
        variable "n" {}
        variable "i" {}
        """
        + key("x", repeated)
        + key(body=resources(reference))
        + trail()
    )
    (found,) = read(tmp_path, {"main.tf": text}, "aws_kms_key.k").scenarios
    assert READ["resources"](found) == [key_arn(hole)]


@pytest.mark.parametrize(
    ("repeated", "expected"),
    [
        ('for_each = toset(["a"])', key_hole('module.m["a"].aws_kms_key.this')),
        ("for_each = var.n", key_hole("module.m[each.key of var.n].aws_kms_key.this", Kind.SOME_KEY_ID)),
    ],
)
def test_the_id_of_a_key_in_a_module(repeated: str, expected: Hole, tmp_path: Path) -> None:
    files = {
        "main.tf": f"""
        variable "n" {{}}
        module "m" {{
          source = "./kms"
          {repeated}
        }}
        """,
        "kms/main.tf": key("this"),
    }
    index = "a" if "toset" in repeated else None
    (found,) = read(tmp_path, files, "aws_kms_key.this", "kms/main.tf", [("main.tf", "m", index)]).scenarios
    assert found.arn == key_arn(expected)


SAME: Sequence[Tuple[str, Text, Text, bool]] = [
    ("a key and itself", key_hole("aws_kms_key.k"), key_hole("aws_kms_key.k"), True),
    ("a key and another", key_hole("aws_kms_key.k"), key_hole('aws_kms_key.k["b"]'), False),
    ("one of several and one", key_hole("aws_kms_key.k[x]", Kind.SOME_KEY_ID), key_hole("aws_kms_key.k[1]"), True),
    (
        "one of several and one of others",
        key_hole("aws_kms_key.k[x]", Kind.SOME_KEY_ID),
        key_hole("aws_kms_key.m[1]"),
        False,
    ),
    ("a key and a key id", key_hole("aws_kms_key.k"), UUID, True),
    ("a key and a multi-Region key id", key_hole("aws_kms_key.k"), MULTI_REGION, True),
    ("a key and what is no key id", key_hole("aws_kms_key.k"), "1234abcd", False),
    ("a key and an alias", key_hole("aws_kms_key.k"), "alias/x", False),
    ("a key and anything", key_hole("aws_kms_key.k"), Hole("${var.x}"), True),
    (
        "a key and what is looked up by an alias",
        key_hole("aws_kms_key.k"),
        Hole("${key_id of alias/x}", Kind.NAME),
        False,
    ),
    ("a key and an alias of an open name", key_hole("aws_kms_key.k"), join(("alias/", Hole("${var.x}"))), True),
]


@pytest.mark.parametrize(("left", "right", "expected"), [one[1:] for one in SAME], ids=[one[0] for one in SAME])
def test_whether_ids_may_be_the_same(left: Text, right: Text, expected: bool) -> None:
    assert may_be_same(left, right) is expected
    assert may_be_same(right, left) is expected
