"""Which values are worth trying for what somebody else chooses.

A rule such as "no foreign trail may use this key" speaks of every foreign trail. A policy can tell
two values apart only by comparing them with the values it names, so it is enough to try, for each
thing that is chosen: one fresh value that nothing in the code equals, one value drawn from each
pattern of the policy (for `audit*`: "audit" and fresh characters), and one that each two patterns
both match (for `audit*` and `*-prod`: both ends). A literal is a candidate only for what the chooser
may take from the policy. If none of these is let in, no other value is.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar

from ctkms.budgets import Budget, spend
from ctkms.iam.comparisons import read_number
from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Document, Statement
from ctkms.iam.patterns import arn_sections
from ctkms.iam.text import STRANGE, Rest, Text, parts_of

MAX_COMBINATIONS = 400

ACCOUNT_LENGTH = 12
FRESH_NAME = STRANGE["name"]

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def values_for(statements: Iterable[Statement], keys: Sequence[str]) -> Tuple[Text, ...]:
    """The values (patterns included) that conditions on any of the keys (lower case) compare with, once each."""
    found: Dict[Text, None] = {}
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str) and condition.key.lower() in keys:
                found.update((value, None) for value in condition.values if not isinstance(value, Rest))
    return tuple(found)


def condition_keys(statements: Iterable[Statement]) -> Tuple[str, ...]:
    """The condition keys of the statements, lower case, once each."""
    found: Dict[str, None] = {}
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str):
                found[condition.key.lower()] = None
    return tuple(found)


def literals(texts: Iterable[Text]) -> Tuple[str, ...]:
    """The texts without holes."""
    return tuple(text for text in texts if isinstance(text, str))


def has_wildcard(value: str) -> bool:
    """Whether the value is a pattern rather than a literal."""
    return "*" in value or "?" in value


def witness(pattern: str, fresh: str, length: int = 0) -> str:
    """A value that matches the pattern, otherwise made of the character `fresh`; `length` fixes how long it is."""
    filling = fresh * (length - len(pattern.replace("*", "")) if length else 1)
    # The first star takes the filling; the others match nothing.
    return pattern.replace("*", filling, 1).replace("*", "").replace("?", fresh)


MAX_MEETING = 8  # patterns of which each two are tried together


def drawn_from(patterns: Iterable[str], fresh: str, length: int = 0) -> Tuple[str, ...]:
    """The fresh value, then one from each pattern, then one that both of two patterns match."""
    found = [fresh * (length or 1)]
    wild = [pattern for pattern in dict.fromkeys(patterns) if has_wildcard(pattern)]
    found.extend(witness(pattern, fresh, length) for pattern in wild)
    if not length:
        pairs = itertools.combinations(wild[:MAX_MEETING], 2)
        found.extend(value for one, two in pairs for value in meeting(one, two, fresh))
    return tuple(dict.fromkeys(value for value in found if not length or len(value) == length))


def meeting(one: str, two: str, fresh: str) -> Tuple[str, ...]:
    """A value that both patterns match, with a fresh character where there is room for it; none if they never meet."""
    for pattern in (one.replace("*", f"*{fresh}*", 1), one):
        found = _common(pattern, two, fresh)
        if found is not None:
            return (found,)
    return ()


def _common(one: str, two: str, fresh: str) -> Optional[str]:
    """A shortest value that both patterns match: a walk over pairs of positions, each visited once."""
    reached: Dict[Tuple[int, int], str] = {(0, 0): ""}
    waiting = deque(reached)
    while waiting and spend(Budget.COMPARISONS):
        at, other = waiting.popleft()
        if at == len(one) and other == len(two):
            return reached[at, other]
        left, right = one[at : at + 1], two[other : other + 1]
        steps: List[Tuple[int, int, str]] = []
        if left == "*":
            steps.append((at + 1, other, ""))
        if right == "*":
            steps.append((at, other + 1, ""))
        if left and right and (left == right or left in "*?" or right in "*?"):
            character = next((each for each in (left, right) if each not in "*?"), fresh)
            steps.append((at + (left != "*"), other + (right != "*"), character))
        for i, j, character in steps:
            if (i, j) not in reached:
                reached[i, j] = reached[at, other] + character
                waiting.append((i, j))
    return None


def sections_of(values: Iterable[Text], section: int) -> Tuple[str, ...]:
    """One section of each value that is an ARN, where it is spelled out."""
    found: Dict[str, None] = {}
    for value in values:
        sections = arn_sections(value)
        if sections and isinstance(sections[section], str):
            found[str(sections[section])] = None
    return tuple(found)


def accounts_in(texts: Iterable[Text]) -> Tuple[str, ...]:
    """Every account id that the texts spell out, once each, in order."""
    found: Dict[str, None] = {}
    for text in texts:
        for part in parts_of(text):
            if isinstance(part, str):
                found.update(dict.fromkeys(_ACCOUNT.findall(part)))
    return tuple(found)


def texts_in(document: Document) -> Iterator[Text]:
    """Every value of the document's principals, resources and conditions."""
    for statement in document.statements:
        if statement.principals:
            yield from (entry.value for entry in statement.principals.entries if not isinstance(entry.value, Rest))
        if statement.resources:
            yield from (value for value in statement.resources.values if not isinstance(value, Rest))
        for condition in statement.conditions:
            yield from (value for value in condition.values if not isinstance(value, Rest))


def for_operator(operator: str, values: Sequence[Text]) -> List[Text]:
    """Values of a condition key that make an operator's comparisons come out either way."""
    spelling = read_operator(operator)
    row = spelling.operator if spelling else None
    name = row.name.lower() if row else ""
    if name == "bool":
        return ["true", "false"]
    if name.startswith("numeric"):
        numbers = [read_number(value) for value in values if isinstance(value, str)]
        return [str(number + step) for number in numbers if number is not None for step in (-1, 0, 1)]
    if row is None or not row.wildcards:
        return list(values)
    patterns = [value for value in values if isinstance(value, str) and has_wildcard(value)]
    return [value for value in values if value not in patterns] + list(drawn_from(patterns, FRESH_NAME))[1:]


N = TypeVar("N")
V = TypeVar("V")


def combinations(candidates: Mapping[N, Sequence[V]]) -> Tuple[Iterator[Dict[N, V]], bool]:
    """Every combination of the candidates, made as it is asked for, and whether these are all.

    There may be too many to try.
    """
    total = 1
    for values in candidates.values():
        total *= max(len(values), 1)
    every = itertools.product(*candidates.values())
    chosen = (dict(zip(candidates, one)) for one in itertools.islice(every, MAX_COMBINATIONS))
    return chosen, total <= MAX_COMBINATIONS
