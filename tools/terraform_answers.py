"""What Terraform says expressions are worth: many of them in one plan, without an AWS account and a call to AWS.

Each expression is the value of an output. Those that Terraform reports an error for are asked for again within
`can`, which tells the errors that `try` catches from what no value could mend.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

ROOT_MODULE = Path(__file__).resolve().parent.parent / "tests" / "iac" / "terraform" / "truth" / "root"
DROPPED = ("AWS_", "TF_VAR_", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")
_ROUNDS = 12
# A file an expression: Terraform reads the whole file again for every error that it reports in it.
_FILE = "expression_{}.tf"
_NAMED = re.compile(r"^expression_(\d+)\.tf$")
_UNWRITABLE = re.compile(r'serializing output value "e(\d+)"')  # infinity, which is no value of a plan

Answer = Dict[str, Any]  # {"value": ..., "type": ...}, {"fails": True} or {"unknown": True}


# What `truth/root/open.tf` may be given; all of it is possible, so what holds whatever it is must fit each.
_CHOICES: Mapping[str, Sequence[str]] = {
    "text": ('"a"', '"arn:aws:iam::1:root"', '"*"', '""', "null"),
    "number": ("2", "0", "-1", "1", "null"),
    "bool": ("true", "false", "true", "false", "null"),
    "list": ('["b", "a"]', "[]", '["x"]', '["a", "a"]', "null"),
    "set": ('["b", "a"]', "[]", '["x"]', '["a"]', "null"),
    "map": ('{ a = "x" }', "{}", '{ b = "1", a = "2" }', '{ z = "" }', "null"),
    "any": ('"a"', '["x"]', "{ a = 1 }", "true", "null"),
}
FILLINGS = tuple(dict(zip(_CHOICES, column)) for column in zip(*_CHOICES.values()))

# What Terraform itself does not know before it has applied, in their place.
UNKNOWN: Mapping[str, str] = {
    "text": "terraform_data.open.id",
    "number": "length(terraform_data.open.id)",
    "bool": 'startswith(terraform_data.open.id, "a")',
    "list": 'split(",", terraform_data.open.id)',
    "set": 'toset(split(",", terraform_data.open.id))',
    "map": 'tomap({ for x in split(",", terraform_data.open.id) : x => x })',
    "any": "terraform_data.open.output",
}


# A plan asks AWS nothing.
_PROVIDER = """provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


def answers(codes: Sequence[str], filling: Mapping[str, str] = FILLINGS[0]) -> List[Optional[Answer]]:
    """The answer to each; None where no value could make it valid."""
    with _root(filling) as work:
        return _asked(codes, work, environment())


def rendered(documents: Mapping[str, str]) -> Dict[str, str]:
    """The JSON of policy documents, given by their names; those that the provider refuses are left out."""
    left = dict(documents)
    names = list(documents)
    with _root(FILLINGS[0]) as work:
        for place, code in enumerate(left.values()):
            (work / _FILE.format(place)).write_text(code, encoding="utf-8")
        for _ in range(_ROUNDS):
            bad = [names[place] for place in _reported(work, environment())]
            if not bad:
                plan = json.loads(run(work, environment(), "show", "-json", "plan.bin"))
                read = plan["prior_state"]["values"]["root_module"]["resources"]
                return {one["name"]: one["values"]["json"] for one in read if one["name"] in left}
            for name in without(left, bad):
                (work / _FILE.format(names.index(name))).unlink()
    raise RuntimeError("Terraform reports new errors each time")


def without(documents: Dict[str, str], names: Sequence[str]) -> List[str]:
    """Take some of the documents away, and those that take them over; which these are."""
    waiting, gone = list(names), []
    while waiting:
        name = waiting.pop()
        if documents.pop(name, None) is not None:
            gone.append(name)
            waiting += [other for other, code in documents.items() if f"_document.{name}." in code]
    return gone


