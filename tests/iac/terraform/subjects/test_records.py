"""Which resources of a folder of Terraform get records, and where a key's records stand when Checkov shows no key."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Dict, NamedTuple, Union

import pytest

from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.terraform.code_scan import Tree

Files = Dict[str, str]

UNJUDGED, JUDGED = "one line", "judged"
LITERAL = '"arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"'


class Case(NamedTuple):
    """The files of a folder, the resources in it that get records, and words of the one line that is there."""

    name: str
    files: Files
    expected: Dict[str, str]
    says: str = ""


def trail(reference: str, name: str = "t", more: str = "") -> str:
    return f"""
    resource "aws_cloudtrail" "{name}" {{
      name           = "audit"
      s3_bucket_name = "logs"
      kms_key_id     = {reference}
      {more}
    }}
    """


def store(reference: str, more: str = "") -> str:
    return f"""
    resource "aws_cloudtrail_event_data_store" "s" {{
      kms_key_id = {reference}
      {more}
    }}
    """


def key(name: str = "k", more: str = "") -> str:
    return f"""
    resource "aws_kms_key" "{name}" {{
      {more}
    }}
    """


def policy(reference: str = "aws_kms_key.k.id", more: str = "") -> str:
    return f"""
    resource "aws_kms_key_policy" "p" {{
      key_id = {reference}
      {SPEAKING}
      {more}
    }}
    """


def variable(name: str, default: str = "") -> str:
    return f"""
    variable "{name}" {{
      {f"default = {default}" if default else ""}
    }}
    """


def call(name: str, source: str, more: str = "") -> str:
    return f"""
    module "{name}" {{
      source = "{source}"
      {more}
    }}
    """


def output(value: str, name: str = "arn") -> str:
    return f"""
    output "{name}" {{
      value = {value}
    }}
    """


SPEAKING = """policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit" }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:111111111111:trail/*" }
        }
      },
    ]
  })"""
REGISTRY = "terraform-aws-modules/kms/aws"


def downloaded(root: str, **modules: str) -> Files:
    """The root's code, and the modules that `terraform init` has downloaded for its calls."""
    entries = [{"Key": name, "Source": REGISTRY, "Dir": f".terraform/modules/{name}"} for name in modules]
    files = {f".terraform/modules/{name}/main.tf": text for name, text in modules.items()}
    return {"main.tf": root, ".terraform/modules/modules.json": json.dumps({"ModuleLoader": entries}), **files}


def case(name: str, files: Union[str, Files], says: str = "", **expected: str) -> Case:
    """`expected` has the names of trails, stores, keys and policies, with `__` for a dot."""
    types = {
        "t": "aws_cloudtrail",
        "s": "aws_cloudtrail_event_data_store",
        "k": "aws_kms_key",
        "p": "aws_kms_key_policy",
    }
    found: Dict[str, str] = {}
    for written, result in expected.items():
        *modules, resource = written.split("__")
        found["".join(f"module.{module}." for module in modules) + f"{types[resource[0]]}.{resource}"] = result
    return Case(name, {"main.tf": files} if isinstance(files, str) else files, found, says)


