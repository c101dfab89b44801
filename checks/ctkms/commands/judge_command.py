"""`ctkms judge`: what the rules say of a key policy that is a file of its own."""

from __future__ import annotations

import argparse
import re
from typing import Dict, List, Mapping, Sequence

from ctkms.budgets import metered
from ctkms.cloudtrail.bare_policy import THIS_KEY, key_of, store_of, topic_of, trail_of
from ctkms.cloudtrail.findings import FAILED, NONE, Finding
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.rules.catalogue import BY_ID
from ctkms.commands import aws_names
from ctkms.commands.command_line import Parser, answered, called, read_policy
from ctkms.commands.scan_arguments import UsageError
from ctkms.commands.terminal import colours, show, show_json
from ctkms.iam.document import parse
from ctkms.report.plain_text import visible
from ctkms.report.results import Fix, Place, Record, Results
from ctkms.report.rule_pages import first_paragraph
from ctkms.report.to_console import closing, render

_DESCRIPTION = """\
Judge a bare key policy in JSON, also as `aws kms get-key-policy` prints it. Without --trail, --event-data-store or
--topic the key counts as that of a trail with any name, as long as its policy speaks of CloudTrail.
Rules about the key itself say nothing here. The exit code is 1 where a rule fails."""


# Whether the key is enabled, and of which type it is.
_NOT_IN_A_POLICY = ("CKV_CTKMS_060", "CKV_CTKMS_061")


def run(given: Sequence[str]) -> int:
    """Judge a policy; the result is the exit code."""
    return answered(given, _run)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = Parser(prog="ctkms judge", description=_DESCRIPTION)
    parser.add_argument("policy", metavar="POLICY.json", help="- for standard input")
    for option, type_, what in (
        ("--trail", aws_names.trail_arn, "the key encrypts the log files of this trail"),
        ("--event-data-store", aws_names.store_arn, "the key encrypts this event data store"),
        ("--topic", aws_names.topic_arn, "the key encrypts this SNS topic, through which the trails notify"),
    ):
        parser.add_argument(option, metavar="ARN", type=type_, action="append", default=[], help=f"{what}; repeatable")
    parser.add_argument("--organization-trail", action="store_true", help="the trails are an organization's")
    parser.add_argument("--bucket-key", action="store_true", help="the trails' bucket has an S3 Bucket Key")
    parser.add_argument("--key-arn", metavar="ARN", type=aws_names.key_arn, help="for the key's account and Region")
    parser.add_argument("--json", action="store_true", help="every rule that speaks, as JSON")
    return parser


def _run(given: Sequence[str]) -> int:
    wanted = parser().parse_args(given)
    for option in ("organization_trail", "bucket_key"):
        if getattr(wanted, option) and not wanted.trail:
            raise UsageError(f"--{option.replace('_', '-')} speaks of a trail, and there is no --trail")
    trails = [trail_of(one, wanted.organization_trail, wanted.bucket_key or None) for one in wanted.trail]
    policy = read_policy(wanted.policy)
    key = key_of(
        policy,
        trails,
        [store_of(one) for one in wanted.event_data_store],
        [topic_of(one, trails) for one in wanted.topic],
        wanted.key_arn or THIS_KEY,
    )
    with metered():
        findings = {rule: one for rule, one in judge([key], True, True).items() if rule not in _NOT_IN_A_POLICY}
    if not findings:
        raise UsageError(_why_nothing(policy, called(wanted.policy)))
    if wanted.json:
        show_json(_data(findings))
    else:
        show(_text(findings, called(wanted.policy)))
    return int(any(finding.result == FAILED for finding in findings.values()))


def _why_nothing(policy: str, file: str) -> str:
    document = parse(policy)
    if document.problems and not document.statements:
        return f"{file} has no policy: {document.problems[0].what}"
    return (
        f"the policy in {file} does not speak of CloudTrail, so nothing was judged; "
        "name what uses the key with --trail, --event-data-store or --topic"
    )


def _data(findings: Mapping[str, Finding]) -> List[Dict[str, object]]:
    return [
        {
            "rule": rule,
            "severity": BY_ID[rule].severity,
            "result": finding.result,
            "summary": visible(finding.summary),
            "reason": visible(finding.reason),
            "path": visible(finding.path.lstrip("/")),
            "statement": finding.statement,
            "requests": finding.requests,
            "guideline": BY_ID[rule].guideline,
            "controls": finding.controls,
        }
        for rule, finding in sorted(findings.items())
    ]


def _text(findings: Mapping[str, Finding], file: str) -> str:
    results = Results(tuple(_record(rule, finding, file) for rule, finding in findings.items()))
    return render(results, colours()) + closing(results, 0, 1)


_POINTS_AT_CODE = re.compile(r"\b(above|below)\b")


def _advice(rule: str) -> str:
    """What the rule's page says in words; the code that it shows is of Terraform and CloudFormation."""
    words = first_paragraph(rule, "Fix")
    return words if words and not _POINTS_AT_CODE.search(words) else f"`ctkms explain {rule}` shows how."


def _record(rule: str, finding: Finding, file: str) -> Record:
    row = BY_ID[rule]
    return Record(
        rule=rule,
        name=row.name,
        severity=row.severity,
        guideline=row.guideline,
        result=finding.result,
        framework="policy",
        resource="key policy",
        block=Place(file, 1, 0, 1, 0),
        code=(),
        summary=finding.summary,
        reason=finding.reason,
        comment="",
        path=finding.path,
        sid="",
        fix=Fix(_advice(rule), (), NONE, ""),
    )
