"""Who uses a key: the resources that name one, by its id or ARN, through an alias, an import or a nested stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, take
from ctkms.iac.cloudformation.aws.return_values import (
    ALIAS_TYPE,
    KEY_PROPERTIES,
    OTHER_KEY_PROPERTIES,
    TRAIL_TYPE,
    Deployment,
    MadeName,
    Place,
)
from ctkms.iac.cloudformation.evaluation.environments import apart
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, flat, text_of
from ctkms.iac.cloudformation.templates.template import Resource
from ctkms.unknowns.scenarios import Assumptions
from ctkms.unknowns.text import Hole, Kind, Partial, Text, holes_in, split
from ctkms.unknowns.truth import FALSE, UNKNOWN

_NONE: Assumptions = {}
PATHS = {**{type_: (name,) for type_, name in KEY_PROPERTIES.items()}, **OTHER_KEY_PROPERTIES}


@dataclass(frozen=True)
class Scene:
    """One scenario, seen from the deployment in whose terms its values are named."""

    home: Deployment
    assumed: Assumptions
    evaluation: Evaluation

    def aside(self, stacks: ScannedStacks, explore: bool = False) -> Evaluation:
        """An evaluation in the same scenario that opens no conditions in this one."""
        return Evaluation(stacks, self.home, self.assumed, explore)


class KeyUsers:
    """The users of all keys of a scan; of some conditions it may be assumed, in terms of `home`, that they hold."""

    def __init__(self, stacks: ScannedStacks, home: Optional[Deployment] = None, assumed: Assumptions = _NONE) -> None:
        self._stacks = stacks
        self._home = home
        self._assumed = assumed
        self._of: Optional[Dict[Place, List[Place]]] = None
        self._all: Optional[List[Place]] = None

    def all(self) -> Sequence[Place]:
        """Every resource of the scan that can use a key."""
        if self._all is None:
            self._all = [
                (deployment, logical_id)
                for file in self._stacks.files()
                for logical_id, resource in self._stacks.template(file).resources()
                if resource.type in PATHS
                for deployment in self._stacks.deployments(file)
            ]
        return self._all

    def trails(self) -> Sequence[Place]:
        """Every trail of the scan."""
        return self._stacks.all_of_type(TRAIL_TYPE)

    def of(self, key: Place) -> Sequence[Place]:
        """The resources that may lead to the key in some scenario."""
        if self._of is None:
            found: Dict[Place, List[Place]] = {}  # if it gets too large, no half of it is kept
            for user in self.all():
                evaluation = Evaluation(self._stacks, self._home or user[0], self._assumed, explore=True)
                self.values(user, evaluation)
                for place in evaluation.reached:
                    found.setdefault(place, []).append(user)
            self._of = found
        return self._of.get(key, ())

    def uses(self, user: Place, key: Place, scene: Scene) -> Union[bool, Hole]:
        """Whether a resource uses the key in a scenario; a hole when that is open."""
        answers = [self._leads(value, user, key, scene) for value in self.values(user, scene.evaluation)]
        holes = [answer for answer in answers if isinstance(answer, Hole)]
        if True not in answers and not holes:
            return False
        existing = scene.evaluation.exists(user)
        if existing is FALSE:
            return False
        if existing is UNKNOWN:
            return Hole(f"whether {self._stacks.address(user, scene.home)} exists")
        return True if True in answers else holes[0]

    def _leads(self, value: Text, user: Place, key: Place, scene: Scene) -> Union[bool, Hole]:
        if isinstance(value, str):
            return False
        if any(hole.place == key for hole in identities(value)):
            return True
        if all(isinstance(hole, MadeName) or hole.own for hole in holes_in(value)):
            return False
        return Hole(str(value)) if self._may_lead(user, key, scene) else False

    def _may_lead(self, user: Place, key: Place, scene: Scene) -> bool:
        if not scene.assumed and not self._assumed:
            return user in self.of(key)
        # Which of its branches a condition takes may be known by now, and then this one names something else.
        explored = scene.aside(self._stacks, explore=True)
        self.values(user, explored)
        return key in explored.reached

    def values(self, user: Place, evaluation: Evaluation) -> List[Text]:
        """What a resource names as its key, through an alias where it names one; several where it takes a list."""
        resource = self._stacks.resource(user)
        if resource is None:
            return []
        at = user[0]
        found: List[object] = [evaluation.property(resource, PATHS[resource.type][0], at)]
        for name in PATHS[resource.type][1:]:
            inner = [item for value in found for item in flat(value)]
            found = [item.get(name, NO_VALUE) if isinstance(item, dict) else item for item in inner]
        texts = [text for text in map(text_of, found) if text is not None and text != ""]
        return [self._behind_alias(text, evaluation, at) for text in texts]

    # Aliases

    def _behind_alias(self, value: Text, evaluation: Evaluation, at: Deployment) -> Text:
        alias = alias_name(value)
        declared = self._aliases(alias, evaluation, at) if alias is not None else []
        targets = [evaluation.property(resource, "TargetKeyId", place) for (place, _), resource in declared]
        only = text_of(targets[0]) if len(targets) == 1 else None
        if not declared:
            return Hole(str(value)) if alias is not None and self._may_be_declared(alias, evaluation, at) else value
        # An alias of that name in another account, or one of several: it may be this one.
        return only if only is not None and not _names_account(value) else Hole(str(value))

    def _may_be_declared(self, name: Text, evaluation: Evaluation, at: Deployment) -> bool:
        """Whether an alias of an open name may turn out to have this one, or the other way round."""
        if str(name).startswith(OF_AWS):
            return False
        likely = self._stacks.aliases_like(name)
        take(Budget.STEPS, len(likely))
        found = [one for one in likely if not apart(one[0], at, self._stacks)]
        for place, logical_id in found:
            resource = self._stacks.resource((place, logical_id))
            if resource is not None and evaluation.explores:
                evaluation.property(resource, "TargetKeyId", place)
        return bool(found)

    def _aliases(self, name: Text, evaluation: Evaluation, at: Deployment) -> List[Tuple[Place, Resource]]:
        """The aliases that a name means: those of the same stack before those of others."""
        if isinstance(name, str):
            places = list(self._stacks.aliases_named(name))
        else:
            places = [(at, logical_id) for logical_id, _ in self._stacks.template(at.file).resources()]
            take(Budget.STEPS, len(places))
        found = [
            (place, resource) for place in places for resource in [self._stacks.resource(place)] if resource is not None
        ]
        found = [
            (place, resource)
            for place, resource in found
            if resource.type == ALIAS_TYPE
            and not apart(place[0], at, self._stacks)
            and evaluation.value({"Ref": place[1]}, place[0]) == name
            and evaluation.exists(place) is not FALSE
        ]
        return [pair for pair in found if pair[0][0] == at] or found


OF_AWS = "alias/aws/"  # the keys that AWS manages; nobody else can make such an alias


def alias_name(value: Text) -> Optional[Text]:
    """The alias that a key reference names, if it names one: by its name or its ARN."""
    last = split(value, ":")[-1]
    text = last.parts[0] if isinstance(last, Partial) else last
    return last if isinstance(text, str) and text.startswith("alias/") else None


def _names_account(value: Text) -> bool:
    """Whether an ARN gives the account in digits: that may be this account or another."""
    sections = split(value, ":")
    return len(sections) >= 5 and isinstance(sections[4], str)


def identities(text: Text) -> List[MadeName]:
    """The made names in a text."""
    return [hole for hole in holes_in(text) if isinstance(hole, MadeName)]


def seen_key(value: Text) -> Optional[Place]:
    """The key resource that a reference leads to."""
    return next((hole.place for hole in identities(value) if hole.kind is Kind.KEY_ID), None)
