"""What Parameter Store holds, as far as a template of the scan puts it there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
"""

from __future__ import annotations

import re
from typing import Dict, List, Protocol, Sequence, Set, Tuple

from ctkms.budgets import TooLarge
from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.evaluation.neighbours import Stacks
from ctkms.iac.cloudformation.evaluation.stack_outputs import nearest, not_apart
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, StoredUnder, joined, text_of
from ctkms.unknowns.scenarios import too_large
from ctkms.unknowns.text import Hole, Text, holes_in, parts_of
from ctkms.unknowns.truth import FALSE, Truth

MAX_CHAIN = 20  # entries of which each holds a reference to the next
_START = "{{resolve:ssm:"
_REFERENCE = re.compile(r"\{\{resolve:ssm:([^:{}]+)(:\d+)?\}\}")


class Values(Protocol):
    """What works expressions out."""

    consulted: Set[Deployment]

    def value(self, expression: object, at: Deployment) -> object:
        """The value of an expression."""

    def exists(self, place: Place) -> Truth:
        """Whether the conditions on a resource let it exist."""


class ParameterStore:
    """The entries that templates make; with `explore` all that a name may mean are looked at."""

    def __init__(self, stacks: Stacks, values: Values, explore: bool) -> None:
        self._stacks = stacks
        self._values = values
        self._explore = explore
        self._held: Dict[Tuple[Place, bool], object] = {}
        self._chain = 0

    def in_text(self, text: Text, at: Deployment, alone: bool) -> Text:
        """The text with what the entries hold in place of references to them."""
        if isinstance(text, str) or not any(hole.source.startswith(_START) for hole in holes_in(text)):
            return text
        try:
            return joined(self._read(one, at, alone) if isinstance(one, Hole) else one for one in parts_of(text))
        except TooLarge:
            return too_large(str(text))

    def _read(self, hole: Hole, at: Deployment, alone: bool) -> Text:
        found = _REFERENCE.fullmatch(hole.source)
        if isinstance(hole, StoredUnder):
            text = text_of(self.named(hole.name, at, alone))
        elif found is not None:
            # A version may be an earlier one, with another value than the template gives.
            text = text_of(self.named(found.group(1), at, alone, known=found.group(2) is None))
        else:
            return hole
        return hole if text is None else text

    def named(self, name: object, at: Deployment, alone: bool, known: bool = True) -> object:
        """What the entry of that name holds; NO_VALUE where no template, or more than one, surely makes it."""
        text = text_of(name)
        if text is None:
            return NO_VALUE
        made = self._existing(nearest(self._called(text, at), at, self._stacks))
        made = [one for one in made if one[0] == at] or made
        if known and len(made) == 1:
            return self._holds(made[0], alone)
        if self._explore:
            likely = not_apart(self._stacks.entries_like(text), at, self._stacks)
            for place in made or self._existing(likely):
                self._holds(place, alone)
        return NO_VALUE

    def _called(self, name: Text, at: Deployment) -> Sequence[Place]:
        """The entries of exactly this name; an open one means the same within one stack only."""
        if isinstance(name, str):
            return self._stacks.entries_named(name)
        here = [one for one in self._stacks.entries_like(name) if one[0] == at]
        return [one for one in here if self._values.value({"Ref": one[1]}, at) == name]

    def _existing(self, places: Sequence[Place]) -> List[Place]:
        return [one for one in places if self._values.exists(one) is not FALSE]

    def _holds(self, place: Place, alone: bool) -> object:
        at, logical_id = place
        if (place, alone) not in self._held:
            resource = self._stacks.template(at.file).resource(logical_id)
            self._held[place, alone] = NO_VALUE  # in case it leads back to itself
            if resource is None or self._chain >= MAX_CHAIN:
                return NO_VALUE
            self._chain += 1
            self._values.consulted.add(at)
            try:
                self._held[place, alone] = self._values.value(resource.properties.get("Value"), at)
            finally:
                self._chain -= 1
        return self._held[place, alone]
