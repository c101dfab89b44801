"""What an evaluation may ask about the other templates of a scan."""

from __future__ import annotations

from typing import Optional, Protocol, Sequence, Tuple

from ctkms.iac.cloudformation.aws.return_values import Deployment, Place
from ctkms.iac.cloudformation.templates.cdk_assembly import StackIdentity
from ctkms.iac.cloudformation.templates.other_places import OtherPlaces
from ctkms.iac.cloudformation.templates.template import Template
from ctkms.unknowns.text import Text


class Stacks(Protocol):
    """The templates of the scan, as an evaluation sees them."""

    def template(self, file: str) -> Template:
        """The template in a file."""

    def label(self, deployment: Deployment) -> str:
        """How a message names a deployment."""

    def identity(self, at: Deployment) -> StackIdentity:
        """The name, the account and the Region of a stack, as far as a manifest gives them."""

    def all_of_type(self, type_: str) -> Sequence[Place]:
        """The resources of a type in the whole scan."""

    def other_places(self, at: Deployment) -> OtherPlaces:
        """Whether the template of a stack names another account or Region than its own."""

    def child(self, at: Deployment, logical_id: str) -> Optional[Deployment]:
        """The nested stack that a resource deploys, where its template is in the scan."""

    def exports_named(self, name: Text) -> Sequence[Place]:
        """The outputs exported under exactly this name."""

    def exports_like(self, name: Text) -> Sequence[Place]:
        """The outputs whose export may turn out to have this name."""

    def stacks_named(self, name: str) -> Sequence[Deployment]:
        """The stacks that a manifest gives this name."""

    def outputs_named(self, name: str) -> Sequence[Place]:
        """The outputs of that logical id, of stacks that nobody nests."""

    def entries_named(self, name: Text) -> Sequence[Place]:
        """The entries of Parameter Store that templates make under exactly this name."""

    def entries_like(self, name: Text) -> Sequence[Place]:
        """Those that may turn out to have this name."""

    def offered(self, parameter: str) -> Sequence[Tuple[Deployment, object]]:
        """What is handed to a parameter of that name by stacks that nest a template which nobody can tell."""
