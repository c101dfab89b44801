"""Reading the files of a scan: never outside of it, never too much, never raising."""

from __future__ import annotations

import itertools
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Set, Tuple

from ctkms.iac.terraform.evaluation.paths import FILE, FOLDER, OTHER

MAX_NAMES = 5_000  # in a folder whose names matter
MAX_BYTES = 10_000_000  # no configuration is as large; a larger file is a mistake or an attack


class _Overlay(threading.local):
    """What some files are taken to hold instead, by their real path."""

    texts: Mapping[str, str] = {}


_OVERLAY = _Overlay()


@contextmanager
def overlaid(texts: Mapping[str, str]) -> Iterator[None]:
    """Take these files for edited: whatever `Files` reads for the first time in here has these texts."""
    before = _OVERLAY.texts
    _OVERLAY.texts = {**before, **{os.path.realpath(path): text for path, text in texts.items()}}
    try:
        yield
    finally:
        _OVERLAY.texts = before


@contextmanager
def on_disk() -> Iterator[None]:
    """Take no file for edited in here."""
    before, _OVERLAY.texts = _OVERLAY.texts, {}
    try:
        yield
    finally:
        _OVERLAY.texts = before


class _Recorder(threading.local):
    """The files that are asked for, while somebody wants to know."""

    paths: Optional[Set[str]] = None


_RECORDER = _Recorder()


@contextmanager
def recorded() -> Iterator[Set[str]]:
    """The paths of all files and folders that anything in here asks for, also those that were read before."""
    before, _RECORDER.paths = _RECORDER.paths, set()
    try:
        yield _RECORDER.paths
    finally:
        _RECORDER.paths = before


def _note(path: str) -> None:
    if _RECORDER.paths is not None:
        _RECORDER.paths.add(os.path.realpath(path))


class Files:
    """The files below some folders. Each is read once.

    Links are followed before the folder is checked, so a link in the scanned code cannot make the
    scan read what lies outside of it.
    """

    def __init__(self, folders: Tuple[str, ...] = ()) -> None:
        self._folders: List[str] = []
        self._there: Dict[str, bool] = {}  # what was asked for, and whether it is there
        self._texts: Dict[str, Optional[str]] = {}
        self._exact: Dict[str, Optional[str]] = {}
        self._listings: Dict[str, Optional[Mapping[str, str]]] = {}
        for folder in folders:
            self.admit(folder)

    def admit(self, folder: str) -> bool:
        """Let files below `folder` be read as well, if it is there."""
        if folder not in self._there:
            self._there[folder] = self._admit(folder)
        return self._there[folder]

    def _admit(self, folder: str) -> bool:
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
        _note(path)
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def read_once(self, path: str) -> Optional[str]:
        """The text of a file that nobody will ask for again."""
        _note(path)
        return self._texts[path] if path in self._texts else self._read(path)

    def exact(self, path: str) -> Optional[str]:
        """The text of a file with the ends of its lines as they are; None when it is no text either."""
        _note(path)
        if path not in self._exact:
            content = self._content(path)
            try:
                self._exact[path] = None if content is None else content.decode("utf-8")
            except UnicodeDecodeError:
                self._exact[path] = None
        return self._exact[path]

    def listing(self, folder: str) -> Optional[Mapping[str, str]]:
        """Whether each name in a folder is a file, a folder or neither; None where it may not be looked into."""
        if folder not in self._listings:
            self._listings[folder] = self._listing(folder)
        return self._listings[folder]

    def _listing(self, folder: str) -> Optional[Mapping[str, str]]:
        try:
            if not self._admitted(folder):
                return None
            with os.scandir(folder) as entries:
                found = {one.name: _kind(one) for one in itertools.islice(entries, MAX_NAMES + 1)}
        except (OSError, ValueError):
            return None
        return found if len(found) <= MAX_NAMES else None

    def names(self, folder: str) -> Tuple[str, ...]:
        """The names in a folder, sorted the way Terraform reads them."""
        try:
            return tuple(sorted(one.name for one in Path(folder).iterdir())) if self._admitted(folder) else ()
        except (OSError, ValueError):
            return ()

    def _read(self, path: str) -> Optional[str]:
        content = self._content(path)
        if content is None:
            return None
        # The ends of lines are kept, since they end up in texts.
        return content.decode("utf-8-sig", errors="replace")

    def _content(self, path: str) -> Optional[bytes]:
        try:
            file = Path(path)
            # A device or a pipe would block; a regular file does not.
            if not self._admitted(path) or not file.is_file() or file.stat().st_size > MAX_BYTES:
                return None
            edited = _OVERLAY.texts.get(os.path.realpath(path)) if _OVERLAY.texts else None
            return file.read_bytes() if edited is None else edited.encode("utf-8")
        except (OSError, ValueError):
            return None

    def _admitted(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in self._folders)


def _kind(entry: os.DirEntry[str]) -> str:
    """What an entry of a folder is. Links are not followed: one may lead anywhere."""
    if entry.is_symlink():
        return OTHER
    return FILE if entry.is_file() else FOLDER if entry.is_dir() else OTHER


def joined(folder: str, path: str) -> str:
    """A path that starts from a folder, unless it is absolute, without its `.` and `..`."""
    return os.path.normpath(Path(folder, path))
