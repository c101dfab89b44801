"""Input that is made to cost much, as data: the files of each case by name, for the tests and the benchmark.

Every case has one key that a trail uses, so that all of it is read and judged. Most are small and grow while
they are worked out; others are as large as a pull request may be.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from ctkms.budgets import Budget, metered, spent
from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.subjects import Judged, findings_on, unreadable
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.template_text import Unread, read_service, read_template
from ctkms.iac.terraform.code_scan import Tree
from ctkms.iac.terraform.plan.plan_scan import PlanTree

Files = Mapping[str, str]

MAIN = {
    "terraform": "main.tf",
    "terraform_json": "main.tf.json",
    "terraform_plan": "plan.json",
    "cloudformation": "template.yaml",
    "serverless": "serverless.yml",
}
KEY = "aws_kms_key.logs"


FULL, SMALL, SMALLER = 1, 4, 10
divisor = FULL  # by which the largest cases are smaller; the tests need not wait for as much


def many(number: int) -> int:
    """How often something large is repeated."""
    return number // divisor


class Input(NamedTuple):
    """The files of a case, in the syntax of one framework."""

    framework: str
    files: Files


class Found(NamedTuple):
    """What came of a case: the findings by rule, and what was spent on them."""

    findings: Mapping[str, Finding]
    spent: Mapping[Budget, int]


def write(given: Input, folder: Path) -> None:
    """The files of a case, in a folder."""
    for name, text in given.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(framework: str, folder: Path) -> Optional[Judged]:
    """What is judged of the key."""
    with metered():
        return _READERS[framework](folder / MAIN[framework])


def work_out(framework: str, folder: Path) -> Found:
    """The findings on the key, the way the checks work them out."""
    with metered():
        findings = findings_on(_READERS[framework](folder / MAIN[framework]))
        return Found(findings, {budget: spent(budget) for budget in Budget})


def _from_code(file: Path) -> Optional[Judged]:
    return Tree(str(file.parent)).subject(str(file), (), KEY)


def _from_plan(file: Path) -> Optional[Judged]:
    return PlanTree(str(file)).subject("aws_kms_key", KEY)


def _from_template(read: Callable[[str], Any]) -> Callable[[Path], Optional[Judged]]:
    def subject(file: Path) -> Optional[Judged]:
        body = read(file.read_text(encoding="utf-8"))
        if not isinstance(body, dict):
            return unreadable("AWS::KMS::Key.Logs", True, body.why if isinstance(body, Unread) else "it is none")
        return Templates({str(file): body}).subject(str(file), "Logs")

    return subject


_READERS: Mapping[str, Callable[[Path], Optional[Judged]]] = {
    "terraform": _from_code,
    "terraform_json": _from_code,
    "terraform_plan": _from_plan,
    "cloudformation": _from_template(read_template),
    "serverless": _from_template(read_service),
}


# Terraform

ROOT = """{ Effect = "Allow", Action = "kms:*", Resource = "*",
      Principal = { AWS = "arn:aws:iam::111122223333:root" } }"""
SERVICE = """{ Effect = "Allow", Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*",
      Principal = { Service = "cloudtrail.amazonaws.com" },
      Condition = { StringEquals = {
        "aws:SourceArn" = %s
        "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
      } } }"""
TRAIL = """resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.logs.arn
}
"""
RIGHT = '"arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"'


def terraform(
    code: str = "", value: str = "local.hostile", trail: str = TRAIL, policy: str = "", **files: str
) -> Input:
    """Some code, beside a key whose policy compares `aws:SourceArn` with a value of it."""
    stated = policy or f'jsonencode({{ Version = "2012-10-17", Statement = [{ROOT}, {SERVICE % value}] }})'
    key = f'resource "aws_kms_key" "logs" {{\n  policy = {stated}\n}}\n'
    return Input("terraform", {"main.tf": f"{trail}{key}{code}", **files})


def _locals(lines: Sequence[str]) -> str:
    return "locals {\n" + "\n".join(f"  {line}" for line in lines) + "\n}\n"


def _chain(first: str, next_: str, length: int) -> Input:
    """Locals of which each is made of the one before it, which `next_` calls `@`."""
    lines = [f"a0 = {first}"]
    lines += [f"a{number} = {next_.replace('@', f'local.a{number - 1}')}" for number in range(1, length)]
    return terraform(_locals([*lines, f"hostile = local.a{length - 1}"]))


def _local(value: str, **others: str) -> Input:
    lines = [f"{name} = {one}" for name, one in others.items()]
    return terraform(_locals([*lines, f"hostile = {value}"]))


def _doubling_documents(which: str, sid: str = "") -> Input:
    blocks = [
        f"""data "aws_iam_policy_document" "d0" {{
  statement {{
    {sid}
    actions   = ["kms:*"]
    resources = ["*"]
    principals {{
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }}
  }}
}}
"""
    ]
    for number in range(1, 60):
        before = f"data.aws_iam_policy_document.d{number - 1}.json"
        blocks.append(f'data "aws_iam_policy_document" "d{number}" {{\n  {which} = [{before}, {before}]\n}}\n')
    return terraform("".join(blocks), policy="data.aws_iam_policy_document.d59.json")


def _repeated(code: str) -> Input:
    return terraform(code, value=RIGHT)


def _modules(levels: int, count: str) -> Input:
    """ModuleLoader that call modules, each several times."""
    files = {}
    for level in range(levels):
        call = f'module "next" {{\n  source = "../m{level + 1}"\n  count  = {count}\n}}\n'
        files[f"m{level}/main.tf"] = call
    files[f"m{levels}/main.tf"] = TRAIL.replace("aws_kms_key.logs.arn", '"alias/other"')
    given = terraform('module "first" {\n  source = "./m0"\n}\n', value=RIGHT)
    return Input("terraform", {**given.files, **files})


def _many_trails(number: int) -> Input:
    """Trails with conditions of their own: as many scenarios."""
    trails = [
        f"""variable "v{index}" {{}}
