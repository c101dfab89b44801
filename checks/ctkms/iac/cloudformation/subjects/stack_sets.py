"""The template that stands as a text within a stack set: what is judged of it has its records on the stack set.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Dict, Iterator, List, Optional

from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Judged, Subject, Unjudged
from ctkms.iac.cloudformation.aws.return_values import KEY_PROPERTIES, KEY_TYPES, STACK_SET_TYPE
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.nested_templates import BODY, body_file
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import text_of
from ctkms.iac.cloudformation.templates.relevance import any_speaks
from ctkms.iac.cloudformation.templates.template import Resource
from ctkms.unknowns.text import parts_of

PATH = f"Properties/{BODY}"
MAX_JUDGED = 100  # resources of one body

SubjectOf = Callable[[str, str], Optional[Judged]]


def within_stack_set(
    file: str, logical_id: str, resource: Resource, stacks: ScannedStacks, subject: SubjectOf
) -> Optional[Judged]:
    """What is judged of the template in a stack set; `subject` tells it of one of the resources there.

    Several keys are judged as one that may be any of them: what does not hold of all of them is open.
    """
    within = body_file(file, logical_id)
    if not stacks.template(within).section("Resources"):
        return _unread(_UNREAD) if any_speaks(_bodies(file, resource, stacks)) else None
    declared = [
        name for name, one in stacks.template(within).resources() if one.type in KEY_TYPES or one.type in KEY_PROPERTIES
    ]
    if len(declared) > MAX_JUDGED:
        return Unjudged(f"the {BODY} of this stack set has too many keys and trails to judge them here", PATH)
    judged: Dict[str, Judged] = {}
    for name in declared:
        found = subject(within, name)
        if found is not None:
            judged[name] = found
    several = sum(isinstance(one, Subject) for one in judged.values()) > 1
    keys = [
        _within(name, key, several) for name, one in judged.items() if isinstance(one, Subject) for key in one.scenarios
    ]
    if not keys:
        unseen: List[Unjudged] = [one for one in judged.values() if isinstance(one, Unjudged)]
        inner = [one.properties for _, one in stacks.template(within).resources() if one.type == STACK_SET_TYPE]
        return replace(unseen[0], path=PATH) if unseen else _unread(_WITHIN) if any_speaks(inner) else None
    addresses = " and ".join(dict.fromkeys(key.address for key in keys))
    return Subject(tuple(keys), declares_key=True, holds_policy=True, on_behalf_of=addresses)


_UNREAD = "it is no text that is written out as a template"
_WITHIN = "a stack set within it has a template of its own"


def _unread(why: str) -> Unjudged:
    return Unjudged(f"the {BODY} of this stack set cannot be read: {why}", PATH)


def _bodies(file: str, resource: Resource, stacks: ScannedStacks) -> Iterator[object]:
    """The body as it stands, and what is known of its text, which a parameter or a mapping may give."""
    yield resource.properties.get(BODY)
    for at in stacks.deployments(file):
        text = text_of(Evaluation(stacks, at, {}).property(resource, BODY, at))
        yield from () if text is None else (part for part in parts_of(text) if isinstance(part, str))


def _within(logical_id: str, key: Key, several: bool) -> Key:
    """A key with the paths that lead to it from the stack set."""
    path = f"{PATH}/Resources/{logical_id}"
    return replace(
        key,
        policy_path=f"{path}/{key.policy_path}",
        attribute_paths={name: f"{path}/{one}" for name, one in key.attribute_paths.items()},
        scenario=", ".join(filter(None, (key.address, key.scenario))) if several else key.scenario,
    )
