"""A change of a policy as edits of the code's text, at exact places.

Where the elements stand the locator of the subject tells, in whatever file that is. What it finds is not
believed: a name or a literal is replaced only where exactly that is written, and what an edited text means
is found out by reading all of it again.
"""

from __future__ import annotations

import re
from typing import Callable, List, Mapping, Optional, Tuple, Type

from ctkms.cloudtrail.findings import FAILED, Finding
from ctkms.cloudtrail.places import Place, Steps
from ctkms.cloudtrail.subjects import Locate
from ctkms.iam.document import Document
from ctkms.repair import blocks
from ctkms.repair.edits import (
    AddAction,
    AddCondition,
    AddElement,
    AddStatement,
    Candidate,
    Change,
    RemoveCondition,
    Rename,
    Replace,
    Split,
    Verbatim,
)
from ctkms.repair.file_text import TextEdit, applied, line_end, line_start, offset, overlap
from ctkms.repair.objects import (
    Element,
    block_span,
    is_in_list,
    style_of,
    with_item,
    with_lines_in_block,
    with_member,
)
from ctkms.repair.styles import Style, written
from ctkms.unknowns.source_nodes import NAME, Span

ReadText = Callable[[str], Optional[str]]

_LITERAL = re.compile(r"""(["']).*\1\Z|[^"'{}\[\]\s&*!|>%@`][^\n]*\Z|![A-Z]\w+\s+\S.*\Z""")
_HEAD = re.compile(r"(?:dynamic\s+)?[\"]?(statement|condition)\b")


class NotPlacedError(Exception):
    """Why a change cannot be written at an exact place, in a few words."""


