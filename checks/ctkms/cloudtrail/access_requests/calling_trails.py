"""Trails that may call besides those of the code: of other accounts, under other names, from other Regions."""

from __future__ import annotations

from typing import Callable, Dict, Mapping, Optional, Tuple

from ctkms.cloudtrail.access_requests.caller_choices import (
    TO_TRAILS,
    Candidate,
    candidates,
    chosen_context,
)
from ctkms.cloudtrail.access_requests.calls import DESCRIBE_KEY, GENERATE_DATA_KEY, SERVICE
from ctkms.cloudtrail.access_requests.context import (
    ENCRYPTION_CONTEXT,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
)
from ctkms.cloudtrail.access_requests.foreign_accounts import (
    OTHER_ACCOUNT,
    foreign_accounts,
    has_strange,
    is_foreign,
    within_arn,
)
from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.access_requests.meeting_patterns import (
    MANY_IN_NAME,
    Read,
    plainly,
)
from ctkms.cloudtrail.access_requests.policy_values import (
    FRESH_NAME,
    has_wildcard,
    sections_of,
    values_for,
)
from ctkms.cloudtrail.access_requests.questions import WHO, Chosen, Question, Questions, of_the_case
from ctkms.cloudtrail.access_requests.witnesses import Witnesses, witnesses
from ctkms.cloudtrail.resources import Trail, trail_arn
from ctkms.iam.context_keys import values_with_variables
from ctkms.iam.patterns import ACCOUNT, REGION, RESOURCE, arn_sections
from ctkms.iam.policy import Condition
from ctkms.iam.request import Context, Request
from ctkms.unknowns.text import Hole, Kind, Text
from ctkms.unknowns.truth import UNKNOWN

_TRAIL_KEYS = (SOURCE_ARN, ENCRYPTION_CONTEXT)


_ANY_REGION = Hole("<any Region>", Kind.REGION)


_ANY_NAME = Hole("<any name>", Kind.NAME)


def foreign_trails(case: KeyCase, trail: Trail) -> Witnesses:
    """Trails of other accounts, under any name, which the conditions on either key of a trail may let in."""
    keys = (SOURCE_ACCOUNT, *_TRAIL_KEYS)
    return _trails(case, _region(trail), foreign_accounts(case, keys), keys, is_foreign)


def foreign_contexts(case: KeyCase, trail: Trail) -> Witnesses:
    """The same, as far as the conditions on the encryption context tell."""
    keys = (ENCRYPTION_CONTEXT,)
    return _trails(case, _region(trail), foreign_accounts(case, keys), keys, is_foreign)


def other_trails(case: KeyCase, trail: Trail) -> Witnesses:
    """Trails of the same account under names that the policy does not spell out."""
    account = account_of_trail(case, trail)
    return _trails(case, _region(trail), (account,), (SOURCE_ARN, SOURCE_ACCOUNT), _is_freshly_named)


def trails_told_apart(case: KeyCase) -> Tuple[Trail, ...]:
    """Of the trails whose encryption context the policy does not tell apart the first one: readers need it of each."""
    statements = case.document.statements
    conditions = [one for statement in statements for one in statement.conditions if _looks_at_context(one)]
    if len(case.trails) < 2 or any(values_with_variables(one) for one in statements):
        return case.trails
    found: Dict[Tuple[object, ...], Trail] = {}
    for trail in case.trails:
        context = Context({ENCRYPTION_CONTEXT: trail.arn})
        told = tuple([case.policy.holds(one, context) for one in conditions])
        found.setdefault((told, trail.arn) if UNKNOWN in told else told, trail)
    return tuple(found.values())


def _looks_at_context(condition: Condition) -> bool:
    return str(condition.key).lower() == ENCRYPTION_CONTEXT


def account_of_trail(case: KeyCase, trail: Trail) -> Text:
    """The account that a trail's ARN names; the key's where the ARN is not known."""
    sections = arn_sections(trail.arn)
    return sections[ACCOUNT] if sections else case.account


def _region(trail: Trail) -> Tuple[Text, ...]:
    return arn_sections(trail.arn)[REGION : REGION + 1]


@of_the_case  # many trails have one Region and one account
def _trails(
    case: KeyCase,
    own: Tuple[Text, ...],
    accounts: Tuple[Text, ...],
    keys: Tuple[str, ...],
    accept: Callable[[Text], bool],
) -> Witnesses:
    values = values_for(case.document.statements, (SOURCE_ARN, ENCRYPTION_CONTEXT))
    spelled_out = [one for one in sections_of(values, REGION) if one and not has_wildcard(one)]
    # One that nobody names, those that are named, and one of which a pattern gives some letters.
    elsewhere = dict.fromkeys((FRESH_NAME + MANY_IN_NAME, *spelled_out, MANY_IN_NAME))
    forms = [
        [trail_arn(MANY_IN_NAME, region, account, case.partition) for account in accounts for region in regions]
        for regions in (own, tuple(elsewhere))
        if regions
    ]
    of_account = trail_arn("*", "*", "{}", "*")
    read: Dict[str, Read] = {
        SOURCE_ARN: plainly,
        ENCRYPTION_CONTEXT: plainly,
        SOURCE_ACCOUNT: within_arn(str(of_account)),
    }
    statements = case.policy.statements_about(SERVICE, GENERATE_DATA_KEY) + case.policy.statements_about(
        SERVICE, DESCRIBE_KEY
    )
    return witnesses(
        statements,
        {key: read[key] for key in keys},
        forms,
        FRESH_NAME,
        lambda arn: accept(arn) and _is_in_a_region(arn),
    )


def _is_in_a_region(arn: Text) -> bool:
    """A Region begins with a letter, so no digits of a policy are one."""
    sections = arn_sections(arn)
    return bool(sections) and not str(sections[REGION])[:1].isdigit()


def _is_freshly_named(arn: Text) -> bool:
    return has_strange(arn, RESOURCE)


def calls_of_trails(
    case: KeyCase,
    action: str,
    trails: Witnesses,
    source: Optional[Trail] = None,
    context: Optional[Trail] = None,
    account: Text = OTHER_ACCOUNT,
    organization: Optional[Mapping[str, Candidate]] = None,
) -> Questions:
    """CloudTrail's calls for each of the trails.

    With `source`, `aws:SourceArn` is that trail's whatever trail the encryption context is of; with
    `context` it is the other way round. AWS sends no such call: the question is which of the two
    conditions stands by itself. `account` is that of all the trails; `organization` what the call says of theirs,
    where something is assumed of it.
    """
    statements = case.policy.statements_about(SERVICE, action)
    free, complete = candidates(statements, TO_TRAILS, False, action)
    anyone = trail_arn(_ANY_NAME, _ANY_REGION, account, case.partition)

    def ask(chosen: Chosen) -> Request:
        arn = chosen.get(WHO, anyone)
        trail = Trail("", arn_sections(arn)[RESOURCE], arn)
        extra = {**chosen_context(free, chosen), **(organization or {})}
        return case.asked.by_trail(action, source or trail, (context or trail).arn, extra)

    return Questions((Question(ask, {WHO: trails.values}, free),), capped=not (trails.complete and complete))
