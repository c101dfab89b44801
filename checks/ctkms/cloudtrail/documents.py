"""Rule 080: the key policy is one that KMS accepts and that means what it says."""

from __future__ import annotations

from ctkms.cloudtrail.answers import Answer
from ctkms.cloudtrail.case import Case
from ctkms.iam.lint import open_names
from ctkms.iam.verdict import FALSE, TRUE, UNKNOWN


def is_sound(case: Case) -> Answer:
    """The document has no problem, whatever its open names turn out to be."""
    problems = case.problems
    if problems:
        first = next((one for one in problems if one.refused), problems[0])
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = f"Statement[{first.statement}]: " if first.statement is not None else ""
        return Answer(FALSE, note=f"{where}{first.what}{more}", path=first.where, statement=first.statement)
    holes = open_names(case.source)
    if holes:
        return Answer(UNKNOWN, holes=holes)
    return Answer(TRUE, note="the key policy is well-formed and every name in it is one that AWS knows")
