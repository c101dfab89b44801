"""`ctkms policy`: a complete key policy for CloudTrail, judged by all rules before it is printed."""

from __future__ import annotations

import argparse
from typing import List, Mapping, NamedTuple, Sequence, Tuple

from ctkms.budgets import metered
from ctkms.cloudtrail.bare_policy import key_of, store_of, topic_of, trail_of
from ctkms.cloudtrail.findings import PASSED
from ctkms.cloudtrail.judge import judge
from ctkms.cloudtrail.recommended_policy import (
    Policy,
    Readers,
    TrailKey,
    policy_for_stores,
    policy_for_topics,
    policy_for_trails,
    root_arn,
)
from ctkms.cloudtrail.resources import EventDataStore, Key, Topic, Trail, key_arn
from ctkms.commands import aws_names
from ctkms.commands.command_line import Parser, answered
from ctkms.commands.scan_arguments import UsageError
from ctkms.commands.terminal import show
from ctkms.iam.partitions import partition_of
from ctkms.unknowns.text import Hole, Kind
from ctkms.writers.policy_languages import LANGUAGES

_DESCRIPTION = "Print a complete key policy for CloudTrail, as AWS documents it. Every rule of this pack passes."


class Printed(NamedTuple):
    """A policy in a language, and the key that it is for."""

    text: str
    key: Key


class Made(NamedTuple):
    """A policy, and what uses the key."""

    policy: Policy
    trails: Tuple[Trail, ...] = ()
    stores: Tuple[EventDataStore, ...] = ()
    topics: Tuple[Topic, ...] = ()


def run(given: Sequence[str]) -> int:
    """Print a policy; the result is the exit code."""
    return answered(given, _run)


def _run(given: Sequence[str]) -> int:
    show(printed(given).text)
    return 0


def printed(given: Sequence[str]) -> Printed:
    """The policy for a command line. Raises `UsageError` where something is missing, or a rule objects."""
    wanted = parser().parse_args(given)
    expected = partition_of(wanted.region)
    if wanted.partition not in (None, expected):
        raise UsageError(f"the Region {wanted.region} is in the partition {expected}, not in {wanted.partition}")
    wanted.partition = expected
    made = _MAKERS[wanted.about](wanted)
    key = _key(made, wanted)
    _confirm(key)
    return Printed(LANGUAGES[wanted.language](made.policy), key)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = Parser(prog="ctkms policy", description=_DESCRIPTION)
    about = parser.add_subparsers(dest="about", metavar="trail|event-data-store|topic", required=True)
    trail = _subcommand(about, "trail", "the key of trails")
    trail.add_argument(
        "--trail", type=aws_names.trail, action="append", required=True, help="its name, or its ARN; repeatable"
    )
    _reading(trail)
    trail.add_argument(
        "--encrypting-account",
        type=aws_names.account_id,
        action="append",
        default=[],
        help="a further account that has trails of these names; repeatable",
    )
    trail.add_argument(
        "--organization-trail",
        metavar="MANAGEMENT_ACCOUNT",
        type=aws_names.account_id,
        help="the trails are those of the organization with this management account",
    )
    trail.add_argument("--bucket-key", action="store_true", help="the trail's bucket has an S3 Bucket Key")
    _reading(_subcommand(about, "event-data-store", "the key of event data stores"))
    topic = _subcommand(about, "topic", "the key of SNS topics through which trails notify")
    topic.add_argument(
        "--topic", type=aws_names.topic, action="append", default=[], help="its name, or its ARN; repeatable"
    )
    return parser


