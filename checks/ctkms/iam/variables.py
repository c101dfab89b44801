"""Policy variables: `${aws:username}`, with defaults, and the three escapes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import List, Mapping, Optional, Tuple

from ctkms.iam.patterns import ESCAPED
from ctkms.iam.request import ContextValue, Presence
from ctkms.iam.text import Hole, Text, join, map_literals, parts_of
from ctkms.iam.verdict import FALSE, TRUE, Truth

# ${key} and ${key, 'default'}; ${*}, ${?} and ${$} stand for these characters themselves.
_VARIABLE = re.compile(r"\$\{([^{},']*)(?:,\s*'([^']*)'\s*)?\}")
_CHARACTERS = frozenset("*?$")
_BEGIN = "${"


def readings(
    value: Text, context: Mapping[str, ContextValue], has_variables: Truth, wildcards: bool = True
) -> Tuple[Optional[Text], ...]:
    """Every way to read the value: one, unless it is open whether the document's version knows variables."""
    if has_variables is FALSE or (isinstance(value, str) and _BEGIN not in value):
        return (value,)
    resolved = resolve(value, context, wildcards)
    return (resolved,) if has_variables is TRUE else (resolved, value)


def resolve(value: Text, context: Mapping[str, ContextValue], wildcards: bool = True) -> Optional[Text]:
    """The value with its variables replaced by what the request carries (lower-case keys).

    None when a variable is absent from the request and has no default: then the value matches nothing.
    Wildcard characters that come out of a variable are literal, so they are escaped where the
    value is going to be used as a pattern.
    """
    parts = parts_of(value)
    resolved: List[Text] = []
    for index, part in enumerate(parts):
        if isinstance(part, Hole):
            resolved.append(part)
            continue
        position = 0
        for found in _VARIABLE.finditer(part):
            resolved.append(part[position : found.start()])
            meaning = _meaning(found.group(1), found.group(2), context)
            if meaning is None:
                return None
            resolved.append(map_literals(meaning, _escape) if wildcards else meaning)
            position = found.end()
        rest = part[position:]
        if index + 1 < len(parts) and (_BEGIN in rest or rest.endswith("$")):
            return Hole(str(value))  # a variable whose name is open
        resolved.append(rest)
    return join(resolved)


def _meaning(name: str, default: Optional[str], context: Mapping[str, ContextValue]) -> Optional[Text]:
    if name in _CHARACTERS:
        return name
    actual = context.get(name.lower())
    if isinstance(actual, (Presence, tuple)) or not name or " " in name:
        # Not known; or multivalued, which a variable cannot be; or no name that AWS accepts.
        return Hole("${" + name + "}")
    return default if actual is None else actual


def _escape(literal: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in literal)
