"""Terraform files with a trail in which values are hidden, for the law that hiding a value flips no claim.

A file is made of slots, each a variable with a default. Hidden, the default is left out, and then nobody
knows the value. What passes or fails with some values hidden has to do so, or be left open, with any
other values in their place: the hidden file is judged once, and each way to fill it in is, too.

Ways that AWS would refuse are none: a policy that KMS does not accept, or that locks everybody out.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ctkms.cloudtrail.findings import FAILED
from ctkms.cloudtrail.subjects import findings_on
from ctkms.iac.terraform.code_scan import Tree

A, B = "111111111111", "222222222222"
ACCOUNTS = (A, A, A, B)
REGIONS = ("us-east-1", "us-east-1", "us-west-2")
NAMES = ("audit", "audit", "audit-2", "org")
OWN = "${data.aws_caller_identity.me.account_id}"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
SERVICE_ACTIONS = ("kms:GenerateDataKey*", "kms:GenerateDataKey*", "kms:*", "kms:D*", "kms:DescribeKey", "kms:Decrypt")
PEOPLE_ACTIONS = ("kms:*", "kms:Decrypt", "kms:PutKeyPolicy", "kms:Describe*")


class Flip(NamedTuple):
    """A claim about a file with hidden values that does not hold for some values."""

    rule: str
    hidden: str  # PASSED or FAILED
    filled: str
    values: Mapping[str, str]
    text: str  # the file with everything filled in


@dataclass
class File:
    """A file in the making: its slots by variable, and its text."""

    rng: random.Random
    slots: Dict[str, str] = field(default_factory=dict)
    pools: Dict[str, Sequence[str]] = field(default_factory=dict)
    text: str = ""
    # Whether the code has a trail for certain. Else any trail is asked about, and a name that is open is taken to be
    # one that a trail can have: nobody calls his trail `*`.
    has_trail: bool = True

    def slot(self, pool: Sequence[str], chance: float = 0.3) -> str:
        """A value of the pool, as the inside of a string: often as a variable."""
        value = self.rng.choice(pool)
        if self.rng.random() > chance or "${" in value:
            return value
        name = f"v{len(self.slots)}"
        self.slots[name], self.pools[name] = value, pool
        return "${var." + name + "}"

    def written(self, values: Mapping[str, str], hidden: FrozenSet[str]) -> str:
        """The file with these defaults, and without those of the hidden slots."""
        blocks = [
            f'variable "{name}" {{\n' + ("" if name in hidden else f"  default = {json.dumps(values[name])}\n") + "}\n"
            for name in self.slots
        ]
        return self.text + "".join(blocks)


def _arn(file: File, wild: bool = False) -> str:
    wild = wild and file.has_trail
    region = file.slot((*REGIONS, *(("*",) if wild else ())))
    account = file.slot((*ACCOUNTS, OWN, OWN))
    name = file.slot((*NAMES, *(("*", "audit*") if wild else ())))
    whole = f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"
    if file.rng.random() < 0.15:
        return file.slot([f"arn:aws:cloudtrail:us-east-1:{A}:trail/audit", f"arn:aws:cloudtrail:*:{B}:trail/*", "*"], 1)
    return whole


def _trail_condition(file: File) -> Iterator[Tuple[str, str, str]]:
    rng = file.rng
    if rng.random() < 0.7:
        operator = rng.choice(("StringEquals", "StringEquals", "ArnEquals", "StringLike", "StringNotEquals", "ArnLike"))
        yield operator, "aws:SourceArn", _arn(file, "Like" in operator)
    if rng.random() < 0.6:
        operator = rng.choice(("StringLike", "StringLike", "StringEquals", "ArnLike"))
        yield operator, CONTEXT, _arn(file, "Like" in operator)
    if rng.random() < 0.3:
        yield rng.choice(("StringEquals", "StringNotEquals")), "aws:SourceAccount", file.slot((*ACCOUNTS, OWN))
    if rng.random() < 0.1:
        yield "StringEquals", "aws:SourceOrgID", file.slot(("o-aaaaaaaaaa", "o-bbbbbbbbbb"))


def _people_condition(file: File) -> Iterator[Tuple[str, str, str]]:
    rng = file.rng
    if rng.random() < 0.3:
        yield "Null", CONTEXT, file.slot(("false", "true"), 0.1)
    if rng.random() < 0.2:
        operator = rng.choice(("StringEquals", "StringNotEquals"))
        yield operator, "aws:PrincipalOrgID", file.slot(("o-aaaaaaaaaa", "o-bbbbbbbbbb"))
    if rng.random() < 0.2:
        operator = rng.choice(("ArnLike", "ArnNotLike", "StringNotLike", "StringNotEquals", "ArnEquals"))
        account = file.slot((*ACCOUNTS, OWN))
        yield operator, "aws:PrincipalArn", f"arn:aws:iam::{account}:" + file.slot(("role/admin", "role/*", "user/bob"))
    if rng.random() < 0.15:
        yield rng.choice(("StringEquals", "StringNotEquals")), "kms:CallerAccount", file.slot((*ACCOUNTS, OWN))
    if rng.random() < 0.1:
        yield "Bool", "aws:PrincipalIsAWSService", file.slot(("false", "true"), 0.1)


OPERATORS = ("StringEquals", "StringLike", "ArnLike", "StringNotEquals", "StringEqualsIfExists")
KEYS = ("aws:SourceArn", "aws:SourceAccount", CONTEXT, "aws:PrincipalArn", "aws:Sourcearn", "aws:PrincipalOrgID")


def _condition(file: File, found: Iterator[Tuple[str, str, str]]) -> str:
    blocks: Dict[str, Dict[str, str]] = {}
    for operator, key, value in found:
        named = file.slot((operator, operator, *OPERATORS), 0.06)
        blocks.setdefault(named, {})[file.slot((key, key, *KEYS), 0.06)] = value
    if not blocks:
        return ""
    inner = ", ".join(
        f'"{operator}" = {{ ' + ", ".join(f'"{key}" = "{value}"' for key, value in keys.items()) + " }"
        for operator, keys in blocks.items()
    )
    return f", Condition = {{ {inner} }}"


def _principal(file: File) -> str:
    rng = file.rng
    kind = rng.random()
    account = file.slot((*ACCOUNTS, OWN, OWN))
    if kind < 0.5:
        return f'{{ AWS = "arn:aws:iam::{account}:root" }}'
    if kind < 0.6:
        return '"*"'
    if kind < 0.7:
        return f'{{ AWS = ["{file.slot([A, B, f"arn:aws:iam::{A}:root", f"arn:aws:iam::{A}:user/bob", "*"], 1)}"] }}'
    return f'{{ AWS = ["arn:aws:iam::{account}:{file.slot(("role/admin", "user/bob", "root"))}"] }}'


def _statement(file: File, service: bool) -> str:
    rng = file.rng
    effect = "Deny" if rng.random() < (0.12 if service else 0.2) else "Allow"
    effect = file.slot((effect, effect, "Allow", "Deny"), 0.04)
    action = file.slot(SERVICE_ACTIONS if service else PEOPLE_ACTIONS, 0.15)
    name = file.slot(("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com", "logs.amazonaws.com"), 0.08)
    principal = f'{{ Service = "{name}" }}' if service else _principal(file)
    resource = '"*"'
    if rng.random() < 0.1:
        resource = rng.choice(("aws_kms_key.other.arn", "[aws_kms_key.other.arn]", f'"{file.slot(("*", "arn:x"), 1)}"'))
    condition = _condition(file, _trail_condition(file) if service else _people_condition(file))
    return (
        f'      {{ Effect = "{effect}", Principal = {principal}, Action = "{action}", '
        f"Resource = {resource}{condition} }},\n"
    )


def _administrator(file: File) -> str:
    """What keeps most policies from being refused."""
    account = file.slot((A, A, OWN, B))
    who = file.slot(("root", "root", "root", "role/admin"), 0.1)
    return f'      {{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::{account}:{who}" }}, Action = "kms:*", Resource = "*" }},\n'  # noqa: E501


def make(rng: random.Random) -> File:
    """A file with one key, its policy, and mostly a trail."""
    file = File(rng, has_trail=rng.random() < 0.8)
    # Not hidden: a Region or account of a provider that the code leaves open is an own value, which is free.
    provider = ""
    if rng.random() < 0.4:
        provider += f'  allowed_account_ids = ["{rng.choice(ACCOUNTS)}"]\n'
    if rng.random() < 0.4:
        provider += f'  region = "{rng.choice(REGIONS)}"\n'
    enabled = f"  is_enabled = {_bare(file.slot(('true', 'false'), 0.5))}\n" if rng.random() < 0.1 else ""
    file.text = (
        f'provider "aws" {{\n{provider}}}\n'
        'data "aws_caller_identity" "me" {}\n'
        'resource "aws_kms_key" "other" {}\n'
        f"{_key(file, enabled)}{_trail(file) if file.has_trail or rng.random() < 0.3 else ''}"
    )
    return file


def _key(file: File, arguments: str) -> str:
    """The key, with its policy in it or beside it."""
    if file.rng.random() < 0.75:
        return f'resource "aws_kms_key" "k" {{\n{arguments}{_policy(file)}}}\n'
    inline = _policy(file) if file.rng.random() < 0.3 else ""
    return (
        f'resource "aws_kms_key" "k" {{\n{arguments}{inline}}}\n'
        f'resource "aws_kms_key_policy" "p" {{\n{_count(file)}  key_id = aws_kms_key.k.id\n{_policy(file)}}}\n'
    )


def _policy(file: File) -> str:
    rng = file.rng
    statements = "".join(
        [
            *((_administrator(file),) if rng.random() < 0.9 else ()),
            *(_statement(file, service=False) for _ in range(rng.randint(0, 2))),
            *(_statement(file, service=True) for _ in range(rng.randint(1, 3))),
        ]
    )
    version = file.slot(("2012-10-17", "2012-10-17", "2008-10-17"), 0.05)
    return f'  policy = jsonencode({{\n    Version = "{version}"\n    Statement = [\n{statements}    ]\n  }})\n'


def _count(file: File) -> str:
    """Whether the block stands at all."""
    return f"  count = {_bare(file.slot(('0', '1', '1'), 0.6))}\n" if file.rng.random() < 0.3 else ""


def _trail(file: File) -> str:
    rng, flag, key = file.rng, "", "aws_kms_key.k.arn"
    count = "" if file.has_trail else _count(file)
    if rng.random() < 0.25:
        flag = f"  is_organization_trail = {_bare(file.slot(('true', 'false'), 0.4))}\n"
    if rng.random() < 0.1 and not file.has_trail:
        key = f"{_bare(file.slot(('true', 'false'), 0.8))} ? aws_kms_key.k.arn : aws_kms_key.other.arn"
    if rng.random() < 0.2:
        flag += "  depends_on = [aws_kms_key_policy.p]\n"
    return (
        f'resource "aws_cloudtrail" "t" {{\n{count}  name = "{file.slot(NAMES, 0.2)}"\n'
        f'  s3_bucket_name = "b"\n  kms_key_id = {key}\n{flag}}}\n'
    )


def _bare(value: str) -> str:
    """An expression instead of the inside of a string."""
    return value[2:-1] if value.startswith("${") else value


def verdicts(text: str, folder: Path) -> Dict[str, str]:
    """What the rules say of the key in a file: PASSED or FAILED by rule, SKIPPED for 090."""
    path = folder / "main.tf"
    path.write_text(text, encoding="utf-8")
    tree = Tree(str(folder))
    verdicts_: Dict[str, str] = {}
    for address in ("aws_kms_key.k", "aws_kms_key_policy.p"):
        found = findings_on(tree.subject(str(path), (), address))
        if _refused(found):
            return {}
        verdicts_.update((rule, finding.result) for rule, finding in found.items())
    return verdicts_


def _refused(found: Mapping[str, Any]) -> bool:
    """Whether KMS would not take the policy: then nothing that was claimed of it comes true."""
    locked = found.get("CKV_CTKMS_062")
    if locked is not None and locked.result == FAILED and "stranger" not in locked.reason:
        return True
    return "CKV_CTKMS_080" in found and "CKV_CTKMS_062" not in found and "CKV_CTKMS_090" not in found


FILLS = 3


def claims(seed: int) -> Tuple[int, List[Flip]]:
    """Hide some slots of a file and fill them in: how many claims were compared, and those that flip."""
    file = make(random.Random(seed))  # noqa: S311 - the same file each time
    rng, names = file.rng, list(file.slots)
    if not names:
        return 0, []
    hidden = frozenset(rng.sample(names, rng.randint(1, min(3, len(names)))))
    compared, flips = 0, []
    with TemporaryDirectory(dir=_MEMORY) as folder:
        claimed = verdicts(file.written(file.slots, hidden), Path(folder))
        for _ in range(FILLS):
            values = {name: rng.choice(file.pools[name]) if name in hidden else one for name, one in file.slots.items()}
            if any("${" in values[name] for name in hidden):
                continue
            text = file.written(values, frozenset())
            filled = verdicts(text, Path(folder))
            both = [rule for rule in claimed if rule in filled and rule != "CKV_CTKMS_090"]
            compared += len(both)
            given = {name: values[name] for name in sorted(hidden)}
            flips += [
                Flip(rule, claimed[rule], filled[rule], given, text) for rule in both if claimed[rule] != filled[rule]
            ]
    return compared, flips


# A file system in memory, where there is one: two files are written for each claim.
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def told(flip: Flip) -> str:
    """A flip in words."""
    hidden = ", ".join(f"{name} = {json.dumps(value)}" for name, value in flip.values.items())
    return f"{flip.rule}: {flip.hidden} with {hidden} hidden, and {flip.filled} with it:\n{flip.text}"
