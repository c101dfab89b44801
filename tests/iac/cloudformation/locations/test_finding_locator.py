"""Where findings on resources of templates stand: the narrowest part of the text that decides."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, NamedTuple

import pytest
from tests.iac.located import located

TEMPLATE = """
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: logs
      KMSKeyId: !GetAtt Key.Arn
  %s:
    Type: AWS::KMS::Key
    Properties:
      Enabled: %s
%s
"""
POLICY = """      KeyPolicy:
        %s
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: "111111111111"}, Action: "kms:*", Resource: "*"}
          %s
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: %s
            Resource: "*"
            Condition:
              StringEquals:
                %s: %s
"""
CONDITIONS = """
Parameters: {Given: {Type: String}}
Conditions: {Always: !Equals [a, a], Never: !Equals [a, b], Open: !Equals [!Ref Given, a]}
"""
PUBLIC = '{Sid: Public, Effect: Allow, Principal: "*", Action: kms:Decrypt, Resource: "*"}'
DESCRIBE = '{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: kms:DescribeKey, Resource: "*"}'
WRONG = "arn:aws:cloudtrail:us-east-1:111111111111:trail/other"


def template(
    value: str = WRONG,
    action: str = "kms:GenerateDataKey*",
    key: str = "aws:SourceArn",
    before: str = "",
    element: str = "",
    head: str = "Key",
    enabled: str = "true",
) -> str:
    return TEMPLATE % (head, enabled, POLICY % (element, before, action, key, value))


class Case(NamedTuple):
    rule: str
    files: Dict[str, str]


CASES = {
    "a value of a condition": Case("001", {"t.yaml": template(f"«{WRONG}»")}),
    "a value in quotes, with them": Case("001", {"t.yaml": template(f'«"{WRONG}"»')}),
    "the only value of a list": Case("001", {"t.yaml": template(f"[«{WRONG}»]")}),
    "a short form, with its tag": Case("001", {"t.yaml": template(f"«!Sub {WRONG}»")}),
    "a long form": Case("001", {"t.yaml": template("«{'Fn::Sub': " + WRONG + "}»")}),
    "what an anchor names, where it stands": Case(
        "001", {"t.yaml": f"Metadata: &arn\n  «{WRONG}»\n" + template("*arn")}
    ),
    "of several mappings that are merged, the first that has it": Case(
        "060",
        {
            "t.yaml": "Metadata: [&one {Enabled: «false»}, &two {Enabled: true}]\n"
            + template().replace("Enabled: true", "<<: [*one, *two]")
        },
    ),
    "an item behind a choice between something and nothing": Case(
        "001",
        {"t.yaml": template(f"!If [Always, «{WRONG}», !Ref AWS::NoValue]") + "Conditions: {Always: !Equals [a, a]}"},
    ),
    "a statement after one that is not there": Case(
        "001",
        {"t.yaml": template(f"«{WRONG}»", before=f"- !If [Never, {PUBLIC}, !Ref AWS::NoValue]") + CONDITIONS},
    ),
    "a statement after one that is there": Case(
        "001",
        {"t.yaml": template(f"«{WRONG}»", before=f"- !If [Never, !Ref AWS::NoValue, {PUBLIC}]") + CONDITIONS},
    ),
    "a statement that a condition chooses": Case(
        "023",
        {"t.yaml": template(before=f"- !If [Always, «{PUBLIC}», {PUBLIC.replace('Public', 'Other')}]") + CONDITIONS},
    ),
    "a statement after one that may be there, by its name": Case(
        "023",
        {
            "t.yaml": template(before=f"- !If [Open, {DESCRIBE}, !Ref AWS::NoValue]\n          - «{PUBLIC}»")
            + CONDITIONS
        },
    ),
    "one without a name after one that may be there: all of them": Case(
        "001",
        {
            "t.yaml": template(f"{WRONG}»", before=f"- !If [Open, {DESCRIBE}, !Ref AWS::NoValue]").replace(
                "- {Effect: Allow, Principal: {AWS", "«- {Effect: Allow, Principal: {AWS"
            )
            + CONDITIONS
        },
    ),
    "a value after one that is not there": Case(
        "001", {"t.yaml": template(f"[!If [Never, x, !Ref AWS::NoValue], «{WRONG}»]") + CONDITIONS}
    ),
    "a property that a condition chooses": Case(
        "060", {"t.yaml": template(enabled="!If [Never, true, «false»]") + CONDITIONS}
    ),
    "a text of several lines, without the empty ones below": Case(
        "001", {"t.yaml": template(f"«>-\n                  {WRONG}»\n\n")}
    ),
    "a key that a loop makes: what names it": Case(
        "023",
        {
            "t.yaml": f"""
Transform: AWS::LanguageExtensions
Resources:
  Trail: {{Type: AWS::CloudTrail::Trail, Properties: {{TrailName: audit, KMSKeyId: «!GetAtt KeyA.Arn»}}}}
  Fn::ForEach::Keys:
    - Name
    - [A]
    - Key${{Name}}: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{PUBLIC}]}}}}}}
"""
        },
    ),
    "a key that is misspelt: its name": Case("001", {"t.yaml": template(key="«aws:SourceARNs»")}),
    "an action that does not exist": Case("080", {"t.yaml": template(action="[kms:Decrypt, «kms:Foo»]")}),
    "a key without a policy: its logical id": Case("001", {"t.yaml": TEMPLATE % ("«Key»", "true", "")}),
    "a property of the key": Case("060", {"t.yaml": template(enabled="«false»")}),
    "JSON": Case(
        "001",
        {
            "t.json": """{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {
  "Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
     "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": «"ARN"»}}}]}}},
  "Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "IsLogging": true,
    "S3BucketName": "logs", "KMSKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}}}""".replace("ARN", WRONG)
        },
    ),
    "a service of the Serverless Framework": Case(
        "001",
        {
            "serverless.yml": "service: s\nprovider: {name: aws}\nresources:"
            + template(f"«{WRONG}»").replace("\n", "\n  ")
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_finding_stands_on_what_decides(name: str, tmp_path: Path) -> None:
    found, marked = located(tmp_path, CASES[name].files, CASES[name].rule)
    assert found == marked


def test_columns_count_code_points(tmp_path: Path) -> None:
    text = template(f"«{WRONG}»").replace("aws:SourceArn", '"aws:SourceArn" # Schlüssel🔑\n                 ')
    text = text.replace("TrailName: audit", "TrailName: audit # 🔑 Schlüssel")
    found, marked = located(tmp_path, {"t.yaml": text.replace("# Schlüssel🔑\n                 ", "")}, "001")
    assert found == marked


def test_mappings_that_merge_each_other_many_times_over_are_no_more_work(tmp_path: Path) -> None:
    first, last = "Metadata:\n  a0: &a0 {x: 1}\n", template(f"«{WRONG}»")
    doubling = (f"  a{at + 1}: &a{at + 1} {{<<: [*a{at}, *a{at}], k{at}: 1}}\n" for at in range(40))
    found, marked = located(tmp_path, {"t.yaml": first + "".join(doubling) + last.lstrip()}, "001")
    assert found == marked
