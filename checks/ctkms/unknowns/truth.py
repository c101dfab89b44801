"""The three-valued logic of the pack: what is true, false, or cannot be known from the code.

Kleene's strong logic: an unknown operand decides nothing, a known one may decide alone. A module that
asks "does this match?" returns `Truth`; no bool stands for it, so nobody can negate "unknown" into
"yes" by accident.
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
