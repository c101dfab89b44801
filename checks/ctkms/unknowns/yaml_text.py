"""YAML as a stream of events, read no further than is safe.

libyaml builds nested nodes by recursion in C, which no RecursionError ends: a text of some ten thousand `- ` would
end the process. Reading events does not recurse.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

import yaml

from ctkms.budgets import Budget, TooLarge, take

MAX_DEPTH = 200  # of lists and mappings within each other
IS_LIBYAML = hasattr(yaml, "CSafeLoader")  # else what reads is Python's own, which is slower and takes no tabs
FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_PER_CHARACTER = 20  # characters that are read in the time of one step, besides the events in them
_COMPACT = re.compile(rf"(?:[-?:][ \t]+){{{MAX_DEPTH}}}")
_BRACKET = re.compile(r"[][{}]")


def events(text: str) -> Iterator[yaml.Event]:
    """The events of a text, in turn; raises `TooLarge` for one that is too much, and `yaml.YAMLError` for no YAML."""
    take(Budget.STEPS, len(text) // _PER_CHARACTER)
    depth = 0
    for event in yaml.parse(text, FastLoader):
        take(Budget.STEPS)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise TooLarge
        yield event


def check_depth(text: str) -> None:
    """Raise `TooLarge` where building the nodes of a text would nest too deeply."""
    if _COMPACT.search(text) is None and _depth_of_brackets(text) <= MAX_DEPTH:
        return  # indentation alone takes a text of the square of its depth
    try:
        for _ in events(text):
            pass
    except yaml.YAMLError:
        pass  # whoever builds them says so
    except RecursionError:
        raise TooLarge from None


def _depth_of_brackets(text: str) -> int:
    """How deep brackets nest, at least as deep as those do that do not stand in strings."""
    depth = deepest = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
