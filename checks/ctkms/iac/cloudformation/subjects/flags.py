"""Properties that are true or false."""

from __future__ import annotations

from typing import Union

from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, brief
from ctkms.unknowns.text import Hole


def flag(value: object, name: str, default: bool) -> Union[bool, Hole]:
    """The value of a property of that name, which CloudFormation takes as a text as well; a hole when it is open."""
    if value is NO_VALUE or value is None:
        return default
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, (bool, Hole)) else Hole(f"{name}: {brief(value)}")
