"""The roles that the Serverless Application Model makes beside functions and state machines, put into the template.

Without a `Role` of its own, the function `Fn` runs as the role `FnRole`, to which the template may refer.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Dict, Iterator, Tuple

from ctkms.iac.cloudformation.templates.template import entries

# Who assumes the role, by the type of what runs as it, and what the section `Globals` calls that.
_RUNNING: Mapping[str, Tuple[str, str]] = {
    "AWS::Serverless::Function": ("lambda.amazonaws.com", "Function"),
    "AWS::Serverless::StateMachine": ("states.amazonaws.com", "StateMachine"),
}
_PASSED_ON = {"RolePath": "Path", "AssumeRolePolicyDocument": "AssumeRolePolicyDocument"}


def with_implicit_roles(body: object) -> object:
    """The template with the roles among its resources."""
    resources = entries(entries(body).get("Resources"))
    made = {
        name: role for name, role in _roles(resources, entries(entries(body).get("Globals"))) if name not in resources
    }
    return {**entries(body), "Resources": {**resources, **made}} if made else body


def _roles(resources: Mapping[str, object], shared: Mapping[str, object]) -> Iterator[Tuple[str, object]]:
    for name, resource in resources.items():
        type_ = entries(resource).get("Type")
        if isinstance(type_, str) and type_ in _RUNNING:
            service, called = _RUNNING[type_]
            given = {**entries(shared.get(called)), **entries(entries(resource).get("Properties"))}
            if "Role" not in given and not any(property_.startswith("Fn::") for property_ in given):
                yield f"{name}Role", _role(f"{name}Role", service, given, entries(resource))


def _role(name: str, service: str, given: Mapping[str, object], resource: Mapping[str, object]) -> Dict[str, object]:
    properties: Dict[str, object] = {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        },
        # What `Policies` of a function turns into is more than a template shows.
        "Policies": {"Ref": f"the policies of {name}"},
        **{called: given[property_] for property_, called in _PASSED_ON.items() if property_ in given},
    }
    condition = {"Condition": resource["Condition"]} if "Condition" in resource else {}
    return {"Type": "AWS::IAM::Role", "Properties": properties, **condition}
