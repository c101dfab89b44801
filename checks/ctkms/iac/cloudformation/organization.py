"""The organization, where templates declare it: its management account and its members.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Organizations.html
"""

from __future__ import annotations

from typing import Sequence, Tuple

from ctkms.iac.cloudformation.evaluation import Evaluation
from ctkms.iac.cloudformation.resources import ACCOUNT_TYPE, ORGANIZATION_TYPE, Deployment, Place
from ctkms.iac.cloudformation.stacks import ScannedStacks
from ctkms.iac.cloudformation.values import text_of
from ctkms.iam.text import MANAGEMENT_ACCOUNT, OWN_ACCOUNT, Text
from ctkms.iam.verdict import TRUE


def management_account(around: Sequence[Deployment], stacks: ScannedStacks, evaluation: Evaluation) -> Text:
    """The management account, as seen from stacks of one account: the own one where they make the organization."""
    for place in _declared(ORGANIZATION_TYPE, around, stacks):
        if evaluation.exists(place) is TRUE:
            return OWN_ACCOUNT
    return MANAGEMENT_ACCOUNT


def member_accounts(around: Sequence[Deployment], stacks: ScannedStacks, evaluation: Evaluation) -> Tuple[Text, ...]:
    """The ids of the accounts that these stacks make: the management account is none of them."""
    ids = (text_of(evaluation.value({"Ref": name}, at)) for at, name in _declared(ACCOUNT_TYPE, around, stacks))
    return tuple(one for one in ids if one is not None)


def _declared(type_: str, around: Sequence[Deployment], stacks: ScannedStacks) -> Sequence[Place]:
    return [
        (at, logical_id)
        for at in around
        for logical_id, resource in stacks.template(at.file).resources()
        if resource.type == type_
    ]
