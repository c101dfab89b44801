"""The values of Terraform's language, as far as the code fixes them.

Known data are builtins: a `list` is a tuple, a `dict` an object, as a literal makes them; lists, sets
and maps of one type are subclasses. What is not known is a `Hole`; a string with holes is a `Partial`;
a list with a `Rest` in it has further elements that are not known. `Json` is the JSON text of a value,
kept as that value. A hole that comes out of an operation is named by the operation and the
*values* in it, so that equal names mean equal values, whichever module or loop they come from.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NoReturn, Optional, Protocol, Tuple, TypeVar, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.value_types import Type
from ctkms.unknowns.text import Hole, Kind, Partial, Rest, Text, join, parts_of

T = TypeVar("T")
# What an expression is worth; a `Rest` is an element of a list only.
Value = Union[None, bool, int, float, str, List["Value"], Dict[Any, "Value"], Hole, Partial, "Json", Rest, "Null"]

MAX_NODES = 200_000  # of one value; more is no configuration but an attempt to exhaust the machine
MAX_TEXT = 2_000_000  # characters of one string
MAX_ITEMS = 20_000  # elements that one function may make
MAX_PARTS = 5_000  # of one string: literals and holes in turn
_WALK = 4  # values that are looked at in the time of one step
_HOLE = 50  # characters that a hole in a text counts for


class Failure(Exception):  # noqa: N818 - an outcome that `try` expects, not a fault of ours
    """Terraform itself would report an error here, so `try` goes on to its next argument.

    A scope may raise it from `resolve`, for an instance or an attribute that certainly does not exist.
    """


ABSENT: Any = object()  # stands for the value of a reference to what certainly does not exist, where that is asked


class Layout(Enum):
    """How a JSON text is laid out."""

    ENCODED = "jsonencode"  # members by name, no blanks
    RENDERED = "json of aws_iam_policy_document"  # members in their order, indented
    MINIFIED = "minified_json of aws_iam_policy_document"  # members in their order, no blanks


@dataclass(frozen=True)
class Json:
    """The JSON text of a value that may have holes; wherever a string belongs, this is one."""

    value: Value
    layout: Layout = Layout.ENCODED


Step = Union[str, int, Hole, Partial]  # of a reference: an attribute's name, or an index
Steps = Tuple[Step, ...]
Index = Union[None, str, int, Hole, Partial]  # which instance of a block; None for one that stands once


class Addressed(Protocol):
    """What an address leads to: one instance of a resource or of a module."""

    def member(self, steps: Steps) -> Value:
        """The value of an attribute or output and of what follows it; may raise `Failure`."""


@dataclass(frozen=True)
class Reference(Hole):
    """An object that is known by its address only, such as one instance of a resource.

    A scope may return it for a traversal that stops short of an attribute; what follows is then asked of its
    `target`, also after a splat, a loop or a function.
    """

    target: Optional[Addressed] = None


@dataclass(frozen=True)
class Picked(Hole):
    """Of an element that is picked from a list: what it is, if there is one. Else Terraform reports an error."""


@dataclass(frozen=True)
class OpenMap(Hole):
    """A map with any number of keys, none of them known; `each` is what every value looks like, as in a `Rest`."""

    each: Any = field(default=None, hash=False)


@dataclass(frozen=True)
class Null:
    """Null of a type, where an expression has it as its value; within lists and objects there is only None."""

    type: Type


class Unordered(List[T]):
    """A list in an order that is not known: the elements are there, unless two of them turn out to be the same."""


class ListOf(List[Value]):
    """A list, of the type that its elements have in common; a plain `list` is a tuple."""

    def __init__(self, items: Iterable[Value], type_: Type) -> None:
        super().__init__(items)
        self.type = type_


class Set(List[Value]):
    """A set, in the order in which Terraform goes through it."""

    def __init__(self, items: Iterable[Value], type_: Type) -> None:
        super().__init__(items)
        self.type = type_


class OpenSet(Set, Unordered[Value]):
    """A set of elements that are not all known, nor how many they are."""


class MapOf(Dict[Any, Value]):
    """A map, of the type that its elements have in common; a plain `dict` is an object."""

    def __init__(self, items: Mapping[Any, Value], type_: Type) -> None:
        super().__init__(items)
        self.type = type_


class TupleOf(List[Value]):
    """A tuple whose type is known beyond what its elements show: of which type a null in it is."""

    def __init__(self, items: Iterable[Value], type_: Type) -> None:
        super().__init__(items)
        self.type = type_


class ObjectOf(Dict[Any, Value]):
    """An object whose type is known beyond what its attributes show."""

    def __init__(self, items: Mapping[Any, Value], type_: Type) -> None:
        super().__init__(items)
        self.type = type_


def is_null(value: Value) -> bool:
    """Whether the value is null, of whatever type."""
    return value is None or isinstance(value, Null)


def plain_null(value: Value) -> Value:
    """The value without the type of a null, as it stands in a list or an object."""
    return None if isinstance(value, Null) else value


def fail(message: str) -> NoReturn:
    """Report what Terraform would report as an error."""
    raise Failure(message)


def holes_of(values: Iterable[Value]) -> List[Hole]:
    """Every hole within the values, for the conditions that they may wait for."""
    return [value for value in _within(values) if isinstance(value, Hole)]


def _within(values: Iterable[Value]) -> Iterator[Value]:
    """The values and all that is in them, as often as it stands there."""
    waiting = list(values)
    count = 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count % _WALK == 0:
            take(Budget.STEPS)
        yield value
        if isinstance(value, (list, dict, Json, Partial, Rest)):
            waiting.extend(_children(value))
            if count + len(waiting) > MAX_NODES:
                raise TooLarge


def _children(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    if isinstance(value, list):
        return value
    if isinstance(value, Partial):
        return value.parts
    if isinstance(value, Json):
        return (value.value,)
    return (value.hole, *([] if value.each is None else [value.each])) if isinstance(value, Rest) else ()


def is_known(*values: Value) -> bool:
    """Whether there is no hole anywhere in the values, nor several elements in an open order."""
    return not any(
        isinstance(value, (Hole, Partial, Rest)) or (isinstance(value, Unordered) and len(value) > 1)
        for value in _within(values)
    )


def has_numbers(value: Value) -> bool:
    """Whether there is a number or a bool within the value, which may be converted to a string."""
    return any(isinstance(one, (bool, int, float)) for one in _within([value]))


def is_sure(*values: Value) -> bool:
    """Whether no hole in the values can be null, missing, or of a type that an operation does not take."""
    return all(
        (hole.kind is not Kind.ANY and not isinstance(hole, Picked)) or isinstance(hole, Reference)
        for hole in holes_of(values)
    )


def check_size(value: Value) -> Value:
    """The value, if it is no larger than a configuration can be."""
    if not isinstance(value, (list, dict, Json, Rest)):
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TooLarge
        return value
    waiting: List[Value] = [value]
    count = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict, Json, Rest)):
            waiting.extend(_children(one))
        count += 1
        if count + len(waiting) > MAX_NODES or (isinstance(one, str) and len(one) > MAX_TEXT):
            raise TooLarge
    take(Budget.STEPS, count // _WALK)
    return value


def is_text(value: Value) -> bool:
    """Whether the value is certainly a string."""
    return isinstance(value, (str, Partial, Json)) or (isinstance(value, Hole) and value.kind is not Kind.ANY)


def has_rest(items: List[Value]) -> bool:
    """Whether a list may have more elements than are listed."""
    return any(isinstance(item, Rest) for item in items)


def joined(texts: Iterable[Text]) -> Text:
    """One text after the other, unless that gets out of hand."""
    parts: List[Union[str, Hole]] = []
    size = 0
    for one in texts:
        added = parts_of(one)
        length = sum(len(part) if isinstance(part, str) else _HOLE for part in added)
        size += length
        if size > MAX_TEXT:
            raise TooLarge
        take(Budget.CHARACTERS, length)
        parts.extend(added)
    if sum(isinstance(part, Hole) for part in parts) > MAX_PARTS:
        raise TooLarge
    runs = itertools.groupby(parts, key=lambda part: isinstance(part, str))
    return join(piece for is_literal, run in runs for piece in (["".join(map(str, run))] if is_literal else run))
