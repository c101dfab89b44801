"""The edits that are tried: the catalogue, one entry a kind, none for a rule.

Each entry looks at the policy as it is parsed and offers what might be meant instead. Which of them makes a
rule pass, and what else it changes, is found out by judging.
"""

from __future__ import annotations

import itertools
from typing import Callable, Iterator, List, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL
from ctkms.repair.edits import (
    AddAction,
    AddStatement,
    Candidate,
    Content,
    RemoveCondition,
)
from ctkms.repair.mistakes import names, operators, resources, values
from ctkms.repair.narrowings import beside_others, narrower, readers, split_statements
from ctkms.repair.policy_view import (
    CONTEXT_KEY,
    SOURCE_KEY,
    View,
    allowing,
    conditions_of,
    free_sid,
    is_cloudtrails,
    source_condition,
)

ACTIONS_OF_TRAILS = ("kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt")


def candidates(view: View) -> List[Candidate]:
    """All that may be tried, the smallest first."""
    found = itertools.chain.from_iterable(entry(view) for entry in CATALOGUE)
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
        alone = sum(one.operator == condition.operator for one in statement.conditions) == 1
        change = RemoveCondition(
            statement.index, str(condition.operator), str(condition.key), alone, len(statement.conditions) == 1
        )
        yield Candidate((change,), f"In {statement.label}, take away the condition on {condition.key}.")


def _statements(view: View) -> Iterator[Candidate]:
    """A statement of AWS's documentation, for CloudTrail."""
    made: List[Tuple[Content, str]] = []
    spelling = view.spelling
    if spelling is not None and spelling.arns:
        source = source_condition(spelling, 0)
        by_source = {source.operator: {SOURCE_KEY: source.value}}
        both = {**by_source, "StringLike": {**by_source.get("StringLike", {}), CONTEXT_KEY: spelling.any_trail}}
        made.append((_statement("Allow CloudTrail to describe key", ["kms:DescribeKey"], by_source), spelling.data))
        made.append((_statement("Allow CloudTrail to encrypt logs", ["kms:GenerateDataKey*"], both), spelling.data))
        made.append((_statement("Allow CloudTrail to use the bucket key", ["kms:Decrypt"], both), spelling.data))
    if view.key.stores:
        actions = ["kms:GenerateDataKey", "kms:Decrypt"]
        made.append((_statement("Allow CloudTrail to encrypt event data", actions, {}), ""))
        made.append((_statement("Allow CloudTrail to describe key", ["kms:DescribeKey"], {}), ""))
    for content, data in made:
        content["Sid"] = free_sid(view, content["Sid"])
        named = " and ".join(content["Action"] if isinstance(content["Action"], list) else [content["Action"]])
        yield Candidate((AddStatement(content),), f"Add a statement that lets CloudTrail call {named}.", True, "", data)


def _statement(sid: str, actions: List[str], condition: Content) -> Content:
    content = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": CLOUDTRAIL},
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": "*",
    }
    return {**content, "Condition": condition} if condition else content


Entry = Callable[[View], Iterator[Candidate]]
CATALOGUE: Tuple[Entry, ...] = (
    operators,
    names,
    values,
    resources,
    _actions,
    _never_met,
    narrower,
    readers,
    split_statements,
    beside_others,
    _statements,
)
