"""What the CDK's custom resources carry into another Region."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

from ctkms.budgets import metered
from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.templates.cdk_assembly import Assembly
from ctkms.unknowns.text import Hole

NAME = "/cdk/exports/Taking/value"
TAKING = "/out/Taking.template.json"
READER = {"Resources": {"Reader": {"Type": "Custom::CrossRegionExportReader", "Properties": {"ReaderProps": {}}}}}


def writer(value: Any, region: Any = "us-east-1", name: str = NAME) -> Dict[str, Any]:
    given = {"WriterProps": {"region": region, "exports": {name: value}}}
    return {"Resources": {"Writer": {"Type": "Custom::CrossRegionExportWriter", "Properties": given}}}


def taken(*writers: Any, accounts: Any = ("111122223333", "111122223333"), explore: bool = False) -> Any:
    files = {TAKING: READER, **{f"/out/{number}.template.json": one for number, one in enumerate(writers)}}
    places = [f"aws://{accounts[0]}/us-east-1", *[f"aws://{one}/eu-west-1" for one in accounts[1:]]]
    artifacts = {
        file: {
            "type": "aws:cloudformation:stack",
            "environment": place,
            "properties": {"templateFile": file.rpartition("/")[2]},
        }
        for file, place in zip(files, places)
    }
    assembly = Assembly(lambda folder, name: json.dumps({"artifacts": artifacts}))
    at = Deployment(TAKING)
    with metered():
        evaluation = Evaluation(ScannedStacks(files, assembly), at, {}, explore)
        return evaluation.value({"Fn::GetAtt": ["Reader", NAME]}, at)


def test_the_value_that_is_written_in_the_other_stack() -> None:
    assert taken(writer("x")) == "x"
    assert taken(writer({"Ref": "AWS::Region"})) == "eu-west-1"


CASES: Dict[str, Any] = {
    "into another Region": ([writer("x", "eu-north-1")], {}),
    "into a Region that is open": ([writer("x", {"Ref": "Region"})], {}),
    "by another name": ([writer("x", name="/cdk/exports/Taking/other")], {}),
    "in another account": ([writer("x")], {"accounts": ("111122223333", "444455556666")}),
    "nowhere": ([], {}),
    "twice": ([writer("x"), writer("y")], {"accounts": ("111122223333",) * 3}),
    "by nothing that is shaped like it": ([{"Resources": {"W": {"Type": "Custom::CrossRegionExportWriter"}}}], {}),
}


@pytest.mark.parametrize(("writers", "more"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("explore", [False, True])
def test_a_value_that_is_written(writers: Any, more: Any, explore: bool) -> None:
    """... so that the stack cannot have it for sure, is open."""
    assert taken(*writers, explore=explore, **more) == Hole("${Reader." + NAME + "}")