UNSEEN = {
    "a variable without a value": (variable("k"), "var.k", "`${var.k}` is a variable without a value"),
    "a local of it": (
        variable("k")
        + """
        locals {
          k = var.k
        }
        """,
        "local.k",
        "`${var.k}` is a variable",
    ),
    "a literal": ("", LITERAL, "1234567890ab` is a literal"),
    "an output of a registry module": (
        call("kms", REGISTRY),
        "module.kms.key_arn",
        "`${module.kms.key_arn}` is an output of a module whose code is not at hand; run terraform get",
    ),
    "one of several such outputs": (
        call("kms", REGISTRY, "count = 2"),
        "module.kms[1].key_arn",
        "`${module.kms[1].key_arn}` is an output of a module",
    ),
    "what is left of them": (
        call("kms", REGISTRY, "count = var.kms ? 1 : 0") + variable("kms", "true"),
        "one(module.kms[*].key_arn)",
        "is an output of a module",
    ),
    "a data source": (
        """
        data "aws_kms_key" "k" {
          key_id = "alias/ct"
        }
        """,
        "data.aws_kms_key.k.arn",
        "`${data.aws_kms_key.k.arn}` is looked up by a data source",
    ),
    "another state": (
        'data "terraform_remote_state" "s" {}',
        "data.terraform_remote_state.s.outputs.key",
        "is read from another state",
    ),
    "an alias": ("", '"alias/ct"', "`alias/ct` is an alias that the scanned code does not declare"),
    "one of two, both unseen": (
        variable("k") + variable("a"),
        f"var.a ? var.k : {LITERAL}",
        "is a variable without a value",
    ),
    "a key, if any": (variable("k") + variable("a"), "var.a ? var.k : null", "is a variable without a value"),
    "a resource that is not there": ("", "aws_kms_key.gone.arn", "a key that the scanned code does not declare"),
    "one of some keys that say nothing of CloudTrail": (
        variable("i") + key("k", "count = 2"),
        "aws_kms_key.k[var.i].arn",
        "the code does not tell which key it is",
    ),
}
NO_KEY = {
    "nothing": ("", "null"),
    "an empty string": ("", '""'),
    "a variable that is null by default": (variable("k", "null"), "var.k"),
    "a variable that is empty by default": (variable("k", '""'), "var.k"),
    "an alias of AWS": ("", '"alias/aws/s3"'),
    "the ARN of one": ("", '"arn:aws:kms:us-east-1:111111111111:alias/aws/s3"'),
    "an alias of AWS that is looked up": (
        """
        data "aws_kms_alias" "a" {
          name = "alias/aws/s3"
        }
        """,
        "data.aws_kms_alias.a.target_key_arn",
    ),
    "the key behind an alias of AWS": (
        """
        data "aws_kms_key" "a" {
          key_id = "arn:aws:kms:us-east-1:111111111111:alias/aws/s3"
        }
        """,
        "data.aws_kms_key.a.arn",
    ),
}
FLAG = variable("create", "false")
COUNT = "count = var.create ? 1 : 0"
OFF = "it would if var.create were true (the default is false)"
SWITCHED_OFF = {
    # sentence: the variables, how often the key stands, what is said
    "a number": (variable("n", "0"), "count = var.n", "var.n were another one (the default is 0)"),
    "a map": (variable("keys", "{}"), "for_each = var.keys", "var.keys had members (the default is {})"),
    "a list": (variable("keys", "[]"), "for_each = toset(var.keys)", "var.keys had members (the default is [])"),
    "the length of a list": (variable("l", "[]"), "count = length(var.l)", "var.l had members (the default is [])"),
    "a text": (variable("t", '""'), 'count = var.t == "" ? 0 : 1', 'var.t were set (the default is "")'),
    "what is null": (variable("t", "null"), "count = var.t != null ? 1 : 0", "var.t were set (the default is null)"),
    "a flag that is true": (
        variable("off", "true"),
        "count = var.off ? 0 : 1",
        "var.off were false (the default is true)",
    ),
    "a number that has to be large": (
        variable("n", "0"),
        "count = var.n > 2 ? 1 : 0",
        "var.n were another one (the default is 0)",
    ),
    "a number in a text": (variable("n", '"0"'), "count = var.n", 'var.n were another one (the default is "0")'),
    "a set by its type": (
        """
        variable "s" {
          type    = set(string)
          default = []
        }
        """,
        "for_each = var.s",
        "var.s had members (the default is [])",
    ),
    "a member of an object": (
        """
        variable "o" {
          type    = object({ on = optional(bool, false) })
          default = {}
        }
        """,
        "count = var.o.on ? 1 : 0",
        'var.o were another one (the default is {"on" = false})',
    ),
    "the name of an environment": (
        variable("env", '"dev"'),
        'count = contains(["prod"], var.env) ? 1 : 0',
        'var.env were another one (the default is "dev")',
    ),
    "one flag among many that are on": (
        "".join(variable(f"f{n}", "true") for n in range(7))
        + variable("last", "false")
        + f"""
        locals {{
          made = {" && ".join(f"var.f{n}" for n in range(7))} && var.last
        }}
        """,
        "count = local.made ? 1 : 0",
        "var.last were true (the default is false)",
    ),
    "a flag and a number": (
        variable("on", "false") + variable("n", "0"),
        "count = var.on ? var.n : 0",
        "var.on were true (the default is false) and var.n were another one (the default is 0)",
    ),
}
KMS = key(more=SPEAKING) + output("aws_kms_key.k.arn")
MODULE = variable("key_arn") + trail("var.key_arn")

