"""The deployer's own account, Region, partition and the like: single values that the code need not spell out.

A literal of the right type may equal an own value, one of another type never does. So the own values
are chosen such that CloudTrail's calls work, if any choice makes them work: a policy that names one
account throughout means this account; one that asks for two different accounts at once fits none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Callable, Dict, Iterable, Mapping, Optional, Sequence, Tuple, TypeVar

from ctkms.cloudtrail.choices import (
    ACCOUNT_LENGTH,
    accounts_in,
    combinations,
    drawn_from,
    has_wildcard,
    literals,
    sections_of,
    texts_in,
)
from ctkms.cloudtrail.keys import ANY_TRAIL
from ctkms.iam.document import Condition, Document, Element, PrincipalEntry, Principals, Statement, Value
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, RESOURCE, SERVICE, arn_sections
from ctkms.iam.text import OWN, Hole, Kind, Rest, Text, fill, holes_in, parts_of, split

_LENGTHS = {Kind.ACCOUNT: ACCOUNT_LENGTH}

Arn = Tuple[Text, ...]  # in sections
T = TypeVar("T")


@dataclass(frozen=True)
class Identity:
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
        return value if isinstance(value, Rest) else fill(value, self.values)


def choose(
    document: Document, texts: Sequence[Text], bind: Callable[[Identity], T], how_well: Callable[[T], int], best: int
) -> T:
    """What `bind` makes of the own values under which the key's users fare best.

    `texts` are the ARNs of the key and of what uses it; `how_well` measures what was bound, and the
    search ends at the first one that reaches `best`.
    """
    # The ids of key and trail, where the code does not give them, are own values as well.
    written = tuple(dict.fromkeys(texts_in(document)))
    holes = tuple(
        dict.fromkeys(hole for text in (*texts, *written) for hole in holes_in(text) if _is_own(hole, text, texts))
    )
    if not holes:
        return bind(Identity({}, in_key_policy=False))
    in_key_policy = any(hole in holes for text in written for hole in holes_in(text))
    named = {kind: _NAMED[kind](written) for kind in {hole.kind for hole in holes}}
    arns = [sections for sections in map(arn_sections, written) if sections]
    candidates = {hole: _candidates(hole, named[hole.kind], arns, texts) for hole in holes}
    choices, _ = combinations(candidates)
    most: Optional[Tuple[int, T]] = None
    for values in choices:
        # A value of the unknown trail may be another of these holes: its account, this one.
        bound = bind(Identity({hole: fill(value, values) for hole, value in values.items()}, in_key_policy))
        measure = how_well(bound)
        if most is None or measure > most[0]:
            most = (measure, bound)
        if measure >= best:
            break
    return most[1] if most else bind(Identity({}, in_key_policy=False))


def _is_own(hole: Hole, text: Text, texts: Sequence[Text]) -> bool:
    return hole.own or (hole.kind is Kind.NAME and text in texts)


def _candidates(hole: Hole, named: Sequence[str], arns: Sequence[Arn], texts: Sequence[Text]) -> Tuple[Text, ...]:
    """What an own value may be: what the policy spells out for its kind first, then a value of its own."""
    more = _names(hole, arns, texts) if hole.kind is Kind.NAME else _open_ones(hole, arns)
    spelled_out = [value for value in (*named, *literals(more)) if _LOOKS[hole.kind].match(value)]
    literal = [value for value in spelled_out if not has_wildcard(value)]
    # Where the name is open, it may be the open one of the policy.
    same = [value for value in more if not isinstance(value, str) and value != hole]
    drawn = drawn_from(spelled_out, OWN[hole.kind], _LENGTHS.get(hole.kind, 0))
    return tuple(dict.fromkeys((*literal, *same, *drawn)))


# What a policy spells out for each kind of value.
_NAMED: Dict[Kind, Callable[[Sequence[Text]], Tuple[str, ...]]] = {
    Kind.ACCOUNT: lambda written: (*accounts_in(written), *sections_of(written, ACCOUNT)),
    Kind.REGION: lambda written: sections_of(written, REGION),
    Kind.PARTITION: lambda written: (*sections_of(written, PARTITION), "aws"),
    Kind.SUFFIX: lambda written: ("amazonaws.com",),
    Kind.NAME: lambda written: (),
    Kind.ANY: lambda written: (),
}


def _names(hole: Hole, arns: Sequence[Arn], texts: Iterable[Text]) -> Tuple[Text, ...]:
    """What stands after `trail/` or `key/`, whichever stands before the hole, in the ARNs of the policy."""
    resources = [sections[RESOURCE] for sections in map(arn_sections, texts) if sections]
    kinds = {str(parts_of(one)[0]).partition("/")[0] for one in resources if hole in parts_of(one)}
    named = [split(sections[RESOURCE], "/", 1) for sections in arns]
    return tuple([name[1] for name in named if len(name) == 2 and name[0] in kinds])


def _open_ones(hole: Hole, arns: Sequence[Arn]) -> Tuple[Text, ...]:
    """Of a trail that is not in the code everything is open, so it may be the one that the policy leaves open too."""
    section = _OF_ANY_TRAIL.get(hole)
    if section is None:
        return ()
    trails = [sections for sections in arns if sections[SERVICE] == "cloudtrail"]
    return tuple([sections[section] for sections in trails if isinstance(sections[section], Hole)])


# The account and the Region of the trail that is not in the code, and where they stand in its ARN.
_OF_ANY_TRAIL = {
    one: section for section, one in enumerate(arn_sections(ANY_TRAIL.arn)) if section in (ACCOUNT, REGION)
}

# `account-id` or `region`, left over from the documentation, equals no account and no Region.
_LOOKS = {
    Kind.ACCOUNT: re.compile(r"[0-9]{12}\Z|[0-9?]*\*[0-9?*]*\Z"),
    Kind.REGION: re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]\Z|[a-z0-9?-]*[*?][a-z0-9*?-]*\Z"),
    Kind.PARTITION: re.compile(r"aws(-[a-z]+)*\Z|[a-z?-]*[*?][a-z*?-]*\Z"),
    Kind.SUFFIX: re.compile(r"."),
    Kind.NAME: re.compile(r"."),
    Kind.ANY: re.compile(r"."),
}
