"""The account and the Region that a stack is deployed to, as seen from another stack.

A manifest of the CDK may give both. Otherwise they are what the pack calls the own ones: those of all
stacks of the scan, but for the instances of a stack set, each of which is somewhere of its own, and for
stacks that name another place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.templates.cdk_assembly import StackIdentity
from ctkms.iac.cloudformation.templates.other_places import OtherPlaces
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind, Text


@dataclass(frozen=True)
class Environment:
    """An account and a Region; a literal, or an own value."""

    account: Text = OWN_ACCOUNT
    region: Text = OWN_REGION


class Identities(Protocol):
    """What is known of where stacks are."""

    def identity(self, at: Deployment) -> StackIdentity:
        """The name, the account and the Region of a stack."""

    def other_places(self, at: Deployment) -> OtherPlaces:
        """Whether the template of a stack names another account or Region than its own."""

    def label(self, deployment: Deployment) -> str:
        """How a message names a deployment."""


def environment(at: Deployment, home: Deployment, stacks: Identities) -> Environment:
    """Where a stack is deployed, as seen from `home`."""
    there, here = at.outermost, home.outermost
    known = stacks.identity(there)
    if there == here:
        return Environment(known.account or OWN_ACCOUNT, known.region or OWN_REGION)
    label, elsewhere, places = stacks.label(there), there.apart or here.apart, stacks.other_places(there)
    account = Hole(f"<the account of {label}>", Kind.ACCOUNT) if elsewhere or places.account else OWN_ACCOUNT
    region = Hole(f"<the Region of {label}>", Kind.REGION) if elsewhere or places.region else OWN_REGION
    return Environment(known.account or account, known.region or region)


def apart(one: Deployment, other: Deployment, stacks: Identities) -> bool:
    """Whether two stacks are in different accounts or Regions; an instance of a stack set is taken to be."""
    first, second = one.outermost, other.outermost
    if first == second:
        return False
    left, right = stacks.identity(first), stacks.identity(second)
    pairs = ((left.account, right.account), (left.region, right.region))
    return first.apart or second.apart or any(a and b and a != b for a, b in pairs)


def together(one: Deployment, other: Deployment, stacks: Identities) -> bool:
    """Whether two stacks are surely in one account and one Region."""
    first, second = one.outermost, other.outermost
    if first == second:
        return True
    left, right = stacks.identity(first), stacks.identity(second)
    known = bool(left.account and left.region)
    return known and (left.account, left.region) == (right.account, right.region)
