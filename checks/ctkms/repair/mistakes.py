"""Edits of what is written wrongly: operators, names, values, and the Resource of a statement."""

from __future__ import annotations

import itertools
from typing import Dict, Iterator, List, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL, ENCRYPTION_CONTEXT, SOURCE_ARN
from ctkms.cloudtrail.resources import Key
from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Condition, Statement
from ctkms.iam.policy import VARIABLES_SINCE
from ctkms.iam.vocabulary import action_exists, condition_key_exists, nearest_action, nearest_condition_key
from ctkms.repair.edits import (
    AddElement,
    Candidate,
    Content,
    MendJson,
    Rename,
    Replace,
)
from ctkms.repair.policy_view import (
    CONTEXT_KEY,
    NAMES_OTHER_TRAIL,
    NAMES_OTHERS,
    OTHERS_TOO,
    View,
    certain,
    conditions_of,
    is_cloudtrails,
    is_trail_arn,
    names_an_account,
    only_reads,
)
from ctkms.repair.trail_spelling import Spelling

# What is new once the policy can be read nobody has judged by what it did so far.
NEVER_IN_FORCE = "KMS has refused this policy as it is, so what it allows has never been in force"
# Where a wildcard stands that the operator takes literally.
WITH_WILDCARDS = {
    "StringEquals": "StringLike",
    "StringNotEquals": "StringNotLike",
    "StringEqualsIgnoreCase": "StringLike",
}
# What lets a request pass that does not carry the key.
LENIENT = ("ForAllValues:", "IfExists")
OPERATORS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals",
             "ArnNotLike", "Bool", "Null", "NumericEquals", "DateGreaterThan", "DateLessThan", "IpAddress",
             "StringEqualsIgnoreCase", "NotIpAddress")  # fmt: skip


def operators(view: View) -> Iterator[Candidate]:
    """One operator instead of another one, in one statement, or wherever it stands in the same way."""
    found = list(_operators(view))
    yield from found
    alike: Dict[Tuple[str, str], List[Candidate]] = {}
    for one in found:
        for change in one.changes:
            if isinstance(change, Rename):
                alike.setdefault((change.old, change.new), []).append(one)
    for (old, new), some in alike.items():
        if len(some) > 1:
            reason = next((one.reason for one in some if one.reason), "")
            changes = tuple(change for one in some for change in one.changes)
            people = any(one.of_people for one in some)
            yield Candidate(changes, f"Write {new} instead of {old} everywhere.", not reason, reason, of_people=people)


def _operators(view: View) -> Iterator[Candidate]:
    for statement, condition in conditions_of(view):
        for new in _other_operators(str(condition.operator), [str(one) for one in condition.values]):
            siblings = [one for one in statement.conditions if one.operator == condition.operator]
            if len(siblings) > 1 or any(one.operator == new for one in statement.conditions):
                continue
            steps = ("Statement", statement.index, "Condition", str(condition.operator))
            text = f"In {statement.label}, write {new} instead of {condition.operator}."
            strict = str(condition.operator).endswith(new) or str(condition.operator).startswith(new)
            reads = strict and only_reads(view, statement)
            safe = (True, "") if reads else certain(statement)
            yield Candidate((Rename(steps, str(condition.operator), new),), text, *safe, of_people=reads)


def _other_operators(operator: str, values: List[str]) -> Iterator[str]:
    if any("*" in value or "?" in value for value in values) and operator in WITH_WILDCARDS:
        yield WITH_WILDCARDS[operator]
    if operator.startswith(LENIENT[0]):
        yield operator[len(LENIENT[0]) :]
    if operator.endswith(LENIENT[1]):
        yield operator[: -len(LENIENT[1])]
    if read_operator(operator) is None:
        yield from nearest_names(operator, OPERATORS)


def nearest_names(name: str, known: Tuple[str, ...]) -> List[str]:
    """The known names that one differs from by case or by two characters at most."""
    folded = name.lower()
    return [one for one in known if one.lower() == folded or _distance_at_most_two(one.lower(), folded)]


def _distance_at_most_two(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 2 or len(one) > 60:
        return False
    row = list(range(len(other) + 1))
    for at, mark in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, against in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (mark != against))
    return row[-1] <= 2


