"""The edits that are tried: the catalogue, one entry a kind, none for a rule.

Each entry looks at the policy as it is parsed and offers what might be meant instead. Which of them makes a
rule pass, and what else it changes, is found out by judging.
"""

from __future__ import annotations

import itertools
from typing import Callable, Iterator, List, NamedTuple, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL, ENCRYPTION_CONTEXT, SOURCE_ARN
from ctkms.cloudtrail.resources import Key
from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Condition, Document, Statement
from ctkms.iam.vocabulary import action_exists, condition_key_exists, nearest_action, nearest_condition_key
from ctkms.repair.edits import (
    AddAction,
    AddCondition,
    AddElement,
    AddStatement,
    Candidate,
    Change,
    Content,
    RemoveCondition,
    Rename,
    Replace,
    Split,
)
from ctkms.repair.trail_spelling import Spelling

CONTEXT_KEY = "kms:EncryptionContext:aws:cloudtrail:arn"
SOURCE_KEY = "aws:SourceArn"

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

OTHERS_LOSE = "it takes permissions away from others than those whom the rule is about"
ACTIONS_OF_TRAILS = ("kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt")


class View(NamedTuple):
    """What the catalogue looks at."""

    key: Key
    document: Document
    spelling: Optional[Spelling]


def candidates(view: View) -> List[Candidate]:
    """All that may be tried, the smallest first."""
    found = itertools.chain.from_iterable(entry(view) for entry in CATALOGUE)
    return sorted(found, key=lambda one: one.size)


def is_cloudtrails(statement: Statement) -> bool:
    """Whether the statement speaks of CloudTrail alone, so that nobody else gains or loses by it."""
    named = statement.principals
    return (
        named is not None
        and not named.negated
        and bool(named.entries)
        and all(one.type == "Service" and one.value == CLOUDTRAIL for one in named.entries)
    )


def _allowing(view: View, mine: bool) -> Iterator[Statement]:
    for statement in view.document.statements:
        if statement.effect == "Allow" and statement.open is None and is_cloudtrails(statement) is mine:
            yield statement


def _conditions(view: View) -> Iterator[Tuple[Statement, Condition]]:
    for statement in view.document.statements:
        for condition in statement.conditions:
            if isinstance(condition.operator, str) and isinstance(condition.key, str):
                yield statement, condition


def _certain(statement: Statement) -> Tuple[bool, str]:
    mine = is_cloudtrails(statement) and statement.effect == "Allow"
    return mine, "" if mine else "others than CloudTrail are named in the statement too"


# The entries


def _operators(view: View) -> Iterator[Candidate]:
    for statement, condition in _conditions(view):
        for new in _other_operators(str(condition.operator), [str(one) for one in condition.values]):
            siblings = [one for one in statement.conditions if one.operator == condition.operator]
            if len(siblings) > 1 or any(one.operator == new for one in statement.conditions):
                continue
            steps = ("Statement", statement.index, "Condition", str(condition.operator))
            text = f"In {statement.label}, write {new} instead of {condition.operator}."
            strict = str(condition.operator).endswith(new) or str(condition.operator).startswith(new)
            certain = (True, "") if strict and _only_reads(view, statement) else _certain(statement)
            yield Candidate((Rename(steps, str(condition.operator), new),), text, *certain)


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


def _names(view: View) -> Iterator[Candidate]:
    for statement in view.document.statements:
        for action in statement.actions.values if statement.actions else ():
            nearest = nearest_action(action) if isinstance(action, str) and not action_exists(action) else None
            if nearest and statement.actions:
                within = ("Statement", statement.index, statement.actions.name)
                wild = "*" if str(action).endswith("*") else ""
                name = nearest if nearest.startswith("kms:") else f"kms:{nearest}"
                text = f"In {statement.label}, write {name}{wild} instead of {action}."
                yield Candidate((Replace(within, str(action), name + wild),), text, *_certain(statement))
        yield from _services(statement)
    for statement, condition in _conditions(view):
        key = str(condition.key)
        known = _known_key(key)
        if known:
            steps = ("Statement", statement.index, "Condition", str(condition.operator), key)
            text = f"In {statement.label}, write {known} instead of {key}."
            yield Candidate((Rename(steps, key, known),), text, *_certain(statement))


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
            why = "" if alone else "others than CloudTrail are named in the statement too"
            yield Candidate((Replace(steps, name, CLOUDTRAIL),), text, alone and statement.effect == "Allow", why)


