"""From the templates of a scan to KMS keys, with the trails and event data stores that use them."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.cloudtrail.keys import EventDataStore, Key, Person, Trail, key_arn
from ctkms.iac.cloudformation.buckets import bucket_key, bucket_of
from ctkms.iac.cloudformation.documents import document
from ctkms.iac.cloudformation.evaluation import Evaluation
from ctkms.iac.cloudformation.people import Found, people_in
from ctkms.iac.cloudformation.relevance import any_speaks
from ctkms.iac.cloudformation.resources import (
    ALIAS_TYPE,
    KEY_PROPERTIES,
    KEY_TYPES,
    STORE_TYPE,
    Deployment,
    Identity,
    Place,
)
from ctkms.iac.cloudformation.stacks import ScannedStacks
from ctkms.iac.cloudformation.template import Resource
from ctkms.iac.cloudformation.values import NO_VALUE, text_of, texts_in
from ctkms.iac.subjects import Subject, unreadable
from ctkms.iac.worlds import Assumptions, every_world
from ctkms.iam.text import OWN_REGION, Hole, Partial, Text, holes_in, split
from ctkms.iam.verdict import FALSE, UNKNOWN

POLICY_PATH = "Properties/KeyPolicy"
_PER_USER = 30  # steps; what the rules ask of each trail comes on top
ATTRIBUTE_PATHS = {"enabled": "Properties/Enabled", "key_spec": "Properties/KeySpec"}

World = Tuple[Optional[Key], FrozenSet[str]]  # the key, unless it does not exist; and what is still open

Around = Tuple[Deployment, Tuple[Deployment, ...], FrozenSet[Tuple[str, bool]]]  # a key's home, what is near, a world


class Templates:
    """All templates of one scan, by file path; unrendered, as a parser gives them."""

    def __init__(self, templates: Mapping[str, Mapping[str, Any]]) -> None:
        self._bodies = templates
        self._stacks = ScannedStacks(templates)
        self._speaks: Optional[bool] = None
        self._users: Optional[Dict[Place, List[Place]]] = None
        self._found: Dict[Around, Tuple[Found, ...]] = {}
        self._subjects: Dict[Tuple[str, str], Optional[Subject]] = {}

    def declares(self, file: str, logical_id: str) -> bool:
        """Whether a template that has been read declares this resource."""
        return file in self._bodies and self._stacks.template(file).resource(logical_id) is not None

    def subject(self, file: str, logical_id: str) -> Optional[Subject]:
        """The key that a resource declares; None when it declares none, or nothing in the scan speaks of CloudTrail."""
        if (file, logical_id) not in self._subjects:
            self._subjects[file, logical_id] = self._subject(file, logical_id)
        return self._subjects[file, logical_id]

    def _subject(self, file: str, logical_id: str) -> Optional[Subject]:
        resource = self._stacks.template(file).resource(logical_id)
        if resource is None or resource.type not in KEY_TYPES or not self._speaks_of_cloudtrail():
            return None
        try:
            return self._judged(file, logical_id, resource)
        except TooLarge:
            return unreadable(f"{resource.type}.{logical_id}", True, "the template is too large to work out")

    def _judged(self, file: str, logical_id: str, resource: Resource) -> Optional[Subject]:
        deployments = self._stacks.deployments(file)
        keys = tuple(
            key
            for deployment in deployments
            for key in self._worlds((deployment, logical_id), resource, told_apart=len(deployments) > 1)
        )
        return Subject(keys, declares_key=True, holds_policy=True) if keys else None

    def _speaks_of_cloudtrail(self) -> bool:
        if self._speaks is None:
            self._speaks = any_speaks(self._bodies.values())
        return self._speaks

    def _worlds(self, place: Place, resource: Resource, told_apart: bool) -> Tuple[Key, ...]:
        label = f"as {self._stacks.label(place[0])}" if told_apart else ""

        def build(assumed: Assumptions) -> World:
            evaluation = Evaluation(self._stacks, place[0], assumed)
            if evaluation.exists(place) is FALSE:
                return None, frozenset()
            key = self._key(place, resource, evaluation, assumed, label)
            return key, frozenset(evaluation.open)

        return tuple(key for _, (key, _) in every_world(build, lambda world: world[1]) if key is not None)

    # One key in one world

    def _key(self, place: Place, resource: Resource, evaluation: Evaluation, assumed: Assumptions, label: str) -> Key:
        at, logical_id = place
        policy = document(resource, "KeyPolicy", evaluation, at)
        people = self._people(policy, evaluation, at, assumed)
        key_id = evaluation.value({"Ref": logical_id}, at)
        trails: List[Trail] = []
        stores: List[EventDataStore] = []
        open_trails: List[Trail] = []
        for user in self._users_of(place):
            take(Budget.STEPS, _PER_USER)
            used, declared = self._uses(user, place, evaluation), self._stacks.resource(user)
            if not used or declared is None:
                continue
            if declared.type != STORE_TYPE:
                found = open_trails if isinstance(used, Hole) else trails
                found.append(self._trail(user, declared, evaluation, at))
            elif not isinstance(used, Hole):
                stores.append(EventDataStore(self._stacks.address(user, at)))
        return Key(
            address=f"{resource.type}.{logical_id}",
            policy=policy,
            arn=key_arn(key_id),
            policy_path=POLICY_PATH,
            attribute_paths=ATTRIBUTE_PATHS,
            trails=tuple(trails),
            stores=tuple(stores),
            people=people,
            open_trails=tuple(open_trails),
            enabled=_enabled(evaluation.property(resource, "Enabled", at)),
            key_spec=self._shared(place, resource, evaluation, "KeySpec", "SYMMETRIC_DEFAULT"),
            key_usage=self._shared(place, resource, evaluation, "KeyUsage", "ENCRYPT_DECRYPT"),
            world=_world(label, assumed),
        )

    def _trail(self, place: Place, resource: Resource, evaluation: Evaluation, home: Deployment) -> Trail:
        at, logical_id = place
        name = evaluation.value({"Ref": logical_id}, at)
        arn = evaluation.value({"Fn::GetAtt": [logical_id, "Arn"]}, at)
        bucket = text_of(evaluation.property(resource, "S3BucketName", at))
        declared = bucket_of(resource, at, self._stacks, evaluation)
        return Trail(
            address=self._stacks.address(place, home),
            name=name,
            arn=arn,
            bucket=bucket,
            bucket_region=OWN_REGION if declared is not None else None,
            bucket_key=bucket_key(declared, self._stacks, evaluation) if declared is not None else None,
        )

    def _people(
        self, policy: Any, evaluation: Evaluation, home: Deployment, assumed: Assumptions
    ) -> Tuple[Person, ...]:
        """The roles and users of the stacks around the key, and of those whose outputs its policy uses.

        Only what is open about those whom the policy names makes worlds of its own.
        """
        around = dict.fromkeys(self._stacks.related(home))
        around.update(dict.fromkeys(sorted(evaluation.consulted, key=self._stacks.label)))
        share = (home, tuple(around), frozenset(assumed.items()))
        if share not in self._found:
            self._found[share] = people_in(tuple(around), self._stacks, home, assumed)
        found = self._found[share]
        named = frozenset(texts_in(policy)) if any(one.open for one in found) else frozenset()
        for one in found:
            if one.person.arn in named:
                evaluation.open |= one.open
        return tuple(one.person for one in found)

    def _shared(self, place: Place, resource: Resource, evaluation: Evaluation, name: str, default: str) -> Text:
        """A property that a replica key shares with its primary key."""
        at = place[0]
        for _ in range(2):
            if resource.type == "AWS::KMS::Key":
                value = evaluation.property(resource, name, at)
                text = default if value is NO_VALUE else text_of(value)
                return Hole(name) if text is None else text
            primary = evaluation.property(resource, "PrimaryKeyArn", at)
            places = [hole.place for hole in _identities(primary) if hole.place is not None]
            found = self._stacks.resource(places[0]) if len(places) == 1 else None
            if found is None:
                break
            at, resource = places[0][0], found
        return Hole(f"{name} of the primary key")

    # Who uses a key

    def _users_of(self, key: Place) -> Sequence[Place]:
        """The trails and event data stores that may lead to the key in some world."""
        if self._users is None:
            self._users = {}
            for user in self._all_users():
                evaluation = Evaluation(self._stacks, user[0], {}, explore=True)
                self._key_value(user, evaluation)
                for place in evaluation.reached:
                    self._users.setdefault(place, []).append(user)
        return self._users.get(key, ())

    def _all_users(self) -> List[Place]:
        return [
            (deployment, logical_id)
            for file in self._stacks.files()
            for logical_id, resource in self._stacks.template(file).resources()
            if resource.type in KEY_PROPERTIES
            for deployment in self._stacks.deployments(file)
        ]

    def _uses(self, user: Place, key: Place, evaluation: Evaluation) -> Union[bool, Hole]:
        """Whether a trail or event data store uses the key; a hole when that is open."""
        value = self._key_value(user, evaluation)
        if value is None or (isinstance(value, str)):
            return False
        leads_here = any(hole.place == key for hole in _identities(value))
        unresolved = not leads_here and any(not isinstance(hole, Identity) and not hole.own for hole in holes_in(value))
        existing = evaluation.exists(user) if leads_here or unresolved else FALSE
        if existing is FALSE:
            return False
        return Hole(str(value)) if unresolved or existing is UNKNOWN else True

    def _key_value(self, user: Place, evaluation: Evaluation) -> Optional[Text]:
        """What a trail or event data store names as its key, through an alias where it names one."""
        at, _ = user
        resource = self._stacks.resource(user)
        value = text_of(evaluation.property(resource, KEY_PROPERTIES[resource.type], at)) if resource else None
        if value is None:
            return None
        alias = _alias_name(value)
        return value if alias is None else self._alias_target(value, alias, evaluation, at)

    def _alias_target(self, value: Text, alias: Text, evaluation: Evaluation, at: Deployment) -> Text:
        declared = self._aliases(alias, evaluation, at)
        targets = [evaluation.property(resource, "TargetKeyId", place) for (place, _), resource in declared]
        only = text_of(targets[0]) if len(targets) == 1 else None
        if not declared:
            return value
        # An alias of that name in another account, or one of several: it may be this one.
        return only if only is not None and not _names_account(value) else Hole(str(value))

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
            and evaluation.value({"Ref": place[1]}, place[0]) == name
            and evaluation.exists(place) is not FALSE
        ]
        return [pair for pair in found if pair[0][0] == at] or found


def _enabled(value: Any) -> Union[bool, Hole]:
    if value is NO_VALUE or value is None:
        return True
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, (bool, Hole)):
        return value
    return Hole(f"Enabled: {value}")


def _alias_name(value: Text) -> Optional[Text]:
    """The alias that a key reference names, if it names one: by its name or its ARN."""
    last = split(value, ":")[-1]
    text = last.parts[0] if isinstance(last, Partial) else last
    return last if isinstance(text, str) and text.startswith("alias/") else None


def _names_account(value: Text) -> bool:
    """Whether an ARN gives the account in digits: that may be this account or another."""
    sections = split(value, ":")
    return len(sections) >= 5 and isinstance(sections[4], str)


def _identities(value: Any) -> List[Identity]:
    text = text_of(value)
    return [hole for hole in holes_in(text) if isinstance(hole, Identity)] if text is not None else []


def _world(label: str, assumed: Assumptions) -> str:
    """What a world assumes, in words."""
    assumptions = [f"{condition} is {'true' if value else 'false'}" for condition, value in sorted(assumed.items())]
    return ", ".join([label] * bool(label) + assumptions)
