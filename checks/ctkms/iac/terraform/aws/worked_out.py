"""Data sources, and resources, that ask nobody: they give what they are given in another form."""

from __future__ import annotations

from typing import Dict, Mapping

from ctkms.iac.terraform.aws.declared import Declared, Formula, as_text, open_attribute
from ctkms.iac.terraform.aws.policy_document import policy_of
from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.function_calls import TemplateScope
from ctkms.iac.terraform.evaluation.open_names import open_value
from ctkms.iac.terraform.evaluation.paths import from_working_folder
from ctkms.iac.terraform.evaluation.values import Json, Layout, Value
from ctkms.iac.terraform.syntax.hcl_parser import parse_template
from ctkms.unknowns.text import Hole, Kind, holes_in, split


def _policy_json(layout: Layout) -> Formula:
    def rendered(declared: Declared) -> Value:
        policy = policy_of(declared.body, declared.scope)
        return policy if isinstance(policy, Hole) else Json(policy, layout)

    return rendered


def _rendered(declared: Declared) -> Value:
    template = declared.argument("template")
    if not isinstance(template, str):
        return open_value(f"{declared.address}.rendered", [template])
    return evaluate(parse_template(template), TemplateScope(declared.scope, declared.argument("vars") or {}))


def _file_content(declared: Declared) -> Value:
    path = declared.argument("filename")
    where = from_working_folder(path)
    content = None if where is None else declared.scope.read_file(where)
    return open_value(f"{declared.address}.content", [path]) if content is None else content


_ARN_SECTIONS = ("partition", "service", "region", "account", "resource")  # behind `arn`


def _section(name: str) -> Formula:
    """A section of the ARN that is given; from an open part on that may hold colons, all sections are open."""

    def value(declared: Declared) -> Value:
        open_ = open_attribute(declared, name)
        sections = split(as_text(declared.argument("arn"), open_), ":", len(_ARN_SECTIONS))
        at = 1 + _ARN_SECTIONS.index(name)
        before = [hole for section in sections[: min(at + 1, len(_ARN_SECTIONS))] for hole in holes_in(section)]
        is_arn = len(sections) > len(_ARN_SECTIONS) and sections[0] == "arn"
        return sections[at] if is_arn and all(hole.kind is not Kind.ANY for hole in before) else open_

    return value


def _output(declared: Declared) -> Value:
    """What comes out of a `terraform_data` is what goes in, unless changes of that are ignored.

    https://developer.hashicorp.com/terraform/language/resources/terraform-data
    """
    ignoring = any("ignore_changes" in block.body.attributes for block in declared.body.blocks_of("lifecycle"))
    return open_attribute(declared, "output") if ignoring else declared.argument("input")


_DOCUMENT: Mapping[str, Formula] = {
    "json": _policy_json(Layout.RENDERED),
    "minified_json": _policy_json(Layout.MINIFIED),
}
WORKED_OUT: Dict[str, Mapping[str, Formula]] = {
    "data.aws_iam_policy_document": _DOCUMENT,
    "data.aws_arn": {name: _section(name) for name in _ARN_SECTIONS},
    "data.template_file": {"rendered": _rendered},
    "data.local_file": {"content": _file_content},
    "terraform_data": {"output": _output},
}
