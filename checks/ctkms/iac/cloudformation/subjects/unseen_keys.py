"""What is said of a trail, event data store or key that cannot be judged: no silent green."""

from __future__ import annotations

import re
from typing import Dict, List, Optional

from ctkms.cloudtrail.subjects import Unjudged
from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, STORE_TYPE, Deployment, Place
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.subjects.key_references import Reference, References
from ctkms.iac.cloudformation.subjects.key_users import alias_name
from ctkms.unknowns.text import holes_in
from ctkms.unknowns.truth import FALSE

MAX_NAMED = 3  # keys
_NAMED = re.compile(r"\$\{(\w+)\}")


def without_a_seen_key(user: Place, stacks: ScannedStacks, references: References) -> Optional[Unjudged]:
    """What to say of a trail or event data store if no key that it may use is in the scan."""
    resource = stacks.resource(user)
    found = references.of(user)
    if resource is None or not found or any(one.key is not None for one in found):
        return None
    property_ = KEY_PROPERTIES[resource.type]
    what = "event data store" if resource.type == STORE_TYPE else "trail"
    path = f"Properties/{property_}"
    likely = references.may_lead_to(user)
    if likely:
        named = " or ".join(stacks.address(one, user[0]) for one in likely[:MAX_NAMED])
        return Unjudged(
            f"which key this {what} uses is not known: {property_} is `{found[0].text}`, which may lead to {named}, "
            "and to another key as well; refer to the resource that declares the key",
            path,
        )
    return Unjudged(
        f"the key of this {what} is not in the scan, so nobody has judged its policy: "
        f"{property_} is {_said(found[0], user, stacks)}",
        path,
    )


def _said(reference: Reference, user: Place, stacks: ScannedStacks) -> str:
    """What the reference is, and what to do about it."""
    source = next((str(hole) for hole in holes_in(reference.text) if not hole.own), "")
    if not source:
        return f"`{reference.text}`, {_ALIAS if alias_name(reference.text) is not None else _LITERAL}"
    by_start = (said for start, said in _BY_START.items() if source.startswith(start))
    otherwise = _PARAMETER if _is_parameter(source, user[0], stacks) else _OTHERWISE
    return f"`{reference.text}`, {next(by_start, otherwise)}"


_ALIAS = "an alias that no scanned template declares; scan the template that declares it as well"
_LITERAL = "a key that is written out; scan the template that declares it as well and refer to it there"
_BY_START = {
    "Fn::ImportValue": "an export that no scanned template makes; scan the template that exports it as well",
    "Fn::GetStackOutput": "an output of no stack that the scan knows by name; scan the CDK's whole cdk.out folder",
    "{{resolve:": "read when the stack is deployed; scan the template that declares the key as well and refer to it",
}
_PARAMETER = "a parameter without a value in the scan; scan the template that sets it, or give it a default"
_OTHERWISE = "which leads to no key of a scanned template for sure; refer to the resource that declares the key"


def _is_parameter(source: str, at: Deployment, stacks: ScannedStacks) -> bool:
    named = _NAMED.match(source)
    around: Optional[Deployment] = at
    while named is not None and around is not None:
        if named.group(1) in stacks.template(around.file).section("Parameters"):
            return True
        around = around.parent
    return False


def assumed_to_exist(place: Place, stacks: ScannedStacks) -> Dict[str, bool]:
    """The scenario in which every condition on the resource, and on the stacks around it, holds."""
    return {_named(one, place[0], stacks): True for one in stacks.conditions_on(place)}


def absent(place: Place, stacks: ScannedStacks) -> Unjudged:
    """What to say of a resource that the conditions on it do not let exist."""
    assumed = assumed_to_exist(place, stacks)
    failing: List[str] = []
    for name in assumed:
        others = {other: True for other in assumed if other != name}
        if Evaluation(stacks, place[0], others).exists(place) is FALSE:
            failing.append(name)
    names = " and ".join(f"`{name}`" for name in failing or assumed)
    return Unjudged(
        f"{stacks.address(place, place[0])} exists only if Condition {names} holds; it does not by default, "
        "so nothing of it is judged: scan with the default that you deploy",
    )


def _named(condition: Place, home: Deployment, stacks: ScannedStacks) -> str:
    """How an evaluation calls a condition."""
    at, name = condition
    return name if at == home else f"{name} ({stacks.label(at)})"
