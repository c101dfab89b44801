"""The modules of a configuration that is read from a plan."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

from ctkms.iac.terraform.aws.attributes import KEY_TYPES
from ctkms.iac.terraform.evaluation.values import Index, Value
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.loader import ModuleLoader, Planned
from ctkms.iac.terraform.modules.module import Module, Name
from ctkms.iac.terraform.plan.code_of_plan import modules_of
from ctkms.iac.terraform.plan.plan_file import Instance, ModuleCode, Path, PlanFile, calls_in, mapping
from ctkms.iac.terraform.plan.planned_blocks import (
    handed_on_expression,
    has_unknown,
    looped_over_expression,
    planned_body,
    referring_body,
    waited_for,
)
from ctkms.iac.terraform.plan.provider_configs import provider_bodies
from ctkms.iac.terraform.syntax.syntax_tree import Body, Expression, Literal, ObjectExpr

_REPEATED = ("count", "for_each")
_MODULE_CALL = re.compile(r"(?:^|\.)module\.[\w-]+\Z")


class PlanLoader(ModuleLoader):
    """The configuration of a plan, and the values that the plan has for every instance in it.

    `code` is what the plan was made of, where that is at hand: it tells what the plan leaves open.
    """

    def __init__(self, plan: PlanFile, root: str, code: Optional[ModuleLoader] = None) -> None:
        super().__init__(root if code is None else code.root)
        self._plan = plan
        self._code = code
        self._written = modules_of(plan, code)
        providers: Dict[Path, Dict[str, Body]] = {}
        for (path, key), body in provider_bodies(plan).items():
            providers.setdefault(path, {})[key] = body
        # A plan names the provider of each resource as the root does, so every module is handed them all.
        handed = _handed(tuple(key for bodies in providers.values() for key in bodies))
        self._modules = {
            path: _planned_module(path, one, providers.get(path, {}), handed, self._written.get(path))
            for path, one in plan.modules.items()
        }
        self._indexes = _indexes(plan)
        self._blocks: Dict[Tuple[Path, Name], List[Instance]] = {}
        for instance in plan.instances.values():
            self._blocks.setdefault((instance.path, instance.name), []).append(instance)
        self._shared_key_ids = _shared_key_ids(plan)

    def top(self) -> Module:
        """The root module."""
        return self._modules[()]

    def called(self, caller: Module, call: str, path: Path) -> Optional[Module]:
        """The module that a call leads to. A plan holds them all."""
        return self._modules.get(path)

    def given(self) -> Mapping[str, Value]:
        """The variables of the root: a plan has the values of all of them."""
        return self._plan.variables

    def files(self) -> Optional[Files]:
        """The files of the code, where that is at hand."""
        return None if self._code is None else self._code.files()

    def read(self, path: str) -> Optional[str]:
        """The text of a file beside the code, where that is at hand."""
        return None if self._code is None else self._code.read(path)

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """What is in a folder beside the code, where that is at hand."""
        return None if self._code is None else self._code.list_folder(path)

    def planned(self, address: str) -> Optional[Planned]:
        """What the plan says of one instance."""
        instance = self._plan.instances.get(address)
        if instance is None:
            return None
        code = self._plan.code(instance)
        module = self._written.get(instance.path)
        written = None if module is None else module.resources.get(instance.name)
        body = planned_body(instance.values, instance.unknown, mapping(code, "expressions"), address, written)
        known = {
            name: value
            for name, value in instance.values.items()
            if value is not None and not has_unknown(instance.unknown.get(name))
        }
        set_by_code = frozenset(mapping(code, "expressions"))
        return Planned(Body({**body.attributes, **_provider(code)}, body.blocks), known, set_by_code)

    def shared_key_ids(self) -> FrozenSet[str]:
        """The ids of keys that are in the plan with their replicas, where Terraform knows them."""
        return self._shared_key_ids

    def block(self, module: Module, path: Path, name: Name) -> Body:
        """What the code says of a block: its text where that is at hand, else what it refers to."""
        written = self._written.get(path)
        if written is not None and name in written.resources:
            return written.resources[name]
        entry = self._plan.modules[path].resources[name] if path in self._plan.modules else {}
        unknown = [one.unknown for one in self._blocks.get((path, name), ())]
        return referring_body(entry, module.resources[name], unknown)

    def is_new(self, path: Path, name: Name) -> bool:
        """Whether a resource is still to be made: its id is only known after apply."""
        return all(has_unknown(one.unknown.get("id")) for one in self._blocks.get((path, name), ()))

    def indexes(self, address: str) -> Optional[Tuple[Index, ...]]:
        """The indexes that a resource or module call has in the plan.

        A resource that the plan does not have will not be there. A module without resources in it may be.
        """
        found = self._indexes.get(address)
        return () if found is None and _MODULE_CALL.search(address) is None else found


def _planned_module(
    path: Path, code: ModuleCode, providers: Mapping[str, Body], handed: Expression, written: Optional[Module]
) -> Module:
    module = _written_out(path, code) if written is None else written
    return replace(
        module,
        resources={
            name: Body({**_repeated(module.resources[name]), **_provider(entry)}, ())
            for name, entry in code.resources.items()
        },
        calls={
            name: Body({**body.attributes, "providers": handed}, body.blocks) for name, body in module.calls.items()
        },
        providers=providers,
    )


def _written_out(path: Path, code: ModuleCode) -> Module:
    """A module as far as the plan tells its code."""
    return Module(
        folder="".join(f"module.{call}." for call in path),  # tells modules apart; a plan has no folders
        variables={name: _variable(one) for name, one in mapping(code.content, "variables").items()},
        outputs={
            name: Body({"value": handed_on_expression(mapping(one, "expression")), **waited_for(one)}, ())
            for name, one in mapping(code.content, "outputs").items()
        },
        resources={name: Body(_repetition(entry), ()) for name, entry in code.resources.items()},
        calls={
            name: Body({**_inputs(mapping(one)), **_repetition(mapping(one)), **waited_for(one)}, ())
            for name, one in mapping(code.content, "module_calls").items()
        },
    )


def _variable(declared: Any) -> Body:
    return Body({"default": Literal(declared["default"], "default")} if "default" in mapping(declared) else {}, ())


def _inputs(entry: Mapping[str, Any]) -> Dict[str, Expression]:
    return {name: handed_on_expression(mapping(one)) for name, one in mapping(entry, "expressions").items()}


def _repetition(entry: Mapping[str, Any]) -> Dict[str, Expression]:
    return {
        name: looped_over_expression(mapping(entry, f"{name}_expression"))
        for name in _REPEATED
        if f"{name}_expression" in entry
    }


def _repeated(body: Body) -> Dict[str, Expression]:
    return {name: body.attributes[name] for name in _REPEATED if name in body.attributes}


def _handed(keys: Tuple[str, ...]) -> Expression:
    """The providers of these names, as a module call hands them over."""
    names = tuple(Literal(None, key) for key in keys)
    return ObjectExpr("providers", 0, 9, names, names)


def _provider(entry: Mapping[str, Any]) -> Dict[str, Expression]:
    key = entry.get("provider_config_key")
    return {"provider": Literal(None, key)} if isinstance(key, str) else {}


def _shared_key_ids(plan: PlanFile) -> FrozenSet[str]:
    keys = (one.values.get("key_id") for one in plan.instances.values() if one.name[1] in KEY_TYPES)
    found = Counter(one for one in keys if isinstance(one, str))
    return frozenset(one for one, count in found.items() if count > 1)


def _indexes(plan: PlanFile) -> Mapping[str, Tuple[Index, ...]]:
    found: Dict[str, Dict[Any, None]] = {}
    for instance in plan.instances.values():
        found.setdefault(instance.block, {})[instance.index] = None
        for call, index in calls_in(instance.module):
            found.setdefault(call, {})[index] = None
    return {address: tuple(indexes) for address, indexes in found.items()}
