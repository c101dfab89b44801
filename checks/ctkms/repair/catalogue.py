"""The edits that are tried: the catalogue, one entry a kind, none for a rule.

Each entry looks at the policy as it is parsed and offers what might be meant instead. Which of them makes a
rule pass, and what else it changes, is found out by judging.
"""

from __future__ import annotations

import itertools
from typing import Callable, Iterator, List, Tuple

from ctkms.repair.additions import further_statements, own_statements, whole_policy
from ctkms.repair.arguments import creation_order, key_arguments
from ctkms.repair.edits import AddAction, Candidate
from ctkms.repair.mistakes import commas, names, operators, resources, values, version
from ctkms.repair.narrowings import beside_others, narrower, readers, split_statements
from ctkms.repair.policy_view import (
    View,
    allowing,
    conditions_of,
    is_cloudtrails,
    removal,
)
from ctkms.repair.principals import account_and_trail, account_instead, cloudtrail_instead, out_of_the_others

ACTIONS_OF_TRAILS = ("kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt")


def candidates(view: View, of_key: bool = False) -> List[Candidate]:
    """All that may be tried, the smallest first; `of_key`: about the key's own arguments rather than its policy."""
    found = itertools.chain.from_iterable(entry(view) for entry in (OF_KEY if of_key else CATALOGUE))
    return sorted(found, key=lambda one: one.size)


def _actions(view: View) -> Iterator[Candidate]:
    for statement in allowing(view, mine=True):
        if statement.actions is None or statement.actions.negated:
            continue
        for action in ACTIONS_OF_TRAILS:
            if action not in statement.actions.values:
                text = f"In {statement.label}, add the action {action}."
                yield Candidate((AddAction(statement.index, action),), text)


def _never_met(view: View) -> Iterator[Candidate]:
    """Without a condition that CloudTrail's call can never meet."""
    for statement, condition in conditions_of(view):
        if statement.effect != "Allow" or not is_cloudtrails(statement):
            continue
        yield Candidate(
            (removal(statement, condition),), f"In {statement.label}, take away the condition on {condition.key}."
        )


Entry = Callable[[View], Iterator[Candidate]]
OF_KEY: Tuple[Entry, ...] = (key_arguments,)
CATALOGUE: Tuple[Entry, ...] = (
    operators,
    names,
    values,
    resources,
    commas,
    version,
    _actions,
    _never_met,
    narrower,
    readers,
    split_statements,
    own_statements,
    beside_others,
    account_instead,
    account_and_trail,
    cloudtrail_instead,
    out_of_the_others,
    creation_order,
    further_statements,
    whole_policy,
)