CASES = [
    *(
        case(f"a trail with {what}", before + trail(to), says, t=UNJUDGED)
        for what, (before, to, says) in UNSEEN.items()
    ),
    *(
        case(f"a store with {what}", before + store(to), says, s=UNJUDGED)
        for what, (before, to, says) in UNSEEN.items()
    ),
    *(case(f"a trail with {what} as its key", before + trail(to)) for what, (before, to) in NO_KEY.items()),
    case(
        "a trail that sets no key",
        """
        resource "aws_cloudtrail" "t" {
          name = "audit"
        }
        """,
    ),
    case("a trail with a seen key", key() + trail("aws_kms_key.k.arn"), k=JUDGED),
    case(
        "a trail with a seen key, or an unseen one",
        variable("a") + variable("o") + key() + trail("var.a ? aws_kms_key.k.arn : var.o"),
        k=JUDGED,
    ),
    case(
        "a trail whose key is elsewhere and whose key policy is here",
        variable("k") + trail("var.k") + policy("var.k"),
        p=JUDGED,
    ),
    case(
        "one of some keys that all are CloudTrail's",
        variable("i")
        + f"""
        resource "aws_kms_key" "k" {{
          count = 1
          {SPEAKING}
        }}
        """
        + trail("aws_kms_key.k[var.i].arn"),
        k=JUDGED,
    ),
    # ModuleLoader
    case(
        "what a called module is given counts",
        {
            "main.tf": call("a", "./trail", "key_arn = " + LITERAL),
            "trail/main.tf": MODULE,
        },
        "is a literal",
        a__t=UNJUDGED,
    ),
    case(
        "so it does when a seen key is given",
        {"main.tf": key() + call("a", "./trail", "key_arn = aws_kms_key.k.arn"), "trail/main.tf": MODULE},
        k=JUDGED,
    ),
    case(
        "of two calls, the one with an unseen key",
        {
            "main.tf": key()
            + variable("other")
            + call("a", "./trail", "key_arn = aws_kms_key.k.arn")
            + call("b", "./trail", "key_arn = var.other"),
            "trail/main.tf": MODULE,
        },
        "`${var.other}` is a variable",
        k=JUDGED,
        b__t=UNJUDGED,
    ),
    case("a module by itself, which nobody calls", {"modules/trail/main.tf": MODULE}),
    case("a literal counts even there", {"modules/trail/main.tf": trail(LITERAL)}, "is a literal", t=UNJUDGED),
    case("a folder that is no module", {"prod/main.tf": MODULE}, "is a variable without a value", t=UNJUDGED),
    # ModuleLoader that terraform init has downloaded
    case(
        "the records of a downloaded key stand on its trail",
        downloaded(call("kms", REGISTRY) + trail("module.kms.arn"), kms=KMS),
        t=JUDGED,
    ),
    case(
        "those of a key with two trails and a store stand on the first one",
        downloaded(
            call("kms", REGISTRY)
            + trail("module.kms.arn", "t2")
            + trail("module.kms.arn", "t1")
            + store("module.kms.arn"),
            kms=KMS,
        ),
        t1=JUDGED,
    ),
    case(
        "on the first of those that may use it",
        downloaded(
            variable("a")
            + call("kms", REGISTRY)
            + trail("module.kms.arn", "t2")
            + trail("var.a ? module.kms.arn : null", "t1"),
            kms=KMS,
        ),
        t1=JUDGED,
    ),
    case(
        "on no trail that the scanner does not show",
        downloaded(
            call("kms", REGISTRY) + call("ct", REGISTRY, "key_arn = module.kms.arn") + trail("module.kms.arn"),
            kms=KMS,
            ct=MODULE,
        ),
        t=JUDGED,
    ),
    case(
        "each of two downloaded keys",
        downloaded(
            call("one", REGISTRY)
            + call("two", REGISTRY)
            + trail("module.one.arn", "t1")
            + trail("module.two.arn", "t2"),
            one=KMS,
            two=KMS,
        ),
        t1=JUDGED,
        t2=JUDGED,
    ),
    case(
        "the rules of the policy stand on a policy that is shown",
        downloaded(
            call("kms", REGISTRY) + trail("module.kms.arn") + policy("module.kms.id"),
            kms=key() + output("aws_kms_key.k.arn") + output("aws_kms_key.k.key_id", "id"),
        ),
        t=JUDGED,
        p=JUDGED,
    ),
    case(
        "a policy that is not shown stands on the key",
        downloaded(
            key() + call("policy", REGISTRY, "key_id = aws_kms_key.k.id") + trail("aws_kms_key.k.arn"),
            policy=variable("key_id") + policy("var.key_id"),
        ),
        k=JUDGED,
    ),
    case(
        "a downloaded key that is not CloudTrail's is nobody's",
        downloaded(call("kms", REGISTRY) + key() + trail("aws_kms_key.k.arn"), kms=KMS),
        k=JUDGED,
    ),
    # Flags that are false by default
    case(
        "a key behind a flag",
        FLAG
        + f"""
        resource "aws_kms_key" "k" {{
          {COUNT}
          {SPEAKING}
        }}
        """,
        OFF,
        k=UNJUDGED,
    ),
    case(
        "a key and its trail behind a flag are one line",
        FLAG + key(more=COUNT) + trail("aws_kms_key.k[0].arn", more=COUNT),
        OFF,
        k=UNJUDGED,
    ),
    case(
        "with a policy of its own, too",
        FLAG
        + key(more=COUNT)
        + trail("one(aws_kms_key.k[*].arn)", more=COUNT)
        + policy("aws_kms_key.k[0].key_id", COUNT),
        OFF,
        k=UNJUDGED,
    ),
    case(
        "a key that a trail would use",
        FLAG + key(more=COUNT) + trail("var.create ? aws_kms_key.k[0].arn : null"),
        OFF,
        k=UNJUDGED,
    ),
    case("a trail behind a flag", FLAG + key() + trail("aws_kms_key.k.arn", more=COUNT), OFF, t=UNJUDGED),
    case("a trail behind a flag, with a key elsewhere", FLAG + trail(LITERAL, more=COUNT), OFF, t=UNJUDGED),
    case("a trail behind a flag, without a key", FLAG + trail("null", more=COUNT)),
    case("an unrelated key behind a flag", FLAG + key(more=COUNT) + "# cloudtrail\n"),
    case(
        "by for_each",
        FLAG + key(more="for_each = var.create ? toset(['a']) : toset([])\n".replace("'", '"') + SPEAKING),
        OFF,
        k=UNJUDGED,
    ),
    case(
        "by a comparison",
        FLAG
        + f"""
        resource "aws_kms_key" "k" {{
          count = var.create == true ? 1 : 0
          {SPEAKING}
        }}
        """,
        OFF,
        k=UNJUDGED,
    ),
    case(
        "behind two flags",
        FLAG
        + variable("more", "false")
        + f"""
        resource "aws_kms_key" "k" {{
          count = var.create && var.more ? 1 : 0
          {SPEAKING}
        }}
        """,
        "it would if var.create were true (the default is false) and var.more were true (the default is false)",
        k=UNJUDGED,
    ),
    *(
        case(
            f"behind {name}",
            declared
            + f"""
            resource "aws_kms_key" "k" {{
              {repeated}
              {SPEAKING}
            }}
            """,
            f"it would if {says}",
            k=UNJUDGED,
        )
        for name, (declared, repeated, says) in SWITCHED_OFF.items()
    ),
    case("an unrelated key behind a number", variable("n", "0") + key(more="count = var.n")),
    case(
        "behind a number that is set to 0",
        {
            "main.tf": variable("n", "0")
            + f"""
            resource "aws_kms_key" "k" {{
              count = var.n
              {SPEAKING}
            }}
            """,
            "terraform.tfvars": "n = 0\n",
        },
    ),
    case(
        "behind what a local works out",
        variable("names", "[]")
        + f"""
        locals {{
          made = length(var.names) > 0
        }}
        resource "aws_kms_key" "k" {{
          count = local.made ? 1 : 0
          {SPEAKING}
        }}
        """,
        "it would if var.names had members",
        k=UNJUDGED,
    ),
    case(
        "a module behind a map",
        {"main.tf": variable("trails", "{}") + call("kms", "./kms", "for_each = var.trails"), "kms/main.tf": KMS},
        "module.kms.aws_kms_key.k does not exist as its variables stand, so nothing was judged of it: "
        "it would if var.trails had members (the default is {})",
        kms__k=UNJUDGED,
    ),
    case(
        "a trail for each of no names",
        variable("names", "[]") + key() + trail("aws_kms_key.k.arn", more="for_each = toset(var.names)"),
        "aws_cloudtrail.t does not exist as its variables stand, so nothing was judged of it: "
        "it would if var.names had members (the default is [])",
        t=UNJUDGED,
    ),
    case(
        "a module behind a flag",
        {"main.tf": FLAG + call("kms", "./kms", COUNT), "kms/main.tf": KMS},
        OFF,
        kms__k=UNJUDGED,
    ),
    case(
        "a flag that is handed on",
        {
            "main.tf": FLAG + call("kms", "./kms", "create = var.create"),
            "kms/main.tf": FLAG
            + f"""
            resource "aws_kms_key" "k" {{
              {COUNT}
              {SPEAKING}
            }}
            """,
        },
        OFF,
        kms__k=UNJUDGED,
    ),
    case(
        "a flag that nobody can set from outside",
        {
            "main.tf": call("kms", "./kms"),
            "kms/main.tf": FLAG
            + f"""
            resource "aws_kms_key" "k" {{
              {COUNT}
              {SPEAKING}
            }}
            """,
        },
    ),
    case(
        "a flag that is set to false",
        {
            "main.tf": FLAG
            + f"""
            resource "aws_kms_key" "k" {{
              {COUNT}
              {SPEAKING}
            }}
            """,
            "terraform.tfvars": "create = false\n",
        },
    ),
    case(
        "a flag that takes a key away",
        FLAG
        + f"""
        resource "aws_kms_key" "k" {{
          count = var.create ? 0 : 1
          {SPEAKING}
        }}
        """,
        **{"k": JUDGED},
    ),
]


