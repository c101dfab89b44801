"""`count` and `for_each`: which instances a block has.

https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Callable, Dict, FrozenSet, List, Optional, Tuple

from ctkms.budgets import Budget, affords, spend
from ctkms.iac.terraform.evaluation.dynamic_blocks import argument, members
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.open_names import describe, open_value
from ctkms.iac.terraform.evaluation.values import Index, Step, Value, fail
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.scenarios import Choice, too_large
from ctkms.unknowns.text import Hole, Partial

MAX_INSTANCES = 3_000
_PER_INSTANCE = 20  # steps


@dataclass(frozen=True)
class Repetition:
    """The instances of a block by their index, with the value of each.

    `open` says on what unknown value it depends whether there are further instances.
    """

    argument: str  # "count", "for_each", or "" for a block that stands once, with the index None
    members: Mapping[Index, Value] = field(default_factory=dict)
    open: Optional[Hole] = None

    def has(self, index: Index) -> bool:
        """Whether there is, or may be, an instance of this index."""
        return index in self.members or (self.open is not None and index is not None)

    def is_exact(self, index: Index) -> bool:
        """Whether an index is that of one instance, and of no other that has another index here."""
        if index is None or isinstance(index, (str, int)):
            return True
        return self.open is None and len(self.members) == 1

    def value(self, index: Index) -> Value:
        """`each.value` of an instance."""
        if index in self.members or self.open is None:
            return self.members.get(index)
        return open_value(f"{describe(self.open)}[{describe(index)}]", [self.open, index])

    def conditions(self, index: Index) -> FrozenSet[str]:
        """The open conditions that decide whether there is an instance of this index."""
        return self.open.conditions if index not in self.members and isinstance(self.open, Choice) else frozenset()

    def indexes(self) -> Tuple[Index, ...]:
        """The index of every instance; one index that is a hole stands for those that are not known."""
        if self.open is None:
            return tuple(self.members)
        name = "count.index" if self.argument == "count" else "each.key"
        return (*self.members, open_value(f"{name} of {describe(self.open)}", [self.open]))


ONCE = Repetition("", {None: None})


def repetition(body: Body, scope: Scope) -> Repetition:
    """How often a resource, data source or module call stands."""
    if "count" in body.attributes:
        return _counted(argument(body, "count", scope))
    if "for_each" in body.attributes:
        return _for_each(argument(body, "for_each", scope))
    return ONCE


def _counted(count: Value) -> Repetition:
    if isinstance(count, str) and count.isdecimal() and len(count) < 6:
        count = int(count)
    if isinstance(count, int) and not isinstance(count, bool):
        if count > MAX_INSTANCES or not _has_room(count):
            return Repetition("count", open=too_large(f"{count} instances"))
        return Repetition("count", dict.fromkeys(range(count)))
    return Repetition("count", open=_hole(count))


def _for_each(collection: Value) -> Repetition:
    if isinstance(collection, (Mapping, list, tuple, Hole)):
        found = members(collection)
        by_key = isinstance(collection, Mapping)
        pairs = [(key if by_key else value, value) for key, value, rest in found if rest is None]
        known: Dict[Index, Value] = {one: value for one, value in pairs if isinstance(one, (str, Hole, Partial))}
        rests: List[Hole] = [rest for _, _, rest in found if rest is not None]
        if len(known) > MAX_INSTANCES or not _has_room(len(known)):
            return Repetition("for_each", open=too_large(f"{len(known)} instances"))
        return Repetition("for_each", known, rests[0] if rests else None)
    return Repetition("for_each", open=_hole(collection))


def _has_room(instances: int) -> bool:
    """Whether so many instances can be looked at; it is counted only where they can."""
    steps = _PER_INSTANCE * max(instances, 0)
    return affords(Budget.STEPS, steps) and spend(Budget.STEPS, steps)


def _hole(value: Value) -> Hole:
    return value if isinstance(value, Hole) else open_value(describe(value), [value])


def existence(open_: Hole) -> str:
    """The condition that an unknown `count` or `for_each` makes any instances beyond those that are known."""
    return f"any of {describe(open_)}"


def in_scenario(written: Repetition, scope: Scope) -> Repetition:
    """The repetition in a scenario that assumes whether an open `count` or `for_each` makes any instances.

    Blocks that are repeated by the same unknown value exist together, so that value names the condition.
    """
    open_ = written.open
    if open_ is None or isinstance(open_, Choice):
        return written
    condition = existence(open_)
    assumed = scope.assumed(condition)
    if assumed is None:
        return replace(written, open=Choice(open_.source, conditions=frozenset((condition,))))
    return written if assumed else replace(written, open=None)


def planned(written: Repetition, indexes: Tuple[Index, ...], source: str) -> Repetition:
    """The instances that a plan has of a block, with the value of each as far as the code tells it."""
    if indexes == (None,):
        return ONCE
    if all(isinstance(index, int) for index in indexes):
        return Repetition("count", dict.fromkeys(indexes))
    unknown = {index: open_value(f"each.value of {source}[{describe(index)}]") for index in indexes}
    return Repetition("for_each", {index: written.members.get(index, unknown[index]) for index in indexes})


def is_undecided(repeated: Repetition, step: Step) -> bool:
    """Whether an index may be that of one instance or another."""
    if not isinstance(step, (Hole, Partial)) or step in repeated.members:
        return False
    return repeated.open is None or isinstance(step, Choice)


def index_of(repeated: Repetition, step: Step) -> Index:
    """The index of an instance that a reference means; raises `Failure` where there is none."""
    if repeated.argument == "count":
        index = int(step) if isinstance(step, str) and step.isdecimal() else step
    else:
        index = str(step) if isinstance(step, int) else step
    return index if repeated.has(index) else fail("there is no such instance")


def all_instances(repeated: Repetition, instance: Callable[[Index], Value], source: str) -> Value:
    """All instances: a list for `count`, an object for `for_each`."""
    if repeated.open is not None:
        return open_value(source[2:-1], [repeated.open])
    if repeated.argument == "count":
        return [instance(index) for index in repeated.members]
    return {index: instance(index) for index in repeated.members}
