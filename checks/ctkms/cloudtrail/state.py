"""Rules 060 and 061: properties of the key itself."""

from __future__ import annotations

from ctkms.cloudtrail.answers import Answer
from ctkms.cloudtrail.case import Case
from ctkms.iam.text import Hole, Text, holes_in
from ctkms.iam.verdict import UNKNOWN, Truth, all_of, truth

SYMMETRIC = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"


def is_enabled(case: Case) -> Answer:
    """The key can be used at all."""
    enabled = case.key.enabled
    if isinstance(enabled, Hole):
        return Answer(UNKNOWN, holes=(enabled,))
    note = "the key is enabled" if enabled else "the key is disabled, so CloudTrail cannot deliver a single log file"
    return Answer(truth(enabled), note=note, path="enabled")


def is_symmetric(case: Case) -> Answer:
    """The key is of the one type that CloudTrail can use."""
    spec, usage = case.key.key_spec, case.key.key_usage
    kept = all_of(_equals(text, wanted) for text, wanted in ((spec, SYMMETRIC), (usage, ENCRYPT_DECRYPT)))
    note = f"the key's spec is {spec} and its usage {usage}; CloudTrail needs {SYMMETRIC} and {ENCRYPT_DECRYPT}"
    return Answer(kept, note=note, path="key_spec", holes=(*holes_in(spec), *holes_in(usage)))


def _equals(text: Text, wanted: str) -> Truth:
    return truth(text == wanted) if isinstance(text, str) else UNKNOWN
