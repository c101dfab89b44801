"""The nested blocks of a block, with `dynamic` ones written out.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.iac.terraform.evaluation.evaluate import Scope, traverse, typed_value
from ctkms.iac.terraform.evaluation.open_names import describe, open_value
from ctkms.iac.terraform.evaluation.scope import ChildScope
from ctkms.iac.terraform.evaluation.values import Set, Steps, Unordered, Value, plain_null
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Expression
from ctkms.unknowns.scenarios import too_large
from ctkms.unknowns.text import Hole, Rest

MAX_BLOCKS = 2_000  # that one dynamic block may become
_EMPTY = Body({}, ())


@dataclass(frozen=True)
class Nested:
    """One nested block. `open` is set on a block that stands for any number of such blocks."""

    body: Body
    scope: Scope
    open: Optional[Hole] = None

    def value(self, name: str) -> Value:
        """The value of an argument; None when it is absent or null."""
        return argument(self.body, name, self.scope)


def argument(body: Body, name: str, scope: Scope) -> Value:
    """The value of an argument of a block; None when it is absent or null."""
    return plain_null(typed_argument(body, name, scope))


def typed_argument(body: Body, name: str, scope: Scope) -> Value:
    """The value of an argument that other expressions refer to: a null of a type says so."""
    expression = body.attributes.get(name)
    return None if expression is None else typed_value(expression, scope)


def blocks(body: Body, type_: str, scope: Scope) -> Tuple[Nested, ...]:
    """The nested blocks of one type, in order."""
    found: List[Nested] = []
    for block in body.blocks:
        if block.type == type_:
            found.append(Nested(block.body, scope))
        elif block.type == "dynamic" and block.labels == (type_,):
            found.extend(_written_out(block, scope))
    return tuple(found)


def _written_out(dynamic: Block, scope: Scope) -> Iterator[Nested]:
    content = next(iter(dynamic.body.blocks_of("content")), None)
    body = content.body if content is not None else _EMPTY
    name = _iterator(dynamic)
    for key, value, rest in members(argument(dynamic.body, "for_each", scope)):
        yield Nested(body, Loop(scope, name, key, value), rest)


def _iterator(dynamic: Block) -> str:
    given: Optional[Expression] = dynamic.body.attributes.get("iterator")
    return given.source.strip().strip('"') if given is not None else dynamic.labels[0]


def members(collection: Value) -> List[Tuple[Value, Value, Optional[Hole]]]:
    """The keys and values that a loop over a collection meets. A hole beside them marks any number of unknown ones."""
    if isinstance(collection, Mapping):
        found: List[Tuple[Value, Value, Optional[Hole]]] = [(key, value, None) for key, value in collection.items()]
    elif isinstance(collection, (list, tuple)):
        found = []
        for index, value in enumerate(collection):
            if isinstance(value, Rest):
                found.append(_unknown_member(value.hole))
            else:
                found.append((_member_key(collection, index, value), value, None))
    elif isinstance(collection, Hole):
        found = [_unknown_member(collection)]
    else:
        found = []  # nothing else is a collection; Terraform refuses it
    if len(found) > MAX_BLOCKS or not spend(Budget.STEPS, len(found)):
        return [_unknown_member(too_large(f"{len(found)} members"))]
    return found


def _member_key(collection: Sequence[Value], index: int, value: Value) -> Value:
    if isinstance(collection, Set):
        return value
    return open_value(f"key of {describe(value)}", [value]) if isinstance(collection, Unordered) else index


def _unknown_member(collection: Hole) -> Tuple[Value, Value, Optional[Hole]]:
    of = describe(collection)
    return open_value(f"each.key of {of}", [collection]), open_value(f"each.value of {of}", [collection]), collection


class Loop(ChildScope):
    """What can be referred to within a `dynamic` block: the iterator, and all around it."""

    def __init__(self, outer: Scope, name: str, key: Value, value: Value) -> None:
        super().__init__(outer)
        self._name = name
        self._members: Dict[str, Value] = {"key": key, "value": value}

    def resolve(self, traversal: Steps) -> Value:
        """The value of a reference."""
        if traversal[0] != self._name or len(traversal) < 2 or traversal[1] not in self._members:
            return super().resolve(traversal)
        return traverse(self._members[traversal[1]], traversal[2:], self)
