"""Only what reads an edited file is read again, and that says the same as reading everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.repair.cases import OBJECTS, PREFIX, TEMPLATE, YAML_CONTEXT, instead, without

from ctkms.cloudtrail.findings import NOT_SEARCHED, PROVED
from ctkms.repair.search import Search
from ctkms.repair.tree import Tree, failures

LINE = next(line for line in OBJECTS.splitlines(keepends=True) if "StringLike   =" in line)
BROKEN = without(OBJECTS, LINE)
MODULE = (
    BROKEN[BROKEN.index('resource "aws_kms_key"') :]
    + """
    output "arn" {
      value = aws_kms_key.logs.arn
    }
    """
)
DATA = PREFIX[: PREFIX.index("resource")]
CALLER = (
    instead(PREFIX, "aws_kms_key.logs.arn", "module.key.arn")
    + """
    module "key" {
      source = "../shared"
    }
    """
)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """Two configurations with one module, a third one of its own, and a template."""
    files = {
        "one/main.tf": CALLER,
        "two/main.tf": CALLER,
        "shared/main.tf": DATA + MODULE,
        "alone/main.tf": BROKEN,
        "template.yaml": without(TEMPLATE, YAML_CONTEXT),
    }
    for name, text in files.items():
        (tmp_path / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / name).write_text(text, encoding="utf-8")
    return tmp_path / "code"


@pytest.mark.parametrize("name", ["alone/main.tf", "shared/main.tf", "template.yaml"])
def test_what_is_read_again_says_the_same_as_reading_everything(code: Path, name: str) -> None:
    tree = Tree(str(code))
    failure = next(one for one in failures(tree.seen) if one[0][0] == str(code / name))
    repair = Search(tree).repair(*failure)
    assert repair.status == PROVED
    said = {where: {rule: one.result for rule, one in seen.findings.items()} for where, seen in repair.after.items()}
    for file, text in tree.edited(repair.edits).items():
        Path(file).write_text(text, encoding="utf-8")
    anew = Tree(str(code))
    assert said == {
        where: {rule: one.result for rule, one in seen.findings.items()} for where, seen in anew.seen.items()
    }


def test_a_shared_module_is_repaired_for_all_who_call_it(code: Path) -> None:
    tree = Tree(str(code))
    shared = [one for one in failures(tree.seen) if one[0][0] == str(code / "shared" / "main.tf")]
    assert {where[2] for where, _ in shared} == {str(code / "one"), str(code / "two")}
    repair = Search(tree).repair(*shared[0])
    assert [one for one in failures(repair.after) if one[0][0] == str(code / "shared" / "main.tf")] == []


def test_an_edit_is_read_by_its_own_configuration_only(code: Path) -> None:
    tree = Tree(str(code))
    failure = next(one for one in failures(tree.seen) if one[0][0] == str(code / "alone" / "main.tf"))
    repair = Search(tree).repair(*failure)
    before = tree.spent
    assert tree.after(repair.edits).seen
    assert tree.spent == before + sum(where[2] == str(code / "alone") for where in tree.seen)


def test_a_search_ends_where_it_has_cost_enough(code: Path) -> None:
    tree = Tree(str(code))
    failure = failures(tree.seen)[0]
    tree.spent = tree.allowance + 1
    repair = Search(tree).repair(*failure)
    assert (repair.status, bool(repair.reason), repair.edits) == (NOT_SEARCHED, True, ())
