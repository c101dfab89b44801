"""From the resources of a configuration to the keys that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, FrozenSet, Iterable, Union

from ctkms.cloudtrail.keys import EventDataStore, Key, Trail, key_arn
from ctkms.iac.terraform.attributes import KEY_POLICY, STORE, TRAIL, as_text, key_id
from ctkms.iac.terraform.buckets import NOT_IN_CODE
from ctkms.iac.terraform.language.values import Failure, boolean
from ctkms.iac.terraform.names import may_be_same
from ctkms.iac.terraform.policy_document import policy_value
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.terraform.situation import Situation
from ctkms.iac.terraform.uses import Site, conditions_in
from ctkms.iac.terraform.world import World
from ctkms.iam.text import Hole, Text, split

_PATHS = {"aws_kms_key": {"enabled": "is_enabled/[0]", "key_spec": "customer_master_key_spec/[0]"}}
_OTHER_PATHS = {"enabled": "enabled/[0]"}

Possible = Callable[[Site], FrozenSet[Text]]  # the keys that a block may name, whatever its conditions turn out to be


@dataclass(frozen=True)
class Draft:
    """A key as one world knows it, and the conditions that this world leaves open."""

    key: Key
    conditions: FrozenSet[str]


def declared_key(declared: ResourceInstance, situation: Situation, possible: Possible) -> Draft:
    """The key of an `aws_kms_key` or one of its kin, with the policy that ends up on it."""
    world, identity = declared.module.world, key_id(declared)
    original = _original(declared, world)
    key = _used(
        Key(
            address=declared.address,
            policy=policy_value(declared.argument("policy")),
            arn=declared.attribute("arn"),
            attribute_paths=_PATHS.get(declared.type, _OTHER_PATHS),
            enabled=_enabled(declared),
            key_spec=_given(original, "customer_master_key_spec", "SYMMETRIC_DEFAULT"),
            key_usage=_given(original, "key_usage", "ENCRYPT_DECRYPT"),
            multi_region=declared.argument("multi_region") not in (None, False, "false") or "replica" in declared.type,
        ),
        identity,
        situation,
    )
    policies = situation.uses.of(identity, KEY_POLICY)
    if policies:
        # It is attached after the key was made, so it takes the place of the key's own policy.
        key = _with_policy(key, policies[-1])
    return _draft(key, identity, situation, possible, declared.conditions)


def key_of_policy(policy: ResourceInstance, situation: Situation, possible: Possible) -> Draft:
    """The key that an `aws_kms_key_policy` is attached to, with that policy on it."""
    reference = policy.argument("key_id")
    given = as_text(reference, Hole("${" + f"{policy.address}.key_id" + "}"))
    identity = policy.module.world.identity(given)
    declared = policy.module.world.keys.get(identity)
    if declared is not None:
        draft = declared_key(declared, situation, possible)
        return _draft(
            _with_policy(draft.key, policy), identity, situation, possible, draft.conditions | policy.conditions
        )
    provider = policy.provider()
    arn = given if len(split(given, ":key/")) == 2 else key_arn(identity, provider.region, provider.account)
    key = _used(Key(address=policy.address, policy=None, arn=arn), identity, situation)
    waiting = policy.conditions | conditions_in(identity)
    return _draft(_with_policy(key, policy), identity, situation, possible, waiting)


def _with_policy(key: Key, policy: ResourceInstance) -> Key:
    return replace(key, policy=policy_value(policy.argument("policy")), policy_address=policy.address)


def _used(key: Key, identity: Text, situation: Situation) -> Key:
    """The key with all that certainly uses it, and all that may."""
    uses = situation.uses
    return replace(
        key,
        trails=tuple(_trail(trail, situation) for trail in uses.of(identity, TRAIL)),
        stores=tuple(EventDataStore(store.address, store.provider().account) for store in uses.of(identity, STORE)),
        open_trails=tuple(
            _trail(use.instance, situation)
            for use in uses.open
            if use.identity != identity and may_be_same(use.identity, identity)
        ),
    )


def _draft(key: Key, identity: Text, situation: Situation, possible: Possible, conditions: FrozenSet[str]) -> Draft:
    undecided = tuple(use for use in situation.uses.conditional if identity in possible(use.site))
    for use in undecided:
        conditions |= use.conditions
    doubtful = tuple(_trail(use.instance, situation) for use in undecided if use.instance.type == TRAIL)
    # The conditions of more resources than there are worlds for stay open.
    if any(use.instance.type == KEY_POLICY and use.instance.address != key.policy_address for use in undecided):
        key = replace(key, policy=Hole(f"which policy {key.address} has"))
    # Roles may be known only by their index in the policy, which has been read by now.
    key = replace(key, open_trails=(*key.open_trails, *doubtful), people=situation.people())
    described = (key.policy, key.arn, key.enabled, key.key_spec, key.key_usage)
    in_trails: Iterable[Any] = (
        (trail.name, trail.arn, trail.bucket, trail.bucket_region, trail.bucket_key) for trail in key.trails
    )
    accounts = (store.account for store in key.stores)
    return Draft(key, conditions | conditions_in(*described, *in_trails, *accounts))


def _trail(trail: ResourceInstance, situation: Situation) -> Trail:
    given = trail.argument("s3_bucket_name")
    name = None if given is None else as_text(given, Hole("${" + f"{trail.address}.s3_bucket_name" + "}"))
    bucket = NOT_IN_CODE if name is None else situation.bucket(name)
    return Trail(
        address=trail.address,
        name=trail.attribute("name"),
        arn=trail.attribute("arn"),
        bucket=name,
        bucket_region=bucket.region,
        bucket_key=bucket.key,
    )


def _original(declared: ResourceInstance, world: World) -> ResourceInstance:
    """The key whose kind a key shares: a replica takes that from its primary."""
    primary = world.key(declared.argument("primary_key_arn"))
    return declared if primary is None else primary


def _given(declared: ResourceInstance, name: str, default: str) -> Text:
    value = declared.argument(name)
    return default if value is None or value == "" else as_text(value, Hole("${" + f"{declared.address}.{name}" + "}"))


def _enabled(declared: ResourceInstance) -> Union[bool, Hole]:
    name = "is_enabled" if declared.type == "aws_kms_key" else "enabled"
    value = declared.argument(name)
    if value is None or isinstance(value, (bool, Hole)):
        return True if value is None else value
    try:
        return boolean(value)
    except Failure:
        return Hole("${" + f"{declared.address}.{name}" + "}")
