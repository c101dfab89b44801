"""One key, ready to be asked: its policy parsed, its own identity chosen, its users known."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.access_requests.calls import DESCRIBE_KEY, GENERATE_DATA_KEY, Asked
from ctkms.cloudtrail.access_requests.lockout import administrators
from ctkms.cloudtrail.access_requests.own_identity import Limits, OwnIdentity, identities
from ctkms.cloudtrail.evidence import Role
from ctkms.cloudtrail.resources import ANY_TRAIL, Key, Topic, Trail
from ctkms.iam.context_keys import context_keys
from ctkms.iam.document import Document, Problem, holes_of, parse
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.lint import problems_of
from ctkms.iam.open_values import holes_behind
from ctkms.iam.patterns import ACCOUNT, PARTITION, arn_sections
from ctkms.iam.request import Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import (
    MANAGEMENT_ACCOUNT,
    OWN_ACCOUNT,
    OWN_PARTITION,
    Hole,
    Kind,
    Text,
    fill,
    holes_in,
    is_own,
    join,
)

# The policy of a key that is made without one:
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
DEFAULT_POLICY: Dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":root"))},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


@dataclass(frozen=True, eq=False)
class KeyCase:
    """A key with the deployer's own values in place, as the rules see it; equal to itself only."""

    written: Key  # as the code writes it
    key: Key  # with the own values in place
    identity: OwnIdentity
    source: Document  # as the code writes it, but for what KMS's lockout check says of the key's account
    policy: Evaluator  # the same with the own values in place, ready to be asked
    trails: Tuple[Trail, ...]
    topics: Tuple[Topic, ...]
    asked: Asked
    account: Text  # the key's own
    partition: Text
    problems: Tuple[Problem, ...]
    refused: bool  # KMS does not accept the policy, so nothing can be said of its effect
    turned_by: Tuple[Hole, ...] = ()  # the open values that could make this the right choice of the own values

    @property
    def document(self) -> Document:
        """The policy with the own values in place."""
        return self.policy.document

    def under(self, document: Document, key_arn: Optional[Text] = None) -> KeyCase:
        """The same key and callers under another policy: a role's, say, which is about `key_arn`."""
        asked = Asked(self.asked.key_arn if key_arn is None else key_arn, context_keys(document.statements))
        return replace(self, policy=Evaluator(document), asked=asked)


def policy_in_force(key: Key) -> Document:
    """The parsed key policy; KMS's default one where the code sets none."""
    return parse(DEFAULT_POLICY if key.policy is None else key.policy)


@dataclass(frozen=True)
class _Settled:
    """A key and its policy once KMS's lockout check has told what it tells of the key's account."""

    key: Key
    document: Document
    limits: Limits
    told: Mapping[Hole, Text] = field(default_factory=dict)  # which account it is


# The account of a trail that is declared elsewhere than the key: nothing says that it is the key's.
_TRAILS_ACCOUNT = Hole("<the trail's account>", Kind.ACCOUNT, own=True)


def _settled(key: Key, document: Document) -> _Settled:
    accounts, all_known = administrators(key, document)
    home = _section(key.arn, ACCOUNT)
    limits = Limits(home, accounts, management=key.management, members=key.members)
    if not all_known or not accounts or home in accounts:
        return _Settled(key, document, limits)
    if len(accounts) > 1:
        return _Settled(key, document, replace(limits, closed=isinstance(home, Hole)))
    values = _made_equal(home, accounts[0])
    if home in values:
        trails = tuple([one if one.beside_key else _elsewhere(one, home) for one in key.trails])
        key = replace(key, trails=trails)
    told = OwnIdentity(values)
    key = _with_values(key, told)
    limits = Limits(_section(key.arn, ACCOUNT), management=key.management, members=key.members)
    return _Settled(key, told.document(document), limits, values)


def _made_equal(home: Text, administering: Text) -> Mapping[Hole, Text]:
    """Which of two accounts stands for both; none where the code fixes both, and then the code wins."""
    if isinstance(home, str):
        return {administering: home} if isinstance(administering, Hole) else {}
    if isinstance(administering, Hole) and isinstance(home, Hole):
        # Not spelled out, and no longer free: it is what the variable holds, which is an account at any rate.
        account = replace(administering, kind=Kind.ACCOUNT)
        return {administering: account, home: account}
    return {home: administering} if isinstance(home, Hole) else {}


