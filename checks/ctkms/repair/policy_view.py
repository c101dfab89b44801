"""What the catalogue of edits looks at, and what it asks about the statements of a policy."""

from __future__ import annotations

import itertools
import re
from typing import FrozenSet, Iterator, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL
from ctkms.cloudtrail.resources import Key
from ctkms.iam.document import Condition, Document, Statement
from ctkms.repair.edits import (
    AddCondition,
    RemoveCondition,
)
from ctkms.repair.trail_spelling import Spelling

CONTEXT_KEY = "kms:EncryptionContext:aws:cloudtrail:arn"
SOURCE_KEY = "aws:SourceArn"
NAMES_OTHERS = "the policy names another account there, which may have a trail that is not in the code"
OTHERS_TOO = "the statement names others than CloudTrail, for whom it changes as well"
NAMES_OTHER_TRAIL = "the policy names another trail there, which may be in other code"
_TRAIL_ARN = re.compile(r"arn:[^:]*:cloudtrail:[^:]*:[^:]*:trail/[^*?]+\Z")
# What a reader needs CloudTrail's encryption context for: both decrypt with the key.
READING = ("kms:decrypt", "kms:reencryptfrom")


# What a trail needs to encrypt a log file.
ENCRYPTING = ("kms:generatedatakey*", "kms:generatedatakey")


class View(NamedTuple):
    """What the catalogue looks at."""

    key: Key
    document: Document
    spelling: Optional[Spelling]
    shared: bool = True  # the key encrypts something else besides logs, or may do so, which the same people may read


def is_cloudtrails(statement: Statement) -> bool:
    """Whether the statement speaks of CloudTrail alone, so that nobody else gains or loses by it."""
    named = statement.principals
    return (
        named is not None
        and not named.negated
        and bool(named.entries)
        and all(one.type == "Service" and one.value == CLOUDTRAIL for one in named.entries)
    )


def allowing(view: View, mine: bool) -> Iterator[Statement]:
    for statement in view.document.statements:
        if statement.effect == "Allow" and statement.open is None and is_cloudtrails(statement) is mine:
            yield statement


def conditions_of(view: View) -> Iterator[Tuple[Statement, Condition]]:
    for statement in view.document.statements:
        for condition in statement.conditions:
            if isinstance(condition.operator, str) and isinstance(condition.key, str):
                yield statement, condition


def asked_keys(statement: Statement) -> FrozenSet[str]:
    """The keys that the conditions of a statement ask about, in small letters: AWS compares them without case."""
    return frozenset(str(one.key).lower() for one in statement.conditions)


def certain(statement: Statement) -> Tuple[bool, str]:
    mine = is_cloudtrails(statement) and statement.effect == "Allow"
    return mine, "" if mine else OTHERS_TOO


def names_an_account(value: str, spelling: Spelling) -> bool:
    """Whether a value of the policy fixes an account by its number that is not the one that the code's trail is in."""
    sections = value.split(":")
    account = sections[4] if len(sections) > 5 else ""
    return account.isdigit() and account != spelling.account


def is_trail_arn(value: str) -> bool:
    """Whether a value names one trail, wherever it is."""
    return _TRAIL_ARN.match(value) is not None


def names_no_other(view: View, statements: List[Statement]) -> Tuple[bool, str]:
    """Whether no condition of the statements names an account whose trails might lose by another condition."""
    others = view.spelling is not None and any(
        names_an_account(str(value), view.spelling)
        for one in statements
        for condition in one.conditions
        for value in condition.values
    )
    return not others, NAMES_OTHERS if others else ""


def actions_in(statement: Statement, names: Tuple[str, ...]) -> Tuple[str, ...]:
    """Those of a statement's actions that are among these; none where not all of its actions are written out."""
    actions = statement.actions
    if actions is None or actions.negated or not all(isinstance(one, str) for one in actions.values):
        return ()
    return tuple(str(one) for one in actions.values if str(one).lower() in names)


def others_than(statement: Statement, chosen: Tuple[str, ...]) -> Tuple[str, ...]:
    return tuple(str(one) for one in (statement.actions.values if statement.actions else ()) if one not in chosen)


def is_of_named_people(statement: Statement) -> bool:
    named = statement.principals
    return (
        named is not None
        and not named.negated
        and all(one.type == "AWS" and str(one.value) != "*" for one in named.entries)
    )


def only_reads(view: View, statement: Statement) -> bool:
    """Whether a statement lets named people decrypt what CloudTrail encrypted, and nothing else."""
    reading = actions_in(statement, READING)
    allows = statement.effect == "Allow" and bool(reading) and not others_than(statement, reading)
    return (
        allows and is_of_named_people(statement) and not view.shared and "kms:viaservice" not in asked_keys(statement)
    )


def removal(statement: Statement, condition: Condition) -> RemoveCondition:
    """Taking one of its conditions away from a statement."""
    alone = sum(one.operator == condition.operator for one in statement.conditions) == 1
    last = len(statement.conditions) == 1
    return RemoveCondition(statement.index, str(condition.operator), str(condition.key), alone, last)


def source_condition(spelling: Spelling, index: int) -> AddCondition:
    operator = "StringLike" if any("*" in one for one in spelling.arns) else "StringEquals"
    return AddCondition(index, operator, SOURCE_KEY, spelling.arns if len(spelling.arns) > 1 else spelling.arns[0])


def free_sid(view: View, sid: object) -> str:
    """A Sid like another one, that no statement has."""
    taken = {str(one.sid) for one in view.document.statements}
    blank = " " if any(" " in one for one in taken) else ""
    base = str(sid) if blank else "".join(word[:1].upper() + word[1:] for word in str(sid).split(" "))
    numbered = (f"{base}{blank}{number}" for number in itertools.count(2))
    return base if base not in taken else next(one for one in numbered if one not in taken)
