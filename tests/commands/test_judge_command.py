"""`ctkms judge`: the rules on a key policy that is a file of its own."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Set

import pytest
from tests.cloudtrail.policies import ACCOUNT, DESCRIBE, ENCRYPT, GOOD, ROOT, SERVICE, TRAIL_ARN, allow, having, policy

from ctkms.commands.judge_command import run

OTHER_TRAIL = TRAIL_ARN.replace("audit", "other")
STORE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:deliveries"
KEY = "arn:aws:kms:us-east-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Writes a policy into a file."""

    def written(content: Any) -> str:
        path = tmp_path / "policy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(path)

    return written


def failed(capsys: Any) -> Set[int]:
    found: List[Dict[str, Any]] = json.loads(capsys.readouterr().out)
    return {int(one["rule"][-3:]) for one in found if one["result"] == "FAILED"}


ASKED = {
    "the policy that AWS documents, for its trail": (GOOD, ["--trail", TRAIL_ARN], set()),
    "the same without a word about who uses the key": (GOOD, [], set()),
    "the same for another trail": (GOOD, ["--trail", OTHER_TRAIL], {1, 2}),
    "the same for both trails": (GOOD, ["--trail", TRAIL_ARN, "--trail", OTHER_TRAIL], {1, 2}),
    "the same where the bucket has a Bucket Key": (GOOD, ["--trail", TRAIL_ARN, "--bucket-key"], {3}),
    "the same for an event data store": (GOOD, ["--event-data-store", STORE], {4, 5}),
    "the same for a topic": (GOOD, ["--topic", TOPIC], {6}),
    "no condition at all": ([ROOT, allow(SERVICE, "kms:*")], ["--trail", TRAIL_ARN], {20, 21, 22, 24}),
    "no condition, for a topic": ([ROOT, allow(SERVICE, "kms:*")], ["--topic", TOPIC], set()),
    "an event data store of another account than the key": (
        [ROOT, allow(SERVICE, "kms:*")],
        ["--event-data-store", STORE, "--key-arn", KEY.format("999999999999")],
        {64, 62},
    ),
    "nothing about CloudTrail, for a trail": ([ROOT], ["--trail", TRAIL_ARN], {1, 2}),
    "the root's statement only, with the key's own account": (
        [ROOT],
        ["--trail", TRAIL_ARN, "--key-arn", KEY.format(ACCOUNT)],
        {1, 2},
    ),
    "an organization's trail": (GOOD, ["--trail", TRAIL_ARN, "--organization-trail"], set()),
}


@pytest.mark.parametrize(("statements", "options", "rules"), ASKED.values(), ids=ASKED)
def test_says_which_rules_fail(capsys, file, statements, options, rules) -> None:
    assert run([file(policy(*statements)), "--json", *options]) == int(bool(rules))
    assert failed(capsys) == rules


def test_takes_what_the_aws_command_prints(capsys, file) -> None:
    assert run([file({"PolicyName": "default", "Policy": json.dumps(policy(*GOOD))})]) == 0
    assert capsys.readouterr().out == "1 file, 1 key judged; every rule that could be decided is kept\n"


def test_reads_standard_input(capsys, monkeypatch) -> None:
    content = json.dumps(policy(*GOOD[:1], *GOOD[2:])).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert run(["-", "--trail", TRAIL_ARN]) == 1
    assert "--> standard input:1" in capsys.readouterr().out


def test_shows_findings_as_a_scan_does(capsys, file) -> None:
    name = file(policy(ROOT, having(ENCRYPT, Sid="Encrypt \x1b[31m"), DESCRIBE))
    assert run([name, "--trail", OTHER_TRAIL]) == 1
    shown = capsys.readouterr().out
    assert "HIGH CKV_CTKMS_001: CloudTrail cannot encrypt the log files of trail other" in shown
    assert "StringEquals on aws:SourceArn asks for" in " ".join(shown.split())
    assert f"--> {name}:1" in shown
    assert shown.endswith("1 file, 1 key judged, 1 with findings\n")
    assert shown.replace("\n", "").isprintable()


def test_what_is_no_policy_at_all_fails_where_the_key_is_cloudtrails(capsys, file) -> None:
    assert run([file("{"), "--trail", TRAIL_ARN, "--json"]) == 1
    assert failed(capsys) == {80}


WRONG = {
    "no file": (["nowhere.json"], r"nowhere\.json: No such file"),
    "a folder": (["."], r"\.: Is a directory"),
    "a trail by its name": (["policy.json", "--trail", "audit"], '"audit" is not the ARN of a trail'),
    "a store's ARN for a trail": (["policy.json", "--trail", STORE], "is not the ARN of a trail"),
    "an alias for the key": (["p.json", "--key-arn", KEY.replace("key/", "alias/")], "is not the ARN of a KMS key"),
    "a Bucket Key without a trail": (["p.json", "--bucket-key"], "there is no --trail"),
}


@pytest.mark.parametrize(("line", "why"), WRONG.values(), ids=WRONG)
def test_says_in_one_line_what_is_wrong(capsys, line, why) -> None:
    assert run(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert re.search(why, said.err)


NOT_JUDGED = {
    "a policy of something else": (json.dumps(policy(ROOT)), "does not speak of CloudTrail, so nothing was judged"),
    "no JSON": ("{", "has no policy: the policy is no valid JSON"),
    "a list": ("[]", "has no policy: the policy is a list"),
    "nothing": ("", "has no policy: "),
}


@pytest.mark.parametrize(("content", "why"), NOT_JUDGED.values(), ids=NOT_JUDGED)
def test_what_was_not_judged_is_no_success(capsys, file, content, why) -> None:
    assert run([file(content)]) == 2
    assert re.search(why, capsys.readouterr().err)


def test_what_is_no_text_is_said_in_one_line(capsys, tmp_path) -> None:
    (tmp_path / "policy.json").write_bytes(b"\xff\xfe{}")
    assert run([str(tmp_path / "policy.json")]) == 2
    assert "is no text in UTF-8" in capsys.readouterr().err