def _elsewhere(trail: Trail, home: Text) -> Trail:
    return replace(trail, arn=fill(trail.arn, {home: _TRAILS_ACCOUNT} if isinstance(home, Hole) else {}))


def _with_values(key: Key, identity: OwnIdentity) -> Key:
    return replace(
        key,
        arn=identity.text(key.arn),
        trails=_trails_with_values(key.trails, identity),
        topics=tuple(
            [
                replace(one, arn=identity.text(one.arn), trails=_trails_with_values(one.trails, identity))
                for one in key.topics
            ]
        ),
        people=tuple([replace(one, arn=identity.text(one.arn)) for one in key.people]),
        management=identity.text(key.management),
        members=tuple(map(identity.text, key.members)),
    )


def _trails_with_values(trails: Sequence[Trail], identity: OwnIdentity) -> Tuple[Trail, ...]:
    return tuple(
        [
            replace(
                one,
                arn=identity.text(one.arn),
                name=identity.text(one.name),
                bucket=one.bucket and identity.text(one.bucket),
            )
            for one in trails
        ]
    )


def cases_of(key: Key, document: Document, role: Role) -> Tuple[KeyCase, ...]:
    """The case of a key with this policy, and further ones that an open value could make the right one.

    The own values are chosen such that CloudTrail's calls work; where an open value could make
    another choice the better one, a rule holds only if it holds under that choice as well.
    """
    settled = _settled(replace(key, trails=role.trails, topics=role.topics), document)
    problems = problems_of(settled.document, settled.key.arn)
    if any(problem.refused for problem in problems):
        # KMS does not take the policy, so nobody calls under it, whatever the own values are.
        return (_bound(key, settled, problems, OwnIdentity({}, in_key_policy=False)),)
    texts = (
        settled.key.arn,
        *(trail.arn for trail in settled.key.trails),
        *(text for topic in settled.key.topics for text in (topic.arn, *(trail.arn for trail in topic.trails))),
    )
    choices = itertools.islice(identities(settled.document, texts, settled.limits), MAX_CHOICES)
    tried: List[_Tried] = []
    for identity in choices:
        room = spend(Budget.REQUESTS, len(document.statements))
        room = spend(Budget.COMPARISONS, _COPIED * len(document.statements)) and room
        if tried and not room:
            break  # no policy is asked any more then
        tried.append(_tried(_bound(key, settled, problems, identity)))
    first = max(tried, key=lambda one: one.worth)
    turned = any(one.at_best > first.surely for one in tried)
    others = [one for one in (tried if turned else _best_for_any_trail(tried)) if _could_be(one, first)]
    others.extend(_of_an_administrator(tried, first, settled.limits))
    return (first.case, *(replace(one.case, turned_by=one.turned_by or one.open) for one in others))


def _of_an_administrator(tried: Sequence[_Tried], first: _Tried, limits: Limits) -> Iterator[_Tried]:
    """The best choice by which the key is in the account of somebody who may change its policy, unless the first is.

    Where it is open who else may, he may turn out to be the only one, and then KMS's lockout check tells the account.
    """

    def account(one: _Tried) -> Text:
        return one.case.identity.text(limits.home)

    known = {one.case.identity.text(account) for one in tried for account in limits.administrators}
    if limits.closed or account(first) in known:
        return
    best = max((one for one in tried if account(one) in known), key=lambda one: one.worth, default=None)
    if best is not None:
        yield best._replace(turned_by=(*best.turned_by, OTHER_ADMINISTRATORS))


OTHER_ADMINISTRATORS = Hole("who else may change the key policy")


MAX_CHOICES = 64
_COPIED = 90  # of `Budget.COMPARISONS`, for each statement that is written out with the own values
OF_ANY_TRAIL = frozenset(holes_in(ANY_TRAIL.arn))

_WORTH = {Verdict.ALLOW: 2, Verdict.UNKNOWN: 1, Verdict.DENY: 0}


class _Tried(NamedTuple):
    """How well CloudTrail's calls fare under a choice of the own values."""

    case: KeyCase
    worth: int
    surely: int  # what of it does not hang on open values
    at_best: int
    turned_by: Tuple[Hole, ...]

    @property
    def open(self) -> Tuple[Hole, ...]:
        """The values that the code leaves open and that are chosen."""
        return tuple(dict.fromkeys(hole for value in self.case.identity.values.values() for hole in holes_in(value)))


