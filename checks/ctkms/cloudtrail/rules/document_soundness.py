"""Rule 080: the key policy is one that KMS accepts and that means what it says."""

from __future__ import annotations

from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer, Note
from ctkms.iam.lint import open_names, open_resources
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN


def is_sound(case: KeyCase) -> Answer:
    """The document has no problem, whatever its open names turn out to be."""
    problems = case.problems
    if problems:
        first = next((one for one in problems if one.refused), problems[0])
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        if first.statement is None:
            note = Note(f"{first.what}{more}", first.where, short=first.what)
            return Answer(FALSE, note=note._replace(value=first.value, is_name=first.is_name))
        statement = case.source.statements[first.statement]
        said = f"{statement.label}: {first.what}{more}"
        sid = str(statement.sid) if statement.sid else None
        return Answer(FALSE, note=Note(said, first.where, statement.index, sid, first.what, first.value, first.is_name))
    # As the code writes it an Allow of another key is a problem; with the own values in place it may be this key's.
    holes = (*open_names(case.source), *open_resources(case.document, case.key.arn))
    if holes:
        return Answer(UNKNOWN, holes=holes)
    return Answer(TRUE, note=Note(_SOUND))


_SOUND = "the key policy is well-formed, and AWS knows its actions, condition operators and condition keys"
