"""Trails whose keys are out of sight, and keys that something else uses, as Checkov reports them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

ROOT_STATEMENT = """
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
"""
FOR_TRAIL = """
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:GenerateDataKey*
            Resource: "*"
            Condition:
              StringEquals:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"
                kms:EncryptionContext:aws:cloudtrail:arn:
                  !Sub "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: kms:DescribeKey
            Resource: "*"
            Condition:
              StringEquals:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"
"""
MAYBE_NOT = """
          - !If
            - IsProd
            - {Effect: Deny, Principal: "*", Action: "kms:GenerateDataKey*", Resource: "*"}
            - !Ref AWS::NoValue
"""


def key(name: str = "Key", statements: str = FOR_TRAIL, more: str = "") -> str:
    head = (
        f"  {name}:\n    Type: AWS::KMS::Key\n{more}    Properties:\n      KeyPolicy:\n        Version: '2012-10-17'\n"
    )
    return f"{head}        Statement:{ROOT_STATEMENT}{statements}"


def trail(key_id: str, name: str = "Trail", called: str = "audit", more: str = "") -> str:
    properties = f"{{TrailName: {called}, IsLogging: true, S3BucketName: logs, KMSKeyId: {key_id}}}"
    return f"  {name}:\n    Type: AWS::CloudTrail::Trail\n{more}    Properties: {properties}\n"


PARAMETERS = """
Transform: AWS::LanguageExtensions
Parameters:
  KeyArn: {Type: String}
  Stage: {Type: String}
  Names: {Type: CommaDelimitedList}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  Impossible: !And [!Equals [a, a], !Equals [a, a], !Equals [a, b]]
"""

ALL = "001 002 020 021 022 023 024 040 041 060 061 062 080 090"
ONE = {"skipped": "090"}
LOOP = "  Fn::ForEach::Trails:\n    - Name\n    - {}\n    - Trail${{Name}}:\n"
IN_LOOP = (
    "        Type: AWS::CloudTrail::Trail\n        Properties: {KMSKeyId: !GetAtt Key.Arn, TrailName: !Ref Name}\n"
)

CASES: Dict[str, Any] = {
    # sentence: resources, the outcome by resource
    "a trail with its key has no record": (key() + trail("!GetAtt Key.Arn"), {"AWS::KMS::Key.Key": {"passed": ALL}}),
    "a trail whose key is a parameter has one record": (trail("!Ref KeyArn"), {"AWS::CloudTrail::Trail.Trail": ONE}),
    "so has an event data store": (
        "  Store:\n    Type: AWS::CloudTrail::EventDataStore\n    Properties: {KmsKeyId: !ImportValue nowhere}\n",
        {"AWS::CloudTrail::EventDataStore.Store": ONE},
    ),
    "a trail without a key of its own has none": (trail("!Ref AWS::NoValue") + trail("alias/aws/s3", "Other"), {}),
    "other keys beside such a trail have none": (
        key(statements="") + trail("!Ref KeyArn"),
        {"AWS::CloudTrail::Trail.Trail": ONE},
    ),
    "the records of a key that a loop makes stand on its trail": (
        "  Fn::ForEach::Keys:\n  - Name\n  - [A]\n  -\n"
        + "".join(f"  {line}\n" for line in key("Key${Name}").splitlines())
        + trail("!GetAtt KeyA.Arn"),
        {"AWS::CloudTrail::Trail.Trail": {"passed": ALL}},
    ),
    "a loop's trails use the key under their names": (
        key() + LOOP.format("[audit, other]") + IN_LOOP,
        {"AWS::KMS::Key.Key": {"failed": "001 002", "passed": "020 021 022 023 024 040 041 060 061 062 080 090"}},
    ),
}


def scanned(scan: Any, folder: Path, resources: str) -> Any:
    (folder / "template.yaml").write_text(f"{PARAMETERS}Resources:\n{resources}")
    found = scan("cloudformation", folder)
    assert (found.errors, found.parsing_errors) == ([], [])
    return found


@pytest.mark.parametrize(("resources", "outcome"), CASES.values(), ids=CASES)
def test_a_template(resources: str, outcome: Any, scan: Any, tmp_path: Path) -> None:
    assert scanned(scan, tmp_path, resources).outcome() == outcome


OPEN = {
    # sentence: resources, what must not pass or fail, what 090 names
    "a trail of another name under an open condition": (
        key() + trail("!GetAtt Key.Arn") + trail("!GetAtt Key.Arn", "Other", "other", "    Condition: IsProd\n"),
        "001 002",
        "IsProd is",
    ),
    "a statement for the trail under an open condition": (
        key(statements=FOR_TRAIL + MAYBE_NOT) + trail("!GetAtt Key.Arn"),
        "001",
        "IsProd is",
    ),
    "a loop over an unknown list": (
        key() + LOOP.format("!Ref Names") + IN_LOOP,
        "001 002",
        "Fn::ForEach::Trails (its list is not empty) is",
    ),
    "a loop that is none": (
        key() + trail("!GetAtt Key.Arn") + "  Fn::ForEach::More: [Name, AWS::CloudTrail::Trail]\n",
        "001 002",
        "Fn::ForEach::More",
    ),
}


@pytest.mark.parametrize(("resources", "rules", "named"), OPEN.values(), ids=OPEN)
def test_what_may_turn_out_otherwise_is_open(resources: str, rules: str, named: str, scan: Any, tmp_path: Path) -> None:
    found = scanned(scan, tmp_path, resources)
    (outcome,) = found.outcome().values()
    assert outcome["skipped"] == "090"
    decided = {*outcome.get("passed", "").split(), *outcome.get("failed", "").split()}
    assert decided.isdisjoint(rules.split())
    reason = found.reason("090")
    assert named in reason
    assert all(f"CKV_CTKMS_{rule}" in reason for rule in rules.split())


def test_a_key_that_checkov_hands_over_though_it_does_not_exist(scan: Any, tmp_path: Path) -> None:
    """Checkov leaves out what hangs on a condition that it can decide; this one it cannot."""
    absent = "    Condition: Impossible\n"
    found = scanned(scan, tmp_path, key(more=absent) + trail("!GetAtt Key.Arn", more=absent))
    assert found.outcome() == {"AWS::KMS::Key.Key": ONE}
    assert "exists only if Condition `Impossible` holds" in found.reason("090")


def test_a_service_of_the_serverless_framework(scan: Any, tmp_path: Path) -> None:
    body = "".join(f"  {line}\n" for line in ("Resources:\n" + trail("'${opt:key}'")).splitlines())
    (tmp_path / "serverless.yml").write_text(f"service: logs\nprovider: {{name: aws}}\nresources:\n{body}")
    found = scan("serverless", tmp_path)
    assert (found.outcome(), found.errors) == ({"AWS::CloudTrail::Trail.Trail": ONE}, [])
    assert "`${opt:key}`" in found.reason("090")
