"""Which keys of the request context a policy looks at."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Tuple

from ctkms.iam.policy import Statement, Value
from ctkms.iam.variables import variable_names
from ctkms.unknowns.text import Rest


def context_keys(statements: Iterable[Statement]) -> Tuple[str, ...]:
    """The condition keys that the statements compare and those that their policy variables name, lower case, once each.

    A request has to say of each of these what it carries: a key that it does not speak of is absent.
    """
    found: Dict[str, None] = {}
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str):
                found[condition.key.lower()] = None
        for value in values_with_variables(statement):
            if not isinstance(value, Rest):
                found.update(dict.fromkeys(variable_names(value)))
    return tuple(found)


def values_with_variables(statement: Statement) -> Iterator[Value]:
    """The values in which AWS resolves policy variables."""
    if statement.resources:
        yield from statement.resources.values
    for condition in statement.conditions:
        yield from condition.values
