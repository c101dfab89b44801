"""Variables of the root as switches: what they would be if they were not as by default."""

from __future__ import annotations

from typing import Iterable, Mapping, NamedTuple, Optional

from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Value, is_known
from ctkms.unknowns.text import Hole

_LONGEST = 60  # characters of a default that is quoted


class Switch(NamedTuple):
    """A variable of the root that no variable file sets, and what it would be otherwise."""

    name: str
    value: Value
    otherwise: str  # in words: "were true"
    by_default: str
    is_off: bool  # whether the default is false, nothing or none, as that of what switches something on


def switch(name: str, default: Value) -> Optional[Switch]:
    """The variable as a switch; None where its default is not known."""
    if not is_known(default):
        return None
    written = describe(default)
    said = written if len(written) <= _LONGEST else "another one"
    if isinstance(default, bool):
        return Switch(name, not default, f"were {str(not default).lower()}", said, not default)
    return Switch(name, open_variable(name), _otherwise(default), said, not default or default == "0")


def _otherwise(default: Value) -> str:
    if isinstance(default, (list, dict)) and not default:
        return "had members"
    return "were set" if default is None or default == "" else "were another one"


def open_variable(name: str) -> Hole:
    """A variable of the root of which nothing is known."""
    return Hole("${var." + name + "}")


def all_open(switches: Iterable[Switch]) -> Mapping[str, Value]:
    """Values for the variables that leave everything open."""
    return {one.name: open_variable(one.name) for one in switches}