resource "aws_cloudtrail" "t{index}" {{
  name           = "t{index}"
  s3_bucket_name = "logs"
  kms_key_id     = var.v{index} ? aws_kms_key.logs.arn : "alias/other"
}}
"""
        for index in range(number)
    ]
    return terraform("".join(trails), value=RIGHT)


_TERRAFORM: Dict[str, Callable[[], Input]] = {
    "regex with many optional groups": lambda: _local(f'regex("^{"(a?)" * 25}{"a" * 25}$", "{"a" * 25}b")'),
    "regex with many alternatives": lambda: _local(f'regex("^{"(a|a)" * 24}$", "{"a" * 24}b")'),
    "regex with lazy optional groups": lambda: _local(f'regexall("{"(?:ab??)" * 30}c", "{"a" * 60}")'),
    "regex of repetitions, a thousand times": lambda: _local(
        f'[for i in range(1000) : regexall(".*.*b", "{"a" * 120}${{i}}")]'
    ),
    "source documents that double": lambda: _doubling_documents("source_policy_documents"),
    "override documents that double": lambda: _doubling_documents("override_policy_documents"),
    "override documents of open statements that double": lambda: _doubling_documents(
        "override_policy_documents", "sid = var.sid"
    ),
    "a text that doubles": lambda: _chain('"abcdefgh"', '"${@}${@}"', 60),
    "an open text that doubles": lambda: _chain("var.open", '"${@}-${@}"', 60),
    "an open list that doubles": lambda: _chain("[var.open]", "[@, @]", 60),
    "a list that doubles": lambda: _chain('["a"]', "concat(@, @)", 60),
    "a nested list that doubles": lambda: _chain('["a"]', "[@, @]", 60),
    "a map of maps that doubles": lambda: _chain('{ a = "b" }', "{ a = @, b = @ }", 60),
    "a map of open maps that doubles": lambda: _chain("{ a = var.open }", "merge({ a = @, b = @ }, { c = @ })", 60),
    "JSON that doubles": lambda: _chain("var.open", "jsonencode([@, @])", 60),
    "JSON in JSON in JSON": lambda: _chain('"\\""', "jsonencode({ a = @ })", 60),
    "texts that join double": lambda: _chain('["a", "b"]', 'split(",", join(",", concat(@, @)))', 60),
    "replacements that double": lambda: _chain('"aaaa"', 'replace(@, "a", "aa")', 60),
    "formats that double": lambda: _chain('"a"', 'format("%s%s", @, @)', 60),
    "lists of formats that double": lambda: _chain('["a"]', 'concat(formatlist("%s", @), formatlist("x%s", @))', 60),
    "open conditionals that double": lambda: _chain("var.open", "var.x ? [@, @] : {a = @}", 60),
    "open conditions that pile up": lambda: terraform(
        _locals(
            ["a0 = var.open"]
            + [f"a{n} = [local.a{n - 1}, var.c{n} ? 1 : 2][var.i]" for n in range(1, 3000)]
            + ["hostile = local.a2999"]
        )
    ),
    "comparisons of lists that double": lambda: _chain("[var.open]", "@ == [@, @] ? [@, @] : [@, @]", 60),
    "attempts at what doubles": lambda: _chain("[var.open]", "try([@, @], [@])", 60),
    "lengths of what doubles": lambda: _local(
        "length(local.b)", b="[for x in range(1000) : [for y in range(1000) : x]]"
    ),
    "what doubles can be negated": lambda: _local(
        '!can(join("", local.b))', b='flatten([for x in range(1000) : [for y in range(1000) : "x"]])'
    ),
    "loops in loops": lambda: _local("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]"),
    "open loops in open loops": lambda: _chain("var.open", "[for x in @ : [for y in @ : [x, y, @]]]", 40),
    "loops over loops": lambda: _chain("range(100)", "flatten([for x in @ : [for y in @ : y]])", 40),
    "products": lambda: _local("setproduct(range(1000), range(1000), range(1000))"),
    "products in a row": lambda: _chain("range(100)", "[for x in setproduct(@, range(100)) : x[0]]", 40),
    "templates with loops in loops": lambda: _local(
        '"' + "".join(f"%{{ for {name} in range(1000) }}" for name in "abc") + "${a}" + "%{ endfor }" * 3 + '"'
    ),
    "wide formats": lambda: _local(f'format("{"%999s" * many(100_000)}", {", ".join(["1"] * many(100_000))})'),
    "a format that is no verb for long": lambda: _local(f'format("%{"0" * many(30_000)}!", 1)'),
    "a wide format in a loop": lambda: _local(f'[for i in range(1000) : format("{"%[1]999s" * 2000}", i)]'),
    "joins in a loop": lambda: _local(
        '[for i in range(1000) : join("-", local.b)]', b='[for i in range(1000) : "aaaaaaaaaaaaaaaa"]'
    ),
    "long texts in a loop": lambda: _local("[for i in range(1000) : upper(local.b)]", b=f'"{"a" * many(500_000)}"'),
    "tests of a long text in a loop": lambda: _local(
        '[for i in range(1000) : strcontains(local.b, "ab")]', b=f'"{"a" * many(500_000)}"'
    ),
    "memberships in a loop": lambda: _local(
        "[for i in range(1000) : contains(local.b, i + 0.5)]", b="flatten([for i in range(15) : range(1000)])"
    ),
    "open memberships in a loop": lambda: _local(
        "[for i in local.b : contains(local.b, i)]", b=f"[{', '.join(f'var.v{n}' for n in range(2000))}]"
    ),
    "sets of long lists": lambda: _local(
        "setintersection(local.b, local.b)", b="flatten([for i in range(15) : [for j in range(1000) : i * 1000 + j]])"
    ),
    "distinct open values": lambda: _local(
        "distinct(local.b)",
        b=f"[{', '.join(f'{{ a = var.v{n}, b = local.c }}' for n in range(500))}]",
        c=f"[{', '.join(f'var.v{n}' for n in range(500))}]",
    ),
    "a long sum": lambda: _local(
        " + ".join(["var.open"] * 200)
        + "".join(f"\n  b{n} = {' + '.join([f'local.b{n + 1}'] * 200)}" for n in range(300))
    ),
    "long chains of locals": lambda: _chain("var.open", "[@]", 5000),
    "long chains of references": lambda: _local(
        "var.open" + "[var.open]" * 190 + "".join(f"\n  b{n} = local.b{n + 1}{'[var.open]' * 190}" for n in range(300))
    ),
    "many escapes in a text": lambda: _local('"' + "\\n" * many(480_000) + '"'),
    "many interpolations in a text": lambda: _local('"' + "${var.o}x" * many(100_000) + '"'),
    "many brackets": lambda: _local("[" * 50 + ",".join(["[]"] * many(300_000)) + "]" * 50),
    "many small maps": lambda: _local("[" + ",".join(["{}"] * many(300_000)) + "]"),
    "many open references": lambda: _local("[" + ",".join(["a.b"] * many(240_000)) + "]"),
    "blocks that are not closed": lambda: terraform(
        "".join(f"a{n} {{\n" for n in range(20)) + "a = 1\n" * many(160_000), value=RIGHT
    ),
    "lists that are not closed": lambda: terraform(
        "".join(f"a{n} = [\n" for n in range(20)) + "1,\n" * many(330_000), value=RIGHT
    ),
    "comments that are not closed": lambda: terraform("a /* \n" * many(160_000), value=RIGHT),
    "an instance count": lambda: _repeated(
        TRAIL.replace('"audit" {', '"others" {\n  count = 10000').replace(
            "aws_kms_key.logs.arn", '"alias/${count.index}"'
        )
    ),
    "an instance count of many blocks": lambda: _repeated(
        "".join(
            TRAIL.replace('"audit" {', f'"o{n}" {{\n  count = 9000').replace(
                "aws_kms_key.logs.arn", '"alias/${count.index}"'
            )
            for n in range(300)
        )
    ),
    "a loop of many roles": lambda: _repeated(
        "".join(
            f'resource "aws_iam_role" "r{n}" {{\n  count = 9000\n'
            + '  name = "r-${count.index}"\n  assume_role_policy = "{}"\n}\n'
            for n in range(100)
        )
    ),
    "trails for a set that doubles": lambda: _repeated(
        _locals(['b = [for x in range(1000) : [for y in range(1000) : "${x}-${y}"]]'])
        + TRAIL.replace('"audit" {', '"others" {\n  for_each = toset(flatten(local.b))')
    ),
    "all instances of many": lambda: _local("[for i in range(1000) : aws_cloudtrail.others[*].arn]")._replace(
        files={
            "main.tf": _local("[for i in range(1000) : aws_cloudtrail.others[*].arn]").files["main.tf"]
            + TRAIL.replace('"audit" {', '"others" {\n  count = 9000')
        }
    ),
    "modules in modules": lambda: _modules(10, "9"),
    "modules in modules in modules": lambda: _modules(50, "2"),
    "modules by the thousand": lambda: _modules(2, "3000"),
    "conditions of many trails": lambda: _many_trails(300),
    "dynamic blocks by the million": lambda: terraform(
        """data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = range(1000)
    content {
      actions   = ["kms:*"]
      resources = ["*"]
      dynamic "condition" {
        for_each = range(1000)
        content {
          test     = "StringEquals"
          variable = "aws:x${condition.value}"
          values   = [for x in range(1000) : x]
        }
      }
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
    }
  }
}
""",
        policy="data.aws_iam_policy_document.d.json",
    ),
    "statements with the same open Sid": lambda: terraform(
        'data "aws_iam_policy_document" "d" {\n'
        + 'statement {\n sid = "a${var.x}"\n actions = ["kms:*"]\n resources = ["*"]\n'
        + ' principals {\n type = "Service"\n identifiers = ["cloudtrail.amazonaws.com"]\n }\n}\n' * 4000
        + "}\n",
        policy="data.aws_iam_policy_document.d.json",
    ),
    "a policy with shared parts": lambda: terraform(
        _locals(
            ['a0 = ["kms:*"]']
            + [f"a{n} = concat(local.a{n - 1}, local.a{n - 1})" for n in range(1, 14)]
            + [
                's = [for i in range(20) : merge(local.p, { Effect = "Allow", Action = local.a13, Resource = "*" })]',
                'p = { Principal = { Service = "cloudtrail.amazonaws.com" } }',
            ]
        ),
        policy='jsonencode({ Version = "2012-10-17", Statement = local.s })',
    ),
    "types of types": lambda: terraform(
        f'variable "t" {{\n  type    = set(string)\n  default = {json.dumps([f"v{n}" for n in range(20000)])}\n}}\n'
        + _locals(["hostile = var.t"]),
    ),
    "a long name": lambda: _local("aws_x.y" + "".join(f'["{"k" * 3000}"]' for _ in range(190)) + ".z"),
}


def _json_terraform(hostile: Any, **more: Any) -> Input:
    statements = [
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    ]
    content = {
        "resource": {
            "aws_cloudtrail": {
                "audit": {"name": "audit", "s3_bucket_name": "logs", "kms_key_id": "${aws_kms_key.logs.arn}"}
            },
            "aws_kms_key": {
                "logs": {"policy": '${jsonencode({ Version = "2012-10-17", Statement = local.s })}', "x": hostile}
            },
        },
        "locals": {"s": statements, "hostile": hostile},
        **more,
    }
    return Input("terraform_json", {"main.tf.json": json.dumps(content)})


def _nested(levels: int, inside: Any, name: str = "a") -> Any:
    for _ in range(levels):
        inside = {name: inside}
    return inside


_TERRAFORM_JSON: Dict[str, Callable[[], Input]] = {
    "JSON nested deeply over many values": lambda: _json_terraform(_nested(250, ["a"] * many(80_000))),
    "JSON nested deeply over many blocks": lambda: _json_terraform(_nested(250, [{"b": {}}] * many(40_000))),
    "JSON of many interpolations": lambda: _json_terraform(["${var.a}"] * many(40_000)),
}


# Plans


def _plan(resources: List[Dict[str, Any]], changes: List[Dict[str, Any]], **root: Any) -> Input:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                }
            ],
        }
    )
    key = {"mode": "managed", "type": "aws_kms_key", "name": "logs", "address": KEY}
    content = {
        "format_version": "1.2",
        "resource_changes": [
            {**key, "change": {"actions": ["create"], "after": {"policy": policy}, "after_unknown": {"arn": True}}},
            *changes,
        ],
        "configuration": {"root_module": {"resources": [key, *resources], **root}},
    }
    return Input("terraform_plan", {"plan.json": json.dumps(content)})


def _planned(type_: str, name: str, after: Any, unknown: Any, expressions: Any) -> Input:
    """A plan with one more resource."""
    one = {"mode": "managed", "type": type_, "name": name, "address": f"{type_}.{name}"}
    change = {"actions": ["create"], "after": after, "after_unknown": unknown}
    return _plan([{**one, "expressions": expressions}], [{**one, "change": change}])


_TRAIL_AFTER = {"name": "audit", "s3_bucket_name": "logs"}

_PLANS: Dict[str, Callable[[], Input]] = {
    "a plan with many references": lambda: _planned(
        "aws_cloudtrail",
        "audit",
        _TRAIL_AFTER,
        {"kms_key_id": True},
        {"kms_key_id": {"references": [KEY + ".arn", KEY, *(f"aws_x.n{n}" for n in range(many(50_000)))]}},
    ),
    "a plan with many open blocks": lambda: _planned(
        "aws_cloudtrail",
        "audit",
        {**_TRAIL_AFTER, "event_selector": [{"a": f"{n}"} for n in range(many(9_000))]},
        {"kms_key_id": True, "event_selector": [{"b": True}] * many(9_000)},
        {
            "kms_key_id": {"references": [KEY + ".arn", KEY]},
            "event_selector": [
                {"a": {"constant_value": f"{n}"}, "b": {"references": ["var.b"]}} for n in range(many(9_001))
            ],
        },
    ),
    "a plan nested deeply": lambda: _planned(
        "aws_cloudtrail",
        "audit",
        {**_TRAIL_AFTER, "a": [_nested(220, [{"b": 1}] * many(20_000))]},
        {"kms_key_id": True, "a": [_nested(220, [{"b": True}] * many(20_000))]},
        {"kms_key_id": {"references": [KEY + ".arn", KEY]}, "a": [_nested(220, {})]},
    ),
    "a plan with many module calls and providers": lambda: _plan(
        [], [], module_calls={f"m{n}": {"module": {}} for n in range(many(10_000))}
    )._replace(
        files={
            "plan.json": json.dumps(
                {
                    **json.loads(
                        _plan([], [], module_calls={f"m{n}": {"module": {}} for n in range(many(10_000))}).files[
                            "plan.json"
                        ]
                    ),
                    "cloudtrail": 1,
                }
            ).replace(
                '"root_module"',
                '"provider_config": {'
                + ", ".join(f'"module.m{n}:aws": {{"name": "aws"}}' for n in range(many(10_000)))
                + '}, "root_module"',
            )
        }
    ),
    "a plan with many trails": lambda: _plan(
        [
            {
                "mode": "managed",
                "type": "aws_cloudtrail",
                "name": "t",
                "expressions": {"kms_key_id": {"references": [KEY + ".arn", KEY]}},
            }
        ],
        [
            {
                "mode": "managed",
                "type": "aws_cloudtrail",
                "name": "t",
                "index": n,
                "change": {"after": {**_TRAIL_AFTER, "name": f"t{n}"}, "after_unknown": {"kms_key_id": True}},
            }
            for n in range(many(6_000))
        ],
    ),
}


# CloudFormation

TEMPLATE = """Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: { IsLogging: true, S3BucketName: logs, TrailName: audit, KMSKeyId: !GetAtt Logs.Arn }
  Logs:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Action: "kms:*", Resource: "*", Principal: { AWS: "arn:aws:iam::111122223333:root" } }
          - Effect: Allow
            Action: ["kms:GenerateDataKey*", "kms:DescribeKey"]
            Resource: "*"
            Principal: { Service: cloudtrail.amazonaws.com }
            Condition:
              StringEquals:
                "aws:SourceArn": @
