"""A module as it is written: the blocks of a folder, by name.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, Mapping, Optional, Tuple

from ctkms.iac.terraform.modules.files import Files, joined
from ctkms.iac.terraform.syntax.hcl_parser import ParsedFile, parse_file
from ctkms.iac.terraform.syntax.json_syntax import parse_json_file
from ctkms.iac.terraform.syntax.syntax_tree import Block, Body, Expression, Template

HCL, JSON = ".tf", ".tf.json"
SYNTAXES = (HCL, JSON)

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
        wanted = frozenset(types)
        return tuple(name for name in self.resources if name[0] == "resource" and name[1] in wanted)

    def source(self, call: str) -> Optional[str]:
        """Where a module call says its module is, when that is plain text."""
        source = self.calls[call].attributes.get("source")
        parts = source.parts if isinstance(source, Template) else ()
        return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def terraform_files(files: Files, folder: str) -> Tuple[str, ...]:
    """The configuration files of a folder, overriding ones last, as Terraform merges them."""
    names = [name for name in files.names(folder) if name.endswith((".tf", JSON)) and not name.startswith((".", "#"))]
    return tuple(joined(folder, name) for name in sorted(names, key=lambda name: (_overrides(name), name)))


def _overrides(name: str) -> bool:
    return name.split(".")[0] == "override" or name.endswith(("_override.tf", "_override" + JSON))


def parsed(path: str, text: str) -> ParsedFile:
    """A file of this name, in the syntax that its name says."""
    return parse_json_file(text) if path.endswith(JSON) else parse_file(text)


def read_module(files: Files, folder: str, parse: Callable[[str, str], ParsedFile] = parsed) -> Module:
    """The module of a folder; an empty one where there is none. `parse` reads a file of a path and a text."""
    builder = _Builder(folder)
    for path in terraform_files(files, folder):
        text = files.read(path)
        if text is not None:
            builder.add(path, parse(path, text).body)
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
