"""`ctkms ask`: one request, and whom a policy lets call, of bare policies and of keys in code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
from tests.cloudtrail.policies import (
    ACCOUNT,
    CONTEXT,
    GOOD,
    OTHER,
    ROOT,
    TRAIL_ARN,
    allow,
    deny,
    having,
    policy,
)

from ctkms.commands.ask_command import run

ROOT_FOLDER = Path(__file__).resolve().parents[2]
BOB = f"arn:aws:iam::{ACCOUNT}:user/Bob"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READER = ["--principal", BOB, "--action", "kms:Decrypt"]
SERVICE = ["--principal", "cloudtrail.amazonaws.com", "--action", "kms:GenerateDataKey"]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Writes a policy into a file."""

    def written(content: Any) -> str:
        path = tmp_path / "policy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(path)

    return written


def test_shows_the_answer_and_the_part_of_each_statement(capsys, file) -> None:
    named = [having(statement, Sid=sid) for statement, sid in zip(GOOD, ("Root", "Encrypt", "Describe", "Read"))]
    assert run(["--policy", file(policy(*named)), *READER, "--context", f"{CONTEXT}={TRAIL_ARN}"]) == 0
    assert capsys.readouterr().out == (
        f"ALLOW  kms:Decrypt by {BOB}\n"
        "\n"
        '  statement "Root" (Allow) applies and has no condition\n'
        '  statement "Encrypt" (Allow) does not apply, because it does not speak of the caller\n'
        '  statement "Describe" (Allow) does not apply, because it does not speak of the caller\n'
        f'  statement "Read" (Allow) applies, and its conditions (Null on\n'
        f"      {CONTEXT}) hold\n"
        "\n"
        f"  given: {CONTEXT} =\n"
        f"      {TRAIL_ARN}\n"
        "  absent: aws:SourceArn\n"
    )


ANSWERS = {
    "a reader without encryption context": ([*READER], "deny"),
    "a reader with it": ([*READER, "--context", f"{CONTEXT}={TRAIL_ARN}"], "allow"),
    "CloudTrail for the trail": ([*SERVICE, "--context", f"aws:SourceArn={TRAIL_ARN}"], "allow"),
    "CloudTrail for a trail that is not given": ([*SERVICE], "unknown"),
    "CloudTrail for an event data store": ([*SERVICE, "--without", "aws:SourceArn"], "deny"),
    "an account by its id": (["--principal", ACCOUNT, "--action", "kms:Decrypt"], "deny"),
    "an action in another spelling": (["--principal", BOB, "--action", "KMS:decrypt"], "deny"),
}


