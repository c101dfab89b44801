"""Conditions that the code leaves open, and the scenarios that follow from choosing them.

`var.create ? a : b` with an unknown `var.create` is one of two known values. A reader that meets
such a condition gives a `Choice`; `every_scenario` then asks it again with the condition assumed true
and assumed false. A verdict stands only if it is the same in every scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Callable, Dict, FrozenSet, Iterable, List, Mapping, Tuple, TypeVar

from ctkms.unknowns.text import Hole

Assumptions = Mapping[str, bool]
T = TypeVar("T")

MAX_CONDITIONS = 4  # sixteen scenarios; what stays open beyond that is simply unknown
MAX_WAITING = 64  # conditions that one value may wait for; with more, no scenario would make it known


@dataclass(frozen=True)
class Choice(Hole):
    """A value that becomes known once its conditions (their source texts) are assumed true or false."""

    conditions: FrozenSet[str] = frozenset()


def unknown(source: str, operands: Iterable[object] = ()) -> Hole:
    """The unknown result of an operation; it stays a `Choice` when an operand is one."""
    conditions: FrozenSet[str] = frozenset().union(
        *(operand.conditions for operand in operands if isinstance(operand, Choice))
    )
    return Choice(source, conditions=conditions) if 0 < len(conditions) <= MAX_WAITING else Hole(source)


_NUMBERS = count(1)
_SHORT = 100


def too_large(what: str) -> Hole:
    """The value of an expression that costs more than there is to spend on a resource (see `ctkms/budgets.py`).

    It has a number of its own, since nobody knows that two such values are alike.
    """
    shown = " ".join(what[: 2 * _SHORT].split())
    cut = shown if len(shown) <= _SHORT else shown[:_SHORT] + "..."
    return Hole(f"too large to work out: {cut} (no. {next(_NUMBERS)})")


def every_scenario(
    build: Callable[[Assumptions], T], open_conditions: Callable[[T], Iterable[str]]
) -> Tuple[Tuple[Assumptions, T], ...]:
    """What `build` makes in each scenario; one scenario with no assumptions where nothing is open.

    `build` is called with the conditions assumed so far, `open_conditions` says which ones its
    result still depends on.
    """
    finished: List[Tuple[Assumptions, T]] = []
    waiting: List[Dict[str, bool]] = [{}]
    while waiting:
        assumed = waiting.pop()
        result = build(assumed)
        still_open = sorted(set(open_conditions(result)) - set(assumed))
        if still_open and len(assumed) < MAX_CONDITIONS:
            waiting.append({**assumed, still_open[0]: False})
            waiting.append({**assumed, still_open[0]: True})
        else:
            finished.append((assumed, result))
    return tuple(finished)
