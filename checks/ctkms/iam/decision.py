"""The answer to a request: the verdict, and how every statement came to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Optional, Tuple

from ctkms.iam.policy import Condition, Statement
from ctkms.iam.request import ContextValue, Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

# In this order, so that the last element reached tells how close a statement came.
ELEMENTS = ("Statement", "Principal", "Action", "Resource", "Condition")
_CLOSE = ELEMENTS[2:]  # a statement that refuses one of these speaks of the caller


class Trace(NamedTuple):
    """How one statement answered: whether it matches, and the element that refused it or left it open.

    `element` is one of `ELEMENTS`, or "" when the whole statement matches. For a condition,
    `condition` says which one and `actual` what the request carries for its key (None: absent).
    """

    statement: Statement
    matches: Truth
    element: str = ""
    condition: Optional[Condition] = None
    actual: Optional[ContextValue] = None


@dataclass(frozen=True)
class Decision:
    """The verdict on a request, with the answer of every statement."""

    verdict: Verdict
    request: Request
    traces: Tuple[Trace, ...]

    @property
    def closeness(self) -> int:
        """How far the statement that came closest got, as an index of `ELEMENTS`."""
        deciding = self.deciding
        return ELEMENTS.index(deciding[0].element) if deciding and deciding[0].element else 0

    @cached_property
    def deciding(self) -> Tuple[Trace, ...]:
        """The traces behind the verdict: the statement that denies or allows, those left open, or the near misses."""
        if self.verdict is Verdict.UNKNOWN:
            return tuple(
                trace for trace in self.traces if UNKNOWN in (counts_as(trace, "Allow"), counts_as(trace, "Deny"))
            )
        whole = [trace for trace in self.traces if trace.matches is TRUE]
        if self.verdict is Verdict.ALLOW:
            return tuple([trace for trace in whole if trace.statement.effect != "Deny"][:1])
        explicit = [trace for trace in whole if trace.statement.effect == "Deny"]
        if explicit:
            return tuple(explicit[:1])
        close = [trace for trace in self.traces if trace.element in _CLOSE and trace.statement.effect != "Deny"]
        return tuple(sorted(close, key=lambda trace: -ELEMENTS.index(trace.element)))


def counts_as(trace: Trace, effect: str) -> Truth:
    """Whether the statement matches with this effect; an open effect may be either."""
    written = trace.statement.effect
    if isinstance(written, str):
        return trace.matches if written == effect else FALSE
    return FALSE if trace.matches is FALSE else UNKNOWN
