"""Which folders of a scan are modules, and are said what their variables are elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator, Optional, Set

from ctkms.iac.terraform.files import Files, joined
from ctkms.iac.terraform.folder_modules import local_sources
from ctkms.iac.terraform.module import terraform_files

MAX_FOLDERS = 5_000  # that are looked at

# The folder for modules that others are to call:
# https://developer.hashicorp.com/terraform/language/modules/develop/structure
_NESTED_MODULES = "modules"


class Callers:
    """The module calls of all code below a folder."""

    def __init__(self, files: Files, root_folder: Optional[str]) -> None:
        self._files = files
        self._root = None if root_folder is None else os.path.normpath(os.path.abspath(root_folder))  # noqa: PTH100
        self._called: Optional[Set[str]] = None

    def call(self, folder: str) -> bool:
        """Whether a folder of the scan is that of a module: something calls it, or it stands among modules."""
        start = os.getcwd() if self._root is None else self._root  # noqa: PTH109
        if folder != start and _NESTED_MODULES in Path(os.path.relpath(folder, start)).parts[:-1]:
            return True
        if self._called is None:
            self._called = set() if self._root is None else set(self._sources(self._root))
        return folder in self._called

    def _sources(self, root: str) -> Iterator[str]:
        for seen, (folder, folders, _) in enumerate(os.walk(root)):
            if seen == MAX_FOLDERS:
                return
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for path in terraform_files(self._files, folder):
                for source in local_sources(self._files.read_once(path) or ""):
                    yield joined(folder, source)