@pytest.mark.parametrize(("line", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_answers_as_data(capsys, file, line: List[str], answer: str) -> None:
    name = file(policy(*GOOD[1:]))
    assert run(["--policy", name, "--json", *line]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["answer"] == answer
    assert [one["index"] for one in found["statements"]] == [0, 1, 2]
    assert {one["applies"] for one in found["statements"]} <= {"yes", "no", "unknown"}
    assert run(["--policy", name, *line, "--expect", "allow"]) == int(answer != "allow")
    assert run(["--policy", name, *line, "--expect", "deny"]) == int(answer != "deny")


NOTES = {
    "his account is named: its IAM policies count": (
        [ROOT],
        [*READER, "--key-arn", KEY_ARN],
        "the policy names the account, so the account's IAM policies have to allow it too",
    ),
    "he is of another account": (
        [ROOT, allow({"AWS": f"arn:aws:iam::{OTHER}:role/x"}, "kms:Decrypt")],
        ["--principal", f"arn:aws:iam::{OTHER}:role/x", "--action", "kms:Decrypt"],
        "the caller is of another account than the key: the caller's IAM policies have to allow it too",
    ),
    "he may be of another account": (
        [allow({"AWS": BOB}, "kms:Decrypt")],
        READER,
        "if the key is another account's: the caller's IAM policies have to allow it too",
    ),
    "nothing denies it": ([allow({"AWS": OTHER}, "kms:*")], READER, "grants are not seen here"),
}


@pytest.mark.parametrize(("statements", "line", "note"), NOTES.values(), ids=NOTES)
def test_says_what_a_key_policy_does_not_tell(capsys, file, statements, line, note) -> None:
    assert run(["--policy", file(policy(*statements)), "--json", *line]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert any(one.startswith(note) for one in found["notes"])


def test_an_explicit_deny_needs_no_note(capsys, file) -> None:
    assert run(["--policy", file(policy(ROOT, deny("*", "kms:*"))), "--json", *READER]) == 0
    assert json.loads(capsys.readouterr().out)[0]["notes"] == []


def test_says_who_may(capsys, file) -> None:
    statements = [
        having(ROOT, Sid="Root"),
        having(GOOD[3], Sid="Read"),
        allow({"AWS": "*"}, "kms:Decrypt", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, Sid="Org"),
        deny("*", "kms:*", {"Bool": {"aws:SecureTransport": "false"}}, Sid="TLS"),
        deny("*", "kms:*", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, Sid="MFA"),
    ]
    assert run(["--policy", file(policy(*statements)), "--who", "kms:Decrypt"]) == 0
    org = 'by statement "Org" (Allow), if StringEquals on aws:PrincipalOrgID: `o-abcdefghij`'
    unless = 'unless statement "MFA" (Deny) applies to everyone, if BoolIfExists on aws:MultiFactorAuthPresent: `false`'
    root = 'by statement "Root" (Allow), as far as the account\'s IAM policies allow'
    assert " ".join(capsys.readouterr().out.split()) == (
        "Who may call kms:Decrypt, by the key policy alone: "
        f"users and roles of account {ACCOUNT} {root} {org} {unless} "
        f'{BOB} {root} by statement "Read" (Allow), if Null on {CONTEXT}: `false` {org} {unless} '
        f"everyone {org} {unless} "
        "IAM policies and grants are not seen here. Where a statement names an account, the account's IAM policies "
        "decide which of its users and roles may; those of another account than the key's need them in any case."
    )


def test_says_who_of_an_account_may(capsys, file) -> None:
    name = file(policy(*GOOD))
    assert run(["--policy", name, "--who", "kms:Decrypt", "--account", OTHER]) == 0
    assert f"\n  nobody of account {OTHER}\n" in capsys.readouterr().out
    assert run(["--policy", name, "--who", "kms:Decrypt", "--account", ACCOUNT, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["name"]) for one in found["who"]] == [("account", ACCOUNT), ("principal", BOB)]
    assert found["who"][1]["allowed_by"] == [
        {"statement": "Statement[0] (Allow)", "conditions": []},
        {"statement": "Statement[3] (Allow)", "conditions": [f"Null on {CONTEXT}: `false`"]},
    ]


IN_CODE: Dict[str, Any] = {
    "Terraform": ("aws_kms_key.cloudtrail", "terraform_samples/bad_041_reader_without_context"),
    "a plan of it": ("aws_kms_key.cloudtrail", "tests/plans/samples/bad_041_reader_without_context.json"),
    "a template": ("LogsKey", "cloudformation_samples/bad_041_reader_without_context"),
    "a template, by the type as well": (
        "AWS::KMS::Key.LogsKey",
        "cloudformation_samples/bad_041_reader_without_context",
    ),
}


@pytest.mark.parametrize(("address", "path"), IN_CODE.values(), ids=IN_CODE)
def test_asks_a_key_in_code(capsys, address: str, path: str) -> None:
    line = ["--key", address, str(ROOT_FOLDER / path), "--key-arn", KEY_ARN]
    role = f"arn:aws:iam::{ACCOUNT}:role/LogReader"
    assert run([*line, "--principal", role, "--action", "kms:Decrypt", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["answer"] == "allow"
    assert run([*line, "--who", "kms:Decrypt", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert role in [one["name"] for one in found["who"]]


CONDITIONAL = """
variable "strict" {
  type = bool
}

resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = var.strict ? "kms:GenerateDataKey*" : "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_key" "open" {
  policy = var.policy
}

variable "policy" {}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.open.arn
}
"""


def test_asks_under_each_assumption(capsys, tmp_path) -> None:
    (tmp_path / "main.tf").write_text(CONDITIONAL)
    service = ["--principal", "cloudtrail.amazonaws.com", "--action", "kms:Decrypt"]
    assert run(["--key", "aws_kms_key.logs", str(tmp_path), *service]) == 0
    shown = capsys.readouterr().out
    assert shown.count("Assuming ") == 2
    assert {line.split()[0] for line in shown.splitlines() if "kms:Decrypt by" in line} == {"ALLOW", "DENY"}


def test_of_a_policy_that_is_open_nothing_is_claimed(capsys, tmp_path) -> None:
    (tmp_path / "main.tf").write_text(CONDITIONAL)
    line = ["--key", "aws_kms_key.open", str(tmp_path)]
    assert run([*line, *READER]) == 0
    assert capsys.readouterr().out.startswith(f"UNKNOWN  kms:Decrypt by {BOB}\n\n  nothing is known of the policy: ")
    assert run([*line, "--who", "kms:Decrypt"]) == 0
    assert "whomever ${var.policy} names, which the code leaves open" in capsys.readouterr().out


def test_the_only_account_that_may_change_the_policy_is_the_keys(capsys, file) -> None:
    """So a statement for the key by its ARN is about this key, whoever's it is."""
    assert run(["--policy", file(policy(ROOT)), "--json", *READER]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [one for one in found["notes"] if "another account" in one] == []


def test_nothing_of_a_policy_reaches_the_terminal(capsys, file) -> None:
    evil = "\x1b[31m\u202e\r\n\x07"
    statement = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}, "kms:Decrypt", Sid=f"s{evil}")
    statement["Condition"] = {"StringLike": {f"aws:PrincipalTag/{evil}": evil * 100}}
    name = file(policy(statement, ROOT))
    for line in (READER, ["--who", "kms:Decrypt"], ["--principal", f"arn:aws:iam::{ACCOUNT}:role/a", *READER[2:]]):
        for form in ([], ["--json"]):
            assert run(["--policy", name, *line, *form]) == 0
            assert capsys.readouterr().out.replace("\n", "").isprintable()


WRONG = {
    "nothing": ([], "one of the arguments --policy --key is required"),
    "a policy alone": (["--policy", "p.json"], "--principal and --action are missing; or ask --who ACTION"),
    "no action": (["--policy", "p.json", "--principal", BOB], "--action is missing"),
    "both questions": (["--policy", "p.json", "--who", "kms:Decrypt", *READER], "--who goes without --principal"),
    "an account for a request": (["--policy", "p.json", *READER, "--account", OTHER], "--account goes with --who"),
    "no file": (["--policy", "nowhere.json", *READER], r"nowhere\.json: No such file"),
    "no folder": (["--key", "aws_kms_key.x", "nowhere", *READER], "there is no file or folder nowhere"),
    "no such key": (
        ["--key", "aws_kms_key.x", str(ROOT_FOLDER / IN_CODE["Terraform"][1]), *READER],
        "there is no key aws_kms_key.x of CloudTrail's .*; there are aws_kms_key.cloudtrail",
    ),
    "the name of several keys": (
        ["--key", "LogsKey", str(ROOT_FOLDER / "cloudformation_samples"), *READER],
        r"there are several keys LogsKey, in .*template\.yaml and \d+ more; give one of these",
    ),
    "no key at all": (
        ["--key", "aws_kms_key.x", str(ROOT_FOLDER / "docs"), *READER],
        "there is no key of CloudTrail's",
    ),
    "everyone": (["--policy", "p.json", "--principal", "*", "--action", "kms:Decrypt"], '"\\*" is not a caller'),
    "a group": (
        ["--policy", "p.json", "--principal", f"arn:aws:iam::{ACCOUNT}:group/x", "--action", "kms:Decrypt"],
        "groups are no principals",
    ),
    "a misspelt action": (["--policy", "p.json", "--who", "kms:Decypt"], "did you mean kms:Decrypt"),
    "a pattern for an action": (["--policy", "p.json", "--who", "kms:*"], "is no action of KMS"),
    "a misspelt condition key": (
        ["--policy", "p.json", *READER, "--context", "aws:SourceARM=x"],
        "is no condition key; did you mean aws:SourceArn",
    ),
    "a condition key without a value": (["--policy", "p.json", *READER, "--context", "aws:SourceArn"], "KEY=VALUE"),
    "two values for one": (
        ["--policy", "p.json", *READER, "--context", "aws:SourceArn=a", "--context", "AWS:SourceArn=b"],
        "gives aws:SourceArn 2 values, and a call carries one",
    ),
    "an encryption context for a call that has none": (
        ["--policy", "p.json", "--principal", BOB, "--action", "kms:DescribeKey", "--context", f"{CONTEXT}=x"],
        "kms:DescribeKey carries no encryption context",
    ),
    "given and absent": (
        ["--policy", "p.json", *READER, "--context", "aws:SourceArn=a", "--without", "aws:sourcearn"],
        "is given by --context and by --without",
    ),
}


@pytest.mark.parametrize(("line", "why"), WRONG.values(), ids=WRONG)
def test_says_in_one_line_what_is_wrong(capsys, monkeypatch, tmp_path, line: List[str], why: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text(json.dumps(policy(*GOOD)))
    assert run(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert re.search(why, said.err)


REFUSED = {
    "no JSON": ("{", "the policy is no valid JSON"),
    "a list": ("[]", "the policy is a list"),
    "no statement": ({"Version": "2012-10-17"}, 'the policy has no "Statement"'),
    "an unknown operator": (policy(having(ROOT, Condition={"StringIs": {"a": "b"}})), "is no condition operator"),
    "too much": (policy(having(ROOT, Sid="x" * 33_000)), "KMS takes 32,768 at most"),
    "too deep": ("[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_kms_refuses_cannot_be_asked(capsys, file, content, why) -> None:
    assert run(["--policy", file(content), "--who", "kms:Decrypt"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert why in said.err


def test_a_multivalued_key_has_several_values(capsys, file) -> None:
    paths = {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}
    name = file(policy(ROOT, having(ROOT, Principal={"AWS": OTHER}, Condition=paths)))
    caller = ["--principal", OTHER, "--action", "kms:Decrypt", "--json"]
    for second, answer in (("o-1/r-b/", "allow"), ("o-2/r-b/", "deny")):
        both = [word for path in ("o-1/r-a/", second) for word in ("--context", f"aws:PrincipalOrgPaths={path}")]
        assert run(["--policy", name, *caller, *both]) == 0
        assert json.loads(capsys.readouterr().out)[0]["answer"] == answer


@pytest.mark.parametrize("folder", ["terraform_samples", "cloudformation_samples"])
def test_every_key_of_the_samples_can_be_asked_or_says_why_not(capsys, folder: str) -> None:
    """Those that are found by their address in one sample; in many of them something is open."""
    answered = 0
    for sample in sorted((ROOT_FOLDER / folder).iterdir()):
        address = "aws_kms_key.cloudtrail" if folder == "terraform_samples" else "LogsKey"
        for question in (["--who", "kms:Decrypt"], SERVICE, READER):
            code = run(["--key", address, str(sample), *question])
            said = capsys.readouterr()
            assert code == (2 if said.err else 0)
            assert said.err.count("\n") <= 1
            assert (said.out + said.err).replace("\n", "").isprintable()
            answered += code == 0
    assert answered > 100
