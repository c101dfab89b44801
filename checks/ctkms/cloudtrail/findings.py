"""What a rule says about a resource, in plain builtins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.places import Place
from ctkms.unknowns.source_nodes import Location

PASSED, FAILED, SKIPPED = "PASSED", "FAILED", "SKIPPED"
PROVED, PROPOSED, NONE, NOT_SEARCHED = "proved", "proposed", "none", "not searched"  # what a repair is worth


class Fix(NamedTuple):
    """What to do about a finding: `edits` replace what stands in a place of the code by a text.

    `status` is `proved`, where the code was judged again with the edits made; `proposed`, where they
    decide what is for people to decide; `none`; or `not searched`. `reason` says why it is not more.
    """

    text: str = ""
    edits: Tuple[Tuple[Location, str], ...] = ()
    status: str = NOT_SEARCHED
    reason: str = ""

    def plain(self) -> Dict[str, Any]:
        """As records have it."""
        edits = [{**place._asdict(), "new_text": new} for place, new in self.edits]
        return {"text": self.text, "edits": edits, "status": self.status, "reason": self.reason}


@dataclass(frozen=True)
class Finding:
    """What a rule says about a resource, in plain builtins: they end in Checkov's reports.

    `statement` has the keys `index` and `sid`, or is None; `requests` says what was asked, and the answers.
    """

    result: str  # PASSED, FAILED or SKIPPED
    summary: str  # one plain sentence, of `summaries.MAX_SUMMARY` characters at most
    reason: str  # the exact one
    path: str  # of the deciding element, within the resource
    statement: Optional[Dict[str, object]] = None
    requests: List[Dict[str, object]] = field(default_factory=list)
    controls: Dict[str, List[str]] = field(default_factory=dict)  # related ones, by framework
    place: Optional[Place] = None  # in the policy; None where the finding is not about what the policy says
    location: Optional[Location] = None  # in the code
    fix: Fix = field(default_factory=Fix)


MAX_REASON = 1000  # characters; a longer one quotes a policy or an expression that nobody reads in a report


def one_line(text: str) -> str:
    """The text as every console and report takes it.

    It may quote the scanned code, and half a surrogate pair in there ends Checkov's own output with
    an error; control characters would reach the reader's terminal.
    """
    cut = text if len(text) <= MAX_REASON else text[:MAX_REASON] + "..."
    if cut.isprintable():
        return cut
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in cut)
