"""How much one resource may cost: every budget of the pack, and what happens beyond it.

No input makes a scan slow or large. Reading and judging a resource spends from budgets that are the
same for every resource; what is left of the work when one is used up is not known, and the reason
says so. No budget ever decides anything. Honest input stays far below: 32 KB of policy, a hundred
statements, two hundred patterns.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from enum import Enum
from typing import Dict, Iterator, Optional


class Budget(Enum):
    """What is counted. The value is how much of it one resource may spend."""

    # Expressions evaluated and members made while the code is read; beyond it, a value is open.
    STEPS = 120_000
    # Characters of text that the code puts together; beyond it, the text is open.
    CHARACTERS = 3_000_000
    # Comparisons of a policy's text with a request's, in steps: some for each comparison, and some for each position
    # of the request's text where it is walked through. Beyond it, the comparison is UNKNOWN.
    COMPARISONS = 2_000_000
    # Statements that are held against a request; beyond it, a rule that no request has decided is UNKNOWN.
    REQUESTS = 40_000
    # Names that AWS does not know for which a similar one is looked up; beyond it, the sentence names none.
    HINTS = 20

    # Two budgets may happen to have the same amount.
    def __new__(cls, amount: int) -> Budget:
        """A member with a number of its own as its value."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        member.amount = amount
        return member

    amount: int


class TooLarge(Exception):  # noqa: N818 - an outcome that the readers expect, not a fault
    """What is asked for would cost more than there is left; whoever catches it takes the value as unknown."""


class _Meter(threading.local):
    spent: Optional[Dict[Budget, int]] = None  # None: nobody counts


_METER = _Meter()


@contextmanager
def metered() -> Iterator[None]:
    """Count what is spent in here, from nothing; within another `metered` the outer one goes on counting."""
    if _METER.spent is not None:
        yield
        return
    _METER.spent = dict.fromkeys(Budget, 0)
    try:
        yield
    finally:
        _METER.spent = None


@contextmanager
def unmetered() -> Iterator[None]:
    """Spend nothing in here: what is worked out once and remembered for all resources, so it must not depend on one."""
    before, _METER.spent = _METER.spent, None
    try:
        yield
    finally:
        _METER.spent = before


@contextmanager
def at_most(budget: Budget, amount: int) -> Iterator[None]:
    """Spend no more than so much in here, however much is left: for what is only looked at besides."""
    spent = _METER.spent
    if spent is None:
        yield
        return
    before = spent[budget]
    started = max(before, budget.amount - amount)
    spent[budget] = started
    try:
        yield
    finally:
        spent[budget] += before - started


def spend(budget: Budget, amount: int = 1) -> bool:
    """Whether there is as much left; it is taken. Where nobody counts there is always enough."""
    spent = _METER.spent
    if spent is None:
        return True
    spent[budget] += amount
    return spent[budget] <= budget.amount


def exhausted(*budgets: Budget) -> bool:
    """Whether more of one of them was asked for than there was, so that something is open for that reason alone."""
    return not all(affords(budget, 0) for budget in budgets)


def affords(budget: Budget, amount: int) -> bool:
    """Whether there is as much left; nothing is taken."""
    spent = _METER.spent
    return spent is None or spent[budget] + amount <= budget.amount


def take(budget: Budget, amount: int = 1) -> None:
    """Spend as much; raises `TooLarge` where there is not as much left."""
    if not spend(budget, amount):
        raise TooLarge


def spent(budget: Budget) -> int:
    """What has been spent so far, for tests; 0 where nobody counts."""
    return 0 if _METER.spent is None else _METER.spent[budget]
