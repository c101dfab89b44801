"""The values that an evaluation finds in other stacks than the one where its expression stands."""

from __future__ import annotations

from typing import Callable, Mapping, Protocol, Sequence, Set

from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.evaluation.cross_region_exports import carried
from ctkms.iac.cloudformation.evaluation.neighbours import Stacks
from ctkms.iac.cloudformation.evaluation.stack_outputs import taken
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, reference
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import FALSE, Truth


class Values(Protocol):
    """What works expressions out, and keeps the deployments whose outputs went into them."""

    consulted: Set[Deployment]

    def value(self, expression: object, at: Deployment) -> object:
        """The value of an expression."""

    def local_value(self, expression: object, at: Deployment) -> object:
        """The same, with names as if its template were the only one."""

    def holds(self, condition: str, at: Deployment) -> Truth:
        """Whether a condition of a template does."""

    def ask(self, condition: str, at: Deployment) -> Truth:
        """The same, where the answer matters."""


class OtherStacks:
    """The other stacks of an evaluation, which with `explore` looks at all that may be meant.

    `named` tells what is open in one template from what reads alike in another.
    """

    def __init__(
        self, stacks: Stacks, values: Values, named: Callable[[str, Deployment], str], explore: bool = False
    ) -> None:
        self._stacks = stacks
        self._values = values
        self._named = named
        self._explore = explore

    def output(self, place: Place) -> object:
        """The value of an output of a deployment."""
        at, name = place
        self._values.consulted.add(at)
        declared = self._declared(place)
        value = self._values.value(declared["Value"], at) if "Value" in declared else NO_VALUE
        return Hole(self._named(reference(f"Outputs.{name}"), at)) if value is NO_VALUE else value

    def look_at_outputs(self, name: str) -> None:
        """Look at all outputs of that name, one of which may be that of a nested stack of an unknown template."""
        for place in self._stacks.outputs_named(name) if self._explore else ():
            self.output(place)

    def taken(self, function: str, argument: object, at: Deployment) -> object:
        """The value of `Fn::ImportValue` or `Fn::GetStackOutput`."""
        found = taken(function, argument, at, self._stacks, self._values)
        places = self._given(found.places)
        if len(places) == 1:
            return self.output(places[0])
        for place in (places or found.likely) if self._explore else ():
            self.output(place)
        return Hole(found.source if found.everywhere else self._named(found.source, at))

    def _given(self, places: Sequence[Place]) -> Sequence[Place]:
        """The outputs that their conditions let be; one alone has to be, where it may be, since it is asked for."""
        answer = self._values.holds if len(places) == 1 else self._values.ask
        conditions = [(one, self._declared(one).get("Condition")) for one in places]
        return [one for one, name in conditions if not isinstance(name, str) or answer(str(name), one[0]) is not FALSE]

    def _declared(self, place: Place) -> Mapping[str, object]:
        return entries(self._stacks.template(place[0].file).section("Outputs").get(place[1]))

    def carried(self, reader: str, name: str, at: Deployment) -> object:
        """The value of an attribute of the CDK's export reader."""
        found = carried(name, at, self._stacks)
        if len(found) == 1:
            self._values.consulted.add(found[0][1])
            return self._values.value(*found[0])
        for expression, elsewhere in found if self._explore else ():
            self._values.value(expression, elsewhere)
        return Hole(self._named(reference(f"{reader}.{name}"), at))
