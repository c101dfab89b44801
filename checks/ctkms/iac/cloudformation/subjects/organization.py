"""The organization, where templates declare it: its management account and its members.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Organizations.html
"""

from __future__ import annotations

from typing import Sequence, Tuple

from ctkms.iac.cloudformation.aws.return_values import ACCOUNT_TYPE, ORGANIZATION_TYPE, Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import text_of
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, Text
from ctkms.unknowns.truth import TRUE


def management_account(around: Sequence[Deployment], stacks: ScannedStacks, evaluation: Evaluation) -> Text:
    """The management account: that of the stack which makes the organization."""
    declared = (place for at in around for place in stacks.of_type(ORGANIZATION_TYPE, at))
    making = next((at for at, name in declared if evaluation.exists((at, name)) is TRUE), None)
    return MANAGEMENT_ACCOUNT if making is None else evaluation.environment(making).account


def member_accounts(around: Sequence[Deployment], stacks: ScannedStacks, evaluation: Evaluation) -> Tuple[Text, ...]:
    """The ids of the accounts that these stacks make: the management account is none of them."""
    declared = (place for at in around for place in stacks.of_type(ACCOUNT_TYPE, at))
    ids = (text_of(evaluation.value({"Ref": logical_id}, at)) for at, logical_id in declared)
    return tuple(one for one in ids if one is not None)