def _subcommand(about: argparse._SubParsersAction[Parser], name: str, of: str) -> argparse.ArgumentParser:
    parser = about.add_parser(name, help=of, description=f"Print a policy for {of}.")
    parser.add_argument("--account", type=aws_names.account_id, required=True, help="the key's account")
    parser.add_argument(
        "--region", type=aws_names.region_name, required=True, help="the home Region of the trails, or the topic's"
    )
    parser.add_argument("--partition", help="else the Region's")
    parser.add_argument("--as", dest="language", choices=tuple(LANGUAGES), default="json", help="else json")
    return parser


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reader",
        type=aws_names.reader,
        action="append",
        default=[],
        help="an account, an organization (o-...), or the ARN of a user or role; repeatable",
    )


def _of_trails(wanted: argparse.Namespace) -> Made:
    arns = tuple(dict.fromkeys(_trail_arns(wanted)))
    _in_partition(arns, wanted)
    policy = policy_for_trails(TrailKey(_root(wanted), arns, _readers(wanted), wanted.bucket_key))
    management = wanted.organization_trail
    return Made(
        policy,
        tuple(trail_of(one, aws_names.sections_of(one)[2] == management, wanted.bucket_key or None) for one in arns),
    )


def _trail_arns(wanted: argparse.Namespace) -> List[str]:
    owner = wanted.organization_trail or wanted.account
    names = [one for one in wanted.trail if not one.startswith("arn:")]
    if wanted.encrypting_account and not names:
        raise UsageError("--encrypting-account needs a --trail by its name, which trails of that account have too")
    given = [one for one in wanted.trail if one.startswith("arn:")]
    head = f"arn:{wanted.partition}:cloudtrail:{wanted.region}"
    owned = [f"{head}:{account}:trail/{name}" for account in (owner, *wanted.encrypting_account) for name in names]
    return [*owned, *given]


def _of_stores(wanted: argparse.Namespace) -> Made:
    # Its id comes with the store, which comes after the key; the policy does not name it.
    arn = f"arn:{wanted.partition}:cloudtrail:{wanted.region}:{wanted.account}:eventdatastore/new"
    return Made(policy_for_stores(_root(wanted), _readers(wanted)), stores=(store_of(arn),))


def _of_topics(wanted: argparse.Namespace) -> Made:
    head = f"arn:{wanted.partition}:sns:{wanted.region}:{wanted.account}:"
    arns = list(dict.fromkeys(one if one.startswith("arn:") else head + one for one in wanted.topic))
    _in_partition(arns, wanted)
    topics = tuple(topic_of(one, ()) for one in arns or [head + "any"])
    return Made(policy_for_topics(_root(wanted), arns), topics=topics)


_MAKERS = {"trail": _of_trails, "event-data-store": _of_stores, "topic": _of_topics}


def _root(wanted: argparse.Namespace) -> str:
    return root_arn(wanted.partition, wanted.account)


def _readers(wanted: argparse.Namespace) -> Readers:
    named: Mapping[str, None] = dict.fromkeys(wanted.reader)
    principals = [one for one in named if not aws_names.organization_id(one)]
    arns = [one if one.startswith("arn:") else root_arn(wanted.partition, one) for one in principals]
    _in_partition(arns, wanted)
    return Readers(tuple(dict.fromkeys(arns)), tuple(one for one in named if aws_names.organization_id(one)))


def _in_partition(arns: Sequence[str], wanted: argparse.Namespace) -> None:
    for arn in arns:
        if arn.split(":")[1] != wanted.partition:
            raise UsageError(f"{arn} is in another partition than the Region {wanted.region}: {wanted.partition}")


def _key(made: Made, wanted: argparse.Namespace) -> Key:
    arn = key_arn(Hole("<this key>", Kind.KEY_ID), wanted.region, wanted.account, wanted.partition)
    return key_of(made.policy, made.trails, made.stores, made.topics, arn)


def _confirm(key: Key) -> None:
    """No policy is printed that a rule objects to, or cannot decide."""
    with metered():
        findings = judge([key], True, True)
    for rule, finding in findings.items():
        if finding.result != PASSED:
            raise UsageError(f"there is no such policy that keeps every rule; {rule} would say: {finding.reason}")
