"""What a reader of IaC hands to the rules: one scanned resource and the key, or keys, it stands for."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Callable, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, exhausted
from ctkms.cloudtrail.findings import PASSED, Finding
from ctkms.cloudtrail.judge import judge, undecided
from ctkms.cloudtrail.resources import Key, key_arn
from ctkms.cloudtrail.rules.catalogue import RULES, Rule
from ctkms.unknowns.source_nodes import Location
from ctkms.unknowns.text import Hole, Kind

_LOGGER = logging.getLogger("ctkms")

Locate = Callable[[Finding], Optional[Location]]


@dataclass(frozen=True)
class Subject:
    """A resource on which records may stand.

    `scenarios` holds the key once for every choice of the open conditions (usually one).
    A resource that declares a key whose policy stands on a resource of its own (`aws_kms_key_policy`)
    carries only the rules about the key's state; that other resource carries the rest.
    """

    scenarios: Tuple[Key, ...]
    declares_key: bool
    holds_policy: bool
    on_behalf_of: str = ""  # the address of the key, where the records stand on a resource that uses it
    path: str = ""  # of the element that names the key, in that case; "" where the paths in the key are right
    locate: Optional[Locate] = field(default=None, compare=False)  # where a finding stands in the code


@dataclass(frozen=True)
class Unjudged:
    """A resource of CloudTrail's of which the scan does not show enough to judge anything: no silent green.

    `reason` is a sentence without a final period: what is not seen, and why.
    """

    reason: str
    path: str = ""  # of the element that it speaks of, within the resource
    locate: Optional[Locate] = field(default=None, compare=False)


Judged = Union[Subject, Unjudged]


def findings_on(subject: Optional[Judged]) -> Mapping[str, Finding]:
    """The findings by rule id; none where there is nothing to judge. Those that somebody has to look at are located."""
    findings = unlocated(subject)
    locate = None if subject is None else subject.locate
    if locate is None:
        return findings
    return {
        rule: found if found.result == PASSED else replace(found, location=_located(found, locate))
        for rule, found in findings.items()
    }


def _located(finding: Finding, locate: Locate) -> Optional[Location]:
    """Where the finding stands; a fault in looking for that must not cost the finding itself."""
    try:
        return locate(finding)
    except Exception:
        _LOGGER.error("ctkms failed to find out where %s stands", finding.path, exc_info=True)
        return None


def unlocated(subject: Optional[Judged], rules: Sequence[Rule] = RULES) -> Mapping[str, Finding]:
    """The findings of these rules without where they stand, which takes longer to find out than some of the rules."""
    if isinstance(subject, Unjudged):
        return undecided(subject.reason, subject.path)
    findings: Mapping[str, Finding] = {}
    if subject is not None:
        findings = judge(subject.scenarios, subject.declares_key, subject.holds_policy, rules)
    if not findings and exhausted(Budget.STEPS, Budget.CHARACTERS):
        return undecided(
            "whether CloudTrail uses this key is not known, since the code around it is too large to work out"
        )
    if subject is None or not subject.on_behalf_of:
        return findings
    return {
        rule: replace(found, reason=f"{subject.on_behalf_of}: {found.reason}", path=subject.path or found.path)
        for rule, found in findings.items()
    }


def unreadable(address: str, declares_key: bool, why: str) -> Subject:
    """The subject of a resource that the scanner read and that could not be read here; it must not pass unseen."""
    hole = Hole(f"{address} cannot be read: {why}")
    key = Key(
        address=address,
        policy=hole,
        arn=key_arn(Hole(f"{address}.key_id", Kind.NAME)),
        enabled=hole,
        key_spec=hole,
        key_usage=hole,
        presumed=True,
    )
    return Subject((key,), declares_key, True)
