"""What uses a key in one scenario: trails, event data stores, topics, the rest, and what may turn out to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterator, List, Tuple

from ctkms.budgets import Budget, take
from ctkms.cloudtrail.resources import EventDataStore, Topic, Trail
from ctkms.iac.cloudformation.aws.return_values import STORE_TYPE, TOPIC_TYPE, TRAIL_TYPE, Deployment, Place
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.subjects.key_references import References, reference_of
from ctkms.iac.cloudformation.subjects.key_users import KeyUsers, Scene
from ctkms.iac.cloudformation.subjects.trails import store_at, topic_at, trail_at, unclear_trail
from ctkms.unknowns.text import Hole
from ctkms.unknowns.truth import FALSE

_PER_USER = 30  # steps; what the rules ask of each trail comes on top


@dataclass(frozen=True)
class Uses:
    """The users of a key; each field as that of `Key`."""

    trails: Tuple[Trail, ...]
    stores: Tuple[EventDataStore, ...]
    open_trails: Tuple[Trail, ...]
    topics: Tuple[Topic, ...]
    others: Tuple[str, ...]
    open_users: Tuple[Hole, ...]
    unseen: Tuple[Hole, ...]

    @property
    def an_organizations(self) -> bool:
        """Whether an organization's trail or event data store is, or may be, among them."""
        trails = any(one.organization is not False for one in (*self.trails, *self.open_trails))
        return trails or any(one.organization is not False for one in self.stores)


def uses_of(key: Place, scene: Scene, users: KeyUsers, references: References, stacks: ScannedStacks) -> Uses:
    """What uses a key in a scenario."""
    found = _Found(key, scene, users, references, stacks)
    used_by = {user for user in users.of(key) if found.take_in(user)}
    found.open_trails.extend(_unclear(scene, key[0], stacks))
    for user, trail in _perhaps(key, scene, users, references, stacks):
        if user not in used_by:
            found.open_trails.append(trail)
    return Uses(
        trails=tuple(found.trails),
        stores=tuple(found.stores),
        open_trails=tuple(found.open_trails),
        topics=tuple(found.topics),
        others=tuple(found.others),
        open_users=tuple(dict.fromkeys((*found.open_users, *references.open_to(key, scene.home)))),
        unseen=tuple(dict.fromkeys(found.unseen)),
    )


class _Found:
    """The users of a key, while they are looked at one after the other."""

    def __init__(
        self, key: Place, scene: Scene, users: KeyUsers, references: References, stacks: ScannedStacks
    ) -> None:
        self._key, self._scene, self._users, self._references, self._stacks = key, scene, users, references, stacks
        self.trails: List[Trail] = []
        self.stores: List[EventDataStore] = []
        self.open_trails: List[Trail] = []
        self.topics: List[Topic] = []
        self.others: List[str] = []
        self.open_users: List[Hole] = []
        self.unseen: List[Hole] = []

    def take_in(self, user: Place) -> bool:
        """Put a resource where it belongs; whether it is a trail, store or topic that uses the key, or may."""
        take(Budget.STEPS, _PER_USER)
        resource, scene, stacks = self._stacks.resource(user), self._scene, self._stacks
        if resource is None:
            return False
        if resource.type not in (TRAIL_TYPE, STORE_TYPE, TOPIC_TYPE):
            # It makes no scenarios: whether it uses the key for sure does not matter.
            aside = replace(scene, evaluation=scene.aside(stacks))
            if self._users.uses(user, self._key, aside) is not False:
                self.others.append(stacks.address(user, scene.home))
            return False
        used = self._users.uses(user, self._key, scene)
        if resource.type == TOPIC_TYPE:
            self.topics.extend([topic_at(user, scene, self._users, stacks)] if used is True else [])
            return False
        if self._references.lead_to(self._key, user):
            self.unseen.extend(one.hole for one in self._references.of(user) if one.key is None)
        if isinstance(used, Hole):
            self.open_users.append(used)
        if used and resource.type == TRAIL_TYPE:
            (self.trails if used is True else self.open_trails).append(trail_at(user, resource, scene, stacks))
        elif used is True:
            self.stores.append(store_at(user, resource, scene, stacks))
        return used is not False


def _unclear(scene: Scene, at: Deployment, stacks: ScannedStacks) -> Iterator[Trail]:
    """Trails around the key that a loop or transform may make, and that may use it."""
    for around in stacks.related(at):
        for what in stacks.unclear(around):
            yield unclear_trail(what if around == scene.home else f"{what} ({stacks.label(around)})")


def _perhaps(
    key: Place, scene: Scene, users: KeyUsers, references: References, stacks: ScannedStacks
) -> Iterator[Tuple[Place, Trail]]:
    """Trails around the key that name something which may turn out to be this key."""
    several = frozenset(references.of_several())
    for user in dict.fromkeys((*several, *references.open_trails())):
        take(Budget.STEPS, _PER_USER)
        resource = stacks.resource(user)
        if resource is None or user[0] not in stacks.related(key[0]) or references.lead_to(key, user):
            continue
        evaluation = scene.aside(stacks)
        named = [one for one in map(reference_of, users.values(user, evaluation)) if one is not None]
        varying = user in several and any(one.key is None and stacks.varies(user, one.text) for one in named)
        is_open = any(one.is_open and not isinstance(one.text, str) for one in named)
        if (varying or is_open) and evaluation.exists(user) is not FALSE:
            yield user, trail_at(user, resource, scene, stacks)
