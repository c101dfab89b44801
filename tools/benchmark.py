"""What the pack costs: a scan with it against the same scan with checks that do nothing, in turn, as ratios.

    python tools/benchmark.py [--keys 1000] [--rounds 5] [--checkov checkov]

Two trees of Terraform are scanned, `--keys` KMS keys each with a policy of six statements, and the other
side is one of three:

- `unrelated`: nothing in the tree is CloudTrail's, so the pack leaves no record. The other side is one
  check that does nothing and leaves no record either.
- `judging`: every key is CloudTrail's. The other side has as many checks as the pack has rules, and they
  leave the same records without having worked them out. This is what reading and judging cost.
- `records`: the same tree. The other side leaves as many records, and empty ones. The difference to
  `judging` is what Checkov takes for the contents of the records.

The figures are each side's least over the rounds, since whatever else a machine does only ever adds to them.
Nothing here passes or fails.

    python tools/benchmark.py hostile [--only WORDS]

reads and judges every case of `tests/hostile.py` and a harmless one of the same size, each in a process of
its own, and prints how much more processor time and memory the hostile one takes: at most 0.5 s and 100 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "checks"
sys.path[:0] = [str(CHECKS), str(ROOT)]

from tests import hostile  # noqa: E402

from ctkms.cloudtrail.findings import Finding  # noqa: E402
from ctkms.cloudtrail.judge import judge  # noqa: E402
from ctkms.cloudtrail.rules.catalogue import RULES, Rule  # noqa: E402
from ctkms.iac.terraform.code_scan import Tree  # noqa: E402

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

DO_NOTHING = """from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

RULES = {rules}
RECORDS = {records}

class DoesNothing(BaseResourceCheck):
    def __init__(self, id, name, severity, guideline):
        super().__init__(name=name, id=id, categories=[CheckCategories.LOGGING], supported_resources=["aws_kms_key"],
                         guideline=guideline)
        self.severity = Severities[severity] if severity else None

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if self.id in RECORDS else CheckResult.UNKNOWN

class Repeats(DoesNothing):
    # Leaves the record of the first key, with the name of this one in it.
    def run(self, scanned_file, entity_configuration, entity_name, entity_type, skip_info):
        record = RECORDS.get(self.id)
        if record is None:
            return {{"result": CheckResult.UNKNOWN, "evaluated_keys": []}}
        trail = "trail-" + entity_name.rpartition("_")[2]
        reason = record["reason"].replace("trail-0", trail)
        self.details, self.evaluated_keys = [reason], [record["path"]]
        requests = [
            {{**one, "context": {{key: value.replace("trail-0", trail) for key, value in one["context"].items()}}}}
            for one in record["requests"]
        ]
        statement = record["statement"] and dict(record["statement"])
        return {{
            "result": CheckResult[record["result"]],
            "evaluated_keys": self.evaluated_keys,
            "ctkms": {{"reason": reason, "statement": statement, "requests": requests}},
        }}

for rule in RULES:
    {check}(*rule)
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


def write_do_nothing(folder: Path, rules: Sequence[Rule], records: Mapping[str, Finding], check: str) -> None:
    """A rule pack of checks that do nothing: they leave the records, or empty ones, without working them out."""
    folder.mkdir()
    (folder / "__init__.py").touch()
    named = [(rule.id, rule.name, rule.severity, rule.guideline) for rule in rules]
    told = {id_: vars(finding) for id_, finding in records.items()}
    (folder / "does_nothing.py").write_text(DO_NOTHING.format(rules=named, records=told, check=check))


def scan(checkov: str, tree: Path, checks: Path) -> Cost:
    """One scan in a process of its own."""
    command = [checkov, "-d", str(tree), "--framework", "terraform", "--external-checks-dir", str(checks)]
    command += ["-c", "CKV_CTKMS_*", "-o", "json", "--skip-download", "--soft-fail"]
    before = os.times()
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    # With its modules compiled, as everybody has them from the second scan on.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = os.posix_spawnp(command[0], command, environment, file_actions=silent)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"checkov failed on {tree}; run it by hand: {' '.join(command)}")
    return Cost(used.ru_utime + used.ru_stime, os.times().elapsed - before.elapsed, used.ru_maxrss / 1024)


def records_of_a_key(tree: Path) -> Mapping[str, Finding]:
    """The records that the pack leaves on the first key of a tree, by rule."""
    subject = Tree(str(tree)).subject(str(tree / "keys_0.tf"), (), "aws_kms_key.key_0")
    return judge(subject.scenarios, subject.declares_key, subject.holds_policy) if subject else {}


