"""Which folders of a scan are modules, and are said what their variables are elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Set, Tuple

from ctkms.iac.terraform.modules.files import Files, joined
from ctkms.iac.terraform.modules.folder_loader import local_sources
from ctkms.iac.terraform.modules.module import JSON, terraform_files

MAX_FOLDERS = 5_000  # that are looked at

# The folder for modules that others are to call:
# https://developer.hashicorp.com/terraform/language/modules/develop/structure
_NESTED_MODULES = "modules"


class Callers:
    """The module calls of all code below a folder."""

    def __init__(self, files: Files, root_folder: Optional[str]) -> None:
        self._files = files
        self._root = None if root_folder is None else os.path.normpath(os.path.abspath(root_folder))  # noqa: PTH100
        self._json: Optional[bool] = None
        self._calls: Optional[Dict[str, Set[Tuple[str, bool]]]] = None

    def call(self, folder: str) -> bool:
        """Whether a folder of the scan is that of a module: something calls it, or it stands among modules."""
        start = os.getcwd() if self._root is None else self._root  # noqa: PTH109
        if folder != start and _NESTED_MODULES in Path(os.path.relpath(folder, start)).parts[:-1]:
            return True
        return folder in self._callers()

    def is_called(self, folder: str) -> bool:
        """Whether something in the scan calls the module of a folder."""
        return folder in self._callers()

    def covers(self, file: str) -> bool:
        """Whether a file is below the folder that is scanned."""
        return self._root is None or os.path.abspath(file).startswith(self._root.rstrip(os.sep) + os.sep)  # noqa: PTH100

    def roots(self, file: str) -> Tuple[str, ...]:
        """The folders of the configurations that call the module of a file, where the scanner follows no calls.

        Checkov follows those from one file of the native syntax to another.
        """
        start = (str(Path(os.path.normpath(file)).parent), file.endswith(JSON))
        if not start[1] and not self._has_json():
            return ()
        seen, waiting, found = {start}, [start], set()
        while waiting:
            folder, in_json = waiting.pop()
            callers = self._callers().get(folder, set())
            if not callers and in_json and folder != start[0]:
                found.add(folder)
            new = {(caller, in_json or by_json) for caller, by_json in callers} - seen
            seen.update(new)
            waiting.extend(new)
        return tuple(sorted(found))

    def _has_json(self) -> bool:
        if self._json is None:
            self._json = any(name.endswith(JSON) for _, names in self._folders() for name in names)
        return self._json

    def _folders(self) -> Iterator[Tuple[str, List[str]]]:
        """The folders of the scan, and the names in them."""
        for seen, (folder, folders, names) in enumerate(() if self._root is None else os.walk(self._root)):
            if seen == MAX_FOLDERS:
                return
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield folder, names

    def _callers(self) -> Mapping[str, Set[Tuple[str, bool]]]:
        """By the folder of a module: the folders that call it, and whether they do so in JSON."""
        if self._calls is None:
            calls: Dict[str, Set[Tuple[str, bool]]] = {}
            for folder, caller, by_json in self._found():
                calls.setdefault(folder, set()).add((caller, by_json))
            self._calls = calls
        return self._calls

    def _found(self) -> Iterator[Tuple[str, str, bool]]:
        for folder, _ in self._folders():
            for path in terraform_files(self._files, folder):
                for source in local_sources(self._files.read_once(path) or ""):
                    yield joined(folder, source), folder, path.endswith(JSON)
