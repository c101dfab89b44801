"""Whether a template takes outputs from another Region or account, by naming it.

Nobody writes out where his own stack is, so such a stack is most likely elsewhere: what nobody says of
its place is not what the stacks around it share.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Dict, List

from ctkms.iac.cloudformation.templates.template import Template, entries

GET_OUTPUT = "Fn::GetStackOutput"


@dataclass(frozen=True)
class OtherPlaces:
    """What a template names of other places."""

    account: bool = False
    region: bool = False


def other_places(template: Template) -> OtherPlaces:
    """What all `Fn::GetStackOutput` of a template name."""
    account = region = False
    waiting: List[object] = [template.section("Resources"), template.section("Outputs")]
    seen: Dict[int, object] = {}
    while waiting:
        value = waiting.pop()
        if not isinstance(value, (Mapping, list, tuple)) or id(value) in seen:
            continue
        seen[id(value)] = value  # an anchor is one object, however often it is used
        waiting.extend(value.values() if isinstance(value, Mapping) else value)
        if isinstance(value, Mapping) and GET_OUTPUT in value:
            fields = entries(value[GET_OUTPUT])
            region = region or isinstance(fields.get("Region"), str)
            account = account or "RoleArn" in fields
    return OtherPlaces(account, region)
