"""Changes around the policy as edits of the code's text: the policy as a whole, arguments, and what waits for what."""

from __future__ import annotations

import json
import re
from typing import List, Mapping, Optional

from ctkms.repair.edits import AddDependsOn, AddPolicy, SetArgument
from ctkms.repair.file_text import TextEdit, line_end
from ctkms.repair.objects import Element, blanked, block_span, with_lines_in_block, with_member
from ctkms.repair.styles import Style, written
from ctkms.unknowns.source_nodes import Span

_WAITS = re.compile(r"^[ \t]*depends_on[ \t]*=[ \t]*\[", re.MULTILINE)
_IGNORED = re.compile(r"\bignore_changes\s*=\s*(?:all\b|\[[^\]]*\bpolicy\b)")
_MAX_COMMAS = 3


def add_policy(block: Element, properties: Element, change: AddPolicy) -> Optional[List[TextEdit]]:
    """A policy in the block of a key of Terraform's, or among the properties of one of a template."""
    if block.content.startswith(("resource", '"resource"')):
        style = Style("hcl")
        return with_lines_in_block(block, f"  policy = jsonencode({written(change.policy, style, '  ')})")
    if properties.span == block.span:
        return None
    return with_member(properties, "KeyPolicy", change.policy)


def set_argument(found: Element, change: SetArgument) -> Optional[List[TextEdit]]:
    """Another value where a literal stands."""
    content = found.content
    quote = content[0] if content[:1] in ("'", '"') else ""
    if content != f"{quote}{change.old}{quote}":
        return None
    return [found.edit(found.span.start, found.span.end, f"{quote}{change.new}{quote}")]


def mend_json(policy: Element) -> Optional[List[TextEdit]]:
    """The commas that the reader of JSON misses, or stumbles over, one after the other."""
    start = policy.content.find("{")
    text = policy.content[max(start, 0) :]
    edits: List[TextEdit] = []
    shift = policy.span.start + max(start, 0)
    for _ in range(_MAX_COMMAS):
        wrong = _problem(text)
        if wrong is None:
            return edits
        before = text[: wrong.pos].rstrip()
        if wrong.msg.startswith("Expecting ',' delimiter"):
            edits.append(policy.edit(shift + len(before), shift + len(before), ","))
            text, shift = before + "," + text[len(before) :], shift - 1
        elif before.endswith(","):
            edits.append(policy.edit(shift + len(before) - 1, shift + len(before), ""))
            text, shift = before[:-1] + text[len(before) :], shift + 1
        else:
            return None
    return edits if _problem(text) is None else None


def _problem(text: str) -> Optional[json.JSONDecodeError]:
    try:
        json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as wrong:
        return wrong
    except RecursionError:
        return json.JSONDecodeError("too deep", text, 0)
    return None


def is_ignored(block: Element) -> str:
    """Why no change of the policy reaches a key that exists; "" where Terraform is not told to ignore it."""
    span = block_span(block)
    found = _IGNORED.search(blanked(block.text), span.start, span.end) if span else None
    return "Terraform is told to ignore changes of the policy (ignore_changes)" if found else ""


def add_depends_on(texts: Mapping[str, str], change: AddDependsOn) -> Optional[List[TextEdit]]:
    """One more address in `depends_on`, or the argument as the last one of the block."""
    parts = change.block.split(".")
    label = rf'module\s+"{re.escape(parts[1])}"' if parts[0] == "module" else None
    label = label or rf'resource\s+"{re.escape(parts[0])}"\s+"{re.escape(parts[-1])}"'
    head = re.compile(rf"^{label}", re.MULTILINE)
    for file, text in texts.items():
        code = blanked(text)
        at = head.search(code)
        block = Element(Span(file, *at.span()), text) if at else None
        span = block_span(block) if block else None
        if block is None or span is None:
            continue
        waits = _WAITS.search(code, span.start, span.end)
        if waits is None:
            return with_lines_in_block(block, f"\n  depends_on = [{change.on}]")
        there = code[waits.end() : _closing(code, waits.end())].rstrip()
        end = waits.end() + len(there)
        if "\n" in text[waits.end() : _closing(code, waits.end())]:
            return _on_a_line(block, end, change)
        mark = "" if not there.strip() else " " if there.endswith(",") else ", "
        return [block.edit(end, end, f"{mark}{change.on}")]
    return None


def _closing(code: str, start: int) -> int:
    """Where the bracket closes that was opened before."""
    depth = 1
    for at in range(start, len(code)):
        depth += {"[": 1, "]": -1}.get(code[at], 0)
        if not depth:
            return at
    return len(code)


def _on_a_line(block: Element, end: int, change: AddDependsOn) -> List[TextEdit]:
    """In a list with one address a line."""
    text = block.text
    start = text.rfind("\n", 0, end) + 1
    indent = text[start:end][: len(text[start:end]) - len(text[start:end].lstrip())]
    comma = text[end - 1] == ","
    at = line_end(text, end)
    line = block.edit(at, at, f"\n{indent}{change.on},")
    return [line] if comma else [block.edit(end, end, ","), line]
