"""The modules of a configuration once more, with the places of everything in them."""

from __future__ import annotations

from typing import Dict, Optional

from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.locations.located_parser import Places
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.module import Module, read_module
from ctkms.iac.terraform.modules.variable_files import variable_files
from ctkms.iac.terraform.syntax.syntax_tree import Body, Expression
from ctkms.unknowns.source_nodes import Location, Span, location


class LocatedModules:
    """Reads the folder of a module again, when somebody asks where something in it stands."""

    def __init__(self, files: Files) -> None:
        self.places = Places()
        self.files = files
        self._modules: Dict[str, Module] = {}
        self._given: Dict[str, Dict[str, Expression]] = {}  # by the folder of the root module

    def module(self, instance: ModuleInstance) -> Module:
        """The module of an instance."""
        folder = instance.module.folder
        if folder not in self._modules:
            self._modules[folder] = read_module(self.files, folder, self.places.parse)
        return self._modules[folder]

    def body(self, instance: ResourceInstance) -> Optional[Body]:
        """The block of a resource or data source."""
        module = instance.module
        return self.module(module).resources.get(instance.name) if isinstance(module, ModuleInstance) else None

    def given(self, instance: ModuleInstance, name: str) -> Optional[Expression]:
        """What a file of variables gives for a variable of the root module, if its value is from there."""
        folder = instance.module.folder
        if folder not in self._given:
            found = self._given[folder] = {}
            for path in variable_files(self.files, folder):
                found.update(self.places.values(path, self.files.read(path) or ""))
        node = self._given[folder].get(name)
        return None if node is None or evaluate(node, EmptyScope()) != instance.shared.given.get(name) else node

    def text_file(self, path: str) -> Optional[str]:
        """The text of a file that code reads by name."""
        text = self.files.read(path)
        if text is not None:
            self.places.texts[path] = text
        return text

    def location(self, span: Optional[Span]) -> Optional[Location]:
        """A place as people count."""
        return None if span is None else location(span, self.places.texts[span.file])


def input_of(instance: ModuleInstance, name: str, modules: LocatedModules) -> Optional[Expression]:
    """What the call of a module gives for a variable, where it stands in the caller."""
    parent = instance.parent
    call = modules.module(parent).calls.get(instance.path[-1]) if parent is not None else None
    return None if call is None else call.attributes.get(name)
