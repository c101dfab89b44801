"""What uses a key in one scenario: trails, event data stores, topics, the rest, and what may turn out to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterator, List, Set, Tuple

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
    trails: List[Trail] = []
    stores: List[EventDataStore] = []
    open_trails: List[Trail] = []
    topics: List[Topic] = []
    others: List[str] = []
    open_users: List[Hole] = []
    unseen: List[Hole] = []
    used_by: Set[Place] = set()
    for user in users.of(key):
        take(Budget.STEPS, _PER_USER)
        resource = stacks.resource(user)
        if resource is None:
            continue
        if resource.type not in (TRAIL_TYPE, STORE_TYPE, TOPIC_TYPE):
            # It makes no scenarios: whether it uses the key for sure does not matter.
            if users.uses(user, key, replace(scene, evaluation=scene.aside(stacks))) is not False:
                others.append(stacks.address(user, scene.home))
            continue
        used = users.uses(user, key, scene)
        if resource.type == TOPIC_TYPE:
            topics.extend([topic_at(user, scene, users, stacks)] if used is True else [])
            continue
        if references.lead_to(key, user):
            unseen.extend(one.hole for one in references.of(user) if one.key is None)
        if isinstance(used, Hole):
            open_users.append(used)
        if used:
            used_by.add(user)
        if used and resource.type == TRAIL_TYPE:
            (trails if used is True else open_trails).append(trail_at(user, resource, scene, stacks))
        elif used is True:
            stores.append(store_at(user, resource, scene, stacks))
    open_trails.extend(_unclear(scene, key[0], stacks))
    for user, trail in _perhaps(key, scene, users, references, stacks):
        if user not in used_by:
            open_trails.append(trail)
    return Uses(
        trails=tuple(trails),
        stores=tuple(stores),
        open_trails=tuple(open_trails),
        topics=tuple(topics),
        others=tuple(others),
        open_users=tuple(dict.fromkeys((*open_users, *references.open_to(key, scene.home)))),
        unseen=tuple(dict.fromkeys(unseen)),
    )


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
