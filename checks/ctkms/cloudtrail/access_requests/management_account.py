"""Trails and event data stores of an organization belong to its management account, whoever creates them.

Their ARNs, and so `aws:SourceArn` and `aws:SourceAccount`, carry that account:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-an-organizational-trail-prepare.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Dict, Iterator, Mapping, Tuple, TypeVar, Union

from ctkms.cloudtrail.resources import EventDataStore, Key, Trail
from ctkms.iam.patterns import ACCOUNT, arn_sections
from ctkms.unknowns.text import Hole, Text, join

MAX_OPEN = 3  # flags that are tried both ways by themselves; further ones go with the first

_User = TypeVar("_User", Trail, EventDataStore)


def decided(key: Key) -> Iterator[Key]:
    """The key once for each way in which what the code leaves open may turn out: whose trail is the organization's."""
    assumed = key.scenario.split(" and ")
    open_ = dict.fromkeys(one.organization for one in _users(key) if isinstance(one.organization, Hole))
    # What the scenario of the key assumes of the same value holds here, too.
    known = {flag: value for flag in open_ for value in (False, True) if _said(flag, value) in assumed}
    flags = tuple([flag for flag in open_ if flag not in known])
    for values in itertools.product((False, True), repeat=min(len(flags), MAX_OPEN)):
        chosen = dict(zip(flags, values))
        chosen.update(dict.fromkeys(flags[len(values) :], values[0] if values else False))
        told = [_said(flag, value) for flag, value in chosen.items()]
        chosen.update(known)
        yield replace(
            key,
            trails=tuple(_of_owner(one, chosen, key.management) for one in key.trails),
            open_trails=tuple(_of_owner(one, chosen, key.management) for one in key.open_trails),
            topics=tuple(
                replace(topic, trails=tuple(_of_owner(one, chosen, key.management) for one in topic.trails))
                for topic in key.topics
            ),
            stores=tuple(_flagged(one, chosen) for one in key.stores),
            scenario=" and ".join((*[key.scenario] * bool(key.scenario), *told)),
        )


def _said(flag: Hole, value: bool) -> str:
    return f"{flag} is {str(value).lower()}"


def _users(key: Key) -> Tuple[Union[Trail, EventDataStore], ...]:
    of_topics = [trail for topic in key.topics for trail in topic.trails]
    return (*key.trails, *key.open_trails, *of_topics, *key.stores)


def _flagged(user: _User, chosen: Mapping[Hole, bool]) -> _User:
    flag = user.organization
    return replace(user, organization=chosen[flag]) if isinstance(flag, Hole) else user


def _of_owner(trail: Trail, chosen: Dict[Hole, bool], management: Text) -> Trail:
    flagged = _flagged(trail, chosen)
    sections = arn_sections(flagged.arn)
    if flagged.organization is not True or not sections:
        return flagged
    owned = (*sections[:ACCOUNT], management, *sections[ACCOUNT + 1 :])
    return replace(flagged, arn=_with_colons(owned))


def _with_colons(sections: Tuple[Text, ...]) -> Text:
    first, *others = sections
    return join((first, *(piece for section in others for piece in (":", section))))
