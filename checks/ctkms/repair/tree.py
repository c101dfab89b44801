"""A tree of code as the rules see it, also with some of its files edited; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ctkms.budgets import metered
from ctkms.cloudtrail.findings import FAILED, PASSED, Finding
from ctkms.cloudtrail.rules.catalogue import BY_ID, RULES, Rule
from ctkms.cloudtrail.subjects import Judged, unlocated
from ctkms.iac.scan import CodeRoot, Scanned, scan_code, scan_one, scan_others, scan_roots
from ctkms.iac.terraform.modules.files import Files, on_disk, overlaid
from ctkms.iac.terraform.modules.folder_loader import local_sources
from ctkms.iac.terraform.modules.module import SYNTAXES
from ctkms.iac.terraform.modules.module_callers import Callers
from ctkms.repair.file_text import TextEdit, applied

Where = Tuple[str, str, str]  # the file, the address, and the root module; "" outside of Terraform's code
Findings = Mapping[str, Finding]


MARK = "\ufeff"  # the byte order mark
ALLOWANCE, READINGS = 10_000, 10  # resources, and times all of them


class Seen(NamedTuple):
    """One judged resource. Nobody asks where its findings stand."""

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
        with on_disk():
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
        if self.affected(edits) is not None:
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
                self._seen = {where: Seen(where, subject, _judged(subject)) for where, subject in found}
        self.spent += len(self._seen)

    def edited(self, edits: Tuple[TextEdit, ...]) -> Dict[str, str]:
        """The whole text of each file that is edited, with its byte order mark."""
        found: Dict[str, str] = {}
        for file in dict.fromkeys(edit.span.file for edit in edits):
            mark = MARK if (self.original(file) or "").startswith(MARK) else ""
            found[file] = mark + applied(self.text(file) or "", [one for one in edits if one.span.file == file])
        return found

    def after(self, edits: Tuple[TextEdit, ...]) -> Edited:
        """The tree as it would be judged with these edits made."""
        return Edited(self, {**self.texts, **self.edited(edits)}, self.affected(edits))

    def affected(self, edits: Tuple[TextEdit, ...]) -> Optional[FrozenSet[str]]:
        """The parts that read an edited file: root modules, and "" for all else; None where that may be any.

        What a root module reads depends on the module calls; where an edit changes one, all is read again.
        """
        edited = self.edited(edits)
        if not Path(self.path).is_dir():
            return None
        others = set()
        for file, text in edited.items():
            if not file.endswith(SYNTAXES):
                others.add("")
            elif list(local_sources(self.text(file) or "")) != list(local_sources(text)):
                return None
        real = {os.path.realpath(file) for file in edited}
        return frozenset({root for root, read in self._read_by.items() if read & real} | others)

    def read_one(self, where: Where) -> Optional[Judged]:
        """What there is to judge of one block of Terraform's code, by itself; None where that is not possible."""
        if not where[2] or self._callers is None or not Path(self.path).is_dir():
            return None
        found = scan_one(self.path, where[2], where[1], self._callers)
        return next((one.subject for one in found if one.file == where[0]), None)

    def read_again(self, parts: Optional[FrozenSet[str]]) -> Iterator[Tuple[Where, Judged]]:
        """What there is to judge in some parts, in all of them for None, one after the other."""
        roots: Iterable[CodeRoot] = ()
        if parts is None:
            roots = scan_code(self.path)
        elif self._callers is not None:
            roots = scan_roots(self.path, sorted(parts - {""}), self._callers)
        return _placed(roots, scan_others(self.path) if parts is None or "" in parts else ())


class Edited:
    """A tree with some edits made. Of the parts that they touch, only as much is read again as somebody asks about."""

    def __init__(self, tree: Tree, texts: Mapping[str, str], parts: Optional[FrozenSet[str]]) -> None:
        self._tree, self._texts, self._parts = tree, texts, parts
        self._unread = tree.read_again(parts)
        self._read: Dict[Where, Judged] = {}

    def result(self, where: Where, rule: str) -> str:
        """What one rule says of one resource, "" where it says nothing."""
        if where not in self._read and self._parts is not None:
            self._read_one(where)
        while where not in self._read and self._read_on():
            pass
        finding = _judged(self._read[where], (BY_ID[rule],)).get(rule) if where in self._read else None
        return "" if finding is None else finding.result

    @property
    def seen(self) -> Mapping[Where, Seen]:
        """All that is judged in the tree."""
        while self._read_on():
            pass
        parts = self._parts
        kept = {where: one for where, one in self._tree.seen.items() if parts is not None and where[2] not in parts}
        return {**kept, **{where: self._seen(where, subject) for where, subject in self._read.items()}}

    def _seen(self, where: Where, subject: Judged) -> Seen:
        """What is as it was before is judged as it was."""
        before = self._tree.seen.get(where)
        same = before is not None and before.subject == subject
        return Seen(where, subject, before.findings if same and before else _judged(subject))

    def _read_one(self, where: Where) -> None:
        with overlaid(self._texts):
            subject = self._tree.read_one(where)
        if subject is not None:
            self._read[where] = subject
            self._tree.spent += 1

    def _read_on(self) -> bool:
        """Read one more; False where there is none."""
        with overlaid(self._texts):
            for where, subject in self._unread:
                self._read[where] = subject
                self._tree.spent += 1
                return True
        return False


def _judged(subject: Judged, rules: Sequence[Rule] = RULES) -> Findings:
    with metered():
        return unlocated(subject, rules)


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
