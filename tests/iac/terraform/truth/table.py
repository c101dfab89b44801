"""The table of expressions with Terraform's answers, and how this pack's own answers compare."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from tests.iac.terraform.truth.answers import AGREED, compare
from tests.iac.terraform.truth.answers import OPEN as LEFT_OPEN
from tests.iac.terraform.truth.answers import WRONG as IS_WRONG

from ctkms.budgets import metered
from ctkms.iac.terraform.code_scan import Tree
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Json, Value
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import Hole

FOLDER = Path(__file__).parent
ROOT_MODULE = FOLDER / "root"
EXPRESSIONS = FOLDER / "expressions.jsonl"
OPEN_EXPRESSIONS = FOLDER / "open_expressions.jsonl"
DOCUMENTS = FOLDER / "documents.jsonl"
OPEN = FOLDER / "open.json"
WRONG = FOLDER / "wrong.json"
DOCUMENT = "aws_iam_policy_document"

Answer = Mapping[str, Any]  # value (with type, where the value does not tell it), partly, fails or unknown
Row = Mapping[str, Any]  # kind, code, and an answer; or "chosen", one for each choice of the open values


@dataclass(frozen=True)
class Compared:
    """An expression, and how the two answers compare."""

    kind: str  # what stands with open values is a kind of its own
    code: str
    outcome: str  # "agreed", "open" or "wrong"
    theirs: str
    ours: str


def rows(path: Path) -> List[Row]:
    """A table."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def written(row: Row) -> str:
    """A row as a line."""
    kept = _without_type(row)
    if "chosen" in kept:
        kept["chosen"] = [_without_type(one) for one in kept["chosen"]]
        kept["unknown"] = kept["unknown"] and _without_type(kept["unknown"])
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _without_type(answer: Answer) -> Dict[str, Any]:
    """The type is left out where the value tells it."""
    told = "type" in answer and answer["type"] == natural_type(answer["value"])
    return {name: one for name, one in answer.items() if not (told and name == "type")}


def natural_type(value: Any) -> Any:
    """The type of a value as it is written: a list is a tuple, a mapping an object."""
    if isinstance(value, list):
        return ["tuple", [natural_type(item) for item in value]]
    if isinstance(value, dict):
        return ["object", {key: natural_type(item) for key, item in value.items()}]
    if isinstance(value, bool):
        return "bool"
    return "string" if isinstance(value, str) else "dynamic" if value is None else "number"


def scope_of(folder: Path) -> Scope:
    """Where an expression in a root module stands."""
    configuration = Tree(str(folder))._configuration(str(folder))
    assert configuration is not None
    return configuration.inventory({}).scenario.root


def compared() -> List[Compared]:
    """Every row of all tables, compared."""
    scope = scope_of(ROOT_MODULE)
    known = [_compared(row, scope) for row in rows(EXPRESSIONS)]
    opened = [_compared_open(row, scope) for row in rows(OPEN_EXPRESSIONS)]
    return [*known, *opened, *_compared_documents()]


def _compared(row: Row, scope: Scope) -> Compared:
    value, fails = answer(row["code"], scope)
    return Compared(row["kind"], row["code"], _outcome(row, value, fails), _told(row), _ours(value, fails))


def _compared_open(row: Row, scope: Scope) -> Compared:
    """An answer over open values is wrong if it is for one choice of them; open counts if Terraform knows better."""
    value, fails = answer(row["code"], scope)
    outcomes = [_outcome(one, value, fails) for one in row["chosen"] if "fails" not in one or fails is True]
    if IS_WRONG in outcomes:
        outcome, theirs = IS_WRONG, " | ".join(map(_told, row["chosen"]))
    else:
        unknown = row["unknown"]
        outcome = LEFT_OPEN if unknown and _outcome(unknown, value, fails) == LEFT_OPEN else AGREED
        theirs = _told(unknown or {"unknown": True})
    return Compared(row["kind"] + ", open", row["code"], outcome, theirs, _ours(value, fails))


def _compared_documents() -> Iterator[Compared]:
    """Policy documents take over others of the same root module, so all of them stand in one."""
    documents = rows(DOCUMENTS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "root")
        shutil.copytree(ROOT_MODULE, folder)
        (folder / "documents.tf").write_text("".join(one["code"] for one in documents), encoding="utf-8")
        scope = scope_of(folder)
        for one in documents:
            with metered():
                ours = scope.resolve(("data", DOCUMENT, one["name"], "json"))
            agreed = isinstance(ours, Json) and ours.value == one["policy"]
            yield Compared(DOCUMENT, one["code"], AGREED if agreed else IS_WRONG, json.dumps(one["policy"]), str(ours))


def _told(answer: Answer) -> str:
    if "fails" in answer or "unknown" in answer:
        return "fails" if "fails" in answer else "unknown"
    told = json.dumps(answer["value"] if "value" in answer else answer["partly"], ensure_ascii=False)
    return f"{told} ({json.dumps(answer['type'])})" if "type" in answer else told


def _ours(value: Value, fails: Optional[bool]) -> str:
    return "fails" if fails else str(value) if isinstance(value, Hole) else describe(value)


def _outcome(answer: Answer, value: Value, fails: Optional[bool]) -> str:
    if "fails" in answer:
        return AGREED if fails else LEFT_OPEN if isinstance(value, Hole) else IS_WRONG
    if fails:
        return IS_WRONG
    if "value" not in answer:
        return AGREED  # whatever this pack knows, Terraform will only tell later
    return compare(value, answer["value"], answer.get("type", natural_type(answer["value"])))


def answer(code: str, scope: Scope) -> Tuple[Value, Optional[bool]]:
    """This pack's value of an expression, and whether it fails; None where that is open."""
    parsed = parse_file(f"x = {code}\ny = can({code})\n")
    assert not parsed.problems, (code, parsed.problems)
    with metered():
        value, can = (evaluate(parsed.body.attributes[name], scope) for name in "xy")
    return value, can is False if isinstance(can, bool) else None


def open_counts(all_compared: Iterable[Compared]) -> Dict[str, int]:
    """By kind, how many are open here that Terraform knows."""
    counts: Dict[str, int] = {}
    for one in all_compared:
        if one.outcome == LEFT_OPEN:
            counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def wrong_codes(all_compared: Sequence[Compared]) -> Dict[str, List[str]]:
    """By kind, the expressions whose value here is wrong."""
    codes: Dict[str, List[str]] = {}
    for one in all_compared:
        if one.outcome == IS_WRONG:
            codes.setdefault(one.kind, []).append(one.code)
    return codes
