"""Registers every rule with Checkov for CloudFormation. What a rule means is in `ctkms`; this only carries it over."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Tuple
from weakref import WeakKeyDictionary

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.version import version

from ctkms.cloudtrail.evidence import speaks_of_cloudtrail
from ctkms.cloudtrail.findings import Finding
from ctkms.cloudtrail.rules.catalogue import RULES, Rule
from ctkms.cloudtrail.subjects import Judged, Unjudged, findings_on, unreadable
from ctkms.hosts.checkov_frames import TemplateFile, template_file
from ctkms.hosts.checkov_records import RuleCheck
from ctkms.hosts.checkov_registry import let_speak
from ctkms.hosts.checkov_version import warn_if_too_old
from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.relevance import relevant_files
from ctkms.iac.cloudformation.templates.template import entries
from ctkms.iac.cloudformation.templates.template_text import Unread, read_service, read_template


class Scan:
    """The templates of one Checkov run.

    Checkov renders its templates in place, and then a literal `${AWS::AccountId}` in a string whose
    author forgot `!Sub` looks like one that is substituted. So the text that Checkov keeps of those
    that matter is read again.
    """

    def __init__(self, texts: Mapping[str, str], read: Callable[[str], Any]) -> None:
        parsed = {file: read(texts[file]) for file in relevant_files(texts)}
        self.templates = Templates({file: body for file, body in parsed.items() if isinstance(body, dict)})
        self.unreadable = {file: _why(body) for file, body in parsed.items() if not isinstance(body, dict)}

    def of(self, file: str, type_: str, name: str, configuration: Mapping[str, Any]) -> Mapping[str, Finding]:
        """The findings on a resource."""
        subject = self.subject(file, type_, name, configuration)
        return findings_on(subject)

    def subject(self, file: str, type_: str, name: str, configuration: Mapping[str, Any]) -> Optional[Judged]:
        """What is judged of a resource; what Checkov could read and the pack could not must not pass unseen."""
        if self.templates.declares(file, name):
            return self.templates.subject(file, name)
        if type_ in KEY_PROPERTIES:
            given = entries(entries(configuration).get("Properties")).get(KEY_PROPERTIES[type_])
            path = f"Properties/{KEY_PROPERTIES[type_]}"
            return Unjudged(f"{type_}.{name} cannot be read: {_NOT_THERE}", path) if given else None
        if file not in self.unreadable and not speaks_of_cloudtrail(str(configuration)):
            return None
        return unreadable(f"{type_}.{name}", True, self.unreadable.get(file, _why(None)))


def _why(body: Any) -> str:
    """Why what was read is no template."""
    return body.why if isinstance(body, Unread) else "its template is not in the text of the file"


_NOT_THERE = "its template is not in the text of the file"


_TYPES = KEY_TYPES | frozenset(KEY_PROPERTIES)
_SCANS: WeakKeyDictionary[Any, Tuple[Any, Scan]] = WeakKeyDictionary()  # by runner, with the texts it was made from


class CloudFormationRule(RuleCheck, BaseResourceCheck):
    """One rule, as a Checkov check on keys, and on the trails and event data stores whose keys may be out of sight."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_resources=_TYPES,
            guideline=rule.guideline,
        )
        self.severity = Severities[rule.severity]  # type: ignore[assignment]

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        at = template_file()
        return _scan(at).of(at.file, type_, name, configuration)

    def result_of(self, name: str) -> CheckResult:
        return CheckResult[name]

    def scan_resource_conf(self, conf: Dict[str, Any]) -> CheckResult:
        raise NotImplementedError("RuleCheck.run does not come here")


def _scan(at: TemplateFile) -> Scan:
    texts, scan = _SCANS.get(at.runner, (None, None))
    if scan is None or texts is not at.texts:
        joined = {path: "".join(line for _, line in lines) for path, lines in at.texts.items()}
        scan = Scan(joined, read_service if at.is_service else read_template)
        _SCANS[at.runner] = (at.texts, scan)
    return scan


warn_if_too_old(version)
checks = [CloudFormationRule(rule) for rule in RULES]
let_speak(cfn_registry.checks, _TYPES)
