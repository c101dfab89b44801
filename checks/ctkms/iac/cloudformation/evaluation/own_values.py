"""The pseudo parameters: what a stack knows of itself and of where it is deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import Callable, Dict, Mapping

from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.environments import Environment, Identities, environment
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE
from ctkms.unknowns.text import OWN_PARTITION, OWN_SUFFIX, Hole, Kind, Text, join


class OwnValues:
    """The own values of stacks, as seen from `home`."""

    def __init__(self, stacks: Identities, home: Deployment) -> None:
        self._stacks = stacks
        self._home = home
        self._environments: Dict[Deployment, Environment] = {}

    def environment(self, at: Deployment, alone: bool = False) -> Environment:
        """Where a stack is; `alone`, as if it were the only one."""
        if alone:
            return environment(at, at, self._stacks)
        if at not in self._environments:
            self._environments[at] = environment(at, self._home, self._stacks)
        return self._environments[at]

    def value(self, name: str, at: Deployment, alone: bool) -> object:
        """The value of a pseudo parameter."""
        return _VALUES[name](self, at, alone)

    def _stack_name(self, at: Deployment, alone: bool) -> Text:
        known = self._stacks.identity(at).name
        # Two stacks never share a name, so it is told apart even where names are compared locally.
        label = "" if at == self._home and not alone else f" ({self._stacks.label(at)})"
        return known or Hole("${AWS::StackName}" + label, Kind.NAME)

    def _stack_id(self, at: Deployment, alone: bool) -> Text:
        label = "" if at == self._home or alone else f" ({self._stacks.label(at)})"
        where = self.environment(at, alone)
        head = ("arn:", OWN_PARTITION, ":cloudformation:", where.region, ":", where.account, ":stack/")
        unique = Hole(f"the unique id of the stack{label}", Kind.NAME)
        return join((*head, self._stack_name(at, alone), "/", unique))


_VALUES: Mapping[str, Callable[[OwnValues, Deployment, bool], object]] = {
    "AWS::AccountId": lambda own, at, alone: own.environment(at, alone).account,
    "AWS::Region": lambda own, at, alone: own.environment(at, alone).region,
    "AWS::Partition": lambda own, at, alone: OWN_PARTITION,
    "AWS::URLSuffix": lambda own, at, alone: OWN_SUFFIX,
    "AWS::NoValue": lambda own, at, alone: NO_VALUE,
    "AWS::StackName": OwnValues._stack_name,
    "AWS::StackId": OwnValues._stack_id,
}
PSEUDO_PARAMETERS = frozenset(_VALUES)
