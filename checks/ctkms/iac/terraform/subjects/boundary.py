"""Values that only the whole configuration tells, put in where a key is handed over to the rules.

While expressions are worked out, a replica key has an id of its own, and the management account is a
value that nobody knows. Then it follows from all resources together that the first is the id of the
primary key, and what the second is.
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Mapping, Sequence, overload

from ctkms.iac.terraform.aws.attributes import as_text, key_id
from ctkms.iac.terraform.aws.kms_references import identity_of
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Json, Value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Kind, Maybe, Partial, Rest, Text, fill

REPLICA_TYPES = ("aws_kms_replica_key", "aws_kms_replica_external_key")


def replica_ids(replicas: Sequence[ResourceInstance]) -> Dict[Hole, Text]:
    """The id of the primary key by the hole that stands for that of the replica."""
    found: Dict[Hole, Text] = {}
    for replica in replicas:
        own = key_id(replica)
        if isinstance(own, Hole):
            found[own] = _primary_id(replica, own)
    return found


def _primary_id(replica: ResourceInstance, own: Hole) -> Text:
    reference = replica.argument("primary_key_arn")
    primary = None if reference is None else replica.key(reference)
    if primary is not None and primary is not replica:
        return key_id(primary)
    identity = identity_of(as_text(reference, own))
    if isinstance(identity, str):
        return identity
    if isinstance(identity, Choice) or identity == own:
        return own
    return Hole("${key_id of " + describe(identity) + "}", Kind.SOME_KEY_ID)  # other replicas may share it


@overload
def replaced(value: Text, by: Mapping[Hole, Text]) -> Text: ...


@overload
def replaced(value: Value, by: Mapping[Hole, Text]) -> Value: ...


@overload
def replaced(value: object, by: Mapping[Hole, Text]) -> object: ...


def replaced(value: object, by: Mapping[Hole, Text]) -> object:
    """A value with some of its holes replaced, wherever they stand in it."""
    if isinstance(value, Maybe) and value not in by:
        return replace(value, each=replaced(value.each, by))
    if isinstance(value, (Hole, Partial)):
        return fill(value, by)
    if isinstance(value, dict):
        return {replaced(key, by): replaced(item, by) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(replaced(item, by) for item in value)
    if isinstance(value, Json):
        return Json(replaced(value.value, by), value.layout)
    if isinstance(value, Rest):
        hole = fill(value.hole, by)
        return Rest(hole if isinstance(hole, Hole) else value.hole, replaced(value.each, by))
    return value
