"""Functions on known values, as Terraform answers: tables of `expression => its value as JSON`, `!` for an error.

The answers are Terraform 1.11.4's: of `terraform console`, asked for `jsonencode(expression)`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.json_values import json_text
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.evaluation.values import Json
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import Hole

TABLES = sorted((Path(__file__).parent / "answers").glob("*.txt"))

# What is known to Terraform and left open here, or differs between its releases.
OPEN = {
    'yamldecode("!!merge foo: [{a: 1}]\\nb: 2")',
    'yamldecode("a: 1\\nb: &x [1,2]\\nc: *x\\n<<: [{d: 1},{d: 2, a: 5}]")',
    'yamldecode("a: .inf")',
    'yamldecode("a: -.inf")',
    'yamldecode(".inf: a")',
    'yamldecode("a: \\"\\\\x41\\\\u0042\\\\/\\\\_\\\\N\\\\0\\"")',
    'yamlencode({a=" x\\ny"})',
    'yamlencode({a="\\nx"})',
    'yamlencode({a="\\n"})',
    'yamlencode({"x\\ny"=1})',
    'regex("\\\\1", "a")',
    'cidrhost("::ffff:0:0/96", 5)',
    "log(1000, 10)",
}


def lines_of(table: Path) -> List[Tuple[str, str]]:
    """The expressions of a table, and their answers."""
    rows = [line.rpartition(" => ") for line in table.read_text(encoding="utf-8").splitlines()]
    return [(expression, answer) for expression, _, answer in rows]


CASES: Dict[str, List[Tuple[str, str]]] = {table.stem: lines_of(table) for table in TABLES}


def value_of(source: str) -> Any:
    """What an expression is worth here, as data; a hole where it is open."""
    parsed = parse_file(f"x = {source}\n")
    assert not parsed.problems
    value = evaluate(parsed.body.attributes["x"], EmptyScope())
    if isinstance(value, Hole):
        return value
    text = json_text(Json(value))
    assert isinstance(text, str)
    return json.loads(text)


def compared(source: str, answer: str) -> str:
    """What is wrong with the value of an expression, or ""."""
    value = value_of(source)
    fails = value_of(f"can({source})") is False
    if source in OPEN:
        return "" if isinstance(value, Hole) and not fails else f"no longer open: {value}"
    if answer == "!":
        return "" if isinstance(value, Hole) and fails else f"it fails in Terraform, here it is {value}"
    return "" if value == json.loads(answer) else f"{answer} in Terraform, here it is {value}"


@pytest.mark.parametrize("table", CASES)
def test_a_function_answers_as_terraform_does(table: str) -> None:
    differences = {source: compared(source, answer) for source, answer in CASES[table]}
    assert {source: what for source, what in differences.items() if what} == {}


def test_every_open_expression_is_in_a_table() -> None:
    assert {source for rows in CASES.values() for source, _ in rows} >= OPEN


def test_numbers_that_python_would_round_are_open() -> None:
    for source in ('jsondecode("0.1234567890123456789012345")', 'yamldecode("a: 1e400")', "pow(3, 40)"):
        assert isinstance(value_of(source), Hole), source