def _values(view: View) -> Iterator[Candidate]:
    """The trail's own ARN, or the pattern of the account's trails, where a condition names another one."""
    if view.spelling is None:
        return
    exact: List[Content] = [view.spelling.arns] if view.spelling.arns else []
    for statement, condition in _conditions(view):
        key = str(condition.key).lower()
        if key not in (SOURCE_ARN, ENCRYPTION_CONTEXT) or not is_cloudtrails(statement):
            continue
        yield from _mended(view.spelling, statement, condition)
        steps = ("Statement", statement.index, "Condition", str(condition.operator), str(condition.key))
        old = str(condition.values[0]) if len(condition.values) == 1 else None
        plain = old if condition.values and isinstance(condition.values[0], str) else None
        for new in (*exact, *([[view.spelling.any_trail]] if key == ENCRYPTION_CONTEXT else [])):
            if old is None or len(new) != 1:
                continue
            if "*" in new[0] and str(condition.operator) not in ("StringLike", "ArnLike", "ArnEquals"):
                continue
            text = f"In {statement.label}, let {condition.key} be {new[0]}."
            certain, why = (False, NAMES_OTHERS) if _names_an_account(old, view.spelling) else (True, "")
            yield Candidate((Replace(steps, plain, new[0]),), text, certain, why, view.spelling.data)


def _mended(spelling: Spelling, statement: Statement, condition: Condition) -> Iterator[Candidate]:
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
                yield Candidate((Replace(steps, str(old), new),), text)


NAMES_OTHERS = "the policy names another account there, which may have a trail that is not in the code"


def _names_an_account(value: str, spelling: Spelling) -> bool:
    """Whether a value of the policy fixes an account by its number that is not the one that the code's trail is in."""
    sections = value.split(":")
    account = sections[4] if len(sections) > 5 else ""
    return account.isdigit() and account != spelling.account


def _resources(view: View) -> Iterator[Candidate]:
    for statement in view.document.statements:
        if statement.resources is None and statement.open is None:
            text = f'In {statement.label}, add "Resource": "*".'
            yield Candidate((AddElement(statement.index, "Resource", "*"),), text, *_certain(statement))
        elif statement.resources and len(statement.resources.values) == 1 and statement.resources.values[0] != "*":
            steps = ("Statement", statement.index, statement.resources.name)
            old = statement.resources.values[0]
            if not statement.resources.negated:
                text = f'In {statement.label}, write "*" as the Resource: a key policy speaks of its own key only.'
                plain = old if isinstance(old, str) else None
                yield Candidate((Replace(steps, plain, "*"),), text, *_certain(statement))


def _narrower(view: View) -> Iterator[Candidate]:
    """Conditions that tell the trail, on one statement or on all that speak of CloudTrail and lack them."""
    if view.spelling is None:
        return
    single: List[Tuple[Statement, List[Change]]] = []
    for statement in _allowing(view, mine=True):
        by_key = {str(one.key).lower() for one in statement.conditions}
        source = [] if SOURCE_ARN in by_key or not view.spelling.arns else [_source(view.spelling, statement.index)]
        like = AddCondition(statement.index, "StringLike", CONTEXT_KEY, view.spelling.any_trail)
        context = [] if ENCRYPTION_CONTEXT in by_key else [like]
        for changes in ((*source,), (*context,), (*source, *context) if source and context else ()):
            if changes:
                single.append((statement, list(changes)))
                yield _narrowing(view, [statement], list(changes))
    for keys in (1, 2):
        together = [one for one in single if len(one[1]) == keys]
        if len({one[0].index for one in together}) == len(together) > 1:
            yield _narrowing(view, [one for one, _ in together], [one for _, changes in together for one in changes])
    sources = [(one, made) for one, made in single if len(made) == 1 and getattr(made[0], "key", "") == SOURCE_KEY]
    if len(sources) > 1:
        yield _narrowing(view, [one for one, _ in sources], [change for _, made in sources for change in made])


def _source(spelling: Spelling, index: int) -> AddCondition:
    operator = "StringLike" if any("*" in one for one in spelling.arns) else "StringEquals"
    return AddCondition(index, operator, SOURCE_KEY, spelling.arns if len(spelling.arns) > 1 else spelling.arns[0])


def _narrowing(view: View, statements: List[Statement], changes: List[Change]) -> Candidate:
    keys = " and ".join(dict.fromkeys(one.key for one in changes if isinstance(one, AddCondition)))
    where = ", ".join(one.label for one in statements)
    data = view.spelling.data if view.spelling else ""
    return Candidate(
        tuple(changes), f"In {where}, add a condition on {keys}.", *_names_no_other(view, statements), data
    )


def _names_no_other(view: View, statements: List[Statement]) -> Tuple[bool, str]:
    """Whether no condition of the statements names an account whose trails might lose by another condition."""
    others = view.spelling is not None and any(
        _names_an_account(str(value), view.spelling)
        for one in statements
        for condition in one.conditions
        for value in condition.values
    )
    return not others, NAMES_OTHERS if others else ""


def _readers(view: View) -> Iterator[Candidate]:
    """CloudTrail's encryption context, for who reads the logs."""
    for statement in _allowing(view, mine=False):
        conditions = {str(one.key).lower() for one in statement.conditions}
        reading = _actions_in(statement, READING)
        if ENCRYPTION_CONTEXT in conditions or not reading or not _is_of_named_people(statement):
            continue
        change = AddCondition(statement.index, "Null", CONTEXT_KEY, "false")
        text = f"In {statement.label}, let kms:Decrypt depend on CloudTrail's encryption context ({CONTEXT_KEY})."
        certain = (False, OTHERS_LOSE) if _is_shared(view.key) else (True, "")
        others = _others_than(statement, reading)
        whole = change if not others else Split(statement.index, others, reading, change, _sid(view, statement.sid))
        yield Candidate((whole,), text, *certain)


