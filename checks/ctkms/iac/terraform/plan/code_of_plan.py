"""The code that a plan was made of, where the user says in which folder to look for it.

A plan leaves out the text of its expressions. With the code at hand, what is only known after apply
is worked out from that text, as far as it goes.
"""

from __future__ import annotations

import os
from typing import Dict, Iterator, List, Mapping, Optional

from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.folder_loader import FolderLoader
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.iac.terraform.modules.module import Module
from ctkms.iac.terraform.plan.plan_file import ModuleCode, Path, PlanFile, mapping

MAX_FOLDERS = 2_000  # that are looked at


def code_of(plan: PlanFile, folder: str) -> Optional[ModuleLoader]:
    """The root module in or below a folder that has what the plan has; None when none has, or several have."""
    files = Files((folder,))
    found: List[ModuleLoader] = []
    for root in _folders(folder):
        modules = FolderLoader(files, root)
        if _is_same(plan.modules[()], modules.top()):
            found.append(modules)
            if root == folder:
                break
    return found[0] if len(found) == 1 else None


def modules_of(plan: PlanFile, code: Optional[ModuleLoader]) -> Mapping[Path, Module]:
    """The code of the plan's modules, by path: of those that have the same in the code."""
    if code is None:
        return {}
    found: Dict[Path, Module] = {(): code.top()}
    for path in sorted(plan.modules, key=len)[1:]:
        caller = found.get(path[:-1])
        called = None if caller is None else code.called(caller, path[-1], path)
        if called is not None and _is_same(plan.modules[path], called):
            found[path] = called
    return found


def _is_same(planned: ModuleCode, written: Module) -> bool:
    calls = set(mapping(planned.content, "module_calls"))
    return set(planned.resources) == set(written.resources) and calls == set(written.calls)


def _folders(folder: str) -> Iterator[str]:
    for seen, (root, folders, names) in enumerate(os.walk(folder)):
        if seen == MAX_FOLDERS:
            return
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if any(name.endswith((".tf", ".tf.json")) for name in names):
            yield root
