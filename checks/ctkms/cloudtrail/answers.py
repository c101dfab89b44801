"""What a rule answers about a key, and how the answers to single requests add up to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, List, Optional, Tuple

from ctkms.cloudtrail.callers import Requests
from ctkms.iam.document import Document
from ctkms.iam.evaluate import Decision, decide
from ctkms.iam.text import Hole
from ctkms.iam.verdict import FALSE, TRUE, UNKNOWN, Truth, Verdict, all_of, negate


@dataclass(frozen=True)
class Answer:
    """Whether a rule is kept: TRUE, FALSE, or UNKNOWN.

    `decisions` are the requests that were asked for it, the deciding one first. Rules that look at
    an attribute of the key instead say so in `note` and `path`; `holes` are what leaves them open.
    """

    kept: Truth
    decisions: Tuple[Decision, ...] = ()
    note: str = ""
    path: str = ""
    statement: Optional[int] = None
    holes: Tuple[Hole, ...] = ()


def allowed(document: Document, requests: Requests) -> Answer:
    """TRUE when every request is allowed."""
    return _all(document, requests, Verdict.ALLOW)


def denied(document: Document, requests: Requests) -> Answer:
    """TRUE when every request is denied."""
    return _all(document, requests, Verdict.DENY)


def some_allowed(document: Document, requests: Requests) -> Answer:
    """TRUE when at least one request is allowed."""
    answer = denied(document, requests)
    return Answer(negate(answer.kept), answer.decisions)


def every(answers: Iterable[Answer]) -> Answer:
    """All of the answers in one; the deciding one gives its decisions, note and place."""
    given = list(answers)
    kept = all_of(answer.kept for answer in given)
    deciding = next((answer for answer in given if answer.kept is kept), Answer(kept))
    decisions = [*deciding.decisions, *(one for other in given if other is not deciding for one in other.decisions)]
    holes = tuple(dict.fromkeys(hole for answer in given for hole in answer.holes))
    return Answer(kept, tuple(decisions), deciding.note, deciding.path, deciding.statement, holes)


def _all(document: Document, requests: Requests, wanted: Verdict) -> Answer:
    decisions: List[Decision] = []
    for request in requests.requests:
        decision = decide(document, request)
        if decision.verdict not in (wanted, Verdict.UNKNOWN):
            return Answer(FALSE, (decision, *decisions))
        decisions.append(decision)
    if not requests.complete or any(one.verdict is Verdict.UNKNOWN for one in decisions):
        decisions.sort(key=lambda one: one.verdict is not Verdict.UNKNOWN)
        return Answer(UNKNOWN, tuple(decisions))
    return Answer(TRUE, tuple(decisions))
