"""The attributes that AWS resources and data sources have once they exist, as far as they follow from the code.

A table: a resource type, an attribute, and how to work it out. What is not in the table has the
value that the code sets, or is not known. Names that the provider makes up are holes of the kind
`NAME`, and are named by the address of their resource: one resource, one value.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Mapping, Tuple

from ctkms.cloudtrail.resources import key_arn, trail_arn
from ctkms.iac.terraform.aws.declared import (
    Declared,
    Formula,
    TextFormula,
    account,
    argument_text,
    as_text,
    constant,
    made,
    name_from,
    named,
    open_attribute,
    region,
)
from ctkms.iac.terraform.aws.iam_attributes import IAM_FORMULAS
from ctkms.iac.terraform.aws.organization_attributes import ORGANIZATION_FORMULAS
from ctkms.iac.terraform.aws.worked_out import WORKED_OUT
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.unknowns.text import OWN_PARTITION, OWN_REGION, OWN_SUFFIX, Hole, Kind, Text, join, split

__all__ = ["Declared", "as_text", "attribute", "has_attribute", "key_id"]

KEY_TYPES = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
TRAIL, STORE = "aws_cloudtrail", "aws_cloudtrail_event_data_store"
TOPIC = "aws_sns_topic"
KEY_POLICY, ALIAS = "aws_kms_key_policy", "aws_kms_alias"


def attribute(declared: Declared, type_: str, name: str) -> Value:
    """The value of an attribute of a resource (`aws_kms_key`) or data source (`data.aws_kms_key`)."""
    known, formula = declared.known(name), _FORMULAS.get(type_, {}).get(name)
    if known is not None and (formula is None or isinstance(known, list if name in _PLURALS else str)):
        return known
    if formula is not None:
        return formula(declared)
    given = declared.argument(name) if name in declared.body.attributes else None
    if given is not None:
        return given
    return open_attribute(declared, name, _KINDS.get((type_, name), Kind.ANY))


def has_attribute(type_: str, name: str) -> bool:
    """Whether there is a formula for an attribute."""
    return name in _FORMULAS.get(type_, {})


def key_id(declared: Declared) -> Text:
    """The id that AWS gives to a key, or will give to it. One address is one key."""
    known = declared.known("key_id")
    if isinstance(known, str):
        return known
    return Hole(f"{declared.address}.key_id", Kind.KEY_ID if declared.is_exact else Kind.SOME_KEY_ID)


def _region_looked_up(declared: Declared) -> Text:
    given = declared.argument("name")
    return region(declared) if given is None else as_text(given, made(declared, "name"))


def _service_principal(declared: Declared) -> Text:
    # In every partition; a service that is named otherwise somewhere is none that the rules speak of.
    return join((argument_text("service_name")(declared), ".amazonaws.com"))


_bucket, _alias_name = name_from("bucket"), name_from("name", "alias/")


# Keys


def _key_arn(declared: Declared) -> Text:
    return key_arn(key_id(declared), region(declared), account(declared))


def _alias_arn(declared: Declared) -> Text:
    where = (region(declared), ":", account(declared), ":")
    return join(("arn:", OWN_PARTITION, ":kms:", *where, _alias_name(declared)))


def _target(attribute_name: str, reference: str) -> TextFormula:
    """An attribute of the key that is referred to, when the code declares that key."""

    def value(declared: Declared) -> Text:
        given = declared.argument(reference)
        found = declared.key(given)
        if found is not None:
            return _key_arn(found) if attribute_name == "arn" else key_id(found)
        named = as_text(given, made(declared, reference))
        sections = split(named, ":")
        if len(sections) > 5 and not _is_alias(sections[-1]):
            return named if attribute_name == "arn" else split(sections[-1], "/")[-1]
        # Whatever key that is, it is the same one for each that names it so.
        id_ = _behind(named, declared) if _is_alias(sections[-1]) else named
        return key_arn(id_, region(declared), account(declared)) if attribute_name == "arn" else id_

    return value


def _behind(alias: Text, declared: Declared) -> Hole:
    """The id of the key behind an alias that is not in the code, each Region of which has its own."""
    elsewhere = "" if region(declared) == OWN_REGION or str(alias).startswith("arn:") else f" in {region(declared)}"
    return Hole("${key_id of " + str(alias) + elsewhere + "}", Kind.NAME)


def _targets_account(declared: Declared) -> Text:
    """Whose the key is: an ARN may name one of another account."""
    return split(_target("arn", "key_id")(declared), ":")[4]


def _is_alias(section: Text) -> bool:
    return isinstance(split(section, "/")[0], str) and split(section, "/")[0] == "alias"


def _topic_arn(declared: Declared) -> Text:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html"""
    return join(("arn:", OWN_PARTITION, ":sns:", region(declared), ":", account(declared), ":", named(declared)))


