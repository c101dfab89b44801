"""One more member, item or block in the text of an object, a list or a block: where it goes, and in what style."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from ctkms.repair.edits import Content
from ctkms.repair.file_text import TextEdit, indent_at, line_end, line_start
from ctkms.repair.styles import Style, member, written
from ctkms.unknowns.source_nodes import Span

_COMMENTS = r"(?:\s|#[^\n]*\n|//[^\n]*\n)*"
_FIRST = re.compile(rf'\{{{_COMMENTS}(?:"(?:[^"\\]|\\.)*"|[\w.-]+|\([^()\n]*\))\s*([=:])')
_SUB_SHORT = re.compile(r"!(?:Sub|Ref|GetAtt)\b")
_TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json")
_AFTER_ITEM = re.compile(r"[ \t]*(,?)")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?:#|//)[^\r\n]*)?(?=\r?\n|\Z)")


class Element(NamedTuple):
    """A part of a file, with the text of all of it."""

    span: Span
    text: str

    @property
    def content(self) -> str:
        """The part alone."""
        return self.text[self.span.start : self.span.end]

    def edit(self, start: int, end: int, new: str) -> TextEdit:
        """An edit in the same file, with its line breaks."""
        breaks = "\r\n" if "\r\n" in self.text else "\n"
        return TextEdit(Span(self.span.file, start, end), new.replace("\n", breaks))


def style_of(element: Element) -> Style:
    """How the part is written."""
    file, content = element.span.file, element.content
    terraform = file.endswith(_TERRAFORM)
    one_line = "\n" not in content
    if content[:1] == "{":
        first = _FIRST.match(content)
        if terraform and (first is None or first[1] == "="):
            return Style("hcl", one_line=one_line)
        if terraform or _is_json(element.text) or (first is not None and content.lstrip("{ \r\n\t")[:1] == '"'):
            sub = "" if terraform else "Fn::Sub"
            return Style("json", _unit(element), sub=sub, one_line=one_line)
    if content[:1] == "[" and (_is_json(element.text) or re.match(r'\[\s*"', content)) and not terraform:
        return Style("json", _unit(element), sub="Fn::Sub", one_line=one_line)
    if terraform:
        return Style("hcl", one_line=one_line)
    quote = "'" if element.text.count("'") > element.text.count('"') else '"'
    short = _SUB_SHORT.search(element.text) is not None or "Fn::" not in element.text
    return Style("flow" if content[:1] in ("{", "[") else "yaml", quote=quote, sub="!Sub" if short else "Fn::Sub")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def _unit(element: Element) -> str:
    inner = re.search(r"\n([ \t]+)\S", element.content)
    outer = indent_at(element.text, element.span.start)
    return inner[1][len(outer) :] if inner and inner[1].startswith(outer) and len(inner[1]) > len(outer) else "  "


def with_member(element: Element, name: str, content: Content) -> List[TextEdit]:
    """One more member after the last of an object."""
    style = style_of(element)
    if style.language == "yaml":
        return [_yaml_lines(element, member(name, content, style, _column(element)), _column(element))]
    close = element.span.end - 1
    start = line_start(element.text, close)
    inline = style.one_line or style.language == "flow" or element.text[start:close].strip() != ""
    if inline:
        style = style._replace(one_line=True)
        at = element.span.start + len(element.text[element.span.start : close].rstrip())
        lead = " " if element.text[at - 1] == "{" and style.language == "hcl" else ""
        mark = lead if element.text[at - 1] in "{," else ", "
        return [element.edit(at, at, mark + member(name, content, style, "") + lead)]
    first = re.search(r"\n([ \t]+)\S", element.content)
    indent = first[1] if first else element.text[start:close] + style.unit
    if style.language == "hcl":
        return [element.edit(start, start, f"{indent}{member(name, content, style, indent)}\n")]
    at = element.span.start + len(element.text[element.span.start : close].rstrip())
    mark = "" if element.text[at - 1] in "{," else ","
    return [element.edit(at, at, f"{mark}\n{indent}{member(name, content, style, indent)}")]


def _column(element: Element) -> str:
    return " " * (element.span.start - line_start(element.text, element.span.start))


def _yaml_lines(element: Element, lines: str, indent: str) -> TextEdit:
    """Lines of their own below an element in block style."""
    at = element.span.start + len(element.content.rstrip())
    at = line_end(element.text, at)
    return element.edit(at, at, f"\n{indent}{lines}")


def with_items(last: Element, *contents: Content) -> Optional[List[TextEdit]]:
    """More items of a list, after its last."""
    text, start, end = last.text, last.span.start, last.span.end
    begin = line_start(text, start)
    before = text[begin:start]
    style = style_of(last)
    if before.strip() == "-":  # a list in YAML's block style
        style = style._replace(language="yaml")
        margin = before[: before.find("-")]
        items = [before.lstrip() + written(one, style, _column(last)) for one in contents]
        return [_yaml_lines(last, f"\n{margin}".join(items), margin)]
    if style.language == "yaml":
        style = style._replace(language="flow")
    after = _AFTER_ITEM.match(text, end)
    comma, past = (after[1], after.end()) if after else ("", end)
    rest = _REST_OF_LINE.match(text, past)
    if before.strip() or rest is None:  # between others on a line
        style = style._replace(one_line=style.one_line or isinstance(contents[0], str))
        new = "".join(f", {written(one, style, indent_at(text, start))}" for one in contents)
        return [last.edit(end, end, new)]
    new = ",".join(f"\n{before}{written(one, style, before)}" for one in contents)
    line = last.edit(rest.end(), rest.end(), new + comma)
    return [line] if comma else [last.edit(end, end, ","), line]


def is_in_list(value: Element) -> bool:
    """Whether a value is an item of a list rather than one that stands alone."""
    before = value.text[: value.span.start].rstrip()
    return (
        before[-1:] in ("[", ",")
        or value.text[line_start(value.text, value.span.start) : value.span.start].strip() == "-"
    )


_MEMBER = re.compile(r"([ \t]*)([\w.\"-]+)( +)=( +[^\n]*)")


def realigned(name: Element, new: str) -> List[TextEdit]:
    """Another name of a member of HCL, and the equals signs around it where `terraform fmt` would have them.

    Nothing where the member does not stand in aligned lines.
    """
    text, own = name.text, line_start(name.text, name.span.start)
    column = _aligned(text, own)
    if column is None or text[own : name.span.start].strip():
        return []
    lines = [own]
    while lines[0] and _aligned(text, line_start(text, lines[0] - 1)) == column:
        lines.insert(0, line_start(text, lines[0] - 1))
    while _aligned(text, line_end(text, lines[-1]) + 1) == column:
        lines.append(line_end(text, lines[-1]) + 1)
    found = [(one, match) for one in lines for match in [_MEMBER.match(text, one)] if match]
    width = max(len(new) if one == own else len(match[2]) for one, match in found)
    edits = [name.edit(name.span.start, name.span.end, new)]
    for one, match in found:
        blanks = " " * (width + 1 - (len(new) if one == own else len(match[2])))
        if blanks != match[3]:
            edits.append(name.edit(*match.span(3), blanks))
    return edits


def _aligned(text: str, start: int) -> Optional[int]:
    """The column of the equals sign of a line that holds one whole member; None for any other line."""
    found = _MEMBER.match(text, start) if start < len(text) else None
    if found is None or sum(found[4].count(one) for one in "({[") != sum(found[4].count(one) for one in ")}]"):
        return None
    return found.start(4) - start


# Blocks of HCL

_SKIPPED = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|//[^\n]*|/\*.*?\*/|[{}]|[^"#/{}]+|/', re.DOTALL)
_COMMENTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*|//[^\n]*|/\*.*?\*/)', re.DOTALL)


def blanked(text: str) -> str:
    """Code of Terraform's with blanks in the place of its comments."""
    return _COMMENTED.sub(lambda found: re.sub(r"[^\n]", " ", found[1]) if found[1] else found[0], text)