N = variable("n")
COUNTED, EACH = "count = var.n", "for_each = var.n"
NONE = "`count of aws_{}: ${{var.n}} makes none`"
DECIDED = "every rule could be decided"
WRONG = SPEAKING.replace("trail/audit", "trail/other")


class Open(NamedTuple):
    """The files of a folder, the resource that holds a policy, what 001 says of it, and words of 090."""

    name: str
    files: Files
    resource: str
    encrypts: str
    says: str


def counted(name: str, files: Union[str, Files], resource: str, encrypts: str, says: str) -> Open:
    return Open(name, {"main.tf": files} if isinstance(files, str) else files, resource, encrypts, says)


OPEN = [
    counted(
        "a policy that may not be there leaves open what the default policy does not give",
        N + key() + policy(more=COUNTED) + trail("aws_kms_key.k.arn"),
        "aws_kms_key_policy.p",
        "",
        NONE.format("kms_key_policy.p"),
    ),
    counted(
        "so it is with a flag",
        N + key() + policy(more="count = var.n ? 1 : 0") + trail("aws_kms_key.k.arn"),
        "aws_kms_key_policy.p",
        "",
        "${var.n} is false",
    ),
    counted(
        "a policy that is as good as the one in its place decides",
        N + key(more=SPEAKING) + policy(more=COUNTED) + trail("aws_kms_key.k.arn"),
        "aws_kms_key_policy.p",
        "PASSED",
        DECIDED,
    ),
    counted(
        "a trail that may not be there leaves open whether its name matters",
        N + key(more=WRONG) + trail("aws_kms_key.k.arn", more=COUNTED),
        "aws_kms_key.k",
        "",
        NONE.format("cloudtrail.t"),
    ),
    counted(
        "one that the policy names either way decides",
        N + key(more=SPEAKING) + trail("aws_kms_key.k.arn", more=COUNTED),
        "aws_kms_key.k",
        "PASSED",
        DECIDED,
    ),
    counted(
        "a trail in a module that may not be there",
        {
            "main.tf": N
            + key(more=WRONG)
            + f"""
            module "ct" {{
              source = "./ct"
              {COUNTED}
              key_arn = aws_kms_key.k.arn
            }}
            """,
            "ct/main.tf": MODULE,
        },
        "aws_kms_key.k",
        "",
        "`count of module.ct: ${var.n} makes none`",
    ),
    counted(
        "key, policy and trail for each of the same are there together",
        N
        + key(more=EACH)
        + policy("aws_kms_key.k[each.key].id", EACH)
        + trail("aws_kms_key.k[each.key].arn", more=EACH),
        "aws_kms_key_policy.p",
        "PASSED",
        DECIDED,
    ),
    counted(
        "so they are with the same count",
        N
        + key(more=COUNTED)
        + policy("aws_kms_key.k[count.index].id", COUNTED)
        + trail("aws_kms_key.k[count.index].arn", more=COUNTED),
        "aws_kms_key_policy.p",
        "PASSED",
        DECIDED,
    ),
    counted(
        "a trail with another count is not there with its key",
        N
        + variable("m")
        + f"""
        resource "aws_kms_key" "k" {{
          {EACH}
          {WRONG}
        }}
        """
        + trail('aws_kms_key.k["a"].arn', more="count = var.m"),
        "aws_kms_key.k",
        "",
        "`count of aws_cloudtrail.t: ${var.m} makes none`",
    ),
    counted(
        "so they are with the same flag, and with an index",
        N
        + key(more="count = var.n ? 1 : 0")
        + policy("aws_kms_key.k[0].id", "count = var.n ? 1 : 0")
        + trail("one(aws_kms_key.k[*].arn)", more="count = var.n ? 1 : 0"),
        "aws_kms_key_policy.p",
        "PASSED",
        DECIDED,
    ),
]


