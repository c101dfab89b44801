"""The parameters that the stacks of a scan hand to the templates that they nest, whose defaults then do not count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Dict, Iterable, List, Optional, Set

from ctkms.iac.cloudformation.templates.template import entries, scalar

# What deploys another template, and the property with what it hands over.
_NESTING = ("AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::Serverless::Application")
_PROPERTIES = ("Parameters", "StackInstancesGroup")
_BY_KEY = "ParameterKey"  # a stack set has a list of pairs


def own_defaults(body: Mapping[str, object], handed: Optional[Set[str]]) -> Mapping[str, object]:
    """The template with the defaults of those parameters only that nobody hands over."""
    parameters = entries(body.get("Parameters"))
    kept = {
        name: {field: value for field, value in entries(declared).items() if field != "Default"}
        if handed is None or name in handed
        else declared
        for name, declared in parameters.items()
    }
    return {**body, "Parameters": kept}


def handed_parameters(bodies: Iterable[object]) -> Optional[Set[str]]:
    """The names of all such parameters of a scan; None where it may be any."""
    names: Set[str] = set()
    waiting: List[object] = [entries(body).get("Resources") for body in bodies]
    seen: Dict[int, object] = {}
    while waiting:
        value = waiting.pop()
        if not isinstance(value, (Mapping, list, tuple)) or id(value) in seen:
            continue
        seen[id(value)] = value  # an anchor is one object, however often it is used
        if isinstance(value, Mapping) and value.get("Type") in _NESTING:
            for name in _names_in(entries(value.get("Properties"))):
                if "{" in name or name.startswith(("Fn::ForEach", "Fn::Transform")):
                    return None
                names.add(name)
        waiting.extend(value.values() if isinstance(value, Mapping) else value)
    return names


def _names_in(properties: Mapping[str, object]) -> List[str]:
    """The names of members at any depth, since a condition may choose between whole mappings."""
    found: List[str] = [name for name in properties if name.startswith("Fn::")]
    waiting: List[object] = [properties.get(name) for name in _PROPERTIES]
    seen: Dict[int, object] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Mapping, list, tuple)) and id(value) not in seen:
            seen[id(value)] = value
            found.extend(entries(value))
            found.extend([str(scalar(value[_BY_KEY]))] if isinstance(value, Mapping) and _BY_KEY in value else [])
            waiting.extend(value.values() if isinstance(value, Mapping) else value)
    return found
