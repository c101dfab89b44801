"""The key of a trail's topic, the other uses of a key that explain its policy, and what is made before what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict

import pytest
from tests.cloudtrail.policies import (
    ACCOUNT,
    AUDIT,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    GOOD,
    READ,
    ROOT,
    SERVICE,
    TRAIL_ARN,
    allow,
    deny,
    findings,
    having,
    numbers,
    policy,
)

from ctkms.cloudtrail.findings import FAILED, PASSED, SKIPPED
from ctkms.cloudtrail.resources import EventDataStore, Order, Topic
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, join

ARN = join(("arn:", OWN_PARTITION, ":sns:", OWN_REGION, ":", OWN_ACCOUNT, ":trail"))
TOPIC = Topic("aws_sns_topic.trail", ARN, (AUDIT,))
ALONE = Topic("aws_sns_topic.trail", ARN)
PUBLISH = allow(SERVICE, ["kms:GenerateDataKey*", "kms:Decrypt"])
OF_THE_KEY = {60, 61, 62, 80, 90}

NOTIFIES: Dict[str, Any] = {
    "AWS's documented statement": (PUBLISH, PASSED),
    "a condition on exactly this trail": (
        having(PUBLISH, Condition={"StringEquals": {"aws:SourceArn": TRAIL_ARN}}),
        PASSED,
    ),
    "a condition on this account": (
        having(PUBLISH, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        PASSED,
    ),
    "a condition on another trail": (
        having(PUBLISH, Condition={"StringEquals": {"aws:SourceArn": TRAIL_ARN + "-2"}}),
        FAILED,
    ),
    "the encryption context is the topic's, not the trail's": (
        having(PUBLISH, Condition={"StringEquals": {CONTEXT: TRAIL_ARN}}),
        FAILED,
    ),
    "a condition on the topic's encryption context": (
        having(PUBLISH, Condition={"StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:*:*:trail"}}),
        PASSED,
    ),
    "a condition on another topic's": (
        having(PUBLISH, Condition={"StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:*:*:other"}}),
        FAILED,
    ),
    "without Decrypt": (having(PUBLISH, Action="kms:GenerateDataKey*"), FAILED),
    "no statement for CloudTrail": (having(READ, Condition=None), FAILED),
    "through a service that AWS does not document": (
        having(PUBLISH, Condition={"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}}),
        None,
    ),
    "only where no trail is named": (having(PUBLISH, Condition={"Null": {"aws:SourceArn": "true"}}), None),
}


@pytest.mark.parametrize("name", NOTIFIES)
def test_cloudtrail_may_notify_through_the_topic(name: str) -> None:
    statement, expected = NOTIFIES[name]
    found = findings(policy(ROOT, statement), (), topics=(TOPIC,))
    assert (found["CKV_CTKMS_006"].result if "CKV_CTKMS_006" in found else None) == expected
    # A policy that names the encryption context of trails serves a trail besides.
    assert ({int(rule[-3:]) for rule in found} - {6} == OF_THE_KEY) == (CONTEXT not in str(statement))


def test_the_key_of_a_topic_is_not_a_trails() -> None:
    found = findings(policy(ROOT, PUBLISH), (), topics=(ALONE,))
    assert numbers(found, PASSED) == OF_THE_KEY | {6}
    assert numbers(found, FAILED) == set()


def test_a_key_of_both_is_asked_for_both() -> None:
    found = findings(policy(*GOOD, PUBLISH), topics=(TOPIC,))
    assert {1, 2, 6, 22, 40} <= {int(rule[-3:]) for rule in found}
    assert found["CKV_CTKMS_006"].result == PASSED


def test_a_topics_key_whose_policy_names_the_trails_context_serves_a_trail() -> None:
    assert {1, 2, 22} <= {int(rule[-3:]) for rule in findings(policy(*GOOD), (), topics=(ALONE,))}


def test_a_trail_with_an_open_key_may_use_the_topics_key_too() -> None:
    found = findings(policy(ROOT, PUBLISH), (), topics=(ALONE,), open_users=(Hole("${var.key}"),))
    assert {int(rule[-3:]) for rule in found} == OF_THE_KEY | {6}
    assert found["CKV_CTKMS_090"].result == SKIPPED
    assert "${var.key}" in found["CKV_CTKMS_090"].reason


@pytest.mark.parametrize("document", [policy(ROOT, PUBLISH), policy(ROOT, having(PUBLISH, Action="kms:*"))])
def test_another_use_is_not_claimed_to_be_a_trails_either_way(document: Any) -> None:
    found = findings(document, (), other_users=("aws_cloudwatch_log_group.g",))
    assert set(found) == {"CKV_CTKMS_090"}
    assert found["CKV_CTKMS_090"].result == SKIPPED
    assert "aws_cloudwatch_log_group.g" in found["CKV_CTKMS_090"].reason


def test_keys_that_have_nothing_to_do_with_cloudtrail_get_no_record() -> None:
    assert findings(policy(ROOT), (), topics=(ALONE,), other_users=("aws_sqs_queue.q",)) == {}


def test_a_service_principal_with_an_open_dns_suffix_is_cloudtrails() -> None:
    service = {"Service": join(("cloudtrail.", Hole("${data.aws_partition.here.dns_suffix}")))}
    assert findings(policy(ROOT, having(ENCRYPT, Principal=service)), ()) != {}


# --- Rule 065 -------------------------------------------------------------------------------------------

POLICY = {"policy_address": "aws_kms_key_policy.logs"}
ORDERS: Dict[str, Any] = {
    "after the policy": (Order.AFTER, None, PASSED),
    "at any time": (Order.ANY, None, FAILED),
    "before the policy, which names it": (Order.NEEDED, None, FAILED),
    "nobody sees when": (Order.UNSEEN, None, None),
    "that is open": (Hole("count of aws_kms_key_policy.logs"), None, None),
    "the key itself lets CloudTrail in as well": (Order.ANY, policy(*GOOD), None),
    "the key itself lets nobody in": (Order.ANY, policy(ROOT), FAILED),
    "the key itself lets another trail in": (
        Order.ANY,
        policy(ROOT, having(ENCRYPT, Condition={"StringEquals": {"aws:SourceArn": TRAIL_ARN + "-2"}})),
        FAILED,
    ),
    "it is open whether the key itself does": (Order.ANY, Hole("${var.policy}"), None),
}


@pytest.mark.parametrize("name", ORDERS)
def test_a_trail_waits_for_the_policy(name: str) -> None:
    order, inline, expected = ORDERS[name]
    found = findings(policy(*GOOD), [replace(AUDIT, order=order)], inline_policy=inline, **POLICY)
    assert (found["CKV_CTKMS_065"].result if "CKV_CTKMS_065" in found else None) == expected
    opened = isinstance(order, Hole) or isinstance(inline, Hole)
    assert ("CKV_CTKMS_065" in found["CKV_CTKMS_090"].reason) == opened


def test_an_event_data_store_waits_too() -> None:
    store = EventDataStore("aws_cloudtrail_event_data_store.events", order=Order.ANY)
    found = findings(policy(ROOT, PUBLISH, having(DESCRIBE, Condition=None)), (), stores=(store,), **POLICY)
    assert found["CKV_CTKMS_065"].result == FAILED
    assert "depends_on = [aws_kms_key_policy.logs]" in found["CKV_CTKMS_065"].reason


ADVICE = {
    ("aws_cloudtrail.audit", "aws_kms_key_policy.logs"): "[aws_kms_key_policy.logs] to it",
    ("aws_cloudtrail.audit", "module.key.aws_kms_key_policy.logs"): "[module.key] to it",
    ("aws_cloudtrail.audit", 'module.key["a.b"].module.policy[0].aws_kms_key_policy.logs'): "[module.key] to it",
    ("module.trail.aws_cloudtrail.audit", "aws_kms_key_policy.logs"): "[aws_kms_key_policy.logs] to module.trail",
    ("module.trail.aws_cloudtrail.audit", "module.key.aws_kms_key_policy.logs"): "[module.key] to module.trail",
    ("module.both.aws_cloudtrail.audit", "module.both.aws_kms_key_policy.logs"): "[aws_kms_key_policy.logs] to it",
}


@pytest.mark.parametrize(("trail", "holder"), ADVICE)
def test_the_advice_is_what_the_module_can_say(trail: str, holder: str) -> None:
    user = replace(AUDIT, address=trail, order=Order.ANY)
    found = findings(policy(*GOOD), [user], policy_address=holder)
    assert found["CKV_CTKMS_065"].reason.endswith("add depends_on = " + ADVICE[trail, holder])


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (policy(*GOOD), {}),  # the policy is the key's own
        (policy(ROOT), POLICY),  # no policy to wait for lets CloudTrail in
        (policy(*GOOD, deny(SERVICE, "kms:*")), POLICY),
    ],
)
def test_there_is_nothing_to_wait_for(document: Any, key: Any) -> None:
    assert "CKV_CTKMS_065" not in findings(document, [replace(AUDIT, order=Order.ANY)], **key)
