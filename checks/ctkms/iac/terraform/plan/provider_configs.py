"""The providers of a plan, with what Terraform has found out about them.

The data sources `aws_caller_identity` and `aws_region` are read while planning; what they returned
is the account and the Region of their provider, and so is what stands in the ARN of a key or trail
that is there already.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterator, Mapping, Set, Tuple

from ctkms.iac.terraform.aws.attributes import KEY_TYPES, STORE, TOPIC, TRAIL
from ctkms.iac.terraform.plan.plan_file import Instance, Path, PlanFile, calls_in, mapping
from ctkms.iac.terraform.plan.planned_blocks import coded_body, handed_on_expression, has_unknown
from ctkms.iac.terraform.syntax.syntax_tree import Body, Expression, Literal


def provider_bodies(plan: PlanFile) -> Dict[Tuple[Path, str], Body]:
    """The AWS provider configurations, by the module that holds them and the key by which resources name them."""
    bodies = {key: _written(entry) for key, entry in plan.providers.items() if entry.get("name") == "aws"}
    for key, told in _told(plan).items():
        written = bodies.get(key, Body({}, ()))
        bodies[key] = Body({**written.attributes, **told}, written.blocks)
    return {(_module(key), key): body for key, body in bodies.items()}


def _written(entry: Mapping[str, object]) -> Body:
    return coded_body(mapping(entry, "expressions"), lambda name, code, where: handed_on_expression(code), "")


def _told(plan: PlanFile) -> Dict[str, Dict[str, Expression]]:
    """The account and Region of each provider, where Terraform has learned them from AWS."""
    found: Dict[str, Dict[str, Set[str]]] = {}
    for instance in plan.instances.values():
        code = plan.code(instance)
        key = code.get("provider_config_key")
        if isinstance(key, str):
            for name, value in _tells(instance, mapping(code, "expressions")):
                found.setdefault(key, {}).setdefault(name, set()).add(value)
    return {
        key: dict(_ARGUMENTS[name](next(iter(values))) for name, values in told.items() if len(values) == 1)
        for key, told in found.items()
    }


# The argument of a provider that says the same.
_ARGUMENTS: Mapping[str, Callable[[str], Tuple[str, Expression]]] = {
    "account": lambda value: ("allowed_account_ids", Literal([value], "allowed_account_ids")),
    "region": lambda value: ("region", Literal(value, "region")),
}


def _tells(instance: Instance, code: Mapping[str, object]) -> Iterator[Tuple[str, str]]:
    """What an instance tells of its provider: data about it, or the ARN of what it has made already."""
    mode, type_, _ = instance.name
    if mode == "data":
        attribute = _DATA.get(type_)
        value = instance.values.get(attribute[1]) if attribute is not None else None
        if attribute is not None and isinstance(value, str) and not code:  # else it may be about something else
            yield attribute[0], value
        return
    arn = instance.values.get("arn")
    sections = arn.split(":") if isinstance(arn, str) and type_ in _OF_THEIR_PROVIDER else []
    if len(sections) < 6 or has_unknown(instance.unknown.get("arn")):
        return
    # What is the organization's is in the management account, whoever makes it.
    if all(instance.values.get(flag) is not True and not has_unknown(instance.unknown.get(flag)) for flag in _FLAGS):
        yield from (("account", sections[4]),) if _ACCOUNT.match(sections[4]) else ()
    if sections[3] and "region" not in code:
        yield "region", sections[3]


_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_DATA = {"aws_caller_identity": ("account", "account_id"), "aws_region": ("region", "id")}
_OF_THEIR_PROVIDER = (*KEY_TYPES, TRAIL, STORE, TOPIC)  # whose ARN has the provider's account and Region
_FLAGS = ("is_organization_trail", "organization_enabled")


def _module(key: str) -> Path:
    """`module.a.module.b:aws` is a provider of the module that these calls lead to."""
    where, separator, _ = key.rpartition(":")
    return tuple(call.rpartition(".")[2] for call, _ in calls_in(where + ".")) if separator else ()
