"""The CloudFormation template within a service of the Serverless Framework.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Dict, Iterator, Optional

from ctkms.iac.cloudformation.templates.service_variables import MISSING, Variables
from ctkms.iac.cloudformation.templates.template import entries

_EXTENSIONS = "extensions"  # what is put onto resources at the end
_SECTIONS = ("Transform", "Parameters", "Mappings", "Conditions", "Resources", "Outputs", _EXTENSIONS)


def service_template(
    service: object, load: Callable[[str], object] = lambda path: MISSING
) -> Optional[Dict[str, object]]:
    """The template of a service; None when it has no resources. `load` gives the content of a file that it names."""
    fields = entries(service)
    given = Variables(fields, load).put_into(fields.get("resources"))
    template: Dict[str, object] = {}
    for one in given if isinstance(given, list) else [given]:
        known = {name: part for name, part in entries(one).items() if name in _SECTIONS and _open_part(part) is None}
        template = entries(_merged(template, known))
    extensions = template.pop(_EXTENSIONS, None)
    if not template:
        return None
    unclear: Dict[str, object] = {f"Fn::Transform of {name}": {} for name in _open_parts(given)}
    resources = {**_extended(entries(template.get("Resources")), entries(extensions)), **unclear}
    return {**template, **({"Resources": resources} if resources else {})}


def _merged(one: object, other: object) -> object:
    """Two values put together as the framework does it: members one by one, and lists item by item."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **{name: _merged(one.get(name), value) for name, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        shared = [_merged(before, after) for before, after in zip(one, other)]
        return [*shared, *one[len(shared) :], *other[len(shared) :]]
    return one if other is None else other


def _extended(resources: Mapping[str, object], extensions: Mapping[str, object]) -> Dict[str, object]:
    found = dict(resources)
    for name, extension in extensions.items():
        if name in found:
            before, after = entries(found[name]), entries(extension)
            properties = {**entries(before.get("Properties")), **entries(after.get("Properties"))}
            found[name] = {**before, **after, "Properties": properties}
    return found


def _open_parts(given: object) -> Iterator[str]:
    """The variables of which nobody knows what resources they stand for."""
    for one in given if isinstance(given, list) else [given]:
        for part in (one, entries(one).get("Resources")):
            name = _open_part(part)
            if name is not None:
                yield "${" + name + "}"


def _open_part(part: object) -> Optional[str]:
    """The variable that stands for a whole section, as a reference to what no template declares."""
    fields = entries(part)
    name = fields.get("Ref")
    return name if len(fields) == 1 and isinstance(name, str) else None
