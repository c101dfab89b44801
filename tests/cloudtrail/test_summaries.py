"""The one plain sentence of a finding: every way to be near to a permission, and every way to be open."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Mapping, NamedTuple

import pytest
from tests.cloudtrail.policies import (
    ACCOUNT,
    AUDIT,
    CONTEXT,
    DESCRIBE,
    ENCRYPT,
    OTHER,
    READ,
    ROOT,
    deny,
    findings,
    having,
    policy,
)

from ctkms.cloudtrail.resources import EventDataStore, Order, Topic, trail_arn
from ctkms.cloudtrail.rules.catalogue import RULES
from ctkms.cloudtrail.summaries import MAX_SUMMARY
from ctkms.unknowns.text import Hole

ANY_OF_ACCOUNT = f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"
NO_ENCRYPTION = "CloudTrail cannot encrypt the log files of trail audit: "


class Case(NamedTuple):
    rule: str
    statements: Any
    summary: str
    key: Mapping[str, Any] = MappingProxyType({})


def encrypt(operator: str, key: str, value: Any, **more: Any) -> Any:
    return having(ENCRYPT, Condition={operator: {key: value}}, **more)


SPELLED_OUT = replace(AUDIT, arn=trail_arn("audit", "us-east-1", ACCOUNT, "aws"))
STORE = {"trails": (), "stores": (EventDataStore("aws_cloudtrail_event_data_store.events"),)}
CASES = {
    "no statement speaks of the service": Case("001", [ROOT], NO_ENCRYPTION + "no statement speaks of CloudTrail."),
    "no statement has the action": Case(
        "001", [ROOT, DESCRIBE], NO_ENCRYPTION + "no statement allows kms:GenerateDataKey to CloudTrail."
    ),
    "there is no policy": Case("001", None, NO_ENCRYPTION + "the code sets no key policy."),
    "a wildcard that an operator takes literally": Case(
        "001",
        [ROOT, encrypt("StringEquals", CONTEXT, ANY_OF_ACCOUNT)],
        NO_ENCRYPTION + "StringEquals takes the `*` in the encryption context literally.",
    ),
    "another trail": Case(
        "001",
        [ROOT, encrypt("StringEquals", "aws:SourceArn", trail_arn("main", "us-east-1", ACCOUNT, "aws"))],
        NO_ENCRYPTION + "aws:SourceArn names `trail/main` instead of `trail/audit`.",
    ),
    "another account": Case(
        "001",
        [ROOT, encrypt("StringLike", CONTEXT, f"arn:aws:cloudtrail:*:{OTHER}:trail/*")],
        NO_ENCRYPTION + f"the encryption context names the account `{OTHER}` instead of `{ACCOUNT}`.",
        {"trails": (SPELLED_OUT,)},
    ),
    "another partition": Case(
        "001",
        [ROOT, encrypt("StringLike", CONTEXT, f"arn:aws-cn:cloudtrail:*:{ACCOUNT}:trail/*")],
        NO_ENCRYPTION + "the encryption context names the partition `aws-cn` instead of `aws`.",
        {"trails": (SPELLED_OUT,)},
    ),
    "a value that is no ARN": Case(
        "001",
        [ROOT, encrypt("StringEquals", "aws:SourceAccount", "account-id", Sid="Encrypt")],
        NO_ENCRYPTION + 'statement "Encrypt" asks for `account-id` instead of `111111111111` in aws:SourceAccount.',
    ),
    "several values of which none fits": Case(
        "001",
        [ROOT, encrypt("StringEquals", "aws:SourceAccount", ["audit", "account-id"], Sid="Encrypt")],
        NO_ENCRYPTION + 'none of the 2 values of aws:SourceAccount in statement "Encrypt" fits.',
    ),
    "a value that is excluded": Case(
        "001",
        [ROOT, encrypt("StringNotLike", "aws:SourceArn", "arn:aws:*", Sid="Encrypt")],
        NO_ENCRYPTION + 'statement "Encrypt" excludes `arn:aws:*` in aws:SourceArn.',
        {"trails": (SPELLED_OUT,)},
    ),
    "a key that is misspelt": Case(
        "001",
        [ROOT, encrypt("StringEquals", "aws:SourceARNs", "x")],
        NO_ENCRYPTION + "aws:SourceARNs is no condition key; did you mean aws:SourceArn?",
    ),
    "a key that the call does not have": Case(
        "001",
        [ROOT, encrypt("StringEquals", "kms:GranteePrincipal", "x", Sid="Encrypt")],
        NO_ENCRYPTION + 'statement "Encrypt" asks for kms:GranteePrincipal, which the call does not have.',
    ),
    "an encryption context where there is none": Case(
        "002",
        [ROOT, having(ENCRYPT, Action="kms:*", Sid="CloudTrail")],
        "CloudTrail cannot describe the key for trail audit: "
        'statement "CloudTrail" asks for an encryption context, and this call never has one.',
    ),
    "a key that CloudTrail Lake does not send": Case(
        "004",
        [ROOT, having(ENCRYPT, Action="kms:*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})],
        "CloudTrail cannot encrypt the event data store: "
        "the second statement asks for aws:SourceAccount, which CloudTrail Lake never sends.",
        STORE,
    ),
    "no Resource": Case(
        "001",
        [ROOT, having(ENCRYPT, Resource=None, Sid="Encrypt")],
        NO_ENCRYPTION + 'statement "Encrypt" has no Resource, so it does nothing.',
    ),
    "the Resource is another key": Case(
        "001",
        [ROOT, having(ENCRYPT, Resource=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/other", Sid="Encrypt")],
        NO_ENCRYPTION + 'statement "Encrypt" is about another key.',
    ),
    "denied to everyone": Case(
        "001",
        [ROOT, ENCRYPT, deny("*", "kms:GenerateDataKey*", Sid="Nobody")],
        NO_ENCRYPTION + 'statement "Nobody" denies it to everyone whom it does not spare.',
    ),
    "denied to what is in no organization": Case(
        "001",
        [ROOT, ENCRYPT, deny("*", "kms:*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, Sid="Ours")],
        NO_ENCRYPTION + 'statement "Ours" denies it, since CloudTrail itself belongs to no organization.',
    ),
    "denied under a condition": Case(
        "001",
        [ROOT, ENCRYPT, deny("*", "kms:*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}, Sid="People")],
        NO_ENCRYPTION + 'statement "People" denies it.',
    ),
    "nobody may read": Case(
        "040",
        [having(ROOT, Action="kms:Put*"), ENCRYPT],
        "Nobody can read the log files: no statement allows kms:Decrypt.",
    ),
    "a grant without condition": Case(
        "020",
        [ROOT, having(ENCRYPT, Condition=None, Sid="Encrypt")],
        'Other accounts\' trails can encrypt with the key: statement "Encrypt" has no condition that keeps them out.',
    ),
    "a grant under a condition that anybody meets": Case(
        "023",
        [ROOT, having(READ, Principal="*", Sid="Readers")],
        'Strangers can decrypt the logs: statement "Readers" lets them pass its condition on the encryption context.',
    ),
    "a grant under two conditions that other trails meet": Case(
        "022",
        [
            ROOT,
            having(
                ENCRYPT,
                Condition={"StringLike": {"aws:SourceArn": ANY_OF_ACCOUNT, CONTEXT: ANY_OF_ACCOUNT}},
                Sid="Encrypt",
            ),
        ],
        'Any trail of the account can encrypt with the key: statement "Encrypt" lets them pass its condition on '
        "aws:SourceArn and the encryption context.",
    ),
    "strangers administer": Case(
        "062",
        [having(ROOT, Principal="*", Sid="Admin")],
        'Strangers can change the key policy: statement "Admin" has no condition that keeps them out.',
    ),
    "nobody administers": Case(
        "062",
        [having(ROOT, Action="kms:Decrypt")],
        "Nobody of the account can change the key policy.",
    ),
    "a topic's key": Case(
        "006",
        [ROOT, ENCRYPT, DESCRIBE, READ],
        "CloudTrail cannot notify through the encrypted topic: the second statement asks for the encryption context, "
        "which the call does not have.",
        {"topics": (Topic("aws_sns_topic.t", f"arn:aws:sns:us-east-1:{ACCOUNT}:t", (AUDIT,)),)},
    ),
    "a disabled key": Case(
        "060", [ROOT], "CloudTrail cannot deliver log files: the key is disabled.", {"enabled": False}
    ),
    "a trail that does not wait": Case(
        "065",
        [ROOT, ENCRYPT, DESCRIBE, READ],
        "AWS may refuse the trail or event data store at first: aws_cloudtrail.audit does not wait for "
        "aws_kms_key_policy.logs.",
        {"policy_address": "aws_kms_key_policy.logs", "trails": (replace(AUDIT, order=Order.ANY),)},
    ),
    "an action that does not exist": Case(
        "080",
        [ROOT, having(ENCRYPT, Action="kms:GenerateDataKeys")],
        'The key policy has a mistake: "kms:GenerateDataKeys" is no KMS action; did you mean "kms:GenerateDataKey"?',
    ),
    "a value that the code leaves open": Case(
        "090",
        [ROOT, encrypt("StringEquals", "aws:SourceArn", Hole("${var.trail_arn}")), DESCRIBE, READ],
        "3 rules are not decided: the code leaves open `${var.trail_arn}`.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_summary_says_what_goes_wrong_and_by_what(name: str) -> None:
    case = CASES[name]
    document = None if case.statements is None else policy(*case.statements)
    assert findings(document, **{"trails": (AUDIT,), **case.key})[f"CKV_CTKMS_{case.rule}"].summary == case.summary


def test_a_rule_that_is_kept_says_so_in_the_words_of_its_name() -> None:
    found = findings(policy(ROOT, ENCRYPT, DESCRIBE, READ))["CKV_CTKMS_001"]
    assert found.summary == "The KMS key policy lets CloudTrail encrypt the trail's log files."


LONG = "long" * 60


@pytest.mark.parametrize(
    "condition", [{"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:*:*:trail/{LONG}"}}, None]
)
def test_a_long_name_is_shortened_in_its_middle(condition: Any) -> None:
    found = findings(policy(ROOT, having(ENCRYPT, Condition=condition, Sid=LONG, Resource=None)))
    assert all(len(one.summary) <= MAX_SUMMARY and one.summary[-1] in ".?" for one in found.values())


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.judge], ids=lambda rule: rule.id)
def test_every_rule_says_what_goes_wrong(rule) -> None:
    assert rule.broken
    assert rule.name.startswith("Ensure ")


@pytest.mark.parametrize(
    ("index", "said"), [(0, "the first"), (9, "the tenth"), (10, "the 11th"), (20, "the 21st"), (110, "the 111th")]
)
def test_a_statement_without_a_name_is_counted_in_words(index: int, said: str) -> None:
    """The reason says `Statement[1]` of the second one: two numbers for one statement would be read as two."""
    asks = having(ENCRYPT, Action="kms:*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    key: Mapping[str, Any] = {"trails": (AUDIT,), **STORE}
    found = findings(policy(*[ROOT] * index, asks), **key)["CKV_CTKMS_004"]
    assert f": {said} statement asks for aws:SourceAccount" in found.summary