"""


def template(value: str, before: str = "", after: str = "") -> Input:
    """A key whose policy compares `aws:SourceArn` with a value."""
    return Input("cloudformation", {"template.yaml": before + TEMPLATE.replace("@", value) + after})


def _within(wrap: Callable[[str], str], times: int, first: str = "!Ref Open") -> str:
    """An expression in itself, in flow style."""
    for _ in range(times):
        first = wrap(first)
    return first


def _anchored(first: str, next_: str, length: int, use: str = "*a{}") -> Input:
    """Anchors of which each is made of the one before it, which `next_` calls `@`."""
    lines = [f"  a0: &a0 {first}"]
    lines += [f"  a{n}: &a{n} {next_.replace('@', f'*a{n - 1}')}" for n in range(1, length)]
    return template(use.format(length - 1), before="Metadata:\n" + "\n".join(lines) + "\n")


_EXTENDED = "Transform: AWS::LanguageExtensions\n"


def _loops(indent: str, times: int, items: str, member: str) -> str:
    """Loops in loops over a list."""
    names = "".join(f"${{V{level}}}" for level in range(times))
    inner = f"{{ 'T{names}': {member} }}"
    for level in range(times):
        inner = f"{{ 'Fn::ForEach::L{level}': [V{level}, {items}, {inner}] }}"
    return indent + inner[2:-2] + "\n"


_LONG = "x" * 1000

_CLOUDFORMATION: Dict[str, Callable[[], Input]] = {
    "joins in splits and back": lambda: _anchored(
        '["a", "b"]',
        '{ "Fn::Split": ["a", { "Fn::Join": ["aa", { "Fn::Split": ["b", { "Fn::Join": ["bbab", @ ] }] }] }] }',
        40,
        '{{ "Fn::Join": ["", *a{} ] }}',
    ),
    "substitutions that double": lambda: _anchored(_LONG, '{ "Fn::Sub": ["${A}${A}", { A: @ }] }', 40),
    "open substitutions that double": lambda: _anchored("{ Ref: Open }", '{ "Fn::Sub": ["${A}-${A}", { A: @ }] }', 40),
    "substitutions of one long text": lambda: _anchored(_LONG, f'{{ "Fn::Sub": ["{"${A}" * 1000}", {{ A: @ }}] }}', 10),
    "joins that double": lambda: _anchored(_LONG, '{ "Fn::Join": ["", [@ , @ ]] }', 40),
    "joins of open values that double": lambda: _anchored("{ Ref: Open }", '{ "Fn::Join": [",", [@ , @ ]] }', 40),
    "a list of aliases that doubles": lambda: _anchored('["x"]', "[@ , @ , @ , @ , @ , @ , @ , @ , @ ]", 40),
    "a list of aliases that is joined": lambda: _anchored(
        '["x"]', "[@ , @ , @ , @ , @ , @ , @ , @ , @ ]", 40, '{{ "Fn::Join": ["", *a{} ] }}'
    ),
    "a list of aliases as JSON": lambda: _anchored(
        '["x"]', "[@ , @ , @ , @ , @ , @ , @ , @ , @ ]", 40, '{{ "Fn::ToJsonString": *a{} }}'
    ),
    "a map of aliases that doubles": lambda: _anchored("{ a: x }", "{ a: @ , b: @ , c: @ }", 40),
    "aliases that are merged": lambda: _anchored("{ a: x }", "{ <<: [@ , @ , @ , @ , @ , @ , @ , @ , @ ] }", 40),
    "aliases up to the limit": lambda: _anchored('["x"]', "[@ , @ , @ , @ , @ , @ , @ , @ , @ , @ ]", 5),
    "JSON in JSON": lambda: _anchored('"\\""', '{ "Fn::ToJsonString": [@ , @ ] }', 40),
    "Base64 in Base64": lambda: _anchored(f'"{_LONG}"', '{ "Fn::Base64": @ }', 49),
    "conditions in conditions": lambda: template(
        _within(lambda inner: f'{{ "Fn::If": [C, {inner}, {inner}] }}', 14),
        before="Conditions: { C: { 'Fn::Equals': [{ Ref: Open }, a] } }\n",
    ),
    "many conditions": lambda: template(
        "[" + ", ".join(f'{{ "Fn::If": [C{n}, a{n}, b{n}] }}' for n in range(3000)) + "]",
        before="Conditions:\n" + "".join(f"  C{n}: {{ 'Fn::Equals': [{{ Ref: P{n} }}, a] }}\n" for n in range(3000)),
    ),
    "conditions of conditions": lambda: template(
        '{ "Fn::If": [C400, a, b] }',
        before="Conditions:\n  C0: { 'Fn::Equals': [{ Ref: P }, a] }\n"
        + "".join(
            f"  C{n}: {{ 'Fn::Or': [{{ Condition: C{n - 1} }}, {{ 'Fn::Equals': [{{ Ref: P{n} }}, a] }}] }}\n"
            for n in range(1, 401)
        ),
    ),
    "an equation with many open parts": lambda: template(
        '{ "Fn::If": [C, a, b] }',
        before=f"Conditions: {{ C: {{ 'Fn::Equals': [{{ 'Fn::Sub': '{'${P}a' * 40}b' }}, '{'a' * 5000}'] }} }}\n",
    ),
    "equations with many open parts": lambda: template(
        '{ "Fn::If": [C299, a, b] }',
        before="Conditions:\n  C0: { 'Fn::Equals': [a, b] }\n"
        + "".join(
            f"  C{n}: {{ 'Fn::Or': [{{ Condition: C{n - 1} }}, "
            f"{{ 'Fn::Equals': [{{ 'Fn::Sub': '{'${P}a' * 100}b' }}, '{'a' * 2000}'] }}] }}\n"
            for n in range(1, 300)
        ),
    ),
    "maps with open keys": lambda: template(
        "[" + ", ".join('{ "Fn::FindInMap": [M, { Ref: A }, { Ref: B }] }' for _ in range(2000)) + "]",
        before="Mappings:\n  M:\n"
        + "".join(f"    r{n}: {{ {', '.join(f'c{m}: v' for m in range(100))} }}\n" for n in range(500)),
    ),
    "maps in maps": lambda: template(
        _within(lambda inner: f'{{ "Fn::FindInMap": [M, {inner}, {inner}] }}', 14),
        before="Mappings: { M: { a: { a: a } } }\n",
    ),
    "a number of many digits": lambda: template("9" * many(900_000)),
    "a number of many sixties": lambda: template("1" + ":11" * many(300_000)),
    "a number of many octals": lambda: template("0" + "7" * many(900_000)),
    "a fraction of many sixties": lambda: template("1" + ":11" * many(300_000) + ".5"),
    "a list of many short texts": lambda: template("[" + "a," * many(450_000) + "a]"),
    "a list of many empty lists": lambda: template("[" + "[]," * many(300_000) + "[]]"),
    "a list of many references": lambda: template("[" + "!Ref A," * many(100_000) + "!Ref A]"),
    "a text of many references": lambda: template("!Sub '" + "${A}b" * many(180_000) + "'"),
    "lists nested deeply": lambda: template("[" * 900 + "]" * 900),
    "keys nested deeply": lambda: template("{a: " * 900 + "b" + "}" * 900),
    "a text that is split to pieces": lambda: template(
        f'{{ "Fn::Select": [0, {{ "Fn::Split": [",", "{"," * many(900_000)}"] }}] }}'
    ),
    "many trails": lambda: template(
        "a",
        after="".join(
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', Properties: {{ KMSKeyId: !Ref Logs, TrailName: t{n} }} }}\n"
            for n in range(many(5_000))
        ),
    ),
    "many trails with conditions": lambda: template(
        "a",
        before="Conditions:\n" + "".join(f"  C{n}: {{ 'Fn::Equals': [{{ Ref: P{n} }}, a] }}\n" for n in range(1000)),
        after="".join(
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', Condition: C{n}, "
            f"Properties: {{ KMSKeyId: !Ref Logs, TrailName: t{n} }} }}\n"
            for n in range(1000)
        ),
    ),
    "many stack sets": lambda: template(
        "x",
        after="".join(
            f"  S{n}: {{ Type: AWS::CloudFormation::StackSet, Properties: {{ TemplateBody: "
            f"'Resources: {{ T: {{ Type: AWS::CloudTrail::Trail, Properties: {{ KMSKeyId: !Ref K }} }} }}' }} }}\n"
            for n in range(many(6_000))
        ),
    ),
    "a stack set of aliases that double": lambda: template(
        "x",
        after="  S:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: |\n"
        + "        a0: &a0 [CloudTrail]\n"
        + "".join(f"        a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, many(20_000))),
    ),
    "many values from another Region": lambda: template(
        "[" + ", ".join(f"!GetAtt R.x{n}" for n in range(many(8_000))) + "]",
        after="  R: { Type: Custom::CrossRegionExportReader }\n"
        + "".join(
            f"  W{n}: {{ Type: Custom::CrossRegionExportWriter, Properties: {{ WriterProps: {{ region: '' }} }} }}\n"
            for n in range(many(8_000))
        ),
    ),
    "many outputs of other stacks": lambda: template(
        "[" + ", ".join(f"!GetStackOutput {{ StackName: s, OutputName: O{n} }}" for n in range(many(16_000))) + "]"
    ),
    "many roles": lambda: template(
        "a",
        after="".join(
            f"  R{n}: {{ Type: 'AWS::IAM::Role', Properties: {{ RoleName: r{n}, AssumeRolePolicyDocument: {{}} }} }}\n"
            for n in range(many(8_000))
        ),
    ),
    "loops that multiply": lambda: template(
        "a",
        before=_EXTENDED,
        after=_loops("  ", 6, "[a, b, c, d, e, f, g, h, i, j]", "{ Type: 'AWS::CloudTrail::Trail' }"),
    ),
    "loops of properties that multiply": lambda: template(
        "a",
        before=_EXTENDED,
        after="  T:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n"
        + _loops("      ", 6, "[a, b, c, d, e, f, g, h, i, j]", "!Ref V0"),
    ),
    "many loops": lambda: template(
        "a",
        before=_EXTENDED,
        after="".join(
            f"  Fn::ForEach::L{n}: [V, [a, b], {{ 'T{n}${{V}}': {{ Type: 'AWS::CloudTrail::Trail', "
            f"Properties: {{ KMSKeyId: !Ref Logs, TrailName: 't{n}${{V}}' }} }} }}]\n"
            for n in range(many(4_000))
        ),
    ),
    "many loops of unknown lists": lambda: template(
        "a",
        before=_EXTENDED,
        after="".join(
            f"  Fn::ForEach::L{n}: [V, !Ref P, {{ 'T{n}${{V}}': {{ Type: 'AWS::CloudTrail::Trail', "
            f"Properties: {{ KMSKeyId: !Ref Logs, TrailName: 't{n}${{V}}' }} }} }}]\n"
            for n in range(many(4_000))
        ),
    ),
    "many loops of lists that take long": lambda: template(
        "a",
        before=_EXTENDED + f"Parameters: {{ Long: {{ Type: String, Default: '{'x,' * many(20_000)}' }} }}\n",
        after="".join(
            f"  Fn::ForEach::L{n}: [V, !Split ['{n}', !Join ['-', !Split [',', !Ref Long]]], "
            f"{{ 'T{n}&{{V}}': {{ Type: 'AWS::CloudTrail::Trail' }} }}]\n"
            for n in range(many(2_000))
        ),
    ),
    "a loop of one long list": lambda: template(
        "a",
        before=_EXTENDED,
        after=f"  Fn::ForEach::L: [V, [{', '.join(f'i{n}' for n in range(many(60_000)))}], "
        "{ 'T${V}': { Type: 'AWS::CloudTrail::Trail' } }]\n",
    ),
    "entries that double": lambda: template(
        "'{{resolve:ssm:/e0}}'",
        after="".join(
            f"  E{n}: {{ Type: 'AWS::SSM::Parameter', Properties: "
            f"{{ Name: /e{n}, Value: '{{{{resolve:ssm:/e{n + 1}}}}}{{{{resolve:ssm:/e{n + 1}}}}}' }} }}\n"
            for n in range(1000)
        ),
    ),
    "many entries of open names": lambda: template(
        "a",
        after="".join(
            f"  E{n}: {{ Type: 'AWS::SSM::Parameter', Properties: {{ Name: !Sub '/${{P{n}}}', Value: !Ref Logs }} }}\n"
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', "
            f"Properties: {{ KMSKeyId: '{{{{resolve:ssm:/e{n}}}}}', TrailName: t{n} }} }}\n"
            for n in range(1500)
        ),
    ),
    "many aliases of names that may be another's": lambda: template(
        "a",
        after="".join(
            f"  A{n}: {{ Type: 'AWS::KMS::Alias', "
            f"Properties: {{ AliasName: !Sub 'alias/${{P{n}}}', TargetKeyId: !Ref Logs }} }}\n"
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', Properties: {{ KMSKeyId: alias/t{n}, TrailName: t{n} }} }}\n"
            for n in range(1500)
        ),
    ),
    "many outputs of one name": lambda: template(
        "a",
        after="".join(
            f"  N{n}: {{ Type: 'AWS::CloudFormation::Stack', "
            f"Properties: {{ TemplateURL: !Ref P, Parameters: {{ K: !GetAtt Logs.Arn }} }} }}\n"
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', Properties: {{ KMSKeyId: !GetAtt N{n}.Outputs.K }} }}\n"
            for n in range(1500)
        )
        + "Outputs: { K: { Value: !GetAtt Logs.Arn } }\nParameters: { K: { Type: String } }\n",
    ),
    "many aliases of open names": lambda: template(
        "a",
        after="".join(
            f"  A{n}: {{ Type: 'AWS::KMS::Alias', "
            f"Properties: {{ AliasName: !Sub 'alias/${{P{n}}}', TargetKeyId: !Ref Logs }} }}\n"
            f"  T{n}: {{ Type: 'AWS::CloudTrail::Trail', "
            f"Properties: {{ KMSKeyId: !Sub 'alias/${{P{n}}}', TrailName: t{n} }} }}\n"
            for n in range(1500)
        ),
    ),
}


def _service(custom: str, value: str) -> Input:
    resources = "".join(f"  {line}\n" for line in TEMPLATE.replace("@", value).splitlines())
    return Input("serverless", {"serverless.yml": f"service: s\ncustom:\n{custom}resources:\n{resources}"})


def _variables(next_: str, length: int) -> str:
    lines = ["  a0: abcdefgh"]
    lines += [f"  a{n}: {next_.replace('@', f'${{self:custom.a{n - 1}}}')}" for n in range(1, length)]
    return "\n".join(lines) + "\n"


_SERVERLESS: Dict[str, Callable[[], Input]] = {
    "variables that double": lambda: _service(_variables("'@@'", 35), "'${self:custom.a34}'"),
    "variables in substitutions that double": lambda: _service(
        _variables("{ 'Fn::Sub': '@@' }", 35), "'${self:custom.a34}'"
    ),
    "variables of lists that double": lambda: _service(_variables("['@', '@']", 35), "'${self:custom.a34}'"),
}


# Policies: what is asked of them costs, however they were read. An honest one is decided.


def policy(statements: Sequence[Mapping[str, Any]]) -> Input:
    """A key with this policy, and a trail that uses it."""
    text = json.dumps(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    return terraform(policy=text.replace("${", "$${").replace("%{", "%%{"))


ALL: Mapping[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
GRANT: Mapping[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}, "StringLike": {CONTEXT: TRAIL_ARN}},
}
DESCRIBE: Mapping[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "kms:DescribeKey",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
}
READ: Mapping[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {
        "StringEquals": {"kms:CallerAccount": "111122223333"},
        "StringLike": {CONTEXT: "arn:aws:cloudtrail:*:111122223333:trail/*"},
    },
}


def _statement(effect: str, action: Any, **condition: Any) -> Mapping[str, Any]:
    return {"Effect": effect, "Principal": {"AWS": "*"}, "Action": action, "Resource": "*", "Condition": condition}


_SSO = "AWSReservedSSO_Set"


def _spared(patterns: Iterable[str]) -> Mapping[str, Any]:
    """A Deny that spares the roles of some patterns, and AWS's services."""
    spared = {"ArnNotLike": {"aws:PrincipalArn": list(patterns)}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
    return {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": spared}


def _tagged(number: int) -> List[Mapping[str, Any]]:
    """Pairs of Allow and Deny on tags of their own."""
    return [
        _statement(
            effect, "kms:Decrypt", StringLike={f"aws:PrincipalTag/t{number}{k}": ["a*b", "c?d", "*"] for k in range(4)}
        )
        for effect in ("Allow", "Deny")
    ]


_POLICIES: Dict[str, Callable[[], Input]] = {
    "40 statements with ARN patterns": lambda: policy(
        [
            ALL,
            *(
                _statement(
                    "Allow",
                    "kms:Decrypt",
                    ArnLike={"aws:PrincipalArn": [f"arn:aws:iam::*:role/{n}*{k}?*" for k in range(6)]},
                )
                for n in range(40)
            ),
        ]
    ),
    "40 Deny statements with ARN patterns": lambda: policy(
        [
            ALL,
            *(
                _statement(
                    "Deny",
                    "kms:*",
                    ArnNotLike={"aws:PrincipalArn": [f"arn:aws:iam::*:role/{n}*{k}?*" for k in range(6)]},
                )
                for n in range(40)
            ),
        ]
    ),
    "200 patterns of principals": lambda: policy(
        [
            ALL,
            _statement(
                "Allow",
                "kms:Decrypt",
                StringLike={"aws:PrincipalArn": [f"arn:aws:iam::*:role/*{n}*a?b*" for n in range(200)]},
            ),
        ]
    ),
    "eight pairs with tags": lambda: policy([ALL, *(one for n in range(8) for one in _tagged(n))]),
    "1,200 misspelt keys": lambda: policy(
        [ALL, {**GRANT, "Condition": {"StringEquals": {f"aws:SuorceArn{n}": "a" for n in range(1200)}}}]
    ),
    "1,200 misspelt actions": lambda: policy(
        [ALL, {**GRANT, "Action": [f"kms:GenerateDataKeey{n}" for n in range(1200)]}]
    ),
    "1,200 misspelt operators": lambda: policy(
        [ALL, {**GRANT, "Condition": {f"StrnigEquals{n}": {"aws:SourceArn": "a"} for n in range(1200)}}]
    ),
    "a pattern of many stars": lambda: policy(
        [ALL, {**GRANT, "Condition": {"StringLike": {"aws:SourceArn": "*" + "a?" * 5000}}}]
    ),
    "a pattern of many stars and letters": lambda: policy(
        [ALL, {**GRANT, "Condition": {"StringLike": {"aws:SourceArn": "*a" * 8000}}}]
    ),
    "patterns of stars against a long value": lambda: terraform(
        trail=TRAIL.replace('"audit"\n', f'"{"a" * many(10_000)}"\n'),
        policy=json.dumps(
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        ALL,
                        {
                            **GRANT,
                            "Condition": {
                                "StringLike": {"aws:SourceArn": ["*" + "a?" * 300 + str(n) for n in range(40)]}
                            },
                        },
                    ],
                }
            )
        ),
    ),
    "10,000 open values": lambda: terraform(_locals([f"hostile = [{', '.join(f'var.v{n}' for n in range(10000))}]"])),
    "10,000 values that are open in part": lambda: terraform(
        _locals(["hostile = [" + ", ".join(f'"arn:aws:${{var.v{n}}}:a"' for n in range(10000)) + "]"])
    ),
    "32 KB of resources": lambda: policy(
        [ALL, {**GRANT, "Resource": [f"arn:aws:kms:*:*:key/*{n}*" for n in range(1000)]}]
    ),
    "32 KB of actions": lambda: policy([ALL, {**GRANT, "Action": [f"kms:*{n}*a*" for n in range(1500)]}]),
    "32 KB of services": lambda: policy(
        [ALL, {**GRANT, "Principal": {"Service": [f"s{n}.amazonaws.com" for n in range(1300)]}}]
    ),
    "32 KB of principals": lambda: policy(
        [ALL, {**GRANT, "Principal": {"AWS": [f"arn:aws:iam::{n:012}:root" for n in range(700)]}}]
    ),
    "32 KB of condition keys": lambda: policy(
        [ALL, _statement("Allow", "kms:Decrypt", StringLike={f"aws:PrincipalTag/t{n}": "a*" for n in range(1000)})]
    ),
    "32 KB of statements": lambda: policy(
        [ALL, *[{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}] * 350]
    ),
    "32 KB of denials": lambda: policy(
        [
            ALL,
            *(
                _statement("Deny", "kms:*", StringNotLike={"aws:PrincipalArn": f"arn:aws:iam::*:*/{n}*"})
                for n in range(200)
            ),
        ]
    ),
    "32 KB of policy variables": lambda: policy(
        [ALL, _statement("Allow", "kms:Decrypt", StringLike={"aws:PrincipalArn": ["${aws:username}*" * 20] * 90})]
    ),
    "32 KB of addresses": lambda: policy(
        [
            ALL,
            _statement(
                "Deny", "kms:*", NotIpAddress={"aws:SourceIp": [f"10.{n // 250}.{n % 250}.0/24" for n in range(2000)]}
            ),
        ]
    ),
    "60 denials by networks": lambda: policy(
        [
            ALL,
            *(
                _statement("Deny", "kms:*", NotIpAddress={"aws:SourceIp": [f"{1000 + n}:0::/32" for n in range(18)]})
                for _ in range(60)
            ),
        ]
    ),
    "50 conditions on dates": lambda: policy(
        [
            ALL,
            *(
                _statement(
                    "Allow",
                    "kms:Decrypt",
                    DateNotEquals={"aws:CurrentTime": [f"2031-04-{n:02}T00:00:{m:02}.7+01:00" for n in range(1, 16)]},
                )
                for m in range(50)
            ),
        ]
    ),
    "250 open principals": lambda: terraform(
        policy='jsonencode({ Version = "2012-10-17", Statement = ['
        + ", ".join(
            f'{{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = {{ AWS = "arn:aws:iam::${{var.a{n}}}'
            f':role/x${{var.b{n}}}" }} }}'
            for n in range(250)
        )
        + "] })"
    ),
    "32 KB of operators": lambda: policy(
        [
            ALL,
            *(
                _statement(
                    "Allow",
                    "kms:Decrypt",
                    **{
                        o: {"aws:PrincipalAccount": f"{n:012}"}
                        for o in (
                            "StringEquals",
                            "StringLike",
                            "StringNotEquals",
                            "StringNotLike",
                            "StringEqualsIgnoreCase",
                        )
                    },
                )
                for n in range(90)
            ),
        ]
    ),
}

