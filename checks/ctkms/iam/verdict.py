"""The three-valued logic of the pack: what is true, false, or cannot be known from the code.

Kleene's strong logic: an unknown operand decides nothing, a known one may decide alone. Every other
module returns `Truth` for "does this match?" and `Verdict` for "is this request allowed?"; no bool
stands for either, so nobody can negate "unknown" into "yes" by accident.
"""

from __future__ import annotations

from enum import Enum
from typing import Iterable


class Truth(Enum):
    """Whether an element of a statement matches a request."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # an Enum's own looks up its name, and these are looked up all the time

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with `is`")


class Verdict(Enum):
    """What a policy answers to a request."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has three values; compare it with `is`")


TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def truth(value: bool) -> Truth:
    """The truth of a question that the code answers."""
    return TRUE if value else FALSE


def negate(value: Truth) -> Truth:
    """NOT: only a definite answer can be inverted."""
    if value is UNKNOWN:
        return UNKNOWN
    return FALSE if value is TRUE else TRUE


def all_of(values: Iterable[Truth]) -> Truth:
    """AND: one FALSE decides; TRUE for no values at all."""
    result = TRUE
    for value in values:
        if value is FALSE:
            return FALSE
        if value is UNKNOWN:
            result = UNKNOWN
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """OR: one TRUE decides; FALSE for no values at all."""
    result = FALSE
    for value in values:
        if value is TRUE:
            return TRUE
        if value is UNKNOWN:
            result = UNKNOWN
    return result


def agree(first: Truth, second: Truth) -> Truth:
    """The answer that holds in both of two possible cases, if there is one."""
    return first if first is second else UNKNOWN


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
