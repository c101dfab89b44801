"""Which template of the scan a nested stack or a stack set is made of.

What it says itself is a path beside it, or an address in S3, of which the name of the file is known at
best. The CDK uploads a template under its hash, and says on the resource or in a list of its own
which file that is.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Dict, FrozenSet, Iterator, List, Optional, Sequence, Tuple

from ctkms.iac.cloudformation.aws.return_values import NESTING_PROPERTIES, STACK_SET_TYPE
from ctkms.iac.cloudformation.evaluation.functions import sub_parts
from ctkms.iac.cloudformation.templates.cdk_assembly import Assembly, asset_path
from ctkms.iac.cloudformation.templates.template import Resource, Template, entries
from ctkms.iac.cloudformation.templates.template_text import read_template

MAX_BRANCHES = 16  # of the conditions within one address
MAX_OF_ONE_NAME = 500  # files; nobody can tell which of so many is meant
_DEPTH = 6
_FILE_NAME = re.compile(r"[\w-][\w.-]*\.(?:ya?ml|json|template)")
BODY = "TemplateBody"


class NestedTemplates:
    """The files of a scan, for those that nest them."""

    def __init__(self, files: Sequence[str], assembly: Assembly) -> None:
        self._paths = {os.path.normpath(file): file for file in files}
        self.root = common_folder(list(self._paths))
        self._assembly = assembly
        self._by_name: Dict[str, List[str]] = {}
        for file in files:
            self._by_name.setdefault(_components(os.path.normpath(file))[-1], []).append(file)

    def of(self, resource: Resource, file: str, logical_id: str) -> Optional[str]:
        """The file with the template of a nested stack that `file` declares; None where it is not known."""
        if resource.type not in NESTING_PROPERTIES:
            return None
        within = body_file(file, logical_id)
        if resource.type == STACK_SET_TYPE and within in self._paths:
            return within
        property_ = NESTING_PROPERTIES[resource.type]
        asset = asset_path(resource.metadata, property_)
        if asset is not None:
            return self._beside(file, asset)
        found = {self._of_address(url, file) for url in _addresses(resource.properties.get(property_), _DEPTH)}
        return found.pop() if len(found) == 1 else None

    def _beside(self, file: str, path: str) -> Optional[str]:
        return self._paths.get(os.path.normpath(PurePath(file).parent / path))

    def _of_address(self, url: str, file: str) -> Optional[str]:
        beside = self._beside(file, url)
        if beside is not None or ("://" not in url and "${" not in url):
            return beside
        # An address in S3: the template that it may well be, where the scan has only one.
        address = _components(url.split("?", 1)[0])
        asset = self._assembly.asset(file, address[-1])
        if asset is not None:
            return self._beside(file, asset)
        name = address[-1].rsplit("}", 1)[-1]  # a prefix that is put before it mostly ends in a slash
        if not _FILE_NAME.fullmatch(name):
            return None
        named = self._by_name.get(name, ())
        if len(named) > MAX_OF_ONE_NAME:
            return None
        address = [*address[:-1], name]
        likely = [one for one in named if one != file and self._is_likely(address, one, file)]
        return likely[0] if len(likely) == 1 else None

    def _is_likely(self, address: Sequence[str], file: str, parent: str) -> bool:
        """Whether the template lies with the one that nests it, or where the address says."""
        where = _components(os.path.normpath(file))
        folder = _components(os.path.normpath(parent))[:-1]
        relative = where[len(_components(self.root)) :] if self.root else where
        return where[: len(folder)] == folder or (len(relative) > 1 and address[-len(relative) :] == relative)


def bodies(file: str, template: Template) -> Iterator[Tuple[str, object]]:
    """The templates that stand as a text within stack sets, as files of their own."""
    for logical_id, resource in template.resources():
        text = _written_out(resource.properties.get(BODY)) if resource.type == STACK_SET_TYPE else None
        read = read_template(text) if text is not None else None
        if isinstance(read, Mapping):
            yield body_file(file, logical_id), read


def _written_out(body: object) -> Optional[str]:
    """A text, also one in which every `${!Name}` is left to the template within; None where something is filled in."""
    if isinstance(body, str):
        return body
    text = entries(body).get("Fn::Sub")
    parts = list(sub_parts(text)) if isinstance(text, str) else [(True, "")]
    return None if any(is_name for is_name, _ in parts) else "".join(part for _, part in parts)


def body_file(file: str, logical_id: str) -> str:
    """How the template within a stack set is called among the files."""
    return f"{file}#{logical_id}"


def _addresses(expression: object, depth: int) -> FrozenSet[str]:
    """What an address may be, each as far as it is written out: its end tells the name of the file."""
    if isinstance(expression, str):
        return frozenset({str(expression)})
    fields = entries(expression)
    argument = next(iter(fields.values()), None)
    if len(fields) != 1 or depth == 0:
        return frozenset({""})
    if "Fn::Sub" in fields:
        return _addresses(argument[0] if isinstance(argument, (list, tuple)) and argument else argument, depth - 1)
    if "Fn::If" in fields and isinstance(argument, (list, tuple)) and len(argument) == 3:
        found = _addresses(argument[1], depth - 1) | _addresses(argument[2], depth - 1)
        return found if len(found) <= MAX_BRANCHES else frozenset({""})
    if "Fn::Join" in fields and isinstance(argument, (list, tuple)) and len(argument) == 2:
        separator, items = argument
        if isinstance(separator, str) and isinstance(items, (list, tuple)) and items:
            before = "${...}" + separator if len(items) > 1 else ""
            return frozenset(before + end for end in _addresses(items[-1], depth - 1))
    return frozenset({""})


def common_folder(paths: List[str]) -> str:
    """The folder that all the files are in; "" where there is none."""
    try:
        return os.path.commonpath([PurePath(path).parent for path in paths]) if paths else ""
    except ValueError:  # absolute and relative paths, or several drives
        return ""


def _components(path: str) -> List[str]:
    return re.split(r"[/\\]", path)
