"""A tree of code as the rules see it, also with some of its files edited; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.findings import FAILED, PASSED, Finding
from ctkms.cloudtrail.subjects import Judged
from ctkms.iac.scan import judge, scan
from ctkms.iac.terraform.modules.files import Files, overlaid
from ctkms.iac.terraform.modules.module import SYNTAXES
from ctkms.repair.file_text import TextEdit, applied

Where = Tuple[str, str, int]  # the file, the address, and which of several of that name
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
            with overlaid(self.texts):
                self._seen = {one.where: one for one in self._read()}
        return self._seen

    def edited(self, edits: Tuple[TextEdit, ...]) -> Dict[str, str]:
        """The whole text of each file that is edited, with its byte order mark."""
        found: Dict[str, str] = {}
        for file in dict.fromkeys(edit.span.file for edit in edits):
            mark = MARK if (self.original(file) or "").startswith(MARK) else ""
            found[file] = mark + applied(self.text(file) or "", [one for one in edits if one.span.file == file])
        return found

    def subject_after(self, edits: Tuple[TextEdit, ...], where: Where) -> Optional[Seen]:
        """One resource as it would be judged after the edits, before all others are looked at."""
        with overlaid({**self.texts, **self.edited(edits)}):
            return next((one for one in self._read(where) if one.where == where), None)

    def after(self, edits: Tuple[TextEdit, ...]) -> Mapping[Where, Seen]:
        """Everything, read and judged again with the edited texts."""
        with overlaid({**self.texts, **self.edited(edits)}):
            return {one.where: one for one in self._read()}

    def _read(self, only: Optional[Where] = None) -> Iterator[Seen]:
        count: Dict[Tuple[str, str], int] = {}
        for scanned in scan(self.path):
            self.spent += 1
            name = (scanned.file, scanned.address)
            count[name] = count.get(name, 0) + 1
            where = (*name, count[name])
            if only is None or where == only:
                yield Seen(where, scanned.subject, judge(scanned.subject))


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
