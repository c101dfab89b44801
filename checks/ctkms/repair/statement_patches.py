"""Changes within one statement of a policy as edits of the code's text, at exact places.

A name or a literal is replaced only where exactly that is written.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence

from ctkms.cloudtrail.places import Steps
from ctkms.repair import blocks
from ctkms.repair.edits import (
    AddAction,
    AddCondition,
    AddElement,
    AddStatements,
    Content,
    RemoveCondition,
    RemoveValue,
    Rename,
    Replace,
    SetPrincipal,
)
from ctkms.repair.file_text import TextEdit, line_end, line_start
from ctkms.repair.objects import (
    Element,
    block_span,
    dynamic_span,
    is_in_list,
    realigned,
    style_of,
    with_items,
    with_lines_in_block,
    with_member,
)
from ctkms.repair.placer import HEAD, NotPlacedError, Placer, is_object, literal_of, value_style
from ctkms.repair.styles import hcl_text, quoted, written
from ctkms.unknowns.source_nodes import NAME, Span

_LITERAL = re.compile(r"""(["']).*\1\Z|[^"'{}\[\]\s&*!|>%@`][^\n]*\Z|![A-Z]\w+\s+\S.*\Z""")
# To a resource, which stands in the statement itself.
_REFERENCE = re.compile(r"aws_\w+\.[\w-]+(?:\[[^\[\]]*\])?\.\w+\Z")
# A block that names principals, with nothing but its two arguments.
_PRINCIPALS = re.compile(
    r"principals\s*\{\s*type\s*=\s*(?P<type>\"[^\"\n]*\")\s*identifiers\s*=\s*(?P<who>\[[^\[\]]*\])\s*\}"
)


def rename(placer: Placer, change: Rename) -> List[TextEdit]:
    found = placer.within((*change.steps, NAME))
    if found.content.strip("\"'") != change.old:
        raise NotPlacedError(f"the code does not write {change.old} out at this place")
    quote = found.content[0] if found.content[0] in "\"'" else ""
    if not quote and style_of(found).language == "hcl" and not change.new.isidentifier():
        quote = '"'
    new = f"{quote}{change.new}{quote}"
    return realigned(found, new) or [found.edit(found.span.start, found.span.end, new)]


def replace(placer: Placer, change: Replace) -> List[TextEdit]:
    found = placer.within(change.steps, change.old)
    content = found.content
    if not _LITERAL.match(content):
        raise NotPlacedError("the value is no literal here")
    is_reference = change.old is None and _REFERENCE.match(content) is not None
    if style_of(found).language == "hcl" and content[0] != '"' and not is_reference:
        raise NotPlacedError("the value is made elsewhere")
    written_as = literal_of(content)
    if change.old is not None and written_as != change.old:
        raise NotPlacedError("the value is made elsewhere")
    style = value_style(found)
    new = change.new
    single = new[0] if isinstance(new, list) and len(new) == 1 else new
    if isinstance(single, list):
        raise NotPlacedError("several values belong there")
    if content[0] in "\"'" and style.sub != "!Sub":
        style = style._replace(quote=content[0])
    new_text = written(single, style, "")
    return [found.edit(found.span.start, found.span.end, new_text)] if new_text != content else []


def add_conditions(placer: Placer, changes: Sequence[AddCondition]) -> Optional[List[TextEdit]]:
    """All conditions that one statement gets."""
    index = changes[0].statement
    statement = placer.element(("Statement", index))
    if HEAD.match(statement.content):
        made = (blocks.condition(one.operator, one.key, one.value) for one in changes)
        return with_lines_in_block(statement, "\n".join("\n" + blocks.indented("  " + one, "  ") for one in made))
    operators = {one.operator for one in placer.document.statements[index].conditions}
    steps: Steps = ("Statement", index)
    new: Dict[str, Dict[str, Content]] = {}
    for one in changes:
        new.setdefault(one.operator, {})[one.key] = one.value
    if not operators:
        return with_member(statement, "Condition", new)
    found: List[TextEdit] = []
    for operator, keys in new.items():
        if operator not in operators:
            found += with_member(_inside(placer, statement, (*steps, "Condition")), operator, keys)
            continue
        for key, value in keys.items():
            found += with_member(_inside(placer, statement, (*steps, "Condition", operator)), key, value)
    return found


def _inside(placer: Placer, outer: Element, steps: Steps) -> Element:
    """An object within another one, written there."""
    found = placer.within(steps)
    if found.span == outer.span or not is_object(found):
        raise NotPlacedError("the conditions are made elsewhere")
    return found


def add_element(placer: Placer, change: AddElement) -> Optional[List[TextEdit]]:
    statement = placer.element(("Statement", change.statement))
    if HEAD.match(statement.content):
        return with_lines_in_block(statement, "  " + blocks.rows_of(change.name, change.value))
    if not is_object(statement):
        raise NotPlacedError("the statement is made elsewhere")
    return with_member(statement, change.name, change.value)


def add_action(placer: Placer, change: AddAction) -> Optional[List[TextEdit]]:
    actions = placer.document.statements[change.statement].actions
    if actions is None or not all(isinstance(one, str) for one in actions.values):
        raise NotPlacedError("the actions are not all written out")
    last = str(actions.values[-1])
    found = placer.within(("Statement", change.statement, actions.name), last)
    if literal_of(found.content) != last:
        raise NotPlacedError("the actions are made elsewhere")
    if is_in_list(found):
        return with_items(found, change.action)
    style = value_style(found)
    style = style._replace(language="flow") if style.language == "yaml" else style
    listed = f"[{found.content}, {written(change.action, style, '')}]"
    return [found.edit(found.span.start, found.span.end, listed)]


def add_statements(placer: Placer, change: AddStatements) -> Optional[List[TextEdit]]:
    count = len(placer.document.statements)
    if not count:
        raise NotPlacedError("the policy has no statement to stand after")
    last = placer.element(("Statement", count - 1))
    head = HEAD.match(last.content)
    if head:
        span = dynamic_span(last) if head[1] == "content" else block_span(last)
        if span is None or head[1] == "condition":
            return None
        indent = last.text[line_start(last.text, span.start) : span.start]
        made = [blocks.indented(blocks.statement(one), indent) for one in change.statements]
        at = line_end(last.text, span.end)
        return [last.edit(at, at, "".join(f"\n\n{indent}{one}" for one in made))]
    if not is_object(last):
        raise NotPlacedError("the last statement is made elsewhere")
    return with_items(last, *change.statements)


def remove_condition(placer: Placer, change: RemoveCondition) -> Optional[List[TextEdit]]:
    steps: Steps = ("Statement", change.statement, "Condition")
    statement = placer.element(("Statement", change.statement))
    if HEAD.match(statement.content):
        return _without_block(placer, placer.within((*steps, change.operator, change.key, NAME)))
    if not change.last:
        steps = (*steps, change.operator) if change.alone else (*steps, change.operator, change.key)
    name, value = placer.within((*steps, NAME)), placer.within(steps)
    if name.span == value.span or value.span.start < name.span.end:
        raise NotPlacedError("the condition is made elsewhere")
    return without_lines(name, value.span.end)


def _without_block(placer: Placer, inner: Element) -> Optional[List[TextEdit]]:
    """Without the block around an argument, and without the empty line before it."""
    start = inner.text.rfind("condition", 0, inner.span.start)
    span = block_span(Element(Span(inner.span.file, start, start + len("condition")), inner.text))
    if start < 0 or span is None or span.end < inner.span.end:
        return None
    return without_lines(Element(span, inner.text), span.end)


def without_lines(first: Element, end: int, lead: str = "") -> Optional[List[TextEdit]]:
    """Without the lines from one element to the end of another, if nothing else (but `lead`) stands on them."""
    text, start = first.text, line_start(first.text, first.span.start)
    stop = end + len(text[end:]) - len(text[end:].lstrip(" \t,"))
    if text[start : first.span.start].strip() != lead or text[stop : stop + 1] not in ("\n", "\r", ""):
        return None
    before = text[:start].rstrip(" \t")
    if before.endswith("\n\n"):
        start -= len(text[:start]) - len(before) + 1
    return [first.edit(start, min(len(text), text.find("\n", stop) + 1 or len(text)), "")]


def set_principal(placer: Placer, change: SetPrincipal) -> Optional[List[TextEdit]]:
    """Another principal, of another type if need be."""
    steps: Steps = ("Statement", change.statement)
    statement = placer.element(steps)
    if HEAD.match(statement.content):
        span = block_span(statement)
        found = [] if span is None else list(_PRINCIPALS.finditer(statement.text, span.start, span.end))
        if span is None or len(found) != 1 or statement.text.count("principals", span.start, span.end) != 1:
            raise NotPlacedError("the principals are written in an unusual way")
        values = {"type": quoted(change.type), "who": f"[{hcl_text(change.who)}]"}
        return [statement.edit(*found[0].span(name), new) for name, new in values.items()]
    named = placer.within((*steps, "Principal"))
    if named.span == statement.span or not (is_object(named) or _LITERAL.match(named.content)):
        raise NotPlacedError("the principals are made elsewhere")
    style = value_style(named)
    if style.language == "yaml" and not is_object(named):
        style = style._replace(language="flow")
    return [named.edit(named.span.start, named.span.end, written({change.type: change.who}, style, ""))]


def remove_value(placer: Placer, change: RemoveValue) -> Optional[List[TextEdit]]:
    """A list without one of its literals, and the comma beside it."""
    found = placer.within(change.steps, change.old)
    if literal_of(found.content) != change.old or not is_in_list(found):
        raise NotPlacedError("the value is made elsewhere")
    text, start, end = found.text, found.span.start, found.span.end
    if text[line_start(text, start) : start].strip() == "-":
        return without_lines(Element(Span(found.span.file, start, end), text), end, "-")
    after = re.compile(r"\s*,[ \t]*").match(text, end)
    if after:
        return [found.edit(start, after.end(), "")]
    before = text[:start].rstrip()
    return [found.edit(len(before) - 1, end, "")] if before.endswith(",") else None
