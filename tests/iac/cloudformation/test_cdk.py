"""What the CDK synthesises gets the verdicts of the same template written by hand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Dict, Mapping

import pytest

from ctkms.iac.scan import judge, scan

SAMPLES = Path(__file__).resolve().parents[3] / "cloudformation_samples"

# What the apps of these samples ask for; @...@ is what differs.
BY_HAND = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::@KEY_ACCOUNT@:root"}
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:GenerateDataKey*
            Resource: "*"
            Condition:
              StringEquals:
                aws:SourceArn: !Sub arn:${AWS::Partition}:cloudtrail:@REGION@:@ACCOUNT@:trail/@ALLOWED@
              StringLike:
                kms:EncryptionContext:aws:cloudtrail:arn: !Sub arn:${AWS::Partition}:cloudtrail:*:@ACCOUNT@:trail/*
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:DescribeKey
            Resource: "*"
            Condition:
              StringEquals:
                aws:SourceArn: !Sub arn:${AWS::Partition}:cloudtrail:@REGION@:@ACCOUNT@:trail/@ALLOWED@
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::@KEY_ACCOUNT@:role/LogReader"}
            Action: kms:Decrypt
            Resource: "*"
            Condition: {"Null": {kms:EncryptionContext:aws:cloudtrail:arn: "false"}}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: @TRAIL@
      S3BucketName: acme-cloudtrail-logs
      KMSKeyId: !GetAtt Key.Arn
      IsLogging: true
"""
OWN = {
    "KEY_ACCOUNT": "${AWS::AccountId}",
    "ACCOUNT": "${AWS::AccountId}",
    "REGION": "${AWS::Region}",
    "ALLOWED": "audit",
    "TRAIL": "audit",
}
OTHER = {**OWN, "TRAIL": "audit-trail"}

Verdicts = Mapping[str, str]


def verdicts(path: Path) -> Dict[str, Verdicts]:
    """What each rule says, by the address of the resource."""
    return {
        one.address: {rule[-3:]: finding.result for rule, finding in judge(one.subject).items()}
        for one in scan(str(path))
    }


def by_hand(values: Mapping[str, str], folder: Path) -> Verdicts:
    text = BY_HAND
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (folder / "template.yaml").write_text(text)
    (found,) = verdicts(folder).values()
    return found


@pytest.mark.parametrize(
    ("sample", "values"),
    [
        ("good_cdk_cross_stack", OWN),
        ("bad_001_002_cdk_cross_stack_other_trail", OTHER),
        ("good_cdk_stack_output", OWN),
        ("bad_001_002_cdk_stack_output_other_trail", OTHER),
        ("good_cdk_nested_stacks", OWN),
        ("bad_001_002_cdk_nested_stacks_other_trail", OTHER),
    ],
)
def test_stacks_that_the_cdk_joins(sample: str, values: Mapping[str, str], tmp_path: Path) -> None:
    (found,) = verdicts(SAMPLES / sample).values()
    assert found == by_hand(values, tmp_path)


@pytest.mark.parametrize(
    ("sample", "prod"),
    [("good_cdk_two_stages", OWN), ("bad_001_002_cdk_two_stages", OTHER)],
)
def test_each_stage_is_judged_by_its_own_stacks(sample: str, prod: Mapping[str, str], tmp_path: Path) -> None:
    found = verdicts(SAMPLES / sample)
    stages = {"Dev": OWN, "Prod": prod}
    assert len(found) == len(stages)
    for stage, values in stages.items():
        (mine,) = (verdict for address, verdict in found.items() if f".{stage}" in address)
        assert mine == by_hand(values, tmp_path)


@pytest.mark.parametrize("sample", ["good_cdk_nested_stacks", "bad_001_002_cdk_nested_stacks_other_trail"])
def test_a_nested_stack_is_found_by_the_list_of_assets(sample: str, tmp_path: Path) -> None:
    """... where the app is synthesised without metadata about them."""
    shutil.copytree(SAMPLES / sample / "cdk.out", tmp_path / "cdk.out")
    parent = tmp_path / "cdk.out" / "AuditStack.template.json"
    parent.write_text(re.sub(r"aws:asset:\w+", "unknown", parent.read_text("utf-8")))
    assert verdicts(tmp_path) == verdicts(SAMPLES / sample)
    (tmp_path / "cdk.out" / "AuditStack.assets.json").unlink()
    assert verdicts(tmp_path) != verdicts(SAMPLES / sample)


CDK = sorted(path.name for path in SAMPLES.iterdir() if (path / "app.js").is_file())
LEFT_OUT = {
    "where the stacks are": (r"aws://[0-9]{12}/[a-z0-9-]+", "aws://unknown-account/unknown-region"),
    "in which account": (r"aws://[0-9]{12}/", "aws://unknown-account/"),
    "which stack is which": (r"aws:cloudformation:stack", "unknown"),
}


@pytest.mark.parametrize("sample", CDK)
@pytest.mark.parametrize(("written", "instead"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_a_manifest_leaves_out_turns_no_verdict(sample: str, written: str, instead: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / sample / "cdk.out", tmp_path / "cdk.out")
    for file in tmp_path.rglob("manifest.json"):
        file.write_text(re.sub(written, instead, file.read_text("utf-8")))
    before, after = verdicts(SAMPLES / sample), verdicts(tmp_path)
    turned = {
        (address, rule)
        for address, results in after.items()
        for rule, result in results.items()
        if rule != "090" and result != before.get(address, {}).get(rule, result)
    }
    assert turned == set()


def test_without_its_manifest_an_output_is_open(tmp_path: Path) -> None:
    """Nothing says then which stack is which: what the trail would change is open, and the trail says so itself."""
    for file in (SAMPLES / "bad_001_002_cdk_stack_output_other_trail" / "cdk.out").glob("*.template.json"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"))
    found = verdicts(tmp_path)
    key, trail = found["AWS::KMS::Key.TrailKey38EB2549"], found["AWS::CloudTrail::Trail.Trail022F0CF2"]
    assert (key["090"], key.get("001"), key.get("002")) == ("SKIPPED", None, None)
    assert trail == {"090": "SKIPPED"}