@pytest.fixture(scope="module")
def opened(scan: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("opened")
    for number, one in enumerate(OPEN):
        write(root / f"case_{number}", one.files)
    return scan("terraform", root)


@pytest.mark.parametrize("number", range(len(OPEN)), ids=[one.name for one in OPEN])
def test_open_number(opened: Any, number: int) -> None:
    one = OPEN[number]
    assert opened.errors == []
    here = opened.within(f"case_{number}")
    results = {
        record.check_id[-3:]: record.check_result["result"].value
        for record in here.records
        if record.resource == one.resource
    }
    assert results.get("001", "") == one.encrypts
    assert one.says in here.reason("090")


@pytest.fixture(scope="module")
def found(scan: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One scan of a tree with a folder for every case."""
    root = tmp_path_factory.mktemp("cases")
    for number, one in enumerate(CASES):
        write(root / f"case_{number}", one.files)
    return scan("terraform", root)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[one.name for one in CASES])
def test_records(found: Any, number: int) -> None:
    one = CASES[number]
    assert found.errors == []
    here = found.within(f"case_{number}")
    outcome = {resource.replace("[0]", ""): results for resource, results in here.outcome().items()}
    assert {
        resource: UNJUDGED if results == {"skipped": "090"} else JUDGED for resource, results in outcome.items()
    } == one.expected
    assert len(here.records) == len({(record.resource, record.check_id) for record in here.records})
    reasons = [record.check_result["ctkms"]["reason"] for record in here.records if record.check_id.endswith("_090")]
    assert any(one.says in reason for reason in reasons) or not one.expected


def test_a_module_that_checkov_fetches_itself(scan: Any, tmp_path: Path) -> None:
    """With --download-external-modules Checkov hands over a key of which Terraform's manifest does not know."""
    write(tmp_path / "module", {"main.tf": KMS})
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(tmp_path / "module")]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    source = "git::" + (tmp_path / "module").as_uri()
    write(tmp_path / "scanned", {"main.tf": call("kms", source) + trail("module.kms.arn")})
    assert set(scan("terraform", tmp_path / "scanned").outcome()) == {"aws_cloudtrail.t"}
    fetched = scan("terraform", tmp_path / "scanned", download=True)
    assert set(fetched.outcome()) == {"module.kms.aws_kms_key.k"}
    assert fetched.errors == []


def test_a_module_of_json_is_not_judged_by_itself(scan: Any, tmp_path: Path) -> None:
    """In the JSON syntax Checkov hands over the resources of a called module as those of its folder only."""

    def content(key_id: str, **more: Any) -> str:
        resources = {"aws_cloudtrail": {"t": {"name": "audit", "kms_key_id": key_id}}}
        return json.dumps({"resource": resources, **more})

    write(
        tmp_path,
        {
            "main.tf.json": content(LITERAL.strip('"'), module={"a": {"source": "./trail", "key_arn": "alias/ct"}}),
            "trail/main.tf.json": content("${var.key_arn}", variable={"key_arn": {}}),
        },
    )
    found = scan("terraform_json", tmp_path)
    reasons = {record.file_path: record.check_result["ctkms"]["reason"] for record in found.records}
    assert set(reasons) == {"/main.tf.json", "/trail/main.tf.json"}
    assert "is a literal" in reasons["/main.tf.json"]
    assert "`alias/ct` is an alias that the scanned code does not declare" in reasons["/trail/main.tf.json"]
    assert found.errors == []


# A trail in the root and its key in a module, each in one of Terraform's syntaxes; and where the key's records stand
# if Checkov is asked for one framework only.
SPLIT_BY_SYNTAX = [
    ("main.tf.json", "k/k.tf.json", {"terraform_json": "k", "terraform": ""}),
    ("main.tf", "k/k.tf.json", {"terraform_json": "k", "terraform": "t"}),
    ("main.tf.json", "k/k.tf", {"terraform_json": "t", "terraform": "k"}),
    ("main.tf", "k/k.tf", {"terraform_json": "", "terraform": "k"}),
    ("main.tf", "k.tf.json", {"terraform_json": "k", "terraform": "t"}),
    ("main.tf.json", "k.tf", {"terraform_json": "t", "terraform": "k"}),
]


@pytest.mark.parametrize(("trail_in", "key_in", "stands"), SPLIT_BY_SYNTAX)
def test_trail_and_key_in_two_syntaxes(trail_in: str, key_in: str, stands: Any, scan: Any, tmp_path: Path) -> None:
    """Each of Checkov's frameworks reads one syntax, and in JSON it follows no calls."""
    in_module = "/" in key_in
    document = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:1:trail/other"}},
            }
        ]
    }
    resource: Any = {"aws_kms_key": {"k": {"policy": json.dumps(document)}}}
    keys = {
        ".tf": f"""
        resource "aws_kms_key" "k" {{
          policy = jsonencode({json.dumps(document)})
        }}
        """
        + output("aws_kms_key.k.arn"),
        ".tf.json": json.dumps({"resource": resource, "output": {"arn": {"value": "${aws_kms_key.k.arn}"}}}),
    }
    named = "module.k.arn" if in_module else "aws_kms_key.k.arn"
    attributes = {"name": "audit", "s3_bucket_name": "logs", "kms_key_id": "${" + named + "}"}
    calls: Any = {"module": {"k": {"source": "./k"}}} if in_module else {}
    trails = {
        ".tf": (call("k", "./k") if in_module else "") + trail(named),
        ".tf.json": json.dumps({**calls, "resource": {"aws_cloudtrail": {"t": attributes}}}),
    }
    write(tmp_path, {trail_in: trails[syntax_of(trail_in)], key_in: keys[syntax_of(key_in)]})
    files = {"k": "/" + key_in, "t": "/" + trail_in}
    for framework, stands_on in stands.items():
        found = scan(framework, tmp_path)
        encrypts = [one for one in found.records if one.check_id.endswith("001")]
        results = {(one.file_path, one.check_result["result"].value) for one in encrypts}
        assert results == ({(files[stands_on], "FAILED")} if stands_on else set())
        assert len(found.records) == len({(one.file_path, one.check_id) for one in found.records})
        assert found.errors == []


