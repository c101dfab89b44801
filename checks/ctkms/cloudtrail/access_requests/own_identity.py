"""The deployer's own account, Region, partition and the like: single values that the code need not spell out.

A literal of the right type may equal an own value, one of another type never does. So the own values
are chosen such that CloudTrail's calls work, if any choice makes them work: a policy that names one
account throughout means this account; one that asks for two different accounts at once fits none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.cloudtrail.access_requests.context import ENCRYPTION_CONTEXT, SOURCE_ACCOUNT, SOURCE_ARN
from ctkms.cloudtrail.access_requests.policy_values import (
    ACCOUNT_LENGTH,
    Speaking,
    accounts_in,
    combinations,
    drawn_from,
    has_wildcard,
    literals,
    sections_of,
    texts_in,
    values_for,
)
from ctkms.cloudtrail.resources import ANY_TRAIL
from ctkms.iam.document import Condition, Document, Element, PrincipalEntry, Principals, Statement, Value
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, RESOURCE, arn_sections
from ctkms.unknowns.text import (
    MANAGEMENT,
    MANAGEMENT_ACCOUNT,
    OWN,
    Hole,
    Kind,
    Rest,
    Text,
    fill,
    holes_in,
    parts_of,
    split,
)

_LENGTHS = {Kind.ACCOUNT: ACCOUNT_LENGTH}


@dataclass(frozen=True)
class OwnIdentity:
    """One choice of the own values."""

    values: Mapping[Hole, Text]
    in_key_policy: bool = True  # whether the key policy has any of the holes

    def text(self, text: Text) -> Text:
        """The text with the own values in place."""
        return fill(text, self.values)

    def document(self, document: Document) -> Document:
        """The document with the own values in place."""
        if not self.values:
            return document
        return replace(document, statements=tuple(self._statement(statement) for statement in document.statements))

    def _statement(self, statement: Statement) -> Statement:
        principals = statement.principals
        return replace(
            statement,
            principals=principals
            and Principals(
                principals.name, tuple(PrincipalEntry(one.type, self._value(one.value)) for one in principals.entries)
            ),
            actions=self._element(statement.actions),
            resources=self._element(statement.resources),
            conditions=tuple(
                Condition(
                    self.text(one.operator), self.text(one.key), tuple(self._value(value) for value in one.values)
                )
                for one in statement.conditions
            ),
        )

    def _element(self, element: Optional[Element]) -> Optional[Element]:
        return element and Element(element.name, tuple(self._value(value) for value in element.values))

    def _value(self, value: Value) -> Value:
        if isinstance(value, Rest):
            return value if value.each is None else replace(value, each=fill(value.like, self.values))
        return fill(value, self.values)


@dataclass(frozen=True)
class Limits:
    """What is known of the own values besides their types."""

    home: Text  # the key's account
    administrators: Tuple[Text, ...] = ()  # accounts that may change the key policy
    closed: bool = False  # whether the key's account is certainly one of them
    management: Text = MANAGEMENT_ACCOUNT  # the organization's management account
    members: Tuple[Text, ...] = ()  # accounts that it is not


def identities(document: Document, texts: Sequence[Text], limits: Limits) -> Iterator[OwnIdentity]:
    """Every choice of the own values that is worth trying, the likeliest first.

    `texts` are the ARNs of the key and of what uses it.
    """
    written = tuple(dict.fromkeys(texts_in(document)))
    holes = tuple(
        dict.fromkeys(hole for text in (*texts, *written) for hole in holes_in(text) if _is_own(hole, text, texts))
    )
    if not holes:
        yield OwnIdentity({}, in_key_policy=False)
        return
    in_key_policy = any(hole in holes for text in written for hole in holes_in(text))
    policy = _Named(document, written)
    chosen, _ = combinations({hole: _candidates(hole, policy, texts, limits) for hole in holes})
    found = False
    for values in map(_settled, chosen):
        if fill(limits.management, values) in {fill(one, values) for one in limits.members}:
            continue
        found = True
        yield OwnIdentity(values, in_key_policy or len(values) > len(holes))
    if not found:
        yield OwnIdentity({}, in_key_policy=False)


def _settled(values: Mapping[Hole, Text]) -> Mapping[Hole, Text]:
    """The values with those in place that are another of the holes: the account of the unknown trail, this one.

    An open value of the code that is chosen is what it is chosen for: an account has no colons.
    """
    typed = {
        value: replace(value, kind=hole.kind)
        for hole, value in values.items()
        if isinstance(value, Hole) and value.kind is Kind.ANY and hole.kind in (Kind.ACCOUNT, Kind.REGION)
    }
    filled = {hole: fill(fill(value, values), typed) for hole, value in values.items()}
    return {**typed, **filled}


def _is_own(hole: Hole, text: Text, texts: Sequence[Text]) -> bool:
    # The name of a trail that AWS or CloudFormation makes up is an own value as well.
    return hole.own or (hole.kind is Kind.NAME and text in texts)


_TRAIL_KEYS = (SOURCE_ARN, SOURCE_ACCOUNT, ENCRYPTION_CONTEXT)


class _Named:
    """What a policy spells out for each kind of value."""

    def __init__(self, document: Document, written: Sequence[Text]) -> None:
        self.arns = [sections for sections in map(arn_sections, written) if sections]
        self._written = written
        self._document = document
        self.told_apart = Speaking(document).told_apart

    def trail_accounts(self) -> Tuple[str, ...]:
        """The accounts in the conditions on trails."""
        of_trails = values_for(self._document.statements, _TRAIL_KEYS)
        return tuple(dict.fromkeys((*accounts_in(of_trails), *sections_of(of_trails, ACCOUNT))))

    def open_ones(self, section: int) -> Tuple[Text, ...]:
        """The open values that the conditions on trails have for a whole section of an ARN, or for an account."""
        of_trails = values_for(self._document.statements, _TRAIL_KEYS)
        found = [sections[section] for sections in map(arn_sections, of_trails) if sections]
        if section == ACCOUNT:
            found += values_for(self._document.statements, (SOURCE_ACCOUNT,))
        # What may be another account in each of several values is none of which one can say that it is one's own.
        several = {hole for value in _further(self._document) for hole in holes_in(value.like)}
        return tuple(
            one for one in dict.fromkeys(found) if isinstance(one, Hole) and not one.own and one not in several
        )

    def sections(self, section: int) -> Tuple[str, ...]:
        """What is spelled out in a section of the ARNs."""
        return sections_of(self._written, section)


def _further(document: Document) -> Iterator[Rest]:
    """The further values of conditions that are not known."""
    for statement in document.statements:
        for condition in statement.conditions:
            yield from (value for value in condition.values if isinstance(value, Rest) and value.each is not None)


def _candidates(hole: Hole, policy: _Named, texts: Sequence[Text], limits: Limits) -> Tuple[Text, ...]:
    """What an own value may be: what the policy spells out for it, then a value of its own, then the less likely."""
    if hole.kind is Kind.ACCOUNT:
        return _accounts(hole, policy, limits)
    if hole.kind is Kind.NAME:
        named = _names(hole, policy, texts)
    else:
        section = _SECTIONS.get(hole.kind)
        named = (*_spelled_out(hole.kind, policy), *(policy.open_ones(section) if section else ()))
    return _worth_trying(hole, policy.told_apart(named))


_SECTIONS = {Kind.REGION: REGION, Kind.PARTITION: PARTITION}


def _spelled_out(kind: Kind, policy: _Named) -> Tuple[str, ...]:
    if kind is Kind.PARTITION:
        return (*policy.sections(PARTITION), "aws")
    return policy.sections(REGION) if kind is Kind.REGION else ("amazonaws.com",) if kind is Kind.SUFFIX else ()


def _accounts(hole: Hole, policy: _Named, limits: Limits) -> Tuple[Text, ...]:
    if hole == limits.home and limits.closed:
        return tuple(policy.told_apart(limits.administrators))
    likely: Tuple[Text, ...] = (*policy.trail_accounts(), *limits.administrators)
    if hole in _OF_ANY_TRAIL:
        # Of a trail that is not in the code everything is open, so it may be in this account.
        likely = (*policy.trail_accounts(), limits.home)
    elif hole == MANAGEMENT_ACCOUNT:
        likely = (limits.home, *policy.trail_accounts())
    return _worth_trying(hole, policy.told_apart((*likely, *policy.open_ones(ACCOUNT))))


def _worth_trying(hole: Hole, named: Iterable[Text]) -> Tuple[Text, ...]:
    """The named values that look like one of the hole's kind, then one of its own and one from each pattern."""
    given = [one for one in named if one != hole and (not isinstance(one, str) or _LOOKS[hole.kind].match(one))]
    spelled_out = literals(given)
    literal = [value for value in spelled_out if not has_wildcard(value)]
    same = [value for value in given if not isinstance(value, str)]
    fresh = MANAGEMENT if hole == MANAGEMENT_ACCOUNT else OWN[hole.kind]
    drawn = drawn_from(spelled_out, fresh, _LENGTHS.get(hole.kind, 0))
    return tuple(dict.fromkeys((*(one for one in given if one in literal or one in same), *drawn)))


