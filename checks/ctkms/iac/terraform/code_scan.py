"""One scan of Terraform code: from the resources that Checkov names to the keys that the rules judge."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import TooLarge
from ctkms.cloudtrail.evidence import speaks_of_cloudtrail
from ctkms.cloudtrail.subjects import Judged
from ctkms.iac.terraform.evaluation.values import Index
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.instances.repetition import Repetition
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.folder_loader import FolderLoader
from ctkms.iac.terraform.modules.module import JSON, SYNTAXES, Name, parsed
from ctkms.iac.terraform.modules.module_callers import Callers
from ctkms.iac.terraform.subjects.called_modules import MAX_CALLING, instances_in, modules_below, reaches, together
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.judging import judged, not_read
from ctkms.iac.terraform.subjects.subjects import RESOURCE_TYPES

WrittenIndex = Union[str, int, None]  # as an address has it
Call = Tuple[str, str, WrittenIndex]  # the file of a module call, its name, and its index
Fetched = Mapping[Tuple[str, ...], str]  # folders of modules that the scanner has fetched, by the names of the calls

_RESOURCE = re.compile(rf"(?:^|\.)({'|'.join(RESOURCE_TYPES)})\.([\w-]+)(\[.*\])?$", re.DOTALL)


class Tree:
    """The Terraform code below a folder, or in single files where there is none; `callers` if they are known already.

    `handed_over` is how the files end that the scanner hands over: it reads each syntax for itself.
    """

    def __init__(
        self,
        root_folder: Optional[str],
        fetched: Optional[Mapping[str, Fetched]] = None,
        handed_over: Tuple[str, ...] = SYNTAXES,
        callers: Optional[Callers] = None,
    ) -> None:
        self._handed_over = handed_over
        self._files = Files(() if root_folder is None else (root_folder,))
        self._fetched = fetched or {}
        self.callers = Callers(self._files, root_folder) if callers is None else callers
        self._configurations: Dict[str, Optional[Configuration]] = {}

    def subject(self, file: str, callers: Sequence[Call], address: str) -> Optional[Judged]:
        """What is judged of a resource, or None when there is nothing to say.

        `file` declares the resource; `callers` are the module calls that lead to it, outermost
        first; `address` is Checkov's.
        """
        found = _RESOURCE.search(address)
        if found is None:
            return None
        type_, label, index = found.groups()
        name: Name = ("resource", type_, label)
        try:
            calling = () if callers else self._calling(file)
            if len(calling) > MAX_CALLING:
                return not_read(address, type_, f"{len(calling)} configurations call its module")
            if calling:
                return self._as_called(calling, file, name, _index(index))
            subject, is_read = self._judged(file, callers, name, _index(index))
        except RecursionError:
            return not_read(address, type_, "it is nested too deeply")
        except TooLarge:
            return not_read(address, type_, "the code around it is too large to work out")
        problem = None if is_read else self._problem(file)
        return not_read(address, type_, problem) if problem else subject

    def below(self, root: str, only: str = "") -> Iterator[Tuple[str, str, Judged]]:
        """All that is judged in a root module and in those that it calls, by the file and the address of the block.

        `only` is an address; nothing else is looked at then.
        """
        configuration = None if self.callers.is_called(root) else self._configuration(root)
        if configuration is None:
            return
        for path, module in modules_below(configuration.modules):
            for name, file in module.files.items():
                if name[0] != "resource" or name[1] not in RESOURCE_TYPES:
                    continue
                address = "".join(f"module.{call}." for call in path) + ".".join(name[1:])
                if only not in ("", address):
                    continue
                subject = (
                    self._in_module(configuration, path, name, address) if path else self.subject(file, (), address)
                )
                if subject is not None:
                    yield file, address, subject

    def _in_module(
        self, configuration: Configuration, path: Tuple[str, ...], name: Tuple[str, ...], address: str
    ) -> Optional[Judged]:
        def find(scenario: Scenario) -> Iterable[ResourceInstance]:
            instances = scenario.instances(name[1])
            return [one for one in instances if (one.module.path, one.name) == (path, name)]

        try:
            return judged(configuration, name[1], find, lambda: False)
        except RecursionError:
            return not_read(address, name[1], "it is nested too deeply")
        except TooLarge:
            return not_read(address, name[1], "the code around it is too large to work out")

    def _judged(
        self, file: str, callers: Sequence[Call], name: Name, index: WrittenIndex
    ) -> Tuple[Optional[Judged], bool]:
        """What is judged of a resource, and whether its file certainly could be read."""
        configuration = self._configuration(_folder(callers[0][0] if callers else file))
        if configuration is None:
            return None, True

        def find(scenario: Scenario) -> Iterable[ResourceInstance]:
            return _found(scenario.root, file, callers, name, index)

        def called() -> bool:
            return not callers and self.callers.call(_folder(file))

        subject = judged(configuration, name[1], find, called)
        return subject, subject is not None or (not callers and name in configuration.modules.top().resources)

    def _calling(self, file: str) -> Tuple[Configuration, ...]:
        """The configurations that call the module of a file that the scanner hands over by itself."""
        found = map(self._configuration, self.callers.roots(file))
        return tuple(one for one in found if one is not None and reaches(one.modules, _folder(file)))

    def _as_called(
        self, calling: Sequence[Configuration], file: str, name: Name, index: WrittenIndex
    ) -> Optional[Judged]:
        def find(scenario: Scenario) -> Iterable[ResourceInstance]:
            modules = instances_in(scenario.root, _folder(file), name[1])
            return [one for module in modules for one in _instances(module, file, name, index)]

        return together([judged(one, name[1], find, lambda: False) for one in calling])

    def _hands_over(self, file: str) -> bool:
        """Whether the scanner hands over a file. It reads each syntax for itself, and in JSON follows no calls."""
        return file.endswith(self._handed_over) and (not file.endswith(JSON) or self.callers.covers(file))

    def _problem(self, file: str) -> Optional[str]:
        """What cannot be read in a file that speaks of CloudTrail: the resource may be in there."""
        text = self._files.read(file) or ""
        problems = parsed(file, text).problems if speaks_of_cloudtrail(text) else ()
        return f"{Path(file).name}, line {problems[0].line}: {problems[0].message}" if problems else None

    def _configuration(self, root: str) -> Optional[Configuration]:
        """The configuration of a root module; None when nothing in it speaks of CloudTrail."""
        if root not in self._configurations:
            self._files.admit(root)
            modules = FolderLoader(self._files, root, self._fetched.get(root), self._hands_over)
            self._configurations[root] = Configuration(modules) if modules.speaks_of_cloudtrail() else None
        return self._configurations[root]


def _folder(file: str) -> str:
    return str(Path(os.path.normpath(file)).parent)


def _found(
    root: ModuleInstance, file: str, callers: Sequence[Call], name: Name, index: WrittenIndex
) -> Iterable[ResourceInstance]:
    """The instances that Checkov's address stands for: several where it could not tell them apart."""
    modules = [root]
    for caller, call, call_index in callers:
        modules = [called for module in modules for called in _called(module, caller, call, call_index)]
    return [one for module in modules for one in _instances(module, file, name, index)]