def syntax_of(file: str) -> str:
    return ".tf.json" if file.endswith(".tf.json") else ".tf"


def test_with_both_syntaxes_records_stand_on_the_key_alone(scan: Any, tmp_path: Path) -> None:
    module = {"resource": {"aws_kms_key": {"k": {}}}, "output": {"arn": {"value": "${aws_kms_key.k.arn}"}}}
    write(tmp_path, {"main.tf": call("k", "./k") + trail("module.k.arn"), "k/k.tf.json": json.dumps(module)})
    frameworks = ("terraform", "terraform_json")
    found = {one: scan(one, tmp_path, frameworks=frameworks).records for one in frameworks}
    assert found["terraform"] == []
    assert {record.file_path for record in found["terraform_json"]} == {"/k/k.tf.json"}


def test_of_a_module_of_json_outside_of_the_scan_records_stand_on_the_trail(scan: Any, tmp_path: Path) -> None:
    module = {"resource": {"aws_kms_key": {"k": {}}}, "output": {"arn": {"value": "${aws_kms_key.k.arn}"}}}
    write(tmp_path, {"app/main.tf": call("k", "../k") + trail("module.k.arn"), "k/k.tf.json": json.dumps(module)})
    frameworks = ("terraform", "terraform_json")
    found = {one: scan(one, tmp_path / "app", frameworks=frameworks).outcome() for one in frameworks}
    assert set(found["terraform"]) == {"aws_cloudtrail.t"}
    assert found["terraform_json"] == {}


