"""A tree of code as the rules see it, also with some of its files edited; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.findings import FAILED, PASSED, Finding
from ctkms.cloudtrail.subjects import Judged
from ctkms.iac.scan import CodeRoot, Scanned, judge, scan_code, scan_others, scan_roots
from ctkms.iac.terraform.modules.files import Files, overlaid
from ctkms.iac.terraform.modules.folder_loader import local_sources
from ctkms.iac.terraform.modules.module import SYNTAXES
from ctkms.iac.terraform.modules.module_callers import Callers
from ctkms.repair.file_text import TextEdit, applied

Where = Tuple[str, str, str]  # the file, the address, and the root module; "" outside of Terraform's code
Findings = Mapping[str, Finding]


MARK = "\ufeff"  # the byte order mark
ALLOWANCE, READINGS = 3_000, 10  # resources, and times all of them


class Seen(NamedTuple):
    """One judged resource."""

    where: Where
    subject: Judged
    findings: Findings


class Tree:
    """The code below a folder, or in one file, as it was when it was read first."""

    def __init__(
        self, path: str, texts: Optional[Mapping[str, str]] = None, seen: Optional[Mapping[Where, Seen]] = None
    ) -> None:
        """`texts` are files that are edited already, and `seen` is what all of it then says."""
        self.path = path
        self.texts = dict(texts or {})
        folder = path if Path(path).is_dir() else str(Path(path).absolute().parent)
        self._files = Files((folder,))
        self._seen = seen
        self._reads: Optional[Dict[str, FrozenSet[str]]] = None  # by root module
        self._callers: Optional[Callers] = None
        self.spent = 0  # on reading it over and over

    @property
    def allowance(self) -> int:
        """How much may be spent: enough for honest code, and in large trees some readings of all of it."""
        return ALLOWANCE + READINGS * len(self.seen)

    def original(self, file: str) -> Optional[str]:
        """The text of a file on the disk, with its byte order mark; None where it cannot be written back as it is."""
        return self._files.exact(file)

    def text(self, file: str) -> Optional[str]:
        """The text of a file as the readers take it."""
        exact = self.texts[file] if file in self.texts else self.original(file)
        return None if exact is None else exact[1:] if exact.startswith(MARK) else exact

    def with_edits(self, edits: Tuple[TextEdit, ...], seen: Mapping[Where, Seen]) -> Tree:
        """The tree with these edits made."""
        tree = Tree(self.path, {**self.texts, **self.edited(edits)}, seen)
        tree.spent = self.spent
        # No edit makes code read other files, unless it is about module calls.
        if self._affected(edits) is not None:
            tree._reads, tree._callers = self._reads, self._callers
        return tree

    def texts_beside(self, file: str) -> Dict[str, str]:
        """The file, and where it is Terraform's, all others of its module."""
        folder, is_code = str(Path(file).parent), file.endswith(SYNTAXES)
        names = [one for one in self._files.names(folder) if one.endswith(SYNTAXES)] if is_code else [Path(file).name]
        found = {str(Path(folder, one)): self.text(str(Path(folder, one))) for one in names}
        return {one: text for one, text in found.items() if text is not None}

    @property
    def seen(self) -> Mapping[Where, Seen]:
        """All that is judged in the code as it is."""
        if self._seen is None:
            self._learn()
        return self._seen or {}

    @property
    def _read_by(self) -> Mapping[str, FrozenSet[str]]:
        """The files that each root module reads."""
        if self._reads is None:
            self._learn()
        return self._reads or {}

    def _learn(self) -> None:
        with overlaid(self.texts):
            parts = list(scan_code(self.path))
            others = list(scan_others(self.path))
            self._reads = {part.root: part.read for part in parts}
            self._callers = parts[0].callers if parts else None
            if self._seen is None:
                found = [*_placed(parts, others)]
                self._seen = {where: Seen(where, subject, judge(subject)) for where, subject in found}
        self.spent += len(self._seen)

    def edited(self, edits: Tuple[TextEdit, ...]) -> Dict[str, str]:
        """The whole text of each file that is edited, with its byte order mark."""
        found: Dict[str, str] = {}
        for file in dict.fromkeys(edit.span.file for edit in edits):
            mark = MARK if (self.original(file) or "").startswith(MARK) else ""
            found[file] = mark + applied(self.text(file) or "", [one for one in edits if one.span.file == file])
        return found

    def subject_after(self, edits: Tuple[TextEdit, ...], where: Where) -> Optional[Seen]:
        """One resource as it would be judged after the edits, before all others are looked at."""
        return next((one for one in self._again(edits) if one.where == where), None)

    def after(self, edits: Tuple[TextEdit, ...]) -> Mapping[Where, Seen]:
        """Everything, as it is judged with the edited texts."""
        again = {one.where: one for one in self._again(edits)}
        roots = self._affected(edits)
        kept = {where: one for where, one in self.seen.items() if roots is not None and where[2] not in roots}
        return {**kept, **again}

    def _affected(self, edits: Tuple[TextEdit, ...]) -> Optional[FrozenSet[str]]:
        """The parts that read an edited file: root modules, and "" for all else; None where that may be any.

        What a root module reads depends on the module calls; where an edit changes one, all is read again.
        """
        edited = self.edited(edits)
        if not Path(self.path).is_dir():
            return None
        for file, text in edited.items():
            calls = [list(local_sources(one)) for one in (self.text(file) or "", text)]
            if not file.endswith(SYNTAXES) or calls[0] != calls[1]:
                return None
        real = {os.path.realpath(file) for file in edited}
        return frozenset(root for root, read in self._read_by.items() if read & real)

    def _again(self, edits: Tuple[TextEdit, ...]) -> Iterator[Seen]:
        """All that is judged in the parts that read an edited file, one after the other."""
        roots = self._affected(edits)
        with overlaid({**self.texts, **self.edited(edits)}):
            if roots is None or self._callers is None:
                parts, others = scan_code(self.path), scan_others(self.path)
            else:
                parts, others = scan_roots(self.path, sorted(roots), self._callers), iter(())
            for where, subject in _placed(parts, others):
                self.spent += 1
                yield Seen(where, subject, judge(subject))


