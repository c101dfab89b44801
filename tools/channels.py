"""Finds out what each of Checkov's outputs says of a finding, and writes the table of `docs/results.md`.

    python tools/channels.py           rewrite the table
    python tools/channels.py --check   only say that it is out of date, with exit code 1

Real Checkov scans three samples once for each output; a cell says whether the text of a field stands in it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results.md"
CHECKOV = Path(sys.executable).parent / "checkov"
OUTPUTS = ("cli", "json", "sarif", "junitxml", "gitlab_sast", "csv")
SAMPLES = (
    "terraform_samples/bad_001_stringequals_with_wildcard",
    "cloudformation_samples/bad_023_public_reader",
    "terraform_samples/unknown_bucket_key_setting",
)
_TABLE = re.compile(r"(<!-- generated: outputs -->\n).*?(<!-- /generated -->)", re.DOTALL)


class Row(NamedTuple):
    """What is looked for: a field of one of the records, and the text that must stand in an output."""

    label: str
    record: str  # the framework and the result of the record
    path: str  # of the field, with dots


FAILED_CODE, FAILED_TEMPLATE, OPEN = "terraform FAILED", "cloudformation FAILED", "terraform SKIPPED"
ROWS = (
    Row("rule", FAILED_TEMPLATE, "check_id"),
    Row("name", FAILED_TEMPLATE, "check_name"),
    Row("guideline", FAILED_TEMPLATE, "guideline"),
    Row("file", FAILED_TEMPLATE, "file_path"),
    Row("resource", FAILED_TEMPLATE, "resource"),
    Row("summary of a Terraform record", FAILED_CODE, "check_result.ctkms.summary"),
    Row("reason of a Terraform record", FAILED_CODE, "check_result.ctkms.reason"),
    Row("summary of a CloudFormation record", FAILED_TEMPLATE, "check_result.ctkms.summary"),
    Row("reason of a CloudFormation record", FAILED_TEMPLATE, "check_result.ctkms.reason"),
    Row("what CKV_CTKMS_090 leaves open", OPEN, "check_result.ctkms.summary"),
    Row("path of the element", FAILED_TEMPLATE, "check_result.evaluated_keys.0"),
    Row("place of the element, controls, requests", FAILED_TEMPLATE, "check_result.ctkms.location.start_column"),
)


def outputs() -> Dict[str, str]:
    """What Checkov writes about the samples, by output."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in SAMPLES:
            shutil.copytree(ROOT / sample, Path(folder) / sample)
        return {output: _run(folder, output) for output in OUTPUTS}


def _run(folder: str, output: str) -> str:
    line = [str(CHECKOV), "-d", ".", "--external-checks-dir", str(ROOT / "checks"), "-c", "CKV_CTKMS_*"]
    line += ["--skip-download", "--framework", "terraform", "cloudformation", "-o", output]
    if output in ("sarif", "csv"):  # these are files, with more than the standard output has
        subprocess.run([*line, "--output-file-path", "."], cwd=folder, capture_output=True, check=False)  # noqa: S603
        return "".join(one.read_text("utf-8") for one in sorted(Path(folder).glob(f"results*.{output}"))) + "".join(
            one.read_text("utf-8") for one in sorted(Path(folder).glob("*_iac.csv")) if output == "csv"
        )
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False).stdout  # noqa: S603


def records(text: str) -> Dict[str, Any]:
    """The first record of each framework and result, in what Checkov writes as JSON."""
    found: Dict[str, Any] = {}
    for report in json.loads(text[text.index("[") :]):
        for kind in ("failed_checks", "skipped_checks"):
            for record in report["results"][kind]:
                found.setdefault(f"{report['check_type']} {record['check_result']['result']}", record)
    return found


def _value(record: Any, path: str) -> str:
    for step in path.split("."):
        record = record[int(step)] if step.isdecimal() else record[step]
    return f'"start_column": {record}' if path.endswith("start_column") else str(record)


def _stands_in(value: str, text: str) -> bool:
    plain = " ".join(text.split())
    variants = (value, json.dumps(value)[1:-1], value.replace("<", "&lt;").replace(">", "&gt;"), value.lstrip("/"))
    csv = value.replace('"', '""')
    return any(" ".join(one.split()) in plain for one in (*variants, csv))


def table() -> str:
    """The table in Markdown."""
    written = outputs()
    known = records(written["json"])
    lines: List[str] = [f"| | {' | '.join(OUTPUTS)} |", "|---" * (len(OUTPUTS) + 1) + "|"]
    for row in ROWS:
        value = _value(known[row.record], row.path)
        cells = ["yes" if _stands_in(value, written[output]) else "no" for output in OUTPUTS]
        lines.append(f"| {row.label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Rewrite or check the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    text = PAGE.read_text(encoding="utf-8")
    made = table()
    new = _TABLE.sub(lambda found: found[1] + made + found[2], text)
    if new == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)}: {'out of date' if check else 'rewritten'}")
    if not check:
        PAGE.write_text(new, encoding="utf-8")
    return 1 if check else 0


if __name__ == "__main__":
    sys.exit(main())