class Placer:
    """Writes changes of one policy into the code that makes it."""

    def __init__(self, locate: Locate, document: Document, policy_path: str, read: ReadText) -> None:
        self._locate = locate
        self._document = document
        self._policy_path = policy_path
        self._read = read

    def edits(self, candidate: Candidate) -> Tuple[TextEdit, ...]:
        """The text edits of all changes; raises `NotPlacedError`."""
        found: List[TextEdit] = []
        for change in candidate.changes:
            found += _PATCHES[type(change)](self, change) or _fail("the code around it is written in an unusual way")
        if candidate.data and found:
            found.append(self._data(candidate.data, found[0].span.file))
        if overlap(found):
            raise NotPlacedError("two of its changes would stand at the same place")
        return tuple(dict.fromkeys(found))

    def element(self, steps: Steps, value: Optional[str] = None) -> Element:
        """What the code has at an element of the policy."""
        asked = Finding(FAILED, "", "", self._policy_path, place=Place(steps, value))
        at = self._locate(asked)
        text = None if at is None else self._read(at.file)
        if at is None or text is None:
            raise NotPlacedError("the code has no place for it")
        span = Span(at.file, offset(text, at.start_line, at.start_column), offset(text, at.end_line, at.end_column))
        return Element(span, text)

    def _within(self, steps: Steps, value: Optional[str] = None) -> Element:
        """An element that stands within its own statement: what stands elsewhere may serve others as well."""
        found, statement = self.element(steps, value), self.element(steps[:2])
        whole = block_span(statement) if _HEAD.match(statement.content) else statement.span
        inside = whole is not None and whole.file == found.span.file
        if whole is None or not inside or not whole.start <= found.span.start < found.span.end <= whole.end:
            raise NotPlacedError("the value is made elsewhere, where it may serve others as well")
        return found

    def _data(self, block: str, file: str) -> TextEdit:
        text = self._read(file) or ""
        return Element(Span(file, 0, 0), text).edit(
            len(text), len(text), ("" if text.endswith("\n") else "\n") + f"\n{block}\n"
        )

    # One method for each kind of change

    def rename(self, change: Rename) -> List[TextEdit]:
        found = self._within((*change.steps, NAME))
        if found.content.strip("\"'") != change.old:
            raise NotPlacedError(f"the code does not write {change.old} out at this place")
        quote = found.content[0] if found.content[0] in "\"'" else ""
        if not quote and style_of(found).language == "hcl" and not change.new.isidentifier():
            quote = '"'
        return [found.edit(found.span.start, found.span.end, f"{quote}{change.new}{quote}")]

    def replace(self, change: Replace) -> List[TextEdit]:
        found = self._within(change.steps, change.old)
        content = found.content
        if not _LITERAL.match(content):
            raise NotPlacedError("the value is no literal here")
        if style_of(found).language == "hcl" and content[0] != '"':
            raise NotPlacedError("the value is made elsewhere")
        written_as = _literal_of(content)
        if change.old is not None and written_as != change.old:
            raise NotPlacedError("the value is made elsewhere")
        style = _value_style(found)
        new = change.new
        single = new[0] if isinstance(new, list) and len(new) == 1 else new
        if isinstance(single, list):
            raise NotPlacedError("several values belong there")
        if content[0] in "\"'" and style.sub != "!Sub":
            style = style._replace(quote=content[0])
        return [found.edit(found.span.start, found.span.end, written(single, style, ""))]

    def add_condition(self, change: AddCondition) -> Optional[List[TextEdit]]:
        statement = self.element(("Statement", change.statement))
        if _HEAD.match(statement.content):
            block = blocks.condition(change.operator, change.key, change.value)
            return with_lines_in_block(statement, "\n" + blocks.indented("  " + block, "  "))
        there = self._document.statements[change.statement].conditions
        operators = {one.operator for one in there}
        steps: Steps = ("Statement", change.statement)
        new = {change.key: change.value}
        if not operators:
            return with_member(statement, "Condition", {change.operator: new})
        if change.operator not in operators:
            return with_member(self._inside(statement, (*steps, "Condition")), change.operator, new)
        return with_member(self._inside(statement, (*steps, "Condition", change.operator)), change.key, change.value)

    def _inside(self, outer: Element, steps: Steps) -> Element:
        """An object within another one, written there."""
        found = self._within(steps)
        if found.span == outer.span or not _is_object(found):
            raise NotPlacedError("the conditions are made elsewhere")
        return found

    def add_element(self, change: AddElement) -> Optional[List[TextEdit]]:
        statement = self.element(("Statement", change.statement))
        if _HEAD.match(statement.content):
            return with_lines_in_block(statement, "  " + blocks.rows_of(change.name, change.value))
        if not _is_object(statement):
            raise NotPlacedError("the statement is made elsewhere")
        return with_member(statement, change.name, change.value)

    def add_action(self, change: AddAction) -> Optional[List[TextEdit]]:
        actions = self._document.statements[change.statement].actions
        if actions is None or not all(isinstance(one, str) for one in actions.values):
            raise NotPlacedError("the actions are not all written out")
        last = str(actions.values[-1])
        found = self._within(("Statement", change.statement, actions.name), last)
        if _literal_of(found.content) != last:
            raise NotPlacedError("the actions are made elsewhere")
        if is_in_list(found):
            return with_item(found, change.action)
        style = _value_style(found)
        style = style._replace(language="flow") if style.language == "yaml" else style
        listed = f"[{found.content}, {written(change.action, style, '')}]"
        return [found.edit(found.span.start, found.span.end, listed)]

    def add_statement(self, change: AddStatement) -> Optional[List[TextEdit]]:
        count = len(self._document.statements)
        if not count:
            raise NotPlacedError("the policy has no statement to stand after")
        last = self.element(("Statement", count - 1))
        head = _HEAD.match(last.content)
        if head:
            span = block_span(last)
            if span is None or head[1] != "statement":
                return None
            indent = last.text[line_start(last.text, span.start) : span.start]
            block = blocks.indented(blocks.statement(change.statement), indent)
            at = line_end(last.text, span.end)
            return [last.edit(at, at, f"\n\n{indent}{block}")]
        if not _is_object(last):
            raise NotPlacedError("the last statement is made elsewhere")
        return with_item(last, change.statement)

    def split(self, change: Split) -> Optional[List[TextEdit]]:
        """The copy is the statement's own text with its edits made, so that it names the same principals."""
        steps: Steps = ("Statement", change.statement)
        statement, document = self.element(steps), self._document.statements[change.statement]
        is_block = _HEAD.match(statement.content) is not None
        span = block_span(statement) if is_block else statement.span
        actions = self._within((*steps, document.actions.name if document.actions else "Action"))
        added = self.add_condition(change.condition)
        if span is None or not added or not (is_block or _is_object(statement)):
            return None
        edits = [_listed(actions, change.moved), *added]
        if isinstance(document.sid, str):
            sid = self._within((*steps, "Sid"))
            edits.append(sid.edit(sid.span.start, sid.span.end, sid.content.replace(document.sid, change.sid)))
        end = max(span.end, *(edit.span.end for edit in edits))
        grown = sum(len(edit.new_text) - (edit.span.end - edit.span.start) for edit in edits)
        copy = applied(statement.text, edits)[span.start : end + grown].replace("\r\n", "\n")
        whole = Element(span, statement.text)
        indent = statement.text[line_start(statement.text, span.start) : span.start]
        at = line_end(statement.text, span.end)
        after = [whole.edit(at, at, f"\n\n{indent}{copy}")] if is_block else with_item(whole, Verbatim(copy))
        return [_listed(actions, change.kept), *(after or _fail("the statement stands among others on a line"))]

    def remove_condition(self, change: RemoveCondition) -> Optional[List[TextEdit]]:
        steps: Steps = ("Statement", change.statement, "Condition")
        statement = self.element(("Statement", change.statement))
        if _HEAD.match(statement.content):
            return self._without_block(self._within((*steps, change.operator, change.key, NAME)))
        if not change.last:
            steps = (*steps, change.operator) if change.alone else (*steps, change.operator, change.key)
        name, value = self._within((*steps, NAME)), self._within(steps)
        if name.span == value.span or value.span.start < name.span.end:
            raise NotPlacedError("the condition is made elsewhere")
        return _without_lines(name, value.span.end)

    def _without_block(self, inner: Element) -> Optional[List[TextEdit]]:
        """Without the block around an argument, and without the empty line before it."""
        start = inner.text.rfind("condition", 0, inner.span.start)
        span = block_span(Element(Span(inner.span.file, start, start + len("condition")), inner.text))
        if start < 0 or span is None or span.end < inner.span.end:
            return None
        return _without_lines(Element(span, inner.text), span.end)


