"""What trails and event data stores name as their key, over all worlds: a key of the scan, or something unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

from ctkms.iac.cloudformation.evaluation import Evaluation
from ctkms.iac.cloudformation.key_users import KeyUsers, alias_name, seen_key
from ctkms.iac.cloudformation.resources import KEY_PROPERTIES, Deployment, Place
from ctkms.iac.cloudformation.stacks import ScannedStacks
from ctkms.iac.worlds import Assumptions, every_world
from ctkms.iam.text import Hole, Text, split
from ctkms.iam.verdict import FALSE

# https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html
_KEY_ID = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_AWS = "alias/aws/"  # the keys that AWS manages; nobody else can make such an alias


@dataclass(frozen=True)
class Reference:
    """What a trail or event data store names as its key in some world."""

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
    def hole(self) -> Hole:
        """The reference as a value that nobody knows."""
        return self.text if isinstance(self.text, Hole) else Hole(str(self.text))


class References:
    """The references of all trails and event data stores of a scan."""

    def __init__(self, stacks: ScannedStacks, users: KeyUsers) -> None:
        self._stacks = stacks
        self._users = users
        self._of: Dict[Tuple[Place, bool], Tuple[Reference, ...]] = {}
        self._open: Optional[List[Tuple[Place, Hole]]] = None

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
            found = tuple(map(_reference, self._users.values(user, evaluation)))
            return tuple(one for one in found if one is not None), frozenset(evaluation.open)

        worlds = every_world(build, lambda world: world[1])
        return tuple(dict.fromkeys(one for _, (found, _) in worlds for one in found))

    def open_to(self, key: Place, home: Deployment) -> Sequence[Hole]:
        """What trails and stores name that have no other key for sure, and may thus turn out to use this one."""
        if self._open is None:
            self._open = [
                (user, one.hole)
                for user in self._users.all()
                if self._is_cloudtrails(user)
                for one in self.of(user)
                if one.key is None and not one.surely_another
            ]
        bound = self._users.of(key)
        return [
            hole if user[0] == home else replace(hole, source=f"{hole.source} ({self._stacks.label(user[0])})")
            for user, hole in self._open
            if user not in bound
        ]

    def _is_cloudtrails(self, user: Place) -> bool:
        resource = self._stacks.resource(user)
        return resource is not None and resource.type in KEY_PROPERTIES


def _reference(value: Text) -> Optional[Reference]:
    if str(alias_name(value) or "").startswith(_OF_AWS):
        return None
    return Reference(value, seen_key(value))