def block_span(head: Element) -> Optional[Span]:
    """A whole block, by its head: up to the brace that closes it."""
    depth, at = 0, head.span.end
    while at < len(head.text):
        piece = _SKIPPED.match(head.text, at)
        if piece is None:
            return None
        at = piece.end()
        depth += {"{": 1, "}": -1}.get(piece.group(), 0)
        if depth == 0 and piece.group() == "}":
            return Span(head.span.file, head.span.start, at)
        if depth == 0 and piece.group().strip():
            return None
    return None


def dynamic_span(content: Element) -> Optional[Span]:
    """The dynamic block around its content, by the head of that."""
    start = content.text.rfind("dynamic", 0, content.span.start)
    inner = block_span(content)
    outer = block_span(Element(Span(content.span.file, start, start + len("dynamic")), content.text)) if inner else None
    return outer if outer and inner and start >= 0 and outer.end >= inner.end else None


def with_lines_in_block(head: Element, lines: str) -> Optional[List[TextEdit]]:
    """More at the end of a block; `lines` are indented for a block at the margin."""
    span = block_span(head)
    if span is None:
        return None
    close = span.end - 1
    start = line_start(head.text, close)
    if not head.text[head.text.find("{", head.span.end) + 1 : close].strip():
        indent = indent_at(head.text, head.span.start)
        inner = "\n".join(f"{indent}{one}".rstrip() for one in lines.strip("\n").split("\n"))
        return [head.edit(head.text.find("{", head.span.end) + 1, close, f"\n{inner}\n{indent}")]
    if head.text[start:close].strip():
        return None  # the block stands on one line
    indent = head.text[start:close]
    return [head.edit(start, start, "".join(f"{indent}{one}\n" if one else "\n" for one in lines.split("\n")))]
