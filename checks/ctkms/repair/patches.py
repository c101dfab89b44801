"""A change of a policy, or of what is around it, as edits of the code's text at exact places."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Type

from ctkms.repair import resource_patches as around
from ctkms.repair import statement_copies as copies
from ctkms.repair import statement_patches as statements
from ctkms.repair.edits import (
    AddAction,
    AddCondition,
    AddDependsOn,
    AddElement,
    AddPolicy,
    AddStatements,
    Candidate,
    Change,
    CopyStatement,
    MendJson,
    RemoveCondition,
    RemoveValue,
    Rename,
    Replace,
    SetArgument,
    SetPrincipal,
    Split,
)
from ctkms.repair.file_text import TextEdit, overlap
from ctkms.repair.placer import NotPlacedError, Placer, fail

Patch = Callable[..., Optional[List[TextEdit]]]


def edits_of(placer: Placer, candidate: Candidate) -> Tuple[TextEdit, ...]:
    """The text edits of all changes; raises `NotPlacedError`."""
    found: List[TextEdit] = []
    for patch in _patches(placer, candidate):
        found += fail("the code around it is written in an unusual way") if patch is None else patch
    if not found:
        raise NotPlacedError("")
    if candidate.data:
        found.append(placer.data(candidate.data, found[0].span.file))
    if overlap(found):
        raise NotPlacedError("two of its changes would stand at the same place")
    return tuple(dict.fromkeys(found))


def _patches(placer: Placer, candidate: Candidate) -> Iterator[Optional[List[TextEdit]]]:
    conditions: Dict[int, List[AddCondition]] = {}
    for change in candidate.changes:
        if isinstance(change, AddCondition):
            conditions.setdefault(change.statement, []).append(change)
        else:
            yield PATCHES[type(change)](placer, change)
    for some in conditions.values():
        yield statements.add_conditions(placer, some)


PATCHES: Mapping[Type[Change], Patch] = {
    Rename: statements.rename,
    Replace: statements.replace,
    AddElement: statements.add_element,
    AddAction: statements.add_action,
    AddStatements: statements.add_statements,
    RemoveCondition: statements.remove_condition,
    SetPrincipal: statements.set_principal,
    RemoveValue: statements.remove_value,
    Split: copies.split,
    CopyStatement: copies.copy_statement,
    MendJson: lambda placer, change: around.mend_json(placer.element(())),
    AddPolicy: lambda placer, change: around.add_policy(placer.element(()), placer.argument("Properties"), change),
    SetArgument: lambda placer, change: around.set_argument(placer.argument(change.path), change),
    AddDependsOn: lambda placer, change: around.add_depends_on(placer.texts(change.on) if placer.texts else {}, change),
}
