"""What reaches the reader: Checkov's command line, its output formats, and its ways to leave findings out."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator, List, Mapping, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest

from ctkms.cloudtrail.rules.catalogue import BY_ID

ROOT = Path(__file__).resolve().parent.parent
SARIF_SCHEMA = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"
SAMPLES = {
    "terraform": [
        "bad_001_context_names_other_trail",
        "bad_023_041_public_reader_through_s3",
        "bad_080_missing_comma",
        "good_for_each_keys",
        "good_module_policy_passed_in",
        "silent_unrelated_key",
        "unknown_account_in_conditions",
    ],
    "cloudformation": [
        "bad_020_021_022_everyone_may_encrypt",
        "bad_041_reader_without_context",
        "bad_080_missing_comma",
        "good_find_in_map",
        "silent_unrelated_key",
        "unknown_condition_branches_disagree",
    ],
    "terraform_json": [
        "bad_001_terraform_json_other_trail",
        "good_cdktf_synthesised",
        "unknown_terraform_json_policy_variable",
    ],
    "terraform_plan": [
        "bad_001_002_module_source_used_twice_keys_swapped",
        "bad_041_reader_without_context",
        "good_policy_document_plain",
        "good_reader_bob_same_account",  # the plan leaves its policy open
        "silent_unrelated_key",
    ],
    "serverless": ["bad_001_serverless_variable_names_other_trail", "good_serverless_service"],
}
SOURCES = {
    "terraform": ROOT / "terraform_samples",
    "terraform_json": ROOT / "terraform_samples",
    "terraform_plan": ROOT / "tests" / "plans" / "samples",
    "cloudformation": ROOT / "cloudformation_samples",
    "serverless": ROOT / "cloudformation_samples",
}
PLAN = ROOT / "tests" / "plans" / "scenarios" / "skip_comment"
ONE = ["--framework", "terraform"]
EACH = ["--framework", *SAMPLES]
RUNS = ["usual", "threads", "one by one", "enriched", "machines", "severe", "one file", "baseline"]
SEVERE = ["--check", "HIGH", "--skip-check", "CKV_CTKMS_02*", "--compact"]
MACHINES = ["json", "sarif", "junitxml", "gitlab_sast", "github_failed_only"]


class Run(NamedTuple):
    """What Checkov's command line left behind."""

    code: int
    stdout: str
    stderr: str
    files: Path  # the folder that it wrote to

    def json(self) -> List[Mapping[str, Any]]:
        """The reports, one a framework."""
        reports = json.loads((self.files / "results_json.json").read_text(encoding="utf-8"))
        return reports if isinstance(reports, list) else [reports]

    def records(self) -> List[Mapping[str, Any]]:
        results = [report["results"] for report in self.json()]
        kinds = ("passed_checks", "failed_checks", "skipped_checks")
        passing = ("breadcrumbs",)  # Checkov's own, in an order that changes from run to run
        return [
            {"framework": report["check_type"], **{name: record[name] for name in record if name not in passing}}
            for report, result in zip(self.json(), results)
            for kind in kinds
            for record in result[kind]
        ]


