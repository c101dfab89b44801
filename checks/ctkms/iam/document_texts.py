"""What stands in a policy as texts: names, values, and what messages call anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Iterator, Optional, Tuple

from ctkms.iam.policy import (
    in_path,
)
from ctkms.unknowns.json_text import OBJECT, written
from ctkms.unknowns.quoting import quoted
from ctkms.unknowns.text import Hole, Partial, Text


def not_replaced(source: Mapping[object, object]) -> Iterator[Tuple[object, object]]:
    """The members of an object, without those that a later one may replace: an open name may be any name.

    The open one stays, and leaves open whatever the ones before it would have said.
    """
    items = list(source.items())
    last_open = max((place for place, (name, _) in enumerate(items) if isinstance(name, (Hole, Partial))), default=0)
    for place, (name, value) in enumerate(items):
        if place >= last_open or isinstance(name, (Hole, Partial)):
            yield name, value


def name_of(name: object) -> Text:
    """The name of a member, as a text."""
    return name if isinstance(name, (Hole, Partial)) else written(name)


def as_text(value: object) -> Optional[Text]:
    """A scalar as IAM sees it; None when the value is no scalar."""
    if isinstance(value, (Hole, Partial)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return written(value)
    isoformat = getattr(value, "isoformat", None)  # YAML reads an unquoted Version as a date
    return str(isoformat()) if isoformat is not None else None


_KINDS = (
    (Mapping, "an object"),
    ((list, tuple), "a list"),
    ((str, Partial), "a string"),
    (bool, "a boolean"),
    ((int, float), "a number"),
)


def kind_of(value: object) -> str:
    """What messages call a value of this type."""
    if value is None:
        return "null"
    return next((name for type_, name in _KINDS if isinstance(value, type_)), "no JSON value")


def quoted_value(value: object) -> str:
    """A value as messages quote it."""
    return kind_of(value) if isinstance(value, (list, tuple, *OBJECT)) else quoted(written(value))


def path_of(where: str, name: object) -> str:
    """The path of a member of an element."""
    said = in_path(written(name))
    return f"{where}/{said}" if where else said
