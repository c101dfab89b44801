"""The file of a module that a scanner hands over by itself: it is judged as the configurations make it that call it."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from typing import Deque, FrozenSet, Iterator, List, Optional, Sequence, Set, Tuple

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged
from ctkms.iac.terraform.instances.module_instance import ModuleInstance
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.iac.terraform.modules.module import Module

MAX_CALLING = 8  # configurations that call one module


def reaches(modules: ModuleLoader, folder: str) -> bool:
    """Whether the calls of a configuration lead to a folder."""
    waiting: List[Tuple[Module, Tuple[str, ...]]] = [(modules.top(), ())]
    seen: Set[str] = set()
    while waiting:
        module, path = waiting.pop()
        for call in module.calls:
            called = modules.called(module, call, (*path, call))
            if called is not None and called.folder not in seen:
                seen.add(called.folder)
                waiting.append((called, (*path, call)))
    return any(_is_same(one, folder) for one in seen)


def modules_below(modules: ModuleLoader) -> Iterator[Tuple[Tuple[str, ...], Module]]:
    """The root module and all that are called, by the names of the calls; one that calls itself is left alone."""
    waiting: Deque[Tuple[Tuple[str, ...], Module, FrozenSet[str]]] = deque((((), modules.top(), frozenset()),))
    while waiting and spend(Budget.STEPS):
        path, module, around = waiting.popleft()
        yield path, module
        for call in module.calls:
            called, further = modules.called(module, call, (*path, call)), (*path, call)
            if called is not None and called.folder not in around and modules.shows(module, further):
                waiting.append((further, called, around | {module.folder}))


def instances_in(root: ModuleInstance, folder: str, type_: str) -> Iterator[ModuleInstance]:
    """The instances of the module of a folder; of an open number, those that something refers to, if any."""
    waiting = deque((root,))
    while waiting:
        module = waiting.popleft()
        if module is not root and _is_same(module.module.folder, folder):
            yield module
        for call in module.module.calls:
            called, path = module.called(call), (*module.path, call)
            if called is not None and type_ in module.shared.modules.declared_types(called, path):
                waiting.extend(module.referred_modules(call) or module.module_instances(call))


def together(found: Sequence[Optional[Judged]]) -> Optional[Judged]:
    """What is judged of a resource by what it is in each of several configurations: what holds in all of them."""
    judged = [one for one in found if one is not None]
    subjects: List[Subject] = [one for one in judged if isinstance(one, Subject)]
    if not subjects:
        return next((one for one in judged if isinstance(one, Unjudged)), None)
    return replace(
        subjects[0],
        scenarios=tuple(key for one in subjects for key in one.scenarios),
        holds_policy=all(one.holds_policy for one in subjects),
        on_behalf_of=" or ".join(dict.fromkeys(one.on_behalf_of for one in subjects if one.on_behalf_of)),
    )


def _is_same(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)