def _names(hole: Hole, policy: _Named, texts: Iterable[Text]) -> Tuple[Text, ...]:
    """What stands after `trail/`, or whatever stands before the hole, in the ARNs of the policy."""
    resources = [sections[RESOURCE] for sections in map(arn_sections, texts) if sections]
    kinds = {str(parts_of(one)[0]).partition("/")[0] for one in resources if hole in parts_of(one)}
    named = [split(sections[RESOURCE], "/", 1) for sections in policy.arns]
    found: List[Text] = [name[1] for name in named if len(name) == 2 and name[0] in kinds]
    return tuple(found)


# The account and the Region of the trail that is not in the code, and where they stand in its ARN.
_OF_ANY_TRAIL = {
    one: section for section, one in enumerate(arn_sections(ANY_TRAIL.arn)) if section in (ACCOUNT, REGION)
}

# `account-id` or `region`, left over from the documentation, equals no account and no Region.
_LOOKS: Dict[Kind, re.Pattern[str]] = {
    Kind.ACCOUNT: re.compile(r"[0-9]{12}\Z|[0-9?]*\*[0-9?*]*\Z"),
    Kind.REGION: re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]\Z|(?=[a-z0-9-]*[*?])[a-z0-9*?-]*\Z"),
    Kind.PARTITION: re.compile(r"aws(-[a-z]+)*\Z|(?=[a-z-]*[*?])[a-z*?-]*\Z"),
    Kind.SUFFIX: re.compile(r"."),
    Kind.NAME: re.compile(r"."),
    Kind.ANY: re.compile(r"."),
}
