"""Edited files as a unified diff, and their writing: each whole or not at all."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path
from typing import Iterator, List

_NO_BREAK = "\\ No newline at end of file\n"


def diff(name: str, before: str, after: str) -> str:
    """A unified diff as `git apply` takes it; `name` is the file's, with slashes."""
    lines: Iterator[str] = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(one if one.endswith("\n") else f"{one}\n{_NO_BREAK}" for one in lines)


def _lines(text: str) -> List[str]:
    """Lines with their ends, which are line feeds only: a form feed is a part of a line."""
    parts = text.split("\n")
    return [f"{one}\n" for one in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def why_not_written(file: str, roots: List[str], before: str) -> str:
    """Why a file must not be replaced; empty where it may."""
    real = os.path.realpath(file)
    if real != os.path.abspath(file) and not _only_above(file, real, roots):  # noqa: PTH100 - to be held against it
        return "it is reached through a link"
    if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in map(os.path.realpath, roots)):
        return "it is not below the given paths"
    if not os.access(file, os.W_OK):
        return "it is read-only"
    if not os.access(Path(file).parent, os.W_OK):
        return "its folder is read-only"
    try:
        unchanged = Path(file).read_bytes() == before.encode("utf-8")
    except OSError as error:
        return str(error.strerror)
    return "" if unchanged else "it has changed since it was read"


def _only_above(file: str, real: str, roots: List[str]) -> bool:
    """Whether only what leads to a given path has links, and nothing from there to the file."""
    for root in roots:
        base = os.path.abspath(root)  # noqa: PTH100 - links are what is looked for
        if file == base or file.startswith(base.rstrip(os.sep) + os.sep):
            inner = os.path.relpath(file, base)
            at_root = os.path.realpath(base)
            expected = at_root if inner == "." else os.path.join(at_root, inner)  # noqa: PTH118
            if real == expected and not (inner == "." and Path(base).is_symlink()):
                return True
    return False


def write(file: str, after: str) -> None:
    """Replace a file at once: whoever reads it sees the old text or the new one. Raises `OSError`."""
    folder, mode = str(Path(file).parent), Path(file).stat().st_mode
    handle, name = tempfile.mkstemp(dir=folder, prefix=".ctkms-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode & 0o7777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