# What a reader needs CloudTrail's encryption context for: both decrypt with the key.
READING = ("kms:decrypt", "kms:reencryptfrom")


def _actions_in(statement: Statement, names: Tuple[str, ...]) -> Tuple[str, ...]:
    """Those of a statement's actions that are among these; none where not all of its actions are written out."""
    actions = statement.actions
    if actions is None or actions.negated or not all(isinstance(one, str) for one in actions.values):
        return ()
    return tuple(str(one) for one in actions.values if str(one).lower() in names)


def _others_than(statement: Statement, chosen: Tuple[str, ...]) -> Tuple[str, ...]:
    return tuple(str(one) for one in (statement.actions.values if statement.actions else ()) if one not in chosen)


def _is_of_named_people(statement: Statement) -> bool:
    named = statement.principals
    return (
        named is not None
        and not named.negated
        and all(one.type == "AWS" and str(one.value) != "*" for one in named.entries)
    )


def _only_reads(view: View, statement: Statement) -> bool:
    """Whether a statement lets named people decrypt what CloudTrail encrypted, and nothing else."""
    reading = _actions_in(statement, READING)
    allows = statement.effect == "Allow" and bool(reading) and not _others_than(statement, reading)
    return allows and _is_of_named_people(statement) and not _is_shared(view.key)


def _is_shared(key: Key) -> bool:
    """Whether the key encrypts something else besides, which the same people may read."""
    return bool(key.other_users or key.topics or key.stores)


def _beside_others(view: View) -> Iterator[Candidate]:
    """What keeps an event data store's statement from letting in trails, and a Deny from AWS's own services."""
    for statement in _allowing(view, mine=True) if view.key.stores else ():
        if not any(str(one.key).lower() == SOURCE_ARN for one in statement.conditions):
            change = AddCondition(statement.index, "Null", SOURCE_KEY, "true")
            text = f"In {statement.label}, add a condition: no trail calls ({SOURCE_KEY} is absent)."
            yield Candidate(
                (change,), text, False, "it relies on calls for event data stores carrying no aws:SourceArn"
            )
    for statement in view.document.statements:
        asked = {str(one.key).lower() for one in statement.conditions}
        if statement.effect == "Deny" and statement.open is None and FROM_SERVICE.lower() not in asked:
            change = AddCondition(statement.index, "Bool", FROM_SERVICE, "false")
            text = f"In {statement.label}, leave AWS's own services out ({FROM_SERVICE})."
            yield Candidate((change,), text, False, "it decides whom an explicit Deny keeps out")


FROM_SERVICE = "aws:PrincipalIsAWSService"


def _split(view: View) -> Iterator[Candidate]:
    """DescribeKey carries no encryption context, so it cannot stand in one statement with a condition on that."""
    if view.spelling is None:
        return
    for statement in _allowing(view, mine=True):
        describing = _actions_in(statement, ("kms:describekey",))
        others = _others_than(statement, describing)
        if (
            not describing
            or not others
            or any(str(one.key).lower() == ENCRYPTION_CONTEXT for one in statement.conditions)
        ):
            continue
        condition = AddCondition(statement.index, "StringLike", CONTEXT_KEY, view.spelling.any_trail)
        split = Split(statement.index, describing, others, condition, _sid(view, statement.sid))
        text = f"Split {statement.label}: {' and '.join(others)} with a condition on {CONTEXT_KEY}, the rest as it is."
        yield Candidate((split,), text, *_names_no_other(view, [statement]), view.spelling.data)


def _sid(view: View, sid: object) -> str:
    """A Sid like another one, that no statement has."""
    taken = {str(one.sid) for one in view.document.statements}
    blank = " " if any(" " in one for one in taken) else ""
    base = str(sid) if blank else "".join(word[:1].upper() + word[1:] for word in str(sid).split(" "))
    numbered = (f"{base}{blank}{number}" for number in itertools.count(2))
    return base if base not in taken else next(one for one in numbered if one not in taken)


def _actions(view: View) -> Iterator[Candidate]:
    for statement in _allowing(view, mine=True):
        if statement.actions is None or statement.actions.negated:
            continue
        for action in ACTIONS_OF_TRAILS:
            if action not in statement.actions.values:
                text = f"In {statement.label}, add the action {action}."
                yield Candidate((AddAction(statement.index, action),), text)


def _never_met(view: View) -> Iterator[Candidate]:
    """Without a condition that CloudTrail's call can never meet."""
    for statement, condition in _conditions(view):
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
        source = _source(spelling, 0)
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
        content["Sid"] = _sid(view, content["Sid"])
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
    _operators,
    _names,
    _values,
    _resources,
    _actions,
    _never_met,
    _narrower,
    _readers,
    _split,
    _beside_others,
    _statements,
)
