"""The IAM roles and users of a configuration, with the policies that the code gives them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.cloudtrail.resources import Person
from ctkms.iac.terraform.aws.attributes import as_text
from ctkms.iac.terraform.aws.policy_document import policy_value
from ctkms.iac.terraform.evaluation.dynamic_blocks import blocks
from ctkms.iac.terraform.evaluation.open_names import describe, open_value
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.unknowns.names import may_be_same
from ctkms.unknowns.text import Hole, Rest, Text

ROLE, USER, POLICY = "aws_iam_role", "aws_iam_user", "aws_iam_policy"
PEOPLE = (ROLE, USER)

# What gives policies to people: for each resource type, the kind of person and the argument that names them.
_TARGETS: Mapping[str, Sequence[Tuple[str, str]]] = {
    "aws_iam_role_policy": ((ROLE, "role"),),
    "aws_iam_user_policy": ((USER, "user"),),
    "aws_iam_role_policy_attachment": ((ROLE, "role"),),
    "aws_iam_role_policy_attachments_exclusive": ((ROLE, "role_name"),),
    "aws_iam_user_policy_attachment": ((USER, "user"),),
    "aws_iam_user_policy_attachments_exclusive": ((USER, "user_name"),),
    "aws_iam_policy_attachment": ((ROLE, "roles"), (USER, "users")),
    "aws_iam_group_membership": ((USER, "users"),),
    "aws_iam_user_group_membership": ((USER, "user"),),
}
# The argument with the ARNs of managed policies, of those that attach such.
_MANAGED = {
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachments_exclusive": "policy_arns",
    "aws_iam_policy_attachment": "policy_arn",
}
_INLINE = ("aws_iam_role_policy", "aws_iam_user_policy")  # the others make somebody a member of groups

PEOPLE_TYPES = (*PEOPLE, POLICY, *_TARGETS)

Target = Tuple[str, Text, Text]  # the kind of person, the account and the name


@dataclass(frozen=True)
class _Grant:
    """Something that gives policies to the people of one name."""

    by: ResourceInstance
    target: Target


def people_of(resources: Sequence[ResourceInstance]) -> Tuple[Person, ...]:
    """The roles and users among the resources, with their policies."""
    people = {one.address: one for one in resources if one.type in PEOPLE}
    policies = _Policies(resources)
    targets = {_itself(person) for person in people.values()}
    named: Dict[Target, List[_Grant]] = {}
    elsewhere: List[_Grant] = []  # to somebody who may turn out to be one of these people
    for grant in (grant for one in resources if one.type in _TARGETS for grant in _grants(one)):
        if grant.target in targets:
            named.setdefault(grant.target, []).append(grant)
        else:
            elsewhere.append(grant)
    return tuple(
        _person(person, policies, named.get(_itself(person), ()), _possible(_itself(person), elsewhere))
        for person in people.values()
    )


def _person(
    person: ResourceInstance, policies: _Policies, grants: Sequence[_Grant], possible: Iterable[_Grant]
) -> Person:
    given = [*_own_policies(person, policies)]
    for grant in grants:
        given.extend(policies.given_by(grant.by) if grant.by.exists_with(person) else (_perhaps(grant),))
    if given:
        # Of somebody without policies in the code nothing is claimed, so what may be his does not matter.
        given.extend(map(_perhaps, possible))
    return Person(
        address=person.address,
        arn=as_text(person.attribute("arn"), Hole("${" + f"{person.address}.arn" + "}")),
        trust_policy=policy_value(person.argument("assume_role_policy")),
        identity_policies=tuple(given) or None,
    )


def _own_policies(person: ResourceInstance, policies: _Policies) -> Iterator[object]:
    """The policies that a role itself lists."""
    for block in blocks(person.body, "inline_policy", person.scope):
        value = policy_value(block.value("policy"))
        if block.open is not None or value is not None:
            yield value if block.open is None else block.open
    for arn in _listed(person.argument("managed_policy_arns")):
        yield policies.managed(arn)


class _Policies:
    """The contents of policies, as far as they are in the code."""

    def __init__(self, resources: Sequence[ResourceInstance]) -> None:
        self._managed: Dict[Text, List[ResourceInstance]] = {}
        for policy in (one for one in resources if one.type == POLICY):
            arn = as_text(policy.attribute("arn"), Hole("${" + f"{policy.address}.arn" + "}"))
            self._managed.setdefault(arn, []).append(policy)

    def managed(self, arn: Value) -> object:
        """The managed policy that an ARN names; a hole when its content is not in the code."""
        unknown = Hole(f"policy {describe(arn) if not isinstance(arn, str) else arn}")
        found = self._managed.get(as_text(arn, unknown), ())
        contents = [policy_value(policy.argument("policy")) for policy in found]
        if not contents or contents[0] is None or any(content != contents[0] for content in contents):
            return unknown
        return contents[0]

    def given_by(self, resource: ResourceInstance) -> Iterator[object]:
        """The policies that an attachment, or its like, gives to whom it names."""
        if resource.type in _INLINE:
            value = policy_value(resource.argument("policy"))
            yield Hole(f"policy {resource.address}") if value is None else value
        elif resource.type in _MANAGED:
            for arn in _listed(resource.argument(_MANAGED[resource.type])):
                yield self.managed(arn)
        else:
            yield Hole(f"policies of the groups of {resource.address}")


def _grants(resource: ResourceInstance) -> Iterator[_Grant]:
    account = resource.provider().account
    for kind, argument in _TARGETS[resource.type]:
        for name in _listed(resource.argument(argument)):
            text = as_text(name, open_value(f"{resource.address}.{argument}", [name]))
            yield _Grant(resource, (kind, account, text))


def _itself(person: ResourceInstance) -> Target:
    name = as_text(person.attribute("name"), Hole("${" + f"{person.address}.name" + "}"))
    return person.type, person.provider().account, name


def _possible(target: Target, grants: Sequence[_Grant]) -> Iterator[_Grant]:
    kind, account, name = target
    for grant in grants:
        other_kind, other_account, other_name = grant.target
        if kind == other_kind and may_be_same(name, other_name) and may_be_same(account, other_account):
            yield grant


def _perhaps(grant: _Grant) -> Hole:
    """The policies of a grant that may not be there, or may be to somebody else."""
    return Hole(f"policy {grant.by.address}")


def _listed(value: Optional[Value]) -> Iterator[Value]:
    """The elements of a list, or the value itself where it is none; an open rest is one unknown element."""
    elements = value if isinstance(value, (list, tuple)) else (value,)
    for element in elements:
        if element is not None and element != "":
            yield element.hole if isinstance(element, Rest) else element
