"""Reading the JSON of a policy, also where holes stand in the text, and measuring it.

A hole within a string of the text becomes a `Partial`; one in the place of a whole JSON value stays
a `Hole`. Reading never raises: what cannot be read comes back as a `JsonProblem`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple, Union

from ctkms.unknowns.marks import mark, unmarked
from ctkms.unknowns.quoting import quoted
from ctkms.unknowns.text import Hole, Partial, Rest, Text, parts_of

# A policy needs no more than six levels. Deeper ones are nobody's policy, and would exhaust the stack.
MAX_DEPTH = 50
# Aliases of YAML can make a few lines stand for any number of values, and of characters. KMS takes 32,768 bytes.
MAX_VALUES = 200_000
MAX_CHARACTERS = 4_000_000

OBJECT = (dict, Mapping)  # a JSON object; Python tells a dict much faster than other mappings
_NESTED = (list, tuple, *OBJECT)

_QUOTE_OR_ESCAPE = re.compile(r'\\.|"', re.DOTALL)


@dataclass(frozen=True)
class JsonProblem:
    """Why a policy cannot be read."""

    what: str
    where: str = ""


def read_json(source: Union[Text, Mapping[object, object]]) -> Tuple[object, int, Optional[JsonProblem]]:
    """The content, its size in bytes when written compactly without its holes, and what is wrong with it.

    The content is a hole when the text depends on open values for its very structure.
    """
    if isinstance(source, Hole):
        return source, 0, None
    if isinstance(source, OBJECT):
        return _measured(source)
    text, holes, structural = _with_marks(source)
    if len(text) > MAX_CHARACTERS:
        return None, 0, JsonProblem(_TOO_LONG)
    duplicates: List[str] = []

    def pairs(items: List[Tuple[str, object]]) -> Dict[str, object]:
        found = dict(items)
        if len(found) < len(items):
            counted = Counter(name for name, _ in items)
            duplicates.extend(name for name, times in counted.items() if times > 1)
        return found

    try:
        content = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_json)
        content = _unmarked(content, holes) if holes else content
    except RecursionError:
        return None, 0, JsonProblem("the policy is nested too deeply to be one")
    except ValueError as error:
        if structural:
            return holes[0], 0, None
        return None, 0, JsonProblem(_describe(error, text))
    if duplicates:
        what = f"the name {quoted(duplicates[0])} stands twice in one JSON object, so one of the two is lost"
        return None, 0, JsonProblem(what)
    return _measured(content)


def _no_json(constant: str) -> object:
    """Python reads NaN and Infinity as numbers; JSON does not know them."""
    raise ValueError(constant)


def _describe(error: ValueError, text: str) -> str:
    """Where the text stops being JSON, and what is expected there; not what it says, which may be any file's."""
    if not text.strip():
        return "the policy is empty text"
    if not isinstance(error, json.JSONDecodeError):
        return "the policy is no valid JSON"
    what = error.msg.partition(":")[0]
    what = what[:1].lower() + what[1:]
    return f"the policy is no valid JSON: {what} at line {error.lineno}, column {error.colno}"


def _with_marks(source: Union[str, Partial]) -> Tuple[str, List[Hole], bool]:
    """The text with a numbered mark for each hole, the holes, and whether one stands outside of a JSON string."""
    if isinstance(source, str):
        return source, [], False
    text: List[str] = []
    holes: List[Hole] = []
    in_string = structural = False
    for part in parts_of(source):
        if isinstance(part, str):
            in_string = _ends_in_string(part, in_string)
            text.append(part)
            continue
        one = mark(len(holes))
        holes.append(part)
        structural = structural or not in_string
        text.append(one if in_string else f'"{one}"')
    return "".join(text), holes, structural


def _ends_in_string(text: str, in_string: bool) -> bool:
    """Whether a JSON string is open after `text`, given whether one was before."""
    for found in _QUOTE_OR_ESCAPE.finditer(text):
        if found.group() == '"':
            in_string = not in_string
    return in_string


def _unmarked(content: object, holes: List[Hole]) -> object:
    if isinstance(content, str):
        return unmarked(content, holes)
    if isinstance(content, list):
        return [_unmarked(item, holes) for item in content]
    if isinstance(content, dict):
        return {unmarked(name, holes): _unmarked(item, holes) for name, item in content.items()}
    return content


def _measured(content: object) -> Tuple[object, int, Optional[JsonProblem]]:
    # First, since writing out what aliases stand for may take all memory there is.
    excess = _excess(content)
    if excess:
        return None, 0, JsonProblem(excess)
    try:
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError):
        return content, _size(content), None  # it holds more than JSON can say
    return content, len(text.encode("utf-8", "surrogatepass")), None


_TOO_LONG = "the policy has too many characters to be one"


def _excess(content: object) -> str:
    """What makes the content too much to be a policy, or ""."""
    level = [content]
    total = characters = 0
    for _ in range(MAX_DEPTH):
        insides = [one for one in level if not isinstance(one, str) and isinstance(one, _NESTED)]
        total += sum(map(len, insides))
        if total > MAX_VALUES:
            return "the policy has too many values to be one"
        characters += sum([len(one) for one in level if isinstance(one, str)])
        characters += sum(
            [len(name) for one in insides if isinstance(one, OBJECT) for name in one if isinstance(name, str)]
        )
        if characters > MAX_CHARACTERS:
            return _TOO_LONG
        level = [item for one in insides for item in (one.values() if isinstance(one, OBJECT) else one)]
        if not level:
            return ""
    return "the policy is nested too deeply to be one"


def _size(content: object) -> int:
    """The bytes of the compact JSON; both Terraform's provider and CloudFormation send it so."""
    if isinstance(content, OBJECT):
        return 1 + sum(_size(name) + _size(item) + 2 for name, item in content.items()) + (not content)
    if isinstance(content, (list, tuple)):
        return 1 + sum(_size(item) + 1 for item in content) + (not content)
    if isinstance(content, (Hole, Rest)):
        return 0
    if isinstance(content, str):
        return len(content.encode("utf-8", "surrogatepass")) + 2
    if isinstance(content, Partial):
        return sum(_size(part) - 2 for part in content.parts if isinstance(part, str)) + 2
    return len(written(content))


def written(value: object) -> str:
    """The value as text; Python refuses to write out an integer of thousands of digits."""
    try:
        return "null" if value is None else str(value)
    except ValueError:
        return "a number of too many digits"