_HONEST: Dict[str, Callable[[], Input]] = {
    "50 patterns of roles of the single sign-on": lambda: policy(
        [
            ALL,
            GRANT,
            READ,
            _spared(f"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/{_SSO}{n}_*" for n in range(50)),
        ]
    ),
    "150 accounts, each with a pattern": lambda: policy(
        [ALL, GRANT, READ, _spared(f"arn:aws:iam::{400000000000 + n}:role/Admin*" for n in range(150))]
    ),
    "200 accounts that read, behind two guards": lambda: policy(
        [
            ALL,
            GRANT,
            {**READ, "Principal": {"AWS": [f"arn:aws:iam::{400000000000 + n}:root" for n in range(200)]}},
            _statement(
                "Deny",
                "kms:*",
                StringNotEquals={"aws:PrincipalOrgID": "o-abcdefghij"},
                Bool={"aws:PrincipalIsAWSService": "false"},
            ),
            _spared(f"arn:aws:iam::*:role/part-{n}*" for n in range(5)),
        ]
    ),
    "80 statements for accounts and services": lambda: policy(
        [
            ALL,
            GRANT,
            READ,
            *(
                _statement(
                    "Allow",
                    ["kms:Decrypt", "kms:Encrypt"],
                    StringEquals={
                        "kms:CallerAccount": f"{400000000000 + n}",
                        "kms:ViaService": "s3.us-east-1.amazonaws.com",
                    },
                )
                for n in range(80)
            ),
        ]
    ),
    "100 statements": lambda: policy(
        [
            ALL,
            GRANT,
            READ,
            *(
                {**READ, "Sid": f"S{n}", "Principal": {"AWS": f"arn:aws:iam::111122223333:role/reader-{n}"}}
                for n in range(97)
            ),
        ]
    ),
    "200 patterns": lambda: policy(
        [
            ALL,
            GRANT,
            {
                **READ,
                "Condition": {
                    **READ["Condition"],
                    "ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::111122223333:role/team-{n}/*" for n in range(200)]},
                },
            },
        ]
    ),
    "32 KB": lambda: policy(
        [
            ALL,
            GRANT,
            READ,
            {
                **READ,
                "Principal": {
                    "AWS": [f"arn:aws:iam::111122223333:role/application/reader-number-{n}" for n in range(500)]
                },
            },
        ]
    ),
}

