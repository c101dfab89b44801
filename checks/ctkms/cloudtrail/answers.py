"""What a rule answers about a key, and how the answers to single requests add up to it."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.questions import TOO_MANY, Questions, best_for_the_caller
from ctkms.iam.decision import Decision
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.request import Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, all_of, negate


class Note(NamedTuple):
    """What a rule says that asked for nothing: a sentence, and the element that it is about.

    `short` is what a summary adds to the consequence; None where the sentence itself is short enough.
    """

    text: str
    path: str = ""
    statement: Optional[int] = None  # with its Sid, where it is about one
    sid: Optional[str] = None
    short: Optional[str] = None
    value: Optional[str] = None  # of the element, where one of several is meant
    is_name: bool = False  # whether the name of the element is meant rather than what it holds


class Answer(NamedTuple):
    """Whether a rule is kept: TRUE, FALSE, or UNKNOWN.

    `decisions` are the requests that were asked for it, the deciding one first; a rule that looks at an
    attribute of the key instead has a `note`. `holes` are what leaves it open.
    """

    kept: Truth
    decisions: Tuple[Decision, ...] = ()
    note: Optional[Note] = None
    lead: str = ""  # what the sentence about the deciding request begins with
    further: str = ""  # what the sentence ends with: an assumption that was made, or where to look next
    holes: Tuple[Hole, ...] = ()
    of_other_policy: bool = False  # the decisions are about a role's or user's policy, not the key's


def allowed(policy: Evaluator, *requests: Request) -> Answer:
    """TRUE when every request is allowed."""
    decisions = tuple([policy.decide(request) for request in requests])
    for verdict, kept in ((Verdict.DENY, FALSE), (Verdict.UNKNOWN, UNKNOWN)):
        found = [one for one in decisions if one.verdict is verdict]
        if found:
            return Answer(kept, (*found, *(one for one in decisions if one.verdict is not verdict)))
    return Answer(TRUE, decisions)


def denied(policy: Evaluator, questions: Questions) -> Answer:
    """TRUE when whatever the callers choose is denied."""
    outcome = best_for_the_caller(policy, questions)
    return Answer(_DENIED[outcome.verdict], outcome.decisions, holes=(TOO_MANY,) if outcome.exhausted else ())


_DENIED = {Verdict.DENY: TRUE, Verdict.ALLOW: FALSE, Verdict.UNKNOWN: UNKNOWN}


def some_allowed(policy: Evaluator, questions: Questions) -> Answer:
    """TRUE when at least one caller can choose so that he is allowed."""
    answer = denied(policy, questions)
    if answer.kept is not TRUE:
        return answer._replace(kept=negate(answer.kept))
    if not answer.decisions:
        return Answer(FALSE, note=Note("the key policy allows nothing to any AWS principal"))
    closest_first = sorted(answer.decisions, key=lambda one: one.closeness, reverse=True)
    lead = f"nobody whom the key policy names may call {closest_first[0].request.action}; the closest: "
    return Answer(FALSE, tuple(closest_first), lead=lead)


def every(answers: Iterable[Answer]) -> Answer:
    """All of the answers in one; the deciding one gives its decisions, note and place."""
    given = list(answers)
    if len(given) == 1:
        return given[0]
    kept = all_of(answer.kept for answer in given)
    deciding = next((answer for answer in given if answer.kept is kept), Answer(kept))
    decisions = [*deciding.decisions, *(one for other in given if other is not deciding for one in other.decisions)]
    holes = tuple(dict.fromkeys(hole for answer in given for hole in answer.holes))
    return deciding._replace(decisions=tuple(decisions), holes=holes)


def every_if_any(answers: Iterable[Answer]) -> Optional[Answer]:
    """The same; None when there is nothing to answer, so that the rule stays silent."""
    given = list(answers)
    return every(given) if given else None


def some(answers: Iterable[Answer]) -> Answer:
    """At least one of the answers."""
    answer = every(one._replace(kept=negate(one.kept)) for one in answers)
    return answer._replace(kept=negate(answer.kept))
