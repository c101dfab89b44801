"""Registers every rule with Checkov for CloudFormation. What a rule means is in `ctkms`; this only carries it over."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Tuple
from weakref import WeakKeyDictionary

import yaml
from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult

from ctkms.cloudtrail.judge import Finding, judge
from ctkms.cloudtrail.rules import RULES, Rule
from ctkms.iac.cloudformation.keys import Templates
from ctkms.iac.cloudformation.relevance import relevant_files
from ctkms.iac.cloudformation.resources import KEY_TYPES
from ctkms.records import RuleCheck, variables_of_caller


class UnreadableError(Exception):
    """Checkov could read a template that could not be read here: its keys must not pass unseen."""


class Scan:
    """The templates of one Checkov run, and the findings so far: the rules share them.

    Checkov renders its templates in place, and then a literal `${AWS::AccountId}` in a string whose
    author forgot `!Sub` looks like one that is substituted. So the ones that matter are read again,
    from the text that Checkov keeps.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        parsed = {file: read_template(texts[file]) for file in relevant_files(texts)}
        self.templates = Templates({file: body for file, body in parsed.items() if isinstance(body, dict)})
        self.unreadable = {file for file, body in parsed.items() if not isinstance(body, dict)}
        self.findings: Dict[Tuple[str, str], Mapping[str, Finding]] = {}

    def of(self, file: str, name: str) -> Mapping[str, Finding]:
        """The findings on a resource."""
        if file in self.unreadable:
            raise UnreadableError(f"{file} is no template to the pack")
        if (file, name) not in self.findings:
            subject = self.templates.subject(file, name)
            found = judge(subject.worlds, subject.declares_key, subject.holds_policy) if subject else {}
            self.findings[file, name] = found
        return self.findings[file, name]


_SCANS: WeakKeyDictionary[Any, Tuple[Any, Scan]] = WeakKeyDictionary()  # by runner, with the texts it was made from


class CloudFormationRule(RuleCheck, BaseResourceCheck):
    """One rule, as a Checkov check on the resources that are keys."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.LOGGING],
            supported_resources=KEY_TYPES,
            guideline=rule.guideline,
        )
        self.severity = Severities[rule.severity]  # type: ignore[assignment]

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        frame = variables_of_caller("check_definitions")
        if frame is None:
            return {}
        runner = frame["self"]
        texts, scan = _SCANS.get(runner, (None, None))
        if scan is None or texts is not runner.definitions_raw:
            texts = runner.definitions_raw
            scan = Scan({path: "".join(line for _, line in lines) for path, lines in texts.items()})
            _SCANS[runner] = (texts, scan)
        return scan.of(frame["file_abs_path"], name)

    def result_of(self, name: str) -> CheckResult:
        return CheckResult[name]

    def scan_resource_conf(self, conf: Dict[str, Any]) -> CheckResult:
        raise NotImplementedError("RuleCheck.run does not come here")


class TemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short forms: `!Sub x` is `{"Fn::Sub": x}`."""


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> Dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", _short_form)


def read_template(text: str) -> Any:
    """The template that a text holds, not rendered; None when it is none."""
    try:
        return json.loads(text)
    except ValueError:  # YAML, or JSON with a comma too many, which Checkov takes
        pass
    except RecursionError:
        return None
    try:
        return yaml.load(text, TemplateLoader)  # noqa: S506
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


checks = [CloudFormationRule(rule) for rule in RULES]