@contextmanager
def _root(filling: Mapping[str, str]) -> Iterator[Path]:
    """A copy of the root module, initialised."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary, "work")
        shutil.copytree(ROOT_MODULE, work)
        lines = (f"open_{name} = {value}\n" for name, value in filling.items())
        (work / "open.auto.tfvars").write_text("".join(lines), encoding="utf-8")
        (work / "provider.tf").write_text(_PROVIDER, encoding="utf-8")
        run(work, environment(), "init", "-input=false")
        yield work


def functions() -> Set[str]:
    """The functions that Terraform has itself."""
    with tempfile.TemporaryDirectory() as temporary:
        told = json.loads(run(Path(temporary), environment(), "metadata", "functions", "-json"))
    return {name for name in told["function_signatures"] if not name.startswith("core::")}


def with_unknown(code: str) -> str:
    """The expression over values that Terraform does not know before it has applied."""
    return re.sub(r"var\.open_(\w+)", lambda name: f"({UNKNOWN[name[1]]})", code)


def _asked(codes: Sequence[str], work: Path, settings: Mapping[str, str]) -> List[Optional[Answer]]:
    failing: Set[int] = set()
    invalid: Set[int] = set()
    for place in range(len(codes)):
        _write(work, place, codes[place])
    for _ in range(_ROUNDS):
        bad = _reported(work, settings)
        if not bad:
            plan = json.loads(run(work, settings, "show", "-json", "plan.bin"))
            return [_answer(place, failing, invalid, plan) for place in range(len(codes))]
        for place in bad:
            _write(work, place, None if place in failing else f"can({codes[place]})")
        invalid |= bad & failing
        failing |= bad
    raise RuntimeError("Terraform reports new errors each time")


def _write(work: Path, place: int, code: Optional[str]) -> None:
    """Write the output of an expression, or none."""
    output = "" if code is None else f'output "e{place}" {{\n  sensitive = true\n  value = [{code}]\n}}\n'
    (work / _FILE.format(place)).write_bytes(output.encode())


def _reported(work: Path, settings: Mapping[str, str]) -> Set[int]:
    """The expressions that Terraform reports an error for; if there is none, the plan is written."""
    validated = json.loads(run(work, settings, "validate", "-json", check=False))
    diagnostics = validated["diagnostics"]
    if validated["valid"]:
        planned = run(work, settings, "plan", "-json", "-input=false", "-lock=false", "-out=plan.bin", check=False)
        messages = [json.loads(line) for line in planned.splitlines() if line.startswith("{")]
        diagnostics = [one["diagnostic"] for one in messages if one["type"] == "diagnostic"]
    found = set()
    for one in diagnostics:
        if one["severity"] == "error":
            where = _NAMED.findall(one.get("range", {}).get("filename", "")) or _UNWRITABLE.findall(one["detail"])
            if not where:
                raise RuntimeError(f"an error elsewhere: {one}")
            found.update(map(int, where))
    return found


def _answer(place: int, failing: Set[int], invalid: Set[int], plan: Any) -> Optional[Answer]:
    if place in invalid:
        return None
    planned = plan["planned_values"]["outputs"][f"e{place}"]
    if "value" not in planned:
        change = plan["output_changes"][f"e{place}"]
        return _partly_known((change.get("after") or [None])[0], change["after_unknown"])
    value, type_ = planned["value"][0], planned["type"][1][0]
    if place in failing:
        return None if value else {"fails": True}
    return {"value": value, "type": type_}


def _partly_known(value: Any, unknown: Any) -> Answer:
    """What is known of a value; of what is not, `{"?": true}` stands in its place."""
    inner = unknown[0] if isinstance(unknown, list) else unknown
    return {"unknown": True} if inner is True else {"partly": _merged(value, inner)}


def _merged(value: Any, unknown: Any) -> Any:
    if unknown is True:
        return {"?": True}
    if isinstance(unknown, list):
        return [_merged(*one) for one in zip(value, unknown)]
    if isinstance(unknown, dict):
        known = value or {}
        return {key: _merged(known.get(key), unknown.get(key, False)) for key in {**known, **unknown}}
    return value


def environment() -> Dict[str, str]:
    """The user's environment without what would change an answer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    kept.update(
        CHECKPOINT_DISABLE="1",
        AWS_ACCESS_KEY_ID="AKIA111122223333",
        AWS_SECRET_ACCESS_KEY="truth",  # noqa: S106
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_REGION="us-east-1",
    )
    return kept


def run(work: Path, settings: Mapping[str, str], command: str, *options: str, check: bool = True) -> str:
    """What a command of Terraform's prints."""
    line = ["terraform", command, *options]
    return subprocess.run(line, cwd=work, env=settings, check=check, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