def _tried(case: KeyCase) -> _Tried:
    worth = surely = at_best = 0
    turned_by: Dict[Hole, None] = {}
    for request, weight in _calls(case):
        decision = case.policy.decide(request)
        behind = holes_behind(decision)
        turned_by.update(dict.fromkeys(behind))
        allowed = decision.verdict is Verdict.ALLOW
        worth += weight * _WORTH[decision.verdict]
        surely += weight * _WORTH[Verdict.ALLOW] * allowed
        at_best += weight * _WORTH[Verdict.ALLOW] * (allowed or bool(behind))
    return _Tried(case, worth, surely, at_best, tuple(turned_by))


def _calls(case: KeyCase) -> Iterator[Tuple[Request, int]]:
    """What CloudTrail calls, and what that counts: without data keys it does not matter what else works."""
    for trail in case.trails:
        yield case.asked.by_trail(GENERATE_DATA_KEY, trail), 100
        yield case.asked.by_trail(DESCRIBE_KEY, trail), 1
    for topic in case.topics:
        for trail in topic.trails:
            yield case.asked.by_topic(GENERATE_DATA_KEY, topic, trail), 10


def _best_for_any_trail(tried: Sequence[_Tried]) -> Iterable[_Tried]:
    """For each choice of the other values the best one of those of a trail that is not in the code.

    Such a trail is as it fares best, so if nothing can be better, another one does not matter: of equal ones
    the likeliest is taken, which is the first. Those stay that an open value could put in its place.
    """
    groups: Dict[object, List[_Tried]] = {}
    for one in tried:
        own = ((hole, value) for hole, value in one.case.identity.values.items() if hole.own)
        rest = frozenset((hole, value) for hole, value in own if hole not in OF_ANY_TRAIL)
        groups.setdefault(rest, []).append(one)
    for group in groups.values():
        best = max(group, key=lambda one: one.worth)
        yield best
        before = group[: group.index(best)]
        for one in group:
            # What the code spells out is likelier than what it leaves open, so an open one might come before. One
            # that is as good only if it is the open value that the best one takes is the best one then.
            turned = one in before and not _sources(one.turned_by) <= _sources(best.open)
            if one is not best and one.at_best >= best.worth and (_open_trail(one) or turned):
                yield one


def _open_trail(one: _Tried) -> bool:
    """Whether something open is chosen for the trail that is not in the code."""
    values = one.case.identity.values
    return any(holes_in(values[hole]) for hole in OF_ANY_TRAIL if hole in values)


def _sources(holes: Iterable[Hole]) -> FrozenSet[str]:
    """What is open, whatever kind of value it has been taken for."""
    return frozenset(hole.source for hole in holes)


def _could_be(one: _Tried, first: _Tried) -> bool:
    """Whether open values could make this choice at least as good as the first one."""
    return one is not first and one.at_best >= first.surely


def _section(arn: Text, number: int) -> Text:
    sections = arn_sections(arn)
    return sections[number] if sections else ""


def _bound(key: Key, settled: _Settled, problems: Tuple[Problem, ...], identity: OwnIdentity) -> KeyCase:
    policy = identity.document(settled.document) if identity.in_key_policy else settled.document
    identity = replace(
        identity, values={**{hole: identity.text(one) for hole, one in settled.told.items()}, **identity.values}
    )
    bound = _with_values(settled.key, identity)
    sections = arn_sections(bound.arn) or ("arn", "aws", "kms", "", identity.text(OWN_ACCOUNT), "")
    return KeyCase(
        written=key,
        key=bound,
        identity=identity,
        source=settled.document,
        policy=Evaluator(policy),
        trails=bound.trails,
        topics=bound.topics,
        asked=Asked(bound.arn, context_keys(policy.statements)),
        account=sections[ACCOUNT],
        partition=sections[PARTITION],
        problems=problems,
        refused=any(problem.refused for problem in problems),
    )


def on_management(case: KeyCase) -> str:
    """Whose account an organization's trail carries, in words; "" where no trail is an organization's."""
    trails = (*case.trails, *(trail for topic in case.topics for trail in topic.trails))
    if not any(trail.organization is True for trail in trails):
        return ""
    chosen = case.identity.values.get(MANAGEMENT_ACCOUNT)
    if chosen is None or MANAGEMENT_ACCOUNT in holes_of(case.source) or is_own(str(chosen)[:1]):
        return "an organization's trail carries the management account, whoever makes it"
    return f"assuming {chosen} is the management account"
