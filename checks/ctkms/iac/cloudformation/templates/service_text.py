"""From the text of a file of the Serverless Framework to the template in it, with the files that it names.

A file that it names is read where the scan may read it. What is no data, such as a program, is not.
"""

from __future__ import annotations

import os.path
import re
from pathlib import PurePath
from typing import Callable, Dict, Iterator, Mapping, Optional

from ctkms.iac.cloudformation.templates.serverless import service_template
from ctkms.iac.cloudformation.templates.service_variables import MISSING
from ctkms.iac.cloudformation.templates.template_text import Unread, read_data
from ctkms.iac.cloudformation.templates.yaml_loaders import ServiceLoader

MAX_FILES = 100  # that one service may name
MAX_CHARACTERS = 2_000_000  # in all of them
_DATA = (".yml", ".yaml", ".json", ".tfstate")
_PROGRAMS = (".js", ".cjs", ".mjs", ".ts", ".mts", ".cts")
_NAMED = re.compile(r"\bfile\(([^${}()'\",]{1,1000})\)")

ReadFile = Callable[[str], Optional[str]]


def read_service(text: str, file: str = "", read_file: ReadFile = lambda path: None) -> object:
    """The template in a service's file; None when there is none, `Unread` when it is too large."""
    service = read_data(text, ServiceLoader)
    return service if isinstance(service, Unread) else service_template(service, _Files(file, read_file).load)


def with_named_files(texts: Mapping[str, str], read_file: ReadFile) -> Mapping[str, str]:
    """The texts of services, each with those of the files that it names: what they speak of, it does."""
    return {file: "\n".join([text, *_named(file, text, read_file)]) for file, text in texts.items()}


def _named(file: str, text: str, read_file: ReadFile) -> Iterator[str]:
    paths = dict.fromkeys(found[1].strip() for found in _NAMED.finditer(text))
    left = MAX_CHARACTERS
    for path in list(paths)[:MAX_FILES]:
        content = read_file(_beside(file, path)) or ""
        left -= len(content)
        if left >= 0:
            yield content


class _Files:
    """The files that one service names; a path is read from the folder of the service."""

    def __init__(self, file: str, read_file: ReadFile) -> None:
        self._file = file
        self._read_file = read_file
        self._contents: Dict[str, object] = {}
        self._left = MAX_CHARACTERS

    def load(self, path: str) -> object:
        """The data in a file, or its text; MISSING where it may not be read."""
        if path not in self._contents:
            self._contents[path] = self._content(path) if len(self._contents) < MAX_FILES else MISSING
        return self._contents[path]

    def _content(self, path: str) -> object:
        kind = PurePath(path).suffix.lower()
        text = None if kind in _PROGRAMS or not path else self._read_file(_beside(self._file, path))
        self._left -= len(text or "")
        if text is None or self._left < 0:
            return MISSING
        data = read_data(text, ServiceLoader) if kind in _DATA else text
        return MISSING if isinstance(data, Unread) else data


def _beside(file: str, path: str) -> str:
    return os.path.normpath(PurePath(file).parent / path)
