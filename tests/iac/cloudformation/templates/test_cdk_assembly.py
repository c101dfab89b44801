"""What is read of the files that the CDK writes beside its templates, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

import pytest

from ctkms.iac.cloudformation.templates.cdk_assembly import (
    MAX_SIZE,
    UNKNOWN_STACK,
    Assembly,
    StackIdentity,
    asset_path,
)
from ctkms.iac.cloudformation.templates.template_text import read_template
from ctkms.iac.scan import TemplateScan, judge, scan

FILE = "/out/A.template.json"


def stack(
    environment: Any = "aws://111122223333/eu-west-1", kind: Any = "aws:cloudformation:stack", **properties: Any
) -> Any:
    return {"type": kind, "environment": environment, "properties": {"templateFile": "A.template.json", **properties}}


def identity(manifest: Any) -> StackIdentity:
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    return Assembly(lambda folder, name: text if (folder, name) == ("/out", "manifest.json") else None).identity(FILE)


KNOWN = {
    "by its artifact": ({"keys": stack()}, StackIdentity("keys", "111122223333", "eu-west-1")),
    "by a name of its own": ({"x": stack(stackName="keys")}, StackIdentity("keys", "111122223333", "eu-west-1")),
    "wherever it is deployed": ({"keys": stack("aws://unknown-account/unknown-region")}, StackIdentity("keys")),
    "in a Region": ({"keys": stack("aws://unknown-account/us-gov-west-1")}, StackIdentity("keys", "", "us-gov-west-1")),
    "in an account": ({"k": stack("aws://111122223333/unknown-region")}, StackIdentity("k", "111122223333")),
    "beside other artifacts": ({"a": stack(kind="cdk:tree"), "keys": stack(None)}, StackIdentity("keys")),
    "twice the same": (
        {"a": stack(stackName="keys"), "b": stack(stackName="keys", x=1)},
        identity({"artifacts": {"keys": stack()}}),
    ),
    "two stacks of one template": ({"a": stack(), "b": stack()}, UNKNOWN_STACK),
    "another template": ({"a": stack(templateFile="B.template.json")}, UNKNOWN_STACK),
    "no name": ({"a": stack(stackName=["keys"])}, StackIdentity("", "111122223333", "eu-west-1")),
}


@pytest.mark.parametrize(("artifacts", "expected"), KNOWN.values(), ids=KNOWN)
def test_which_stack_a_template_is(artifacts: Any, expected: StackIdentity) -> None:
    assert identity({"artifacts": artifacts}) == expected


@pytest.mark.parametrize(
    "environment", ["aws://1111/eu-west-1", "aws://111122223333/*", "aws://111122223333", "", 1, [], {}]
)
def test_an_environment_that_is_none_is_not_known(environment: Any) -> None:
    found = identity({"artifacts": {"keys": stack(environment)}})
    assert (found.account, found.region) == ("", "")


HOSTILE = [
    "",
    "{",
    "null",
    "[]",
    "1",
    '"x"',
    "[" * 100_000,
    '{"artifacts": []}',
    '{"artifacts": {"a": []}}',
    "9" * 100_000,
]
HOSTILE += [json.dumps({"artifacts": {"keys": stack()}}) + " " * MAX_SIZE]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_manifest_that_is_none_says_nothing(text: str) -> None:
    assert identity(text) == UNKNOWN_STACK
    assert Assembly(lambda folder, name: text).asset(FILE, "x.json") is None


def test_each_file_is_read_once() -> None:
    asked: List[str] = []

    def read_beside(folder: str, name: str) -> None:
        asked.append(name)

    assembly = Assembly(read_beside)
    for _ in range(3):
        assembly.identity(FILE)
        assembly.identity("/out/B.template.json")
        assembly.asset(FILE, "x.json")
        assembly.identity("/out/template.yaml")  # the CDK writes no such file, so there is nothing to look for
    assert asked == ["manifest.json", "A.assets.json"]


def test_an_asset_is_found_by_the_end_of_its_address() -> None:
    files = {
        "hash": {"source": {"path": "Nested.json"}, "destinations": {"x": {"objectKey": "prefix/hash.json"}, "y": 1}},
        "code": {"source": {}, "destinations": {"x": {"objectKey": "hash.zip"}}},
    }
    assembly = Assembly(lambda folder, name: json.dumps({"files": files}))
    assert assembly.asset(FILE, "hash.json") == "Nested.json"
    assert assembly.asset(FILE, "hash.zip") is None
    assert assembly.asset("/out/template.yaml", "hash.json") is None


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"aws:asset:path": "a.json", "aws:asset:property": "TemplateURL"}, "a.json"),
        ({"aws:asset:path": "a.json", "aws:asset:property": "Code"}, None),
        ({"aws:asset:path": ["a.json"], "aws:asset:property": "TemplateURL"}, None),
        ({}, None),
    ],
)
def test_an_asset_that_the_resource_names(metadata: Any, found: Any) -> None:
    assert asset_path(metadata, "TemplateURL") == found


OUT = Path(__file__).resolve().parents[4] / "cloudformation_samples" / "good_cdk_cross_region" / "cdk.out"


def passes_003(folder: Path) -> bool:
    """The rule speaks only where the manifest tells that the bucket is the one in the key's stack."""
    return any("CKV_CTKMS_003" in judge(one.subject) for one in scan(str(folder)))


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "scanned", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    for file in OUT.glob("*.template.json"):
        (inside / file.name).write_text(file.read_text("utf-8"))
    (outside / "manifest.json").write_text((OUT / "manifest.json").read_text("utf-8"))
    (inside / "manifest.json").symlink_to(outside / "manifest.json")
    assert not passes_003(inside)
    (inside / "manifest.json").unlink()
    (inside / "manifest.json").write_text((OUT / "manifest.json").read_text("utf-8"))
    assert passes_003(inside)


def test_a_host_need_not_hand_over_the_manifest() -> None:
    """Checkov hands over templates only; the manifest is read where they are."""
    texts = {str(file): file.read_text("utf-8") for file in OUT.glob("*.template.json")}
    found = TemplateScan(texts, read_template).subject(
        str(OUT / "LogStack.template.json"), "AWS::KMS::Key", "TrailKey38EB2549"
    )
    assert judge(found)["CKV_CTKMS_063"].result == "PASSED"
