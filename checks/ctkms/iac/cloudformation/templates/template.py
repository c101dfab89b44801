"""One CloudFormation template as data: sections, resources, and a parser's leftovers removed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Dict, Iterator, Optional, Tuple

from ctkms.unknowns.json_text import written

# Checkov writes these into every mapping that it reads.
MARKERS = frozenset({"__file__", "__startline__", "__endline__", "resource_type"})


LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"


def scalar(value: object) -> object:
    """A YAML scalar as CloudFormation reads it: booleans stay, all else is text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        # Python refuses to write out enormous integers; no property has one.
        return str(value) if abs(value) < 10**40 else hex(value)
    if isinstance(value, datetime.date):  # an unquoted policy version
        return value.isoformat()
    return written(value)  # a mapping that is no scalar may hold an enormous integer as well


def entries(mapping: object) -> Dict[str, object]:
    """The author's entries of a mapping; none when it is no mapping."""
    if not isinstance(mapping, Mapping):
        return {}
    return {name_of(key): value for key, value in mapping.items() if key not in MARKERS}


def name_of(key: object) -> str:
    """The key of an entry, as CloudFormation reads it."""
    return {True: "true", False: "false"}[key] if isinstance(key, bool) else str(scalar(key))


def declares(body: object, transform: str) -> bool:
    """Whether a template declares a transform, alone or among others."""
    declared = entries(body).get("Transform")
    transforms = declared if isinstance(declared, (list, tuple)) else [declared]
    return any(one == transform or entries(one).get("Name") == transform for one in transforms)


@dataclass(frozen=True)
class Resource:
    """A resource as declared; `condition` names the condition on which it exists."""

    type: str
    properties: Mapping[str, object]
    condition: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)


class Template:
    """The sections of a template. What is not shaped like a template is simply empty."""

    def __init__(self, body: object) -> None:
        self._body = entries(body)
        self._sections: Dict[str, Dict[str, object]] = {}
        self._resources: Dict[str, Optional[Resource]] = {}
        self._extended: Optional[bool] = None

    @property
    def has_language_extensions(self) -> bool:
        """Whether it declares the transform `AWS::LanguageExtensions`."""
        if self._extended is None:
            self._extended = declares(self._body, LANGUAGE_EXTENSIONS)
        return self._extended

    def section(self, name: str) -> Mapping[str, object]:
        """The entries of a section, by name."""
        if name not in self._sections:
            self._sections[name] = entries(self._body.get(name))
        return self._sections[name]

    def resource(self, logical_id: str) -> Optional[Resource]:
        """The resource of that name, if there is one."""
        if logical_id not in self._resources:
            self._resources[logical_id] = _resource(self.section("Resources").get(logical_id))
        return self._resources[logical_id]

    def resources(self) -> Iterator[Tuple[str, Resource]]:
        """All resources. Those that a loop (`Fn::ForEach`) would make are not among them."""
        for logical_id in self.section("Resources"):
            resource = self.resource(logical_id)
            if resource is not None:
                yield logical_id, resource


def _resource(declared: object) -> Optional[Resource]:
    fields = entries(declared)
    if not isinstance(fields.get("Type"), str):
        return None
    condition = fields.get("Condition")
    return Resource(
        type=str(fields["Type"]),
        properties=entries(fields.get("Properties")),
        condition=str(condition) if isinstance(condition, str) else "",
        metadata=entries(fields.get("Metadata")),
    )
