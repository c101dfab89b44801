"""What input variables hold, as Terraform 1.11.4 says of the same code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctkms.iac.terraform.code_scan import Tree
from ctkms.iac.terraform.evaluation.evaluate import typed_value
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import Hole


def variable(type_: str, default: str, more: str = "") -> str:
    return f"""
    variable "p" {{
      type    = {type_}
      default = {default}
      {more}
    }}
    """


READERS = variable(
    'map(object({ role = optional(string, "Read"), days = optional(number) }))', '{ x = {}, y = { days = "3" } }'
)
STATEMENTS = variable(
    'list(object({ effect = optional(string, "Allow"), who = optional(map(string), {}) }))',
    '[{}, { effect = null }, { effect = "Deny", who = { AWS = "*" } }]',
)
PUBLIC = variable("object({ a = string })", '{ a = 1, z = "*" }')
TEXTS, SET = variable("list(string)", '[1, true, "a"]'), variable("set(string)", '["b", "a", "b", 1]')
NUMBERS, NO_TEXT = variable("set(number)", '[10, 9, "10"]'), variable("string", "null")
NO_LIST, EMPTY = variable("list(string)", "null"), variable("list(string)", "[]")

# A sentence, a variable, an expression, and its value.
CASES: Any = [
    ("a text is a bool", variable("bool", '"true"'), "var.p == true", "true"),
    ("a text is a number", variable("number", '"5"'), "var.p == 5", "true"),
    ("a number is a text", variable("string", "5"), 'var.p == "5"', "true"),
    ("all elements are texts", TEXTS, "var.p", '["1", "true", "a"]'),
    ("elements of any type get one", variable("list(any)", '[1, "a"]'), "var.p", '["1", "a"]'),
    ("a list is no tuple", variable("list(any)", '["a"]'), '[var.p == ["a"], var.p == tolist(["a"])]', "[false, true]"),
    ("values of any type get one", variable("map(any)", '{ a = 1, b = "x" }'), "var.p.a", '"1"'),
    ("any type leaves a tuple alone", variable("any", '[1, "a"]'), 'var.p == [1, "a"]', "true"),
    (
        "no type leaves it alone, too",
        """
        variable "p" {
          default = [1, "a"]
        }
        """,
        'var.p == [1, "a"]',
        "true",
    ),
    ("an object has what its type declares", PUBLIC, 'try(var.p.z, "gone")', '"gone"'),
    ("its attributes convert", PUBLIC, 'var.p == { a = "1" }', "true"),
    ("a tuple converts one by one", variable("tuple([string, number])", '[1, "2"]'), 'var.p == ["1", 2]', "true"),
    ("a set of texts", SET, "[for one in var.p : one]", '["1", "a", "b"]'),
    ("a set has no indexes", SET, 'try(var.p[0], "none")', '"none"'),
    ("a set is equal in any order", SET, 'var.p == toset(["b", "1", "a"])', "true"),
    ("a set of numbers", NUMBERS, "tolist(var.p)", "[9, 10]"),
    ("a number is in it, its text is not", NUMBERS, '[contains(var.p, 9), contains(var.p, "9")]', "[true, false]"),
    (
        "defaults within a map",
        READERS,
        '[for k, v in var.p : "${k}${v.role}${v.days == null}"]',
        '["xReadtrue", "yReadfalse"]',
    ),
    ("they convert within", READERS, "var.p.y.days", "3"),
    ("a default stands for null as well", STATEMENTS, "var.p[*].effect", '["Allow", "Allow", "Deny"]'),
    ("a default of a default", STATEMENTS, "var.p[0].who", "{}"),
    ("a null of a type decides with the other branch", NO_TEXT, "var.p == null ? 5 : var.p", '"5"'),
    ("and in coalesce", NO_TEXT, "coalesce(var.p, 5)", '"5"'),
    ("a text that is null has no elements", NO_TEXT, "var.p[*]", "[]"),
    ("a list that is null cannot be gone through", NO_LIST, 'try(var.p[*], "failed")', '"failed"'),
    ("the empty list is no empty tuple", EMPTY, "[var.p == [], length(var.p) == 0]", "[false, true]"),
    ("nor is a map an object", variable("map(string)", "{}"), "var.p == {}", "false"),
    ("the name of a type alone", variable("list", '["a", 1]'), "var.p", '["a", "1"]'),
]


def value_of(folder: Path, code: str, source: str) -> Any:
    (folder / "main.tf").write_text(code + "# cloudtrail\n", encoding="utf-8")
    configuration = Tree(str(folder))._configuration(str(folder))
    assert configuration is not None
    return typed_value(parse_file(f"x = {source}\n").body.attributes["x"], configuration.inventory({}).scenario.root)


@pytest.mark.parametrize(("code", "source", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_default_is_held_as_the_type_says(tmp_path: Path, code: str, source: str, expected: str) -> None:
    assert describe(value_of(tmp_path, code, source)) == expected


NO_NULL = variable("string", '"d"', "nullable = false")


@pytest.mark.parametrize(
    ("code", "given", "source", "expected"),
    [
        (variable("bool", "false"), 'p = "true"', "var.p == true", "true"),
        (variable("list(string)", "[]"), "p = [1]", 'var.p == tolist(["1"])', "true"),
        (NO_NULL, "p = null", "var.p", '"d"'),
        (variable("string", '"d"'), "p = null", "var.p", "null"),
        (PUBLIC, 'p = { a = "x", z = "*" }', "can(var.p.z)", "false"),
    ],
)
def test_a_variable_file_gives_what_the_type_makes_of_it(
    tmp_path: Path, code: str, given: str, source: str, expected: str
) -> None:
    (tmp_path / "terraform.tfvars").write_text(given + "\n", encoding="utf-8")
    assert describe(value_of(tmp_path, code, source)) == expected


MODULE = """
module "m" {
  source = "./m"
  p      = %s
}
"""


@pytest.mark.parametrize(
    ("code", "given", "expected"),
    [
        (variable("bool", "false"), '"true"', "true"),
        (NO_NULL, "null", '"d"'),
        (SET, '["z", "y", "z"]', '["y", "z"]'),
        (PUBLIC, '{ a = 1, z = "*" }', '{"a" = "1"}'),
    ],
)
def test_so_is_the_input_of_a_module(tmp_path: Path, code: str, given: str, expected: str) -> None:
    (tmp_path / "m").mkdir()
    output = """
    output "p" {
      value = var.p
    }
    # cloudtrail
    """
    (tmp_path / "m" / "main.tf").write_text(code + output, encoding="utf-8")
    assert describe(value_of(tmp_path, MODULE % given, "module.m.p")) == expected


@pytest.mark.parametrize(
    ("type_", "source", "expected"),
    [
        ("list(string)", "var.p == 1", "false"),
        ("list(string)", "tostring(var.p)", "${tostring(var.p)}"),
        ("number", "true ? 1 : var.p", "1"),
        ("string", "true ? 1 : var.p", '"1"'),
        ("string", "[var.p, 1] == [1, 1]", "false"),
    ],
)
def test_an_open_variable_has_its_type(tmp_path: Path, type_: str, source: str, expected: str) -> None:
    value = value_of(
        tmp_path,
        f"""
        variable "p" {{
          type = {type_}
        }}
        """,
        source,
    )
    assert (str(value) if isinstance(value, Hole) else describe(value)) == expected


def test_a_value_that_terraform_refuses_leaves_the_variable_open(tmp_path: Path) -> None:
    value = value_of(tmp_path, variable("list(string)", '"a"'), "var.p")
    assert value == Hole("${var.p}")
