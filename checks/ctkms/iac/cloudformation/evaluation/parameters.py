"""What the declaration of a parameter says about its value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, Mapping, Sequence, Tuple, Union

from ctkms.iac.cloudformation.aws.return_values import STACK_SET_TYPE
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, kind_of, literal, text_of
from ctkms.iac.cloudformation.templates.template import Resource, entries, scalar
from ctkms.unknowns.text import Hole, Kind, Text, split

_STORED = "AWS::SSM::Parameter::Value<"  # the type within is that of what Parameter Store holds
_LIST_TYPE = re.compile(rf"(?:{_STORED})?(?:CommaDelimitedList|List<)")
_ACCOUNT_PATTERN = re.compile(r"\^?\(?(\\d|\[0-9\]|\[\\d\])\{12\}\)?\$?")


def handed_to(stack: Resource) -> Mapping[str, object]:
    """What a resource hands to the template that it nests, as expressions by the name of the parameter."""
    handed = stack.properties.get("Parameters")
    if stack.type != STACK_SET_TYPE:
        return entries(handed)
    found = dict(_pairs(handed))
    for group in _list(stack.properties.get("StackInstancesGroup")):
        for name, _ in _pairs(entries(group).get("ParameterOverrides")):
            found[name] = {"Fn::ParameterOverrides": name}  # no function: the value is open
    return found


def _pairs(listed: object) -> Iterator[Tuple[str, object]]:
    for one in _list(listed):
        fields = entries(one)
        name = fields.get("ParameterKey")
        if isinstance(name, str) and "ParameterValue" in fields:
            yield name, fields["ParameterValue"]


def given(declared: object, value: object) -> object:
    """A value handed to the parameter, as its type takes it."""
    text = text_of(value)
    if text is None:
        return value
    return _items(text) if _is_list(entries(declared)) else text


def is_stored(declared: object) -> bool:
    """Whether what is given for the parameter is the name of an entry in Parameter Store, which holds the value."""
    return _type(entries(declared)).startswith(_STORED)


def entry_name(declared: object, handed: object) -> object:
    """The name of that entry: what is handed over, or the default."""
    return _plain(entries(declared).get("Default")) if handed is NO_VALUE else handed


def unset(declared: object, source: str) -> object:
    """The value when nobody hands one over: the default, or a hole called `source`."""
    fields = entries(declared)
    if is_stored(fields):
        return Hole(source)
    default = fields.get("Default")
    if default is not None:
        return given(declared, _plain(default))
    allowed = [text_of(_plain(value)) for value in _list(fields.get("AllowedValues"))]
    if len(allowed) == 1 and allowed[0] is not None:
        return given(declared, allowed[0])
    if _is_list(fields):
        return Hole(source)
    return Hole(source, _kind(fields, allowed))


def allowed(declared: object) -> Tuple[str, ...]:
    """The only values that a string may have; () where the declaration does not list them."""
    fields = entries(declared)
    values = [_plain(value) for value in _list(fields.get("AllowedValues"))]
    spelled = tuple(text for text in map(text_of, values) if isinstance(text, str))
    return spelled if _type(fields) == "String" and len(spelled) == len(values) else ()


def _kind(fields: Dict[str, object], allowed: Sequence[object]) -> Kind:
    if allowed:
        return kind_of(allowed)
    pattern = fields.get("AllowedPattern")
    return Kind.ACCOUNT if isinstance(pattern, str) and _ACCOUNT_PATTERN.fullmatch(pattern) else Kind.ANY


def _type(fields: Dict[str, object]) -> str:
    declared = fields.get("Type")
    return declared if isinstance(declared, str) else ""


def _is_list(fields: Dict[str, object]) -> bool:
    return _LIST_TYPE.match(_type(fields)) is not None


def _items(text: Text) -> Union[List[object], Text]:
    """The items of a list in one string. A hole of any kind may hold a comma, hence more items."""
    if isinstance(text, Hole) and text.kind is Kind.ANY:
        return text
    return [item.strip() if isinstance(item, str) else item for item in split(text, ",")]


def _plain(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value if not isinstance(item, (list, tuple, dict))]
    value = scalar(value)
    return literal(value) if isinstance(value, str) else value


def _list(value: object) -> List[object]:
    return list(value) if isinstance(value, (list, tuple)) else []
