"""The CloudFormation template within a service of the Serverless Framework.

The framework puts values in place of its own variables before CloudFormation sees the template. Those
of the same file (`${self:custom.trail}`) and the own account and Region are put in here as well; any
other stays open, as a reference to something that the template does not declare.
https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Dict, List, Optional, Tuple

from ctkms.iac.cloudformation.templates.template import entries, scalar

MAX_DEPTH = 40  # of variables within variables and of lists within lists
MAX_SIZE = 100_000  # of the result; variables that double each other would exhaust the machine

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
    return entries(_Variables(fields).put_into(template)) if template else None


class _Variables:
    """The variables of a service; each is worked out once, and one that leads back to itself stays open."""

    def __init__(self, service: Mapping[str, Any]) -> None:
        self._service = service
        self._known: Dict[str, Tuple[Any, int]] = {}  # with the size of each value
        self._size = 0
        self._depth = 0

    def put_into(self, value: Any) -> Any:
        """The value with every variable in it replaced."""
        self._size += 1 + (len(value) // 100 if isinstance(value, str) else 0)
        if self._depth > MAX_DEPTH:
            return {"Ref": "self: nested too deeply"}
        self._depth += 1
        try:
            if isinstance(value, Mapping):
                return {name: self._member(name, item) for name, item in value.items()}
            if isinstance(value, list):
                return [self.put_into(item) for item in value]
            return self._text(value) if isinstance(value, str) else value
        finally:
            self._depth -= 1

    def _member(self, name: Any, value: Any) -> Any:
        if name != "Fn::Sub":
            return self.put_into(value)
        # There a variable stands in the text like a name of CloudFormation's own, and is as open.
        text, others = (value[0], value[1:]) if isinstance(value, list) and value else (value, None)
        if not isinstance(text, str):
            return value
        put = _VARIABLE.sub(lambda found: self._within_sub(found.group(1)), text)
        self._size += len(put) // 100
        return put if others is None else [put, *map(self.put_into, others)]

    def _within_sub(self, variable: str) -> str:
        known = self._value(variable)
        if isinstance(known, Mapping) and isinstance(known.get("Ref"), str):
            return "${" + str(known["Ref"]) + "}"
        return known if isinstance(known, str) else "${" + variable + "}"

    def _text(self, text: str) -> Any:
        whole = _VARIABLE.fullmatch(text)
        if whole is not None:
            return self._value(whole.group(1))
        pieces: List[Any] = []
        position = 0
        for found in _VARIABLE.finditer(text):
            pieces += [text[position : found.start()], self._value(found.group(1))]
            position = found.end()
        pieces.append(text[position:])
        if not all(isinstance(one, str) for one in pieces):
            return {"Fn::Join": ["", pieces]}
        self._size += sum(map(len, pieces)) // 100
        return "".join(pieces) if self._size <= MAX_SIZE else {"Ref": "self: too large to work out"}

    def _value(self, variable: str) -> Any:
        """What a variable stands for: a value of the same file, or a reference to what is not known."""
        address = variable.split(",")[0].strip()
        if address in _PSEUDO:
            return {"Ref": _PSEUDO[address]}
        if self._size > MAX_SIZE:
            return {"Ref": variable}
        if address not in self._known:
            self._known[address] = ({"Ref": variable}, 1)
            before = self._size
            value = self._work_out(address, variable)
            self._known[address] = (value, self._size - before)
        else:
            self._size += self._known[address][1]  # it stands once more in the result
        return self._known[address][0]

    def _work_out(self, address: str, variable: str) -> Any:
        found: Any = self._service if address.startswith("self:") else None
        for step in address[len("self:") :].split("."):
            found = entries(found).get(step)
        if found is None:
            return {"Ref": variable}
        return self.put_into(found if isinstance(found, (Mapping, list)) else str(scalar(found)))
