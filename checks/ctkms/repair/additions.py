"""Edits that add what a policy lacks: AWS's statements for CloudTrail, readers, administrators, a whole policy."""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, NamedTuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL, ENCRYPTION_CONTEXT
from ctkms.cloudtrail.recommended_policy import TOPIC_CONTEXT, allow
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.policy import VARIABLES_SINCE
from ctkms.repair.edits import AddPolicy, AddStatements, Candidate, Content, CopyStatement
from ctkms.repair.policy_view import (
    CONTEXT_KEY,
    ENCRYPTING,
    SOURCE_KEY,
    View,
    actions_in,
    allowing,
    asked_keys,
    free_sid,
    removal,
    source_condition,
)
from ctkms.repair.trail_spelling import Spelling
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Text

DESCRIBE = "kms:DescribeKey"
STORES_NAME_NO_TRAIL = "it relies on calls for event data stores carrying no aws:SourceArn"
READERS_DECIDED = "it decides who reads the logs"
ADMINISTRATORS_DECIDED = "it decides who administers the key"
ANY_TRAIL_NOTIFIES = "as AWS documents it, no condition holds the statement to one trail, so any trail may notify"


class Offered(NamedTuple):
    """A statement that may be added, and what it is for: what follows "Add a statement"."""

    content: Mapping[str, object]
    text: str
    reason: str = ""  # why it is for people to decide
    data: str = ""


def further_statements(view: View) -> Iterator[Candidate]:
    """One more statement."""
    for one in (*for_cloudtrail(view), *_for_topics(view), *_for_people(view)):
        yield Candidate((AddStatements((named(view, one),)),), f"Add a statement {one.text}.", not one.reason, *one[2:])


def named(view: View, offered: Offered) -> Content:
    """The statement, by a name that none has in the policy."""
    return {**offered.content, "Sid": free_sid(view, offered.content["Sid"])}


def for_cloudtrail(view: View) -> List[Offered]:
    """The statements of AWS's documentation for the trails and event data stores of the key.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    made: List[Offered] = []
    spelling = view.spelling
    if spelling is not None and spelling.arns:
        source = source_condition(spelling, 0)
        by_source = {source.operator: {SOURCE_KEY: source.value}}
        both = {**by_source, "StringLike": {**by_source.get("StringLike", {}), CONTEXT_KEY: spelling.any_trail}}
        made.append(_service("Allow CloudTrail to describe key", [DESCRIBE], by_source, spelling.data))
        made.append(_service("Allow CloudTrail to encrypt logs", ["kms:GenerateDataKey*"], both, spelling.data))
        made.append(_service("Allow CloudTrail to use the bucket key", ["kms:Decrypt"], both, spelling.data))
    if view.key.stores:
        made.append(_service("Allow CloudTrail to encrypt event data", ["kms:GenerateDataKey", "kms:Decrypt"], {}))
        made.append(_service("Allow CloudTrail to describe key", [DESCRIBE], {}))
    if view.key.stores and view.key.trails:
        no_trail: Mapping[str, Content] = {"Null": {SOURCE_KEY: "true"}}
        alone = _service("Allow CloudTrail to describe key for event data store", [DESCRIBE], no_trail)
        made.append(alone._replace(reason=STORES_NAME_NO_TRAIL))
    return made


def _for_topics(view: View) -> Iterator[Offered]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html"""
    if view.key.topics:
        actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
        made = _service("Allow CloudTrail to notify through the topic", actions, {})
        yield made._replace(reason=ANY_TRAIL_NOTIFIES)
        arns = [_spelled_topic(view.spelling, one.arn) for one in view.key.topics] if view.spelling else []
        if arns and all(arns):
            context = {"StringEquals": {TOPIC_CONTEXT: arns if len(arns) > 1 else arns[0]}}
            made = _service("Allow CloudTrail to notify through the topic", actions, context)
            yield made._replace(data=view.spelling.data if view.spelling else "")


def _spelled_topic(spelling: Spelling, arn: Text) -> str:
    """The ARN of a topic of the same account and Region, by its parts; "" where the code has no word for one."""
    sections = arn_sections(arn)
    if not sections or sections[REGION : ACCOUNT + 1] != (OWN_REGION, OWN_ACCOUNT) or spelling.region == "*":
        return ""
    name, head = sections[RESOURCE], f"arn:{spelling.partition}:sns:{spelling.region}:{spelling.account}"
    return f"{head}:{name}" if isinstance(name, str) else ""


def _for_people(view: View) -> Iterator[Offered]:
    """The account, whose IAM policies then say who of it may do what."""
    if view.spelling is None or not view.spelling.root:
        return
    root = _root(view.spelling)
    account = f"for the account ({view.spelling.root}), whose IAM policies then say who may"
    of_trails: Mapping[str, Content] = {} if view.key.stores else {"Null": {CONTEXT_KEY: "false"}}
    actions = ["kms:Decrypt", "kms:GenerateDataKey"] if view.key.stores else ["kms:Decrypt"]
    reading = allow("Allow the account to read what CloudTrail encrypted", root, actions, of_trails)
    yield Offered(reading, f"{account} decrypt what CloudTrail encrypted", READERS_DECIDED, view.spelling.data)
    administering = allow("Enable IAM User Permissions", root, ["kms:*"], {})
    yield Offered(administering, f"{account} administer and use the key", ADMINISTRATORS_DECIDED, view.spelling.data)


def own_statements(view: View) -> Iterator[Candidate]:
    """A copy of a statement for DescribeKey, which carries no encryption context."""
    for statement in allowing(view, mine=True):
        if not actions_in(statement, ENCRYPTING) or ENCRYPTION_CONTEXT not in asked_keys(statement):
            continue
        context = next(one for one in statement.conditions if str(one.key).lower() == ENCRYPTION_CONTEXT)
        sid = free_sid(view, "Allow CloudTrail to describe key")
        copy = CopyStatement(statement.index, DESCRIBE, removal(statement, context), sid)
        text = f"Copy {statement.label} for {DESCRIBE}, without the condition on {context.key}."
        yield Candidate((copy,), text)


def whole_policy(view: View) -> Iterator[Candidate]:
    """A policy where the key has none: what KMS's default one lets the account do, and CloudTrail's statements."""
    if view.key.policy is not None or view.spelling is None or not view.spelling.root:
        return
    account = allow("Enable IAM User Permissions", _root(view.spelling), ["kms:*"], {})
    ours = for_cloudtrail(view)
    fewer = [one for one in ours if one.content["Action"] != "kms:Decrypt"]
    for chosen in [fewer, ours] if len(fewer) < len(ours) else [ours]:
        if chosen:
            statements = [account, *(one.content for one in chosen)]
            actions = (_listed(one.content["Action"]) for one in chosen)
            listed = " and ".join(dict.fromkeys(action for some in actions for action in some))
            policy = AddPolicy({"Version": VARIABLES_SINCE, "Statement": statements})
            text = f"Set a key policy: the account keeps the access that it has, and CloudTrail may call {listed}."
            yield Candidate((policy,), text, data=view.spelling.data)


def _listed(value: object) -> List[str]:
    return value if isinstance(value, list) else [str(value)]


def _root(spelling: Spelling) -> Dict[str, str]:
    return {"AWS": spelling.root}


def _service(sid: str, actions: List[str], condition: Mapping[str, Content], data: str = "") -> Offered:
    named = " and ".join(actions)
    return Offered(
        allow(sid, {"Service": CLOUDTRAIL}, actions, condition), f"that lets CloudTrail call {named}", "", data
    )
