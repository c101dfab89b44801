"""The bucket that a trail delivers to, where a template declares it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple, Union

from ctkms.iac.cloudformation.aws.return_values import BUCKET_TYPE, Deployment, MadeName, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stack_outputs import source_of
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, brief, flat, text_of
from ctkms.iac.cloudformation.templates.template import Resource, entries
from ctkms.unknowns.text import Hole, Text
from ctkms.unknowns.truth import FALSE, TRUE

MAX_IMPORTS = 5  # of a value that is itself an import; a longer chain leads nowhere


def bucket_of(trail: Resource, at: Deployment, stacks: ScannedStacks, evaluation: Evaluation) -> Optional[Place]:
    """The declared bucket that a trail delivers to.

    A bucket of the same name in a stack with no link to this one may be in any Region, so only
    imports and nested stacks lead to other templates, and a name that is written out to those whose
    Region is known: no two buckets share a name.
    """
    expression, at = _imported(trail.properties.get("S3BucketName"), at, stacks, evaluation)
    name = text_of(evaluation.value(expression, at))
    if name is None:
        return None
    if isinstance(name, MadeName) and name.place is not None:
        return _only([name.place], stacks, evaluation)
    nearby = stacks.related(at)
    here = _named(name, [at], stacks, evaluation)
    found = here or _named(name, nearby, stacks, evaluation)
    if not found and isinstance(name, str):
        elsewhere = dict.fromkeys(at for at, _ in stacks.all_of_type(BUCKET_TYPE))
        placed = [one for one in elsewhere if isinstance(evaluation.environment(one).region, str)]
        found = _named(name, placed, stacks, evaluation)
    return _only(found, stacks, evaluation)


def _imported(
    expression: object, at: Deployment, stacks: ScannedStacks, evaluation: Evaluation
) -> Tuple[object, Deployment]:
    """What an import stands for: the value of the output, and where it is declared."""
    for _ in range(MAX_IMPORTS):
        source = source_of(expression, at, stacks, evaluation)
        if source is None:
            break
        at, output = source
        expression = entries(stacks.template(at.file).section("Outputs").get(output)).get("Value")
    return expression, at


def _named(name: Text, deployments: Sequence[Deployment], stacks: ScannedStacks, evaluation: Evaluation) -> List[Place]:
    return [
        (at, logical_id)
        for at in deployments
        for logical_id, resource in stacks.template(at.file).resources()
        if resource.type == BUCKET_TYPE and evaluation.value({"Ref": logical_id}, at) == name
    ]


def _only(places: List[Place], stacks: ScannedStacks, evaluation: Evaluation) -> Optional[Place]:
    """The one bucket of these that exists."""
    found = []
    for place in places:
        resource = stacks.resource(place)
        if resource is not None and resource.type == BUCKET_TYPE and evaluation.exists(place) is not FALSE:
            found.append(place)
    return found[0] if len(found) == 1 else None


def bucket_key(place: Place, stacks: ScannedStacks, evaluation: Evaluation) -> Union[bool, Hole, None]:
    """Whether the bucket has an S3 Bucket Key; a hole when that is open.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    resource = stacks.resource(place)
    if resource is None:
        return None
    if evaluation.exists(place) is not TRUE:
        return Hole(f"whether {place[1]} exists")
    answers = _settings(evaluation.property(resource, "BucketEncryption", place[0]))
    if True in answers:
        return True
    return next((answer for answer in answers if isinstance(answer, Hole)), False)


def _settings(encryption: object) -> List[Union[bool, Hole]]:
    rules = encryption.get("ServerSideEncryptionConfiguration", []) if isinstance(encryption, dict) else encryption
    return [_setting(rule) for rule in flat(rules) if rule is not NO_VALUE]


def _setting(rule: object) -> Union[bool, Hole]:
    value = rule.get("BucketKeyEnabled", False) if isinstance(rule, dict) else rule
    if isinstance(value, (bool, Hole)):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return Hole(f"BucketKeyEnabled: {brief(value)}")
