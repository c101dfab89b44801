"""Types of command line arguments: accounts, Regions, ARNs. What is wrong with one is said in one line."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import Callable, Tuple

from ctkms.iam.lint_principals import what_is_wrong
from ctkms.iam.request import AwsPrincipal, Principal, ServicePrincipal
from ctkms.iam.vocabulary import KMS_ACTIONS, condition_key_exists, nearest_action, nearest_condition_key
from ctkms.unknowns.quoting import LONGEST_ARN, quoted
from ctkms.unknowns.text import Hole, Kind, join

_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]{2,12}){1,2}-[0-9]{1,2}\Z")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}\Z")
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
_TRAIL = re.compile(r"(?=.{3,128}\Z)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\Z")
# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?\Z")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.[a-z]+)*\Z")
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z]+):([a-z0-9-]+):([0-9]{12}):(.+)\Z", re.ASCII)


def account_id(text: str) -> str:
    """Twelve digits."""
    return _fitting(_ACCOUNT, text, "an account id, which has 12 digits")


def region_name(text: str) -> str:
    """The name of a Region, such as `eu-central-1`."""
    return _fitting(_REGION, text, "the name of a Region, such as eu-central-1")


def reader(text: str) -> str:
    """An account, an organization, or the ARN of a user, a role or an account root."""
    if _ACCOUNT.match(text) or _ORGANIZATION.match(text):
        return text
    return _principal(text, "a reader; that is an account id, the id of an organization (o-...), or an ARN")


def organization_id(text: str) -> bool:
    """Whether a reader is an organization."""
    return bool(_ORGANIZATION.match(text))


def trail(text: str) -> str:
    """The name of a trail, or its ARN."""
    return trail_arn(text) if text.startswith("arn:") else _fitting(_TRAIL, text, "the name of a trail")


def topic(text: str) -> str:
    """The name of an SNS topic, or its ARN."""
    return topic_arn(text) if text.startswith("arn:") else _fitting(_TOPIC, text, "the name of a topic")


def _arn_of(what: str, service: str, prefix: str, name: re.Pattern[str]) -> Callable[[str], str]:
    """The type of an argument that is the ARN of something."""

    def of_that_kind(text: str) -> str:
        found = _ARN.match(text)
        named = found is not None and found.group(2) == service and found.group(5).startswith(prefix)
        if found is None or not named or not name.match(found.group(5)[len(prefix) :]):
            raise ArgumentTypeError(f"{quoted(text, LONGEST_ARN)} is not the ARN of {what}")
        return text

    return of_that_kind


_ID = re.compile(r"[A-Za-z0-9-]{1,128}\Z")
trail_arn = _arn_of("a trail", "cloudtrail", "trail/", _TRAIL)
store_arn = _arn_of("an event data store", "cloudtrail", "eventdatastore/", _ID)
topic_arn = _arn_of("an SNS topic", "sns", "", _TOPIC)
key_arn = _arn_of("a KMS key", "kms", "key/", _ID)


def sections_of(arn: str) -> Tuple[str, str, str]:
    """The partition, the Region and the account of an ARN that has been read."""
    _, partition, _, region, account, _ = arn.split(":", 5)
    return partition, region, account


def caller(text: str) -> Principal:
    """Who calls: the ARN of a user, role or session, the name of a service, or an account, for its root."""
    if _SERVICE.match(text):
        return ServicePrincipal(text)
    if _ACCOUNT.match(text):
        return AwsPrincipal(join(("arn:", Hole("<its partition>", Kind.PARTITION), f":iam::{text}:root")))
    return AwsPrincipal(_principal(text, "a caller; that is an ARN, an account id, or a service of amazonaws.com"))


_ACTIONS = {f"kms:{name}".lower(): f"kms:{name}" for name in KMS_ACTIONS}


def action(text: str) -> str:
    """One action of KMS, in AWS's spelling."""
    found = _ACTIONS.get(text.lower())
    if found is None:
        near = nearest_action(text)
        raise ArgumentTypeError(f"{quoted(text)} is no action of KMS{f'; did you mean {near}?' if near else ''}")
    return found


def condition_key(text: str) -> str:
    """A condition key that a call of KMS may carry."""
    if not condition_key_exists(text):
        near = nearest_condition_key(text)
        raise ArgumentTypeError(f"{quoted(text)} is no condition key{f'; did you mean {near}?' if near else ''}")
    return text


def condition_value(text: str) -> Tuple[str, str]:
    """A condition key and its value, as `KEY=VALUE`."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{quoted(text)} is not of the form KEY=VALUE")
    return condition_key(key), value


def _principal(arn: str, what: str) -> str:
    wrong = what_is_wrong(arn) if arn.startswith("arn:") else f"{quoted(arn)} is not {what}"
    if wrong:
        raise ArgumentTypeError(wrong)
    return arn


def _fitting(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.match(text):
        raise ArgumentTypeError(f"{quoted(text)} is not {what}")
    return text
