"""What KMS does not accept in a key policy, and what it accepts although it cannot have an effect.

`parse` has found what breaks the grammar; this looks at the names: principals, actions, operators
and condition keys.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

import re
from typing import Iterator, List, Optional, Tuple

from ctkms.iam.conditions import read_operator
from ctkms.iam.document import Document, Problem, Statement, Value
from ctkms.iam.patterns import arn_sections
from ctkms.iam.text import Hole, Kind, Rest, Text, holes_in
from ctkms.iam.vocabulary import action_exists, condition_key_exists, nearest_action, nearest_condition_key

MAX_SIZE = 32768  # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html

_ACCOUNT = re.compile(r"[0-9]{12}\Z")
# What AWS puts in the place of a deleted user or role; KMS refuses a policy that still has it:
# https://repost.aws/knowledge-center/kms-policy-error-invalid-principals
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}\Z")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|aws\.internal|aws)\Z")
_IAM_NAMES = ("user/", "role/")
_STS_NAMES = ("assumed-role/", "federated-user/")
_AWS_KEYS = ("aws", "kms")  # prefixes of condition keys that are in the vocabulary


def problems_of(document: Document) -> Tuple[Problem, ...]:
    """Every problem of a key policy, the grammar's included, in the order of the statements."""
    found: List[Problem] = list(document.problems)
    if document.size > MAX_SIZE:
        found.append(Problem("", f"the policy has {document.size:,} bytes; KMS takes {MAX_SIZE:,} at most"))
    found.extend(_repeated_sids(document))
    hints = document.size <= MAX_SIZE  # the search for what a name may mean takes its time
    for statement in document.statements:
        if statement.open is None:
            found.extend(_principals(statement))
            found.extend(_actions(statement, hints))
            found.extend(_resources(statement))
            found.extend(_conditions(statement, hints))
    return tuple(found)


def open_names(document: Document) -> Tuple[Hole, ...]:
    """The holes on which it depends whether KMS accepts the document: those in the place of a name."""
    found: List[Hole] = [document.open] if document.open else []
    found.extend(holes_in(document.version))
    for statement in document.statements:
        names: List[Value] = [statement.effect, statement.open or ""]
        names += [entry.value for entry in (statement.principals.entries if statement.principals else ())]
        names += statement.actions.values if statement.actions else ()
        names += [name for condition in statement.conditions for name in (condition.operator, condition.key)]
        for name in names:
            if not isinstance(name, str):
                holes = (name.hole,) if isinstance(name, Rest) else holes_in(name)
                found.extend(hole for hole in holes if hole.kind is Kind.ANY)
    return tuple(dict.fromkeys(found))


def _repeated_sids(document: Document) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
    seen = set()
    for statement in document.statements:
        if isinstance(statement.sid, str) and statement.sid in seen:
            what = f'the Sid "{_short(statement.sid)}" stands twice; a Sid is unique within its policy'
            yield Problem(f"Statement/[{statement.index}]/Sid", what, refused=False)
        seen.add(statement.sid or None)


def _principals(statement: Statement) -> Iterator[Problem]:
    if not statement.principals:
        return
    where = f"Statement/[{statement.index}]/{statement.principals.name}"
    for entry in statement.principals.entries:
        if isinstance(entry.value, (Rest, Hole)):
            continue
        if entry.type == "AWS":
            what = _what_is_wrong_with_aws(entry.value)
            if what:
                yield Problem(where, what)
        elif entry.type == "Service" and isinstance(entry.value, str) and not _SERVICE.match(entry.value):
            yield Problem(where, f'"{_short(entry.value)}" is no service principal', refused=False)


def _what_is_wrong_with_aws(name: Text) -> str:
    if isinstance(name, str) and (name == "*" or _ACCOUNT.match(name)):
        return ""
    if isinstance(name, str) and _UNIQUE_ID.match(name):
        return f'"{_short(name)}" is what is left of a deleted user or role; remove it'
    sections = arn_sections(name)
    if not sections:
        if not isinstance(name, str):
            return ""
        if name.isdigit():
            return f'the account id "{_short(name)}" has {len(name)} digits; account ids have 12'
        return f'"{_short(name)}" is no principal; write an ARN, a 12-digit account id or "*"'
    service, account, resource = sections[2], sections[4], str(sections[5])
    if isinstance(account, str) and not _ACCOUNT.match(account):
        digits = f"has {len(account)} digits" if account.isdigit() else "is no account id"
        return f'the account "{_short(account)}" in "{_short(name)}" {digits}; account ids have 12 digits'
    if resource.startswith("group/"):
        return f'"{_short(name)}" is a group; groups are no principals'
    known = {"iam": ("root", *_IAM_NAMES), "sts": _STS_NAMES}.get(str(service))
    if isinstance(service, str) and isinstance(sections[5], str) and not (known and resource.startswith(known)):
        return f'"{_short(name)}" is no user, role, session or account root'
    if "*" in resource or "?" in resource:
        return f'"{_short(name)}" has a wildcard; in a principal only "*" alone is one'
    return ""


def _actions(statement: Statement, hints: bool) -> Iterator[Problem]:
    if not statement.actions:
        return
    where = f"Statement/[{statement.index}]/{statement.actions.name}"
    for action in statement.actions.values:
        if isinstance(action, str) and not action_exists(action):
            hint = _hint(nearest_action(action)) if hints else ""
            yield Problem(where, f'"{_short(action)}" is no KMS action{hint}', refused=False)


def _resources(statement: Statement) -> Iterator[Problem]:
    if not statement.resources or statement.resources.negated:
        return
    where = f"Statement/[{statement.index}]/Resource"
    for resource in statement.resources.values:
        if isinstance(resource, str) and ":alias/" in resource:
            what = f'"{_short(resource)}" is an alias; in a key policy Resource is the key, so write "*"'
            yield Problem(where, what, refused=False)


def _conditions(statement: Statement, hints: bool) -> Iterator[Problem]:
    for condition in statement.conditions:
        where = f"Statement/[{statement.index}]/Condition/{_short(condition.operator)}"
        if isinstance(condition.operator, str) and read_operator(condition.operator) is None:
            yield Problem(where, f'"{_short(condition.operator)}" is no condition operator')
        key = condition.key
        if not isinstance(key, str) or condition_key_exists(key):
            continue
        prefix, colon, _ = key.lower().partition(":")
        if not colon or prefix in _AWS_KEYS:
            hint = _hint(nearest_condition_key(key)) if hints else ""
            what = f'"{_short(key)}" is no condition key, so it is absent from every request{hint}'
            yield Problem(f"{where}/{_short(key)}", what, refused=False)


def _hint(name: Optional[str]) -> str:
    return f'; did you mean "{name}"?' if name else ""


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= 200 else text[:197] + "..."
