"""How findings become Checkov's records: the part of a check that needs no Checkov.

Checkov runs one check instance for every resource, on macOS and Windows from several threads, and
reads what the instance says of itself after the check ran. So everything that changes from resource
to resource is kept per thread (`PerThread`).
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from typing import Any, Dict, Mapping, Optional, Tuple

from ctkms.budgets import metered
from ctkms.cloudtrail.findings import SKIPPED, Finding, one_line
from ctkms.cloudtrail.judge import internal_error

NO_RECORD = "UNKNOWN"  # Checkov leaves such a result out of every report

_LOGGER = logging.getLogger("ctkms")


class PerThread:
    """An attribute that has a value of its own in every thread."""

    def __init__(self) -> None:
        self._values = threading.local()

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: Optional[type] = None) -> Any:
        return self._values.__dict__.get(str(id(instance)))

    def __set__(self, instance: object, value: Any) -> None:
        self._values.__dict__[str(id(instance))] = value


class _Latest(threading.local):
    """The resource that a thread's runner is at: Checkov asks every check about one before it goes on to the next."""

    resource: Tuple[str, ...] = ()
    configuration: Any = None
    findings: Mapping[str, Finding] = {}


_LATEST = _Latest()


class _Turn:
    """One resource at a time: what is worked out once is shared, and half worked out it looks like a cycle."""

    def __init__(self) -> None:
        self._renew()
        if hasattr(os, "register_at_fork"):  # whoever held it in the parent is not there in the child
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.lock = threading.RLock()


_TURN = _Turn()


def root_of(path: str, scanned: str) -> str:
    """The folder that Checkov's names of files start from, by the path of one and what Checkov calls it."""
    absolute, here = os.path.abspath(path), os.path.abspath(".")  # noqa: PTH100 - links are followed nowhere else
    if absolute.endswith(scanned):
        return absolute[: -len(scanned)]
    # A file that is named on the command line is called by its path from where Checkov was started, `/../a.tf` too.
    from_here = os.path.abspath(os.path.join(here, scanned.lstrip("/")))  # noqa: PTH100, PTH118
    return here if from_here == absolute else os.path.dirname(absolute)  # noqa: PTH120


def as_scanned(findings: Mapping[str, Finding], root: str) -> Mapping[str, Finding]:
    """The findings with the files of their locations as Checkov calls files: by their path from where it scans."""

    def relative(finding: Finding) -> Finding:
        at, fix = finding.location, finding.fix
        edits = tuple((place._replace(file=_below(root, place.file)), new) for place, new in fix.edits)
        place = None if at is None else at._replace(file=_below(root, at.file))
        return replace(finding, location=place, fix=fix._replace(edits=edits))

    return {rule: relative(finding) for rule, finding in findings.items()}


def _below(root: str, file: str) -> str:
    try:
        return "/" + os.path.relpath(file, root or os.sep).replace(os.sep, "/")
    except ValueError:  # on another drive
        return file


class RuleCheck:
    """What the Terraform and the CloudFormation check of a rule have in common.

    Mix it in before Checkov's base class, and give `findings_of`, which answers with the findings on
    a resource by rule id.
    """

    id: str
    details = PerThread()
    evaluated_keys = PerThread()
    entity_path = PerThread()
    entity_type = PerThread()
    graph = PerThread()
    path = PerThread()

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        """The findings on a resource, by rule id."""
        raise NotImplementedError

    def wants_details(self) -> bool:
        """Whether the console should say the reason. Not with SARIF: Checkov's details make that file invalid."""
        return False

    def result_of(self, name: str) -> Any:
        """Checkov's own value for PASSED, FAILED, SKIPPED or UNKNOWN."""
        raise NotImplementedError

    def run(
        self,
        scanned_file: str,
        entity_configuration: Dict[str, Any],
        entity_name: str,
        entity_type: str,
        skip_info: Any,
    ) -> Dict[str, Any]:
        """Checkov's entry point: the record's content for one resource. A rule with nothing to say leaves none."""
        self.details, self.evaluated_keys = [], []
        self.entity_type = entity_type
        self.entity_path = f"{scanned_file}:{entity_type}:{entity_name}"
        finding = self.findings_on(scanned_file, entity_configuration, entity_name, entity_type).get(self.id)
        if finding is None:
            return {"result": self.result_of(NO_RECORD), "evaluated_keys": []}
        summary, reason = one_line(finding.summary), one_line(finding.reason)
        self.evaluated_keys = [finding.path]
        # Checkov prints the reason of a skipped record anyway, as its suppress comment.
        self.details = [summary, reason] if self.wants_details() and finding.result != SKIPPED else []
        record: Dict[str, Any] = {
            "result": self.result_of(SKIPPED if skip_info else finding.result),
            "evaluated_keys": self.evaluated_keys,
            "ctkms": {
                "summary": summary,
                "reason": reason,
                "statement": finding.statement,
                "requests": finding.requests,
                "controls": finding.controls,
                "location": None if finding.location is None else finding.location._asdict(),
                "fix": finding.fix.plain(),
            },
        }
        if skip_info:
            record["suppress_comment"] = skip_info["suppress_comment"]
        elif finding.result == SKIPPED:
            record["suppress_comment"] = f"{summary} {reason}"
        return record

    def findings_on(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        """`findings_of`, asked once a resource for all rules; an error of the pack is a finding as well."""
        resource = (file, name, type_)
        if _LATEST.configuration is not configuration or _LATEST.resource != resource:
            try:
                with _TURN.lock, metered():
                    findings = self.findings_of(file, configuration, name, type_)
            except Exception as error:
                _LOGGER.error("ctkms failed on %s.%s in %s", type_, name, file, exc_info=True)
                findings = internal_error(error)
            _LATEST.resource, _LATEST.configuration, _LATEST.findings = resource, configuration, findings
        return _LATEST.findings
