"""What loops make is what cfn-lint makes of them, on templates of loops in loops that a seeded generator draws.

Of plain texts cfn-lint leaves the variables alone that AWS replaces, so here they stand in names, `Ref` and `Fn::Sub`.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any, Dict, List, Tuple

import pytest
from cfnlint.template import Template  # type: ignore[import-untyped]
from cfnlint.template.transforms._language_extensions import language_extension  # type: ignore[import-untyped]

from ctkms.iac.cloudformation.evaluation.stacks import without_loops

TEMPLATES = 150
ITEMS = ["a", "b1", "Cc", "7"]
SECTIONS: Dict[str, Any] = {
    "Transform": ["AWS::LanguageExtensions"],
    "Parameters": {
        "Names": {"Type": "CommaDelimitedList", "Default": "x,y"},
        "Name": {"Type": "String", "Default": "z"},
    },
    "Mappings": {"Lists": {item: {"Names": [f"{item}1", f"{item}2"]} for item in ITEMS}},
}


class Generator:
    """Templates with loops, in all places where a loop may stand."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._number = 0

    def template(self) -> Dict[str, Any]:
        """A whole template."""
        conditions = self._members("Is", (), lambda around: {"Fn::Equals": [self._text(around), "a"]})
        outputs = self._members("Out", (), lambda around: {"Value": self._text(around)})
        return {
            **SECTIONS,
            "Conditions": conditions,
            "Resources": self._members("T", (), self._resource),
            "Outputs": outputs,
        }

    def _members(self, name: str, around: Tuple[str, ...], member: Any, depth: int = 0) -> Dict[str, Any]:
        """A mapping of members, some of them made by loops; the variables in a name keep it from standing twice."""
        self._number += 1
        own = name + str(self._number) + "x" + "".join(self._of(variable) for variable in around)
        found: Dict[str, Any] = {own: member(around)}
        for _ in range(self._random.choice([0, 1, 1, 2]) if depth < 3 else 0):
            self._number += 1
            variable = f"V{self._number}"
            repeated = self._members(name, (*around, variable), member, depth + 1)
            found[f"Fn::ForEach::L{self._number}"] = [variable, self._list(around), repeated]
        return found

    def _resource(self, around: Tuple[str, ...]) -> Dict[str, Any]:
        properties = self._members("P", (), lambda inner: self._value((*around, *inner)), depth=2)
        return {"Type": "AWS::CloudTrail::Trail", "DependsOn": [self._text(around)], "Properties": properties}

    def _value(self, around: Tuple[str, ...]) -> Any:
        draw = self._random.choice
        if draw([True, False]):
            return {"Ref": draw([*around, "Name"])}
        written = self._text(around)
        return draw([written, [written], {"Fn::GetAtt": [written, "Arn"]}, {"Key": {"Deeper": written}}])

    def _text(self, around: Tuple[str, ...]) -> Any:
        pieces = [self._random.choice(["-", "t", "arn:"]) for _ in range(2)]
        return {"Fn::Sub": "".join([*pieces, *(self._of(variable) for variable in around)])}

    def _of(self, variable: str) -> str:
        return self._random.choice("$&") + "{" + variable + "}"

    def _list(self, around: Tuple[str, ...]) -> Any:
        of_items = [item for item in ITEMS if self._random.random() < 0.5] or ["a"]
        row = {"Ref": around[-1]} if around and self._random.random() < 0.3 else self._random.choice(ITEMS)
        default = {"DefaultValue": ["p", "q"]}
        lists: List[Any] = [of_items, {"Ref": "Names"}, {"Fn::FindInMap": ["Lists", row, "Names", default]}]
        return self._random.choice(lists)


def as_cfn_lint_says_it(value: Any) -> Any:
    """A text for `Fn::Sub` without any name is the text."""
    if isinstance(value, list):
        return [as_cfn_lint_says_it(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Equals" in value:  # in whichever order
        return {"Fn::Equals": sorted(map(str, as_cfn_lint_says_it(value["Fn::Equals"])))}
    text = value.get("Fn::Sub")
    if isinstance(text, str) and not re.search(r"[$&]\{", text):
        return text
    return {key: as_cfn_lint_says_it(one) for key, one in value.items()}


@pytest.mark.parametrize("seed", range(0, TEMPLATES, 25))
def test_the_same_template_comes_of_it(seed: int) -> None:
    loops = 0
    for number in range(seed, seed + 25):
        template = Generator(number).template()
        loops += json.dumps(template).count("Fn::ForEach")
        matches, expected = language_extension(Template("template.yaml", json.loads(json.dumps(template))))
        assert matches == []
        found = without_loops({"template.yaml": template})["template.yaml"].body
        assert as_cfn_lint_says_it(found) == as_cfn_lint_says_it(json.loads(json.dumps(expected)))
    assert loops > 50
