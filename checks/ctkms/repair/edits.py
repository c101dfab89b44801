"""What may be changed in a key policy, as data, and how much of the policy each change touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Optional, Tuple, Union

from ctkms.cloudtrail.places import Steps

# Text as the code's own language takes it: `${...}` is a reference. Objects and lists hold the same.
Content = Any


class Verbatim(str):
    """Text of the code itself, to be written as it is."""

    __slots__ = ()


DATA_ACCOUNT = 'data "aws_caller_identity" "current" {}'


@dataclass(frozen=True)
class Rename:
    """Write another name for a member: an operator or a condition key."""

    steps: Steps  # to the member
    old: str
    new: str


@dataclass(frozen=True)
class Replace:
    """Write another value. `old` is one of several, where it is one literal of a list."""

    steps: Steps
    old: Optional[str]
    new: Content


@dataclass(frozen=True)
class AddCondition:
    """One more condition of a statement."""

    statement: int
    operator: str
    key: str
    value: Content


@dataclass(frozen=True)
class AddElement:
    """An element that a statement lacks."""

    statement: int
    name: str
    value: Content


@dataclass(frozen=True)
class AddAction:
    """One more action of a statement."""

    statement: int
    action: str


@dataclass(frozen=True)
class AddStatements:
    """More statements after the last."""

    statements: Tuple[Content, ...]


@dataclass(frozen=True)
class RemoveCondition:
    """Take a condition away; `alone`: no other one has its operator; `last`: the statement has no other at all."""

    statement: int
    operator: str
    key: str
    alone: bool
    last: bool


@dataclass(frozen=True)
class Split:
    """A statement in two: the copy has the `moved` actions and the condition, the rest stays as it is."""

    statement: int
    kept: Tuple[str, ...]
    moved: Tuple[str, ...]
    condition: AddCondition
    sid: str  # of the copy, where the statement has one


@dataclass(frozen=True)
class CopyStatement:
    """A copy of a statement for one other action, without one of its conditions."""

    statement: int
    action: str
    without: RemoveCondition
    sid: str


@dataclass(frozen=True)
class SetPrincipal:
    """Name somebody else in a statement: one principal in the place of all that are there, of these types."""

    statement: int
    old_types: Tuple[str, ...]
    type: str
    who: str


@dataclass(frozen=True)
class RemoveValue:
    """Take one literal out of a list of several."""

    steps: Steps
    old: str


@dataclass(frozen=True)
class MendJson:
    """Put in or take out the commas by which the text of the policy is no JSON."""


@dataclass(frozen=True)
class AddPolicy:
    """A policy where the key sets none."""

    policy: Content


@dataclass(frozen=True)
class SetArgument:
    """Another value of an argument of the key itself, which writes `old` there."""

    path: str  # as `Key.attribute_paths` has it
    old: str
    new: Content


@dataclass(frozen=True)
class AddDependsOn:
    """One more address that a block of Terraform waits for; both as the module around the block names them."""

    block: str
    on: str


Change = Union[
    Rename,
    Replace,
    SetArgument,
    MendJson,
    AddElement,
    AddAction,
    SetPrincipal,
    RemoveValue,
    AddDependsOn,
    RemoveCondition,
    AddCondition,
    Split,
    CopyStatement,
    AddStatements,
    AddPolicy,
]

# The smallest first.
SIZES = {
    Rename: 1,
    MendJson: 1,
    Replace: 2,
    SetArgument: 2,
    AddElement: 3,
    AddAction: 3,
    SetPrincipal: 3,
    RemoveValue: 3,
    AddDependsOn: 3,
    RemoveCondition: 4,
    AddCondition: 5,
    Split: 8,
    AddStatements: 10,
    CopyStatement: 11,
    AddPolicy: 30,
}


class Candidate(NamedTuple):
    """Changes that belong together.

    `text` says in words what to do. `certain` is False where the change decides something that is for
    people to decide, however well the policy is judged afterwards: `reason` says what.
    """

    changes: Tuple[Change, ...]
    text: str
    certain: bool = True
    reason: str = ""
    data: str = ""  # a block that the code lacks and the values refer to
    of_people: bool = False  # it takes something away from people, though nothing that the rule is not about
    reveals: bool = False  # the policy could not be read before, so nothing is known of what was wrong with it

    @property
    def size(self) -> int:
        """How much is changed."""
        return sum(SIZES[type(change)] for change in self.changes) + (2 if self.data else 0)
