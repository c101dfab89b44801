"""What the CDK carries from Region to Region without `Fn::GetStackOutput`: by custom resources and Parameter Store.

The stack that gives has an export writer, which puts values into Parameter Store in the other Region; the stack that
takes has a reader there, whose attributes are those values by the names of the parameters.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib-readme.html#reference-strength
"""

from __future__ import annotations

from typing import Iterator, Mapping, Protocol, Sequence, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.evaluation.environments import Identities
from ctkms.iac.cloudformation.evaluation.stack_outputs import of_one_app
from ctkms.iac.cloudformation.templates.template import Template, entries

READER, WRITER = "Custom::CrossRegionExportReader", "Custom::CrossRegionExportWriter"


class Writers(Identities, Protocol):
    """The stacks of the scan, as far as this asks for them."""

    def template(self, file: str) -> Template:
        """The template in a file."""

    def all_of_type(self, type_: str) -> Sequence[Place]:
        """The resources of a type in the whole scan."""


def carried(name: str, at: Deployment, stacks: Writers) -> Sequence[Tuple[object, Deployment]]:
    """The expressions that a reader's attribute may be the value of, with where they stand; one, where it is known."""
    found = {place: exports[name] for place, exports in _exports(at, stacks) if name in exports}
    return tuple((found[place], place[0]) for place in of_one_app(tuple(found), at, stacks))


def _exports(at: Deployment, stacks: Writers) -> Iterator[Tuple[Place, Mapping[str, object]]]:
    """What each writer puts where the stack is, by name."""
    here = stacks.identity(at.outermost)
    for place in stacks.all_of_type(WRITER):
        take(Budget.STEPS)
        resource = stacks.template(place[0].file).resource(place[1])
        given = entries(resource.properties.get("WriterProps")) if resource is not None else {}
        there = stacks.identity(place[0].outermost).account
        elsewhere = there and here.account and there != here.account
        if not elsewhere and given.get("region") == here.region:
            yield place, entries(given.get("exports"))
