"""Defaults of variables by which code is switched off: what the variable would be where it is switched on."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Tuple

from ctkms.iac.terraform.evaluation.values import Value
from ctkms.unknowns.text import Hole


class Switch(NamedTuple):
    """A variable of the root that no variable file sets, and what it is if it is not as by default."""

    name: str
    value: Value
    is_on: str  # in words: "is true"
    by_default: str


# The default, the other value (None: any), and both in words.
_SWITCHES: Tuple[Tuple[Value, Optional[Value], str, str], ...] = (
    (False, True, "is true", "false"),
    (True, False, "is false", "true"),
    (0, 1, "is 1 or more", "0"),
    ("", None, "is set", '""'),
    (None, None, "is set", "null"),
    ([], None, "has members", "[]"),
    ({}, None, "has members", "{}"),
)


def switch(name: str, default: Value) -> Optional[Switch]:
    """The variable as a switch, or None where its default switches nothing off."""
    for one, other, is_on, by_default in _SWITCHES:
        if type(default) is type(one) and default == one:
            return Switch(name, open_variable(name) if other is None else other, is_on, by_default)
    return None


def open_variable(name: str) -> Hole:
    """A variable of the root of which nothing is known."""
    return Hole("${var." + name + "}")


def all_open(switches: Mapping[str, Switch]) -> Mapping[str, Value]:
    """Values for the variables that leave everything open."""
    return {name: open_variable(name) for name in switches}
