"""Every key, trail and event data store in code, templates and plans, and what the rules say of it; without Checkov.

`scan` finds them below a folder or in one file. A host that is told of one resource after the other asks
`TerraformScan` and `TemplateScan` instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Iterator, NamedTuple, Optional, Sequence, Tuple

from ctkms.budgets import metered
from ctkms.cloudtrail.evidence import speaks_of_cloudtrail
from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged, findings_on, unreadable
from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES, STACK_SET_TYPE
from ctkms.iac.cloudformation.locations.finding_locator import FindingLocator
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.cdk_assembly import Assembly
from ctkms.iac.cloudformation.templates.relevance import relevant_files
from ctkms.iac.cloudformation.templates.service_text import read_service, with_named_files
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.iac.cloudformation.templates.template_text import Unread, read_template
from ctkms.iac.terraform.code_scan import Call, Fetched, Tree
from ctkms.iac.terraform.modules.files import Files, joined, recorded
from ctkms.iac.terraform.modules.module import JSON, SYNTAXES
from ctkms.iac.terraform.modules.module_callers import Callers
from ctkms.iac.terraform.plan.plan_file import read_plan
from ctkms.iac.terraform.plan.plan_scan import PlanTree
from ctkms.iac.terraform.subjects.subjects import RESOURCE_TYPES

TEMPLATE_TYPES = KEY_TYPES | frozenset((*KEY_PROPERTIES, STACK_SET_TYPE))
TERRAFORM_TYPES = RESOURCE_TYPES

_INSTANCE = re.compile(r"\[[^\]]*\]")
_SERVICES = ("serverless.yml", "serverless.yaml")
_TEMPLATES = (".yaml", ".yml", ".json", ".template")
_NOT_THERE = "its template is not in the text of the file"


class Scanned(NamedTuple):
    """A resource of which there is something to say."""

    file: str
    address: str  # with the names of the module calls, and without indexes
    subject: Judged


class CodeRoot(NamedTuple):
    """A root module of Terraform, what is judged in it and in the modules that it calls, and the files that it read."""

    root: str
    found: Tuple[Scanned, ...]
    read: FrozenSet[str]
    callers: Callers


def scan(path: str) -> Iterator[Scanned]:
    """What is below a folder, or in one file, file by file. What cannot be read is left out; nothing is raised."""
    for part in scan_code(path):
        yield from part.found
    yield from scan_others(path)


def scan_code(path: str) -> Iterator[CodeRoot]:
    """The Terraform code by its root modules."""
    files = [file for file in _files_below(path) if file.endswith(SYNTAXES)]
    folder = path if Path(path).is_dir() else None
    terraform = TerraformScan(folder)
    for root in dict.fromkeys(str(Path(file).parent) for file in files):
        yield _root(terraform, root, files if folder is None else None)


def scan_roots(folder: str, roots: Iterable[str], callers: Callers) -> Iterator[CodeRoot]:
    """Some root modules below a folder once more, by the module calls as they were."""
    terraform = TerraformScan(folder, callers=callers)
    yield from (_root(terraform, root, None) for root in roots)


def scan_one(folder: str, root: str, address: str, callers: Callers) -> Iterator[Scanned]:
    """One block of a root module below a folder once more, by the module calls as they were."""
    with metered():
        yield from (Scanned(*one) for one in TerraformScan(folder, callers=callers).below(root, address))


def _root(terraform: TerraformScan, root: str, files: Optional[Sequence[str]]) -> CodeRoot:
    with metered(), recorded() as read:
        found = [Scanned(*one) for one in terraform.below(root)]
    wanted = tuple(one for one in found if files is None or one.file in files)
    return CodeRoot(root, wanted, frozenset(read), terraform.callers)


def scan_others(path: str) -> Iterator[Scanned]:
    """Plans and templates."""
    files = list(_files_below(path))
    folder = path if Path(path).is_dir() else None
    reader = Files((folder or str(Path(path).parent),))
    texts: Dict[str, str] = {}
    services: Dict[str, str] = {}
    for file in (one for one in files if one.endswith(_TEMPLATES) and not one.endswith(JSON)):
        text = reader.read_once(file) or ""
        if file.endswith(".json") and speaks_of_cloudtrail(text) and read_plan(text) is not None:
            yield from _in_plan(file)
        else:
            (services if Path(file).name in _SERVICES else texts)[file] = text
    yield from _in_templates(TemplateScan(texts))
    yield from _in_templates(ServiceScan(services, folder))


def without_instances(address: str) -> str:
    """The address of a block or a module call, by that of one of its instances."""
    return _INSTANCE.sub("", address)


def judge(subject: Optional[Judged]) -> Mapping[str, Finding]:
    """The findings on what a scan gives, by rule id."""
    with metered():
        return findings_on(subject)


class TerraformScan:
    """Terraform code below a folder, and plans.

    `fetched` are modules that the host has fetched, by root and calls; `handed_over` is how the files end that it
    hands over. `code_of_plans` is a folder with the code that plans were made of.
    """

    def __init__(
        self,
        root_folder: Optional[str],
        fetched: Optional[Mapping[str, Fetched]] = None,
        handed_over: Tuple[str, ...] = SYNTAXES,
        code_of_plans: Optional[str] = None,
        callers: Optional[Callers] = None,
    ) -> None:
        self._tree = Tree(root_folder, fetched, handed_over, callers)
        self._code_of_plans = code_of_plans
        self._plans: Dict[str, PlanTree] = {}

    def in_code(self, file: str, callers: Sequence[Call], address: str) -> Optional[Judged]:
        """What is judged of a resource of code; `callers` are the module calls that lead to its file."""
        return self._tree.subject(file, callers, address)

    @property
    def callers(self) -> Callers:
        """The module calls of the code."""
        return self._tree.callers

    def below(self, root: str, only: str = "") -> Iterator[Tuple[str, str, Judged]]:
        """The file, the address and the subject of all, or one, that is judged in a root module and what it calls."""
        return self._tree.below(root, only)

    def in_plan(self, file: str, type_: str, address: str) -> Optional[Judged]:
        """What is judged of a resource of a plan."""
        return self.plan(file).subject(type_, address)

    def plan(self, file: str) -> PlanTree:
        """The plan in a file; read once."""
        if file not in self._plans:
            self._plans[file] = PlanTree(file, self._code_of_plans)
        return self._plans[file]


class TemplateScan:
    """The templates of one scan, by the texts of their files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        parsed = {file: self._body(file, texts[file]) for file in sorted(relevant_files(self._spoken(texts)))}
        self._read = {file: body for file, body in parsed.items() if isinstance(body, dict)}
        self._templates = Templates(self._read, Assembly(_beside))
        self._texts = texts
        self._unreadable = {file: _why(body) for file, body in parsed.items() if not isinstance(body, dict)}

    def subject(
        self, file: str, type_: str, name: str, configuration: Optional[Mapping[str, object]] = None
    ) -> Optional[Judged]:
        """What is judged of a resource, with a way to find out where the findings on it stand.

        What the host could read (`configuration`) and the pack could not must not pass unseen.
        """
        subject = self._subject(file, type_, name, configuration)
        if subject is None or file not in self._texts:
            return subject
        keys = subject.scenarios if isinstance(subject, Subject) and not subject.path else ()
        policy_path = keys[0].policy_path if keys else ""
        holds = partial(self._templates.holds, file)
        return replace(subject, locate=FindingLocator(file, self._texts[file], name, policy_path, holds).locate)

    def _subject(
        self, file: str, type_: str, name: str, configuration: Optional[Mapping[str, object]]
    ) -> Optional[Judged]:
        if self._templates.declares(file, name):
            return self._templates.subject(file, name)
        if type_ in KEY_PROPERTIES:
            given = entries(entries(configuration).get("Properties")).get(KEY_PROPERTIES[type_])
            path = f"Properties/{KEY_PROPERTIES[type_]}"
            return Unjudged(f"{type_}.{name} cannot be read: {_NOT_THERE}", path) if given else None
        if file not in self._unreadable and not speaks_of_cloudtrail(str(configuration)):
            return None
        return unreadable(f"{type_}.{name}", True, self._unreadable.get(file, _why(None)))

    def _body(self, file: str, text: str) -> object:
        return read_template(text)

    def _spoken(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        """All that each template may say."""
        return texts

    def declared(self) -> Iterator[Tuple[str, str, str]]:
        """The file, the type and the name of each resource that may be judged."""
        for file in self._read:
            yield from ((file, type_, name) for type_, name in self._templates.declared(file, TEMPLATE_TYPES))


class ServiceScan(TemplateScan):
    """The services of the Serverless Framework; each may name files below the folder of the scan, or else its own."""

    def __init__(self, texts: Mapping[str, str], root_folder: Optional[str]) -> None:
        folders = [str(Path(file).parent) for file in texts] if root_folder is None else [root_folder]
        self._files = Files(tuple(dict.fromkeys(folders)))
        super().__init__(texts)

    def _body(self, file: str, text: str) -> object:
        return read_service(text, file, self._files.read)

    def _spoken(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        return with_named_files(texts, self._files.read)


def _beside(folder: str, name: str) -> Optional[str]:
    """The text of a file that lies in the folder of a template; a link does not lead out of it."""
    return Files((folder,)).read_once(joined(folder, name))


def _why(body: object) -> str:
    """Why what was read is no template."""
    return body.why if isinstance(body, Unread) else _NOT_THERE


def _files_below(path: str) -> Iterator[str]:
    """The file, or all files below the folder but those that tools keep for themselves."""
    if not Path(path).is_dir():
        yield str(Path(path).absolute())
        return
    for folder, below, names in os.walk(Path(path).absolute()):
        below[:] = sorted(one for one in below if not one.startswith(".") and one != "node_modules")
        yield from (str(Path(folder, name)) for name in sorted(names))


def _in_plan(file: str) -> Iterator[Scanned]:
    terraform = TerraformScan(None)
    for type_, address in terraform.plan(file).declared():
        with metered():
            subject = terraform.in_plan(file, type_, address)
        if subject is not None:
            yield Scanned(file, address, subject)


def _in_templates(templates: TemplateScan) -> Iterator[Scanned]:
    for file, type_, name in templates.declared():
        with metered():
            subject = templates.subject(file, type_, name)
        if subject is not None:
            yield Scanned(file, f"{type_}.{name}", subject)
