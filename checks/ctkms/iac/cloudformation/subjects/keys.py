"""From the templates of a scan to KMS keys, with the trails and event data stores that use them."""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Mapping, Optional, Tuple

from ctkms.budgets import TooLarge
from ctkms.cloudtrail.access_requests.key_case import policy_in_force
from ctkms.cloudtrail.evidence import is_cloudtrails
from ctkms.cloudtrail.resources import Key, Person, key_arn
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged, unreadable
from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES, STACK_SET_TYPE, Deployment, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import texts_in
from ctkms.iac.cloudformation.subjects.flags import flag
from ctkms.iac.cloudformation.subjects.key_references import References
from ctkms.iac.cloudformation.subjects.key_users import KeyUsers, Scene
from ctkms.iac.cloudformation.subjects.key_uses import uses_of
from ctkms.iac.cloudformation.subjects.loop_keys import host_of, hosted_by
from ctkms.iac.cloudformation.subjects.organization import management_account, member_accounts
from ctkms.iac.cloudformation.subjects.people import Found, people_in
from ctkms.iac.cloudformation.subjects.policies import document
from ctkms.iac.cloudformation.subjects.replicas import relatives_left_open, shared
from ctkms.iac.cloudformation.subjects.stack_sets import within_stack_set
from ctkms.iac.cloudformation.subjects.unseen_keys import absent, assumed_to_exist, without_a_seen_key
from ctkms.iac.cloudformation.templates.cdk_assembly import NO_ASSEMBLY, Assembly
from ctkms.iac.cloudformation.templates.relevance import any_speaks
from ctkms.iac.cloudformation.templates.template import Resource
from ctkms.unknowns.scenarios import Assumptions, every_scenario
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT
from ctkms.unknowns.truth import FALSE, UNKNOWN, Truth

POLICY_PATH = "Properties/KeyPolicy"
ATTRIBUTE_PATHS = {
    "enabled": "Properties/Enabled",
    "key_spec": "Properties/KeySpec",
    "key_usage": "Properties/KeyUsage",
}

Scenario = Tuple[Optional[Key], FrozenSet[str]]  # the key, unless it does not exist; and what is still open

Around = Tuple[
    Deployment, Tuple[Deployment, ...], FrozenSet[Tuple[str, bool]]
]  # a key's home, what is near, a scenario


