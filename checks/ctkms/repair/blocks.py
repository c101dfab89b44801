"""Conditions and statements as the blocks of `aws_iam_policy_document`."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from ctkms.repair.edits import Content
from ctkms.repair.styles import aligned, hcl_text, quoted

_ARGUMENTS = {"Sid": "sid", "Effect": "effect", "Action": "actions", "Resource": "resources"}


def condition(operator: str, key: str, value: Content) -> str:
    """A `condition` block, at the margin."""
    rows = [("test", quoted(operator)), ("variable", quoted(key)), ("values", _list(value))]
    return _block("condition", rows)


def statement(content: Content) -> str:
    """A `statement` block, at the margin."""
    rows: List[Tuple[str, str]] = []
    inner: List[str] = []
    for name, value in content.items():
        if name in _ARGUMENTS:
            single = name in ("Sid", "Effect")
            rows.append((_ARGUMENTS[name], quoted(value) if single else _list(value)))
        elif name == "Principal":
            for type_, who in value.items():
                inner.append(_block("principals", [("type", quoted(type_)), ("identifiers", _list(who))]))
        elif name == "Condition":
            for operator, keys in value.items():
                inner += [condition(operator, key, one) for key, one in keys.items()]
    return _block("statement", rows, inner)


def argument(name: str) -> str:
    """What the block calls an element."""
    return _ARGUMENTS[name]


def rows_of(name: str, value: Content) -> str:
    """An argument of a statement."""
    return f"{_ARGUMENTS[name]} = {_list(value)}"


def indented(text: str, indent: str) -> str:
    """The text with every line but the first moved to the right."""
    return text.replace("\n", "\n" + indent).replace(f"\n{indent}\n", "\n\n")


def _list(value: Content) -> str:
    return "[" + ", ".join(hcl_text(one) for one in (value if isinstance(value, list) else [value])) + "]"


def _block(name: str, rows: List[Tuple[str, str]], inner: Sequence[str] = ()) -> str:
    lines = [f"  {row}" for row in aligned(rows)]
    nested = "".join("\n\n  " + indented(one, "  ") for one in inner)
    return f"{name} {{\n" + "\n".join(lines) + nested + "\n}"
