"""The syntax tree of Terraform's language: bodies, blocks and expressions, as frozen data.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Every expression has a `source`,
its text, for messages; a very long one is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Tuple, Union

MAX_SOURCE = 500


def cut(source: str) -> str:
    """The source text of an expression, as far as it is shown."""
    return source if len(source) <= MAX_SOURCE else source[:MAX_SOURCE] + "..."


@dataclass(frozen=True)
class Excerpt:
    """An expression that holds others: it knows where its source text stands instead of keeping all of it again."""

    text: str
    start: int
    end: int

    @property
    def source(self) -> str:
        """The source text."""
        return cut(self.text[self.start : min(self.end, self.start + MAX_SOURCE + 1)])


@dataclass(frozen=True)
class Literal:
    """A number, bool or null. Strings are templates, even without interpolation."""

    value: Any  # a plan has lists and objects too
    source: str


@dataclass(frozen=True)
class Template:
    """A quoted string or heredoc: unescaped literal text and expressions (`Expression` or `Directive`) in order.

    A template of one expression and nothing else gives that expression's value, not a string.
    """

    parts: Tuple[object, ...]
    source: str


@dataclass(frozen=True)
class Directive:
    """A `%{ if }` or `%{ for }` within a template; each branch is a Template."""

    keyword: str  # "if" or "for"
    head: Expression  # the condition, or the collection
    body: Template
    otherwise: Optional[Template] = None  # for "if"
    key: Optional[str] = None  # for "for"
    item: Optional[str] = None
    source: str = ""


@dataclass(frozen=True)
class Variable:
    """The root of a traversal: var, local, data, each, path, a resource type, or a `for` variable."""

    name: str
    source: str


@dataclass(frozen=True)
class Attribute:
    """`target.name`"""

    target: Expression
    name: str
    source: str


@dataclass(frozen=True)
class Index:
    """`target[key]`, also the legacy `target.0`"""

    target: Expression
    key: Expression
    source: str


@dataclass(frozen=True)
class Splat:
    """`target[*].a.b` or `target.*.a`; `each` is the rest of the traversal, applied to Variable("*")."""

    target: Expression
    each: Expression
    source: str


@dataclass(frozen=True)
class Call(Excerpt):
    """A function call; `expand` marks a final argument written `list...`"""

    name: str
    arguments: Tuple[Expression, ...]
    expand: bool = False


@dataclass(frozen=True)
class Unary:
    """`-x` or `!x`"""

    operator: str
    operand: Expression
    source: str


@dataclass(frozen=True)
class Binary:
    """`left operator right`, for arithmetic, comparison and logic."""

    operator: str
    left: Expression
    right: Expression
    source: str


@dataclass(frozen=True)
class Conditional:
    """`condition ? yes : no`"""

    condition: Expression
    yes: Expression
    no: Expression
    source: str


@dataclass(frozen=True)
class ListExpr(Excerpt):
    """`[a, b]`"""

    items: Tuple[Expression, ...]


@dataclass(frozen=True)
class ObjectExpr(Excerpt):
    """`{ a = 1, "b" : 2, (c) = 3 }`; a bare identifier key is a Template of its text."""

    keys: Tuple[Expression, ...]
    values: Tuple[Expression, ...]

    @property
    def items(self) -> Tuple[Tuple[Expression, Expression], ...]:
        """Each key with its value."""
        return tuple(zip(self.keys, self.values))


@dataclass(frozen=True)
class ForExpr:
    """`[for k, v in collection : value if condition]`, or the object form when `result_key` is set."""

    key: Optional[str]
    item: str
    collection: Expression
    result_key: Optional[Expression]
    result: Expression
    condition: Optional[Expression]
    grouped: bool  # a trailing `...` on the value of an object form
    source: str


@dataclass(frozen=True)
class KnownAfterApply:
    """An expression that no code spells out: a plan tells what it refers to, and where its value goes.

    `work_out` makes the value from those of the operands; `ABSENT` is what does not exist.
    """

    operands: Tuple[Expression, ...]
    work_out: Callable[[Tuple[Any, ...]], Any]
    source: str


@dataclass(frozen=True)
class Broken:
    """Text that should have been an expression and is none; its value is unknown."""

    problem: str
    source: str


Expression = Union[
    Literal,
    Template,
    Variable,
    Attribute,
    Index,
    Splat,
    Call,
    Unary,
    Binary,
    Conditional,
    ListExpr,
    ObjectExpr,
    ForExpr,
    KnownAfterApply,
    Broken,
]


@dataclass(frozen=True)
class Block:
    """`type "label" "label" { body }`; lines are 1-based."""

    type: str
    labels: Tuple[str, ...]
    body: Body
    line: int = 0


@dataclass(frozen=True)
class Body:
    """The attributes and nested blocks of a file or block, in source order."""

    attributes: Mapping[str, Expression]
    blocks: Tuple[Block, ...]

    def blocks_of(self, type_: str) -> Tuple[Block, ...]:
        """The nested blocks of one type, in order."""
        return tuple(block for block in self.blocks if block.type == type_)
