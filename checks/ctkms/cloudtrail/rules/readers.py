"""Rules 040 to 042 and 062: the people who read the logs and manage the key, as the key policy alone tells."""

from __future__ import annotations

from dataclasses import replace
from typing import List

from ctkms.cloudtrail.access_requests.callers import calls_of, is_root, named_principals, strangers
from ctkms.cloudtrail.access_requests.calling_trails import trails_told_apart
from ctkms.cloudtrail.access_requests.calls import DECRYPT, GENERATE_DATA_KEY, PUT_KEY_POLICY
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer, Note, denied, every, some, some_allowed
from ctkms.iam.document import Document, PrincipalEntry, Statement
from ctkms.iam.patterns import matches
from ctkms.iam.principals import account_of
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal
from ctkms.unknowns.text import Hole, Rest, Text, holes_in
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

_READING = "a log reader, to read the logs"
_QUERYING = "a user of the event data store, to query it"
_MANAGING = "a key administrator, to change the key policy"


def someone_reads(case: KeyCase) -> Answer:
    """Some AWS principal can decrypt every trail's logs."""
    principals = named_principals(case)
    answer = every(
        some_allowed(case.policy, calls_of(case, DECRYPT, principals, _READING, trail.arn))
        for trail in trails_told_apart(case)
    )
    if answer.kept is FALSE and all(is_root(arn) is FALSE for arn in principals):
        return answer._replace(further=_IAM_DOES_NOT_COUNT)
    return answer


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
_IAM_DOES_NOT_COUNT = "no statement names an account as a whole, so what IAM policies allow does not count for this key"


def someone_queries(case: KeyCase) -> Answer:
    """Some AWS principal can both decrypt and encrypt, which it takes to query an event data store."""
    by_principal = [
        every(
            some_allowed(case.policy, calls_of(case, action, (arn,), _QUERYING, UNDOCUMENTED))
            for action in (DECRYPT, GENERATE_DATA_KEY)
        )
        for arn in named_principals(case)
    ]
    # A statement that cannot be read may name anybody, also where no other one names somebody.
    anybody = some_allowed(case.policy, calls_of(case, DECRYPT, (), _QUERYING, UNDOCUMENTED))
    return some((*by_principal, anybody))


def readers_are_held_to_the_context(case: KeyCase) -> Answer:
    """A reader who is neither an account root nor a key administrator decrypts CloudTrail's data only."""
    case = case.under(_without_accounts(case.document))
    answers: List[Answer] = []
    anybody = denied(case.policy, calls_of(case, DECRYPT, (), "a log reader", None))
    if anybody.kept is UNKNOWN:
        answers.append(anybody)  # a statement that cannot be read may name any reader
    for arn in named_principals(case):
        root = is_root(arn)
        if root is TRUE:
            continue
        administers = some_allowed(case.policy, calls_of(case, PUT_KEY_POLICY, (arn,), _MANAGING, None))
        if administers.kept is TRUE:
            continue
        without = denied(
            case.policy,
            calls_of(case, DECRYPT, (arn,), "a log reader, without CloudTrail's encryption context", None),
        )
        if without.kept is FALSE and (administers.kept is UNKNOWN or root is UNKNOWN):
            # Either may exempt him in the end.
            without = Answer(UNKNOWN, (*administers.decisions, *without.decisions), holes=holes_in(arn))
        answers.append(without)
    return every(answers) if answers else Answer(TRUE, note=_NONE_TO_HOLD)


_NONE_TO_HOLD = Note("every reader is an account root or administers the key")


def _belongs_to(account: Text, arn: Text) -> Truth:
    return matches(account, AwsPrincipal(arn).account or Hole(str(arn)), wildcards=False)


def _without_accounts(document: Document) -> Document:
    """The document without what it grants to whole accounts: whom they let in is up to their IAM policies."""
    return replace(document, statements=tuple(_to_principals(statement) for statement in document.statements))


def _name(entry: PrincipalEntry) -> Text:
    return entry.value.like if isinstance(entry.value, Rest) else entry.value


def _to_principals(statement: Statement) -> Statement:
    principals = statement.principals
    if statement.effect != "Allow" or principals is None or principals.negated:
        return statement
    entries = tuple([one for one in principals.entries if not account_of(_name(one))])
    if len(entries) == len(principals.entries):
        return statement
    return replace(statement, principals=replace(principals, entries=entries))


def stays_manageable(case: KeyCase) -> Answer:
    """Some AWS principal may change the key policy, and no stranger may.

    KMS takes PutKeyPolicy from principals of the key's own account only:
    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    named = [(arn, _belongs_to(case.account, arn)) for arn in named_principals(case)]
    at_home = [arn for arn, home in named if home is TRUE]
    perhaps = [arn for arn, home in named if home is UNKNOWN]
    answer = some_allowed(case.policy, calls_of(case, PUT_KEY_POLICY, at_home, _MANAGING, None))
    if answer.kept is FALSE and perhaps:
        other = some_allowed(case.policy, calls_of(case, PUT_KEY_POLICY, perhaps, _MANAGING, None))
        if other.kept is not FALSE:
            answer = Answer(UNKNOWN, other.decisions, holes=tuple(hole for arn in perhaps for hole in holes_in(arn)))
    if answer.kept is FALSE and not at_home:
        answer = Answer(FALSE, note=Note("the key policy lets nobody of the key's own account change it", short=""))
    return every(
        (
            answer,
            denied(case.policy, strangers(case, PUT_KEY_POLICY, "a stranger, to change the key policy")),
        )
    )
