"""Reading the files of a scan: never outside of it, never too much, never raising."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List, Optional, Tuple

MAX_BYTES = 10_000_000  # no configuration is as large; a larger file is a mistake or an attack


class Files:
    """The files below some folders. Each is read once.

    Links are followed before the folder is checked, so a link in the scanned code cannot make the
    scan read what lies outside of it.
    """

    def __init__(self, folders: Tuple[str, ...] = ()) -> None:
        self._folders: List[str] = []
        self._texts: Dict[str, Optional[str]] = {}
        for folder in folders:
            self.admit(folder)

    def admit(self, folder: str) -> bool:
        """Let files below `folder` be read as well, if it is there."""
        try:
            real = os.path.realpath(folder)
            there = Path(real).is_dir()
        except (OSError, ValueError):
            return False
        if there and not self._admitted(real):
            self._folders.append(real)
        return there

    def read(self, path: str) -> Optional[str]:
        """The text of a file; None when there is none, or none that may be read."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def read_once(self, path: str) -> Optional[str]:
        """The text of a file that nobody will ask for again."""
        return self._texts[path] if path in self._texts else self._read(path)

    def names(self, folder: str) -> Tuple[str, ...]:
        """The names in a folder, sorted the way Terraform reads them."""
        try:
            return tuple(sorted(one.name for one in Path(folder).iterdir())) if self._admitted(folder) else ()
        except (OSError, ValueError):
            return ()

    def _read(self, path: str) -> Optional[str]:
        try:
            file = Path(path)
            # A device or a pipe would block; a regular file does not.
            if not self._admitted(path) or not file.is_file() or file.stat().st_size > MAX_BYTES:
                return None
            # The ends of lines are kept, since they end up in texts.
            return file.read_bytes().decode("utf-8-sig", errors="replace")
        except (OSError, ValueError):
            return None

    def _admitted(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in self._folders)


def joined(folder: str, path: str) -> str:
    """A path that starts from a folder, unless it is absolute, without its `.` and `..`."""
    return os.path.normpath(Path(folder, path))
