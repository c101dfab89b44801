"""Edits of whom a statement names: the account instead of everybody, CloudTrail by itself."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL, ENCRYPTION_CONTEXT
from ctkms.iam.document import Statement
from ctkms.repair.additions import for_cloudtrail, named
from ctkms.repair.edits import AddCondition, AddStatements, Candidate, Change, RemoveValue, SetPrincipal
from ctkms.repair.narrowings import narrower
from ctkms.repair.policy_view import (
    CONTEXT_KEY,
    ENCRYPTING,
    READING,
    View,
    actions_in,
    asked_keys,
    is_cloudtrails,
    source_condition,
)

EVERYBODY_LOSES = "it takes the access away from everybody outside of the account"
CHANGES_CALLER = "it takes the access away from everybody but CloudTrail"


def account_instead(view: View) -> Iterator[Candidate]:
    """The key's own account, whose IAM policies say who of it may do so, where a statement lets everybody in."""
    public = _public(view)
    if view.spelling is None or not view.spelling.root or not public:
        return
    root = view.spelling.root
    for some in [[one] for one in public] + ([public] if len(public) > 1 else []):
        changes = tuple(SetPrincipal(one.index, _types(one), "AWS", root) for one in some)
        text = f"In {_labels(some)}, name the account ({root}) instead of everybody."
        yield Candidate(changes, text, False, EVERYBODY_LOSES, view.spelling.data)
        reading = [one for one in some if actions_in(one, READING) and ENCRYPTION_CONTEXT not in asked_keys(one)]
        if reading:
            context = tuple(AddCondition(one.index, "Null", CONTEXT_KEY, "false") for one in reading)
            text = f"{text[:-1]}, and let kms:Decrypt depend on CloudTrail's encryption context ({CONTEXT_KEY})."
            yield Candidate((*changes, *context), text, False, EVERYBODY_LOSES, view.spelling.data)


def account_and_trail(view: View) -> Iterator[Candidate]:
    """The account instead of everybody, and in the statements for CloudTrail the trail: all that lets strangers in."""
    public = _public(view)
    if view.spelling is None or not view.spelling.root or not public:
        return
    root = view.spelling.root
    accounts = tuple(SetPrincipal(one.index, _types(one), "AWS", root) for one in public)
    for one in narrower(view):
        text = f"In {_labels(public)}, name the account ({root}) instead of everybody. {one.text}"
        yield Candidate((*accounts, *one.changes), text, False, EVERYBODY_LOSES, view.spelling.data)


def cloudtrail_instead(view: View) -> Iterator[Candidate]:
    """CloudTrail, with the conditions that tell the trail, where everybody may do what only CloudTrail needs."""
    if view.spelling is None or not view.spelling.arns:
        return
    for statement in _public(view):
        encrypting = actions_in(statement, ENCRYPTING)
        if statement.conditions or not encrypting:
            continue
        changes: Tuple[Change, ...] = (
            SetPrincipal(statement.index, _types(statement), "Service", CLOUDTRAIL),
            source_condition(view.spelling, statement.index),
            AddCondition(statement.index, "StringLike", CONTEXT_KEY, view.spelling.any_trail),
        )
        text = f"In {statement.label}, name CloudTrail instead of everybody, and its trail in conditions."
        yield Candidate(changes, text, False, CHANGES_CALLER, view.spelling.data)


def out_of_the_others(view: View) -> Iterator[Candidate]:
    """Statements of CloudTrail's own, where it shares one with other services."""
    ours = for_cloudtrail(view)
    for statement in view.document.statements if ours else ():
        whom = statement.principals
        if statement.effect != "Allow" or whom is None or whom.negated or is_cloudtrails(statement):
            continue
        services = [one for one in whom.entries if one.type == "Service"]
        if len(services) < 2 or not any(one.value == CLOUDTRAIL for one in services):
            continue
        taken = RemoveValue(("Statement", statement.index, "Principal", "Service"), CLOUDTRAIL)
        for count in (2, 3):
            added = AddStatements(tuple(named(view, one) for one in ours[:count]))
            text = f"Take CloudTrail out of {statement.label}, and give it statements of its own."
            yield Candidate((taken, added), text, data=ours[0].data)


def _public(view: View) -> List[Statement]:
    return [
        one
        for one in view.document.statements
        if one.effect == "Allow"
        and one.open is None
        and one.principals is not None
        and not one.principals.negated
        and all(entry.value == "*" for entry in one.principals.entries)
        and bool(one.principals.entries)
    ]


def _types(statement: Statement) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(one.type for one in statement.principals.entries)) if statement.principals else ()


def _labels(statements: List[Statement]) -> str:
    return ", ".join(one.label for one in statements)
