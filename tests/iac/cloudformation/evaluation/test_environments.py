"""Where a stack is, as seen from another one."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.environments import Environment, apart, environment, together
from ctkms.iac.cloudformation.templates.cdk_assembly import StackIdentity
from ctkms.iac.cloudformation.templates.other_places import OtherPlaces, other_places
from ctkms.iac.cloudformation.templates.template import Template
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_REGION, Hole, Kind

HERE = StackIdentity("here", "111122223333", "eu-west-1")
THERE = StackIdentity("there", "444455556666", "eu-west-1")
A, B = Deployment("a"), Deployment("b")
NESTED = Deployment("n", A, "Nested")
INSTANCE = Deployment("m", A, "Set", apart=True)
WITHIN = Deployment("w", INSTANCE, "Nested")
ANY, ELSEWHERE = StackIdentity(), OtherPlaces(account=True, region=True)


class Stacks:
    """Stacks of which that much is known."""

    def __init__(self, known: Dict[str, StackIdentity], places: OtherPlaces = OtherPlaces()) -> None:  # noqa: B008
        self._known, self._places = known, places

    def identity(self, at: Deployment) -> StackIdentity:
        return self._known.get(at.file, ANY) if at.parent is None else ANY

    def other_places(self, at: Deployment) -> OtherPlaces:
        return self._places

    def label(self, deployment: Deployment) -> str:
        return deployment.file


def of(file: str) -> Environment:
    return Environment(Hole(f"<the account of {file}>", Kind.ACCOUNT), Hole(f"<the Region of {file}>", Kind.REGION))


OWN = Environment(OWN_ACCOUNT, OWN_REGION)
CASES: Dict[str, Any] = {
    # sentence: the stack, seen from where, what is known, where it is
    "itself": (A, A, {}, OWN),
    "another one": (A, B, {}, OWN),
    "one whose place is known": (A, B, {"a": HERE}, Environment("111122223333", "eu-west-1")),
    "itself where that is known": (A, A, {"a": HERE}, Environment("111122223333", "eu-west-1")),
    "one whose account is known": (A, B, {"a": StackIdentity("a", "111122223333")}, Environment("111122223333")),
    "a nested stack is where its parent is": (NESTED, B, {"a": HERE}, Environment("111122223333", "eu-west-1")),
    "an instance of a stack set": (INSTANCE, A, {"a": HERE}, of("m")),
    "a stack set from its instance": (A, INSTANCE, {}, of("a")),
    "an instance itself": (INSTANCE, INSTANCE, {"a": HERE}, OWN),
    "a stack that an instance nests": (WITHIN, INSTANCE, {}, OWN),
    "a known stack from an instance": (B, INSTANCE, {"b": HERE}, Environment("111122223333", "eu-west-1")),
}


@pytest.mark.parametrize(("at", "home", "known", "expected"), CASES.values(), ids=CASES)
def test_where_a_stack_is(at: Deployment, home: Deployment, known: Any, expected: Environment) -> None:
    assert environment(at, home, Stacks(known)) == expected


def test_a_stack_that_names_another_place_is_not_where_the_others_are() -> None:
    assert environment(A, B, Stacks({}, ELSEWHERE)) == of("a")
    assert environment(A, A, Stacks({}, ELSEWHERE)) == OWN
    assert environment(A, B, Stacks({"a": HERE}, ELSEWHERE)) == Environment("111122223333", "eu-west-1")


PAIRS: Dict[str, Any] = {
    # sentence: what is known of the two, whether they are apart, whether they are together
    "nothing": ({}, False, False),
    "both, and the same": ({"a": HERE, "b": HERE}, False, True),
    "both, and different": ({"a": HERE, "b": THERE}, True, False),
    "one": ({"a": HERE}, False, False),
    "only that the account is the same": (dict.fromkeys("ab", StackIdentity("x", "111122223333")), False, False),
}


@pytest.mark.parametrize(("known", "are_apart", "are_together"), PAIRS.values(), ids=PAIRS)
def test_two_stacks(known: Any, are_apart: bool, are_together: bool) -> None:
    stacks = Stacks(known)
    assert (apart(A, B, stacks), together(A, B, stacks)) == (are_apart, are_together)
    assert (apart(A, NESTED, stacks), together(A, NESTED, stacks)) == (False, True)
    assert (apart(A, INSTANCE, stacks), together(A, INSTANCE, stacks)) == (True, False)
    assert (apart(WITHIN, INSTANCE, stacks), together(WITHIN, INSTANCE, stacks)) == (False, True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, OtherPlaces()),
        ({"Region": "eu-west-1"}, OtherPlaces(region=True)),
        ({"Region": {"Ref": "AWS::Region"}}, OtherPlaces()),
        ({"RoleArn": {"Ref": "Role"}}, OtherPlaces(account=True)),
        ([], OtherPlaces()),
    ],
)
def test_the_places_that_a_template_names(given: Any, expected: OtherPlaces) -> None:
    body: Dict[str, Any] = {"Properties": [{"KeyId": {"Fn::GetStackOutput": given}}]}
    body["Again"] = body  # an anchor may hold itself
    assert other_places(Template({"Resources": {"A": body}})) == expected
