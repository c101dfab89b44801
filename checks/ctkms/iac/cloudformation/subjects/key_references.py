"""What trails and event data stores name as their key, over all scenarios: a key of the scan, or something unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES, Deployment, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.subjects.key_users import OF_AWS, KeyUsers, alias_name, seen_key
from ctkms.unknowns.scenarios import Assumptions, every_scenario
from ctkms.unknowns.text import Hole, Text, split
from ctkms.unknowns.truth import FALSE

# https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html
_KEY_ID = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Reference:
    """What a trail or event data store names as its key in some scenario."""

    text: Text
    key: Optional[Place]  # None where no template of the scan declares it

    @property
    def surely_another(self) -> bool:
        """Whether a literal gives the key's id: those of the scan get theirs when they are made."""
        if self.key is not None or alias_name(self.text) is not None:
            return False
        last = split(self.text, "/")[-1]
        return isinstance(self.text, str) or (isinstance(last, str) and _KEY_ID.fullmatch(last) is not None)

    @property
    def is_open(self) -> bool:
        """Whether it may turn out to be any key."""
        return self.key is None and not self.surely_another

    @property
    def hole(self) -> Hole:
        """The reference as a value that nobody knows."""
        return self.text if isinstance(self.text, Hole) else Hole(str(self.text))


class References:
    """The references of all trails and event data stores of a scan."""

    def __init__(self, stacks: ScannedStacks, users: KeyUsers) -> None:
        self._stacks = stacks
        self._users = users
        self._of: Dict[Tuple[Place, bool], Tuple[Reference, ...]] = {}
        self._open: Optional[Sequence[Tuple[Place, Hole]]] = None
        self._seen_from: Dict[Deployment, Mapping[Hole, Sequence[Place]]] = {}
        self._several: Optional[Sequence[Place]] = None

    def of(self, user: Place, assumed: Optional[Assumptions] = None) -> Sequence[Reference]:
        """Every reference of a trail or event data store; none where it has no key of its own, or does not exist."""
        cached = (user, bool(assumed))
        if cached not in self._of:
            self._of[cached] = self._work_out(user, assumed or {})
        return self._of[cached]

    def _work_out(self, user: Place, assumed: Assumptions) -> Tuple[Reference, ...]:
        def build(more: Assumptions) -> Tuple[Tuple[Reference, ...], FrozenSet[str]]:
            evaluation = Evaluation(self._stacks, user[0], {**assumed, **more})
            if evaluation.exists(user) is FALSE:
                return (), frozenset()
            found = tuple(map(reference_of, self._users.values(user, evaluation)))
            return tuple(one for one in found if one is not None), frozenset(evaluation.open)

        scenarios = every_scenario(build, lambda scenario: scenario[1])
        return tuple(dict.fromkeys(one for _, (found, _) in scenarios for one in found))

    def may_lead_to(self, user: Place) -> Sequence[Place]:
        """The keys that a trail or event data store may turn out to use, whatever is open."""
        explored = Evaluation(self._stacks, user[0], {}, explore=True)
        self._users.values(user, explored)
        return [
            one for type_ in sorted(KEY_TYPES) for one in self._stacks.all_of_type(type_) if one in explored.reached
        ]

    def open_to(self, key: Place, home: Deployment) -> Sequence[Hole]:
        """What trails and stores name that have no other key for sure, and may thus turn out to use this one."""
        seen = self._open_seen_from(home)
        return [hole for hole, users in seen.items() if any(not self.lead_to(key, user) for user in users)]

    def lead_to(self, key: Place, user: Place) -> bool:
        """Whether a trail or event data store surely uses the key in some scenario."""
        return any(one.key == key for one in self.of(user))

    def _open_seen_from(self, home: Deployment) -> Mapping[Hole, Sequence[Place]]:
        if home not in self._seen_from:
            found: Dict[Hole, List[Place]] = {}
            for user, hole in self._all_open():
                far = user[0] != home
                named = Hole(f"{hole} ({self._stacks.label(user[0])})", hole.kind) if far else hole
                found.setdefault(named, []).append(user)
            self._seen_from[home] = found
        return self._seen_from[home]

    def _all_open(self) -> Sequence[Tuple[Place, Hole]]:
        if self._open is None:
            users = [user for type_ in KEY_PROPERTIES for user in self._stacks.all_of_type(type_)]
            found = ((user, one) for user in users for one in self.of(user))
            self._open = [(user, one.hole) for user, one in found if one.is_open]
        return self._open

    def open_trails(self) -> Sequence[Place]:
        """The trails that name, in some scenario, what may turn out to be any key."""
        trails = frozenset(self._users.trails())
        return tuple(dict.fromkeys(user for user, _ in self._all_open() if user in trails))

    def of_several(self) -> Sequence[Place]:
        """The trails that stand for any number of trails each."""
        if self._several is None:
            self._several = [trail for trail in self._users.trails() if self._stacks.stands_for_several(trail)]
        return self._several


def reference_of(value: Text) -> Optional[Reference]:
    """What a property names as its key; None where that is one of AWS's own."""
    if str(alias_name(value) or "").startswith(OF_AWS):
        return None
    return Reference(value, seen_key(value))
