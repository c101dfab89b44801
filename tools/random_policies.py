"""Random policies, and requests that they come close to, out of few names, so that statements match them often."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Callable, Dict, Optional, Sequence

from ctkms.iam.document import parse
from ctkms.iam.evaluate import decide
from ctkms.iam.request import AwsPrincipal, Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole

ACCOUNTS = ("111122223333", "999988887777", "444455556666")
KEY_IDS = (
    "12345678-1234-1234-1234-123456789012",
    "abcdefab-1234-1234-1234-123456789012",
    "mrk-12345678901234567890123456789012",
)
KEY, OTHER_KEY = (f"arn:aws:kms:us-east-1:111122223333:key/{one}" for one in KEY_IDS[:2])
SERVICE = "cloudtrail.amazonaws.com"
TRAILS = tuple(f"arn:aws:cloudtrail:us-east-1:{one}:trail/{name}" for one in ACCOUNTS[:2] for name in ("a", "ab"))
NAMES = ("root", "role/a", "role/p/a", "role/ab", "user/a")
IAM_ARNS = tuple(f"arn:aws:iam::{one}:{name}" for one in ACCOUNTS[:2] for name in NAMES)
SESSIONS = tuple(f"arn:aws:sts::{one}:assumed-role/{name}/s" for one in ACCOUNTS[:2] for name in ("a", "ab"))

KEYS = ("aws:SourceArn", "aws:SourceAccount", "aws:PrincipalArn", "aws:TagKeys", "aws:PrincipalTag/a", "aws:SourceIp")
ACTIONS = ("kms:Decrypt", "kms:D*", "kms:*", "*", "kms:Encrypt", "KMS:decrypt", "kms:?ecrypt", "kms:Describe*")
RESOURCES = (
    "*",
    KEY,
    OTHER_KEY,
    KEY.replace(KEY_IDS[0], "*"),
    KEY.replace(KEY_IDS[0], "mrk-*"),
    "arn:aws:kms:*:*:key/*",
)
PATTERNS = (
    *TRAILS,
    *IAM_ARNS,
    *ACCOUNTS,
    "arn:aws:cloudtrail:*:111122223333:trail/*",
    "arn:aws:cloudtrail:us-east-?:*:trail/a*",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::*:*",
    *("arn:*", "arn:aws:iam::1111*", "*", "1111*", "a", "ab", "a*", "?", "", "A"),
    *("true", "false", "10", "9.5", "2026-01-01", "2026-01-01T00:00:00Z", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "QQ=="),
    *(
        "${aws:SourceAccount}",
        "arn:aws:iam::${aws:SourceAccount}:role/a",
        "${aws:PrincipalTag/a, 'a'}",
        "${*}",
        "${aws:",
    ),
)
SENT = (*TRAILS, *IAM_ARNS, *ACCOUNTS[:2], "a", "ab", "A", "", "true", "10", "2026-01-01", "10.1.2.3", "*")
OPERATORS = (
    *(
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "ArnEquals",
        "ArnLike",
    ),
    *("ArnNotEquals", "ArnNotLike", "StringEquals", "StringLike", "ArnLike", "NumericLessThan", "DateGreaterThan"),
    *("Bool", "IpAddress", "NotIpAddress", "BinaryEquals", "Null"),
)
CALLERS = (SERVICE, SERVICE, *IAM_ARNS, *SESSIONS)


@dataclass
class Asked:
    """A policy and a request, in builtins, with holes where something is hidden."""

    policy: Any
    caller: Any
    action: str
    resource: Any
    context: Dict[str, Any]
    # What each hole hid, and what else it may be instead of a text.
    hidden: Dict[Hole, Any] = field(default_factory=dict)
    others: Dict[Hole, Callable[[Random], Any]] = field(default_factory=dict)

    def verdict(self) -> Verdict:
        """What the evaluator answers."""
        named = ServicePrincipal(self.caller) if self.caller == SERVICE else AwsPrincipal(self.caller)
        return decide(parse(self.policy), Request(named, self.action, self.resource, self.context)).verdict


def one_or_more(rng: Random, values: Sequence[Any]) -> Any:
    return rng.choice(values) if rng.random() < 0.5 else [rng.choice(values) for _ in range(rng.randint(1, 3))]


def near(rng: Random, close: Sequence[Any], values: Sequence[Any]) -> Any:
    """Values of which one is often close to the request, so that statements match it often."""
    found = one_or_more(rng, values)
    if rng.random() < 0.35:
        return found
    one = rng.choice(close)
    return [*found, one] if isinstance(found, list) and rng.random() < 0.5 else one


@dataclass(frozen=True)
class Call:
    """The request that the statements of a policy are to come close to."""

    caller: str
    action: str
    context: Dict[str, Any]

    def names(self, rng: Random) -> Sequence[str]:
        """What may stand in a policy for the caller."""
        if self.caller == SERVICE:
            return ("*",)
        sections = self.caller.split(":")
        account, name = sections[4], ["", *sections[5].split("/")]
        role = [f"arn:aws:iam::{account}:role/{name[-2]}", f"arn:aws:iam::{account}:role/{rng.choice('pa')}/{name[-2]}"]
        return (self.caller, account, f"arn:aws:iam::{account}:root", *(role if name[1] == "assumed-role" else ()))

    def values(self, key: str, rng: Random) -> Sequence[str]:
        """What may stand in a condition for the value of the key."""
        sent = self.context.get(key, "a")
        text = rng.choice(sent or ("a",)) if isinstance(sent, tuple) else sent
        at = rng.randint(0, len(text))
        sections = text.split(":")
        sections[rng.randrange(len(sections))] = "*"
        return (text, text, text[:at] + "*", ":".join(sections), "*", "${" + key + "}")


def conditions(rng: Random, call: Optional[Call] = None) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for _ in range(rng.randint(1, 2)):
        operator, key = rng.choice(OPERATORS), rng.choice(KEYS)
        if operator == "Null":
            found.setdefault(operator, {})[key] = rng.choice(("true", "false"))
            continue
        if rng.random() < (0.8 if key == "aws:TagKeys" else 0.15):
            operator = rng.choice(("ForAnyValue:", "ForAllValues:")) + operator
        values = near(rng, call.values(key, rng), PATTERNS) if call else one_or_more(rng, PATTERNS)
        found.setdefault(operator + rng.choice(("", "", "IfExists")), {})[key] = values
    return found


def principals(rng: Random, call: Optional[Call] = None) -> Any:
    if rng.random() < 0.2:
        return "*"
    everyone = (*IAM_ARNS, *SESSIONS, *ACCOUNTS, "*")
    found: Dict[str, Any] = {"AWS": near(rng, call.names(rng), everyone) if call else one_or_more(rng, everyone)}
    if rng.random() < 0.4:
        found["Service"] = one_or_more(rng, (SERVICE, "logs.amazonaws.com"))
    return found


def statement(rng: Random, call: Optional[Call] = None) -> Dict[str, Any]:
    actions = (call.action, "kms:*", "kms:?" + call.action[5:], call.action.upper()) if call else ACTIONS
    found = {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        rng.choice(("Principal", "Principal", "Principal", "NotPrincipal")): principals(rng, call),
        rng.choice(("Action", "Action", "Action", "NotAction")): near(rng, actions, ACTIONS),
        rng.choice(("Resource", "Resource", "Resource", "NotResource")): near(rng, (KEY, "*", RESOURCES[3]), RESOURCES),
    }
    if rng.random() < 0.6:
        found["Condition"] = conditions(rng, call)
    return found


OPEN_DOOR = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def asked(rng: Random) -> Asked:
    """A policy and a request without anything hidden."""
    context: Dict[str, Any] = {}
    for key in KEYS:
        if rng.random() < 0.7:
            several = key == "aws:TagKeys" or rng.random() < 0.1
            context[key] = tuple(rng.sample(SENT, rng.randint(0, 2))) if several else rng.choice(SENT)
    call = Call(rng.choice(CALLERS), rng.choice(("kms:Decrypt", "kms:Encrypt")), context)
    door = [OPEN_DOOR] if rng.random() < 0.5 else []  # behind an open door every Deny counts
    policy = {
        "Version": rng.choice(("2012-10-17", "2012-10-17", "2008-10-17")),
        "Statement": [*door, *(statement(rng, call) for _ in range(rng.randint(1, 2)))],
    }
    return Asked(policy, call.caller, call.action, KEY, dict(context))
