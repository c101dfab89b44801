"""A module as it is written: the blocks of a folder, by name.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Set, Tuple

from ctkms.iac.terraform.files import Files, joined
from ctkms.iac.terraform.language.hcl_parser import parse_file
from ctkms.iac.terraform.language.syntax import Block, Body, Expression, Template

MAX_DEPTH = 20  # of modules in modules; only a module that calls itself goes deeper

Name = Tuple[str, str, str]  # "resource" or "data", type, name


@dataclass(frozen=True)
class Module:
    """The blocks of one folder. `files` says which file declares a resource or module call."""

    folder: str
    variables: Mapping[str, Body] = field(default_factory=dict)
    locals: Mapping[str, Expression] = field(default_factory=dict)
    outputs: Mapping[str, Body] = field(default_factory=dict)
    resources: Mapping[Name, Body] = field(default_factory=dict)
    calls: Mapping[str, Body] = field(default_factory=dict)
    providers: Mapping[str, Body] = field(default_factory=dict)  # of AWS: `aws`, and `aws.alias` for each alias
    files: Mapping[Tuple[str, ...], str] = field(default_factory=dict)

    def named(self, *types: str) -> Tuple[Name, ...]:
        """The resources of some types."""
        return tuple(name for name in self.resources if name[0] == "resource" and name[1] in types)

    def source(self, call: str) -> Optional[str]:
        """Where a module call says its module is, when that is plain text."""
        source = self.calls[call].attributes.get("source")
        parts = source.parts if isinstance(source, Template) else ()
        return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def terraform_files(files: Files, folder: str) -> Tuple[str, ...]:
    """The configuration files of a folder, overriding ones last, as Terraform merges them."""
    names = [name for name in files.names(folder) if name.endswith(".tf") and not name.startswith((".", "#"))]
    return tuple(joined(folder, name) for name in sorted(names, key=lambda name: (_overrides(name), name)))


def _overrides(name: str) -> bool:
    return name == "override.tf" or name.endswith("_override.tf")


def read_module(files: Files, folder: str) -> Module:
    """The module of a folder; an empty one where there is none."""
    builder = _Builder(folder)
    for path in terraform_files(files, folder):
        text = files.read(path)
        if text is not None:
            builder.add(path, parse_file(text).body)
    return builder.module()


class _Builder:
    """Collects blocks by name. A block of an override file changes the one that it names."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.variables: Dict[str, Body] = {}
        self.locals: Dict[str, Expression] = {}
        self.outputs: Dict[str, Body] = {}
        self.resources: Dict[Name, Body] = {}
        self.calls: Dict[str, Body] = {}
        self.providers: Dict[str, Body] = {}
        self.files: Dict[Tuple[str, ...], str] = {}

    def add(self, path: str, body: Body) -> None:
        for block in body.blocks:
            handle = _HANDLERS.get((block.type, len(block.labels)))
            if handle is not None:
                handle(self, block, path, _overrides(Path(path).name))

    def module(self) -> Module:
        return Module(
            folder=self.folder,
            variables=self.variables,
            locals=self.locals,
            outputs=self.outputs,
            resources=self.resources,
            calls=self.calls,
            providers=self.providers,
            files=self.files,
        )

    def add_locals(self, block: Block, path: str, overriding: bool) -> None:
        self.locals.update(block.body.attributes)

    def add_variable(self, block: Block, path: str, overriding: bool) -> None:
        self.variables[block.labels[0]] = _merged(self.variables.get(block.labels[0]), block.body, overriding)

    def add_output(self, block: Block, path: str, overriding: bool) -> None:
        self.outputs[block.labels[0]] = _merged(self.outputs.get(block.labels[0]), block.body, overriding)

    def add_call(self, block: Block, path: str, overriding: bool) -> None:
        self.calls[block.labels[0]] = _merged(self.calls.get(block.labels[0]), block.body, overriding)
        self.files.setdefault(("module", block.labels[0]), path)

    def add_resource(self, block: Block, path: str, overriding: bool) -> None:
        name = (block.type, block.labels[0], block.labels[1])
        self.resources[name] = _merged(self.resources.get(name), block.body, overriding)
        self.files.setdefault(name, path)

    def add_provider(self, block: Block, path: str, overriding: bool) -> None:
        if block.labels[0] == "aws":
            alias = block.body.attributes.get("alias")
            key = "aws" if alias is None else "aws." + alias.source.strip().strip('"')
            self.providers[key] = _merged(self.providers.get(key), block.body, overriding)


