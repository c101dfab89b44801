"""From the resources of a configuration to the keys that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, FrozenSet, Iterable, Union

from ctkms.cloudtrail.keys import EventDataStore, Key, Trail, key_arn
from ctkms.iac.terraform.attributes import KEY_POLICY, STORE, TRAIL, as_text, key_id
from ctkms.iac.terraform.resource import ResourceInstance
from ctkms.iac.terraform.uses import Site, Uses, conditions_in
from ctkms.iac.terraform.values import Failure, Json, Value, boolean, json_text
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


def declared_key(declared: ResourceInstance, uses: Uses, possible: Possible) -> Draft:
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
        ),
        identity,
        uses,
    )
    policies = uses.of(identity, KEY_POLICY)
    if policies:
        # It is attached after the key was made, so it takes the place of the key's own policy.
        key = _with_policy(key, policies[-1])
    return _draft(key, identity, uses, possible, declared.conditions)


def key_of_policy(policy: ResourceInstance, uses: Uses, possible: Possible) -> Draft:
    """The key that an `aws_kms_key_policy` is attached to, with that policy on it."""
    reference = policy.argument("key_id")
    given = as_text(reference, Hole("${" + f"{policy.address}.key_id" + "}"))
    identity = policy.module.world.identity(given)
    declared = policy.module.world.keys.get(identity)
    if declared is not None:
        draft = declared_key(declared, uses, possible)
        return _draft(_with_policy(draft.key, policy), identity, uses, possible, draft.conditions | policy.conditions)
    provider = policy.provider()
    arn = given if len(split(given, ":key/")) == 2 else key_arn(identity, provider.region, provider.account)
    key = _used(Key(address=policy.address, policy=None, arn=arn), identity, uses)
    waiting = policy.conditions | conditions_in(identity)
    return _draft(_with_policy(key, policy), identity, uses, possible, waiting)


def _with_policy(key: Key, policy: ResourceInstance) -> Key:
    return replace(key, policy=policy_value(policy.argument("policy")), policy_address=policy.address)


def _used(key: Key, identity: Text, uses: Uses) -> Key:
    """The key with all that certainly uses it, and all that may."""
    return replace(
        key,
        trails=tuple(_trail(trail) for trail in uses.of(identity, TRAIL)),
        stores=tuple(EventDataStore(store.address) for store in uses.of(identity, STORE)),
        open_users=tuple(hole for hole in uses.open if hole != identity),
    )


def _draft(key: Key, identity: Text, uses: Uses, possible: Possible, conditions: FrozenSet[str]) -> Draft:
    undecided = tuple(use for use in uses.conditional if identity in possible(use.site))
    for use in undecided:
        conditions |= use.conditions
    users = (use for use in undecided if use.instance.type != KEY_POLICY)
    doubtful = tuple(Hole("${" + f"{use.instance.address}.kms_key_id" + "}") for use in users)
    key = replace(key, open_users=(*key.open_users, *doubtful))
    described = (key.policy, key.arn, key.enabled, key.key_spec, key.key_usage)
    in_trails: Iterable[Any] = ((trail.name, trail.arn, trail.bucket) for trail in key.trails)
    return Draft(key, conditions | conditions_in(*described, *in_trails))


def _trail(trail: ResourceInstance) -> Trail:
    bucket = trail.argument("s3_bucket_name")
    return Trail(
        address=trail.address,
        name=trail.attribute("name"),
        arn=trail.attribute("arn"),
        bucket=None if bucket is None else as_text(bucket, Hole("${" + f"{trail.address}.s3_bucket_name" + "}")),
    )


def policy_value(value: Value) -> Any:
    """A `policy` argument as a key carries it."""
    if isinstance(value, Json):
        return value.value if isinstance(value.value, dict) else json_text(value.value)
    return None if value == "" else value


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
