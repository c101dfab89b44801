"""Which keys of the request context a policy looks at."""

from __future__ import annotations

from typing import Dict, Iterable, Tuple

from ctkms.iam.policy import Statement
from ctkms.iam.variables import variable_names


def context_keys(statements: Iterable[Statement]) -> Tuple[str, ...]:
    """The condition keys that the statements compare and those that their policy variables name, lower case, once each.

    A request has to say of each of these what it carries: a key that it does not speak of is absent.
    """
    found: Dict[str, None] = {}
    for statement in statements:
        for condition in statement.conditions:
            if isinstance(condition.key, str):
                found[condition.key.lower()] = None
        for value in statement.values_with_variables:
            found.update(dict.fromkeys(variable_names(value)))
    return tuple(found)
