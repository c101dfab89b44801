"""New elements of a policy as text: as a file's language writes them, in the file's own style."""

from __future__ import annotations

import json
import re
from typing import Iterable, List, NamedTuple, Tuple

from ctkms.repair.edits import Content, Verbatim

_BARE = re.compile(r"[A-Za-z_][\w-]*\Z")
_PLAIN = re.compile(r"[A-Za-z][\w.:/*+-]*(?: [\w./*+-]+)*(?<!:)\Z")  # what YAML reads as the text that it is
_ONLY_REFERENCE = re.compile(r"\$\{((?:local|var|data)(?:\.[\w-]+)+)\}\Z")
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


class Style(NamedTuple):
    """How a file writes objects."""

    language: str  # hcl, json, yaml or flow
    unit: str = "  "  # of indentation
    quote: str = '"'
    sub: str = ""  # how a reference in a text is marked: "!Sub", "Fn::Sub", or not at all
    one_line: bool = False


def written(content: Content, style: Style, indent: str) -> str:
    """The text of a value; all lines but the first begin with `indent` or more."""
    if isinstance(content, Verbatim):
        return str(content)
    return _WRITERS[style.language](content, style, indent)


def member(name: str, content: Content, style: Style, indent: str) -> str:
    """The text of a member: its name, and what it holds."""
    if style.language == "yaml":
        inner = "\n" + indent + style.unit if _is_nested(content, style) else " "
        shown = _yaml(content, style, indent + style.unit) if inner != " " else _yaml(content, style, indent)
        return f"{_scalar(name, style)}:{inner}{shown}"
    if style.language == "hcl":
        return f"{_name(name)} = {_hcl(content, style, indent)}"
    if style.language == "flow":
        return f"{_scalar(name, style)}: {written(content, style, indent)}"
    return f"{quoted(name)}: {written(content, style, indent)}"


def quoted(text: str) -> str:
    """A text in double quotes, as JSON and HCL have it."""
    return json.dumps(text, ensure_ascii=False)


def hcl_text(text: str) -> str:
    """A text in HCL; one that is a reference and nothing else is written as such."""
    reference = _ONLY_REFERENCE.match(text)
    return reference[1] if reference else quoted(text)


def _name(name: str) -> str:
    return name if _BARE.match(name) else quoted(name)


def _hcl(content: Content, style: Style, indent: str) -> str:
    if isinstance(content, list):
        if any(isinstance(one, dict) for one in content) and not style.one_line:
            inner = indent + style.unit
            return "[\n" + "".join(f"{inner}{_hcl(one, style, inner)},\n" for one in content) + indent + "]"
        return "[" + ", ".join(_hcl(one, style, indent) for one in content) + "]"
    if not isinstance(content, dict):
        return hcl_text(content)
    if style.one_line:
        return "{ " + ", ".join(f"{_name(name)} = {_hcl(one, style, '')}" for name, one in content.items()) + " }"
    inner = indent + style.unit
    rows = [(_name(name), _hcl(one, style, inner)) for name, one in content.items()]
    return "{\n" + "".join(f"{inner}{row}\n" for row in aligned(rows)) + indent + "}"


def aligned(rows: Iterable[Tuple[str, str]]) -> List[str]:
    """`name = value`, aligned as `terraform fmt` does: neighbours that stand on one line each."""
    found: List[str] = []
    group: List[Tuple[str, str]] = []
    for name, value in (*rows, ("", "\n")):
        if "\n" not in value:
            group.append((name, value))
            continue
        width = max((len(one) for one, _ in group), default=0)
        found += [f"{one.ljust(width)} = {said}" for one, said in group]
        found += [f"{name} = {value}"] if name else []
        group = []
    return found


def _json(content: Content, style: Style, indent: str) -> str:
    content = _with_sub(content, style)
    if isinstance(content, list):
        return "[" + ", ".join(_json(one, style, indent) for one in content) + "]"
    if not isinstance(content, dict):
        return quoted(str(content))
    if style.one_line:
        return "{" + ", ".join(f"{quoted(name)}: {_json(one, style, '')}" for name, one in content.items()) + "}"
    inner = indent + style.unit
    rows = ",\n".join(f"{inner}{quoted(name)}: {_json(one, style, inner)}" for name, one in content.items())
    return "{\n" + rows + "\n" + indent + "}"


class _Raw(str):
    """A text whose references are marked already."""

    __slots__ = ()


def _with_sub(content: Content, style: Style) -> Content:
    if style.sub == "Fn::Sub" and isinstance(content, str) and "${" in content and not isinstance(content, _Raw):
        return {"Fn::Sub": _Raw(content)}
    return content


def _is_nested(content: Content, style: Style) -> bool:
    return isinstance(_with_sub(content, style), (dict, list))


def _yaml(content: Content, style: Style, indent: str) -> str:
    content = _with_sub(content, style)
    if isinstance(content, dict):
        return f"\n{indent}".join(member(name, one, style, indent) for name, one in content.items())
    if isinstance(content, list):
        return f"\n{indent}".join("- " + _yaml(one, style, indent + "  ") for one in content)
    return _scalar(content, style)


def _flow(content: Content, style: Style, indent: str) -> str:
    content = _with_sub(content, style)
    if isinstance(content, dict):
        return "{" + ", ".join(member(name, one, style, indent) for name, one in content.items()) + "}"
    if isinstance(content, list):
        return "[" + ", ".join(_flow(one, style, indent) for one in content) + "]"
    return _scalar(content, style)


def _scalar(text: str, style: Style) -> str:
    tag = "!Sub " if style.sub == "!Sub" and "${" in text and not isinstance(text, _Raw) else ""
    bare = re.sub(r"\$\{[\w.:]+\}", "x", text) if style.language == "yaml" else text
    if _PLAIN.match(bare) and text.lower() not in _WORDS:
        return tag + text
    if style.quote == "'":
        return tag + "'" + text.replace("'", "''") + "'"
    return tag + quoted(text)


_WRITERS = {"hcl": _hcl, "json": _json, "yaml": _yaml, "flow": _flow}
