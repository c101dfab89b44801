"""How a report names files: so that whoever started Checkov finds them from there.

Checkov knows a file by three names: from the folder that it scans (`file_path`), from the folder that it was started
in but without any `..` (`repo_file_path`), and from the root or as it was given (`file_abs_path`). The second leads
nowhere for a file that is not below that folder, and only where that folder is known the third can be used instead.
"""

from __future__ import annotations

import posixpath
import re

_IS_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")


def from_start(file: str, started_in: str) -> str:
    """A file by its path from where Checkov was started; by its whole path where it is elsewhere."""
    name, start = _with_slashes(file), _with_slashes(started_in).rstrip("/")
    if not started_in:
        return name.lstrip("/")
    if not _IS_ABSOLUTE.match(name):
        return posixpath.normpath(name)
    return name[len(start) + 1 :] if name.startswith(start + "/") else name


class FilesOfRecord:
    """The names of the files that one record speaks of, by what Checkov calls the file of its resource."""

    def __init__(self, scanned: str, repository: str, absolute: str, started_in: str) -> None:
        is_known = bool(started_in and absolute)
        self.own = from_start(absolute, started_in) if is_known else _with_slashes(repository or scanned).lstrip("/")
        self._scanned = _with_slashes(scanned).lstrip("/")

    def beside(self, file: str) -> str:
        """A file that is named from the folder of the scan, named as the record's own is."""
        name = _with_slashes(file).lstrip("/")
        if name in (self._scanned, self.own) or not self.own.endswith(self._scanned):
            return self.own if name == self._scanned else name
        folder = self.own[: len(self.own) - len(self._scanned)]
        return name if folder and name.startswith(folder) else posixpath.normpath(folder + name)


def _with_slashes(file: str) -> str:
    return file.replace("\\", "/")
