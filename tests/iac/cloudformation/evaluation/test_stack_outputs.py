"""Which stack a value is taken from: by name, account and Region, as a manifest of the CDK gives them."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Tuple

import pytest

from ctkms.budgets import metered
from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.templates.cdk_assembly import Assembly
from ctkms.unknowns.text import Hole

HERE, NOWHERE = "aws://111122223333/eu-west-1", "aws://unknown-account/unknown-region"
OTHER_ACCOUNT, OTHER_REGION = "aws://444455556666/eu-west-1", "aws://111122223333/us-east-1"
ROLE = "arn:aws:iam::{}:role/outputs"

Stacks = Dict[str, Tuple[str, str]]  # by the path of the template: the name of the stack, and its environment


def assembly(stacks: Stacks) -> Assembly:
    """The manifests of stacks, one in each folder."""
    artifacts: Dict[str, Dict[str, Any]] = {}
    for file, (name, where) in stacks.items():
        folder, _, template = file.rpartition("/")
        declared = {"templateFile": template, "stackName": name}
        artifact = {"type": "aws:cloudformation:stack", "environment": where, "properties": declared}
        artifacts.setdefault(folder, {})[template] = artifact
    texts = {folder: json.dumps({"artifacts": found}) for folder, found in artifacts.items()}
    return Assembly(lambda folder, name: texts.get(folder) if name == "manifest.json" else None)


def evaluated(expression: Any, stacks: Stacks, where: str = HERE) -> Any:
    """The value of an expression in a stack, each of the others having its path as the output and export `Out`."""
    at = "/out/Asking.template.json"
    body = {"Out": {"Value": "", "Export": {"Name": "exported"}}}
    templates = {file: {"Outputs": {"Out": {**body["Out"], "Value": file}}} for file in stacks}
    scanned = ScannedStacks({**templates, at: {}}, assembly({**stacks, at: ("asking", where)}))
    with metered():
        return Evaluation(scanned, Deployment(at), {}).value(expression, Deployment(at))


def output(**more: Any) -> Dict[str, Any]:
    return {"Fn::GetStackOutput": {"StackName": "keys", "OutputName": "Out", **more}}


ONE = "/out/Keys.template.json"
DEV, PROD = "/out/assembly-Dev/Keys.template.json", "/out/assembly-Prod/Keys.template.json"
STAGES = {DEV: ("keys", HERE), PROD: ("keys", OTHER_ACCOUNT)}
REGIONS = {DEV: ("keys", HERE), PROD: ("keys", OTHER_REGION)}
AGNOSTIC = {"Region": {"Ref": "AWS::Region"}}

OUTPUTS: Mapping[str, Tuple[Any, Stacks, str, Optional[str]]] = {
    # sentence: the function, the other stacks, where the asking one is, whose output it is
    "a stack in the same account and Region": (output(), {ONE: ("keys", HERE)}, HERE, ONE),
    "its Region written out": (output(Region="eu-west-1"), {ONE: ("keys", HERE)}, HERE, ONE),
    "two stacks that nobody says where they are": (output(**AGNOSTIC), {ONE: ("keys", NOWHERE)}, NOWHERE, ONE),
    "a stack by another name": (output(), {ONE: ("other", HERE)}, HERE, None),
    "an output that it does not have": (output(OutputName="Other"), {ONE: ("keys", HERE)}, HERE, None),
    "the stage in the same account": (output(), STAGES, HERE, DEV),
    "the stage in the other account": (output(), STAGES, OTHER_ACCOUNT, PROD),
    "another account, by the role that may look": (output(RoleArn=ROLE.format("444455556666")), STAGES, HERE, PROD),
    "an account in which no such stack is": (output(RoleArn=ROLE.format("777788889999")), STAGES, HERE, None),
    "a role in the same account": (output(RoleArn={"Fn::Sub": ROLE.format("${AWS::AccountId}")}), STAGES, HERE, DEV),
    "a role that is open": (output(RoleArn={"Ref": "Role"}), STAGES, HERE, None),
    "the stack in the same Region": (output(), REGIONS, HERE, DEV),
    "another Region": (output(Region="us-east-1"), REGIONS, HERE, PROD),
    "a Region in which no such stack is": (output(Region="eu-north-1"), REGIONS, HERE, None),
    "a Region that is open": (output(Region={"Ref": "Region"}), REGIONS, HERE, None),
    "a Region that is none": (output(Region=["eu-west-1"]), REGIONS, HERE, None),
    "a Region that is left out": (output(Region={"Ref": "AWS::NoValue"}), REGIONS, HERE, DEV),
    "a role that is none": (output(RoleArn="x"), STAGES, HERE, None),
    "another Region, where nobody says which is which": (
        output(Region="us-east-1"),
        {DEV: ("keys", NOWHERE), PROD: ("keys", NOWHERE)},
        NOWHERE,
        None,
    ),
    "only the stack in another account": (output(), {PROD: ("keys", OTHER_ACCOUNT)}, HERE, None),
    "two apps of which nobody says where they are": (
        output(),
        {"/out/A.template.json": ("keys", NOWHERE), "/app/A.template.json": ("keys", NOWHERE)},
        NOWHERE,
        "/out/A.template.json",
    ),
    "several of another app": (output(), {DEV: ("keys", NOWHERE), PROD: ("keys", NOWHERE)}, NOWHERE, None),
    "a name that is open": (output(StackName={"Ref": "Name"}), {ONE: ("keys", HERE)}, HERE, None),
    "no name": ({"Fn::GetStackOutput": {"OutputName": "Out"}}, {ONE: ("keys", HERE)}, HERE, None),
    "no mapping": ({"Fn::GetStackOutput": ["keys", "Out"]}, {ONE: ("keys", HERE)}, HERE, None),
}


@pytest.mark.parametrize(("expression", "stacks", "where", "expected"), OUTPUTS.values(), ids=OUTPUTS)
def test_an_output(expression: Any, stacks: Stacks, where: str, expected: Optional[str]) -> None:
    found = evaluated(expression, stacks, where)
    assert found == expected if expected else isinstance(found, Hole)


EXPORTS: Mapping[str, Tuple[Stacks, str, Optional[str]]] = {
    "the stage in the same account": (STAGES, HERE, DEV),
    "the stage in the other account": (STAGES, OTHER_ACCOUNT, PROD),
    "only a stack in another Region": ({PROD: ("keys", OTHER_REGION)}, HERE, None),
    "a stack of which nobody says where it is": ({ONE: ("keys", NOWHERE)}, HERE, ONE),
    "two of which nobody says where they are": ({DEV: ("a", NOWHERE), PROD: ("b", NOWHERE)}, NOWHERE, None),
}


@pytest.mark.parametrize(("stacks", "where", "expected"), EXPORTS.values(), ids=EXPORTS)
def test_an_export(stacks: Stacks, where: str, expected: Optional[str]) -> None:
    found = evaluated({"Fn::ImportValue": "exported"}, stacks, where)
    assert found == expected if expected else isinstance(found, Hole)


def test_what_is_not_found_is_named() -> None:
    assert evaluated(output(), {}) == Hole("Fn::GetStackOutput: keys.Out")
    assert evaluated(output(Region="us-east-1"), {}) == Hole("Fn::GetStackOutput: keys.Out in us-east-1")


def test_a_stack_knows_its_name_account_and_region() -> None:
    own = {"Fn::Sub": "${AWS::AccountId} ${AWS::Region} ${AWS::StackName}"}
    assert evaluated(own, {}) == "111122223333 eu-west-1 asking"


def test_outputs_that_lead_to_each_other_end() -> None:
    files = {f"/out/{name}.template.json": (name, HERE) for name in ("one", "two")}
    loop = {
        f"/out/{name}.template.json": {"Outputs": {"Out": {"Value": output(StackName=other)}}}
        for name, other in (("one", "two"), ("two", "one"))
    }
    at = Deployment("/out/one.template.json")
    with metered():
        found = Evaluation(ScannedStacks(loop, assembly(files)), at, {}).value(output(StackName="two"), at)
    assert isinstance(found, Hole)
