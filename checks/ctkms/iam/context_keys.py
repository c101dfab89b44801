"""Which keys of the request context a policy looks at."""

from __future__ import annotations

import itertools
from typing import Dict, Iterable, Tuple

from ctkms.iam.policy import Statement
from ctkms.iam.variables import BEGIN, variable_names
from ctkms.unknowns.text import Rest, Text


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
            found.update(dict.fromkeys(variable_names(value)))
    return tuple(found)


def values_with_variables(statement: Statement) -> Tuple[Text, ...]:
    """The values that have a policy variable, or may turn out to have one, where AWS resolves it."""
    of_conditions = itertools.chain.from_iterable(one.values for one in statement.conditions)
    values = itertools.chain(statement.resources.values if statement.resources else (), of_conditions)
    return tuple([value for value in values if not isinstance(value, Rest) and BEGIN in str(value)])
