"""What an expression of a template comes to: one row a claim."""

from __future__ import annotations

import datetime
from typing import Any, Dict, Tuple

import pytest

from ctkms.budgets import metered
from ctkms.iac.cloudformation.aws.return_values import Deployment, MadeName
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.stacks import ScannedStacks
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE
from ctkms.iac.cloudformation.templates import language_extensions
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, OWN_SUFFIX, Hole, Kind, Partial, join

HOME = Deployment("main.yaml")
NOTHING = {"Ref": "AWS::NoValue"}

TEMPLATE: dict = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {
        "Name": {"Type": "String", "Default": "audit"},
        "Word": {"Type": "String", "Default": "Region"},
        "Flag": {"Type": "String", "Default": True},
        "Number": {"Type": "Number", "Default": 7},
        "Account": {"Type": "String", "AllowedPattern": r"^\d{12}$"},
        "Accounts": {"Type": "CommaDelimitedList", "Default": "111122223333, 444455556666"},
        "Regions": {"Type": "String", "AllowedValues": ["eu-west-1", "us-east-1"]},
        "Stage": {"Type": "String", "AllowedValues": ["dev", True]},
        "Stages": {"Type": "CommaDelimitedList", "AllowedValues": ["dev"]},
        "Only": {"Type": "String", "AllowedValues": ["one"]},
        "Open": {"Type": "String"},
        "OpenList": {"Type": "CommaDelimitedList"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/org/id"},
    },
    "Mappings": {
        "ByRegion": {
            "eu-west-1": {"Same": "x", "Account": "111122223333"},
            "us-east-1": {"Same": "x", "Account": "444455556666"},
        },
        "ByAccount": {111122223333: {"Name": "log-archive"}},
    },
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Name"}, "audit"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "OpenCondition": {"Fn::Equals": [{"Ref": "Open"}, "prod"]},
        "NotOpen": {"Fn::Not": [{"Condition": "OpenCondition"}]},
        "NoAndOpen": {"Fn::And": [{"Condition": "OpenCondition"}, {"Condition": "No"}]},
        "YesOrOpen": {"Fn::Or": [{"Condition": "OpenCondition"}, {"Condition": "Yes"}]},
        "Loop": {"Fn::Not": [{"Condition": "Loop"}]},
        "FlagIsSet": {"Fn::Equals": [{"Ref": "Flag"}, "true"]},
        "RegionIsEmpty": {"Fn::Equals": [{"Ref": "AWS::Region"}, ""]},
        "InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "StageOfNoDeployment": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "OtherWayRound": {"Fn::Equals": ["prod", {"Ref": "Stage"}]},
        "StageOfSome": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "StageIsTrue": {"Fn::Equals": [{"Ref": "Stage"}, "true"]},
        "StageIsOpen": {"Fn::Equals": [{"Ref": "Stage"}, {"Ref": "Open"}]},
        "ListOfStages": {"Fn::Equals": [{"Ref": "Stages"}, "prod"]},
        "ItselfAgain": {"Fn::Equals": [{"Ref": "Open"}, {"Fn::Sub": "${Open}"}]},
        "PrefixDiffers": {"Fn::Equals": [{"Fn::Sub": "a-${Open}"}, "b-c"]},
    },
    "Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/logs", "TargetKeyId": {"Ref": "Key"}}},
        "Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": {"Ref": "Name"}}},
        "Unnamed": {"Type": "AWS::CloudTrail::Trail", "Properties": {}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Path": "/audit/"}},
        "User": {"Type": "AWS::IAM::User"},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}},
        "Store": {"Type": "AWS::CloudTrail::EventDataStore"},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}},
        "Custom": {"Type": "Custom::Thing"},
    },
}

KEY_ID = MadeName("Key.KeyId", Kind.KEY_ID, place=(HOME, "Key"))
UNNAMED = MadeName("the name CloudFormation gives Unnamed", Kind.NAME, place=(HOME, "Unnamed"))


def evaluate(expression: Any, template: Any = TEMPLATE) -> Any:
    with metered():
        return Evaluation(ScannedStacks({HOME.file: template}), HOME, {}).value(expression, HOME)


def own(*parts: Any) -> Any:
    return join(parts)