def compare(name: str, checkov: str, tree: Path, nothing: Path, rounds: int) -> None:
    """Both packs in turn, round after round, and the ratios of their best rounds."""
    costs: Dict[Path, List[Cost]] = {CHECKS: [], nothing: []}
    for checks in costs:
        scan(checkov, tree, checks)  # warms the caches
    for _ in range(rounds):
        for checks, found in costs.items():
            found.append(scan(checkov, tree, checks))
    for index, field in enumerate(Cost._fields):
        ours, theirs = (min(cost[index] for cost in costs[checks]) for checks in costs)
        print(
            f"{name:11} {field:10} pack {ours:8.2f}   do-nothing {theirs:8.2f}   ratio {ours / theirs:.3f}", flush=True
        )


MOST_SECONDS, MOST_MEGABYTES = 0.5, 100.0
PATIENCE = 60  # seconds
SIZES = (
    2_000,
    50_000,
    200_000,
    500_000,
    1_000_000,
)  # of harmless input; one is measured for all that are about as large


def judge_one(framework: str, folder: str) -> None:
    """Read and judge one case here, and print what that took."""
    before = time.process_time()
    found = hostile.work_out(framework, Path(folder))
    seconds = time.process_time() - before
    results = {rule: finding.result for rule, finding in found.findings.items()}
    undecided = results.get("CKV_CTKMS_090", "no record")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps([seconds, memory, undecided, {budget.name: spent for budget, spent in found.spent.items() if spent}])
    )


def measure(given: hostile.Input) -> Optional[Tuple[float, float, str, Mapping[str, int]]]:
    """Seconds, MB, what 090 said, and what was spent; None when it takes far too long or fails."""
    with tempfile.TemporaryDirectory() as folder:
        hostile.write(given, Path(folder))
        command = [sys.executable, __file__, "one", given.framework, folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)  # noqa: S603 - ourselves
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
        seconds, memory, undecided, spent = json.loads(done.stdout)
        return seconds, memory, undecided, spent


def compare_hostile(only: Sequence[str]) -> None:
    """Every hostile case against a harmless one of its size."""
    harmless: Dict[Tuple[str, int], Tuple[float, float]] = {}
    for name, make in {**hostile.HOSTILE, **hostile.POLICIES, **hostile.HONEST}.items():
        if only and not any(word in name for word in only):
            continue
        given = make()
        size = min(SIZES, key=lambda one: abs(one - sum(map(len, given.files.values()))))
        if (given.framework, size) not in harmless:
            least = measure(hostile.harmless(size, given.framework))
            harmless[given.framework, size] = (0.0, 0.0) if least is None else least[:2]
        cost = measure(given)
        if cost is None:
            print(f"! {given.framework:15} {name:52} failed, or took more than {PATIENCE} s", flush=True)
            continue
        seconds, megabytes = (one - other for one, other in zip(cost, harmless[given.framework, size]))
        mark = "!" if seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES else " "
        spent = " ".join(f"{budget.lower()} {amount:,}" for budget, amount in cost[3].items())
        print(
            f"{mark} {given.framework:15} {name:52} {seconds:+6.2f} s {megabytes:+5.0f} MB  090 {cost[2]:9} {spent}",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["one"]:
        judge_one(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("scans", "hostile"), default="scans")
    parser.add_argument("--only", nargs="*", default=(), help="hostile cases with one of these words in their name")
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkov", default="checkov")
    options = parser.parse_args()
    if options.what == "hostile":
        compare_hostile(options.only)
        return
    print(f"{options.keys} keys, {STATEMENTS} statements each, best of {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for service in ("unrelated", "cloudtrail"):
            write_tree(folder / service, options.keys, service)
        records = records_of_a_key(folder / "cloudtrail")
        write_do_nothing(folder / "silent", RULES[:1], {}, "DoesNothing")
        write_do_nothing(folder / "same", RULES, records, "Repeats")
        write_do_nothing(folder / "empty", RULES, records, "DoesNothing")
        for name, tree, nothing in (
            ("unrelated", "unrelated", "silent"),
            ("judging", "cloudtrail", "same"),
            ("records", "cloudtrail", "empty"),
        ):
            compare(name, options.checkov, folder / tree, folder / nothing, options.rounds)


if __name__ == "__main__":
    main()
