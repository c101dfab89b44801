"""What a policy answers to a request: the decision table of IAM, with unknowns."""

from __future__ import annotations

from enum import Enum

from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth


class Verdict(Enum):
    """What a policy answers to a request."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has three values; compare it with `is`")


def decide_from(denies: Truth, allows: Truth) -> Verdict:
    """The decision table of IAM, with unknowns.

    `denies` says whether some Deny statement matches the request, `allows` whether some Allow
    statement does. An explicit deny beats every allow, and what nothing allows is denied:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    return _DECISIONS[denies, allows]


_DECISIONS = {
    # denies, allows
    (TRUE, TRUE): Verdict.DENY,  # explicit deny
    (TRUE, FALSE): Verdict.DENY,  # explicit deny
    (TRUE, UNKNOWN): Verdict.DENY,  # explicit deny, whatever else may be
    (FALSE, TRUE): Verdict.ALLOW,
    (FALSE, FALSE): Verdict.DENY,  # implicit deny
    (FALSE, UNKNOWN): Verdict.UNKNOWN,  # the allow may or may not be there
    (UNKNOWN, TRUE): Verdict.UNKNOWN,  # the deny may or may not undo it
    (UNKNOWN, FALSE): Verdict.DENY,  # explicit or implicit: denied either way
    (UNKNOWN, UNKNOWN): Verdict.UNKNOWN,
}
