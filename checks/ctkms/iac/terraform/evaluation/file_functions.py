"""Terraform's functions on files of the configuration. Where Terraform is run, they are those of the scan.

A file that is not there is taken to be missing only where its folder is there: what makes a folder before Terraform
is run may make the file in it too.
https://developer.hashicorp.com/terraform/language/functions/fileexists
"""

from __future__ import annotations

import base64
import posixpath
from functools import partial
from typing import Callable, Dict, List, Optional

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.characters import composed
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.file_patterns import NotKnown, files_of
from ctkms.iac.terraform.evaluation.hash_functions import DIGESTS
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.paths import FILE, FOLDER, from_working_folder
from ctkms.iac.terraform.evaluation.scope import Evaluator
from ctkms.iac.terraform.evaluation.value_types import STRING, set_of
from ctkms.iac.terraform.evaluation.values import Set, Value, fail

_PER_STEP = 1_000  # characters that are encoded in the time of one step


def contents(path: List[Value], evaluator: Evaluator) -> Optional[str]:
    """The text of the file that the first argument names; None where it is not known. Fails where there is none."""
    where = _path(path)
    found = None if where is None else evaluator.scope.read_file(where)
    if where is not None and found is None and _kind(where, evaluator) in (FOLDER, _MISSING):
        return fail("there is no such file")
    return found


def _path(arguments: List[Value]) -> Optional[str]:
    where = from_working_folder(text(arguments[0])) if arguments else None
    return None if where is None or where.startswith("~") else where


_MISSING = "missing"


def _kind(path: str, evaluator: Evaluator) -> Optional[str]:
    """Whether a path leads to a file, a folder, something else or certainly to nothing; None: not known."""
    folder, name = posixpath.split(posixpath.normpath(path))
    entries = evaluator.scope.list_folder(folder or ".")
    return None if entries is None else entries.get(name, _MISSING)


def _of_contents(name: str, work: Callable[[str], str], arguments: List[Value], evaluator: Evaluator) -> Value:
    found = contents(arguments, evaluator)
    return open_call(name, arguments) if found is None else work(found)


def _in_base64(content: str) -> str:
    take(Budget.STEPS, len(content) // _PER_STEP)
    return base64.b64encode(content.encode("utf-8")).decode("ascii")


def _file_exists(arguments: List[Value], evaluator: Evaluator) -> Value:
    where = _path(arguments)
    if where is None:
        return open_call("fileexists", arguments)
    if evaluator.scope.read_file(where) is not None:
        return True
    kind = _kind(where, evaluator)
    if kind == FOLDER:
        return fail("this is a folder")
    # A link may lead to a file that is not in the scan.
    return kind == FILE if kind in (FILE, _MISSING) else open_call("fileexists", arguments)


def _file_set(arguments: List[Value], evaluator: Evaluator) -> Value:
    folder = from_working_folder(arguments[0]) if len(arguments) == 2 else None
    pattern = arguments[1] if folder is not None else None
    if folder is None or not isinstance(pattern, str):
        return open_call("fileset", arguments)
    try:
        return Set(files_of(folder, pattern, evaluator.scope.list_folder), set_of(STRING))
    except NotKnown:
        return open_call("fileset", arguments)


Reader = Callable[[List[Value], Evaluator], Value]
READERS: Dict[str, Reader] = {
    "file": partial(_of_contents, "file", composed),
    "fileexists": _file_exists,
    "fileset": _file_set,
    "filebase64": partial(_of_contents, "filebase64", _in_base64),
    **{f"file{name}": partial(_of_contents, f"file{name}", digest) for name, digest in DIGESTS.items()},
}
