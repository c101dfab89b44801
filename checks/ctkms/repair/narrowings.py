"""Edits by which a statement allows less: conditions that tell whose call it is."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from ctkms.cloudtrail.access_requests.context import CLOUDTRAIL, ENCRYPTION_CONTEXT, SOURCE_ARN
from ctkms.iam.document import Statement
from ctkms.repair.additions import STORES_NAME_NO_TRAIL
from ctkms.repair.edits import (
    AddCondition,
    Candidate,
    Change,
    Split,
)
from ctkms.repair.policy_view import (
    CONTEXT_KEY,
    READING,
    SOURCE_KEY,
    View,
    actions_in,
    allowing,
    asked_keys,
    free_sid,
    is_cloudtrails,
    is_of_named_people,
    names_no_other,
    others_than,
    source_condition,
)

OTHERS_LOSE = "it takes permissions away from others than those whom the rule is about"
WHOM_IT_KEEPS_OUT = "it decides whom an explicit Deny keeps out"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
PERIMETER = frozenset(
    f"aws:{name}"
    for name in """
    principalorgid principalorgpaths principalaccount principalarn sourceip sourcevpc sourcevpce vpcsourceip
    multifactorauthpresent securetransport requestedregion
    """.split()
)
FROM_SERVICE = "aws:PrincipalIsAWSService"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: only services' calls have it
SERVICE_NAME = "aws:PrincipalServiceName"


def narrower(view: View) -> Iterator[Candidate]:
    """Conditions that tell the trail, on one statement or on all that speak of CloudTrail and lack them."""
    if view.spelling is None:
        return
    single: List[Tuple[Statement, List[Change]]] = []
    for statement in allowing(view, mine=True):
        asked = asked_keys(statement)
        source = (
            [] if SOURCE_ARN in asked or not view.spelling.arns else [source_condition(view.spelling, statement.index)]
        )
        like = AddCondition(statement.index, "StringLike", CONTEXT_KEY, view.spelling.any_trail)
        context = [] if ENCRYPTION_CONTEXT in asked else [like]
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


def _narrowing(view: View, statements: List[Statement], changes: List[Change]) -> Candidate:
    keys = " and ".join(dict.fromkeys(one.key for one in changes if isinstance(one, AddCondition)))
    where = ", ".join(one.label for one in statements)
    data = view.spelling.data if view.spelling else ""
    return Candidate(tuple(changes), f"In {where}, add a condition on {keys}.", *names_no_other(view, statements), data)


def readers(view: View) -> Iterator[Candidate]:
    """CloudTrail's encryption context, for who reads the logs."""
    for statement in allowing(view, mine=False):
        reading = actions_in(statement, READING)
        if ENCRYPTION_CONTEXT in asked_keys(statement) or not reading or not is_of_named_people(statement):
            continue
        change = AddCondition(statement.index, "Null", CONTEXT_KEY, "false")
        text = f"In {statement.label}, let kms:Decrypt depend on CloudTrail's encryption context ({CONTEXT_KEY})."
        logs_only = not view.shared and "kms:viaservice" not in asked_keys(statement)
        safe = (True, "") if logs_only else (False, OTHERS_LOSE)
        others = others_than(statement, reading)
        whole = change if not others else Split(statement.index, others, reading, change, free_sid(view, statement.sid))
        yield Candidate((whole,), text, *safe, of_people=True)


def beside_others(view: View) -> Iterator[Candidate]:
    """What keeps an event data store's statement from letting in trails, and a Deny from AWS's own services."""
    for statement in allowing(view, mine=True) if view.key.stores else ():
        if SOURCE_ARN not in asked_keys(statement):
            change = AddCondition(statement.index, "Null", SOURCE_KEY, "true")
            text = f"In {statement.label}, add a condition: no trail calls ({SOURCE_KEY} is absent)."
            yield Candidate((change,), text, False, STORES_NAME_NO_TRAIL)
    for statement in view.document.statements:
        if statement.effect != "Deny" or statement.open is not None:
            continue
        asked = asked_keys(statement)
        if SERVICE_NAME.lower() not in asked:
            # A condition with Not holds where the request has no such key, so the Deny stays for everybody else.
            change = AddCondition(statement.index, "StringNotEquals", SERVICE_NAME, CLOUDTRAIL)
            text = f"In {statement.label}, leave CloudTrail out ({SERVICE_NAME})."
            # One that keeps everybody out by who calls, and from where, was not made for AWS's services.
            of_callers = bool(asked) and asked <= PERIMETER and not is_cloudtrails(statement)
            yield Candidate((change,), text, of_callers, "" if of_callers else WHOM_IT_KEEPS_OUT)
        if FROM_SERVICE.lower() not in asked:
            change = AddCondition(statement.index, "Bool", FROM_SERVICE, "false")
            text = f"In {statement.label}, leave AWS's own services out ({FROM_SERVICE})."
            yield Candidate((change,), text, False, WHOM_IT_KEEPS_OUT)


def split_statements(view: View) -> Iterator[Candidate]:
    """DescribeKey carries no encryption context, so it cannot stand in one statement with a condition on that."""
    if view.spelling is None:
        return
    for statement in allowing(view, mine=True):
        describing = actions_in(statement, ("kms:describekey",))
        others = others_than(statement, describing)
        if not describing or not others or ENCRYPTION_CONTEXT in asked_keys(statement):
            continue
        condition = AddCondition(statement.index, "StringLike", CONTEXT_KEY, view.spelling.any_trail)
        split = Split(statement.index, describing, others, condition, free_sid(view, statement.sid))
        text = f"Split {statement.label}: {' and '.join(others)} with a condition on {CONTEXT_KEY}, the rest as it is."
        yield Candidate((split,), text, *names_no_other(view, [statement]), view.spelling.data)