HOSTILE: Mapping[str, Callable[[], Input]] = {
    **_TERRAFORM,
    **_TERRAFORM_JSON,
    **_PLANS,
    **_CLOUDFORMATION,
    **_SERVERLESS,
}
POLICIES: Mapping[str, Callable[[], Input]] = _POLICIES
HONEST: Mapping[str, Callable[[], Input]] = _HONEST


def harmless(size: int, framework: str) -> Input:
    """Input of the same size that asks for nothing: the key, and resources that have nothing to do with it."""
    fillers = range(size // _FILLER_SIZE[framework])
    return _FILLED[framework](fillers)


def _filled_terraform(fillers: Sequence[int]) -> Input:
    blocks = (f'resource "aws_sns_topic" "filler_{n}" {{\n  name = "filler-{n}"\n}}\n' for n in fillers)
    return terraform("".join(blocks), value=RIGHT)


def _filled_json(fillers: Sequence[int]) -> Input:
    return _json_terraform("", output={f"o{n}": {"value": f"filler-{n}", "description": "filler"} for n in fillers})


def _filled_plan(fillers: Sequence[int]) -> Input:
    return _plan(
        [],
        [
            {
                "mode": "managed",
                "type": "aws_sns_topic",
                "name": f"filler_{n}",
                "change": {"after": {"name": f"filler-{n}"}, "after_unknown": {"arn": True}},
            }
            for n in fillers
        ],
    )


def _filled_template(fillers: Sequence[int]) -> Input:
    blocks = (f"  T{n}: {{ Type: 'AWS::SNS::Topic', Properties: {{ TopicName: t{n} }} }}\n" for n in fillers)
    return template(TRAIL_ARN, after="".join(blocks))


def _filled_service(fillers: Sequence[int]) -> Input:
    return _service(
        "".join(f"  filler{n}: some text that says nothing, {n}\n" for n in fillers) or "  a: 1\n", TRAIL_ARN
    )


_FILLED: Mapping[str, Callable[[Sequence[int]], Input]] = {
    "terraform": _filled_terraform,
    "terraform_json": _filled_json,
    "terraform_plan": _filled_plan,
    "cloudformation": _filled_template,
    "serverless": _filled_service,
}
_FILLER_SIZE = {"terraform": 70, "terraform_json": 70, "terraform_plan": 160, "cloudformation": 70, "serverless": 45}
