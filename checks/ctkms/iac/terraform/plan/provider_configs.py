"""The providers of a plan, with what Terraform has found out about them.

The data sources `aws_caller_identity` and `aws_region` are read while planning; what they returned
is the account and the Region of their provider.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple

from ctkms.iac.terraform.language.syntax import Body, Expression, Literal
from ctkms.iac.terraform.plan.bodies import coded_body, handed_on_expression
from ctkms.iac.terraform.plan.plan_file import Path, PlanFile, calls_in, mapping


def provider_bodies(plan: PlanFile) -> Dict[Tuple[Path, str], Body]:
    """The AWS provider configurations, by the module that holds them and the key by which resources name them."""
    bodies = {key: _written(entry) for key, entry in plan.providers.items() if entry.get("name") == "aws"}
    for key, told in _told(plan).items():
        written = bodies.get(key, Body({}, ()))
        bodies[key] = Body({**written.attributes, **told}, written.blocks)
    return {(_module(key), key): body for key, body in bodies.items()}


def _written(entry: Mapping[str, Any]) -> Body:
    return coded_body(mapping(entry, "expressions"), lambda name, code, where: handed_on_expression(code), "")


def _told(plan: PlanFile) -> Dict[str, Dict[str, Expression]]:
    """The account and Region of each provider, where a data source has asked for them."""
    found: Dict[str, Dict[str, Expression]] = {}
    for instance in plan.instances.values():
        code = plan.code(instance)
        if instance.name[0] != "data" or code.get("expressions"):
            continue  # one with arguments may be about something else than its provider
        arguments = found.setdefault(str(code.get("provider_config_key")), {})
        account, region = instance.values.get("account_id"), instance.values.get("id")
        if instance.name[1] == "aws_caller_identity" and isinstance(account, str):
            arguments["allowed_account_ids"] = Literal([account], "allowed_account_ids")
        elif instance.name[1] == "aws_region" and isinstance(region, str):
            arguments["region"] = Literal(region, "region")
    return found


def _module(key: str) -> Path:
    """`module.a.module.b:aws` is a provider of the module that these calls lead to."""
    where, separator, _ = key.rpartition(":")
    return tuple(call.rpartition(".")[2] for call, _ in calls_in(where + ".")) if separator else ()
