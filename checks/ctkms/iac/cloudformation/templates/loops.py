"""The resources that `Fn::ForEach` makes, put into the template in place of the loop.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html

Of a list that is written out, each item makes a member of its own. Of any other list nobody can tell
the items, so that one member stands for all: whether there is one at all is an open condition, and
where the loop's variable stands in a text the text is open. Only what uses a key for CloudTrail's
data is worth that. A loop that cannot be followed is kept by name, as is a transform that adds resources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES
from ctkms.iac.cloudformation.templates.relevance import any_speaks
from ctkms.iac.cloudformation.templates.template import entries, scalar

LOOP = "Fn::ForEach"
MAX_DEPTH = 40  # of loops within loops and of data within data
MAX_SIZE = 100_000  # values in all members of a template; loops that multiply each other would exhaust the machine

# Functions whose text names something, so that the variable in it is no text of its own.
_NAMING = frozenset({"Ref", "Fn::GetAtt", "Condition", "DependsOn", "Type"})


@dataclass(frozen=True)
class Unrolled:
    """A template whose loops are replaced by what they make."""

    body: Any
    made: FrozenSet[str] = frozenset()  # the logical ids of what loops make
    several: FrozenSet[str] = frozenset()  # of these, what stands for any number of resources
    variables: FrozenSet[str] = frozenset()  # of the loops whose items nobody can tell
    unclear: Tuple[str, ...] = ()  # what adds resources that nobody can tell, and may add a trail


def unrolled(body: Any) -> Unrolled:
    """The template with the members of its loops among its resources."""
    resources = entries(entries(body).get("Resources"))
    if not any(name.startswith("Fn::") for name in resources):
        return Unrolled(body)
    loops = _Loops(entries(entries(body).get("Conditions")))
    declared = {name: resource for name, resource in resources.items() if not name.startswith("Fn::")}
    for name, content in resources.items():
        if name.startswith(LOOP):
            loops.unroll(name, content, None)
        elif name.startswith("Fn::"):
            loops.unclear.append(name)
    made = {name: member for name, member in loops.made.items() if name not in declared}
    whole = {**entries(body), "Resources": {**declared, **made}, "Conditions": loops.conditions}
    several, variables = frozenset(loops.several), frozenset(loops.variables)
    return Unrolled(whole, frozenset(made), several, variables, tuple(dict.fromkeys(loops.unclear)))


class _UnclearError(Exception):
    """Within this module only: a loop that is not shaped like one, or too large."""


class _Loops:
    """The loops of one template."""

    def __init__(self, conditions: Mapping[str, Any]) -> None:
        self.conditions: Dict[str, Any] = dict(conditions)
        self.made: Dict[str, Any] = {}
        self.several: Set[str] = set()
        self.variables: Set[str] = set()
        self.unclear: List[str] = []
        self._size = 0

    def unroll(self, name: str, content: Any, existing: Optional[str], depth: int = 0) -> None:
        """Make the members of a loop; `existing` is the condition on which the loop around it makes any."""
        try:
            variable, items, fragment = _parts(content)
            if depth > MAX_DEPTH:
                raise _UnclearError
            if items is None:
                self._keep(name, fragment, variable, existing, depth)
                return
            for item in items:
                for key, member in entries(self._put(fragment, variable, item, 0)).items():
                    self._add(key, member, existing, depth)
        except _UnclearError:
            if any_speaks([content]):
                self.unclear.append(name)

    def _keep(self, name: str, fragment: Any, variable: str, existing: Optional[str], depth: int) -> None:
        """The members of a loop over an unknown list: one of each."""
        self.variables.add(variable)
        condition = f"{name} (its list is not empty)"
        self.conditions[condition] = {"Fn::And": [{"Condition": existing}, {}]} if existing else {}
        for key, member in entries(self._opened(fragment, variable, 0)).items():
            self._add(key, member, condition, depth)

    def _add(self, key: str, member: Any, existing: Optional[str], depth: int) -> None:
        if key.startswith(LOOP):
            self.unroll(key, member, existing, depth + 1)
        elif key.startswith("Fn::"):
            self.unclear.append(key)
        elif existing is None:
            self.made[key] = member
        elif entries(member).get("Type") in tuple(KEY_PROPERTIES):
            self.several.add(key)
            self.made[key] = {**entries(member), "Condition": self._both(entries(member).get("Condition"), existing)}

    def _both(self, own: Any, existing: str) -> str:
        if not isinstance(own, str):
            return existing
        both = f"{own} and {existing}"
        self.conditions[both] = {"Fn::And": [{"Condition": own}, {"Condition": existing}]}
        return both

    # The variable within a member

    def _put(self, value: Any, variable: str, item: str, depth: int) -> Any:
        """The value with an item in place of the variable."""
        self._count(value, depth)
        if isinstance(value, Mapping):
            fields = entries(value)
            if fields.get("Ref") == variable and len(fields) == 1:
                return item
            return {
                _text(key, variable, item): self._put(one, variable, item, depth + 1) for key, one in fields.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._put(one, variable, item, depth + 1) for one in value]
        return _text(value, variable, item) if isinstance(value, str) else value

    def _opened(self, value: Any, variable: str, depth: int) -> Any:
        """The value with the variable where `Fn::Sub` meets it: a name that nothing declares, hence open."""
        self._count(value, depth)
        if isinstance(value, Mapping):
            return {key: self._member(key, one, variable, depth + 1) for key, one in entries(value).items()}
        if isinstance(value, (list, tuple)):
            return [self._opened(one, variable, depth + 1) for one in value]
        if isinstance(value, str) and "{" + variable + "}" in value:
            return {"Fn::Sub": _only_variable(value, variable)}
        return value

    def _member(self, key: str, value: Any, variable: str, depth: int) -> Any:
        if key in _NAMING:
            return value
        return self._within_sub(value, variable, depth) if key == "Fn::Sub" else self._opened(value, variable, depth)

    def _within_sub(self, value: Any, variable: str, depth: int) -> Any:
        if isinstance(value, str):
            return value.replace("&{" + variable + "}", _spelled(variable))
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return [self._within_sub(value[0], variable, depth), self._opened(value[1], variable, depth)]
        return value

    def _count(self, value: Any, depth: int) -> None:
        self._size += 1 + (len(value) // 100 if isinstance(value, str) else 0)
        if self._size > MAX_SIZE or depth > MAX_DEPTH:
            raise _UnclearError


def _parts(content: Any) -> Tuple[str, Optional[Tuple[str, ...]], Any]:
    """The variable of a loop, its items where they are written out, and what it repeats."""
    if not isinstance(content, (list, tuple)) or len(content) != 3 or not isinstance(content[0], str):
        raise _UnclearError
    variable, items, fragment = content
    if not variable or not isinstance(fragment, Mapping):
        raise _UnclearError
    if not isinstance(items, (list, tuple)) or any(isinstance(item, (Mapping, list, tuple)) for item in items):
        return variable, None, fragment
    return variable, tuple(str(scalar(item)) for item in items), fragment


def _spelled(variable: str) -> str:
    return "${" + variable + "}"


def _text(text: str, variable: str, item: str) -> str:
    """`&{Name}` leaves out what a logical id cannot have."""
    plain = re.sub(r"[^A-Za-z0-9]", "", item)
    return text.replace(_spelled(variable), item).replace("&{" + variable + "}", plain)


def _only_variable(text: str, variable: str) -> str:
    """A text for `Fn::Sub` in which nothing but the variable is a name."""
    return "".join(_escaped(text, variable))


def _escaped(text: str, variable: str) -> Iterator[str]:
    position = 0
    for found in re.finditer(r"[$&]\{" + re.escape(variable) + r"\}", text):
        yield text[position : found.start()].replace("${", "${!")
        yield _spelled(variable)
        position = found.end()
    yield text[position:].replace("${", "${!")
