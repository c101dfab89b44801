"""What an expression refers to, by its syntax alone.

Terraform orders its work by this, whatever the values turn out to be.
https://github.com/hashicorp/hcl/blob/main/spec.md#expression-variables
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.iac.terraform.syntax.syntax_tree import (
    Attribute,
    Binary,
    Body,
    Broken,
    Call,
    Conditional,
    Directive,
    Expression,
    ForExpr,
    Index,
    KnownAfterApply,
    ListExpr,
    Literal,
    ObjectExpr,
    Splat,
    Template,
    Unary,
    Variable,
)

_LISTING = ("depends_on", "replace_triggered_by")  # arguments that list references
_NAME = re.compile(r"[\w-]+\Z")
_SPLAT = "*"  # what the rest of a splat is applied to


@dataclass(frozen=True)
class Traversal:
    """A reference up to the first index that is not constant, or the first splat; a constant index is None.

    Of `module.m[each.key].arn` this is `module.m` alone, for Terraform as well. The root "" says that
    the text is no expression, so that it may refer to anything.
    """

    root: str
    steps: Tuple[Optional[str], ...]
    source: str

    @property
    def names(self) -> Tuple[str, ...]:
        """The attributes in it, without indexes."""
        return tuple(step for step in self.steps if step is not None)


_Bound = FrozenSet[str]  # the variables of the loops around an expression
_Inner = Tuple[object, _Bound]


def traversals(expression: object) -> Iterator[Traversal]:
    """Every reference in an expression."""
    waiting: List[_Inner] = [(expression, frozenset())]
    while waiting:
        node, bound = waiting.pop()
        if isinstance(node, (Variable, Attribute, Index)):
            found, inner = _reference(node)
            if found is not None and found.root != _SPLAT and found.root not in bound:
                yield found
            waiting.extend((one, bound) for one in inner)
        elif isinstance(node, Broken):
            yield _unread(node)
        elif type(node) in _INNER:
            waiting.extend(_INNER[type(node)](node, bound))


def traversals_in(body: Body, without: Sequence[str] = ()) -> Iterator[Traversal]:
    """Every reference in a block, but for the arguments of some names."""
    for name, expression in body.attributes.items():
        # In the JSON syntax the block `lifecycle` is an argument as well.
        if name not in without and name != "lifecycle":
            yield from listed(expression) if name in _LISTING else traversals(expression)
    for block in body.blocks:
        # `ignore_changes` names attributes of the block itself.
        yield from traversals_in(block.body, ("ignore_changes",) if block.type == "lifecycle" else ())


def listed(expression: Expression) -> Iterator[Traversal]:
    """What a list of references holds; Terraform takes them in quotes as well, and JSON knows no others."""
    items: Sequence[object] = expression.items if isinstance(expression, ListExpr) else ()
    for item in items:
        quoted = _plain(item)
        if quoted:
            yield from traversals(parse_file(f"x = {quoted}\n").body.attributes.get("x"))
    yield from traversals(expression)


def _unread(node: Broken) -> Traversal:
    """A reference to a local of a plan, which does not say what that is; else what may refer to anything."""
    root, _, name = node.source.partition(".")
    is_local = root == "local" and _NAME.match(name) is not None
    return Traversal("local", (name,), node.source) if is_local else Traversal("", (), node.source)


def _reference(node: Expression) -> Tuple[Optional[Traversal], Tuple[object, ...]]:
    """The reference that a chain of attributes and indexes is, and the expressions within it."""
    source = node.source
    steps: List[Optional[str]] = []
    inner: List[object] = []
    while isinstance(node, (Attribute, Index)):
        if isinstance(node, Attribute):
            steps.append(node.name)
        elif isinstance(node.key, Literal) or _plain(node.key) is not None:
            steps.append(None)
        else:
            steps.clear()
            inner.append(node.key)
        node = node.target
    if isinstance(node, Variable):
        return Traversal(node.name, tuple(reversed(steps)), source), tuple(inner)
    return None, (*inner, node)


def _plain(expression: object) -> Optional[str]:
    """The text of a string without interpolation."""
    parts = expression.parts if isinstance(expression, Template) else (None,)
    return "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None


def _all(*inner: str) -> Callable[[object, _Bound], List[_Inner]]:
    """The expressions in some fields of a node."""

    def find(node: object, bound: _Bound) -> List[_Inner]:
        found: List[_Inner] = []
        for name in inner:
            value = getattr(node, name)
            found.extend((one, bound) for one in (value if isinstance(value, tuple) else (value,)))
        return found

    return find


def _loop(node: ForExpr, bound: _Bound) -> List[_Inner]:
    within = bound | {node.item} | ({node.key} if node.key else frozenset())
    return [(node.collection, bound), *((one, within) for one in (node.result_key, node.result, node.condition))]


def _directive(node: Directive, bound: _Bound) -> List[_Inner]:
    within = bound | {name for name in (node.key, node.item) if name}
    return [(node.head, bound), (node.body, within), (node.otherwise, bound)]


_INNER: Mapping[type, Callable[[Any, _Bound], List[_Inner]]] = {
    Splat: _all("target", "each"),
    Call: _all("arguments"),
    Unary: _all("operand"),
    Binary: _all("left", "right"),
    Conditional: _all("condition", "yes", "no"),
    ListExpr: _all("items"),
    ObjectExpr: _all("keys", "values"),
    Template: _all("parts"),
    KnownAfterApply: _all("operands"),
    ForExpr: _loop,
    Directive: _directive,
}
