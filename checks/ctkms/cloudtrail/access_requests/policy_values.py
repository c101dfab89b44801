"""What a policy speaks of: the values of its conditions, the accounts that it names, and choices between them."""

from __future__ import annotations

import itertools
import re
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, TypeVar

from ctkms.budgets import Budget, spend
from ctkms.iam.document import Document, Statement
from ctkms.iam.patterns import arn_sections
from ctkms.iam.policy import Value
from ctkms.unknowns.text import STRANGE, Hole, Rest, Text, parts_of

MAX_COMBINATIONS = 400

ACCOUNT_LENGTH = 12
FRESH_NAME = STRANGE["name"]

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def values_for(statements: Iterable[Statement], keys: Sequence[str]) -> Tuple[Text, ...]:
    """The values (patterns included) that conditions on any of the keys (lower case) compare with, once each.

    Of further values that are not known it is what they look like, where that is told.
    """
    found: Dict[Text, None] = {}
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str) and condition.key.lower() in keys:
                found.update(dict.fromkeys(_told(condition.values)))
    return tuple(found)


def untold_for(statements: Iterable[Statement], keys: Sequence[str]) -> Tuple[Hole, ...]:
    """What conditions on any of the keys (lower case) compare with of which not even the look is told, once each."""
    conditions = [condition for statement in statements for condition in statement.conditions]
    asking = [one for one in conditions if isinstance(one.key, str) and one.key.lower() in keys]
    values = [value for one in asking for value in one.values]
    return tuple(dict.fromkeys(one.hole for one in values if isinstance(one, Rest) and one.each is None))


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


def drawn_from(patterns: Iterable[str], fresh: str, length: int = 0) -> Tuple[str, ...]:
    """The fresh value, then one from each pattern."""
    wild = [pattern for pattern in dict.fromkeys(patterns) if has_wildcard(pattern)]
    found = [fresh * (length or 1), *(witness(pattern, fresh, length) for pattern in wild)]
    return tuple(dict.fromkeys(value for value in found if not length or len(value) == length))


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
            yield from _told(entry.value for entry in statement.principals.entries)
        if statement.resources:
            yield from _told(statement.resources.values)
        for condition in statement.conditions:
            yield from _told(condition.values)


def _told(values: Iterable[Value]) -> Iterator[Text]:
    """The values, and what further ones look like, where that is told."""
    for value in values:
        if not isinstance(value, Rest):
            yield value
        elif value.each is not None:
            yield value.like


class Speaking:
    """How a policy speaks of accounts, names and the like: it answers alike for those of which it speaks alike."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places: Optional[Tuple[Tuple[object, str], ...]] = None

    def told_apart(self, values: Iterable[Text]) -> Iterator[Text]:
        """The values, of those that the policy speaks of in the same way the first one."""
        seen: Set[object] = set()
        for value in values:
            place = self._spoken_of(value) if isinstance(value, str) else value
            if place not in seen:
                seen.add(place)
                yield value

    def _spoken_of(self, value: str) -> object:
        if self._places is None:
            self._places = tuple(_places(self._document))
        spend(Budget.COMPARISONS, len(self._places))
        spoken = frozenset([(place, text.replace(value, "\ue2ff")) for place, text in self._places if value in text])
        return spoken or value


def _places(document: Document) -> Iterator[Tuple[object, str]]:
    """Every value of the policy, as a text, with the place where it stands among others of its kind."""
    for one in document.statements:
        lists: List[Tuple[object, Iterable[Value]]] = [
            ((one.index, condition.operator, condition.key), condition.values) for condition in one.conditions
        ]
        lists += [((one.index, "Resource"), one.resources.values)] if one.resources else []
        entries = one.principals.entries if one.principals else ()
        lists.append(((one.index, "Principal"), [entry.value for entry in entries]))
        for place, values in lists:
            yield from ((place, str(value)) for value in values)


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
