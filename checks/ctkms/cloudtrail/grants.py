"""Rules 001 to 019: what CloudTrail needs in order to work."""

from __future__ import annotations

from ctkms.cloudtrail.answers import Answer, allowed, every
from ctkms.cloudtrail.callers import Requests
from ctkms.cloudtrail.case import Case
from ctkms.cloudtrail.requests import DESCRIBE_KEY, GENERATE_DATA_KEY


def encrypts(case: Case) -> Answer:
    """CloudTrail can encrypt each trail's log files."""
    return _every_trail_may(case, GENERATE_DATA_KEY)


def describes(case: Case) -> Answer:
    """CloudTrail can read the key's properties on behalf of each trail."""
    return _every_trail_may(case, DESCRIBE_KEY)


def _every_trail_may(case: Case, action: str) -> Answer:
    return every(allowed(case.document, Requests((case.asked.by_trail(action, trail),))) for trail in case.trails)