def _listed(actions: Element, names: Tuple[str, ...]) -> TextEdit:
    """A list of actions in the place of another one."""
    content, style = actions.content, _value_style(actions)
    if content[:1] == "-":
        indent = " " * (actions.span.start - line_start(actions.text, actions.span.start))
        new = f"\n{indent}".join("- " + written(one, style, "") for one in names)
    elif content[:1] == "[":
        style = style._replace(language="flow") if style.language == "yaml" else style
        new = "[" + ", ".join(written(one, style, "") for one in names) + "]"
    else:
        raise NotPlacedError("the actions are made elsewhere")
    return actions.edit(actions.span.start, actions.span.end, new)


def _without_lines(first: Element, end: int) -> Optional[List[TextEdit]]:
    """Without the lines from one element to the end of another, if nothing else stands on them."""
    text, start = first.text, line_start(first.text, first.span.start)
    stop = end + len(text[end:]) - len(text[end:].lstrip(" \t,"))
    if text[start : first.span.start].strip() or text[stop : stop + 1] not in ("\n", "\r", ""):
        return None
    before = text[:start].rstrip(" \t")
    if before.endswith("\n\n"):
        start -= len(text[:start]) - len(before) + 1
    return [first.edit(start, min(len(text), text.find("\n", stop) + 1 or len(text)), "")]


def _is_object(found: Element) -> bool:
    if found.content[:1] == "{":
        return True
    yaml = style_of(found).language == "yaml"
    return yaml and re.match(r"""["']?[\w:./ -]+["']?\s*:(\s|$)""", found.content) is not None


def _literal_of(content: str) -> str:
    text = content.strip()
    return text[1:-1] if text[:1] in ("'", '"') else text


def _value_style(found: Element) -> Style:
    """How one value is written: as the object around it would be."""
    style = style_of(found)
    if found.content[:1] == '"' and style.language == "yaml" and found.text.lstrip()[:1] == "{":
        return style._replace(language="json", sub="Fn::Sub", one_line=True)
    if style.language != "yaml":
        return style._replace(one_line=True)
    before = found.text[line_start(found.text, found.span.start) : found.span.start]
    return style._replace(language="flow") if "{" in before or "[" in before else style


def _fail(why: str) -> List[TextEdit]:
    raise NotPlacedError(why)


Patch = Callable[..., Optional[List[TextEdit]]]
_PATCHES: Mapping[Type[Change], Patch] = {
    Rename: Placer.rename,
    Replace: Placer.replace,
    AddCondition: Placer.add_condition,
    AddElement: Placer.add_element,
    AddAction: Placer.add_action,
    AddStatement: Placer.add_statement,
    Split: Placer.split,
    RemoveCondition: Placer.remove_condition,
}