def names(view: View) -> Iterator[Candidate]:
    for statement in view.document.statements:
        for action in statement.actions.values if statement.actions else ():
            nearest = nearest_action(action) if isinstance(action, str) and not action_exists(action) else None
            if nearest and statement.actions:
                within = ("Statement", statement.index, statement.actions.name)
                wild = "*" if str(action).endswith("*") else ""
                name = nearest if nearest.startswith("kms:") else f"kms:{nearest}"
                text = f"In {statement.label}, write {name}{wild} instead of {action}."
                yield Candidate((Replace(within, str(action), name + wild),), text, *certain(statement))
        yield from _services(statement)
    for statement, condition in conditions_of(view):
        key = str(condition.key)
        known = _known_key(key)
        if known:
            steps = ("Statement", statement.index, "Condition", str(condition.operator), key)
            text = f"In {statement.label}, write {known} instead of {key}."
            yield Candidate((Rename(steps, key, known),), text, *certain(statement))


def _known_key(key: str) -> Optional[str]:
    """The condition key that a misspelt one means; the name in an encryption context is anybody's choice."""
    if not condition_key_exists(key):
        return nearest_condition_key(key)
    folded = key.lower()
    return CONTEXT_KEY if folded != ENCRYPTION_CONTEXT and nearest_names(folded, (CONTEXT_KEY,)) else None


def _services(statement: Statement) -> Iterator[Candidate]:
    """CloudTrail's name where a service is called nearly so."""
    for one in statement.principals.entries if statement.principals else ():
        name = str(one.value)
        like = name.startswith("cloudtrail") or bool(nearest_names(name, (CLOUDTRAIL,)))
        if one.type == "Service" and isinstance(one.value, str) and name != CLOUDTRAIL and like:
            steps = ("Statement", statement.index, "Principal", "Service")
            text = f"In {statement.label}, write {CLOUDTRAIL} instead of {name}."
            alone = statement.principals is not None and len(statement.principals.entries) == 1
            why = "" if alone else OTHERS_TOO
            yield Candidate((Replace(steps, name, CLOUDTRAIL),), text, alone and statement.effect == "Allow", why)


def values(view: View) -> Iterator[Candidate]:
    """The trail's own ARN, or the pattern of the account's trails, where a condition names another one."""
    if view.spelling is None:
        return
    yield from all_values(view)
    exact: List[Content] = [view.spelling.arns] if view.spelling.arns else []
    for statement, condition in conditions_of(view):
        key = str(condition.key).lower()
        if key not in (SOURCE_ARN, ENCRYPTION_CONTEXT) or not is_cloudtrails(statement):
            continue
        yield from _mended(view.spelling, view.key, statement, condition)
        steps = ("Statement", statement.index, "Condition", str(condition.operator), str(condition.key))
        old = str(condition.values[0]) if len(condition.values) == 1 else None
        plain = old if condition.values and isinstance(condition.values[0], str) else None
        for new in (*exact, *([[view.spelling.any_trail]] if key == ENCRYPTION_CONTEXT else [])):
            if old is None or len(new) != 1:
                continue
            if "*" in new[0] and str(condition.operator) not in ("StringLike", "ArnLike", "ArnEquals"):
                continue
            text = f"In {statement.label}, let {condition.key} be {new[0]}."
            why = _loses(old, new[0], view.spelling, view.key)
            yield Candidate((Replace(steps, plain, new[0]),), text, not why, why, view.spelling.data)


def all_values(view: View) -> Iterator[Candidate]:
    """The same in all conditions of a statement, or of all statements, that name a trail."""
    spelling = view.spelling
    if spelling is None or len(spelling.arns) != 1:
        return
    by_statement: Dict[int, List[Tuple[Statement, Condition]]] = {}
    for statement, condition in conditions_of(view):
        if str(condition.key).lower() in (SOURCE_ARN, ENCRYPTION_CONTEXT) and is_cloudtrails(statement):
            by_statement.setdefault(statement.index, []).append((statement, condition))
    every = [one for some in by_statement.values() for one in some]
    for chosen in dict.fromkeys(tuple(some) for some in (*by_statement.values(), every)):
        if len(chosen) < 2 or any(len(condition.values) != 1 for _, condition in chosen):
            continue
        changes = [
            (condition, spelling.any_trail if "StringLike" in str(condition.operator) else spelling.arns[0])
            for _, condition in chosen
        ]
        lost = next(filter(None, (_loses(str(one.values[0]), new, spelling, view.key) for one, new in changes)), "")
        labels = ", ".join(dict.fromkeys(statement.label for statement, _ in chosen))
        yield Candidate(
            tuple(_value(statement, condition, new) for (statement, _), (condition, new) in zip(chosen, changes)),
            f"In {labels}, let the conditions name this trail ({spelling.arns[0]}).",
            not lost,
            lost,
            spelling.data,
        )


