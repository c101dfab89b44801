"""What `Fn::ForEach` makes: from a section of resources to those in place of its loops."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest

from ctkms.cloudtrail.subjects import Subject, Unjudged, findings_on
from ctkms.iac.cloudformation.evaluation.stacks import without_loops
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.loop_variables import MAX_SIZE
from ctkms.iac.cloudformation.templates.loops import Unrolled
from ctkms.unknowns.text import Hole

FILE = "/work/main.yaml"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Service": "cloudtrail.amazonaws.com"}}}
NAMES = ["payments", "billing"]
OPEN = {"Ref": "Names"}
TRANSFORM = {"Transform": "AWS::LanguageExtensions"}
PARAMETERS = {"Names": {"Type": "CommaDelimitedList"}}


def trail(name: Any, key_id: Any = KEY_ARN, **more: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": name, "KMSKeyId": key_id}, **more}


def unrolled(resources: Any, **sections: Any) -> Unrolled:
    return without_loops({FILE: {**TRANSFORM, "Resources": resources, **sections}})[FILE]


def loop(items: Any, **members: Any) -> List[Any]:
    return ["Name", items, {name.replace("_", "${Name}"): member for name, member in members.items()}]


MADE: Dict[str, Tuple[Any, Any]] = {
    # sentence: the loop, what it makes
    "one member for each item": (loop(["a", "b"], T_={"Type": "X"}), {"Ta": {"Type": "X"}, "Tb": {"Type": "X"}}),
    "a reference is the item": (loop(["a"], T_={"P": {"Ref": "Name"}}), {"Ta": {"P": "a"}}),
    "a text has the item in it": (loop(["a"], T_={"P": "x-${Name}-${Other}"}), {"Ta": {"P": "x-a-${Other}"}}),
    "a text for Fn::Sub too": (loop(["a"], T_={"P": {"Fn::Sub": "${Name}"}}), {"Ta": {"P": {"Fn::Sub": "a"}}}),
    "an ampersand leaves out what a logical id cannot have": (["Name", ["a-b.c"], {"T&{Name}": 1}], {"Tabc": 1}),
    "numbers are texts": (loop([1], T_={"P": {"Ref": "Name"}}), {"T1": {"P": "1"}}),
    "nothing for an empty list": (loop([], T_=1), {}),
    "a loop within a loop": (
        ["A", ["x", "y"], {"Fn::ForEach::B": ["B", ["${A}1", "2"], {"T${A}${B}": {"P": {"Ref": "B"}}}]}],
        {"Txx1": {"P": "x1"}, "Tx2": {"P": "2"}, "Tyy1": {"P": "y1"}, "Ty2": {"P": "2"}},
    ),
}


@pytest.mark.parametrize(("given", "made"), MADE.values(), ids=MADE)
def test_a_list_that_is_written_out(given: Any, made: Any) -> None:
    found = unrolled({"Key": KEY, "Fn::ForEach::Loop": given})
    assert found.body["Resources"] == {"Key": KEY, **made}
    assert found.made == frozenset(made)
    assert (found.several, found.unclear) == (frozenset(), ())


def names_in(collection: Any, **sections: Any) -> Any:
    """The logical ids that a loop over the list makes; None where nobody can tell them."""
    found = unrolled({"Fn::ForEach::Loop": loop(collection, T_=trail("a"))}, **sections)
    return None if found.several or found.unclear else sorted(found.made)


LISTS: Dict[str, Any] = {
    # sentence: a list of b and c
    "written out": ["b", "c"],
    "the default of a parameter": {"Ref": "Names"},
    "a mapping": {"Fn::FindInMap": ["Lists", "some", "Names"]},
    "a mapping by the default of a parameter": {"Fn::FindInMap": ["Lists", {"Ref": "Row"}, "Names"]},
    "the default of a mapping": {"Fn::FindInMap": ["Lists", "none", "Names", {"DefaultValue": ["b", "c"]}]},
    "a text that is split": {"Fn::Split": ["|", {"Ref": "Text"}]},
    "a list of parameters": [{"Ref": "First"}, "c"],
    "one of two lists": {"Fn::If": ["HasNames", {"Ref": "Names"}, []]},
    "one of two lists, by the condition of a loop": {"Fn::If": ["Isb", {"Ref": "Names"}, []]},
}
OF_LISTS: Dict[str, Any] = {
    "Parameters": {
        "Names": {"Type": "CommaDelimitedList", "Default": "b, c"},
        "Row": {"Type": "String", "Default": "some"},
        "Text": {"Type": "String", "Default": "b|c"},
        "First": {"Type": "String", "Default": "b"},
        "Open": {"Type": "CommaDelimitedList"},
        "OpenText": {"Type": "String"},
        "Empty": {"Type": "CommaDelimitedList", "Default": ""},
    },
    "Mappings": {"Lists": {"some": {"Names": ["b", "c"]}, "eu-west-1": {"Names": ["d"]}, "eu-west-2": {"Names": []}}},
    "Conditions": {
        "HasNames": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Names"}]}, ""]}]},
        "Fn::ForEach::Is": ["X", ["b"], {"Is${X}": {"Fn::Equals": [{"Ref": "First"}, {"Ref": "X"}]}}],
    },
}


@pytest.mark.parametrize("collection", LISTS.values(), ids=LISTS)
def test_a_list_that_the_template_tells(collection: Any) -> None:
    assert names_in(collection, **OF_LISTS) == ["Tb", "Tc"]


UNKNOWN_LISTS: Dict[str, Any] = {
    # sentence: a list that nobody can tell
    "a parameter without a default": {"Ref": "Open"},
    "a parameter that is empty by default": {"Ref": "Empty"},
    "a mapping by Region": {"Fn::FindInMap": ["Lists", {"Ref": "AWS::Region"}, "Names"]},
    "a list with an open item": [{"Ref": "OpenText"}, "c"],
    "a list of lists": [["b"], ["c"]],
    "a text that is open": {"Fn::Split": ["|", {"Ref": "OpenText"}]},
    "a text": "b",
    "something imported": {"Fn::ImportValue": "Names"},
}


@pytest.mark.parametrize("collection", UNKNOWN_LISTS.values(), ids=UNKNOWN_LISTS)
def test_a_list_that_the_template_does_not_tell(collection: Any) -> None:
    assert names_in(collection, **OF_LISTS) is None


HANDING: Dict[str, Tuple[Any, bool]] = {
    # sentence: the properties of a nested stack, whether the default of the parameter counts all the same
    "by name": ({"Parameters": {"Names": "d"}}, False),
    "by the choice of a condition": ({"Parameters": {"Fn::If": ["Is", {"Names": "d"}, {}]}}, False),
    "by a loop": ({"Parameters": {"Fn::ForEach::P": ["P", ["Names"], {"${P}": "d"}]}}, False),
    "by the list of a stack set": ({"Parameters": [{"ParameterKey": "Names", "ParameterValue": "d"}]}, False),
    "another parameter": ({"Parameters": {"Row": "some"}}, True),
    "nothing": ({}, True),
}


@pytest.mark.parametrize(("properties", "counts"), HANDING.values(), ids=HANDING)
@pytest.mark.parametrize("type_", ["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"])
def test_a_default_counts_where_no_stack_hands_over_the_parameter(properties: Any, counts: bool, type_: str) -> None:
    resources = {"Fn::ForEach::Loop": loop({"Ref": "Names"}, T_=trail("a"))}
    template = {**TRANSFORM, **OF_LISTS, "Resources": resources}
    parent = {"Resources": {"Nested": {"Type": type_, "Properties": {"TemplateURL": "main.yaml", **properties}}}}
    found = without_loops({FILE: template, "/work/parent.yaml": parent})[FILE]
    assert (found.several == frozenset()) == counts


ELSEWHERE: Dict[str, Tuple[Any, Any]] = {
    # sentence: what stands in the template, what it comes to
    "properties": (
        {"Fn::ForEach::P": ["P", ["A", "B"], {"${P}Id": {"Ref": "P"}}], "C": "c"},
        {"AId": "A", "BId": "B", "C": "c"},
    ),
    "the conditions of a statement": (
        {"Statement": [{"Condition": {"StringLike": {"Fn::ForEach::P": ["P", ["a"], {"aws:Tag/${P}": "x-${P}"}]}}}]},
        {"Statement": [{"Condition": {"StringLike": {"aws:Tag/a": "x-a"}}}]},
    ),
    "a loop within a loop": (
        {"Fn::ForEach::P": ["P", ["A", "B"], {"Fn::ForEach::Q": ["Q", ["${P}1"], {"${Q}": [{"Ref": "P"}]}]}]},
        {"A1": ["A"], "B1": ["B"]},
    ),
    "two variables at once": (
        {"Fn::ForEach::P": [["P", "Q"], [["A", "x"], ["B", "y-z"]], {"${P}": "${Q}", "&{Q}": 1}]},
        {"A": "x", "x": 1, "B": "y-z", "yz": 1},
    ),
    "a list that nobody can tell": ({"Fn::ForEach::P": ["P", {"Ref": "Open"}, {"${P}": 1}]}, None),
    "no loop": ({"Fn::ForEach::P": ["P", ["A"]]}, None),
    "a variable that is a parameter": ({"Fn::ForEach::P": ["Row", ["A"], {"${Row}": 1}]}, None),
    "one variable for two loops": (
        {"Fn::ForEach::P": ["P", {"Ref": "Open"}, {"Fn::ForEach::Q": ["P", ["A"], {"${P}": 1}]}]},
        None,
    ),
    "the same name twice": ({"Fn::ForEach::P": ["P", ["A", "B"], {"X": {"Ref": "P"}}]}, None),
    "a name that comes afterwards": ({"Fn::ForEach::P": ["P", ["A"], {"${P}": 2}], "A": 1}, None),
    "a name that stands there already": ({"A": 1, "Fn::ForEach::P": ["P", ["A"], {"${P}": 2}]}, None),
}


@pytest.mark.parametrize(("given", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_loops_within_properties(given: Any, expected: Any) -> None:
    """What nobody can tell stays where it is: no evaluation knows such a function."""
    found = unrolled({"R": {"Type": "X", "Properties": given}}, **OF_LISTS).body["Resources"]["R"]["Properties"]
    assert found == (given if expected is None else expected)


def test_loops_of_conditions_and_outputs() -> None:
    outputs = {"Fn::ForEach::O": ["N", ["a", "b"], {"Out${N}": {"Value": {"Ref": "T${N}"}}}]}
    found = unrolled({"R": {"Type": "X"}}, **OF_LISTS, Outputs=outputs).body
    assert found["Outputs"] == {"Outa": {"Value": {"Ref": "Ta"}}, "Outb": {"Value": {"Ref": "Tb"}}}
    assert found["Conditions"]["Isb"] == {"Fn::Equals": [{"Ref": "First"}, "b"]}


def test_a_known_variable_within_a_loop_of_an_unknown_list() -> None:
    named = {"T${A}${B}": trail("x-${A}-${B}")}
    inner = {"Fn::ForEach::Inner": ["B", ["p", "q"], named]}
    scenarios = the_key(sections={"Parameters": PARAMETERS}, Loop=["A", OPEN, inner]).scenarios
    assert sorted(str(one.name) for key in scenarios for one in key.trails) == ["x-${A}-p", "x-${A}-q"]
    assert not any(isinstance(one.name, str) for key in scenarios for one in key.trails)


def test_properties_in_a_loop_of_an_unknown_list() -> None:
    """The inner loop makes them; what the outer one leaves open stays open in them."""
    properties = {"Fn::ForEach::P": ["P", ["TrailName"], {"${P}": "x-${A}"}], "KMSKeyId": KEY_ARN}
    made = {"T${A}": {"Type": "AWS::CloudTrail::Trail", "Properties": properties}}
    scenarios = the_key(sections={"Parameters": PARAMETERS}, Loop=["A", OPEN, made]).scenarios
    (found,) = next(one.trails for one in scenarios if one.trails)
    assert (str(found.name), isinstance(found.name, str)) == ("x-${A}", False)


@pytest.mark.parametrize("taken", ["Key", "Names"])
def test_a_variable_called_as_something_else_is_no_variable(taken: str) -> None:
    found = the_key(sections={"Parameters": PARAMETERS}, Loop=[taken, OPEN, {"T${" + taken + "}": trail("a")}])
    (scenario,) = found.scenarios
    assert (scenario.trails, len(scenario.open_trails)) == ((), 1)


def test_without_the_transform_a_loop_is_none() -> None:
    """AWS refuses the template; that it does is not for the rules to say, so they wait for the transform."""
    resources = {"Key": KEY, "Fn::ForEach::Loop": loop(NAMES, T_=trail({"Ref": "Name"}))}
    found = Templates({FILE: {"Resources": resources}}).subject(FILE, "Key")
    assert isinstance(found, Subject)
    (scenario,) = found.scenarios
    assert scenario.trails == ()
    named = "a trail from Fn::ForEach::Loop without Transform AWS::LanguageExtensions"
    assert [one.address for one in scenario.open_trails] == [named]


MODULES: Dict[str, Tuple[Any, bool]] = {
    # sentence: the template besides its key, whether a module of it may make a trail
    "one that speaks of CloudTrail": ({"Resources": {"M": {"Type": "Org::CloudTrail::Audit::MODULE"}}}, True),
    "one that is given the key": (
        {"Resources": {"M": {"Type": "Org::Logs::Audit::MODULE", "Properties": {"Key": KEY_ARN}}}},
        True,
    ),
    "one in the section for modules": ({"Modules": {"M": {"Source": "trail.yaml", "Inputs": {"K": "${Key}"}}}}, True),
    "one that has nothing to do with it": ({"Resources": {"M": {"Type": "Org::S3::Bucket::MODULE"}}}, False),
    "no module": ({"Resources": {"M": {"Type": "Org::CloudTrail::Thing"}}}, False),
}


@pytest.mark.parametrize(("template", "may"), MODULES.values(), ids=MODULES)
@pytest.mark.parametrize("transform", [{}, TRANSFORM])
def test_a_module_may_make_a_trail(template: Any, may: bool, transform: Any) -> None:
    whole = {**transform, **template, "Resources": {"Key": KEY, **template.get("Resources", {})}}
    found = Templates({FILE: whole}).subject(FILE, "Key")
    assert isinstance(found, Subject)
    assert len(found.scenarios[0].open_trails) == may


UNCLEAR = {
    # sentence: what adds resources
    "no list": {"Fn::ForEach::Loop": "AWS::CloudTrail::Trail"},
    "too few parts": {"Fn::ForEach::Loop": ["Name", ["AWS::CloudTrail::Trail"]]},
    "no fragment": {"Fn::ForEach::Loop": ["Name", ["a"], "AWS::CloudTrail::Trail"]},
    "a transform": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/more.yaml"}}},
    "a transform in a loop": {"Fn::ForEach::Loop": ["Name", ["a"], {"Fn::Transform": {"Name": "CloudTrail"}}]},
    "more than anybody writes": {
        "Fn::ForEach::Loop": loop([str(number) for number in range(400)], T_=trail([{}] * (MAX_SIZE // 400)))
    },
}


@pytest.mark.parametrize("resources", UNCLEAR.values(), ids=UNCLEAR)
def test_what_cannot_be_followed_is_kept_by_name(resources: Dict[str, Any]) -> None:
    assert len(unrolled(resources).unclear) == 1


def test_a_loop_that_does_not_speak_of_cloudtrail_adds_no_trail() -> None:
    assert unrolled({"Fn::ForEach::Loop": "AWS::SQS::Queue"}).unclear == ()


def test_loops_that_multiply_each_other_stay_small() -> None:
    body: Any = {"T": {"Type": "AWS::CloudTrail::Trail"}}
    for level in range(30):
        body = {f"Fn::ForEach::L{level}": [f"V{level}", ["a", "b"], body]}
    found = unrolled(body)
    assert found.unclear
    assert len(found.made) <= MAX_SIZE


def the_key(*, sections: Any = None, **resources: Any) -> Subject:
    named = {name.replace("Loop", "Fn::ForEach::Loop"): one for name, one in resources.items()}
    found = Templates({FILE: {**TRANSFORM, "Resources": {"Key": KEY, **named}, **(sections or {})}}).subject(
        FILE, "Key"
    )
    assert isinstance(found, Subject)
    return found


def test_trails_of_a_loop_use_the_key_under_their_names() -> None:
    (scenario,) = the_key(Loop=loop(NAMES, T_=trail({"Ref": "Name"}))).scenarios
    assert [one.name for one in scenario.trails] == NAMES
    assert [one.address for one in scenario.trails] == [
        "AWS::CloudTrail::Trail.Tpayments",
        "AWS::CloudTrail::Trail.Tbilling",
    ]


WRITTEN = {
    # sentence: the name of a trail in a loop over an unknown list
    "by reference": {"Ref": "Name"},
    "within a text": "audit-${Name}",
    "within a text for Fn::Sub": {"Fn::Sub": "audit-${Name}"},
    "with an ampersand": "audit-&{Name}",
    "not at all": {"Ref": "AWS::NoValue"},
}


@pytest.mark.parametrize("name", WRITTEN.values(), ids=WRITTEN)
def test_of_an_unknown_list_a_trail_of_an_open_name_may_exist(name: Any) -> None:
    scenarios = the_key(sections={"Parameters": PARAMETERS}, Loop=loop(OPEN, T_=trail(name))).scenarios
    assert sorted((one.scenario, len(one.trails)) for one in scenarios) == [
        ("Fn::ForEach::Loop (its list is not empty) is false", 0),
        ("Fn::ForEach::Loop (its list is not empty) is true", 1),
    ]
    (found,) = next(one.trails for one in scenarios if one.trails)
    assert "Name" in str(found.name)
    assert not isinstance(found.name, str)


def test_the_condition_of_a_trail_in_such_a_loop_counts_as_well() -> None:
    never = {"Parameters": PARAMETERS, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    (scenario,) = the_key(sections=never, Loop=loop(OPEN, T_=trail({"Ref": "Name"}, Condition="Never"))).scenarios
    assert (scenario.trails, scenario.open_trails) == ((), ())


NESTED: Dict[str, Tuple[Any, Any]] = {
    # sentence: the list, the names of the trails in the stacks of the loop
    "a list that is written out": (NAMES, NAMES),
    "an unknown list": (OPEN, ["${Name}"]),
}


@pytest.mark.parametrize(("items", "names"), NESTED.values(), ids=NESTED)
def test_stacks_of_a_loop_hand_over_what_it_says(items: Any, names: Any) -> None:
    """The default of the nested template is not what is deployed."""
    nested = {"TemplateURL": "trail.yaml", "Parameters": {"Called": {"Ref": "Name"}, "K": KEY_ARN}}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": nested}
    child = {
        "Parameters": {"Called": {"Type": "String", "Default": "audit"}, "K": {"Type": "String"}},
        "Resources": {"Trail": trail({"Ref": "Called"}, {"Ref": "K"})},
    }
    parent = {**TRANSFORM, "Parameters": PARAMETERS, "Resources": {"Key": KEY, "Fn::ForEach::S": loop(items, S_=stack)}}
    found = Templates({FILE: parent, "/work/trail.yaml": child}).subject(FILE, "Key")
    assert isinstance(found, Subject)
    trails = next(key.trails for key in found.scenarios if key.trails)
    assert [str(one.name) for one in trails] == names
    assert (items is OPEN) == any(not key.trails for key in found.scenarios)


def test_other_resources_of_such_a_loop_are_left_out() -> None:
    found = unrolled({"Fn::ForEach::Loop": loop(OPEN, B_={"Type": "AWS::S3::Bucket"})})
    assert found.body["Resources"] == {}


PICKED = {
    # sentence: how a trail of such a loop names its key
    "by its own logical id": {"Fn::GetAtt": ["${Name}", "Arn"]},
    "in a text": {"Fn::Sub": "${${Name}.Arn}"},
    "from a map": {"Fn::FindInMap": ["Keys", {"Ref": "Name"}, "Arn"]},
}


@pytest.mark.parametrize("reference", PICKED.values(), ids=PICKED)
def test_a_trail_that_picks_a_key_by_the_variable_may_use_this_one(reference: Any) -> None:
    sections = {"Parameters": PARAMETERS, "Mappings": {"Keys": {"a": {"Arn": "x"}, "b": {"Arn": "y"}}}}
    (scenario,) = the_key(sections=sections, Loop=loop(OPEN, T_=trail("audit", reference))).scenarios
    assert (len(scenario.trails), len(scenario.open_trails)) == (0, 1)


def test_a_trail_that_names_another_key_leaves_this_one_alone() -> None:
    (scenario,) = the_key(Other=KEY, Loop=loop(OPEN, T_=trail("audit", {"Ref": "Other"}))).scenarios
    assert (scenario.trails, scenario.open_trails, scenario.open_users) == ((), (), ())


@pytest.mark.parametrize("resources", UNCLEAR.values(), ids=UNCLEAR)
def test_what_cannot_be_followed_may_add_a_trail_that_uses_the_key(resources: Dict[str, Any]) -> None:
    (scenario,) = the_key(**resources).scenarios
    (added,) = scenario.open_trails
    assert isinstance(added.name, Hole)


def test_a_macro_of_the_whole_template_adds_nothing_of_itself() -> None:
    (scenario,) = the_key(sections={"Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]}).scenarios
    assert scenario.open_trails == ()


# Checkov hands over no resources that loops make, so nobody would judge such a key.

KEYS_OF_A_LOOP = {"Fn::ForEach::Keys": loop(["A", "B"], Key_=KEY)}


def hosted(**resources: Any) -> Dict[str, str]:
    """On which resource the records of which key stand; "" where they stand on their own."""
    named = {name.replace("Loop", "Fn::ForEach::Loop"): one for name, one in resources.items()}
    templates = Templates({FILE: {**TRANSFORM, "Resources": {**KEYS_OF_A_LOOP, **named}}})
    found = {name: templates.subject(FILE, name) for name in ["KeyA", "KeyB", "Tx", *resources]}
    assert not any(isinstance(one, Unjudged) for one in found.values())
    return {name: one.on_behalf_of for name, one in found.items() if isinstance(one, Subject)}


HOSTED: Dict[str, Tuple[Any, Any]] = {
    # sentence: what is beside the keys A and B of a loop, on what their records stand
    "a trail has those of its key": ({"T": trail("audit", {"Ref": "KeyA"})}, {"T": "KeyA"}),
    "so has an event data store": (
        {"S": {"Type": "AWS::CloudTrail::EventDataStore", "Properties": {"KmsKeyId": {"Ref": "KeyA"}}}},
        {"S": "KeyA"},
    ),
    "the first of two trails has them": (
        {"V": trail("other", {"Ref": "KeyA"}), "U": trail("audit", {"Ref": "KeyA"})},
        {"U": "KeyA"},
    ),
    "a trail may have those of both": (
        {"T": trail("audit", {"Fn::If": ["Open", {"Ref": "KeyA"}, {"Ref": "KeyB"}]})},
        {"T": "KeyA or AWS::KMS::Key.KeyB"},
    ),
    "a trail that a loop makes has none": ({"Loop": loop(["x"], T_=trail("a", {"Ref": "KeyA"}))}, {}),
}


@pytest.mark.parametrize(("resources", "expected"), HOSTED.values(), ids=HOSTED)
def test_the_records_of_a_key_that_a_loop_makes_stand_on_what_uses_it(resources: Any, expected: Any) -> None:
    found = hosted(**resources)
    assert {name: key for name, key in found.items() if key} == {
        name: f"AWS::KMS::Key.{key}" for name, key in expected.items()
    }
    assert "KeyA" not in found or not expected


def test_a_key_of_a_loop_that_no_resource_uses_is_judged_for_who_asks() -> None:
    """Its policy speaks of CloudTrail; Checkov does not ask."""
    assert hosted(Other=KEY) == {"KeyA": "", "KeyB": "", "Other": ""}


# The law: a list that becomes unknown opens rules, and turns none of them.

ARN = "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/"


def for_trails(*names: str) -> Dict[str, Any]:
    arns = [{"Fn::Sub": ARN + name} for name in names]
    equal = {"aws:SourceArn": arns, "kms:EncryptionContext:aws:cloudtrail:arn": arns}
    root = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    statements = [
        {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": equal},
        },
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


HIDDEN: Dict[str, Tuple[Any, Any, Any]] = {
    # sentence: the key, the list, what is beside the loop
    "every name is let in": (for_trails("payments", "billing"), NAMES, {}),
    "one name is not let in": (for_trails("payments"), NAMES, {}),
    "no name is let in": (for_trails("other"), NAMES, {}),
    "no item": (for_trails("other"), [], {}),
    "no item beside a trail": (for_trails("audit"), [], {"Trail": trail("audit")}),
    "a trail beside those of the loop": (for_trails("audit", *NAMES), NAMES, {"Trail": trail("audit")}),
}


def verdicts(items: Any, key: Any, others: Any, name: Any = "${Name}") -> Dict[str, str]:
    resources = {"Key": key, **others, "Fn::ForEach::Loop": loop(items, T_=trail(name))}
    template = {**TRANSFORM, "Parameters": PARAMETERS, "Resources": resources}
    found = findings_on(Templates({FILE: template}).subject(FILE, "Key"))
    return {rule: one.result for rule, one in found.items()}


@pytest.mark.parametrize(("key", "items", "others"), HIDDEN.values(), ids=HIDDEN)
def test_a_hidden_list_turns_no_verdict(key: Any, items: Any, others: Any) -> None:
    written = {f"Made{name}": trail(name) for name in items}
    known = verdicts(items, key, others)
    assert known == verdicts([], key, {**others, **written})
    hidden = verdicts(OPEN, key, others)
    assert [rule for rule in hidden if rule != "CKV_CTKMS_090" and hidden[rule] != known.get(rule)] == []
    assert hidden["CKV_CTKMS_090"] == "SKIPPED"
