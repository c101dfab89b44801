"""The variable of a loop within what the loop repeats: an item in its place, or nothing that anybody knows.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Iterator, Tuple

from ctkms.iac.cloudformation.templates.template import entries

MAX_DEPTH = 40  # of loops within loops and of data within data
# Values in all members of a template: a template has 500 resources at most, and loops may multiply each other.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MAX_SIZE = 40_000

Variables = Tuple[str, ...]
Item = Tuple[str, ...]  # a text for each variable of the loop

# Functions whose text names something, so that the variable in it is no text of its own.
_NAMING = frozenset({"Ref", "Fn::GetAtt", "Condition", "DependsOn", "Type"})


class UnclearError(Exception):
    """Among the readers of loops only: a loop that is not shaped like one, or too large."""


class Fragments:
    """What the loops of one template repeat; of all copies together there are no more values than MAX_SIZE."""

    def __init__(self) -> None:
        self._size = 0

    def put(self, value: object, variables: Variables, item: Item, depth: int = 0) -> object:
        """The value with an item in place of the variables."""
        self._count(value, depth)
        if isinstance(value, Mapping):
            fields = entries(value)
            if len(fields) == 1 and fields.get("Ref") in variables:
                return item[variables.index(fields["Ref"])]
            return {
                _text(key, variables, item): self.put(one, variables, item, depth + 1) for key, one in fields.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.put(one, variables, item, depth + 1) for one in value]
        return _text(value, variables, item) if isinstance(value, str) else value

    def opened(self, value: object, variables: Variables, depth: int = 0) -> object:
        """The value with the variables where `Fn::Sub` meets them: names that nothing declares, hence open."""
        if not variables:
            return value
        self._count(value, depth)
        if isinstance(value, Mapping):
            return {key: self._member(key, one, variables, depth + 1) for key, one in entries(value).items()}
        if isinstance(value, (list, tuple)):
            return [self.opened(one, variables, depth + 1) for one in value]
        if isinstance(value, str) and any("{" + variable + "}" in value for variable in variables):
            return {"Fn::Sub": "".join(_only_variables(value, variables))}
        return value

    def _member(self, key: str, value: object, variables: Variables, depth: int) -> object:
        if key in _NAMING:
            return value
        return self._within_sub(value, variables, depth) if key == "Fn::Sub" else self.opened(value, variables, depth)

    def _within_sub(self, value: object, variables: Variables, depth: int) -> object:
        if isinstance(value, str):
            for variable in variables:
                value = value.replace("&{" + variable + "}", _spelled(variable))
            return value
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return [self._within_sub(value[0], variables, depth), self.opened(value[1], variables, depth)]
        return value

    def _count(self, value: object, depth: int) -> None:
        self._size += 1 + (len(value) // 100 if isinstance(value, str) else 0)
        if self._size > MAX_SIZE or depth > MAX_DEPTH:
            raise UnclearError


def _spelled(variable: str) -> str:
    return "${" + variable + "}"


def _text(text: str, variables: Variables, item: Item) -> str:
    """`&{Name}` leaves out what a logical id cannot have."""
    if "{" in text:
        for variable, value in zip(variables, item):
            plain = re.sub(r"[^A-Za-z0-9]", "", value)
            text = text.replace(_spelled(variable), value).replace("&{" + variable + "}", plain)
    return text


def _only_variables(text: str, variables: Variables) -> Iterator[str]:
    """A text for `Fn::Sub` in which nothing but the variables is a name."""
    position = 0
    for found in re.finditer(r"[$&]\{(" + "|".join(map(re.escape, variables)) + r")\}", text):
        yield text[position : found.start()].replace("${", "${!")
        yield _spelled(found.group(1))
        position = found.end()
    yield text[position:].replace("${", "${!")
