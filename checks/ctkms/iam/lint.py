"""What KMS does not accept in a key policy, and what it accepts although it cannot have an effect.

`parse` has found what breaks the grammar; this looks at the names: principals, actions, operators
and condition keys.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

import re
from typing import FrozenSet, Iterator, List, Optional, Tuple

from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Document, Problem, Statement, Value
from ctkms.iam.lint_principals import what_is_wrong
from ctkms.iam.policy import in_path
from ctkms.iam.resource_matching import matches_resource, why_open
from ctkms.iam.variables import speaks_of_variables
from ctkms.iam.vocabulary import action_exists, condition_key_exists, nearest_action, nearest_condition_key
from ctkms.unknowns.quoting import LONGEST_ARN, quoted
from ctkms.unknowns.text import Hole, Kind, Maybe, Rest, Text, holes_in
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

MAX_SIZE = 32768  # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
MAX_PATTERNS = 500  # of actions, that are compared with each action of KMS; an honest policy has a few dozen

_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|aws\.internal|aws)\Z")
_AWS_KEYS = ("aws", "kms")  # prefixes of condition keys that are in the vocabulary


def problems_of(document: Document, key_arn: Optional[Text] = None) -> Tuple[Problem, ...]:
    """Every problem of a key policy, the grammar's included, in the order of the statements.

    `key_arn` is the key's own, as the code writes it: an Allow of another key has no effect.
    """
    found: List[Problem] = list(document.problems)
    if document.size > MAX_SIZE:
        found.append(Problem("", f"the policy has {document.size:,} bytes; KMS takes {MAX_SIZE:,} at most"))
    found.extend(_repeated_sids(document))
    hints = document.size <= MAX_SIZE  # the search for what a name may mean takes its time
    unknown = _unknown_actions(document)
    for statement in document.statements:
        if statement.open is None:
            found.extend(_principals(statement))
            found.extend(_actions(statement, unknown, hints))
            found.extend(_resources(statement, key_arn))
            found.extend(_conditions(statement, hints))
    return tuple(found)


def open_names(document: Document) -> Tuple[Hole, ...]:
    """The holes on which it depends whether KMS accepts the document: those in the place of a name."""
    found: List[Hole] = [document.open] if document.open else []
    found.extend(holes_in(document.version))
    for statement in document.statements:
        names: List[Value] = [statement.effect, statement.open or "", *_open_principals(statement)]
        names += statement.actions.values if statement.actions else ()
        names += [name for condition in statement.conditions for name in (condition.operator, condition.key)]
        for name in names:
            found.extend(hole for hole in _holes(name) if hole.kind is Kind.ANY)
    if len(_action_patterns(document)) > MAX_PATTERNS:
        found.append(Hole(f"more than {MAX_PATTERNS} patterns of actions"))
    return tuple(dict.fromkeys(found))


def _open_principals(statement: Statement) -> Iterator[Value]:
    """The principals of a statement of which it is open whether KMS takes them."""
    entries = statement.principals.entries if statement.principals else ()
    sure = any(not isinstance(one.value, Rest) for one in entries)
    for one in entries:
        if isinstance(one.value, Rest) and one.value.each is not None:
            # There may be none of them, which KMS minds only where nobody else is named.
            wrong = isinstance(one.value.hole, Maybe) or (one.type == "AWS" and what_is_wrong(one.value.like))
            yield from (one.value.like,) if sure and not wrong else (Hole(hole.source) for hole in one.value.holes)
        else:
            yield one.value


def open_resources(document: Document, key_arn: Text) -> Tuple[Hole, ...]:
    """What leaves it open whether an Allow statement is about this key: its Resource may be another one."""
    found: List[Hole] = []
    for statement in document.statements:
        if statement.effect == "Deny" or not statement.resources or statement.resources.negated:
            continue
        values = statement.resources.values
        answers = [_names_key(value, key_arn) for value in values]
        if TRUE not in answers and UNKNOWN in answers:
            holes = [hole for value, answer in zip(values, answers) if answer is UNKNOWN for hole in _holes(value)]
            found.extend(holes or [Hole(why_open(str(values[answers.index(UNKNOWN)])))])
    return tuple(dict.fromkeys(found))


def _holes(value: Value) -> Tuple[Hole, ...]:
    return value.holes if isinstance(value, Rest) else holes_in(value)


def _names_key(value: Value, key_arn: Text) -> Truth:
    if value == "*":
        return TRUE
    if isinstance(value, Rest) or speaks_of_variables(value):
        return UNKNOWN
    return matches_resource(value, key_arn)


def _repeated_sids(document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
    seen = set()
    for statement in document.statements:
        if isinstance(statement.sid, str) and statement.sid in seen:
            what = f"the Sid {quoted(statement.sid)} stands twice; a Sid is unique within its policy"
            yield Problem(f"Statement/[{statement.index}]/Sid", what, refused=False)
        seen.add(statement.sid or None)


def _principals(statement: Statement) -> Iterator[Problem]:
    if not statement.principals:
        return
    where = f"Statement/[{statement.index}]/{statement.principals.name}"
    for entry in statement.principals.entries:
        if isinstance(entry.value, Rest):
            continue
        if entry.type == "AWS":
            what = what_is_wrong(entry.value)
            if what:
                yield Problem(f"{where}/{entry.type}", what, value=str(entry.value))
        elif entry.type == "Service" and isinstance(entry.value, str) and not _SERVICE.match(entry.value):
            yield Problem(f"{where}/Service", f"{quoted(entry.value)} is no service principal", False, entry.value)


def _action_patterns(document: Document) -> Tuple[str, ...]:
    """The actions that are patterns, once each."""
    found = (
        action
        for statement in document.statements
        for action in (statement.actions.values if statement.actions else ())
        if isinstance(action, str) and ("*" in action or "?" in action)
    )
    return tuple(dict.fromkeys(found))


def _unknown_actions(document: Document) -> FrozenSet[str]:
    """The patterns that no action of KMS fits, of those that are looked up."""
    return frozenset(action for action in _action_patterns(document)[:MAX_PATTERNS] if not action_exists(action))


def _actions(statement: Statement, unknown: FrozenSet[str], hints: bool) -> Iterator[Problem]:
    if not statement.actions:
        return
    where = f"Statement/[{statement.index}]/{statement.actions.name}"
    for action in statement.actions.values:
        if not isinstance(action, str):
            continue
        if action in unknown or not ("*" in action or "?" in action or action_exists(action)):
            hint = _hint(nearest_action(action)) if hints else ""
            yield Problem(where, f"{quoted(action)} is no KMS action{hint}", False, action)


def _resources(statement: Statement, key_arn: Optional[Text]) -> Iterator[Problem]:
    if not statement.resources or statement.resources.negated:
        return
    where = f"Statement/[{statement.index}]/Resource"
    values = statement.resources.values
    aliases = [value for value in values if isinstance(value, str) and ":alias/" in value]
    for alias in aliases:
        what = f'{quoted(alias, LONGEST_ARN)} is an alias; in a key policy Resource is the key, so write "*"'
        yield Problem(where, what, False, alias)
    if aliases or not values or key_arn is None or statement.effect != "Allow":
        return
    if all(_names_key(value, key_arn) is FALSE for value in values):
        what = f"{quoted(str(values[0]), LONGEST_ARN)} is not this key, and in a key policy Resource is the key"
        yield Problem(where, f'{what}, so write "*"; as it stands, the statement has no effect', refused=False)


def _conditions(statement: Statement, hints: bool) -> Iterator[Problem]:
    for condition in statement.conditions:
        where = f"Statement/[{statement.index}]/Condition/{in_path(str(condition.operator))}"
        if isinstance(condition.operator, str) and read_operator(condition.operator) is None:
            yield Problem(where, f"{quoted(condition.operator)} is no condition operator", is_name=True)
        key = condition.key
        if not isinstance(key, str) or condition_key_exists(key):
            continue
        prefix, colon, _ = key.lower().partition(":")
        if not colon or prefix in _AWS_KEYS:
            hint = _hint(nearest_condition_key(key)) if hints else ""
            what = f"{quoted(key)} is no condition key, so it is absent from every request{hint}"
            yield Problem(f"{where}/{in_path(key)}", what, refused=False, is_name=True)


def _hint(name: Optional[str]) -> str:
    return f'; did you mean "{name}"?' if name else ""
