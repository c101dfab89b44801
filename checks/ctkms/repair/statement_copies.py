"""Copies of a statement, made of its own text: so they name the same principals, spelled as they are."""

from __future__ import annotations

import re
from typing import List, Optional, Sequence, Tuple

from ctkms.cloudtrail.places import Steps
from ctkms.repair.edits import CopyStatement, Split, Verbatim
from ctkms.repair.file_text import TextEdit, applied, line_end, line_start
from ctkms.repair.objects import Element, block_span, with_items
from ctkms.repair.placer import HEAD, NotPlacedError, Placer, fail, is_object, literal_of, value_style
from ctkms.repair.statement_patches import add_conditions, remove_condition
from ctkms.repair.styles import written

_ITEM = re.compile(r"\A\s*-\s*|\s+#.*\Z")


def split(placer: Placer, change: Split) -> Optional[List[TextEdit]]:
    """The copy has some of the actions and one condition more, the statement keeps the other actions."""
    actions = _actions(placer, change.statement)
    added = add_conditions(placer, (change.condition,))
    if not added:
        return None
    return [
        _listed(actions, change.kept),
        *_copied(placer, change.statement, [_listed(actions, change.moved), *added], change.sid),
    ]


def copy_statement(placer: Placer, change: CopyStatement) -> Optional[List[TextEdit]]:
    """The copy has one action, and one condition less; the statement stays as it is."""
    actions = _actions(placer, change.statement)
    removed = remove_condition(placer, change.without)
    if not removed:
        return None
    return _copied(placer, change.statement, [_listed(actions, (change.action,)), *removed], change.sid)


def _actions(placer: Placer, index: int) -> Element:
    named = placer.document.statements[index].actions
    return placer.within(("Statement", index, named.name if named else "Action"))


def _copied(placer: Placer, index: int, edits: Sequence[TextEdit], sid: str) -> List[TextEdit]:
    """A copy of the statement with these edits made, after it."""
    steps: Steps = ("Statement", index)
    statement, document = placer.element(steps), placer.document.statements[index]
    is_block = HEAD.match(statement.content) is not None
    span = block_span(statement) if is_block else statement.span
    if span is None or statement.content.startswith("content") or not (is_block or is_object(statement)):
        raise NotPlacedError("the statement is made elsewhere")
    made = list(edits)
    if isinstance(document.sid, str):
        named = placer.within((*steps, "Sid"))
        made.append(named.edit(named.span.start, named.span.end, named.content.replace(document.sid, sid)))
    end = max(span.end, *(edit.span.end for edit in made))
    grown = sum(len(edit.new_text) - (edit.span.end - edit.span.start) for edit in made)
    copy = applied(statement.text, made)[span.start : end + grown].replace("\r\n", "\n").rstrip()
    whole = Element(span, statement.text)
    indent = statement.text[line_start(statement.text, span.start) : span.start]
    at = line_end(statement.text, span.end)
    after = [whole.edit(at, at, f"\n\n{indent}{copy}")] if is_block else with_items(whole, Verbatim(copy))
    return after or fail("the statement stands among others on a line")


def _listed(actions: Element, names: Tuple[str, ...]) -> TextEdit:
    """Other actions in the place of those that are there."""
    content, style = actions.content, value_style(actions)
    if content[:1] == "-":
        indent = " " * (actions.span.start - line_start(actions.text, actions.span.start))
        # An item that stays is written as it was, with its quotes and what is said of it.
        kept = {literal_of(_ITEM.sub("", line)): line.strip() for line in content.split("\n")}
        new = f"\n{indent}".join(kept.get(one) or "- " + written(one, style, "") for one in names)
    elif content[:1] == "[":
        style = style._replace(language="flow") if style.language == "yaml" else style
        new = "[" + ", ".join(written(one, style, "") for one in names) + "]"
    elif len(names) == 1 and literal_of(content) == content.strip("\"'"):
        new = written(names[0], style, "")
    else:
        raise NotPlacedError("the actions are made elsewhere")
    return actions.edit(actions.span.start, actions.span.end, new)