def _placed(parts: Iterable[CodeRoot], others: Iterable[Scanned]) -> Iterator[Tuple[Where, Judged]]:
    """What is judged, by a name of its own: one module may be read from several roots."""
    for part in parts:
        yield from (((one.file, one.address, part.root), one.subject) for one in part.found)
    yield from (((one.file, one.address, ""), one.subject) for one in others)


Failure = Tuple[Where, str]


def failures(seen: Mapping[Where, Seen]) -> List[Tuple[Where, str]]:
    """Every finding, by its place and its rule."""
    return [
        (where, rule) for where, one in seen.items() for rule, found in one.findings.items() if found.result == FAILED
    ]


def worse(before: Findings, after: Findings) -> str:
    """What is worse afterwards: a rule that passed and does not, one that is open now, or a new finding."""
    for rule, found in before.items():
        now = after.get(rule)
        if found.result == PASSED and (now is None or now.result != PASSED):
            return f"{rule} would no longer pass"
        if found.result == FAILED and (now is None or now.result not in (PASSED, FAILED)):
            return f"{rule} could no longer be decided"
    for rule, found in after.items():
        if found.result == FAILED and (rule not in before or before[rule].result != FAILED):
            return f"{rule} would fail"
    return ""


def worse_anywhere(before: Mapping[Where, Seen], after: Mapping[Where, Seen]) -> str:
    """The same for everything that is judged."""
    for where in dict.fromkeys((*before, *after)):
        one, other = before.get(where), after.get(where)
        why = worse(one.findings if one else {}, other.findings if other else {})
        if why:
            return f"{why} on {where[1]}"
    return ""
