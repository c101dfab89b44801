"""Functions on ARNs that the provider of AWS brings.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/trim_iam_role_path
"""

from __future__ import annotations

from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.text_functions import parse_arn
from ctkms.iac.terraform.evaluation.values import Value, fail, joined
from ctkms.unknowns.text import LOWER_CASE, Hole, Text, parts_of, split


def trim_iam_role_path(value: Value) -> Value:
    """The ARN of a role without the path in front of its name."""
    arn = parse_arn(value)
    if not isinstance(arn, dict):
        return open_call("provider::aws::trim_iam_role_path", [value])
    resource = text(arn["resource"])
    if not all(isinstance(arn[part], str) for part in ("service", "region")) or _may_hide_a_slash(resource):
        return open_call("provider::aws::trim_iam_role_path", [value])
    pieces = split(resource, "/")
    if arn["service"] != "iam" or arn["region"] or pieces[0] != "role" or len(pieces) < 2:
        return fail("this is no ARN of a role")
    return joined(("arn:", text(arn["partition"]), ":iam::", text(arn["account_id"]), ":role/", pieces[-1]))


def _may_hide_a_slash(resource: Text) -> bool:
    return any(isinstance(part, Hole) and part.kind not in LOWER_CASE for part in parts_of(resource))
