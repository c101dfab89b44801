"""`ctkms policy`: whatever it prints keeps every rule, in each language, and what is missing is said in one line."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from cfnlint.api import lint_all  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctkms.budgets import metered
from ctkms.cloudtrail.findings import PASSED
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.resources import Key
from ctkms.commands.policy_command import printed, run
from ctkms.iac.scan import scan
from ctkms.iam.document import Document, parse

ACCOUNT, OTHER, THIRD = "111122223333", "444455556666", "777788889999"
REGIONS = {"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc"}
FILES = {"json": "policy.json", "hcl": "main.tf", "hcl-document": "main.tf", "cloudformation": "template.yaml"}

Line = List[str]


def some_of(values: List[str]) -> Any:
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values))


@st.composite
def lines(draw: Any) -> Tuple[str, Line]:
    """A language, and the command line without it."""
    region = draw(st.sampled_from(sorted(REGIONS)))
    partition = REGIONS[region]
    about = draw(st.sampled_from(("trail", "trail", "event-data-store", "topic")))
    line = [about, "--account", ACCOUNT, "--region", region]
    if draw(st.booleans()):
        line += ["--partition", partition]
    if about == "topic":
        topics = draw(some_of(["deliveries", "d.fifo", f"arn:{partition}:sns:{region}:{OTHER}:theirs"]))
        return draw(st.sampled_from(sorted(FILES))), [*line, *repeated("--topic", topics)]
    roles = [f"arn:{partition}:iam::{ACCOUNT}:role/path/reader", f"arn:{partition}:iam::{THIRD}:user/ann"]
    line += repeated("--reader", draw(some_of([*roles, OTHER, ACCOUNT, "o-abcdefghij", "o-0123456789"])))
    if about == "trail":
        line += draw(of_trails(partition, region))
    return draw(st.sampled_from(sorted(FILES))), line


@st.composite
def of_trails(draw: Any, partition: str, region: str) -> Line:
    elsewhere = f"arn:{partition}:cloudtrail:{region}:{THIRD}:trail/theirs"
    line = ["--trail", "audit", *repeated("--trail", draw(some_of(["Data.events-1", elsewhere])))]
    line += repeated("--encrypting-account", draw(some_of([OTHER, THIRD])))
    line += ["--organization-trail", draw(st.sampled_from((ACCOUNT, OTHER)))] if draw(st.booleans()) else []
    return line + (["--bucket-key"] if draw(st.booleans()) else [])


def repeated(option: str, values: List[str]) -> Line:
    return [word for value in values for word in (option, value)]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(lines())
def test_every_policy_keeps_every_rule_as_it_is_read_back(tmp_path_factory, drawn: Tuple[str, Line]) -> None:
    language, line = drawn
    made = printed([*line, "--as", language])
    folder = tmp_path_factory.mktemp("printed")
    (folder / FILES[language]).write_text(made.text)
    policy = made.text if language == "json" else policy_in(folder)
    assert in_order(parse(policy)) == in_order(parse(made.key.policy))
    assert failing(dataclasses.replace(made.key, policy=policy)) == {}


def policy_in(folder: Path) -> Any:
    """The policy of the only key that a scan finds."""
    (found,) = scan(str(folder))
    (key,) = found.subject.scenarios
    return key.policy


def failing(key: Key) -> Dict[str, str]:
    with metered():
        return {rule: one.reason for rule, one in judge([key], True, True).items() if one.result != PASSED}


def in_order(document: Document) -> List[Any]:
    """The statements without the order of what has none; the provider of Terraform sorts."""
    assert not document.problems
    return [
        (
            one.sid,
            one.effect,
            sorted((entry.type, str(entry.value)) for entry in one.principals.entries),
            sorted(map(str, one.actions.values)),
            one.resources.values,
            sorted((str(found.operator), str(found.key), sorted(map(str, found.values))) for found in one.conditions),
        )
        for one in document.statements
    ]


TEMPLATES = {
    "a trail": ["trail", "--trail", "audit"],
    "a trail with everything": [
        *("trail", "--trail", "audit", "--trail", "data", "--bucket-key", "--organization-trail", OTHER),
        *("--encrypting-account", THIRD, "--reader", "o-abcdefghij", "--reader", OTHER),
        *("--reader", f"arn:aws:iam::{ACCOUNT}:role/a"),
    ],
    "an event data store": ["event-data-store", "--reader", OTHER, "--reader", "o-abcdefghij"],
    "a topic": ["topic", "--topic", "deliveries"],
}


@pytest.mark.parametrize("line", TEMPLATES.values(), ids=TEMPLATES)
def test_cfn_lint_takes_the_template(line: Line) -> None:
    text = printed([*line, "--account", ACCOUNT, "--region", "us-east-1", "--as", "cloudformation"]).text
    assert [str(one) for one in lint_all(text) if one.rule.id[0] in "EW"] == []


def test_the_policy_is_the_one_that_aws_documents(capsys) -> None:
    line = ["trail", "--account", ACCOUNT, "--region", "us-east-1", "--trail", "audit", "--reader", OTHER]
    assert run(line) == 0
    trail = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"
    service = {"Service": "cloudtrail.amazonaws.com"}
    context = "kms:EncryptionContext:aws:cloudtrail:arn"
    assert json.loads(capsys.readouterr().out) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "Allow CloudTrail to encrypt logs",
                "Effect": "Allow",
                "Principal": service,
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"aws:SourceArn": trail},
                    "StringLike": {context: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
                },
            },
            {
                "Sid": "Allow CloudTrail to describe key",
                "Effect": "Allow",
                "Principal": service,
                "Action": "kms:DescribeKey",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceArn": trail}},
            },
            {
                "Sid": "Enable CloudTrail log decrypt permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"Null": {context: "false"}},
            },
        ],
    }


def test_an_organizations_trail_has_the_management_account_in_it() -> None:
    line = ["trail", "--account", ACCOUNT, "--region", "us-east-1", "--trail", "audit", "--organization-trail", OTHER]
    text = printed(line).text
    assert f"arn:aws:cloudtrail:us-east-1:{OTHER}:trail/audit" in text
    assert f":{ACCOUNT}:trail/" not in text


WHERE = ["--account", ACCOUNT, "--region", "us-east-1"]
WRONG = {
    "nothing": ([], r"the following arguments are required: trail\|event-data-store\|topic"),
    "nothing but a trail": (["trail"], "the following arguments are required: --account, --region, --trail"),
    "no Region": (["topic", "--account", ACCOUNT], "the following arguments are required: --region"),
    "an account of eleven digits": (["trail", "--account", "11112222333"], "--account: .* which has 12 digits"),
    "a Region that is none": (["topic", "--account", ACCOUNT, "--region", "Frankfurt"], "is not the name of a Region"),
    "the partition of another Region": (["topic", *WHERE, "--partition", "aws-cn"], "is in the partition aws, not in"),
    "a trail's name with a blank": (["trail", *WHERE, "--trail", "my trail"], "is not the name of a trail"),
    "a trail's name with two dashes": (["trail", *WHERE, "--trail", "my--trail"], "is not the name of a trail"),
    "the ARN of something else": (["trail", *WHERE, "--trail", f"arn:aws:s3:::{ACCOUNT}"], "not the ARN of a trail"),
    "everyone as reader": (["event-data-store", *WHERE, "--reader", "*"], '"\\*" is not a reader'),
    "a group as reader": (
        ["event-data-store", *WHERE, "--reader", f"arn:aws:iam::{ACCOUNT}:group/x"],
        "groups are no principals",
    ),
    "a reader of another partition": (
        ["event-data-store", *WHERE, "--reader", f"arn:aws-cn:iam::{ACCOUNT}:root"],
        "is in another partition",
    ),
    "a reader of a topic": (["topic", *WHERE, "--reader", OTHER], "unrecognized arguments"),
    "an account for a trail by its ARN": (
        [
            *("trail", *WHERE, "--trail", f"arn:aws:cloudtrail:us-east-1:{OTHER}:trail/audit"),
            *("--encrypting-account", THIRD),
        ],
        "needs a --trail by its name",
    ),
    "more readers than a policy can have": (
        [
            *("event-data-store", *WHERE),
            *repeated("--reader", [f"arn:aws:iam::{ACCOUNT}:role/{'r' * 50}-{at}" for at in range(400)]),
        ],
        "CKV_CTKMS_080 would say: .* 32,768",
    ),
    "what would reach the terminal": (["trail", "--account", "\x1b[31m\n"], "--account: "),
    "another language": (["topic", *WHERE, "--as", "xml"], "--as: invalid choice"),
}


@pytest.mark.parametrize(("line", "why"), WRONG.values(), ids=WRONG)
def test_says_in_one_line_what_is_wrong(capsys, line: Line, why: str) -> None:
    assert run(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ctkms: ")
    assert said.err.count("\n") == 1
    assert said.err[:-1].isprintable()
    assert re.search(why, said.err)