KNOWN = {
    # sentence: expression, value
    "a literal is itself": ("x", "x"),
    "a text that looks like Fn::Sub and is none stays literal": ("${AWS::AccountId}", "${AWS::AccountId}"),
    "an account id written as a number is text": ([111122223333], ["111122223333"]),
    "an unquoted policy version is text": (datetime.date(2012, 10, 17), "2012-10-17"),
    "a boolean stays a boolean": ({"Sid": True}, {"Sid": True}),
    "Checkov's markers vanish from every mapping": (
        {"a": {"__file__": "f", "__startline__": 1, "b": 1}, "__endline__": 3, "resource_type": "x"},
        {"a": {"b": "1"}},
    ),
    "Ref of a parameter gives its default": ({"Ref": "Name"}, "audit"),
    "Ref ignores the markers beside it": ({"Ref": "Name", "__startline__": 1}, "audit"),
    "a boolean default is text": ({"Ref": "Flag"}, "true"),
    "a numeric default is text": ({"Ref": "Number"}, "7"),
    "a list parameter gives a list": ({"Ref": "Accounts"}, ["111122223333", "444455556666"]),
    "the only allowed value is the value": ({"Ref": "Only"}, "one"),
    "the account is the own account": ({"Ref": "AWS::AccountId"}, OWN_ACCOUNT),
    "the Region is the own Region": ({"Ref": "AWS::Region"}, OWN_REGION),
    "the partition is the own partition": ({"Ref": "AWS::Partition"}, OWN_PARTITION),
    "the URL suffix is the own suffix": ({"Ref": "AWS::URLSuffix"}, OWN_SUFFIX),
    "NoValue removes a list item": (["a", NOTHING], ["a"]),
    "NoValue removes a property": ({"a": "b", "c": NOTHING}, {"a": "b"}),
    "Sub replaces parameters and pseudo parameters": (
        {"Fn::Sub": "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${Name}"},
        own("arn:aws:cloudtrail:", OWN_REGION, ":", OWN_ACCOUNT, ":trail/audit"),
    ),
    "Sub leaves ${!Literal} as ${Literal}": ({"Fn::Sub": "${!aws:username} ${Name}"}, "${aws:username} audit"),
    "Sub takes its own variables first": (
        {"Fn::Sub": ["${Name}/${X}", {"Name": "n", "X": {"Ref": "Name"}}]},
        "n/audit",
    ),
    "Sub reads attributes": ({"Fn::Sub": "${Bucket.Arn}/*"}, own("arn:", OWN_PARTITION, ":s3:::logs/*")),
    "Join joins": (
        {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]},
        own("arn:aws:iam::", OWN_ACCOUNT, ":root"),
    ),
    "Join leaves out what is not there": ({"Fn::Join": ["-", ["a", NOTHING, "b"]]}, "a-b"),
    "Join joins a list parameter": ({"Fn::Join": ["|", {"Ref": "Accounts"}]}, "111122223333|444455556666"),
    "Split splits": ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
    "Split goes around holes that cannot hold the separator": (
        {"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Key", "Arn"]}]}]},
        OWN_ACCOUNT,
    ),
    "Split splits on what no account and no Region can hold": (
        {"Fn::Split": ["~", {"Fn::Sub": "${AWS::AccountId}~${AWS::Region}"}]},
        [OWN_ACCOUNT, OWN_REGION],
    ),
    "Split takes names that CloudFormation makes to have no slash": (
        {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["Unnamed", "Arn"]}]}]},
        UNNAMED,
    ),
    "Select takes one": ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
    "Select takes one of a list parameter": ({"Fn::Select": [0, {"Ref": "Accounts"}]}, "111122223333"),
    "the stack's id carries the own account": (
        {"Fn::Select": [4, {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]},
        OWN_ACCOUNT,
    ),
    "FindInMap finds": ({"Fn::FindInMap": ["ByRegion", "us-east-1", "Account"]}, "444455556666"),
    "FindInMap finds a row whose key YAML read as a number": (
        {"Fn::FindInMap": ["ByAccount", "111122223333", "Name"]},
        "log-archive",
    ),
    "FindInMap by Region is known when all rows agree": (
        {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Same"]},
        "x",
    ),
    "FindInMap takes functions for its keys": (
        {"Fn::FindInMap": [{"Fn::Sub": "By${Word}"}, {"Fn::Select": [0, ["us-east-1"]]}, "Account"]},
        "444455556666",
    ),
    "FindInMap finds though it has a default": (
        {"Fn::FindInMap": ["ByRegion", "us-east-1", "Same", {"DefaultValue": "d"}]},
        "x",
    ),
    "FindInMap falls back where the row has no such entry": (
        {"Fn::FindInMap": ["ByRegion", "us-east-1", "Other", {"DefaultValue": {"Ref": "Name"}}]},
        "audit",
    ),
    "FindInMap falls back where there is no such map": (
        {"Fn::FindInMap": ["Missing", "a", "b", {"DefaultValue": ["d"]}]},
        ["d"],
    ),
    "FindInMap falls back to its default": ({"Fn::FindInMap": ["ByRegion", "xx", "Same", {"DefaultValue": "d"}]}, "d"),
    "If takes the branch of a true condition": ({"Fn::If": ["Yes", "a", "b"]}, "a"),
    "If takes the branch of a false condition": ({"Fn::If": ["No", "a", "b"]}, "b"),
    "If removes an item": (["a", {"Fn::If": ["No", "b", NOTHING]}], ["a"]),
    "If nests": ({"Fn::If": ["Yes", {"Fn::If": ["No", "a", "b"]}, "c"]}, "b"),
    "And is false when one side is, whatever the other": ({"Fn::If": ["NoAndOpen", "a", "b"]}, "b"),
    "Or is true when one side is, whatever the other": ({"Fn::If": ["YesOrOpen", "a", "b"]}, "a"),
    "Equals compares booleans as text": ({"Fn::If": ["FlagIsSet", "a", "b"]}, "a"),
    "the Region is never empty": ({"Fn::If": ["RegionIsEmpty", "a", "b"]}, "b"),
    "a reference equals itself however it is written": ({"Fn::If": ["ItselfAgain", "a", "b"]}, "a"),
    "texts that begin differently differ": ({"Fn::If": ["PrefixDiffers", "a", "b"]}, "b"),
    "a parameter is none of the values that it does not allow": (
        {"Fn::If": ["StageOfNoDeployment", "a", {"Fn::If": ["OtherWayRound", "b", "c"]}]},
        "c",
    ),
    "Ref of a key gives its id": ({"Ref": "Key"}, KEY_ID),
    "the ARN of a key holds its id": (
        {"Fn::GetAtt": ["Key", "Arn"]},
        own("arn:", OWN_PARTITION, ":kms:", OWN_REGION, ":", OWN_ACCOUNT, ":key/", KEY_ID),
    ),
    "GetAtt may be one text": ({"Fn::GetAtt": "Key.KeyId"}, KEY_ID),
    "Ref of an alias gives its name": ({"Ref": "Alias"}, "alias/logs"),
    "Ref of a trail gives its name": ({"Ref": "Trail"}, "audit"),
    "the ARN of a trail holds its name": (
        {"Fn::GetAtt": ["Trail", "Arn"]},
        own("arn:", OWN_PARTITION, ":cloudtrail:", OWN_REGION, ":", OWN_ACCOUNT, ":trail/audit"),
    ),
    "a trail without a name gets one": ({"Ref": "Unnamed"}, UNNAMED),
    "the ARN of a role holds its path": (
        {"Fn::GetAtt": ["Role", "Arn"]},
        own("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, ":role/audit/reader"),
    ),
    "the ARN of a user without a name": (
        {"Fn::GetAtt": ["User", "Arn"]},
        own(
            "arn:",
            OWN_PARTITION,
            ":iam::",
            OWN_ACCOUNT,
            ":user/",
            MadeName("the name CloudFormation gives User", Kind.NAME, place=(HOME, "User")),
        ),
    ),
    "Ref of a topic gives its ARN": (
        {"Ref": "Topic"},
        own("arn:", OWN_PARTITION, ":sns:", OWN_REGION, ":", OWN_ACCOUNT, ":news"),
    ),
    "Length counts": ({"Fn::Length": {"Ref": "Accounts"}}, "2"),
    "Base64 encodes": ({"Fn::Base64": "a"}, "YQ=="),
    "ToJsonString writes JSON": ({"Fn::ToJsonString": {"a": ["b"]}}, '{"a":["b"]}'),
}

UNKNOWN = {
    # sentence: expression, hole
    "a parameter without default": ({"Ref": "Open"}, Hole("${Open}")),
    "a list parameter without default": ({"Ref": "OpenList"}, Hole("${OpenList}")),
    "a parameter that must be an account id": ({"Ref": "Account"}, Hole("${Account}", Kind.ACCOUNT)),
    "a parameter that must be a Region": ({"Ref": "Regions"}, Hole("${Regions}", Kind.REGION)),
    "a value from Parameter Store": ({"Ref": "Stored"}, Hole("${Stored}")),
    "an attribute of a custom resource": ({"Fn::GetAtt": ["Custom", "Key.Arn"]}, Hole("${Custom.Key.Arn}")),
    "a resource that is not there": ({"Ref": "Missing"}, Hole("${Missing}")),
    "an import nobody exports": ({"Fn::ImportValue": "key"}, Hole("Fn::ImportValue: key")),
    "a map by Region whose rows differ": (
        {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Account"]},
        Hole("Fn::FindInMap: [ByRegion, {Ref: AWS::Region}, Account]", Kind.ACCOUNT),
    ),
    "a map by Region beside a default": (
        {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Same", {"DefaultValue": "d"}]},
        Hole("Fn::FindInMap: [ByRegion, {Ref: AWS::Region}, Same, {DefaultValue: d}]"),
    ),
    "the length of an unknown list": ({"Fn::Length": {"Ref": "OpenList"}}, Hole("Fn::Length: {Ref: OpenList}")),
    "a macro": ({"Fn::Transform": {"Name": "AWS::Include"}}, Hole("{Fn::Transform: {Name: AWS::Include}}")),
    "a loop": ({"Fn::ForEach::X": []}, Hole("{Fn::ForEach::X: []}")),
    "a list item out of range": ({"Fn::Select": [5, ["a"]]}, Hole("Fn::Select: [5, [a]]")),
    "a join over an unknown list": ({"Fn::Join": [",", {"Ref": "OpenList"}]}, Hole("Fn::Join: [,, {Ref: OpenList}]")),
    "a split around a hole that may hold the separator": (
        {"Fn::Split": ["-", {"Ref": "Open"}]},
        Hole("Fn::Split: [-, {Ref: Open}]"),
    ),
    "a split whose separator may begin in a literal and end in a hole": (
        {"Fn::Split": [":a", {"Fn::Sub": "a:${AWS::Region}"}]},
        Hole("Fn::Split: [:a, {Fn::Sub: a:${AWS::Region}}]"),
    ),
    "a dynamic reference": ("{{resolve:ssm:/org/id}}", Hole("{{resolve:ssm:/org/id}}")),
    "a condition on an unknown parameter": (
        {"Fn::If": ["OpenCondition", "a", "b"]},
        Choice("Fn::If: [OpenCondition, a, b]", conditions=frozenset({"OpenCondition"})),
    ),
    "a condition made of an unknown one waits for that one": (
        {"Fn::If": ["NotOpen", "a", "b"]},
        Choice("Fn::If: [NotOpen, a, b]", conditions=frozenset({"OpenCondition"})),
    ),
    "a condition on the Region": (
        {"Fn::If": ["InIreland", "a", "b"]},
        Choice("Fn::If: [InIreland, a, b]", conditions=frozenset({"InIreland"})),
    ),
    "a condition that leads back to itself": (
        {"Fn::If": ["Loop", "a", "b"]},
        Choice("Fn::If: [Loop, a, b]", conditions=frozenset({"Loop"})),
    ),
    "a condition that is not declared": (
        {"Fn::If": ["Missing", "a", "b"]},
        Choice("Fn::If: [Missing, a, b]", conditions=frozenset({"Missing"})),
    ),
}


@pytest.mark.parametrize(("expression", "value"), KNOWN.values(), ids=KNOWN)
def test_known(expression: Any, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(("expression", "hole"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown(expression: Any, hole: Hole) -> None:
    assert evaluate(expression) == hole


def test_the_length_of_a_list_waits_for_the_items_that_may_be_left_out() -> None:
    found = evaluate({"Fn::Length": ["a", {"Fn::If": ["OpenCondition", "b", NOTHING]}]})
    assert isinstance(found, Choice)
    assert found.conditions == frozenset({"OpenCondition"})


REFUSED: Dict[str, Tuple[Dict[str, Any], Dict[str, Any]]] = {
    # sentence: what AWS refuses without the transform, what it needs none for
    "the length of a list": ({"Fn::Length": ["a"]}, {"Fn::Join": ["", ["a"]]}),
    "data turned into text": ({"Fn::ToJsonString": {"a": "b"}}, {"Fn::Base64": "a"}),
    "a default of a map": (
        {"Fn::FindInMap": ["ByRegion", "us-east-1", "Same", {"DefaultValue": "d"}]},
        {"Fn::FindInMap": ["ByRegion", "us-east-1", "Same"]},
    ),
    "a function for a key of a map": (
        {"Fn::FindInMap": ["ByRegion", {"Fn::Sub": "us-east-1"}, "Same"]},
        {"Fn::FindInMap": ["ByRegion", {"Fn::FindInMap": ["Names", "a", "b"]}, {"Ref": "Entry"}]},
    ),
}


def test_everything_that_only_the_transform_adds_is_refused_without_it() -> None:
    assert language_extensions.FUNCTIONS - {name for refused, _ in REFUSED.values() for name in refused} == set()


@pytest.mark.parametrize(("refused", "taken"), REFUSED.values(), ids=REFUSED)
def test_what_only_the_transform_makes_a_function_is_open_without_it(refused: Any, taken: Any) -> None:
    template = {
        "Parameters": {"Entry": {"Type": "String", "Default": "Same"}},
        "Mappings": {"ByRegion": {"us-east-1": {"Same": "x"}}, "Names": {"a": {"b": "us-east-1"}}},
    }
    assert isinstance(evaluate(refused, template), Hole)
    assert isinstance(evaluate(taken, template), str)
    for transform in (
        "AWS::LanguageExtensions",
        ["X", "AWS::LanguageExtensions"],
        [{"Name": "AWS::LanguageExtensions"}],
    ):
        assert isinstance(evaluate(refused, {**template, "Transform": transform}), str)


@pytest.mark.parametrize("name", ["StageOfSome", "StageIsTrue", "StageIsOpen", "ListOfStages"])
def test_a_parameter_may_be_any_value_that_it_allows(name: str) -> None:
    assert isinstance(evaluate({"Fn::If": [name, "a", "b"]}), Choice)


def test_no_value_alone_is_nothing() -> None:
    assert evaluate(NOTHING) is NO_VALUE


def test_a_dynamic_reference_within_a_text_is_a_hole_in_it() -> None:
    assert evaluate("o-{{resolve:ssm:/id}}") == Partial(("o-", Hole("{{resolve:ssm:/id}}")))


def test_holes_of_two_different_lookups_differ() -> None:
    first = evaluate({"Fn::Cidr": ["x" * 100, "1"]})
    second = evaluate({"Fn::Cidr": ["x" * 100, "2"]})
    assert isinstance(first, Hole)
    assert isinstance(second, Hole)
    assert first != second


@pytest.mark.parametrize(
    "function", ["Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::ImportValue", "Fn::GetAtt", "x"]
)
def test_a_thousand_nested_functions_do_not_raise(function: str) -> None:
    expression: Any = "end"
    for _ in range(1000):
        expression = {function: [expression, expression, expression]}
    assert evaluate(expression) is not None


def test_a_thousand_nested_conditions_do_not_raise() -> None:
    condition: Any = {"Fn::Equals": ["a", "a"]}
    for _ in range(1000):
        condition = {"Fn::And": [condition, condition]}
    assert isinstance(evaluate({"Fn::If": ["Deep", "a", "b"]}, {"Conditions": {"Deep": condition}}), Hole)


def test_resources_named_after_each_other_do_not_loop() -> None:
    buckets = {
        name: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": other}}}
        for name, other in (("A", "B"), ("B", "A"))
    }
    assert isinstance(evaluate({"Ref": "A"}, {"Resources": buckets}), Hole)


def test_outputs_and_imports_that_lead_back_to_themselves_do_not_loop() -> None:
    outputs = {"A": {"Value": {"Fn::ImportValue": "a"}, "Export": {"Name": "a"}}}
    assert isinstance(evaluate({"Fn::ImportValue": "a"}, {"Outputs": outputs}), Hole)
