"""Asks the real Terraform what expressions are worth, and holds this pack's own answers against it.

    python tools/terraform_truth.py --report                 by kind: agreed, open and wrong, with examples
    python tools/terraform_truth.py --report concat format   only these kinds, with every expression that differs
    python tools/terraform_truth.py --keep                   writes the lists of open counts and known wrong values anew
    python tools/terraform_truth.py --ask                    has Terraform answer all tables anew
    python tools/terraform_truth.py --ask format heredoc     only for these kinds of expressions

The first three need no Terraform: they read `tests/iac/terraform/truth/expressions.jsonl`, a line an expression,
with what Terraform answered. `tests/iac/terraform/evaluation/test_truth.py` compares the same. What Terraform knows
and the pack leaves open is counted by kind in `open.json`, and a count may only fall; `wrong.json` lists values that
are known to be wrong, and may only shrink. After a change that makes anything better, run `--keep`.

`--ask` needs terraform 1.11 and its provider hashicorp/aws, as `tools/plans.py` does. Terraform stands in a copy of
`tests/iac/terraform/truth/root`. The expressions are those of `truth_expressions.py`, of `idioms.txt` beside the
table, and the policies of the samples. What Terraform refuses whatever the values are (a reference to nothing, a
wrong number of arguments) is no question of values, and is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT), str(ROOT / "checks"), str(ROOT / "tools")]

import terraform_answers  # noqa: E402
import truth_documents  # noqa: E402
import truth_expressions  # noqa: E402
import truth_idioms  # noqa: E402
from tests.iac.terraform.truth import table  # noqa: E402

LONGEST = 1_500  # characters of a policy document; longer ones say the same again
SHOWN = 3  # examples of a kind in the report on all of them


def asked() -> List[Dict[str, Any]]:
    """What the table asks for, without answers."""
    idioms = [{"kind": "idiom", "code": code} for code in truth_idioms.idioms()]
    return idioms + [{"kind": kind, "code": code} for kind, code in truth_expressions.expressions()]


def ask(kinds: Sequence[str] = ()) -> None:
    """Write the table anew, or only the rows of these kinds."""
    questions = [one for one in asked() if not kinds or one["kind"] in kinds]
    missing = terraform_answers.functions() - {kind for kind, _ in truth_expressions.expressions()}
    if missing:
        sys.exit(f"patterns.txt has none for {', '.join(sorted(missing))}")
    answers = terraform_answers.answers([one["code"] for one in questions])
    rows = [{**one, **answer} for one, answer in zip(questions, answers) if answer is not None]
    if kinds:
        rows = [*(row for row in table.rows(table.EXPRESSIONS) if row["kind"] not in kinds), *rows]
    _write(table.EXPRESSIONS, rows, len(questions))


def ask_open() -> None:
    """Write the table of expressions with open values anew: what each is worth for every choice of the values."""
    questions = list(truth_expressions.open_expressions())
    codes = [code for _, code in questions]
    unknown = terraform_answers.answers([terraform_answers.with_unknown(code) for code in codes])
    chosen = [terraform_answers.answers(codes, filling) for filling in terraform_answers.FILLINGS]
    rows = []
    for (kind, code), untold, *answers in zip(questions, unknown, *chosen):
        if untold is not None and None not in answers:
            told = untold if "value" in untold or "fails" in untold else None
            rows.append({"kind": kind, "code": code, "unknown": told, "chosen": answers})
    _write(table.OPEN_EXPRESSIONS, rows, len(questions))


def ask_documents() -> None:
    """Have the provider render the policy documents anew."""
    documents = truth_documents.documents()
    rendered = {name: json.loads(text) for name, text in terraform_answers.rendered(documents).items()}
    kept = {name: code for name, code in documents.items() if name in rendered}
    terraform_answers.without(kept, [name for name in kept if len(json.dumps(rendered[name])) > LONGEST])
    rows = [{"name": name, "code": code, "policy": rendered[name]} for name, code in kept.items()]
    _write(table.DOCUMENTS, rows, len(documents))


def _write(path: Path, rows: Sequence[Mapping[str, Any]], asked_for: int) -> None:
    path.write_text("".join(table.written(row) + "\n" for row in rows), encoding="utf-8")
    print(f"{path.name}: {len(rows)} of {asked_for} expressions have an answer")


def report(compared: Sequence[table.Compared], kinds: Iterable[str]) -> None:
    """Print how the pack's answers compare, kind by kind."""
    chosen = set(kinds)
    by_kind: Dict[str, List[table.Compared]] = {}
    for one in compared:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, all_of_it in by_kind.items():
        if chosen and kind not in chosen:
            continue
        counts = _counts(all_of_it)
        print(f"{kind}: {counts['agreed']} agreed, {counts['open']} open, {counts['wrong']} wrong")
        for outcome in ("wrong", "open"):
            differing = [one for one in all_of_it if one.outcome == outcome]
            for one in differing if chosen else differing[:SHOWN]:
                print(f"    {outcome}: {one.code}\n        terraform: {one.theirs}\n        here: {one.ours}")
    counts = _counts(compared)
    print(f"all {len(compared)}: {counts['agreed']} agreed, {counts['open']} open, {counts['wrong']} wrong")


def _counts(compared: Iterable[table.Compared]) -> Mapping[str, int]:
    counts = {"agreed": 0, "open": 0, "wrong": 0}
    for one in compared:
        counts[one.outcome] += 1
    return counts


def keep(compared: Sequence[table.Compared]) -> None:
    """Write down what is open and what is known to be wrong."""
    for path, content in ((table.OPEN, table.open_counts(compared)), (table.WRONG, table.wrong_codes(compared))):
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Do what is asked for; the return value is the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ask", nargs="*", metavar="KIND", help="have Terraform answer")
    parser.add_argument("--keep", action="store_true", help="write down what is open and wrong now")
    parser.add_argument("--report", nargs="*", metavar="KIND", help="print how the answers compare")
    options = parser.parse_args()
    if options.ask is not None:
        ask(options.ask)
    if options.ask == []:
        ask_open()
        ask_documents()
    compared = table.compared()
    if options.keep:
        keep(compared)
    if options.report is not None:
        report(compared, options.report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
