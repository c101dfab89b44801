"""Which reference an unknown value of a plan comes from: the one that fits the place where it stands.

A key's ARN fits `kms_key_id`, the JSON of a policy document fits `policy`, a role's ARN fits a
principal. What only may be part of a value, such as an account id or a role's `unique_id`, fits
nowhere, since the plan does not show what it is put into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable, Collection, List, Mapping, Optional, Sequence, Tuple

from ctkms.iac.terraform.aws.attributes import ALIAS, KEY_POLICY, KEY_TYPES, TOPIC, TRAIL
from ctkms.iac.terraform.evaluation.values import ABSENT, Json, Reference, Value, has_rest, is_known
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.subjects.encrypted_resources import KEY_ARGUMENTS
from ctkms.unknowns.text import LOWER_CASE, Hole, Kind, Partial, split

INDEXES = ("each.key", "count.index")  # they choose an instance, and are no value of their own

_SERVICES = ("iam", "kms", "cloudtrail")  # whose ARNs are put into nothing larger
_ARNS = dict.fromkeys((*KEY_TYPES, ALIAS, TRAIL, "aws_iam_role", "aws_iam_user", "aws_iam_policy"), "arn")


@dataclass(frozen=True)
class ArgumentType:
    """What a kind of argument takes: the values that fit, and the attribute that is meant of a whole resource.

    `parts` says of a value that it only can be put into one that fits.
    """

    fits: Callable[[Value], bool]
    attributes: Mapping[str, str] = field(default_factory=dict)
    parts: Callable[[Value], bool] = lambda value: False


def _is_document(value: Value) -> bool:
    return isinstance(value, Json)


def _is_arn(value: Value) -> bool:
    sections = split(value, ":") if isinstance(value, (str, Partial)) else ()
    return len(sections) > 5 and sections[0] == "arn" and sections[2] in _SERVICES


def _is_name(value: Value) -> bool:
    """An id or name; a hole without a type could be anything."""
    return isinstance(value, (str, Partial)) or (isinstance(value, Hole) and value.kind is not Kind.ANY)


def _is_part_of_arn(value: Value) -> bool:
    """An account, a Region and the like, which are no key: an ARN may be put together of them."""
    if isinstance(value, Hole):
        return value.kind in LOWER_CASE
    return isinstance(value, str) and _PART_OF_ARN.match(value) is not None


_PART_OF_ARN = re.compile(r"(?:[0-9]{12}|[a-z]{2}(?:-[a-z]+)+-[0-9]|aws(?:-[a-z]+)*)\Z")
_KEY = ArgumentType(
    _is_name,
    {**_ARNS, KEY_POLICY: "key_id", "data.aws_kms_key": "arn", "data.aws_kms_alias": "target_key_arn"},
    _is_part_of_arn,
)
_PERSON = ArgumentType(_is_name, {"aws_iam_role": "name", "aws_iam_user": "name"})
_BUCKET = ArgumentType(_is_name, {"aws_s3_bucket": "bucket", "data.aws_s3_bucket": "bucket"})
_TOPIC = ArgumentType(_is_name, {TOPIC: "arn"})
_DOCUMENT = ArgumentType(_is_document, {"data.aws_iam_policy_document": "json"})
_ARN = ArgumentType(_is_arn, _ARNS)

PLACES: Mapping[str, ArgumentType] = {
    **dict.fromkeys(("key_id", "target_key_id", "primary_key_arn", *KEY_ARGUMENTS), _KEY),
    "sns_topic_name": _TOPIC,
    **dict.fromkeys(("role", "user", "role_name", "user_name", "roles", "users"), _PERSON),
    **dict.fromkeys(("bucket", "s3_bucket_name"), _BUCKET),
    **dict.fromkeys(
        (
            "policy",
            "assume_role_policy",
            "source_json",
            "override_json",
            "source_policy_documents",
            "override_policy_documents",
        ),
        _DOCUMENT,
    ),
    **dict.fromkeys(("identifiers", "values", "resources", "policy_arn", "policy_arns", "managed_policy_arns"), _ARN),
}


def fitting(
    place: ArgumentType, names: Sequence[str], values: Sequence[Value], known: Sequence[Value]
) -> Optional[List[Value]]:
    """What fits a place, of the values of some references; None when something else may stand there.

    `known` is what stands there already.
    """
    found: List[Value] = []
    for value in _chosen(names, values):
        for one in _meant(value, place.attributes):
            if place.parts(one):
                continue
            if place.fits(one):
                found += [one] if one not in found and one not in known else []
            elif not is_known(one):
                return None
    return found


def handed_on(names: Sequence[str], values: Sequence[Value], source: str) -> Value:
    """The value of an input or output: that of the one reference in it that is more than a plain constant."""
    there = list(_chosen(names, values))
    telling = [one for one in there if isinstance(one, Json) or _is_arn(one) or not is_known(one)]
    candidates = telling or there
    # How many there are of a list may be all that becomes of it.
    if len(candidates) == 1 and not (isinstance(candidates[0], list) and has_rest(candidates[0])):
        return candidates[0]
    return None if not candidates and len(values) == 1 else Hole("${" + source + "}")


def _chosen(names: Sequence[str], values: Sequence[Value]) -> List[Value]:
    """The values that are there; of the instances of a repeated block, the one that an index chooses."""
    indexes = [value for name, value in zip(names, values) if name in INDEXES]
    found: List[Value] = []
    for name, value in zip(names, values):
        if name in INDEXES or value is ABSENT or value is None:
            continue
        found.append(_at(value, indexes[0]) if indexes else value)
    return found


def _at(value: Value, index: Value) -> Value:
    """One of all instances, if these are what the value is."""
    if isinstance(value, dict) and are_instances(value.values()):
        return value.get(index, value)
    if isinstance(value, list) and are_instances(value) and isinstance(index, int) and index < len(value):
        return value[index]
    return value


def are_instances(values: Collection[object]) -> bool:
    """Whether these are instances of a resource or module, as whole objects."""
    return bool(values) and all(isinstance(one, Reference) for one in values)


def _meant(value: Value, attributes: Mapping[str, str]) -> Tuple[Value, ...]:
    """The attribute that is meant of a resource, or of each of its instances."""
    if isinstance(value, (dict, list)):
        items = tuple(value.values()) if isinstance(value, dict) else tuple(value)
        if are_instances(items):
            return tuple(one for item in items for one in _meant(item, attributes))
    if isinstance(value, Reference) and isinstance(value.target, ResourceInstance):
        instance = value.target
        name = attributes.get(instance.type)
        return (value if name is None else instance.attribute(name),)
    return (value,)
