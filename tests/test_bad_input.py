"""Input that nobody should write: each key says in one line what is wrong, and the rest of the scan goes on."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Union

import pytest

from ctkms.cloudtrail import judge
from ctkms.cloudtrail.summaries import MAX_SUMMARY

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "terraform": ROOT / "terraform_samples" / "good_policy_document_plain",
    "cloudformation": ROOT / "cloudformation_samples" / "good_aws_documented_trail_policy",
}

Files = Dict[str, Union[str, bytes]]


class Case(NamedTuple):
    """Some files, and the one record that says what is wrong with the policy in them."""

    files: Files
    outcome: str
    words: str = ""


REFUSED = "080 failed"
OPEN = "090 skipped"
JUDGED = "judged"  # as any other policy

STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
SOUND = json.dumps(STATEMENT)


def policy(statements: str) -> str:
    """The text of a key policy, from that of its statements."""
    return f'{{"Version": "2012-10-17", "Statement": {statements}}}'


def statement(**elements: Any) -> str:
    """The text of a key policy with one statement, in which these elements differ."""
    return policy(json.dumps({**STATEMENT, **elements}))


DEEP = policy("[" * 1000 + SOUND + "]" * 1000)
MANY = policy("[" + ",".join([SOUND] * 10_000) + "]")
UNKNOWN_OPERATOR = statement(Condition={"StringLooksLike": {"aws:SourceArn": "x"}})


def terraform(argument: str) -> str:
    """A key with this policy, and its trail."""
    return f"""
resource "aws_kms_key" "trail" {{
  policy = {argument}
}}

resource "aws_cloudtrail" "audit" {{
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.trail.arn
}}
"""


FROM_FILE = terraform('file("${path.module}/policy.json")')


def beside(content: Union[str, bytes]) -> Files:
    """A policy in a file of its own."""
    return {"main.tf": FROM_FILE, "policy.json": content}


TERRAFORM = {
    "is no JSON": Case(beside(policy(f"[{SOUND},]")), REFUSED, "no valid JSON"),
    "is cut off": Case(beside(policy(f"[{SOUND}]")[:-1]), REFUSED, "no valid JSON"),
    "is a number": Case({"main.tf": terraform("42")}, REFUSED, "number"),
    "is a number in quotes": Case({"main.tf": terraform('"42"')}, REFUSED, "number"),
    "is a list": Case({"main.tf": terraform("jsonencode([1, 2])")}, REFUSED, "list"),
    "is a boolean": Case({"main.tf": terraform("true")}, REFUSED, "boolean"),
    "is blank": Case({"main.tf": terraform('"  "')}, REFUSED, "empty"),
    "is null": Case({"main.tf": terraform("null")}, JUDGED),
    "has a string for statements": Case(beside(policy('"allow"')), REFUSED, '"Statement" is a string'),
    "has numbers for statements": Case(beside(policy("[1, 2]")), REFUSED, "is a number"),
    "has no statements": Case(beside('{"Version": "2012-10-17"}'), REFUSED, '"Statement"'),
    "has ten thousand statements": Case(beside(MANY), REFUSED, "bytes"),
    "is nested deeply": Case(beside(DEEP), REFUSED, "nested too deeply"),
    "is nested more deeply": Case(beside("[" * 100_000 + "]" * 100_000), REFUSED, "nested too deeply"),
    "has an unknown operator": Case(beside(UNKNOWN_OPERATOR), REFUSED, '"StringLooksLike" is no condition operator'),
    "has a string for conditions": Case(beside(statement(Condition="x")), REFUSED, '"Condition" is a string'),
    "has an object for a principal": Case(beside(statement(Principal={"AWS": [{}]})), REFUSED, "object"),
    "has a huge number": Case(beside(policy(SOUND.replace('"*"', "9" * 5000))), REFUSED, ""),
    "has half a surrogate pair": Case(beside(statement(Action="\ud800")), REFUSED, "a text of one character is no"),
    "has control characters": Case(beside(statement(Action="\x1b[2J\n")), REFUSED, "a text of 5 characters is no"),
    "is two megabytes": Case(
        {"main.tf": terraform(f"<<EOT\n{'x' * 2_000_000}\nEOT")}, OPEN, "too large to work out: <<EOT xxx"
    ),
    "is a directory": Case({"main.tf": FROM_FILE, "policy.json/x": ""}, OPEN, "policy.json"),
    "is a missing file": Case({"main.tf": FROM_FILE}, OPEN, "policy.json"),
    "is a huge file": Case(beside(b" " * 11_000_000), OPEN, "policy.json"),
    # Terraform itself reads no file that is not UTF-8.
    "is a binary file": Case(beside(bytes(range(256)) * 9), OPEN, "policy.json"),
    "is UTF-16": Case(beside(policy(SOUND).encode("utf-16")), OPEN, "policy.json"),
    "is a file elsewhere": Case({"main.tf": terraform('file("/etc/hosts")')}, OPEN, "/etc/hosts"),
    "is a device": Case({"main.tf": terraform('file("/dev/zero")')}, OPEN, "/dev/zero"),
    "has a name that no file can have": Case({"main.tf": terraform(f'file("{"a" * 5000}")')}, OPEN, "aaaa"),
    "refers to itself": Case(
        {
            "main.tf": terraform("local.a"),
            "locals.tf": """
            locals {
              a = local.b
              b = local.a
            }
            """,
        },
        OPEN,
        "local.a",
    ),
    "includes itself": Case(
        {"main.tf": terraform('templatefile("a.tftpl", {})'), "a.tftpl": '${templatefile("a.tftpl", {})}'},
        OPEN,
        "a.tftpl",
    ),
    "is too long to work out": Case(
        {"main.tf": terraform("jsonencode([for number in range(10000000) : number])")}, OPEN, "range(10000000)"
    ),
    "has a file beside it that is no HCL": Case(
        {"main.tf": terraform(f"jsonencode({policy(SOUND)})"), "broken.tf": "locals {\n  a = [[[\n"},
        JUDGED,
    ),
}


def cloudformation(value: str) -> Files:
    """A key with this policy, and its trail."""
    return {
        "template.yaml": f"""
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {value}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: logs
      KMSKeyId: !GetAtt Key.Arn