def _called(module: ModuleInstance, file: str, call: str, index: WrittenIndex) -> List[ModuleInstance]:
    if not _declares(module, ("module", call), file):
        return []
    repeated = module.call_repetition(call)
    # Of instances that are not known, the ones that something refers to by their index do exist.
    known = () if index is not None or repeated.open is None else module.called_indexes(call)
    found = (module.module_instance(call, one) for one in known or _chosen(repeated, index))
    return [instance for instance in found if instance is not None]


def _instances(module: ModuleInstance, file: str, name: Name, index: WrittenIndex) -> List[ResourceInstance]:
    if not _declares(module, name, file):
        return []
    repeated = module.repetition(name)
    known = () if index is not None or repeated.open is None else module.known_indexes(name)
    return [module.instance(name, one) for one in known or _chosen(repeated, index)]


def _declares(module: ModuleInstance, name: Tuple[str, ...], file: str) -> bool:
    """Whether this module declares the block in that file."""
    declared = module.module.files.get(name)
    return declared == file or (declared is not None and os.path.realpath(declared) == os.path.realpath(file))


def _chosen(repeated: Repetition, index: WrittenIndex) -> Sequence[Index]:
    """The indexes that an index of Checkov's may stand for; it gives none where it cannot work them out."""
    if not repeated.argument:
        return (None,) if index is None else ()
    if index is None:
        return repeated.indexes()
    exact = str(index) if repeated.argument == "for_each" else index
    return (exact,) if repeated.has(exact) else ()


def _index(written: Optional[str]) -> WrittenIndex:
    if written is None:
        return None
    try:
        index = json.loads(written[1:-1])
    except ValueError:
        return written[1:-1].strip("\"'")
    return index if isinstance(index, (str, int)) else written[1:-1]
