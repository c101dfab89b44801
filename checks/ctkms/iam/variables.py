"""Policy variables: `${aws:username}`, with defaults, and the three escapes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Dict, List, Mapping, Optional, Tuple, Union

from ctkms.iam.patterns import ESCAPED
from ctkms.iam.request import ContextValue, Presence
from ctkms.unknowns.text import Hole, Text, join, map_literals, parts_of
from ctkms.unknowns.truth import FALSE, TRUE, Truth


class Unreadable(Enum):
    """A value with something like a variable in it of which AWS does not say what it means."""

    VALUE = "unreadable"


UNREADABLE = Unreadable.VALUE
Reading = Union[Text, Unreadable, None]  # None: a variable has no value, and the text matches nothing

# ${key} and ${key, 'default'}; ${*}, ${?} and ${$} stand for these characters themselves.
_VARIABLE = re.compile(r"\$\{([^{},']*)(?:,\s*'([^']*)'\s*)?\}")
_CHARACTERS = frozenset("*?$")
_NAME = re.compile(r"[\w.:/@+=-]+\Z")  # of a condition key; one that AWS does not know is absent from every request
BEGIN, END = "${", "}"


def speaks_of_variables(value: Text) -> bool:
    """Whether what is known of the value has something like a variable in it."""
    return any(BEGIN in part for part in parts_of(value) if isinstance(part, str))


def variable_names(text: Text) -> Tuple[str, ...]:
    """The condition keys that the variables of a text name, in lower case, once each; no escapes such as `${*}`."""
    found: Dict[str, None] = {}
    for part in parts_of(text):
        if isinstance(part, str) and BEGIN in part:
            names = [variable.group(1) for variable in _VARIABLE.finditer(part)]
            found.update((name.lower(), None) for name in names if _NAME.match(name))
    return tuple(found)


def readings(
    value: Text, context: Mapping[str, ContextValue], has_variables: Truth, wildcards: bool = True
) -> Tuple[Reading, ...]:
    """Every way to read the value: one, unless it is open whether the document's version knows variables."""
    if has_variables is FALSE or (isinstance(value, str) and BEGIN not in value):
        return (value,)
    resolved = resolve(value, context, wildcards)
    return (resolved,) if has_variables is TRUE else (resolved, value)


def resolve(value: Text, context: Mapping[str, ContextValue], wildcards: bool = True) -> Reading:
    """The value with its variables replaced by what the request carries (lower-case keys).

    None when a variable is absent from the request and has no default: then the value matches nothing.
    Wildcard characters that come out of a variable are literal, so they are escaped where the
    value is going to be used as a pattern. A variable that begins in what the code fixes and ends in
    what it leaves open is unreadable, and so is one the other way round.
    """
    parts = parts_of(value)
    if not any(isinstance(part, str) and ("$" in part or END in part) for part in parts):
        return value
    resolved: List[Text] = []
    for index, part in enumerate(parts):
        if isinstance(part, Hole):
            resolved.append(part)
            continue
        position = 0
        for found in _VARIABLE.finditer(part):
            if BEGIN in part[position : found.start()]:
                return UNREADABLE
            resolved.append(part[position : found.start()])
            meaning = _meaning(found.group(1), found.group(2), context)
            if meaning is None or isinstance(meaning, Unreadable):
                return meaning
            resolved.append(map_literals(meaning, _escape) if wildcards else meaning)
            position = found.end()
        rest = part[position:]
        if BEGIN in rest or (index + 1 < len(parts) and rest.endswith("$")):
            return UNREADABLE
        if index and END in _VARIABLE.sub("", part):
            return UNREADABLE
        resolved.append(rest)
    return join(resolved)


def _meaning(name: str, default: Optional[str], context: Mapping[str, ContextValue]) -> Reading:
    if name in _CHARACTERS:
        return name if default is None else UNREADABLE
    actual = context.get(name.lower())
    if not _NAME.match(name) or isinstance(actual, tuple) or BEGIN in (default or ""):
        return UNREADABLE  # no name of a condition key; or multivalued, which a variable cannot be
    if isinstance(actual, Presence):
        return Hole(BEGIN + name + "}")
    return default if actual is None else actual


def _escape(literal: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in literal)


def whose(hole: Hole) -> str:
    """The condition key whose undocumented value the hole stands for, in lower case; "" when it is no variable's."""
    return hole.source[2:-1].lower() if hole.source.startswith(BEGIN) and ":" in hole.source else ""