"""
    }


CLOUDFORMATION = {
    "is no JSON": Case(cloudformation(json.dumps(policy(f"[{SOUND},]"))), REFUSED, "no valid JSON"),
    "is a number": Case(cloudformation("42"), REFUSED, "number"),
    "is a list": Case(cloudformation("[1, 2]"), REFUSED, "list"),
    "is a date": Case(cloudformation("2012-10-17"), REFUSED, ""),
    "is blank": Case(cloudformation('""'), REFUSED, "empty"),
    "is null": Case(cloudformation("null"), JUDGED),
    "has a string for statements": Case(cloudformation(policy('"allow"')), REFUSED, '"Statement" is a string'),
    "has ten thousand statements": Case(cloudformation(json.dumps(MANY)), REFUSED, "bytes"),
    "is nested deeply": Case(cloudformation(json.dumps(DEEP)), REFUSED, "nested too deeply"),
    "has an unknown operator": Case(cloudformation(UNKNOWN_OPERATOR), REFUSED, '"StringLooksLike"'),
    "has half a surrogate pair": Case(cloudformation(json.dumps(statement(Action="\ud800"))), REFUSED, "one character"),
    "has an unknown tag": Case(cloudformation("!Foo bar"), OPEN, "Foo"),
    "gets nothing": Case(cloudformation("!GetAtt 3"), OPEN, "3"),
    "joins nothing": Case(cloudformation('{"Fn::Join": [1]}'), OPEN, "Fn::Join"),
    "selects nothing": Case(cloudformation("!Select [99, [a]]"), OPEN, "Fn::Select"),
    "has a condition that is not there": Case(cloudformation("!If [Nope, 1]"), OPEN, "Nope"),
    "is the key itself": Case(cloudformation("!Ref Key"), OPEN, "Key"),
}

CASES: Mapping[str, Mapping[str, Case]] = {"terraform": TERRAFORM, "cloudformation": CLOUDFORMATION}
NAMES = [(framework, name) for framework, cases in CASES.items() for name in cases]


@pytest.fixture(scope="module")
def scans(scan, tmp_path_factory) -> Mapping[str, Any]:
    """All cases of a framework in one scan, with a good sample among them."""
    found = {}
    for framework, cases in CASES.items():
        tree = tmp_path_factory.mktemp(framework)
        for name, case in cases.items():
            _write(tree / _folder(name), case.files)
        shutil.copytree(GOOD[framework], tree / "good")
        found[framework] = scan(framework, tree)
    return found


def _folder(name: str) -> str:
    return name.replace(" ", "_")


def _write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(("framework", "name"), NAMES)
def test_says_what_is_wrong(framework, name, scans) -> None:
    case = CASES[framework][name]
    found = scans[framework].within(_folder(name))
    (results,) = found.outcome().values()
    if case.outcome == JUDGED:
        assert results["failed"] == "001 002"
        assert "skipped" not in results
        return
    rule, result = case.outcome.split()
    assert rule in results[result].split()
    assert case.words in found.reason(rule)


@pytest.mark.parametrize("framework", CASES)
def test_says_it_in_one_line(framework, scans) -> None:
    """Of a length that can be read, and in characters that every console can show."""
    for record in scans[framework].records:
        said = record.check_result["ctkms"]
        summary, reason = said["summary"], said["reason"]
        assert reason.isprintable(), record
        assert 0 < len(reason) < 1200, record
        assert summary.isprintable(), record
        assert 0 < len(summary) <= MAX_SUMMARY, record
        assert record.details in ([], [summary, reason]), record
        assert record.check_result.get("suppress_comment") in (None, f"{summary} {reason}"), record


@pytest.mark.parametrize("framework", CASES)
def test_refused_policies_are_not_judged(framework, scans) -> None:
    """A policy that is none allows nothing, and denies nothing."""
    for name, case in CASES[framework].items():
        (results,) = scans[framework].within(_folder(name)).outcome().values()
        if case.outcome == REFUSED and "surrogate" not in name and "control" not in name:
            assert results == {"failed": "080", "passed": "060 061"}, name
        elif case.outcome == OPEN:
            assert results == {"skipped": "090", "passed": "060 061"}, name


@pytest.mark.parametrize("framework", CASES)
def test_the_rest_of_the_scan_goes_on(framework, scan, scans) -> None:
    good = scans[framework].within("good").outcome()
    assert good == scan(framework, GOOD[framework]).outcome()
    assert all(set(results) == {"passed"} for results in good.values())


@pytest.mark.parametrize("framework", CASES)
def test_logs_no_error(framework, scans) -> None:
    assert scans[framework].errors == []


def test_links_that_lead_nowhere(scan, tmp_path) -> None:
    """To themselves, to each other, to the folder they are in, and out of the scan."""
    outside = tmp_path / "outside.json"
    outside.write_text(policy(SOUND))
    folder = tmp_path / "scanned"
    folder.mkdir()
    (folder / "main.tf").write_text(FROM_FILE)
    (folder / "loop.tf").symlink_to("loop.tf")
    (folder / "inner").symlink_to(folder, target_is_directory=True)
    for target in ("policy.json", "inner/policy.json", str(outside)):
        (folder / "policy.json").unlink(missing_ok=True)
        (folder / "policy.json").symlink_to(target)
        found = scan("terraform", folder)
        assert found.outcome()["aws_kms_key.trail"] == {"skipped": "090", "passed": "060 061"}, target
        assert "policy.json" in found.reason("090", "aws_kms_key.trail")
        assert _ours(found.errors) == []


def _ours(errors: List[str]) -> List[str]:
    return [error for error in errors if "ctkms" in error]


@pytest.mark.parametrize("text", ["Resources: [", "Resources: 3", "a: &a [*a]", "\0", "", "{"])
def test_templates_that_are_none(text, scan, tmp_path) -> None:
    """Where they speak of CloudTrail, they are read; whatever comes of it, the others are judged."""
    _write(tmp_path, {"broken.yaml": f"# AWS::CloudTrail::Trail and Resources\n{text}", **cloudformation("42")})
    found = scan("cloudformation", tmp_path)
    assert found.outcome() == {"AWS::KMS::Key.Key": {"failed": "080", "passed": "060 061"}}
    assert _ours(found.errors) == []


LIKE_JSON = """{"Resources": {
  "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": 42}},
  "Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"KMSKeyId": {"Ref": "Key"}}},
}}"""


@pytest.mark.parametrize("text", [LIKE_JSON, LIKE_JSON.replace('"', "")])
@pytest.mark.parametrize("name", ["template.json", "template.yaml"])
def test_templates_that_only_look_like_json(name, text, scan, tmp_path) -> None:
    """What Checkov reads is judged, or is not there at all."""
    (tmp_path / name).write_text(text)
    found = scan("cloudformation", tmp_path)
    judged = {"AWS::KMS::Key.Key": {"failed": "080", "passed": "060 061"}}
    assert found.outcome() == ({} if found.parsing_errors else judged)


def test_templates_that_only_checkov_can_read(scan, scans, monkeypatch, tmp_path) -> None:
    """Nobody knows of one; its keys would not be green."""
    registry = importlib.import_module("checkov.cloudformation.checks.resource.registry").cfn_registry
    check = next(check for check in registry.get_checks("AWS::KMS::Key") if check.id == "CKV_CTKMS_090")
    reading = check.findings_of.__globals__["TemplateScan"].subject.__globals__
    monkeypatch.setitem(reading, "read_template", lambda text: None)
    _write(tmp_path, cloudformation("42"))
    found = scan("cloudformation", tmp_path)
    unseen = {"skipped": "090"}
    assert found.outcome() == {"AWS::CloudTrail::Trail.Trail": unseen, "AWS::KMS::Key.Key": unseen}
    assert "cannot be read" in found.reason("090", "AWS::KMS::Key.Key")


@pytest.fixture(params=CASES)
def broken(request, monkeypatch, tmp_path) -> str:
    """A folder that the pack fails on."""

    def fails(*_: Any) -> Any:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(judge, "cases_of", fails)
    shutil.copytree(GOOD[request.param], tmp_path / "good")
    return str(request.param)


def test_an_internal_error_is_seen(broken, scan, tmp_path) -> None:
    """In the report, where everything else would be green, and with its traceback in the log."""
    found = scan(broken, tmp_path)
    (results,) = found.outcome().values()
    assert results == {"skipped": "090"}
    assert "ZeroDivisionError: two lines" in found.reason("090")
    (error,) = found.errors
    assert "ctkms failed on" in error
