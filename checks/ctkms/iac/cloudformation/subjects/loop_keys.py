"""The keys that loops make: Checkov hands over none of them, so their records stand on a resource that uses them.

That is the first trail or event data store that is declared outside of loops and surely uses the key in some scenario.
"""

from __future__ import annotations

from typing import FrozenSet, Optional, Sequence, Tuple

from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, Place
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.subjects.key_references import References

Declared = Tuple[str, str]  # the file and the logical id of a resource


def hosted_by(user: Declared, stacks: ScannedStacks, references: References) -> Sequence[Declared]:
    """The keys whose records stand on a trail or event data store."""
    named = (one.key for at in stacks.deployments(user[0]) for one in references.of((at, user[1])))
    made = dict.fromkeys(_declared(key) for key in named if key is not None and stacks.made_by_loop(key))
    return [key for key in made if host_of(key, stacks, references) == user]


def host_of(key: Declared, stacks: ScannedStacks, references: References) -> Optional[Declared]:
    """On what the records of a key stand that a loop makes; None where it is declared, or nothing declared uses it."""
    places = frozenset((at, key[1]) for at in stacks.deployments(key[0]))
    if not any(map(stacks.made_by_loop, places)):
        return None
    users = (
        _declared(user)
        for type_ in KEY_PROPERTIES
        for user in stacks.all_of_type(type_)
        if not stacks.made_by_loop(user) and _leads(user, places, references)
    )
    return min(users, default=None)


def _leads(user: Place, keys: FrozenSet[Place], references: References) -> bool:
    return any(one.key in keys for one in references.of(user))


def _declared(place: Place) -> Declared:
    return place[0].file, place[1]
