"""A Terraform plan as `terraform show -json` writes it: what it says, checked for its shape.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Index, Value
from ctkms.iac.terraform.modules.module import Name

Path = Tuple[str, ...]  # the names of the module calls that lead to a module


@dataclass(frozen=True)
class Instance:
    """A resource or data source instance as it will be once the plan is applied."""

    module: str  # the address of its module, with a final dot; "" for the root
    name: Name
    index: Index  # None for one that stands once
    values: Mapping[str, Value]
    unknown: Mapping[str, object]  # has true where a value is only known after apply

    @property
    def path(self) -> Path:
        """The names of the calls that lead to its module."""
        return tuple(call.rpartition(".")[2] for call, _ in calls_in(self.module))

    @property
    def block(self) -> str:
        """The address of the block that it is an instance of."""
        mode, type_, label = self.name
        return f"{self.module}{'data.' if mode == 'data' else ''}{type_}.{label}"

    @property
    def address(self) -> str:
        """Its own address."""
        return self.block if self.index is None else f"{self.block}[{describe(self.index)}]"


@dataclass(frozen=True)
class ModuleCode:
    """The configuration of one module."""

    content: Mapping[str, object]
    resources: Mapping[Name, Mapping[str, object]]


@dataclass(frozen=True)
class PlanFile:
    """What a plan says: the values of variables, the instances by address, and the configuration."""

    variables: Mapping[str, Value]
    instances: Mapping[str, Instance]
    modules: Mapping[Path, ModuleCode]
    providers: Mapping[str, Mapping[str, object]]  # provider configurations by their key

    def code(self, instance: Instance) -> Mapping[str, object]:
        """The configuration of an instance; an empty one when the plan has none."""
        module = self.modules.get(instance.path)
        return module.resources.get(instance.name, {}) if module is not None else {}


def read_plan(text: str) -> Optional[PlanFile]:
    """The plan that a text is; None when it is no plan."""
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    changes, configuration = listed(content, "resource_changes"), mapping(content, "configuration")
    if not changes and not configuration:
        return None
    instances: Dict[str, Instance] = {}
    for instance in (*_read_already(mapping(content, "prior_state", "values", "root_module")), *_changed(changes)):
        instances[instance.address] = instance
    return PlanFile(
        variables={name: mapping(one).get("value") for name, one in mapping(content, "variables").items()},
        instances=instances,
        modules=dict(_modules((), mapping(configuration, "root_module"))),
        providers={key: mapping(one) for key, one in mapping(configuration, "provider_config").items()},
    )


def mapping(content: object, *path: str) -> Mapping[str, Any]:
    """The JSON object at a path; an empty one where there is none."""
    for step in path:
        content = content.get(step) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def listed(content: object, name: str) -> List[Mapping[str, object]]:
    """The JSON objects in the array of this name."""
    found = mapping(content).get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _modules(path: Path, content: Mapping[str, object]) -> Iterator[Tuple[Path, ModuleCode]]:
    resources = {_name(entry): entry for entry in listed(content, "resources")}
    yield path, ModuleCode(content, resources)
    for call, one in mapping(content, "module_calls").items():
        yield from _modules((*path, call), mapping(one, "module"))


def _name(entry: Mapping[str, object]) -> Name:
    return "data" if entry.get("mode") == "data" else "resource", str(entry.get("type")), str(entry.get("name"))


def _changed(changes: List[Mapping[str, object]]) -> Iterator[Instance]:
    """What will be there: no resource that is deleted, nor the old object of one that is replaced."""
    for entry in changes:
        change = mapping(entry, "change")
        after = change.get("after")
        if isinstance(after, dict) and "deposed" not in entry:
            yield _instance(entry, after, mapping(change, "after_unknown"))


def _read_already(module: Mapping[str, object]) -> Iterator[Instance]:
    """The data sources that Terraform has read while it planned; a plan lists only the others as changes."""
    for entry in listed(module, "resources"):
        if entry.get("mode") == "data":
            yield _instance({**entry, "module_address": module.get("address", "")}, mapping(entry, "values"), {})
    for child in listed(module, "child_modules"):
        yield from _read_already(child)


def _instance(entry: Mapping[str, object], values: Mapping[str, Value], unknown: Mapping[str, object]) -> Instance:
    module = str(entry.get("module_address") or "")
    index = entry.get("index")
    known = index if isinstance(index, (str, int)) else None
    return Instance(module + "." if module else "", _name(entry), known, values, unknown)


_CALL = re.compile(r'module\.([\w-]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?\.')


def calls_in(module: str) -> Iterator[Tuple[str, object]]:
    """The module calls that lead to a module instance: the address of each, and its index."""
    for found in _CALL.finditer(module):
        call = f"{module[: found.start()]}module.{found.group(1)}"
        yield call, None if found.group(2) is None else json.loads(found.group(2))
