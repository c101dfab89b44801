"""One scenario, with what the rules ask of everything in it."""

from __future__ import annotations

from functools import cached_property
from typing import Callable, Dict, Generic, Mapping, Optional, Sequence, Tuple, TypeVar, overload

from ctkms.cloudtrail.resources import Person
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.instances.scenario import Scenario
from ctkms.iac.terraform.subjects.boundary import REPLICA_TYPES, replaced, replica_ids
from ctkms.iac.terraform.subjects.buckets import BUCKET, BUCKET_TYPES, ENCRYPTION, NOT_IN_CODE, Bucket, Buckets
from ctkms.iac.terraform.subjects.encrypted_resources import other_users
from ctkms.iac.terraform.subjects.key_users import Uses
from ctkms.iac.terraform.subjects.organization import ORGANIZATION_SOURCES, Organization, organization_of
from ctkms.iac.terraform.subjects.people import PEOPLE, PEOPLE_TYPES, people_of
from ctkms.iac.terraform.subjects.topics import Notifications
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, Hole, Text

MAX_ROUNDS = 3  # in which reading resources makes further ones known

T = TypeVar("T")


class Inventory:
    """One scenario, and who uses which key in it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.uses = Uses(scenario)
        self._buckets = _Survey(scenario, BUCKET_TYPES, Buckets) if scenario.declares(BUCKET, ENCRYPTION) else None
        self._replicas = _Survey(scenario, REPLICA_TYPES, replica_ids) if scenario.declares(*REPLICA_TYPES) else None
        self._organization = _Survey(scenario, ORGANIZATION_SOURCES, organization_of)
        self._people = _Survey(scenario, PEOPLE_TYPES, people_of) if scenario.declares(*PEOPLE) else None

    def bucket(self, name: Text) -> Bucket:
        """What the code says of the bucket with this name."""
        return NOT_IN_CODE if self._buckets is None else self._buckets.result().named(name)

    def people(self) -> Tuple[Person, ...]:
        """Every role and user that the code declares."""
        return () if self._people is None else self._people.result()

    def organization(self) -> Organization:
        """What the code tells of the organization."""
        return self._organization.result()

    @property
    def told(self) -> Tuple[str, ...]:
        """What it assumes, in words, as far as anything has asked for it yet."""
        return self.scenario.shared.told()

    @cached_property
    def others(self) -> Mapping[Text, Tuple[str, ...]]:
        """The addresses of what else is encrypted, by key."""
        return other_users(self.scenario)

    @cached_property
    def open_others(self) -> Mapping[Text, Tuple[str, ...]]:
        """Those of them whose key is not known, by what they name as their key."""
        known = self.scenario.shared.keys
        return {key: found for key, found in self.others.items() if not isinstance(key, str) and key not in known}

    @cached_property
    def notifications(self) -> Notifications:
        """Which trails notify through which topics."""
        return Notifications(self.scenario)

    @overload
    def settled(self, value: Text, organization: Optional[Organization] = None) -> Text: ...

    @overload
    def settled(self, value: object, organization: Optional[Organization] = None) -> object: ...

    def settled(self, value: object, organization: Optional[Organization] = None) -> object:
        """A value as the rules see it, with what only all resources together tell."""
        known: Dict[Hole, Text] = {} if self._replicas is None else dict(self._replicas.result())
        management = (organization or self.organization()).management
        if management != MANAGEMENT_ACCOUNT:
            known[MANAGEMENT_ACCOUNT] = management
        return replaced(value, known) if known else value


class _Survey(Generic[T]):
    """What follows from all resources of some types; worked out again once more of them are known."""

    def __init__(
        self, scenario: Scenario, types: Sequence[str], make: Callable[[Sequence[ResourceInstance]], T]
    ) -> None:
        self._scenario = scenario
        self._types = tuple(types)
        self._make = make
        self._count = -1
        self._made = make(())

    def result(self) -> T:
        """What follows from the resources that are known by now."""
        for _ in range(MAX_ROUNDS):
            if self._count == self._known():
                break
            resources = self._scenario.everything(*self._types)
            self._count = self._known()
            self._made = self._make(resources)
        return self._made

    def _known(self) -> int:
        return sum(len(self._scenario.shared.turned_up.get(type_, ())) for type_ in self._types)