_HANDLERS: Dict[Tuple[str, int], Callable[[_Builder, Block, str, bool], None]] = {
    ("locals", 0): _Builder.add_locals,
    ("variable", 1): _Builder.add_variable,
    ("output", 1): _Builder.add_output,
    ("module", 1): _Builder.add_call,
    ("resource", 2): _Builder.add_resource,
    ("data", 2): _Builder.add_resource,
    ("provider", 1): _Builder.add_provider,
}


def _merged(first: Optional[Body], second: Body, overriding: bool) -> Body:
    """https://developer.hashicorp.com/terraform/language/files/override#merging-behavior"""
    if first is None or not overriding:
        return second
    replaced = {block.type for block in second.blocks}
    kept = tuple(block for block in first.blocks if block.type not in replaced)
    return Body({**first.attributes, **second.attributes}, kept + second.blocks)


_LOCAL_SOURCE = re.compile(r"""\bsource"?\s*=\s*"(\.\.?(?:/[^"$%]*)?)\"""")


class Modules:
    """The modules of one configuration: its root folder, and where the calls in it lead."""

    def __init__(self, files: Files, root: str) -> None:
        self.files = files
        self.root = root
        self._modules: Dict[str, Module] = {}
        self._reach: Dict[str, FrozenSet[str]] = {}
        self._installed: Optional[Dict[str, str]] = None

    def module(self, folder: str) -> Module:
        """The module of a folder."""
        if folder not in self._modules:
            self._modules[folder] = read_module(self.files, folder)
        return self._modules[folder]

    def called(self, caller: Module, call: str, path: Tuple[str, ...]) -> Optional[Module]:
        """The module that a call leads to; None when it is not on this machine.

        `path` names the calls from the root to this one: `terraform init` files what it downloads
        under these names.
        """
        source = caller.source(call)
        if source is None or len(path) > MAX_DEPTH:
            return None
        if is_local(source):
            folder: Optional[str] = joined(caller.folder, source)
        else:
            folder = self.installed().get(".".join(path))
        return self.module(folder) if folder is not None and self.files.admit(folder) else None

    def installed(self) -> Mapping[str, str]:
        """The folders of the modules that `terraform init` has downloaded, by the names of their calls."""
        if self._installed is None:
            text = self.files.read(joined(self.root, ".terraform/modules/modules.json"))
            self._installed = {key: joined(self.root, folder) for key, folder in _manifest(text)}
        return self._installed

    def declared_types(self, module: Module, path: Tuple[str, ...] = ()) -> FrozenSet[str]:
        """The types of the resources in a module and in all that it calls."""
        known = self._reach.get(module.folder)
        if known is not None:
            return known
        found: Set[str] = {name[1] for name in module.resources if name[0] == "resource"}
        self._reach[module.folder] = frozenset(found)  # a module that calls itself adds nothing
        for call in module.calls:
            called = self.called(module, call, (*path, call))
            if called is not None:
                found |= self.declared_types(called, (*path, call))
        self._reach[module.folder] = frozenset(found)
        return self._reach[module.folder]

    def texts(self) -> Iterable[str]:
        """The text of every configuration and variable file that the root can reach, found without parsing."""
        waiting, seen = [self.root, *self.installed().values()], set()
        while waiting:
            folder = waiting.pop()
            if folder in seen:
                continue
            seen.add(folder)
            for path in (*terraform_files(self.files, folder), *variable_files(self.files, folder)):
                text = self.files.read(path) or ""
                yield text
                for source in _LOCAL_SOURCE.findall(text):
                    target = joined(folder, source)
                    if self.files.admit(target):
                        waiting.append(target)


def is_local(source: str) -> bool:
    """Whether a module source is a folder beside its caller, not a registry, a repository or an archive."""
    return source.startswith(("./", "../")) or source in (".", "..")


def variable_files(files: Files, folder: str) -> Tuple[str, ...]:
    """The files that Terraform reads variables from without being told to, the strongest last."""
    names = files.names(folder)
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return tuple(joined(folder, name) for name in (*first, *automatic))


def _manifest(text: Optional[str]) -> List[Tuple[str, str]]:
    try:
        content: Any = json.loads(text or "{}")
        entries = [(one["Key"], one["Dir"]) for one in content["Modules"]]
    except (ValueError, RecursionError, LookupError, TypeError):
        return []
    return [(key, folder) for key, folder in entries if isinstance(key, str) and isinstance(folder, str)]
