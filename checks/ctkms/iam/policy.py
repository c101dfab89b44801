"""What a policy document consists of, as frozen data; `document.py` reads it.

The elements: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, Optional, Tuple, Union

from ctkms.unknowns.quoting import in_short, is_name, quoted
from ctkms.unknowns.text import Hole, Rest, Text, holes_in
from ctkms.unknowns.truth import UNKNOWN, Truth, truth

VARIABLES_SINCE = "2012-10-17"

Value = Union[Text, Rest]  # one entry of a list; a Rest stands for any number of entries


@dataclass(frozen=True)
class Problem:
    """Something wrong with a document. `refused` says that KMS does not accept it at all."""

    where: str  # path within the document: Statement/[2]/Condition
    what: str  # one sentence without a final period
    refused: bool = True

    @property
    def statement(self) -> Optional[int]:
        """The index of the statement that the problem is in."""
        parts = self.where.split("/")
        return int(parts[1][1:-1]) if len(parts) > 1 and parts[1][1:-1].isdigit() else None


@dataclass(frozen=True)
class Element:
    """`Action`, `Resource` or their `Not` forms: what they list."""

    name: str  # as written: "Action" or "NotAction"
    values: Tuple[Value, ...]

    @property
    def negated(self) -> bool:
        """Whether this is the `Not` form."""
        return self.name.startswith("Not")


@dataclass(frozen=True)
class PrincipalEntry:
    """One principal of a statement: a type ("AWS", "Service", ...) and a name."""

    type: str
    value: Value


@dataclass(frozen=True)
class Principals:
    """`Principal` or `NotPrincipal`."""

    name: str
    entries: Tuple[PrincipalEntry, ...]

    @property
    def negated(self) -> bool:
        """Whether this is `NotPrincipal`."""
        return self.name == "NotPrincipal"


@dataclass(frozen=True)
class Condition:
    """One operator and one key with the values it is compared with. An open operator or key makes it undecidable."""

    operator: Text
    key: Text
    values: Tuple[Value, ...]


@dataclass(frozen=True)
class Statement:
    """One statement. `open` names what stands in the way of reading it whole; such a statement may say anything."""

    index: int
    sid: Optional[Text]
    effect: Text
    principals: Optional[Principals] = None
    actions: Optional[Element] = None
    resources: Optional[Element] = None
    conditions: Tuple[Condition, ...] = ()
    open: Optional[Hole] = None

    @property
    def label(self) -> str:
        """How messages call the statement."""
        sid = str(self.sid or "")
        return f"statement {quoted(sid)}" if sid and is_name(sid) else f"Statement[{self.index}]"


@dataclass(frozen=True)
class Document:
    """A policy document. `open` is set when nothing at all is known of it."""

    version: Text
    statements: Tuple[Statement, ...]
    problems: Tuple[Problem, ...] = ()
    open: Optional[Hole] = None
    size: int = 0  # bytes of its compact JSON, not counting holes

    @property
    def refused(self) -> bool:
        """Whether KMS does not accept the document, so that nothing can be said of its effect."""
        return any(problem.refused for problem in self.problems)

    @property
    def has_variables(self) -> Truth:
        """Whether `${...}` in values is a policy variable."""
        return truth(self.version == VARIABLES_SINCE) if isinstance(self.version, str) else UNKNOWN


def holes_of(document: Document) -> Tuple[Hole, ...]:
    """Every hole of the document, once each, in order."""
    found: Dict[Hole, None] = {}
    if document.open:
        found[document.open] = None
    for statement in document.statements:
        for value in _values_of(statement):
            found.update(
                (hole, None) for hole in (holes_in(value.like) if isinstance(value, Rest) else holes_in(value))
            )
    return tuple(found)


def _values_of(statement: Statement) -> Iterator[Value]:
    yield statement.effect
    if statement.open:
        yield statement.open
    if statement.principals:
        yield from (entry.value for entry in statement.principals.entries)
    for element in (statement.actions, statement.resources):
        if element:
            yield from element.values
    for condition in statement.conditions:
        yield condition.operator
        yield condition.key
        yield from condition.values


def in_path(name: str) -> str:
    """A name as the path of an element has it; `...` stands for what is no name."""
    return in_short(name) if is_name(name) else "..."
