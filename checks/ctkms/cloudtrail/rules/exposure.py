"""Rules 020 to 039: what nobody else may do with the key."""

from __future__ import annotations

from typing import Mapping

from ctkms.cloudtrail.access_requests.caller_choices import Candidate
from ctkms.cloudtrail.access_requests.callers import strangers
from ctkms.cloudtrail.access_requests.calling_trails import (
    account_of_trail,
    calls_of_trails,
    foreign_contexts,
    foreign_trails,
    other_trails,
)
from ctkms.cloudtrail.access_requests.calls import DECRYPT, DESCRIBE_KEY, GENERATE_DATA_KEY
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer, denied, every
from ctkms.cloudtrail.resources import Trail
from ctkms.unknowns.text import STRANGE
from ctkms.unknowns.truth import UNKNOWN


def foreign_trail_encrypts(case: KeyCase) -> Answer:
    """No trail of another account makes CloudTrail use the key (the confused deputy)."""
    return every(_foreign_trail_encrypts(case, trail) for trail in case.trails)


# What AWS says of the organization of a trail is not documented: nothing, or that it is a foreign one.
_NOTHING_SAID: Mapping[str, Candidate] = {"aws:sourceorgid": None, "aws:sourceorgpaths": None}
_FOREIGN_SAID: Mapping[str, Candidate] = {
    "aws:sourceorgid": "o-" + STRANGE["organization"],
    "aws:sourceorgpaths": (f"o-{STRANGE['organization']}/r-root/",),
}


def _foreign_trail_encrypts(case: KeyCase, trail: Trail) -> Answer:
    trails = foreign_trails(case, trail)
    answer = denied(case.policy, calls_of_trails(case, GENERATE_DATA_KEY, trails))
    if answer.kept is not UNKNOWN or _NOTHING_SAID.keys().isdisjoint(case.asked.condition_keys):
        return answer
    either = [
        denied(case.policy, calls_of_trails(case, GENERATE_DATA_KEY, trails, organization=said))
        for said in (_NOTHING_SAID, _FOREIGN_SAID)
    ]
    return either[0] if either[0].kept is either[1].kept else answer


def foreign_encryption_context(case: KeyCase) -> Answer:
    """The condition on the encryption context keeps foreign accounts out by itself."""
    return every(
        denied(case.policy, calls_of_trails(case, GENERATE_DATA_KEY, foreign_contexts(case, trail), source=trail))
        for trail in case.trails
    )


def other_trail_encrypts(case: KeyCase) -> Answer:
    """The condition on `aws:SourceArn` keeps other trails of the account out by itself."""
    return every(
        denied(
            case.policy,
            calls_of_trails(
                case, GENERATE_DATA_KEY, other_trails(case, trail), context=trail, account=account_of_trail(case, trail)
            ),
        )
        for trail in case.trails
    )


def other_trail_describes(case: KeyCase) -> Answer:
    """Another trail does not make CloudTrail read the key's properties."""
    return every(
        denied(
            case.policy,
            calls_of_trails(case, DESCRIBE_KEY, other_trails(case, trail), account=account_of_trail(case, trail)),
        )
        for trail in case.trails
    )


def stranger_decrypts(case: KeyCase) -> Answer:
    """No principal of an account that the policy does not name can decrypt."""
    return denied(case.policy, strangers(case, DECRYPT, "a stranger, to read the logs"))
