"""Whether an edited policy lets CloudTrail do more than the rule asks for.

The rules ask for the worst that strangers can do, but only until one of them gets in: a rule that fails already
would not notice a second one. So what the edited statements allow is asked for by itself. Edits that are called
proved change statements that speak of CloudTrail alone, so nobody else has to be asked.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Callable, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.cloudtrail.access_requests.calling_trails import (
    account_of_trail,
    calls_of_trails,
    foreign_trails,
    other_trails,
)
from ctkms.cloudtrail.access_requests.calls import DESCRIBE_KEY
from ctkms.cloudtrail.access_requests.key_case import KeyCase, cases_of, policy_in_force
from ctkms.cloudtrail.access_requests.management_account import decided
from ctkms.cloudtrail.access_requests.questions import Questions
from ctkms.cloudtrail.answers import denied
from ctkms.cloudtrail.evidence import role_of
from ctkms.cloudtrail.resources import ANY_TRAIL, Key, Trail
from ctkms.iam.document import Condition, Element, Statement, Value
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.patterns import matches, matches_arn
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.truth import TRUE, Truth

ACTIONS = (
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:ReEncryptFrom",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    DESCRIBE_KEY,
)
_NOTHING = Element("Action", ("ctkms:Nothing",))
# Operators of patterns, with what compares them.
_ALIKE: Mapping[str, Callable[[str, str], Truth]] = {
    "StringLike": matches,
    "ArnLike": matches_arn,
    "ArnEquals": matches_arn,
}


def allows_more(
    before: Sequence[Key], after: Sequence[Key], asked_for: Tuple[str, ...], known: Tuple[Trail, ...] = ()
) -> bool:
    """Whether the edited statements allow, or may allow, a call that is not among what the rule asks for.

    `asked_for` are the actions that the rule needs to be allowed. GenerateDataKeyWithoutPlaintext is taken for a part
    of GenerateDataKey: who calls it gets less. An event data store's call carries no name of a trail, so the
    statement that AWS documents for stores lets in all of CloudTrail's calls; where the key has no trail, that is
    what the rule asks for. `known` are all trails of the code: one that does not use the key is an other one too.
    """
    then, now = list(_cases(before)), list(_cases(after))
    if len(then) != len(now) or not now:
        return True
    return any(_allows_more(one, other, asked_for, known) for one, other in zip(then, now))


def _cases(scenarios: Sequence[Key]) -> Iterator[KeyCase]:
    for key in itertools.chain.from_iterable(map(decided, scenarios)):
        document = policy_in_force(key)
        role = role_of(key, document)
        if role is not None and role.judged:
            yield from cases_of(key, document, role)


def _allows_more(before: KeyCase, after: KeyCase, asked_for: Tuple[str, ...], known: Tuple[Trail, ...]) -> bool:
    changed = _widened(before.document.statements, after.document.statements)
    if not changed:
        return False
    alone = _only(after, changed)
    own = (*after.trails, *(trail for topic in after.topics for trail in topic.trails)) or (ANY_TRAIL,)
    named = {after.identity.text(trail.arn): trail for trail in known}
    others = [replace(trail, arn=arn) for arn, trail in named.items() if arn not in {one.arn for one in own}]
    for action in ACTIONS:
        wanted = bool(asked_for) and action.startswith(asked_for)
        if wanted and after.key.stores and not after.key.trails:
            continue
        if any(denied(alone.policy, one).kept is not TRUE for trail in own for one in _by_others(alone, action, trail)):
            return True
        if any(_newly(before, after, action, trail) for trail in (*others, *(() if wanted else own))):
            return True
    return False


def _newly(before: KeyCase, after: KeyCase, action: str, trail: Trail) -> bool:
    """Whether CloudTrail may call for a trail, or perhaps may, and could not before."""
    request = after.asked.by_trail(action, trail)
    denied_before = before.policy.decide(request).verdict is Verdict.DENY
    return denied_before and after.policy.decide(request).verdict is not Verdict.DENY


def _by_others(case: KeyCase, action: str, trail: Trail) -> List[Questions]:
    """What is never to be allowed by an edit, whatever the policy allowed before."""
    account = account_of_trail(case, trail)
    return [
        calls_of_trails(case, action, foreign_trails(case, trail)),
        calls_of_trails(case, action, other_trails(case, trail), account=account),
    ]


def _only(case: KeyCase, kept: FrozenSet[int]) -> KeyCase:
    """The case with all other Allow statements made harmless; the positions stay."""
    statements = tuple(
        one if one.index in kept or one.effect != "Allow" else replace(one, actions=_NOTHING)
        for one in case.document.statements
    )
    return replace(case, policy=Evaluator(replace(case.document, statements=statements)))


def _widened(before: Sequence[Statement], after: Sequence[Statement]) -> FrozenSet[int]:
    """The statements that may allow more than before."""
    allowing = [one for one in before if one.effect == "Allow"]
    added = frozenset(
        one.index for one in after if one.effect == "Allow" and not any(_narrower(old, one) for old in allowing)
    )
    denying = [tuple(one for one in some if one.effect != "Allow") for some in (before, after)]
    # A Deny that is not what it was may let any of the others allow more.
    return added if denying[0] == denying[1] else frozenset(one.index for one in after)


def _narrower(before: Statement, after: Statement) -> bool:
    """Whether a statement says the same as one before, or surely applies to fewer requests."""
    actions = before.actions, after.actions
    if actions[0] != actions[1] and not _is_part(*actions):
        return False
    alike = replace(after, index=before.index, sid=before.sid, actions=before.actions, conditions=before.conditions)
    conditions = before.conditions == after.conditions or all(
        any(_at_least(one, other) for other in after.conditions) for one in before.conditions
    )
    return alike == before and conditions


def _is_part(before: Optional[Element], after: Optional[Element]) -> bool:
    """Whether an element lists some of what it listed before."""
    return (
        before is not None
        and after is not None
        and before.name == after.name
        and not before.negated
        and (set(map(str, after.values)) <= set(map(str, before.values)))
    )


def _at_least(before: Condition, after: Condition) -> bool:
    """Whether the second condition holds in no request in which the first does not."""
    if (before.operator, before.key) == (after.operator, after.key) and before.values == after.values:
        return True
    strict = _strict(str(before.operator))
    if str(before.key).lower() != str(after.key).lower() or strict != _strict(str(after.operator)):
        return False
    if before.values == after.values:
        return str(after.operator) == strict
    return strict in _ALIKE and all(_within(new, before.values, _ALIKE[strict]) for new in after.values)


def _strict(operator: str) -> str:
    operator = operator[: -len("IfExists")] if operator.endswith("IfExists") else operator
    return operator.partition(":")[2] or operator


def _within(new: Value, patterns: Sequence[Value], match: Callable[[str, str], Truth]) -> bool:
    """Whether a pattern covers a new one: its `*` takes in the new one's wildcards too, while a `?` might not."""
    return isinstance(new, str) and any(
        isinstance(one, str) and "?" not in one and "$" not in one and match(one, new) is TRUE for one in patterns
    )
