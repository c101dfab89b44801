"""Whether there is the instance that a reference names by its index."""

from __future__ import annotations

from typing import Optional, Protocol

from ctkms.iac.terraform.evaluation.values import Step, Steps
from ctkms.iac.terraform.instances.repetition import ONCE, Repetition, existence
from ctkms.iac.terraform.instances.undeclared import is_one_of_several
from ctkms.iac.terraform.modules.module import Module, Name
from ctkms.unknowns.text import Hole


class Around(Protocol):
    """The module instance in which the reference stands, as far as that is asked for here."""

    module: Module

    def assumed(self, condition: str) -> Optional[bool]:
        """What the scenario assumes of an open condition."""

    def reference(self, *steps: Step) -> str:
        """The source text of a reference that stands in this module."""

    def repetition(self, name: Name) -> Repetition:
        """How often a resource or data source stands."""

    def call_repetition(self, call: str) -> Repetition:
        """How often a module is called."""


def doubt(traversal: Steps, around: Around) -> Optional[Hole]:
    """The open value that decides whether the instance is there; None where nothing open does."""
    steps = traversal if traversal[0] in ("data", "module") else ("resource", *traversal)
    named = 2 if steps[0] == "module" else 3
    if len(steps) <= named:
        return None
    if is_one_of_several(steps) and tuple(steps[:named]) not in around.module.resources:
        return Hole(around.reference(*steps[: named + 1]))
    repeated = _repetition(steps, around)
    if repeated.open is None or steps[named] in repeated.members or around.assumed(existence(repeated.open)):
        return None
    return repeated.open


def _repetition(steps: Steps, around: Around) -> Repetition:
    """How often what is declared by the first of the steps stands."""
    mode, name, label = map(str, steps[:3])
    if mode == "module":
        return around.call_repetition(name) if name in around.module.calls else ONCE
    return around.repetition((mode, name, label)) if (mode, name, label) in around.module.resources else ONCE
