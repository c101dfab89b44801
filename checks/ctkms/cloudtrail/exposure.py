"""Rules 020 to 039: what nobody else may do with the key."""

from __future__ import annotations

from ctkms.cloudtrail.answers import Answer, denied, every
from ctkms.cloudtrail.callers import calls_of_trails, foreign_trails, other_trails, strangers
from ctkms.cloudtrail.calls import DECRYPT, DESCRIBE_KEY, GENERATE_DATA_KEY
from ctkms.cloudtrail.case import Case


def foreign_trail_encrypts(case: Case) -> Answer:
    """No trail of another account makes CloudTrail use the key (the confused deputy)."""
    return every(
        denied(case.document, calls_of_trails(case, GENERATE_DATA_KEY, foreign_trails(case, trail), foreign=True))
        for trail in case.trails
    )


def foreign_encryption_context(case: Case) -> Answer:
    """The condition on the encryption context keeps foreign accounts out by itself."""
    return every(
        denied(case.document, calls_of_trails(case, GENERATE_DATA_KEY, foreign_trails(case, trail), source=trail))
        for trail in case.trails
    )


def other_trail_encrypts(case: Case) -> Answer:
    """The condition on `aws:SourceArn` keeps other trails of the account out by itself."""
    return every(
        denied(case.document, calls_of_trails(case, GENERATE_DATA_KEY, other_trails(case, trail), context=trail))
        for trail in case.trails
    )


def other_trail_describes(case: Case) -> Answer:
    """Another trail does not make CloudTrail read the key's properties."""
    return every(
        denied(case.document, calls_of_trails(case, DESCRIBE_KEY, other_trails(case, trail))) for trail in case.trails
    )


def stranger_decrypts(case: Case) -> Answer:
    """No principal of an account that the policy does not name can decrypt."""
    return denied(case.document, strangers(case, DECRYPT, "a stranger, to read the logs"))