def test_a_module_of_json_that_is_called_twice_is_judged_for_both(tmp_path: Path) -> None:
    module = {
        "variable": {"name": {}},
        "resource": {
            "aws_kms_key": {"k": {}},
            "aws_cloudtrail": {"t": {"name": "${var.name}", "kms_key_id": "${aws_kms_key.k.arn}"}},
        },
    }
    write(
        tmp_path,
        {
            "one/main.tf": call("a", "../k", 'name = "a"') + call("b", "../k", 'name = "b"'),
            "two/main.tf.json": json.dumps({"module": {"c": {"source": "../k", "name": "c"}}}),
            "k/k.tf.json": json.dumps(module),
        },
    )
    subject = Tree(str(tmp_path)).subject(str(tmp_path / "k/k.tf.json"), (), "aws_kms_key.k")
    assert isinstance(subject, Subject)
    assert [trail.name for key in subject.scenarios for trail in key.trails] == ["a", "b", "c"]


def test_a_module_of_json_that_nothing_calls_is_judged_by_itself(tmp_path: Path) -> None:
    module = {"resource": {"aws_kms_key": {"k": {}}, "aws_cloudtrail": {"t": {"kms_key_id": "${aws_kms_key.k.arn}"}}}}
    write(tmp_path, {"main.tf": '# source = "./k"\n', "k/k.tf.json": json.dumps(module)})
    assert isinstance(Tree(str(tmp_path)).subject(str(tmp_path / "k/k.tf.json"), (), "aws_kms_key.k"), Subject)


def test_a_file_that_cannot_be_read_hides_no_trail(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_cloudtrail" "t" {\n  kms_key_id = {{{\n'})
    tree = Tree(str(tmp_path))
    found = tree.subject(str(tmp_path / "main.tf"), (), "aws_cloudtrail.t")
    assert isinstance(found, Unjudged)
    assert "aws_cloudtrail.t cannot be read: main.tf, line" in found.reason


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
