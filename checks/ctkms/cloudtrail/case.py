"""One key, ready to be asked: its policy parsed, its own identity chosen, its users known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Tuple

from ctkms.cloudtrail.calls import GENERATE_DATA_KEY, SERVICE, Asked
from ctkms.cloudtrail.choices import condition_keys
from ctkms.cloudtrail.identity import Identity, choose
from ctkms.cloudtrail.keys import ANY_TRAIL, Key, Trail
from ctkms.iam.document import Document, Problem, Statement, parse
from ctkms.iam.evaluate import decide, statements_about
from ctkms.iam.lint import problems_of
from ctkms.iam.patterns import ACCOUNT, PARTITION, arn_sections
from ctkms.iam.text import OWN_ACCOUNT, OWN_PARTITION, Text, join
from ctkms.iam.verdict import Verdict

# The policy of a key that is made without one:
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
DEFAULT_POLICY: Dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":root"))},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


@dataclass(frozen=True, eq=False)
class Case:
    """A key with the deployer's own values in place, as the rules see it; equal to itself only."""

    written: Key  # as the code writes it
    key: Key  # with the own values in place
    identity: Identity
    source: Document  # as the code writes it
    document: Document  # with the own values in place
    trails: Tuple[Trail, ...]
    asked: Asked
    account: Text  # the key's own
    partition: Text
    problems: Tuple[Problem, ...]
    refused: bool  # KMS does not accept the policy, so nothing can be said of its effect


def policy_in_force(key: Key) -> Document:
    """The parsed key policy; KMS's default one where the code sets none."""
    return parse(DEFAULT_POLICY if key.policy is None else key.policy)


def is_cloudtrails(key: Key, document: Document) -> bool:
    """Whether a trail or event data store uses the key, or its policy (read or unreadable) speaks of CloudTrail."""
    if key.trails or key.stores or key.presumed:
        return True
    if document.refused and not document.statements:
        return any(name in str(key.policy).lower() for name in _NAMES)
    return any(_speaks_of_cloudtrail(statement) for statement in document.statements)


_NAMES = ("cloudtrail.amazonaws.com", "aws:cloudtrail:arn")


def _speaks_of_cloudtrail(statement: Statement) -> bool:
    """A statement about a role or log group whose name has CloudTrail in it does not."""
    principals = statement.principals.entries if statement.principals else ()
    services = (str(entry.value) for entry in principals if entry.type == "Service")
    keys = (str(condition.key) for condition in statement.conditions)
    return any(name in text.lower() for text in (*services, *keys) for name in _NAMES)


def case_of(key: Key, document: Document) -> Case:
    """The case of a key with this policy."""
    trails = key.trails or (() if key.stores else (ANY_TRAIL,))
    problems = problems_of(document, key.arn)
    texts = (key.arn, *(trail.arn for trail in trails))

    def bind(identity: Identity) -> Case:
        return _bound(key, document, problems, trails, identity)

    def how_well(case: Case) -> int:
        requests = (case.asked.by_trail(GENERATE_DATA_KEY, trail) for trail in case.trails)
        return sum(_WORTH[decide(case.document, request).verdict] for request in requests)

    # Where no statement can allow it anyway, one identity is as good as another.
    possible = any(one.effect != "Deny" for one in statements_about(document, SERVICE, GENERATE_DATA_KEY))
    return choose(document, texts, bind, how_well, best=len(trails) * _WORTH[Verdict.ALLOW] if possible else 0)


_WORTH = {Verdict.ALLOW: 2, Verdict.UNKNOWN: 1, Verdict.DENY: 0}


def _bound(
    key: Key, document: Document, problems: Tuple[Problem, ...], trails: Tuple[Trail, ...], identity: Identity
) -> Case:
    policy = identity.document(document) if identity.in_key_policy else document
    arn = identity.text(key.arn)
    sections = arn_sections(arn) or ("arn", "aws", "kms", "", identity.text(OWN_ACCOUNT), "")
    return Case(
        written=key,
        key=replace(key, arn=arn, people=tuple(replace(one, arn=identity.text(one.arn)) for one in key.people)),
        identity=identity,
        source=document,
        document=policy,
        trails=tuple(
            replace(
                one,
                arn=identity.text(one.arn),
                name=identity.text(one.name),
                bucket=one.bucket and identity.text(one.bucket),
            )
            for one in trails
        ),
        asked=Asked(arn, condition_keys(policy.statements)),
        account=sections[ACCOUNT],
        partition=sections[PARTITION],
        problems=problems,
        refused=any(problem.refused for problem in problems),
    )
