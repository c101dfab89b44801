"""One scan of Terraform code: from the resources that Checkov names to the keys that the rules judge."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple, Union

from ctkms.cloudtrail.keys import Key, key_arn
from ctkms.iac.subjects import Subject
from ctkms.iac.terraform.attributes import KEY_POLICY, KEY_TYPES
from ctkms.iac.terraform.configuration import Configuration
from ctkms.iac.terraform.files import Files
from ctkms.iac.terraform.instance import ModuleInstance
from ctkms.iac.terraform.keys import Draft, declared_key, key_of_policy
from ctkms.iac.terraform.language.hcl_parser import parse_file
from ctkms.iac.terraform.module import Name
from ctkms.iac.terraform.repetition import Repetition
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.worlds import Assumptions, every_world
from ctkms.iam.text import Hole, Kind

Index = Union[str, int, None]
Call = Tuple[str, str, Index]  # the file of a module call, its name, and its index

RESOURCE_TYPES = (*KEY_TYPES, KEY_POLICY)  # the ones that can be a subject

_RESOURCE = re.compile(rf"(?:^|\.)({'|'.join(RESOURCE_TYPES)})\.([\w-]+)(\[.*\])?$", re.DOTALL)


class Tree:
    """The Terraform code below a folder, or in single files where there is none."""

    def __init__(self, root_folder: Optional[str]) -> None:
        self._files = Files(() if root_folder is None else (root_folder,))
        self._configurations: Dict[str, Configuration] = {}

    def subject(self, file: str, callers: Sequence[Call], address: str) -> Optional[Subject]:
        """The subject of a resource, or None when there is nothing to judge.

        `file` declares the resource; `callers` are the module calls that lead to it, outermost
        first; `address` is Checkov's.
        """
        found = _RESOURCE.search(address)
        configuration = self._configuration(callers[0][0] if callers else file)
        if found is None or not configuration.speaks_of_cloudtrail():
            return None
        type_, label, index = found.groups()
        try:
            subject = _Reading(configuration, file, callers, ("resource", type_, label), _index(index)).subject()
        except RecursionError:
            return _unreadable(address, type_ != KEY_POLICY, "it is nested too deeply")
        problem = None if subject else self._problem(file)
        return _unreadable(address, type_ != KEY_POLICY, problem) if problem else subject

    def _problem(self, file: str) -> Optional[str]:
        """What cannot be read in a file that speaks of CloudTrail: the resource may be in there."""
        text = self._files.read(file) or ""
        problems = parse_file(text).problems if "cloudtrail" in text.lower() else ()
        return f"{Path(file).name}, line {problems[0].line}: {problems[0].message}" if problems else None

    def _configuration(self, file: str) -> Configuration:
        root = str(Path(os.path.normpath(file)).parent)
        if root not in self._configurations:
            self._files.admit(root)
            self._configurations[root] = Configuration(self._files, root)
        return self._configurations[root]


class _Reading:
    """How one resource is looked up and read in each world."""

    def __init__(
        self, configuration: Configuration, file: str, callers: Sequence[Call], name: Name, index: Index
    ) -> None:
        self.configuration = configuration
        self.file = file
        self.callers = callers
        self.name = name
        self.index = index

    def subject(self) -> Optional[Subject]:
        """The keys of every world, unless the resource exists in none."""
        worlds = every_world(self.drafts, _conditions)
        keys = tuple(_in_world(draft.key, assumed, len(drafts) > 1) for assumed, drafts in worlds for draft in drafts)
        if not keys:
            return None
        declares = self.name[1] != KEY_POLICY
        return Subject(keys, declares, not declares or any(not key.policy_address for key in keys))

    def drafts(self, assumed: Assumptions) -> Tuple[Draft, ...]:
        """The key of each instance that the resource may be, in one world."""
        situation = self.configuration.situation(assumed)
        build = key_of_policy if self.name[1] == KEY_POLICY else declared_key
        instances = self.instances(situation.world.root)
        return tuple(build(instance, situation, self.configuration.possible) for instance in instances)

    def instances(self, root: ModuleInstance) -> Iterable[ResourceInstance]:
        """The instances that Checkov's address stands for: several where it could not tell them apart."""
        modules = [root]
        for file, call, index in self.callers:
            modules = [called for module in modules for called in _called(module, file, call, index)]
        return [one for module in modules for one in _instances(module, self.file, self.name, self.index)]


def _called(module: ModuleInstance, file: str, call: str, index: Index) -> List[ModuleInstance]:
    if not _declares(module, ("module", call), file):
        return []
    repeated = module.call_repetition(call)
    # Of instances that are not known, the ones that something refers to by their index do exist.
    known = () if index is not None or repeated.open is None else module.called_indexes(call)
    found = (module.module_instance(call, one) for one in known or _chosen(repeated, index))
    return [instance for instance in found if instance is not None]


def _instances(module: ModuleInstance, file: str, name: Name, index: Index) -> List[ResourceInstance]:
    if not _declares(module, name, file):
        return []
    repeated = module.repetition(name)
    known = () if index is not None or repeated.open is None else module.known_indexes(name)
    return [module.instance(name, one) for one in known or _chosen(repeated, index)]


def _declares(module: ModuleInstance, name: Tuple[str, ...], file: str) -> bool:
    """Whether this module declares the block in that file."""
    declared = module.module.files.get(name)
    return declared == file or (declared is not None and os.path.realpath(declared) == os.path.realpath(file))


def _chosen(repeated: Repetition, index: Index) -> Sequence[Any]:
    """The indexes that an index of Checkov's may stand for; it gives none where it cannot work them out."""
    if not repeated.argument:
        return (None,) if index is None else ()
    if index is None:
        return repeated.indexes()
    exact = str(index) if repeated.argument == "for_each" else index
    return (exact,) if repeated.has(exact) else ()


def _index(written: Optional[str]) -> Index:
    if written is None:
        return None
    try:
        index = json.loads(written[1:-1])
    except ValueError:
        return written[1:-1].strip("\"'")
    return index if isinstance(index, (str, int)) else written[1:-1]


def _conditions(drafts: Tuple[Draft, ...]) -> Iterable[str]:
    return frozenset().union(*(draft.conditions for draft in drafts))


def _in_world(key: Key, assumed: Assumptions, one_of_several: bool) -> Key:
    told = [f"{condition} is {str(value).lower()}" for condition, value in sorted(assumed.items())]
    if one_of_several:
        told.append(f"the resource is {key.address}")
    return replace(key, world=" and ".join(told)) if told else key


def _unreadable(address: str, declares: bool, why: str) -> Subject:
    """Checkov read a resource that could not be read here; its key must not pass unseen."""
    hole = Hole(f"{address} cannot be read: {why}")
    key = Key(address=address, policy=hole, arn=key_arn(Hole(f"{address}.key_id", Kind.NAME)), presumed=True)
    return Subject((key,), declares, True)
