"""Which trails notify through which SNS topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, FrozenSet, List, Optional, Sequence, Tuple

from ctkms.iac.terraform.aws.attributes import TRAIL, as_text
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.subjects.key_users import conditions_in
from ctkms.unknowns.text import Hole, Text, split

if TYPE_CHECKING:
    from ctkms.iac.terraform.instances.scenario import Scenario

_Place = Tuple[Text, ...]  # the Region, the account and the name of a topic


class Notifications:
    """The trails of one scenario by the topics that they name."""

    def __init__(self, scenario: Scenario) -> None:
        self._trails: Dict[_Place, List[ResourceInstance]] = {}
        self.conditions: FrozenSet[str] = frozenset()  # that decide which trail names which topic
        for trail in scenario.instances(TRAIL):
            named = trail.argument("sns_topic_name")
            if named is None or named == "":
                continue
            self.conditions |= trail.conditions | conditions_in(named)
            place = _place_of(as_text(named, Hole("${" + f"{trail.address}.sns_topic_name" + "}")), trail)
            if place is not None:
                self._trails.setdefault(place, []).append(trail)

    def through(self, topic: Text) -> Sequence[ResourceInstance]:
        """The trails that certainly notify through the topic of this ARN."""
        place = _place(topic)
        return () if place is None else self._trails.get(place, ())


def _place(arn: Text) -> Optional[_Place]:
    sections = split(arn, ":")
    return sections[3:] if len(sections) == 6 else None


def _place_of(named: Text, trail: ResourceInstance) -> Optional[_Place]:
    """A topic by its ARN or by its name: a name is one of the trail's Region and account."""
    here = _place(as_text(trail.attribute("arn"), Hole("")))
    return _place(named) or (None if here is None else (*here[:2], named))
