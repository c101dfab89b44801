"""The types of Terraform's language.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import FrozenSet, Iterable, Mapping, Tuple


@dataclass(frozen=True)
class Type:
    """A type: what kind of value it is of, and the types of what is in it."""

    kind: str
    inner: Tuple[Type, ...] = ()  # of the elements, or of each attribute in order of `names`
    names: Tuple[str, ...] = ()  # the attributes of an object, sorted
    optional: FrozenSet[str] = frozenset()  # those of them that a value to be converted need not have
    is_open: bool = field(init=False, compare=False, default=False)  # whether the code leaves a part of it open
    is_exact: bool = field(init=False, compare=False, default=True)  # whether no part of it is open, or any type
    _hash: int = field(init=False, compare=False, repr=False, default=0)

    def __post_init__(self) -> None:
        """Note once what would take long to find out each time."""
        is_open = self.kind == "open" or any(one.is_open for one in self.inner)
        object.__setattr__(self, "is_open", is_open)
        any_type = self.kind == "dynamic" or not all(one.is_exact for one in self.inner)
        object.__setattr__(self, "is_exact", not is_open and not any_type)
        object.__setattr__(self, "_hash", hash((self.kind, self.inner, self.names, self.optional)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def element(self) -> Type:
        """The type of the elements of a list, set or map."""
        return self.inner[0]

    def at(self, position: int) -> Type:
        """The type of an element of a tuple, if it is one."""
        return self.inner[position] if self.kind == "tuple" else DYNAMIC

    def of(self, name: str) -> Type:
        """The type of an attribute of an object, if it is one."""
        return self.attributes.get(name, DYNAMIC)

    @property
    def attributes(self) -> Mapping[str, Type]:
        """The types of the attributes of an object."""
        return dict(zip(self.names, self.inner))

    @property
    def is_primitive(self) -> bool:
        """Whether a value of it has no elements."""
        return self.kind in ("string", "number", "bool")


STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
DYNAMIC = Type("dynamic")  # of a literal null, and of the elements of `tolist([])`; in a constraint it is `any`
OPEN = Type("open")  # whatever the type is, the code does not tell it


def list_of(element: Type) -> Type:
    """`list(...)`"""
    return Type("list", (element,))


def set_of(element: Type) -> Type:
    """`set(...)`"""
    return Type("set", (element,))


def map_of(element: Type) -> Type:
    """`map(...)`"""
    return Type("map", (element,))


def tuple_of(elements: Iterable[Type]) -> Type:
    """`tuple([...])`"""
    return Type("tuple", tuple(elements))


def object_of(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> Type:
    """`object({...})`"""
    names = tuple(sorted(attributes))
    return Type("object", tuple(attributes[name] for name in names), names, frozenset(optional))


def without_optional(type_: Type) -> Type:
    """The type of a value that has been converted: it has all attributes."""
    if not type_.inner:
        return type_
    return Type(type_.kind, tuple(map(without_optional, type_.inner)), type_.names)


def opened(type_: Type) -> Type:
    """The type of an open value that has been converted: what may be of any type is not known."""
    if not type_.inner:
        return OPEN if type_ == DYNAMIC else type_
    return Type(type_.kind, tuple(map(opened, type_.inner)), type_.names)