def _loses(old: str, new: str, spelling: Spelling, key: Key) -> str:
    """Who loses the key where a condition names one ARN instead of another one; "" where nobody does.

    A trail whose name is nearly that of the code's is a mistake; another one may be in other code.
    """
    if names_an_account(old, spelling):
        return NAMES_OTHERS
    was, now = old.rpartition(":trail/")[2], new.rpartition(":trail/")[2]
    names = (trail.name for trail in key.trails if isinstance(trail.name, str))
    named = is_trail_arn(old) and not (now == "*" or nearest_names(was, (now, *names)))
    return NAMES_OTHER_TRAIL if named else ""


def _value(statement: Statement, condition: Condition, new: str) -> Replace:
    old = condition.values[0]
    steps = ("Statement", statement.index, "Condition", str(condition.operator), str(condition.key))
    return Replace(steps, old if isinstance(old, str) else None, new)


def _mended(spelling: Spelling, key: Key, statement: Statement, condition: Condition) -> Iterator[Candidate]:
    """An ARN that is written out, with one or two of its parts as the trail has them; its account stays."""
    steps = ("Statement", statement.index, "Condition", str(condition.operator), str(condition.key))
    start = ["arn", spelling.partition, "cloudtrail", spelling.region, spelling.account]
    right = [[*start, f"trail/{name}"] for name in spelling.names or ("*",)]
    for old in condition.values:
        sections = old.split(":", 5) if isinstance(old, str) and "${" not in old else []
        for arn in right if len(sections) == 6 else ():
            wrong = [at for at in (0, 1, 2, 3, 5) if sections[at] != arn[at]]
            for chosen in itertools.chain(itertools.combinations(wrong, 1), itertools.combinations(wrong, 2)):
                new = ":".join(arn[at] if at in chosen else one for at, one in enumerate(sections))
                text = f"In {statement.label}, write {new} for {condition.key}."
                lost = _loses(str(old), new, spelling, key)
                yield Candidate((Replace(steps, str(old), new),), text, not lost, lost)


def commas(view: View) -> Iterator[Candidate]:
    """Text that would be JSON but for a comma."""
    if not view.document.statements:
        yield Candidate((MendJson(),), "Mend the commas of the policy's JSON.", False, NEVER_IN_FORCE, reveals=True)


def version(view: View) -> Iterator[Candidate]:
    """The version in quotes, where YAML takes it for a date."""
    text = f'Write "{VARIABLES_SINCE}", in quotes, as the Version.'
    yield Candidate((Replace(("Version",), None, VARIABLES_SINCE),), text, False, NEVER_IN_FORCE, reveals=True)


def resources(view: View) -> Iterator[Candidate]:
    found = list(_resources(view))
    yield from found
    wrong = [one for one in found if isinstance(one.changes[0], Replace)]
    if len(wrong) > 1:
        reason = next((one.reason for one in wrong if one.reason), "")
        text = 'In all statements, write "*" as the Resource: a key policy speaks of its own key only.'
        yield Candidate(tuple(change for one in wrong for change in one.changes), text, not reason, reason)


def _resources(view: View) -> Iterator[Candidate]:
    for statement in view.document.statements:
        if statement.resources is None and statement.open is None:
            text = f'In {statement.label}, add "Resource": "*".'
            yield Candidate((AddElement(statement.index, "Resource", "*"),), text, *certain(statement))
        elif statement.resources and len(statement.resources.values) == 1 and statement.resources.values[0] != "*":
            steps = ("Statement", statement.index, statement.resources.name)
            old = statement.resources.values[0]
            if not statement.resources.negated:
                text = f'In {statement.label}, write "*" as the Resource: a key policy speaks of its own key only.'
                plain = old if isinstance(old, str) else None
                yield Candidate((Replace(steps, plain, "*"),), text, *certain(statement))
