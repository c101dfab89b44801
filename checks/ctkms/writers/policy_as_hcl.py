"""A key with its policy in Terraform's language: as `jsonencode`, or as `aws_iam_policy_document`."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, List, Mapping, Optional, Sequence

_INDENT = "  "
# What the language takes as it is in the place of a name: `hclsyntax.ValidIdentifier`, in ASCII.
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_KEYWORDS = frozenset(("for", "true", "false", "null"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def key_with_jsonencode(name: str, policy: Mapping[str, Any]) -> str:
    """A resource whose policy is written as an object."""
    return _key(name, f"jsonencode({expression(policy, 1)})")


def key_with_policy_document(name: str, policy: Mapping[str, Any]) -> str:
    """A resource whose policy is a data source with a block for each statement.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    """
    statements = [line for statement in policy["Statement"] for line in ("", *_statement(statement))]
    document = [f'data "aws_iam_policy_document" {literal(name)} {{', *statements[1:], "}", ""]
    return "\n".join(document) + "\n" + _key(name, f"data.aws_iam_policy_document.{name}.json")


def _key(name: str, policy: str) -> str:
    return f'resource "aws_kms_key" {literal(name)} {{\n  enable_key_rotation = true\n\n  policy = {policy}\n}}\n'


def literal(text: str) -> str:
    """A text as a quoted template in which nothing is interpolated.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    escaped = "".join(map(_escaped, text)).replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def expression(value: Any, depth: int = 0) -> str:
    """A JSON value as `terraform fmt` lays it out, with its first line where it stands."""
    if isinstance(value, Mapping):
        return _block("{", _items(value, depth + 1), "}", depth) if value else "{}"
    if isinstance(value, (list, tuple)):
        if len(value) == 1 and isinstance(value[0], str):
            return f"[{literal(value[0])}]"
        lines = [f"{expression(one, depth + 1)}," for one in value]
        return _block("[", lines, "]", depth) if lines else "[]"
    if isinstance(value, str):
        return literal(value)
    return json.dumps(value)  # numbers, booleans and null are the same in all three languages


def _block(opening: str, lines: Sequence[str], closing: str, depth: int) -> str:
    within = "".join(f"\n{_INDENT * (depth + 1)}{line}" for line in lines)
    return f"{opening}{within}\n{_INDENT * depth}{closing}"


def _items(value: Mapping[str, Any], depth: int) -> List[str]:
    """The attributes, with the equals signs of neighbours of one line below each other."""
    written = [(_name(name), expression(item, depth)) for name, item in value.items()]
    widths = _widths([len(name) if "\n" not in item else None for name, item in written])
    return [f"{name.ljust(width)} = {item}" for (name, item), width in zip(written, widths)]


def _widths(lengths: Sequence[Optional[int]]) -> List[int]:
    """How wide each name is written: `terraform fmt` aligns a run of items up to one of several lines."""
    found: List[int] = []
    run: List[int] = []
    for length in (*lengths, None):
        if length is not None:
            run.append(length)
            continue
        found += [max(run, default=0)] * len(run)
        run = []
        found.append(0)
    return found[:-1]


def _name(name: str) -> str:
    return name if _IDENTIFIER.match(name) and name not in _KEYWORDS else literal(name)


# The blocks of a policy document


def _statement(statement: Mapping[str, Any]) -> Iterator[str]:
    yield f"{_INDENT}statement {{"
    yield from _attributes(
        {
            "sid": statement["Sid"],
            "effect": statement["Effect"],
            "actions": _listed(statement["Action"]),
            "resources": _listed(statement["Resource"]),
        },
        2,
    )
    for kind, names in statement["Principal"].items():
        yield from _inner("principals", {"type": kind, "identifiers": _listed(names)})
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield from _inner("condition", {"test": operator, "variable": key, "values": _listed(values)})
    yield f"{_INDENT}}}"


def _inner(block: str, attributes: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"{_INDENT * 2}{block} {{"
    yield from _attributes(attributes, 3)
    yield f"{_INDENT * 2}}}"


def _attributes(attributes: Mapping[str, Any], depth: int) -> Iterator[str]:
    for item in _items(attributes, depth):
        yield f"{_INDENT * depth}{item}"


def _listed(values: Any) -> List[str]:
    return [values] if isinstance(values, str) else list(values)
