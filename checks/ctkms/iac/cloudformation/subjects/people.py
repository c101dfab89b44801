"""The roles and users that templates declare, with the policies that say what they may do.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.cloudtrail.resources import Person
from ctkms.iac.cloudformation.aws.return_values import GROUP_TYPE, ROLE_TYPE, USER_TYPE, Deployment, MadeName, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, flat, same, text_of
from ctkms.iac.cloudformation.subjects.policies import document
from ctkms.iac.cloudformation.templates.template import Resource, entries
from ctkms.unknowns.scenarios import Assumptions
from ctkms.unknowns.text import Hole, Text
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of, truth

_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_MEMBERSHIP = "AWS::IAM::UserToGroupAddition"

# The property that names those who get a policy, by their type.
_LISTS = {ROLE_TYPE: "Roles", USER_TYPE: "Users", GROUP_TYPE: "Groups"}
_HOLDERS: Mapping[str, Mapping[str, str]] = {
    "AWS::IAM::Policy": _LISTS,
    _MANAGED_POLICY: _LISTS,
    "AWS::IAM::RolePolicy": {ROLE_TYPE: "RoleName"},
    "AWS::IAM::UserPolicy": {USER_TYPE: "UserName"},
    "AWS::IAM::GroupPolicy": {GROUP_TYPE: "GroupName"},
    _MEMBERSHIP: {USER_TYPE: "Users"},
}

Target = Union[Place, Text]  # a resource that is referred to, or a name or ARN that is written out


@dataclass(frozen=True)
class Found:
    """A role or user in one scenario, and the open conditions on which what is said of it depends."""

    person: Person
    open: FrozenSet[str]


@dataclass(frozen=True)
class _Attachment:
    """A resource that gives something to others: a policy, or the membership of a group."""

    place: Place
    resource: Resource
    holders: Mapping[str, Tuple[Target, ...]]  # by their type
    open: FrozenSet[str]


MAX_PEOPLE = 3_000  # a template has 500 resources at most, and few stacks that belong together have only roles
_PER_PERSON = 12  # steps


def people_in(
    deployments: Sequence[Deployment], stacks: ScannedStacks, home: Deployment, assumed: Assumptions
) -> Tuple[Found, ...]:
    """The roles and users of some deployments; `home` is the one in whose terms values are named."""
    declared: Dict[str, List[Place]] = {}
    for at in deployments:
        for logical_id, resource in stacks.template(at.file).resources():
            declared.setdefault(resource.type, []).append((at, logical_id))
    places = [place for kind in (ROLE_TYPE, USER_TYPE) for place in declared.get(kind, ())]
    if not places:
        return ()
    if len(places) > MAX_PEOPLE:
        raise TooLarge
    take(Budget.STEPS, _PER_PERSON * len(places))
    directory = _Directory(declared, stacks, home, assumed)
    return tuple(found for found in map(directory.found, places) if found is not None)


class _Directory:
    """The IAM resources of some deployments in one scenario."""

    def __init__(
        self, declared: Mapping[str, List[Place]], stacks: ScannedStacks, home: Deployment, assumed: Assumptions
    ) -> None:
        self._declared = declared
        self._stacks = stacks
        self._home = home
        self._assumed = assumed
        found = (self._attachment(place) for kind in _HOLDERS for place in declared.get(kind, ()))
        self._attachments = [attachment for attachment in found if attachment is not None]

    def found(self, place: Place) -> Optional[Found]:
        """The person that a resource declares; None when the resource does not exist."""
        resource = self._stacks.resource(place)
        evaluation = self._evaluation()
        if resource is None or evaluation.exists(place) is FALSE:
            return None
        policies = tuple(self._policies(place, resource, evaluation))
        person = Person(
            address=self._address(place),
            arn=_text(evaluation.value({"Fn::GetAtt": [place[1], "Arn"]}, place[0])),
            trust_policy=_trust_policy(resource, evaluation, place[0]),
            identity_policies=policies or None,
        )
        return Found(person, frozenset(evaluation.open))

    def _evaluation(self) -> Evaluation:
        # One for each resource: its open conditions are its own.
        return Evaluation(self._stacks, self._home, self._assumed)

    def _address(self, place: Place) -> str:
        return self._stacks.address(place, self._home)

    # The policies of one role, user or group

    def _policies(self, place: Place, resource: Resource, evaluation: Evaluation) -> Iterator[object]:
        yield from _inline(resource, evaluation, place[0])
        for policy, answer in self._separate(place, resource, evaluation).items():
            if isinstance(policy, Hole):
                yield policy
            else:
                yield from self._document(policy, answer, evaluation)
        if resource.type == USER_TYPE:
            yield from self._of_groups(place, resource, evaluation)
        if evaluation.property(resource, "PermissionsBoundary", place[0]) is not NO_VALUE:
            yield Hole(f"permissions boundary of {self._address(place)}")  # it can only take away

    def _separate(self, place: Place, resource: Resource, evaluation: Evaluation) -> Mapping[Union[Place, Hole], Truth]:
        """The policies that stand on resources of their own or outside the code, each once."""
        found: Dict[Union[Place, Hole], Truth] = {}
        for attachment, answer in self._given_to(place, resource, evaluation):
            if attachment.resource.type != _MEMBERSHIP:
                found[attachment.place] = answer
        for target in self._targets(resource, "ManagedPolicyArns", _MANAGED_POLICY, evaluation, place[0]):
            policy = self._resolved(target, _MANAGED_POLICY, evaluation)
            found[Hole(f"policy {target}") if policy is None else policy] = TRUE
        return found

    def _document(self, place: Place, answer: Truth, evaluation: Evaluation) -> Iterator[object]:
        resource = self._stacks.resource(place)
        existing = evaluation.exists(place)
        if resource is None or existing is FALSE:
            return
        if existing is UNKNOWN or answer is UNKNOWN:
            yield Hole(f"policy {self._address(place)}")
            return
        given = document(resource, "PolicyDocument", evaluation, place[0])
        if given is not None:
            yield given

    def _of_groups(self, user: Place, resource: Resource, evaluation: Evaluation) -> Iterator[object]:
        """A user has the policies of all its groups."""
        targets = dict.fromkeys(self._targets(resource, "Groups", GROUP_TYPE, evaluation, user[0]), TRUE)
        for attachment, answer in self._given_to(user, resource, evaluation):
            if attachment.resource.type == _MEMBERSHIP:
                at = attachment.place[0]
                joined = self._targets(attachment.resource, "GroupName", GROUP_TYPE, evaluation, at)
                sure = all_of([answer, evaluation.exists(attachment.place)])
                targets.update({group: any_of([sure, targets.get(group, FALSE)]) for group in joined})
        for target, answer in targets.items():
            group = self._resolved(target, GROUP_TYPE, evaluation)
            declared = self._stacks.resource(group) if group is not None else None
            if group is None or declared is None or answer is UNKNOWN:
                yield Hole(f"policies of group {self._said(target)}")
            else:
                yield from self._policies(group, declared, evaluation)

    def _said(self, target: Target) -> str:
        return self._address(target) if isinstance(target, tuple) else str(target)

    # Who gets what

    def _attachment(self, place: Place) -> Optional[_Attachment]:
        resource = self._stacks.resource(place)
        evaluation = self._evaluation()
        if resource is None or evaluation.exists(place) is FALSE:
            return None
        holders = {
            kind: tuple(self._targets(resource, name, kind, evaluation, place[0]))
            for kind, name in _HOLDERS[resource.type].items()
        }
        return _Attachment(place, resource, holders, frozenset(evaluation.open))

    def _given_to(
        self, place: Place, resource: Resource, evaluation: Evaluation
    ) -> Iterator[Tuple[_Attachment, Truth]]:
        name = _text(evaluation.value({"Ref": place[1]}, place[0]))
        for attachment in self._attachments:
            answers = [_is(target, place, name) for target in attachment.holders.get(resource.type, ())]
            if TRUE in answers or UNKNOWN in answers:
                evaluation.open |= attachment.open
                yield attachment, TRUE if TRUE in answers else UNKNOWN

    def _targets(
        self, resource: Resource, name: str, kind: str, evaluation: Evaluation, at: Deployment
    ) -> Iterator[Target]:
        """What a property lists: resources of a type, or names and ARNs."""
        given = resource.properties.get(name, NO_VALUE)
        for item in given if isinstance(given, (list, tuple)) else (given,):
            fields = entries(item)
            place = (at, str(fields.get("Ref", "")))
            referred = self._stacks.resource(place) if set(fields) == {"Ref"} else None
            if referred is not None and referred.type == kind:
                yield place
                continue
            value = evaluation.property(resource, name, at) if item is NO_VALUE else evaluation.value(item, at)
            texts = (text_of(one) for one in flat(value))
            yield from (text for text in texts if text is not None)

    def _resolved(self, target: Target, kind: str, evaluation: Evaluation) -> Optional[Place]:
        """The declared resource that is meant; None when it is none of these."""
        if isinstance(target, tuple):
            return target
        for place in self._declared.get(kind, ()):
            if evaluation.value({"Ref": place[1]}, place[0]) == target and evaluation.exists(place) is not FALSE:
                return place
        return None


def _trust_policy(resource: Resource, evaluation: Evaluation, at: Deployment) -> object:
    return document(resource, "AssumeRolePolicyDocument", evaluation, at) if resource.type == ROLE_TYPE else None


def _inline(resource: Resource, evaluation: Evaluation, at: Deployment) -> Iterator[object]:
    for policy in flat(evaluation.property(resource, "Policies", at)):
        if isinstance(policy, Hole):
            yield policy
        elif isinstance(policy, dict) and "PolicyDocument" in policy:
            yield policy["PolicyDocument"]


def _is(target: Target, place: Place, name: Text) -> Truth:
    """Whether the resource at a place, called `name`, is the one meant."""
    if isinstance(target, tuple):
        return truth(target == place)
    if target == name:
        return TRUE
    if isinstance(target, MadeName) or (isinstance(target, str) and isinstance(name, str)):
        return FALSE
    if isinstance(name, MadeName):
        # Nobody writes out a name that is yet to be made, but an open value may turn out to be it.
        return UNKNOWN if isinstance(target, Hole) else FALSE
    return same(target, name)


def _text(value: object) -> Text:
    text = text_of(value)
    return Hole("an unknown name") if text is None else text
