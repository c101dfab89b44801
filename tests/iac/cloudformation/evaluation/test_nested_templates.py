"""Which template of the scan an address of a nested stack means."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

import pytest

from ctkms.iac.cloudformation.evaluation.nested_templates import NestedTemplates
from ctkms.iac.cloudformation.templates.cdk_assembly import NO_ASSEMBLY, Assembly
from ctkms.iac.cloudformation.templates.template import Resource

FILES = ("/w/main.yaml", "/w/kms.yaml", "/w/logs.yaml", "/w/a/Main.template.json", "/w/a/Kms.nested.template.json")
S3 = "https://${Bucket}.s3.amazonaws.com/"


def sub(text: str) -> Dict[str, Any]:
    return {"Fn::Sub": text}


def either(first: Any, second: Any) -> Dict[str, Any]:
    return {"Fn::If": ["IsProd", first, second]}


def deep(expression: Any, times: int) -> Any:
    return expression if times == 0 else either(deep(expression, times - 1), expression)


ADDRESSES: Dict[str, Any] = {
    # sentence: the address, the file
    "a name after a prefix": (sub(S3 + "${Prefix}kms.yaml"), "/w/kms.yaml"),
    "a name after a folder": (sub(S3 + "templates/kms.yaml"), "/w/kms.yaml"),
    "with variables of its own": ({"Fn::Sub": [S3 + "kms.yaml", {"Bucket": "x"}]}, "/w/kms.yaml"),
    "joined without a slash": ({"Fn::Join": ["", ["https://s3/", {"Ref": "Prefix"}, "kms.yaml"]]}, "/w/kms.yaml"),
    "joined with a slash": ({"Fn::Join": ["/", [{"Ref": "Base"}, "kms.yaml"]]}, "/w/kms.yaml"),
    "joined from a condition": ({"Fn::Join": ["/", ["https://s3", either("kms.yaml", "kms.yaml")]]}, "/w/kms.yaml"),
    "of two buckets": (either(sub(S3 + "kms.yaml"), "https://s3.amazonaws.com/x/kms.yaml"), "/w/kms.yaml"),
    "of two templates": (either(sub(S3 + "kms.yaml"), sub(S3 + "logs.yaml")), None),
    "of a template or nothing": (either(sub(S3 + "kms.yaml"), {"Ref": "AWS::NoValue"}), None),
    "conditions within conditions": (deep("kms.yaml", 4), "/w/kms.yaml"),
    "too many conditions": (deep("kms.yaml", 60), None),
    "an open name": (sub(S3 + "${Name}"), None),
    "an open end": (sub(S3 + "${Name}.yaml"), None),
    "a name that no file has": (sub(S3 + "${Prefix}other.yaml"), None),
    "a parameter": ({"Ref": "Address"}, None),
    "nothing": (None, None),
    "a list": (["kms.yaml"], None),
    "an empty join": ({"Fn::Join": ["", []]}, None),
}


def nested(url: Any, file: str = "/w/main.yaml", assembly: Assembly = NO_ASSEMBLY, metadata: Any = ()) -> Optional[str]:
    resource = Resource("AWS::CloudFormation::Stack", {"TemplateURL": url}, metadata=dict(metadata))
    return NestedTemplates(FILES, assembly).of(resource, file, "Kms")


@pytest.mark.parametrize(("url", "found"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address(url: Any, found: Optional[str]) -> None:
    assert nested(url) == found


HASH = sub("https://cdk-assets-${AWS::AccountId}.s3.amazonaws.com/0123abcd.json")
LISTED = {
    "files": {
        "0123abcd": {
            "source": {"path": "Kms.nested.template.json"},
            "destinations": {"x": {"objectKey": "0123abcd.json"}},
        }
    }
}
PARENT, KMS = "/w/a/Main.template.json", "/w/a/Kms.nested.template.json"


def listed(content: Any, name: str = "Main.assets.json") -> Assembly:
    return Assembly(lambda folder, file: json.dumps(content) if (folder, file) == ("/w/a", name) else None)


def test_an_asset_by_its_metadata() -> None:
    named = {"aws:asset:path": "Kms.nested.template.json", "aws:asset:property": "TemplateURL"}
    assert nested(HASH, PARENT, metadata=named) == KMS
    assert nested(HASH, PARENT, metadata={**named, "aws:asset:path": "../kms.yaml"}) == "/w/kms.yaml"
    assert nested(HASH, PARENT, metadata={**named, "aws:asset:path": "gone.json"}) is None
    assert nested(HASH, PARENT, metadata={**named, "aws:asset:property": "Code"}) is None


def test_an_asset_by_the_list_of_its_stack() -> None:
    assert nested(HASH, PARENT, listed(LISTED)) == KMS
    assert nested(HASH, PARENT, listed(LISTED, "Other.assets.json")) is None
    assert nested(HASH, PARENT, listed({"files": {}})) is None


def test_many_files_of_one_name_are_not_compared() -> None:
    files = tuple(f"/w/{number}/kms.yaml" for number in range(2_000))
    resource = Resource("AWS::CloudFormation::Stack", {"TemplateURL": sub(S3 + "7/kms.yaml")})
    assert NestedTemplates(("/w/main.yaml", *files[:9]), NO_ASSEMBLY).of(resource, "/w/main.yaml", "Kms") is None
    assert NestedTemplates(("/w/7/main.yaml", *files), NO_ASSEMBLY).of(resource, "/w/7/main.yaml", "Kms") is None