class Templates:
    """All templates of one scan, by file path; unrendered, as a parser gives them."""

    def __init__(self, templates: Mapping[str, Mapping[str, object]], assembly: Assembly = NO_ASSEMBLY) -> None:
        self._bodies = templates
        self._stacks = ScannedStacks(templates, assembly)
        self._users = KeyUsers(self._stacks)
        self._references = References(self._stacks, self._users)
        self._speaks: Optional[bool] = None
        self._found: Dict[Around, Tuple[Found, ...]] = {}
        self._subjects: Dict[Tuple[str, str], Optional[Judged]] = {}

    def declares(self, file: str, logical_id: str) -> bool:
        """Whether a template that has been read declares this resource."""
        return file in self._bodies and self._stacks.template(file).resource(logical_id) is not None

    def declared(self, file: str, types: FrozenSet[str]) -> Tuple[Tuple[str, str], ...]:
        """The type and the logical id of each resource of some types in a template on which records may stand."""
        found = ((one.type, name) for name, one in self._stacks.template(file).resources() if one.type in types)
        return tuple(one for one in found if host_of((file, one[1]), self._stacks, self._references) is None)

    def holds(self, file: str, condition: str) -> Truth:
        """Whether a condition of a template holds, the same wherever that is deployed."""
        places = self._stacks.deployments(file)
        answers = {Evaluation(self._stacks, at, {}).holds(condition, at) for at in places}
        return answers.pop() if len(answers) == 1 else UNKNOWN

    def subject(self, file: str, logical_id: str) -> Optional[Judged]:
        """What is judged of a resource: a key, or a trail or event data store whose key is not seen.

        None for any other resource, and where nothing in the scan speaks of CloudTrail.
        """
        if (file, logical_id) not in self._subjects:
            self._subjects[file, logical_id] = self._subject(file, logical_id)
        return self._subjects[file, logical_id]

    def _subject(self, file: str, logical_id: str) -> Optional[Judged]:
        resource = self._stacks.template(file).resource(logical_id)
        if resource is None or not self._speaks_of_cloudtrail():
            return None
        if resource.type == STACK_SET_TYPE:
            return within_stack_set(file, logical_id, resource, self._stacks, self.subject)
        places = [(deployment, logical_id) for deployment in self._stacks.deployments(file)]
        try:
            if resource.type in KEY_PROPERTIES:
                return self._on_behalf(file, logical_id) or next(filter(None, map(self._user, places)), None)
            if resource.type not in KEY_TYPES or host_of((file, logical_id), self._stacks, self._references):
                return None
            return self._key_subject(places, resource)
        except TooLarge:
            address = f"{resource.type}.{logical_id}"
            if resource.type in KEY_PROPERTIES:
                path = f"Properties/{KEY_PROPERTIES[resource.type]}"
                return Unjudged(f"which key {address} uses is not known: the template is too large to work out", path)
            return unreadable(address, True, "the template is too large to work out")

    def _speaks_of_cloudtrail(self) -> bool:
        if self._speaks is None:
            self._speaks = any_speaks(self._bodies.values())
        return self._speaks

    def _user(self, user: Place) -> Optional[Unjudged]:
        """A trail or event data store whose key nobody judges; one that has a key of the scan has no record."""
        if Evaluation(self._stacks, user[0], {}).exists(user) is not FALSE:
            return without_a_seen_key(user, self._stacks, self._references)
        named = self._references.of(user, assumed_to_exist(user, self._stacks))
        # A key that is absent for the same reason says so itself.
        told = any(one.key and isinstance(self.subject(one.key[0].file, one.key[1]), Unjudged) for one in named)
        return absent(user, self._stacks) if named and not told else None

    def _on_behalf(self, file: str, logical_id: str) -> Optional[Judged]:
        """The keys whose records stand on a trail or event data store, if there are any."""
        found: Dict[str, Judged] = {}
        for key_file, key_id in hosted_by((file, logical_id), self._stacks, self._references):
            places = [(at, key_id) for at in self._stacks.deployments(key_file)]
            resource = self._stacks.resource(places[0])
            judged = None if resource is None else self._key_subject(places, resource)
            if resource is not None and judged is not None:
                found[self._stacks.address(places[0], places[0][0])] = judged
        subjects = {address: one for address, one in found.items() if isinstance(one, Subject)}
        if not subjects:
            return next(iter(found.values()), None)
        resource = self._stacks.template(file).resource(logical_id)
        return Subject(
            scenarios=tuple(key for one in subjects.values() for key in one.scenarios),
            declares_key=True,
            holds_policy=True,
            on_behalf_of=" or ".join(subjects),
            path=f"Properties/{KEY_PROPERTIES[resource.type]}" if resource is not None else "",
        )

    def _key_subject(self, places: List[Place], resource: Resource) -> Optional[Judged]:
        apart = len(places) > 1
        keys = tuple(key for place in places for key in self._scenarios(place, resource, apart, self._users, {}))
        if keys:
            return Subject(keys, declares_key=True, holds_policy=True)
        for place in places:
            assumed = assumed_to_exist(place, self._stacks)
            users = KeyUsers(self._stacks, place[0], assumed)
            there = self._scenarios(place, resource, apart, users, assumed)
            if any(is_cloudtrails(key, policy_in_force(key)) for key in there):
                return absent(place, self._stacks)
        return None

    def _scenarios(
        self, place: Place, resource: Resource, told_apart: bool, users: KeyUsers, given: Assumptions
    ) -> Tuple[Key, ...]:
        label = f"as {self._stacks.label(place[0])}" if told_apart else ""

        def build(more: Assumptions) -> Scenario:
            assumed = {**given, **more}
            evaluation = Evaluation(self._stacks, place[0], assumed)
            if evaluation.exists(place) is FALSE:
                return None, frozenset()
            key = self._key(place, resource, Scene(place[0], assumed, evaluation), users, label)
            return key, frozenset(evaluation.open)

        return tuple(key for _, (key, _) in every_scenario(build, lambda scenario: scenario[1]) if key is not None)

    # One key in one scenario

    def _key(self, place: Place, resource: Resource, scene: Scene, users: KeyUsers, label: str) -> Key:
        evaluation, stacks, (at, logical_id) = scene.evaluation, self._stacks, place
        policy = document(resource, "KeyPolicy", evaluation, at)
        around = self._around(scene)
        people = self._people(policy, around, scene)
        key_id = evaluation.text({"Ref": logical_id}, at)
        where = evaluation.environment(at)
        uses = uses_of(place, scene, users, self._references, stacks)
        return Key(
            address=f"{resource.type}.{logical_id}",
            policy=relatives_left_open(policy, place, stacks, evaluation),
            arn=key_arn(key_id, where.region, where.account),
            policy_path=POLICY_PATH,
            attribute_paths=ATTRIBUTE_PATHS,
            trails=uses.trails,
            stores=uses.stores,
            people=people,
            open_trails=uses.open_trails,
            enabled=flag(evaluation.property(resource, "Enabled", at), "Enabled", default=True),
            key_spec=shared(place, "KeySpec", "SYMMETRIC_DEFAULT", stacks, evaluation),
            key_usage=shared(place, "KeyUsage", "ENCRYPT_DECRYPT", stacks, evaluation),
            topics=uses.topics,
            other_users=uses.others,
            open_users=uses.open_users,
            unseen=uses.unseen,
            bypass=flag(evaluation.property(resource, _BYPASS, at), _BYPASS, default=False),
            management=management_account(around, stacks, evaluation) if uses.an_organizations else MANAGEMENT_ACCOUNT,
            members=member_accounts(around, stacks, evaluation),
            scenario=_scenario(label, scene.assumed),
        )

    def _around(self, scene: Scene) -> Tuple[Deployment, ...]:
        """The stacks around the key, and those whose outputs its policy uses."""
        around = dict.fromkeys(self._stacks.related(scene.home))
        around.update(dict.fromkeys(sorted(scene.evaluation.consulted, key=self._stacks.label)))
        return tuple(around)

    def _people(self, policy: object, around: Tuple[Deployment, ...], scene: Scene) -> Tuple[Person, ...]:
        """The roles and users of the stacks around.

        Only what is open about those whom the policy names makes scenarios of its own.
        """
        share = (scene.home, around, frozenset(scene.assumed.items()))
        if share not in self._found:
            self._found[share] = people_in(around, self._stacks, scene.home, scene.assumed)
        found = self._found[share]
        named = frozenset(texts_in(policy)) if any(one.open for one in found) else frozenset()
        for one in found:
            if one.person.arn in named:
                scene.evaluation.open |= one.open
        return tuple(one.person for one in found)


_BYPASS = "BypassPolicyLockoutSafetyCheck"


def _scenario(label: str, assumed: Assumptions) -> str:
    """What a scenario assumes, in words."""
    assumptions = [f"{condition} is {'true' if value else 'false'}" for condition, value in sorted(assumed.items())]
    return ", ".join([label] * bool(label) + assumptions)
