"""From the resources of a configuration to the keys that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, FrozenSet, Iterable, Iterator, Optional, Sequence, Tuple

from ctkms.cloudtrail.resources import Key, Person, key_arn
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, STORE, TOPIC, TRAIL, as_text
from ctkms.iac.terraform.aws.kms_references import is_of_aws
from ctkms.iac.terraform.aws.policy_document import policy_value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.inventory import Inventory
from ctkms.iac.terraform.subjects.key_users import Use, conditions_in
from ctkms.iac.terraform.subjects.organization import Organization, as_seen_from, members_named
from ctkms.iac.terraform.subjects.trails import Beside, store_of, topic_of, trail_of
from ctkms.iac.terraform.subjects.unseen_keys import may_be_elsewhere
from ctkms.unknowns.names import may_be_chosen, may_be_same, mentions
from ctkms.unknowns.text import Hole, Text, split

_OTHER_PATHS = {"enabled": "enabled/[0]", "key_usage": "key_usage/[0]"}
_PATHS = {
    "aws_kms_key": {
        "enabled": "is_enabled/[0]",
        "key_spec": "customer_master_key_spec/[0]",
        "key_usage": "key_usage/[0]",
    }
}
MAX_ATTACHED = 4  # policies of one key that are looked at one by one
_BYPASS = "bypass_policy_lockout_safety_check"


@dataclass(frozen=True)
class Draft:
    """A key as one scenario knows it, and the conditions that this scenario leaves open."""

    key: Key
    conditions: FrozenSet[str]
    told: Tuple[str, ...] = ()  # what is assumed besides them


def keys_declared(declared: ResourceInstance, inventory: Inventory, configuration: Configuration) -> Tuple[Draft, ...]:
    """The key of an `aws_kms_key` or one of its kin, with each policy that may end up on it."""
    policies = inventory.uses.of(declared.module.shared.own_identity(declared), KEY_POLICY)
    # It is attached after the key was made, so it takes the place of the key's own policy.
    return _with_each(policies or (None,), lambda one: _declared(declared, one, inventory, configuration))


def keys_of_policy(policy: ResourceInstance, inventory: Inventory, configuration: Configuration) -> Tuple[Draft, ...]:
    """The key that an `aws_kms_key_policy` is attached to, with that policy on it, or another one that may stay."""
    reference = policy.argument("key_id")
    given = as_text(reference, Hole("${" + f"{policy.address}.key_id" + "}"))
    identity = policy.module.shared.identity(given, policy)
    declared = policy.module.shared.keys.get(identity)
    others = (one for one in inventory.uses.of(identity, KEY_POLICY) if one is not policy)

    def attached(one: Optional[ResourceInstance]) -> Draft:
        if declared is not None or one is None:
            return _declared(declared or policy, one, inventory, configuration)
        return _undeclared(one, policy.address, given, identity, inventory, configuration)

    return _with_each((policy, *others), attached)


def _with_each(
    policies: Sequence[Optional[ResourceInstance]], attached: Callable[[Optional[ResourceInstance]], Draft]
) -> Tuple[Draft, ...]:
    """The key with each of the policies: whichever Terraform attaches last stays on it."""
    if len(policies) == 1:
        return (attached(policies[0]),)
    if len(policies) > MAX_ATTACHED:
        draft = attached(policies[0])
        which = Hole(f"which of the {len(policies)} policies that are attached to {draft.key.address} stays")
        return (replace(draft, key=replace(draft.key, policy=which)),)
    return tuple(
        replace(attached(one), told=(f"{one.address} stays, of the {len(policies)} policies attached to one key",))
        for one in policies
        if one is not None
    )


def _undeclared(
    policy: ResourceInstance,
    address: str,
    given: Text,
    identity: Text,
    inventory: Inventory,
    configuration: Configuration,
) -> Draft:
    """The key of a policy where the code does not declare it."""
    provider = policy.provider()
    arn = given if len(split(given, ":key/")) == 2 else key_arn(identity, provider.region, provider.account)
    key = _with_policy(Key(address=address, policy=None, arn=arn), policy)
    # KMS takes a key policy from the key's own account only, so the key is where the policy is.
    beside = Beside(provider, configuration.dependencies.order, policy)
    waiting = policy.conditions | conditions_in(identity)
    return _draft(key, _Users(identity, beside, inventory, configuration), waiting)


def _declared(
    declared: ResourceInstance,
    policy: Optional[ResourceInstance],
    inventory: Inventory,
    configuration: Configuration,
) -> Draft:
    original = _original(declared)
    inline = policy_value(declared.argument("policy"))
    key = Key(
        address=declared.address,
        policy=inline,
        arn=as_text(declared.attribute("arn"), Hole("${" + f"{declared.address}.arn" + "}")),
        attribute_paths=_PATHS.get(declared.type, _OTHER_PATHS),
        enabled=declared.flag("is_enabled" if declared.type == "aws_kms_key" else "enabled", True),
        key_spec=original.text("customer_master_key_spec", "SYMMETRIC_DEFAULT"),
        key_usage=original.text("key_usage", "ENCRYPT_DECRYPT"),
        multi_region=declared.argument("multi_region") not in (None, False, "false") or "replica" in declared.type,
        bypass=declared.flag(_BYPASS, False),
    )
    conditions = declared.conditions
    if policy is not None:
        inline = inline if declared.sets("policy") else None  # a plan knows what is on a key by now
        key = replace(_with_policy(key, policy), inline_policy=inline)
        conditions |= policy.conditions
    beside = Beside(declared.provider(), configuration.dependencies.order, policy)
    identity = declared.module.shared.own_identity(declared)
    return _draft(key, _Users(identity, beside, inventory, configuration), conditions)


def _with_policy(key: Key, policy: ResourceInstance) -> Key:
    return replace(
        key,
        policy=policy_value(policy.argument("policy")),
        policy_address=policy.address,
        bypass=policy.flag(_BYPASS, False),
    )


def perhaps(address: str) -> str:
    """Something of which the code leaves open whether the key encrypts it, among what it does."""
    return f"perhaps {address}"


@dataclass(frozen=True)
class _Users:
    """Who uses a key in one scenario, and who may."""

    identity: Text
    beside: Beside
    inventory: Inventory
    configuration: Configuration

    def added_to(self, key: Key) -> Key:
        """The key with all that certainly uses it, and all that may."""
        uses, inventory, beside = self.inventory.uses, self.inventory, self.beside
        possible = (*self._open(), *self.undecided())
        return replace(
            key,
            trails=tuple(trail_of(trail, inventory, beside) for trail in uses.of(self.identity, TRAIL)),
            stores=tuple(store_of(store, inventory, beside) for store in uses.of(self.identity, STORE)),
            open_trails=tuple(
                trail_of(use.instance, inventory, beside) for use in possible if use.instance.type == TRAIL
            ),
            open_users=tuple(dict.fromkeys(use.hole for use in possible if use.instance.type in (TRAIL, STORE))),
            unseen=tuple(dict.fromkeys(self._unseen())),
            topics=tuple(topic_of(topic, inventory, beside) for topic in uses.of(self.identity, TOPIC)),
            other_users=(*inventory.others.get(self.identity, ()), *map(perhaps, self._perhaps_others())),
        )

    def _open(self) -> Iterator[Use]:
        """The trails and event data stores that name something which may turn out to be this key."""
        for use in self.inventory.uses.open:
            if use.identity != self.identity and may_be_same(use.identity, self.identity):
                yield use

    def undecided(self) -> Tuple[Use, ...]:
        """What uses the key or not by conditions that this scenario leaves open."""
        conditional = self.inventory.uses.conditional
        return tuple(use for use in conditional if self.identity in self.configuration.possible(use.site))

    def _perhaps_others(self) -> Iterator[str]:
        """The addresses of what else the key may encrypt."""
        for use in (*self._open(), *self.undecided()):
            if use.instance.type == TOPIC and (use.conditions or may_be_chosen(use.identity, self.identity)):
                yield use.instance.address
        for identity, addresses in self.inventory.open_others.items():
            if may_be_chosen(identity, self.identity):
                yield from addresses
        yield from self.configuration.topics_by_switch(self.identity)

    def _blocks(self) -> Iterator[str]:
        """The blocks of the key and its policy, as references name them."""
        for one in (self.inventory.scenario.shared.keys.get(self.identity), self.beside.policy):
            if one is not None:
                yield ".".join(one.name[1:])

    def _unseen(self) -> Iterator[Hole]:
        """What users of the key may name instead, where that is no key of the code."""
        for use in self._open():
            if use.instance.type not in (TRAIL, STORE):
                continue
            if mentions(use.identity, self.identity):
                yield Hole("${" + use.written + "}")
            elif may_be_elsewhere(use.identity, *self._blocks()):
                yield use.hole
        for use in self.inventory.uses.naming(self.identity, TRAIL, STORE):
            for other in self.configuration.named(use.site):
                same = other.address != use.instance.address or other.identity == self.identity
                if not same and not other.is_seen and not is_of_aws(other.identity):
                    yield other.hole


def _draft(key: Key, users: _Users, conditions: FrozenSet[str]) -> Draft:
    inventory = users.inventory
    key = users.added_to(key)
    conditions = conditions.union(*(use.conditions for use in users.undecided()))
    if key.topics:
        conditions |= inventory.notifications.conditions
    # The conditions of more resources than there are scenarios for stay open.
    if any(one.instance.type == KEY_POLICY and one.instance.address != key.policy_address for one in users.undecided()):
        key = replace(key, policy=Hole(f"which policy {key.address} has"))
    # Roles may be known only by their index in the policy, which has been read by now.
    people = inventory.people()
    organization = as_seen_from(inventory.organization(), key, users.beside.provider.account)

    key = replace(
        key,
        arn=inventory.settled(key.arn, organization),
        policy=inventory.settled(key.policy, organization),
        inline_policy=inventory.settled(key.inline_policy, organization),
        people=tuple(_settled(one, inventory, organization) for one in people),
        management=organization.management,
        members=(*organization.members, *members_named(key.policy)),
    )
    return Draft(key, conditions | _conditions_in(key))


def _settled(person: Person, inventory: Inventory, organization: Organization) -> Person:
    identity = person.identity_policies
    return replace(
        person,
        trust_policy=inventory.settled(person.trust_policy, organization),
        identity_policies=identity and tuple(inventory.settled(one, organization) for one in identity),
    )


def _conditions_in(key: Key) -> FrozenSet[str]:
    """The open conditions that a key and its users still wait for."""
    described = (key.policy, key.inline_policy, key.arn, key.enabled, key.key_spec, key.key_usage, key.bypass)
    in_trails: Iterable[Tuple[object, ...]] = (
        (trail.name, trail.arn, trail.bucket, trail.bucket_region, trail.bucket_key, trail.organization)
        for trail in key.trails
    )
    in_stores = ((store.account, store.organization) for store in key.stores)
    in_topics = (topic.arn for topic in key.topics)
    return conditions_in(*described, *in_trails, *in_stores, *in_topics, key.management, *key.members)


def _original(declared: ResourceInstance) -> ResourceInstance:
    """The key whose kind a key shares: a replica takes that from its primary."""
    primary = declared.key(declared.argument("primary_key_arn"))
    return declared if primary is None else primary
