"""A comment for a pull request: a table of what fails, and each key's details folded below it.

GitHub takes 65,536 characters. Whatever does not fit is left out, and the comment says how much that is.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Tuple

from ctkms.cloudtrail.findings import PROPOSED, PROVED
from ctkms.cloudtrail.rules.catalogue import BY_ID
from ctkms.report import rule_pages
from ctkms.report.code_view import TextOf, change, nothing_at_hand, once
from ctkms.report.keys import (
    EXCUSED,
    FAILS,
    OPEN,
    PASSES,
    JudgedKey,
    judged_keys,
    of_other_packs,
    tally,
    verdict_of,
)
from ctkms.report.markdown_text import code, escaped, fenced
from ctkms.report.plain_text import counted, shortened
from ctkms.report.results import Record, Request, Results

LIMIT = 65_000  # bytes, which are never less than characters; GitHub's limit is 65,536 characters
MARK = "<!-- ctkms report -->"  # by which a script finds the comment that it made before
_TABLE_SHARE, _OTHERS_SHARE = 0.35, 0.15  # of the limit, for the table and for the rules of other packs
_LONGEST_MESSAGE, _LONGEST_NAME = 1200, 200
_MOST_CHANGED = 60  # lines of a repair


def render(results: Results, text_of: TextOf = nothing_at_hand) -> str:
    """The comment."""
    keys = judged_keys(results)
    shown = [key for key in keys if key.verdict in (FAILS, OPEN, EXCUSED)]
    parts = [MARK, "## KMS keys of CloudTrail", f"{_headline(keys, results.unlisted)}", *_unreadable(results)]
    rows = [_row(key, record) for key in shown for record in key.of(FAILS, OPEN)]
    if rows:
        parts.append(_fitted(_HEAD, rows, "\n", int(LIMIT * _TABLE_SHARE), "finding"))
    others = [_other(record) for record in of_other_packs(results)]
    last = [_fitted("### Other rules\n", others, "\n", int(LIMIT * _OTHERS_SHARE), "finding")] if others else []
    details = [_details(key, text_of) for key in shown]
    if details:
        left = LIMIT - sum(len(part.encode()) + 2 for part in (*parts, *last))
        parts.append(_fitted("### Details\n", details, "\n\n", left, "key"))
    return "\n\n".join([*parts, *last]) + "\n"


def _headline(keys: Sequence[JudgedKey], unlisted: int) -> str:
    return f"**{tally(keys, unlisted).rstrip('.')}.**"


def _unreadable(results: Results) -> Iterator[str]:
    if results.unreadable:
        names = ", ".join(code(shortened(file, _LONGEST_NAME)) for file in results.unreadable[:5])
        more = f" and {len(results.unreadable) - 5} more" if len(results.unreadable) > 5 else ""
        yield f"Checkov could not read {counted(len(results.unreadable), 'file')}: {names}{more}."


_HEAD = "| Severity | Rule | Key | What is wrong | Where |\n|---|---|---|---|---|"


def _row(key: JudgedKey, record: Record) -> str:
    wrong = escaped(record.summary or record.reason or record.name, 200)
    cells = (_severity(record), record.rule, _name(key.resource), wrong, code(_where(record)))
    return f"| {' | '.join(cells)} |"


def _severity(record: Record) -> str:
    return "not decided" if verdict_of(record) == OPEN else record.severity or "-"


def _name(resource: str) -> str:
    return code(shortened(resource, _LONGEST_NAME)) or "-"


def _where(record: Record) -> str:
    column = f":{record.place.start_column}" if record.place.start_column else ""
    return f"{shortened(record.place.file, _LONGEST_NAME)}:{record.place.start_line}{column}"


def _details(key: JudgedKey, text_of: TextOf) -> str:
    told: Dict[object, str] = {}
    said = [_finding(once(record, told), text_of) for record in key.of(FAILS, OPEN, EXCUSED)]
    passed = [record.rule for record in key.of(PASSES)]
    lines = [*said, *([f"Passes {', '.join(passed)}."] if passed else [])]
    title = f"{_name(key.resource)} in {code(shortened(key.place, _LONGEST_NAME))}: {key.verdict}"
    return f"<details><summary>{title}</summary>\n\n" + "\n\n".join(lines) + "\n\n</details>"


def _finding(record: Record, text_of: TextOf) -> str:
    name = escaped(record.name, _LONGEST_NAME)
    head = f"**{_severity(record)}** {_link(record)}: {name}"
    if verdict_of(record) == EXCUSED:
        return f"**skipped** {_link(record)}: {name}\n\n{escaped(record.comment, _LONGEST_MESSAGE)}"
    parts = [head, *(escaped(one, _LONGEST_MESSAGE) for one in record.sentences), *_at(record)]
    if record.requests:
        parts.append("\n".join(_request(request) for request in record.requests))
    if record.fix and record.fix.text:
        parts.append(f"To fix it{_worth(record.fix.status)}: {escaped(record.fix.text, _LONGEST_MESSAGE)}")
        changed = change(record, text_of)
        if 0 < len(changed) <= _MOST_CHANGED:
            lines = [f"@@ {line} @@" if sign == "@" else sign + line for sign, line in changed]
            parts.append(fenced("diff", "\n".join(lines)))
    else:
        language = rule_pages.language_of(record.framework)
        words, typed = rule_pages.how_to_fix(record.rule, language)
        parts += [f"To fix it: {words}" if words else "", f"```{language}\n{typed}\n```" if typed else ""]
    return "\n\n".join(part for part in parts if part)


def _worth(status: str) -> str:
    return f" ({status})" if status in (PROVED, PROPOSED) else ""


def _at(record: Record) -> Iterator[str]:
    if record.element and record.element.file == record.block.file:
        yield f"At line {record.element.start_line}, column {record.element.start_column}."
    elif record.element:
        yield f"At {code(_where(record))}."


def _link(record: Record) -> str:
    return f"[{record.rule}]({BY_ID[record.rule].guideline})"


def _request(request: Request) -> str:
    context = "; ".join(f"{key} = {value}" for key, value in request.context)
    told = f", with {code(shortened(context, 600))}" if context else ""
    said = (request.principal, request.action, request.answer)
    principal, action, answer = (code(shortened(one, 300)) for one in said)
    return f"* asked: {principal} calls {action}{told}; the answer: {answer}"


def _other(record: Record) -> str:
    where = code(_where(record))
    return f"* {record.result}: {code(record.rule)}, {escaped(record.name, 300)}, {_name(record.resource)}, {where}"


def _fitted(head: str, parts: List[str], between: str, limit: int, thing: str) -> str:
    """As many of the parts as fit, and how many do not."""
    kept, left_out = _first(parts, limit - len(head.encode()) - 200, len(between))
    if left_out:
        kept = [*kept, f"\n{counted(left_out, f'more {thing}')} left out: a comment has room for 65,536 characters."]
    return head + "\n" + between.join(kept)


def _first(parts: List[str], room: int, between: int) -> Tuple[List[str], int]:
    for number, part in enumerate(parts):
        room -= len(part.encode()) + between
        if room < 0:
            return parts[:number], len(parts) - number
    return parts, 0
