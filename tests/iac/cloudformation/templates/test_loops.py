"""What `Fn::ForEach` makes: from a section of resources to those in place of its loops."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest

from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.cloudformation.subjects.keys import Templates
from ctkms.iac.cloudformation.templates.loops import MAX_SIZE, unrolled
from ctkms.unknowns.text import Hole

FILE = "/work/main.yaml"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Service": "cloudtrail.amazonaws.com"}}}
NAMES = ["payments", "billing"]
OPEN = {"Ref": "Names"}
PARAMETERS = {"Names": {"Type": "CommaDelimitedList"}}


def trail(name: Any, key_id: Any = KEY_ARN, **more: Any) -> Dict[str, Any]:
    return {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": name, "KMSKeyId": key_id}, **more}


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
    found = unrolled({"Resources": {"Key": KEY, "Fn::ForEach::Loop": given}})
    assert found.body["Resources"] == {"Key": KEY, **made}
    assert found.made == frozenset(made)
    assert (found.several, found.unclear) == (frozenset(), ())


UNCLEAR = {
    # sentence: what adds resources
    "no list": {"Fn::ForEach::Loop": "AWS::CloudTrail::Trail"},
    "too few parts": {"Fn::ForEach::Loop": ["Name", ["AWS::CloudTrail::Trail"]]},
    "no fragment": {"Fn::ForEach::Loop": ["Name", ["a"], "AWS::CloudTrail::Trail"]},
    "a transform": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/more.yaml"}}},
    "a transform in a loop": {"Fn::ForEach::Loop": ["Name", ["a"], {"Fn::Transform": {"Name": "CloudTrail"}}]},
    "more than anybody writes": {"Fn::ForEach::Loop": loop(["a"] * MAX_SIZE, T_=trail("a"))},
}


@pytest.mark.parametrize("resources", UNCLEAR.values(), ids=UNCLEAR)
def test_what_cannot_be_followed_is_kept_by_name(resources: Dict[str, Any]) -> None:
    assert len(unrolled({"Resources": resources}).unclear) == 1


def test_a_loop_that_does_not_speak_of_cloudtrail_adds_no_trail() -> None:
    assert unrolled({"Resources": {"Fn::ForEach::Loop": "AWS::SQS::Queue"}}).unclear == ()


def test_loops_that_multiply_each_other_stay_small() -> None:
    body: Any = {"T": {"Type": "AWS::CloudTrail::Trail"}}
    for level in range(30):
        body = {f"Fn::ForEach::L{level}": [f"V{level}", ["a", "b"], body]}
    found = unrolled({"Resources": body})
    assert found.unclear
    assert len(found.made) <= MAX_SIZE


def the_key(*, sections: Any = None, **resources: Any) -> Subject:
    named = {name.replace("Loop", "Fn::ForEach::Loop"): one for name, one in resources.items()}
    found = Templates({FILE: {"Resources": {"Key": KEY, **named}, **(sections or {})}}).subject(FILE, "Key")
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


def test_other_resources_of_such_a_loop_are_left_out() -> None:
    found = unrolled({"Resources": {"Fn::ForEach::Loop": loop(OPEN, B_={"Type": "AWS::S3::Bucket"})}})
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


def test_the_trail_of_a_key_that_a_loop_makes_says_so() -> None:
    """Checkov hands over no resources that loops make, so nobody judges that key."""
    resources = {"Fn::ForEach::Keys": loop(["A"], Key_=KEY), "Trail": trail("audit", {"Ref": "KeyA"})}
    found = Templates({FILE: {"Resources": resources}}).subject(FILE, "Trail")
    assert isinstance(found, Unjudged)
    assert "`KeyA.KeyId`, a key that Fn::ForEach makes" in found.reason
