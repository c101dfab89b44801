"""The CloudFormation template within a service of the Serverless Framework.

The framework puts values in place of its own variables before CloudFormation sees the template. Those
of the same file (`${self:custom.trail}`) and the own account and Region are put in here as well; any
other stays open, as a reference to something that the template does not declare.
https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional

from ctkms.iac.cloudformation.template import entries, scalar

MAX_DEPTH = 40  # of variables within variables and of lists within lists

# `${AWS::AccountId}` is none: that one is for `Fn::Sub`.
_VARIABLE = re.compile(r"\$\{((?:self|opt|env|ssm|cf|s3|aws|sls|param|output|file\(|git|strToBool\()[^{}]*)\}")
_PSEUDO = {"aws:accountId": "AWS::AccountId", "aws:region": "AWS::Region"}
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


def service_template(service: Any) -> Optional[Dict[str, Any]]:
    """The template of a service; None when it has no resources."""
    fields = entries(service)
    given = fields.get("resources")
    template: Dict[str, Dict[str, Any]] = {}
    for one in given if isinstance(given, list) else [given]:
        for section, content in entries(one).items():
            if section in _SECTIONS:
                template.setdefault(section, {}).update(entries(content))
    return entries(_resolved(template, fields, 0)) if template else None


def _resolved(value: Any, service: Mapping[str, Any], depth: int) -> Any:
    if depth > MAX_DEPTH:
        return {"Ref": "self: nested too deeply"}
    if isinstance(value, Mapping):
        return {name: _member(name, item, service, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, service, depth + 1) for item in value]
    return _text(value, service, depth + 1) if isinstance(value, str) else value


def _member(name: Any, value: Any, service: Mapping[str, Any], depth: int) -> Any:
    if name != "Fn::Sub":
        return _resolved(value, service, depth)
    # There a variable stands in the text like a name of CloudFormation's own, and is as open.
    text, others = (value[0], value[1:]) if isinstance(value, list) and value else (value, None)
    if not isinstance(text, str):
        return value
    put = _VARIABLE.sub(lambda found: _within_sub(found.group(1), service, depth), text)
    return put if others is None else [put, *(_resolved(one, service, depth) for one in others)]


def _within_sub(variable: str, service: Mapping[str, Any], depth: int) -> str:
    known = _value(variable, service, depth)
    if isinstance(known, Mapping) and isinstance(known.get("Ref"), str):
        return "${" + str(known["Ref"]) + "}"
    return known if isinstance(known, str) else "${" + variable + "}"


def _text(text: str, service: Mapping[str, Any], depth: int) -> Any:
    whole = _VARIABLE.fullmatch(text)
    if whole is not None:
        return _value(whole.group(1), service, depth)
    pieces: List[Any] = []
    position = 0
    for found in _VARIABLE.finditer(text):
        pieces += [text[position : found.start()], _value(found.group(1), service, depth)]
        position = found.end()
    pieces.append(text[position:])
    return "".join(pieces) if all(isinstance(one, str) for one in pieces) else {"Fn::Join": ["", pieces]}


def _value(variable: str, service: Mapping[str, Any], depth: int) -> Any:
    """What a variable stands for: a value of the same file, or a reference to what is not known."""
    address = variable.split(",")[0].strip()
    if address in _PSEUDO:
        return {"Ref": _PSEUDO[address]}
    found: Any = service if address.startswith("self:") else None
    for step in address[len("self:") :].split("."):
        found = entries(found).get(step)
    if found is None:
        return {"Ref": variable}
    return _resolved(found if isinstance(found, (Mapping, list)) else str(scalar(found)), service, depth)
