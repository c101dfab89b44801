"""Where a configuration comes from: the modules in it, whether they were read from a folder or from a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Mapping, Optional, Set, Tuple

from ctkms.iac.terraform.evaluation.values import Index, Value
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.module import Module, Name
from ctkms.iac.terraform.syntax.syntax_tree import Body


@dataclass(frozen=True)
class Planned:
    """One instance of a resource as a plan has it: the values that Terraform knows, and the code of the others."""

    body: Body
    known: Mapping[str, Value]
    set_by_code: FrozenSet[str]  # the arguments and blocks that its code has


class ModuleLoader:
    """The modules of one configuration: the root, and where the calls in it lead."""

    def __init__(self, root: str) -> None:
        self.root = root  # the folder that Terraform is run in, as far as that is known
        self._reach: Dict[str, FrozenSet[str]] = {}

    def top(self) -> Module:
        """The root module."""
        raise NotImplementedError

    def called(self, caller: Module, call: str, path: Tuple[str, ...]) -> Optional[Module]:
        """The module that a call leads to; None when it is not at hand. `path` names the calls from the root to it."""
        raise NotImplementedError

    def shows(self, caller: Module, path: Tuple[str, ...]) -> bool:
        """Whether the scanner hands over the resources of the module that the last call of `path` leads to."""
        return True

    def hands_over(self, file: Optional[str]) -> bool:
        """Whether the scanner hands over what stands in a file, where it does so with a module as a whole."""
        return True

    def given(self) -> Mapping[str, Value]:
        """The variables that are set for the root."""
        raise NotImplementedError

    def read(self, path: str) -> Optional[str]:
        """The text of a file beside the code; None when it may not be read."""
        return None

    def files(self) -> Optional[Files]:
        """The files of the code, where there is any."""
        return None

    def list_folder(self, path: str) -> Optional[Mapping[str, str]]:
        """What is in a folder beside the code, as `Files.listing` tells; None where that is not known."""
        return None

    def planned(self, address: str) -> Optional[Planned]:
        """What a plan says of one instance of a resource or data source."""
        return None

    def block(self, module: Module, path: Tuple[str, ...], name: Name) -> Body:
        """What the code says of a resource or data source, whichever instance of it."""
        return module.resources[name]

    def is_new(self, path: Tuple[str, ...], name: Name) -> bool:
        """Whether a resource is still to be made, so that nothing which comes from it is known yet."""
        return True

    def indexes(self, address: str) -> Optional[Tuple[Index, ...]]:
        """The indexes that a resource or module call has in a plan; None where only the code tells."""
        return None

    def shared_key_ids(self) -> FrozenSet[str]:
        """The ids that a plan has for several keys: a multi-Region key and its replicas."""
        return frozenset()

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
