"""The S3 buckets of a configuration: their Region, and whether they have an S3 Bucket Key.

A bucket and the resource with its encryption are brought together by the bucket's name: a name is
one bucket, and one that the provider makes up is a value of its own.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

from ctkms.iac.terraform.aws.attributes import as_text
from ctkms.iac.terraform.evaluation.conversion import boolean
from ctkms.iac.terraform.evaluation.dynamic_blocks import blocks
from ctkms.iac.terraform.evaluation.evaluate import Scope
from ctkms.iac.terraform.evaluation.values import Failure, Value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.names import may_be_same
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import Hole, Text

BUCKET, ENCRYPTION = "aws_s3_bucket", "aws_s3_bucket_server_side_encryption_configuration"
BUCKET_TYPES = (BUCKET, ENCRYPTION)

Setting = Union[bool, Hole]


@dataclass(frozen=True)
class Bucket:
    """What the code says of a bucket: each is None where the code says nothing."""

    region: Optional[Text] = None
    key: Optional[Setting] = None  # whether it has an S3 Bucket Key


NOT_IN_CODE = Bucket()


class Buckets:
    """All buckets in one scenario, by their names."""

    def __init__(self, resources: Sequence[ResourceInstance]) -> None:
        self._buckets: Dict[Text, List[ResourceInstance]] = {}
        self._encryptions: Dict[Text, List[ResourceInstance]] = {}
        self._found: Dict[Text, Bucket] = {}
        for one in resources:
            by_name = self._buckets if one.type == BUCKET else self._encryptions
            by_name.setdefault(_name(one), []).append(one)

    def named(self, name: Text) -> Bucket:
        """What the code says of the bucket with this name."""
        if name not in self._found:
            declared, encryptions = self._buckets.get(name, []), self._encryptions.get(name, [])
            regions = {as_text(one.attribute("region"), _of(one, "region")) for one in declared}
            region = regions.pop() if len(regions) == 1 else None
            self._found[name] = Bucket(region, self._key(name, declared, encryptions))
        return self._found[name]

    def _key(
        self, name: Text, declared: Sequence[ResourceInstance], encryptions: Sequence[ResourceInstance]
    ) -> Optional[Setting]:
        if not declared and not encryptions:
            return None
        for one in encryptions:
            if not any(one.exists_with(bucket) for bucket in declared or (None,)):
                return _perhaps(one)
        if encryptions:
            # It is made after the bucket, so it takes the place of what the bucket itself says.
            return _agreed([_bucket_key(one.body, one.scope) for one in encryptions], name)
        elsewhere = next(self._possible(name, declared), None)
        return _inline(declared, name) if elsewhere is None else elsewhere

    def _possible(self, name: Text, declared: Sequence[ResourceInstance]) -> Iterator[Hole]:
        """The encryption of what may turn out to be this bucket."""
        # One of an open number of buckets may be meant by any of an open number of encryptions.
        is_one_of_many = any(one.open is not None for one in declared)
        for other, encryptions in self._encryptions.items():
            if may_be_same(name, other) or (is_one_of_many and any(one.open is not None for one in encryptions)):
                yield _perhaps(encryptions[0])
        for bucket in declared:
            yield from _handed_out(bucket)


def _name(resource: ResourceInstance) -> Text:
    value = resource.attribute("bucket") if resource.type == BUCKET else resource.argument("bucket")
    return as_text(value, _of(resource, "bucket"))


def _of(resource: ResourceInstance, attribute: str) -> Hole:
    return Hole("${" + f"{resource.address}.{attribute}" + "}")


def _perhaps(encryption: ResourceInstance) -> Hole:
    """The setting of an encryption that may not be there, or may be of another bucket."""
    source = "${" + encryption.address + "}"
    return Choice(source, conditions=encryption.conditions) if encryption.conditions else Hole(source)


def _handed_out(bucket: ResourceInstance) -> Iterator[Hole]:
    """The modules that are told of a bucket, and whose code is not at hand: they may encrypt it."""
    module = bucket.module
    named = re.compile(rf"\b{BUCKET}\.{re.escape(bucket.name[2])}(?![\w-])")
    for call, body in module.module.calls.items():
        told = any(named.search(expression.source) for expression in body.attributes.values())
        if told and module.called(call) is None:
            yield Hole(module.reference("module", call))


def _inline(declared: Sequence[ResourceInstance], name: Text) -> Setting:
    """What the buckets say themselves, as they could before version 4 of the provider."""
    found = [
        _perhaps(bucket) if one.open is not None else _bucket_key(one.body, one.scope)
        for bucket in declared
        for one in blocks(bucket.body, "server_side_encryption_configuration", bucket.scope)
    ]
    return _agreed(found, name)


def _bucket_key(encryption: Body, scope: Scope) -> Setting:
    """Whether the rules of an encryption turn the bucket key on; S3 leaves it off."""
    found: List[Setting] = []
    for rule in blocks(encryption, "rule", scope):
        setting = _flag(rule.value("bucket_key_enabled"), rule.body)
        found.append(setting if rule.open is None or setting is False else rule.open)
    return _agreed(found, "rule")


def _flag(value: Value, rule: Body) -> Setting:
    if value is None or isinstance(value, Hole):
        return False if value is None else value
    try:
        return boolean(value)
    except Failure:
        return Hole("${" + rule.attributes["bucket_key_enabled"].source + "}")


def _agreed(settings: Sequence[Setting], name: Text) -> Setting:
    """What all the settings are; without any, the bucket key is off."""
    different: Tuple[Setting, ...] = tuple(dict.fromkeys(settings))
    if len(different) > 1:
        return Hole(f"the bucket key of {name}, which is set more than once")
    return different[0] if different else False
