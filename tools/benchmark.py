"""What the pack costs: a scan with it against the same scan with checks that do nothing, in turn, as ratios.

    python tools/benchmark.py [--keys 1000] [--rounds 5] [--checkov checkov]

Two trees of Terraform are scanned, `--keys` KMS keys each with a policy of six statements:

- `unrelated`: nothing in the tree is CloudTrail's, so the pack leaves no record;
- `cloudtrail`: every key is a trail's.

The other side has as many checks as the pack has rules, which do nothing and leave as many records:
Checkov spends most of its time on those, whoever leaves them. `--single` puts one do-nothing check
on the other side instead, which leaves no record.

The figures are medians over the rounds; nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "checks"
sys.path.insert(0, str(CHECKS))

from ctkms.cloudtrail.judge import judge  # noqa: E402
from ctkms.cloudtrail.rules import RULES  # noqa: E402
from ctkms.iac.terraform.tree import Tree  # noqa: E402

KEYS_PER_FILE = 50
STATEMENTS = 6

KEY = """resource "aws_kms_key" "key_{number}" {{
  description = "key {number}"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
{statements}
    ]
  }})
}}
"""

ROOT_STATEMENT = """      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },"""

SERVICE_STATEMENT = """      {{
        Sid       = "Use{index}"
        Effect    = "Allow"
        Principal = {{ Service = "{service}.amazonaws.com" }}
        Action    = ["{action}"]
        Resource  = "*"
        Condition = {{
          StringEquals = {{
            "aws:SourceArn" = "arn:aws:{service}:us-east-1:111122223333:trail/trail-{number}"
          }}
        }}
      }},"""

DO_NOTHING = """from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

class DoesNothing(BaseResourceCheck):
    def __init__(self, number):
        super().__init__(name="does nothing", id=f"CKV_CTKMS_{{number:03}}", categories=[CheckCategories.LOGGING],
                         supported_resources=["aws_kms_key"])

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if int(self.id[-3:]) < {records} else CheckResult.UNKNOWN

for number in range({count}):
    DoesNothing(number)
"""

ACTIONS = ("kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom")


class Cost(NamedTuple):
    """What one scan took: seconds of processor time, seconds on the clock, MB at the peak."""

    processor: float
    clock: float
    memory: float


def write_tree(folder: Path, keys: int, service: str) -> None:
    """A Terraform tree of that many keys for one service principal."""
    folder.mkdir()
    for first in range(0, keys, KEYS_PER_FILE):
        blocks = [_key(number, service) for number in range(first, min(first + KEYS_PER_FILE, keys))]
        (folder / f"keys_{first}.tf").write_text("\n".join(blocks))


def _key(number: int, service: str) -> str:
    statements = [ROOT_STATEMENT] + [
        SERVICE_STATEMENT.format(index=index, service=service, action=action, number=number)
        for index, action in enumerate(ACTIONS[: STATEMENTS - 1])
    ]
    return KEY.format(number=number, statements="\n".join(statements))


def write_do_nothing(folder: Path, count: int, records: int) -> None:
    """A rule pack of checks that do nothing; so many of them leave a record."""
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "does_nothing.py").write_text(DO_NOTHING.format(count=count, records=records))


def scan(checkov: str, tree: Path, checks: Path) -> Cost:
    """One scan in a process of its own."""
    command = [checkov, "-d", str(tree), "--framework", "terraform", "--external-checks-dir", str(checks)]
    command += ["-c", "CKV_CTKMS_*", "-o", "json", "--skip-download", "--soft-fail"]
    before = os.times()
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=silent)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"checkov failed on {tree}; run it by hand: {' '.join(command)}")
    return Cost(used.ru_utime + used.ru_stime, os.times().elapsed - before.elapsed, used.ru_maxrss / 1024)


def records_of_a_key(tree: Path) -> int:
    """How many records the pack leaves on the first key of a tree."""
    subject = Tree(str(tree)).subject(str(tree / "keys_0.tf"), (), "aws_kms_key.key_0")
    return len(judge(subject.worlds, subject.declares_key, subject.holds_policy)) if subject else 0


def compare(name: str, checkov: str, tree: Path, nothing: Path, rounds: int) -> None:
    """Both packs in turn, round after round, and their ratios."""
    costs: Dict[Path, List[Cost]] = {CHECKS: [], nothing: []}
    scan(checkov, tree, nothing)  # warms the caches
    for _ in range(rounds):
        for checks, found in costs.items():
            found.append(scan(checkov, tree, checks))
    for index, field in enumerate(Cost._fields):
        pairs = list(zip(costs[CHECKS], costs[nothing]))
        ratio = statistics.median(ours[index] / theirs[index] for ours, theirs in pairs)
        ours, theirs = (statistics.median(cost[index] for cost in costs[checks]) for checks in costs)
        print(f"{name:11} {field:10} pack {ours:8.2f}   do-nothing {theirs:8.2f}   ratio {ratio:.3f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkov", default="checkov")
    parser.add_argument("--single", action="store_true", help="against one check that leaves no record")
    options = parser.parse_args()
    print(f"{options.keys} keys, {STATEMENTS} statements each, median of {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for service in ("unrelated", "cloudtrail"):
            write_tree(folder / service, options.keys, service)
            nothing = folder / f"nothing_{service}"
            records = 0 if options.single else records_of_a_key(folder / service)
            write_do_nothing(nothing, 1 if options.single else len(RULES), records)
            compare(service, options.checkov, folder / service, nothing, options.rounds)


if __name__ == "__main__":
    main()
