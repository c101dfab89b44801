"""Rules 043 and 044: roles and users of the same code that the key policy lets read.

Who may become a reader is the role's trust policy; what a reader of another account may do is up to
his own policies too, because across accounts both sides must allow:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from typing import Iterable, List, Optional, Tuple

from ctkms.cloudtrail.access_requests.callers import calls_of, strangers
from ctkms.cloudtrail.access_requests.calling_trails import trails_told_apart
from ctkms.cloudtrail.access_requests.calls import DECRYPT
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.access_requests.policy_values import texts_in
from ctkms.cloudtrail.access_requests.questions import Questions
from ctkms.cloudtrail.answers import Answer, denied, every_if_any, some_allowed
from ctkms.cloudtrail.resources import Person
from ctkms.iam.document import IDENTITY_POLICY, TRUST_POLICY, Document, Statement, parse
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, SERVICE, arn_sections, matches
from ctkms.iam.principals import account_of
from ctkms.iam.request import AwsPrincipal
from ctkms.unknowns.text import Rest, Text
from ctkms.unknowns.truth import FALSE, TRUE

ASSUME_ROLE = "sts:AssumeRole"


def strangers_cannot_become_readers(case: KeyCase) -> Optional[Answer]:
    """No stranger may assume a role that the key policy names as reader; None where no such role is in the code."""
    return every_if_any(
        _keeps_strangers_out(case, person)
        for person in case.key.people
        if person.trust_policy is not None and _is_named(case, person)
    )


def _is_named(case: KeyCase, person: Person) -> bool:
    """Whether the key policy lets this very principal decrypt, not just its account or everyone."""
    caller = AwsPrincipal(person.arn)
    return any(
        statement.effect == "Allow" and _names(statement, person.arn)
        for statement in case.policy.statements_about(caller, DECRYPT)
    )


def _names(statement: Statement, arn: Text) -> bool:
    principals = statement.principals
    if principals is None or principals.negated:
        return False
    return any(
        not isinstance(entry.value, Rest)
        and not account_of(entry.value)
        and matches(entry.value, arn, wildcards=False) is TRUE
        for entry in principals.entries
    )


def _keeps_strangers_out(case: KeyCase, person: Person) -> Answer:
    trust = case.identity.document(parse(person.trust_policy, TRUST_POLICY))
    role = case.under(trust, person.arn)
    answer = denied(role.policy, strangers(role, ASSUME_ROLE, f"a stranger, to become {person.address}"))
    return answer._replace(of_other_policy=True)


def readers_of_other_accounts_may_decrypt(case: KeyCase) -> Optional[Answer]:
    """A reader of another account whose policies are in the code may decrypt by them too; None where there is none."""
    return every_if_any(
        _may_by_own_policies(case, person, person.identity_policies)
        for person in case.key.people
        if person.identity_policies is not None and _is_admitted_from_elsewhere(case, person)
    )


def _is_admitted_from_elsewhere(case: KeyCase, person: Person) -> bool:
    sections = arn_sections(person.arn)
    if not sections or matches(case.account, sections[ACCOUNT], wildcards=False) is not FALSE:
        return False
    contexts: List[Optional[Text]] = [*(trail.arn for trail in trails_told_apart(case))] or [None]
    calls = (calls_of(case, DECRYPT, (person.arn,), "a log reader", context) for context in contexts)
    return any(some_allowed(case.policy, one).kept is TRUE for one in calls)


def _may_by_own_policies(case: KeyCase, person: Person, policies: Iterable[object]) -> Answer:
    document = _together([case.identity.document(parse(policy, IDENTITY_POLICY)) for policy in policies])
    purpose = f"{person.address}, by its own policies"
    questions = [
        question
        for arn in _this_key(case, document)
        for question in calls_of(
            case.under(document, arn),
            DECRYPT,
            (person.arn,),
            purpose,
            case.trails[0].arn if case.trails else None,
        ).asked
    ]
    complete = all(statement.open is None for statement in document.statements)
    answer = some_allowed(Evaluator(document), Questions(tuple(questions), complete))
    return answer._replace(lead="", of_other_policy=True)


def _together(documents: List[Document]) -> Document:
    """Several policies of one principal as one document."""
    statements: List[Statement] = []
    for document in documents:
        statements.extend(document.statements)
        if document.open is not None:
            statements.append(Statement(len(statements), None, document.open, open=document.open))
    version = next((document.version for document in documents if document.open is None), "2012-10-17")
    return Document(version, tuple(statements))


def _this_key(case: KeyCase, document: Document) -> Tuple[Text, ...]:
    """The key's ARN, and every ARN in the document that may be this key's: its id is not known before it is made."""
    own = arn_sections(case.key.arn)
    found: List[Text] = [case.key.arn]
    for text in texts_in(document):
        sections = arn_sections(text)
        same = own and sections and all(sections[place] == own[place] for place in (SERVICE, REGION, ACCOUNT))
        if same and isinstance(text, str) and "*" not in text and sections[RESOURCE].startswith("key/"):  # type: ignore[union-attr]
            found.append(text)
    return tuple(dict.fromkeys(found))