def _checkov(files: Path, options: List[str], **environment: str) -> Run:
    files.mkdir()
    silent = ("CHECKOV_", "CKV_", "BC_", "PRISMA_", "LOG_LEVEL")  # whatever the user has set for other scans
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(silent)}
    fixed = ["--external-checks-dir", str(ROOT / "checks"), "--skip-download", "--output-file-path", str(files)]
    done = subprocess.run(
        [sys.executable, "-m", "checkov.main", *fixed, *options],
        cwd=files,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    return Run(done.returncode, done.stdout, done.stderr, files)


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Some samples of every framework."""
    tree: Path = tmp_path_factory.mktemp("scanned")
    for framework, names in SAMPLES.items():
        for name in names:
            target = tree / framework / name
            if framework == "terraform_plan":
                target.mkdir(parents=True)
                shutil.copy(SOURCES[framework] / f"{name}.json", target / "plan.json")
            else:
                shutil.copytree(SOURCES[framework] / name, target)
    return tree


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory) -> Path:
    """A key and its trail, in two files of a folder."""
    text = (ROOT / "terraform_samples" / "bad_001_context_names_other_trail" / "main.tf").read_text()
    key, bucket_and_trail = text.split('resource "aws_s3_bucket" "logs"')
    folder: Path = tmp_path_factory.mktemp("neighbours")
    (folder / "key.tf").write_text(key)
    (folder / "trail.tf").write_text('resource "aws_s3_bucket" "logs"' + bucket_and_trail)
    return folder


@pytest.fixture(scope="module")
def run(tree, neighbours, tmp_path_factory) -> Iterator[Callable[[str], Run]]:
    """The scans by name, all started at once: Checkov spends seconds on loading itself."""
    out = tmp_path_factory.mktemp("out")
    ours = ["--check", "CKV_CTKMS_*"]
    everything = ["-d", str(tree), *EACH, *ours]
    backwards = ["-d", str(tree), "--framework", *reversed(SAMPLES), *ours]
    enriched = ["-f", str(PLAN / "plan.json"), "--repo-root-for-plan-enrichment", str(PLAN), *ours]
    one_file = ["-f", str(neighbours / "key.tf"), *ONE, *ours]
    baseline = tree / ".checkov.baseline"

    def after(earlier: Future[Run], *options: str) -> Run:
        earlier.result()
        return _checkov(out / "baseline", [*everything, *options])

    with ThreadPoolExecutor(max_workers=3) as pool:

        def start(name: str, *options: str, **environment: str) -> Future[Run]:
            return pool.submit(_checkov, out / name, list(options), **environment)

        # What Checkov does unless it is told otherwise: all its frameworks, in processes.
        all_frameworks = ["-d", str(tree), "--framework", "all", *ours]
        usual = start("usual", *all_frameworks, *_outputs("cli", "json"), "--create-baseline")
        runs = {
            "usual": usual,
            "threads": start("threads", *everything, *_outputs("json"), CHECKOV_PARALLELIZATION_TYPE="thread"),
            "one by one": start("one by one", *backwards, *_outputs("json"), CHECKOV_PARALLELIZATION_TYPE="none"),
            "enriched": start("enriched", "--framework", "terraform_plan", *enriched, *_outputs("json")),
            "machines": start("machines", *everything, *_outputs("cli", *MACHINES)),
            "severe": start("severe", "-d", str(tree / "terraform"), *ONE, *SEVERE, *_outputs("cli", "json")),
            "one file": start("one file", *one_file, *_outputs("csv")),
            "baseline": pool.submit(after, usual, *_outputs("json"), "--baseline", str(baseline)),
        }
        yield lambda name: runs[name].result()


def _outputs(*formats: str) -> List[str]:
    return [option for name in formats for option in ("--output", name)]


@pytest.mark.parametrize("name", RUNS)
def test_says_nothing_of_errors(name, run) -> None:
    found = run(name)
    assert "[ERROR]" not in found.stderr
    assert "Traceback" not in found.stderr
    assert found.code == (0 if name == "baseline" else 1)


def test_json_holds_the_explanation(run) -> None:
    """Several frameworks are several processes, and all that they found goes through a pipe."""
    records = run("usual").records()
    assert {record["framework"] for record in records} == set(SAMPLES)
    for record in records:
        assert record["check_result"]["ctkms"]["reason"], record
        assert record["check_result"]["evaluated_keys"], record


def test_json_names_rule_severity_and_guideline(run) -> None:
    for record in run("usual").records():
        rule = BY_ID[record["check_id"]]
        said = (record["check_name"], record["severity"], record["guideline"])
        assert said == (rule.name, rule.severity, rule.guideline)


def test_scans_as_the_samples_say(run) -> None:
    """What the command line finds is what the sample's name says."""
    failed = {(record["framework"], record["file_path"].split("/")[2], record["check_id"]) for record in _failed(run)}
    named = {
        (framework, folder, f"CKV_CTKMS_{word}")
        for framework, folders in SAMPLES.items()
        for folder in folders
        for word in folder.split("_")
        if word.isdigit()
    }
    assert failed == named


def _failed(run: Callable[[str], Run]) -> List[Mapping[str, Any]]:
    return [record for record in run("usual").records() if record["check_result"]["result"] == "FAILED"]


@pytest.mark.parametrize("name", ["threads", "one by one"])
def test_finds_the_same_however_it_runs(name, run) -> None:
    """On macOS and Windows Checkov runs its frameworks in threads instead of processes."""
    assert _sorted(run(name).records()) == _sorted(run("usual").records())


def _sorted(records: List[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    order = ("framework", "check_id", "file_path", "resource")
    return sorted(records, key=lambda record: [record[name] for name in order])


def test_finds_the_same_in_whatever_order_the_files_come(scan, tree) -> None:
    for framework, suffix in (("terraform", ".tf"), ("terraform_plan", ".json"), ("cloudformation", ".yaml")):
        files = sorted((tree / framework).rglob(f"*{suffix}"))
        there, back = (scan(framework, None, files=order) for order in (files, files[::-1]))
        assert there.outcome() == back.outcome()
        assert there.records


def test_skip_comment_reaches_a_plan(run) -> None:
    """Checkov takes it from the code that the plan was made of, and compares ids by their beginnings."""
    results = {record["check_id"]: record["check_result"] for record in run("enriched").records()}
    assert results["CKV_CTKMS_020"]["result"] == "SKIPPED"
    assert results["CKV_CTKMS_020"]["suppress_comment"] == "accepted"
    assert {rule for rule, result in results.items() if result["result"] == "FAILED"} == {
        "CKV_CTKMS_021",
        "CKV_CTKMS_022",
        "CKV_CTKMS_024",
    }


def test_console_shows_what_to_know(run) -> None:
    shown = run("usual").stdout
    for record in _failed(run):
        rule = BY_ID[record["check_id"]]
        (paragraph,) = _paragraphs(shown, rule.id, "FAILED", record)
        assert f'"{rule.name}"' in paragraph
        assert f"Severity: {rule.severity}" in paragraph
        assert f"Guide: {rule.guideline}" in paragraph
        said = record["check_result"]["ctkms"]
        details = re.escape(f"Details: {said['summary']}") + r"\s+" + re.escape(said["reason"])
        shows = record["framework"].startswith("terraform")  # Checkov shows no others
        assert bool(re.search(details, paragraph)) == shows


def test_console_says_why_nothing_was_decided(run) -> None:
    records = [record for record in run("usual").records() if record["check_result"]["result"] == "SKIPPED"]
    assert {record["framework"] for record in records} == set(SAMPLES) - {"serverless"}
    for record in records:
        (paragraph,) = _paragraphs(run("usual").stdout, "CKV_CTKMS_090", "SKIPPED", record)
        said = record["check_result"]["ctkms"]
        assert f"Suppress comment: {said['summary']} {said['reason']}" in paragraph


def _paragraphs(shown: str, rule: str, result: str, record: Mapping[str, Any]) -> List[str]:
    """What the console says of a record."""
    return [
        paragraph
        for paragraph in shown.split("Check: ")
        if paragraph.startswith(f"{rule}: ")
        and f"{result} for resource: {record['resource']}" in paragraph
        and f"File: {record['file_path']}:" in paragraph
    ]


def test_sarif_is_valid(run) -> None:
    """Code scanning refuses a file that is not, with all its findings. Checkov's details would make it so."""
    sarif = json.loads((run("machines").files / "results_sarif.sarif").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))).validate(sarif)
    results = [result for part in sarif["runs"] for result in part["results"]]
    assert {result["ruleId"] for result in results} >= {record["check_id"] for record in _failed(run)}
    assert not any(result.get("attachments") for result in results)


def test_sarif_names_rule_and_guideline(run) -> None:
    sarif = json.loads((run("machines").files / "results_sarif.sarif").read_text(encoding="utf-8"))
    for part in sarif["runs"]:
        for said in part["tool"]["driver"]["rules"]:
            rule = BY_ID[said["id"]]
            assert (said["shortDescription"]["text"], said["helpUri"]) == (rule.name, rule.guideline)


def test_no_details_beside_sarif(run) -> None:
    """Whatever else is asked for: the records of all formats are the same."""
    assert "Details:" not in run("machines").stdout
    assert all(not record["details"] for record in run("machines").records())


def test_explanation_stays_beside_sarif(run) -> None:
    assert [record["check_result"] for record in _sorted(run("machines").records())] == [
        record["check_result"] for record in _sorted(run("usual").records())
    ]


@pytest.mark.parametrize(
    "file", ["results_junitxml.xml", "results_gitlab_sast.json", "results_github_failed_only.md", "results_cli.txt"]
)
def test_other_formats_name_what_failed(file, run) -> None:
    text = (run("machines").files / file).read_text(encoding="utf-8")
    for rule in {record["check_id"] for record in _failed(run)}:
        assert rule in text
        assert BY_ID[rule].guideline in text


def test_severity_and_skipped_rules(run) -> None:
    found = {record["check_id"] for record in run("severe").records() if record["check_id"].startswith("CKV_CTKMS_")}
    usual = {record["check_id"] for record in run("usual").records() if record["framework"] == "terraform"}
    severe = {rule for rule in usual if BY_ID[rule].severity in ("HIGH", "CRITICAL")}
    assert found == {rule for rule in severe if not rule.startswith("CKV_CTKMS_02")}
    assert found < severe < usual


@pytest.mark.parametrize(
    ("checks", "skipped", "left"),
    [
        (["CKV_CTKMS_001"], [], "001"),
        (["CKV_CTKMS_02*"], [], "020 021 022 023 024"),
        (["CRITICAL"], [], "023"),
        (["CKV_CTKMS_*"], ["CKV_CTKMS_0[24]*", "CKV_CTKMS_06?"], "001 002 003 080 090"),
        (["CKV_CTKMS_*"], ["MEDIUM"], "001 020 023 040 060 061 080"),
    ],
)
def test_rules_are_chosen_by_id_pattern_and_severity(checks, skipped, left, scan, tree) -> None:
    folder = tree / "terraform" / "bad_001_context_names_other_trail"
    found = scan("terraform", folder, checks=checks, skipped=skipped)
    rules = {record.check_id for record in found.records if record.check_id.startswith("CKV_CTKMS_")}
    assert " ".join(sorted(rule[-3:] for rule in rules)) == left


def test_compact_shows_no_code(run) -> None:
    assert " | resource " not in run("severe").stdout
    assert " | resource " in run("usual").stdout


def test_one_file_is_judged_with_its_neighbours(neighbours, run) -> None:
    """Checkov reads only the file that is named; the trail stands in another."""
    (table,) = run("one file").files.glob("*_iac.csv")
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Policy title"]]
    assert [(row["Misconfigurations"], row["Resource"]) for row in rows] == [
        ("CKV_CTKMS_001", "aws_kms_key.cloudtrail"),
    ]
    assert "for the trail arn:aws:cloudtrail:<this Region>:<this account>:trail/audit" in rows[0]["Details"]


def test_baseline_leaves_out_what_is_known(run) -> None:
    results = [record["check_result"]["result"] for record in run("baseline").records()]
    assert _failed(run)
    assert "FAILED" not in results


KEY = """
resource "aws_kms_key" "trail" {{
  {comment}
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}
      Action    = "kms:*"
      Resource  = "*"
    }}]
  }})
}}

resource "aws_cloudtrail" "audit" {{
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.trail.arn
}}
"""

STACK = """
Resources:
  Key:
    Type: AWS::KMS::Key
{metadata}
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{AWS: arn:aws:iam::111122223333:root}}
            Action: kms:*
            Resource: "*"
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: logs
      KMSKeyId: !GetAtt Key.Arn
"""

METADATA = """
    Metadata:
      checkov:
        skip:
          - {id: CKV_CTKMS_001, comment: accepted until March}
"""


def test_inline_skip_in_terraform(scan, tmp_path) -> None:
    comment = "#checkov:skip=CKV_CTKMS_001:accepted until March"
    (tmp_path / "main.tf").write_text(KEY.format(comment=comment))
    _is_skipped(scan("terraform", tmp_path).records)


def test_inline_skip_in_cloudformation(scan, tmp_path) -> None:
    (tmp_path / "template.yaml").write_text(STACK.format(metadata=METADATA))
    _is_skipped(scan("cloudformation", tmp_path).records)


def _is_skipped(records: List[Any]) -> None:
    """001 is skipped with the user's words, and still says what it found; nothing else changes."""
    by_rule = {record.check_id: record.check_result for record in records}
    skipped = by_rule.pop("CKV_CTKMS_001")
    assert (skipped["result"].value, skipped["suppress_comment"]) == ("SKIPPED", "accepted until March")
    assert "may not call kms:GenerateDataKey" in skipped["ctkms"]["reason"]
    assert skipped["evaluated_keys"]
    assert [rule for rule, result in by_rule.items() if result["result"].value != "PASSED"] == ["CKV_CTKMS_002"]


def test_several_inline_skips(scan, tmp_path) -> None:
    comment = "#checkov:skip=CKV_CTKMS_001,CKV_CTKMS_002:later"
    (tmp_path / "main.tf").write_text(KEY.format(comment=comment))
    assert scan("terraform", tmp_path).outcome()["aws_kms_key.trail"]["skipped"] == "001 002"


@pytest.mark.parametrize("rule", ["CKV_CTKMS_001", "CKV_CTKMS_090"])
def test_inline_skip_of_a_rule_that_has_nothing_to_say(rule, scan, tmp_path) -> None:
    unrelated = KEY.format(comment=f"#checkov:skip={rule}:not ours").split('resource "aws_cloudtrail"')[0]
    (tmp_path / "main.tf").write_text(unrelated)
    assert scan("terraform", tmp_path).records == []


def test_other_keys_leave_no_record(scan, tmp_path) -> None:
    """However many there are, and also where a trail has its key."""
    key = KEY.format(comment="").split('resource "aws_cloudtrail"')[0]
    for file in range(10):
        text = "".join(key.replace('"trail"', f'"other_{file}_{number}"') for number in range(30))
        (tmp_path / f"keys_{file}.tf").write_text(text)
    assert scan("terraform", tmp_path).records == []
    (tmp_path / "trail.tf").write_text(KEY.format(comment=""))
    assert set(scan("terraform", tmp_path).outcome()) == {"aws_kms_key.trail"}


def test_other_keys_leave_no_record_in_cloudformation(scan, tmp_path) -> None:
    key, _ = STACK.format(metadata="").split("  Trail:\n")
    keys = "".join(key.replace("Resources:", "").replace("Key:", f"Key{number}:", 1) for number in range(30))
    (tmp_path / "other.yaml").write_text("Resources:\n" + keys)
    assert scan("cloudformation", tmp_path).records == []
    (tmp_path / "trail.yaml").write_text(STACK.format(metadata=""))
    assert set(scan("cloudformation", tmp_path).outcome()) == {"AWS::KMS::Key.Key"}
