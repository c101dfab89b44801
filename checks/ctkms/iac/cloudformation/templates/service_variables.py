"""What the variables of a service of the Serverless Framework stand for, as far as its files say.

The framework puts values in place of its variables before CloudFormation sees the template. What nobody gives on the
command line is what the file falls back to, as a parameter has its default. What the environment, the account or a
program says is open, also where there is something to fall back to: it may well be there when the service is deployed.
https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence, Tuple, Union

from ctkms.iac.cloudformation.templates.service_syntax import Literal, Source, Variable, pieces

MAX_DEPTH = 40  # of variables within variables and of lists within lists
MAX_SIZE = 100_000  # of the result; variables that double each other would exhaust the machine
MAX_VARIABLES = 5_000  # in one text
_VARIABLE = 5  # what one counts for, wherever it stands


@dataclass(frozen=True)
class Open:
    """A value that the files do not say: that of the variable of this name."""

    name: str

    def reference(self) -> Dict[str, str]:
        """The same in a template: a reference to something that it does not declare."""
        return {"Ref": self.name}


class _Missing:
    """There is no value, so that the next source is asked."""


MISSING = _Missing()
_OPEN = Open("")  # what a source says; the variable gives it a name
_PSEUDO = {"accountId": "AWS::AccountId", "region": "AWS::Region"}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INDEX = re.compile("[0-9]{1,15}")
_THIRD = re.compile(r"[~^=v]?\s*[23](?:\.[\dx*]+)*")  # the releases that know `\${...}`


class Variables:
    """The variables of a service; each is worked out once, and one that leads back to itself stays open.

    `load` gives the content of a file that the service names: data, or text; MISSING where it is not to be had.
    """

    def __init__(self, service: Mapping[str, object], load: Callable[[str], object]) -> None:
        self._service = service
        self._load = load
        self._known: Dict[str, Tuple[object, int]] = {}  # with the size of each value
        self._size = 0
        self._depth = 0
        self._cuts = 0
        self._escapes = _THIRD.fullmatch(str(service.get("frameworkVersion", ""))) is not None

    def put_into(self, value: object) -> object:
        """The value with every variable in it replaced."""
        found = self._put(value)
        return found.reference() if isinstance(found, Open) else found

    def _put(self, value: object) -> object:
        self._size += 1 + (len(value) // 100 if isinstance(value, str) else 0)
        if self._depth > MAX_DEPTH:
            return self._cut("nested too deeply")
        self._depth += 1
        try:
            if isinstance(value, Mapping):
                return {name: self._member(name, item) for name, item in value.items()}
            if isinstance(value, list):
                return [self.put_into(item) for item in value]
            return self._text(value) if isinstance(value, str) else value
        finally:
            self._depth -= 1

    # Texts

    def _text(self, text: str) -> object:
        if text.count("${") > MAX_VARIABLES:
            return self._cut("too many variables")
        parts = self._parts(text)
        if len(parts) == 1 and not isinstance(parts[0], Variable):
            return parts[0]
        if len(parts) == 1 and isinstance(parts[0], Variable):
            return self._value(parts[0])
        texts = [one if isinstance(one, str) else self._within_text(one) for one in parts]
        known = [one for one in texts if isinstance(one, str)]
        if len(known) < len(texts):
            return {"Fn::Join": ["", [one.reference() if isinstance(one, Open) else one for one in texts]]}
        self._size += sum(map(len, known)) // 100
        return "".join(known) if self._size <= MAX_SIZE else self._cut("too large to work out")

    def _cut(self, why: str) -> Open:
        self._cuts += 1  # a number of its own: nobody knows that two of them are alike
        return Open(f"self: {why} ({self._cuts})")

    def _parts(self, text: str) -> List[Union[str, Variable]]:
        """The parts of a text; what is escaped is plain, in a release that certainly knows that."""
        found: List[Union[str, Variable]] = []
        for piece in pieces(text):
            before = found[-1] if found and isinstance(found[-1], str) else ""
            escaped = isinstance(piece, Variable) and piece.after == "\\" and not before.endswith("\\\\")
            if isinstance(piece, Variable) and escaped and self._escapes and "${" not in piece.name:
                found[-1] = before[:-1] + piece.text
            elif isinstance(piece, str) and isinstance(before, str) and before:
                found[-1] = before + piece
            else:
                found.append(piece)
        return found or [""]

    def _within_text(self, variable: Variable) -> object:
        """The value as a part of a text: a text, an expression of CloudFormation's, or open."""
        value = self._value(variable)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (str, int)):
            return str(value)
        return value if isinstance(value, Open) or _is_expression(value) else Open(variable.name)

    def _member(self, name: object, value: object) -> object:
        if name != "Fn::Sub":
            return self.put_into(value)
        # A text takes its place in the one for `Fn::Sub`, which reads on in it; anything else gets a name there.
        text, others = (value[0], value[1:]) if isinstance(value, list) and value else (value, [])
        if not isinstance(text, str) or text.count("${") > MAX_VARIABLES:
            return self.put_into(value)
        named = self.put_into(others[0]) if others and isinstance(others[0], Mapping) else None
        given: Dict[str, object] = dict(named) if isinstance(named, Mapping) else {}
        put = "".join(one if isinstance(one, str) else self._within_sub(one, given) for one in self._parts(text))
        self._size += len(put) // 100
        return [put, given] if given else put

    def _within_sub(self, variable: Variable, given: Dict[str, object]) -> str:
        value = self._within_text(variable)
        if isinstance(value, str):
            return value
        expression = value.reference() if isinstance(value, Open) else value
        name = re.sub(r"[${}]", "", variable.name)
        while given.setdefault(name, expression) != expression:
            name += "*"
        return "${" + name + "}"

    # Values

    def _value(self, variable: Variable) -> object:
        self._size += _VARIABLE
        if self._size > MAX_SIZE or variable.after:
            return Open(variable.name)
        if variable.text not in self._known:
            self._known[variable.text] = (Open(variable.name), 1)
            before = self._size
            value = self._work_out(variable)
            self._known[variable.text] = (value, self._size - before)
        else:
            self._size += self._known[variable.text][1]  # it stands once more in the result
        return self._known[variable.text][0]

    def _work_out(self, variable: Variable) -> object:
        if self._depth > MAX_DEPTH:
            return Open(variable.name)
        self._depth += 1
        try:
            for source in variable.sources:
                found = self._literal(source) if isinstance(source, Literal) else self._asked(source)
                if found is not MISSING:
                    return Open(variable.name) if found == _OPEN else found
            return Open(variable.name)
        finally:
            self._depth -= 1

    def _literal(self, literal: Literal) -> object:
        if literal.value is None:
            return _OPEN
        return self._put(literal.value) if isinstance(literal.value, str) else literal.value

    def _asked(self, source: Source) -> object:
        ask = _SOURCES.get(source.type)
        params = "" if source.params is None else self._text(source.params)
        address = self._text(source.address)
        if ask is None or not isinstance(params, str) or not isinstance(address, str):
            return _OPEN
        return ask(self, params.strip(), address.strip())

    def _walked(self, value: object, steps: Sequence[str]) -> object:
        """What is found step by step, with its variables replaced."""
        for step in steps:
            value = self._text(value) if isinstance(value, str) else value
            if isinstance(value, Mapping):
                value = value.get(step, MISSING) if step in value else value.get(_key(step), MISSING)
            elif isinstance(value, list) and _INDEX.fullmatch(step):
                value = value[int(step)] if int(step) < len(value) else MISSING
            elif value is None:
                return MISSING
            else:
                return _OPEN  # what JavaScript finds there
            if value is MISSING:
                return MISSING
        return MISSING if value is None else self._put(value)

    # Sources

    def _self(self, params: str, address: str) -> object:
        return self._walked(self._service, address.split(".")) if address else _OPEN

    def _option(self, params: str, address: str) -> object:
        return MISSING if address else _OPEN

    def _framework(self, params: str, address: str) -> object:
        return self._stage() if address == "stage" else _OPEN

    def _stage(self) -> object:
        provider = self._service.get("provider")
        found = self._walked(provider, ["stage"]) if isinstance(provider, Mapping) else MISSING
        if found is MISSING or found == "":
            return "dev"
        return found if isinstance(found, (str, Open)) else _OPEN

    def _parameter(self, params: str, address: str) -> object:
        """What a stage sets comes before what all stages have."""
        stage = self._stage()
        sections = [(self._section("stages"), ["params", address]), (self._section("params"), [address])]
        if any(isinstance(stages, Open) for stages, _ in sections):
            return _OPEN
        known = isinstance(stage, str)
        for name in (*([stage] if known else _other_stages([stages for stages, _ in sections])), "default"):
            for stages, rest in sections:
                found = self._walked(stages, [name, *rest])
                if found is not MISSING:
                    return found if known or name == "default" else _OPEN
        return MISSING

    def _section(self, name: str) -> object:
        given = self._service.get(name)
        return self._text(given) if isinstance(given, str) else given

    def _account(self, params: str, address: str) -> object:
        stages = self._section("stages")
        given = stages.values() if isinstance(stages, Mapping) else ()
        # Somebody may have called another account so; what is a text here is a variable that may stand for anything.
        named = isinstance(stages, Open) or any(map(_may_name_aws, given))
        return {"Ref": _PSEUDO[address]} if address in _PSEUDO and not named else _OPEN

    def _file(self, params: str, address: str) -> object:
        content = self._load(params)
        if content is MISSING or not (isinstance(content, (Mapping, list, str)) or content is None):
            return _OPEN
        return self._walked(content, address.split(".") if address else [])

    def _boolean(self, params: str, address: str) -> object:
        return _BOOLEANS.get((params or address).lower(), _OPEN)


_SOURCES: Mapping[str, Callable[[Variables, str, str], object]] = {
    "self": Variables._self,
    "opt": Variables._option,
    "sls": Variables._framework,
    "param": Variables._parameter,
    "aws": Variables._account,
    "file": Variables._file,
    "strToBool": Variables._boolean,
}


def _is_expression(value: object) -> bool:
    """Whether CloudFormation makes a text of it."""
    return isinstance(value, Mapping) and len(value) == 1 and all(name in ("Ref", "Fn::Join") for name in value)


def _key(step: str) -> object:
    """The key that a step means where it is no text: JavaScript has none but texts."""
    return int(step) if _INDEX.fullmatch(step) else {"true": True, "false": False}.get(step, MISSING)


def _at(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _may_name_aws(stage: object) -> bool:
    """Whether a stage may have a resolver of the name that is else the account of the deployment."""
    resolvers = stage if isinstance(stage, str) else _at(stage, "resolvers")
    return isinstance(resolvers, str) or (isinstance(resolvers, (Mapping, list)) and "aws" in resolvers)


def _other_stages(sections: Sequence[object]) -> List[str]:
    return [str(name) for one in sections if isinstance(one, Mapping) for name in one if name != "default"]
