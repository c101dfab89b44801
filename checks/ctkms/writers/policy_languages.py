"""The languages in which a key policy can be written."""

from __future__ import annotations

import json
from typing import Callable, Mapping

from ctkms.writers.policy_as_hcl import key_with_jsonencode, key_with_policy_document
from ctkms.writers.policy_as_template import template

_TERRAFORM_NAME, _TEMPLATE_NAME = "cloudtrail", "CloudTrailKey"


def _json(policy: Mapping[str, object]) -> str:
    """For `aws kms create-key --policy file://` and `put-key-policy`."""
    return json.dumps(policy, indent=2) + "\n"


# By the name that a user gives.
LANGUAGES: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "json": _json,
    "hcl": lambda policy: key_with_jsonencode(_TERRAFORM_NAME, policy),
    "hcl-document": lambda policy: key_with_policy_document(_TERRAFORM_NAME, policy),
    "cloudformation": lambda policy: template(_TEMPLATE_NAME, policy),
}
