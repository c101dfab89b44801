"""The modules of a configuration that is read from a folder.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from ctkms.cloudtrail.evidence import speaks_of_cloudtrail
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.modules.files import Files, joined
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.iac.terraform.modules.module import Module, read_module, terraform_files
from ctkms.iac.terraform.modules.variable_files import given_variables, variable_files

MAX_DEPTH = 20  # of modules in modules; only a module that calls itself goes deeper

_READS_FILES = ("file(", "filename")  # a file that is read by name may hold anything
_GAP = r"\s*(?:/\*[^*\n]*\*/\s*)*"  # blanks and comments
_LOCAL_SOURCE = re.compile(rf"""\bsource"?{_GAP}[=:]{_GAP}"(\.\.?(?:/[^"$%]*)?)\"""")


class FolderLoader(ModuleLoader):
    """A root folder, and the folders of the modules that it calls.

    `fetched` are the folders of modules that the scanner itself has fetched, by the names of the calls;
    `hands_over` says whether it hands over the resources of a file.
    """

    def __init__(
        self,
        files: Files,
        root: str,
        fetched: Optional[Mapping[Tuple[str, ...], str]] = None,
        hands_over: Callable[[str], bool] = lambda file: True,
    ) -> None:
        super().__init__(root)
        self._hands_over = hands_over
        self._files = files
        self._fetched = fetched or {}
        self._modules: Dict[str, Module] = {}
        self._installed: Optional[Dict[str, str]] = None
        self._given: Optional[Dict[str, Value]] = None
        self._speaks: Optional[bool] = None

    def top(self) -> Module:
        """The module of the root folder."""
        return self._module(self.root)

    def called(self, caller: Module, call: str, path: Tuple[str, ...]) -> Optional[Module]:
        """The module that a call leads to; None when it is not on this machine.

        `terraform init` files what it downloads under the names of the calls in `path`.
        """
        source = caller.source(call)
        if source is None or len(path) > MAX_DEPTH:
            return None
        if _is_local(source):
            folder: Optional[str] = joined(caller.folder, source)
        else:
            folder = self._fetched.get(path) or self._downloaded().get(".".join(path))
        return self._module(folder) if folder is not None and self._files.admit(folder) else None

    def shows(self, caller: Module, path: Tuple[str, ...]) -> bool:
        """Of modules that are not local, a scanner knows those that it has fetched itself."""
        return _is_local(caller.source(path[-1]) or "") or path in self._fetched

    def hands_over(self, file: Optional[str]) -> bool:
        """Whether the scanner hands over what stands in a file, where it does so with a module as a whole."""
        return file is None or self._hands_over(file)

    def speaks_of_cloudtrail(self) -> bool:
        """Whether anything of CloudTrail can be in the code."""
        if self._speaks is None:
            self._speaks = any(
                speaks_of_cloudtrail(text) or any(word in text for word in _READS_FILES) for text in self._texts()
            )
        return self._speaks

    def _texts(self) -> Iterable[str]:
        """The text of every configuration and variable file that the root can reach, found without parsing."""
        waiting, seen = [self.root, *self._downloaded().values(), *self._fetched.values()], set()
        while waiting:
            folder = waiting.pop()
            if folder in seen:
                continue
            seen.add(folder)
            for path in (*terraform_files(self._files, folder), *variable_files(self._files, folder)):
                text = self._files.read(path) or ""
                yield text
                for source in local_sources(text):
                    target = joined(folder, source)
                    if self._files.admit(target):
                        waiting.append(target)

    def given(self) -> Mapping[str, Value]:
        """The variables that the files of the root folder set."""
        if self._given is None:
            self._given = given_variables(self._files, self.root)
        return self._given

    def read(self, path: str) -> Optional[str]:
        """The text of a file; a path starts where Terraform is run, the root folder."""
        return self._files.read(joined(self.root, path))

    def _module(self, folder: str) -> Module:
        if folder not in self._modules:
            self._modules[folder] = read_module(self._files, folder)
        return self._modules[folder]

    def _downloaded(self) -> Mapping[str, str]:
        """The folders of the modules that `terraform init` has downloaded, by the names of their calls."""
        if self._installed is None:
            text = self._files.read(joined(self.root, ".terraform/modules/modules.json"))
            self._installed = {key: joined(self.root, folder) for key, folder in _manifest(text)}
        return self._installed


def local_sources(text: str) -> List[str]:
    """The sources of the modules beside it that a file calls, found without parsing."""
    return [str(source) for source in _LOCAL_SOURCE.findall(text)]


def _is_local(source: str) -> bool:
    """Whether a module source is a folder beside its caller, not a registry, a repository or an archive."""
    return source.startswith(("./", "../")) or source in (".", "..")


def _manifest(text: Optional[str]) -> List[Tuple[str, str]]:
    try:
        content: Any = json.loads(text or "{}")
        entries = [(one["Key"], one["Dir"]) for one in content["ModuleLoader"]]
    except (ValueError, RecursionError, LookupError, TypeError):
        return []
    return [(key, folder) for key, folder in entries if isinstance(key, str) and isinstance(folder, str)]