_REVERSE_PREFIX = Hole("this partition's reverse DNS prefix", Kind.NAME, own=True)
_KEY: Mapping[str, Formula] = {"arn": _key_arn, "key_id": key_id, "id": key_id}
_BUCKET: Mapping[str, Formula] = {
    "bucket": _bucket,
    "id": _bucket,
    "arn": lambda declared: join(("arn:", OWN_PARTITION, ":s3:::", _bucket(declared))),
}
_FORMULAS: Dict[str, Mapping[str, Formula]] = {
    **IAM_FORMULAS,
    **ORGANIZATION_FORMULAS,
    **WORKED_OUT,
    **dict.fromkeys(KEY_TYPES, _KEY),
    ALIAS: {
        "name": _alias_name,
        "id": _alias_name,
        "arn": _alias_arn,
        "target_key_arn": _target("arn", "target_key_id"),
    },
    "data.aws_kms_key": {
        "arn": _target("arn", "key_id"),
        "id": _target("key_id", "key_id"),
        "aws_account_id": _targets_account,
    },
    "data.aws_kms_public_key": {"arn": _target("arn", "key_id")},
    "data.aws_kms_alias": {
        "arn": _alias_arn,
        "id": _alias_arn,
        "target_key_arn": _target("arn", "name"),
        "target_key_id": _target("key_id", "name"),
    },
    TOPIC: {**dict.fromkeys(("arn", "id"), _topic_arn), "name": named},
    TRAIL: {
        # `id` was the name, and is the ARN in later versions of the provider.
        "arn": lambda declared: trail_arn(named(declared), region(declared), account(declared)),
        "name": named,
        "home_region": region,
    },
    "aws_s3_bucket": {**_BUCKET, "region": region},
    "data.aws_s3_bucket": _BUCKET,
    "data.aws_region": dict.fromkeys(("name", "id", "region"), _region_looked_up),
    "data.aws_partition": {
        "partition": constant(OWN_PARTITION),
        "id": constant(OWN_PARTITION),
        "dns_suffix": constant(OWN_SUFFIX),
        "reverse_dns_prefix": constant(_REVERSE_PREFIX),
    },
    "data.aws_service_principal": {"name": _service_principal},
}
# Data sources whose attributes tell what they are, whatever the code says of them, even where it does not show them.
TELLING: FrozenSet[str] = frozenset(
    type_
    for type_ in (*IAM_FORMULAS, *ORGANIZATION_FORMULAS, "data.aws_region", "data.aws_partition")
    if type_.startswith("data.")
)
_PLURALS = (
    "arns",
    "names",
    "users",
    "accounts",
    "non_master_accounts",
    "roots",
    "children",
    "delegated_administrators",
)
_KINDS: Dict[Tuple[str, str], Kind] = {
    ("data.aws_cloudtrail_service_account", "id"): Kind.ACCOUNT,
    ("data.aws_elb_service_account", "id"): Kind.ACCOUNT,
    ("random_id", "hex"): Kind.NAME,
    ("random_pet", "id"): Kind.NAME,
    ("random_uuid", "result"): Kind.NAME,
    ("random_integer", "result"): Kind.NAME,
}
