"""No template, however misshapen, raises."""

from __future__ import annotations

import datetime
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.cloudformation.evaluation import evaluation
from ctkms.iac.cloudformation.evaluation.functions import PLAIN_FUNCTIONS
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.cdk_assembly import Assembly

NAMES = st.sampled_from(["Key", "Trail", "Alias", "Stack", "Name", "Is", "M", "Arn", "Outputs.Key", "cloudtrail"])
# Besides what the tables have: what stands in conditions, what is never worked out, and what a parser adds.
FUNCTIONS = st.sampled_from(
    [
        *evaluation._FUNCTIONS,
        *PLAIN_FUNCTIONS,
        *"Fn::Equals Fn::And Fn::Or Fn::Not Condition Fn::GetAZs Fn::Transform Fn::ForEach::X Fn::Cidr".split(),
        *"__startline__ Statement StackName OutputName Region RoleArn".split(),
    ]
)
SCALARS = st.one_of(
    NAMES,
    st.sampled_from(
        ["${Name}", "&{X}", "${Key.Arn}-x", "AWS::NoValue", "AWS::Region", "{{resolve:ssm:x}}", ",", "0", "alias/x"]
    ),
    st.text(max_size=5),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.just(datetime.date(2012, 10, 17)),
    st.integers(4000, 5000).map(lambda power: 10**power),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(FUNCTIONS, inner, max_size=1),
        st.dictionaries(st.one_of(NAMES, FUNCTIONS, st.integers(), st.booleans()), inner, max_size=3),
    ),
    max_leaves=12,
)


def either(shaped: Any) -> Any:
    return st.one_of(shaped, shaped, VALUES)


def resource(kind: str, *properties: str) -> Any:
    declared = st.fixed_dictionaries({}, optional=dict.fromkeys(properties, VALUES))
    return either(
        st.fixed_dictionaries({"Type": st.just(kind)}, optional={"Properties": either(declared), "Condition": NAMES})
    )


def loop(kind: str, *properties: str) -> Any:
    members = st.dictionaries(st.sampled_from(["T${Name}", "Trail", "Fn::ForEach::X"]), resource(kind, *properties))
    return either(repeated(members))


def repeated(members: Any) -> Any:
    variable = either(st.one_of(NAMES, st.lists(NAMES, max_size=2)))
    return st.tuples(variable, either(st.lists(NAMES, max_size=3)), members).map(list)


def section(values: Any) -> Any:
    members = st.dictionaries(st.one_of(NAMES, st.just("T${Name}")), either(values), max_size=3)
    return either(st.tuples(members, st.dictionaries(st.just("Fn::ForEach::X"), repeated(members))).map(merged))


def merged(two: Any) -> Any:
    return {**two[0], **two[1]}


TEMPLATE = st.fixed_dictionaries(
    {
        "Resources": either(
            st.fixed_dictionaries(
                {
                    "Key": resource("AWS::KMS::Key", "KeyPolicy", "Enabled", "KeySpec", "KeyUsage", "Fn::Transform"),
                    "Replica": resource("AWS::KMS::ReplicaKey", "PrimaryKeyArn"),
                    "Trail": resource("AWS::CloudTrail::Trail", "KMSKeyId", "TrailName", "SnsTopicName"),
                    "Alias": resource("AWS::KMS::Alias", "AliasName", "TargetKeyId"),
                    "Stack": resource("AWS::CloudFormation::Stack", "TemplateURL", "Parameters"),
                    "Set": resource("AWS::CloudFormation::StackSet", "TemplateBody", "TemplateURL", "Parameters"),
                    "Reader": resource("Custom::CrossRegionExportReader", "ReaderProps"),
                    "Writer": resource("Custom::CrossRegionExportWriter", "WriterProps"),
                    "Topic": resource("AWS::SNS::Topic", "KmsMasterKeyId", "TopicName"),
                    "Table": resource("AWS::DynamoDB::Table", "SSESpecification"),
                    "Entry": resource("AWS::SSM::Parameter", "Name", "Value", "Fn::ForEach::X"),
                    "Module": resource("Org::CloudTrail::MODULE", "Key"),
                    "Fn::ForEach::Trails": loop("AWS::CloudTrail::Trail", "KMSKeyId", "TrailName", "SnsTopicName"),
                }
            )
        )
    },
    optional={
        "Parameters": section(st.dictionaries(st.sampled_from(["Type", "Default", "AllowedValues"]), VALUES)),
        "Conditions": section(VALUES),
        "Mappings": section(VALUES),
        "Outputs": section(st.fixed_dictionaries({"Value": VALUES, "Export": VALUES})),
        "Transform": either(st.sampled_from(["AWS::LanguageExtensions", ["AWS::LanguageExtensions", "X"]])),
        "Modules": VALUES,
    },
)


@settings(max_examples=300)
@given(either(TEMPLATE), either(TEMPLATE))
def test_any_template_has_an_answer(first: Any, second: Any) -> None:
    templates = Templates({"/a.yaml": first, "/b.yaml": second})
    for file in ("/a.yaml", "/b.yaml"):
        for logical_id in ("Key", "Replica", "Trail", "Set"):
            found = templates.subject(file, logical_id)
            assert found is None or isinstance(found, (Subject, Unjudged))


ARTIFACTS = st.dictionaries(
    NAMES,
    either(
        st.fixed_dictionaries(
            {"type": st.just("aws:cloudformation:stack")},
            optional={
                "environment": st.one_of(st.just("aws://111122223333/eu-west-1"), VALUES),
                "properties": either(
                    st.fixed_dictionaries({"templateFile": st.just("a.template.json")}, optional={"stackName": VALUES})
                ),
            },
        )
    ),
)
ASSETS = st.dictionaries(NAMES, either(st.fixed_dictionaries({"source": VALUES, "destinations": VALUES})))


@settings(max_examples=150)
@given(TEMPLATE, either(st.fixed_dictionaries({"artifacts": either(ARTIFACTS), "files": either(ASSETS)})))
def test_any_manifest_has_an_answer(template: Any, content: Any) -> None:
    try:
        text = json.dumps(content, default=str, skipkeys=True)
    except ValueError:  # Python does not write out enormous integers
        text = "9" * 5_000
    templates = Templates({"/out/a.template.json": template}, Assembly(lambda folder, name: text))
    for logical_id in ("Key", "Trail", "Set"):
        found = templates.subject("/out/a.template.json", logical_id)
        assert found is None or isinstance(found, (Subject, Unjudged))


def test_an_enormous_number_anywhere_has_an_answer() -> None:
    enormous = {"Ref": 10**4300}
    loop_ = ["Name", [10**4300], {"T${Name}": {"Type": 10**4300, "Properties": enormous}}]
    trail = {"Type": "AWS::CloudTrail::Trail", "Properties": {"KMSKeyId": {"Ref": "Name"}, "TrailName": enormous}}
    template: Any = {
        "Parameters": {"Name": {"Default": enormous}},
        "Resources": {"Trail": trail, "X": {"Type": 10**4300}},
    }
    looping = {**template, "Transform": "AWS::LanguageExtensions", "Outputs": {"Fn::ForEach::O": loop_}}
    looping["Resources"] = {**template["Resources"], "Fn::ForEach::R": loop_, "Y": {"P": {"Fn::ForEach::P": loop_}}}
    assert isinstance(Templates({"/a.yaml": looping}).subject("/a.yaml", "Trail"), (Unjudged, type(None)))
    assert isinstance(Templates({"/a.yaml": template}).subject("/a.yaml", "Trail"), (Unjudged, type(None)))
