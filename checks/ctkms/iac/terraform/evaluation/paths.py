"""Paths of files, as Terraform has them: from where it is run. What that is called on some machine is not known.

https://developer.hashicorp.com/terraform/language/expressions/references#filesystem-and-workspace-info
"""

from __future__ import annotations

import posixpath
from typing import Optional

from ctkms.iac.terraform.evaluation.conversion import plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Value, fail, joined
from ctkms.unknowns.text import Hole, Partial, join, parts_of

WORKING_FOLDER = Hole("${path.cwd}")

# What may be in a folder: anything else, such as a link out of the scan, may be either.
FILE, FOLDER, OTHER = "file", "folder", "other"


def from_working_folder(path: Value) -> Optional[str]:
    """A path to read, from the folder that Terraform is run in; None where it is not known."""
    if isinstance(path, (Partial, Hole)) and parts_of(path)[0] == WORKING_FOLDER:
        path = join((".", *parts_of(path)[1:]))
    return path if isinstance(path, str) else None


def absolute(path: Value) -> Value:
    """`abspath(path)`"""
    if isinstance(path, (Partial, Hole)):
        return path if parts_of(path)[0] == WORKING_FOLDER else open_call("abspath", [path])
    normal = posixpath.normpath(plain(path))
    return normal if normal.startswith("/") else join((WORKING_FOLDER, *(() if normal == "." else ("/", normal))))


def without_home(path: Value) -> Value:
    """`pathexpand(path)`: `~` is a folder of whoever runs Terraform."""
    first, *rest = parts_of(text(path))
    if isinstance(first, str) and first.startswith("~"):
        if first[1:2] not in ("/", "\\") and (len(first) > 1 or rest):
            return open_call("pathexpand", [path]) if len(first) == 1 else fail("whose home that is, is not known")
        return joined((open_call("pathexpand", ["~"]), first[1:], *rest))
    known = isinstance(first, str) or first == WORKING_FOLDER
    return path if known else open_call("pathexpand", [path])
