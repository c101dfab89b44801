"""The value of expressions: as Terraform has it where the code fixes it, and a well-named hole elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.evaluate import evaluate, traverse, typed_value
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.evaluation.values import Failure, Json, Reference, Unordered, is_known
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.scenarios import Choice
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, Partial, Rest

KEYS: Any = [
    {"arn": "arn:0"},
    {"arn": "arn:1"},
]


class Instance:
    """One of two instances of a key."""

    def __init__(self, at):
        self.at = at

    def member(self, steps):
        return traverse(KEYS[self.at], steps, EmptyScope())


class Scope(EmptyScope):
    """A small configuration: some locals, two instances of a key, open variables."""

    def __init__(self, assumptions=None):
        self.assumptions = assumptions or {}
        self.asked = []

    def resolve(self, traversal):
        root, *rest = traversal
        if root == "local":
            return traverse({"m": {"k": "v"}, "l": ["a", "b"], "none": None}, tuple(rest), self)
        if traversal[:2] == ("aws_kms_key", "k"):
            return self.key(traversal)
        if root == "account":
            return OWN_ACCOUNT
        named = root + "".join(f".{step}" if isinstance(step, str) else f"[{describe(step)}]" for step in rest)
        return Hole("${" + named + "}")

    def key(self, traversal):
        instances: Any = [Reference(f"${{aws_kms_key.k[{at}]}}", target=Instance(at)) for at in range(2)]
        return traverse(instances, traversal[2:], self)

    def assumed(self, condition):
        self.asked.append(condition)
        return self.assumptions.get(condition)


def value_of(source, scope=None):
    parsed = parse_file(f"x = {source}\n")
    assert not parsed.problems, parsed.problems
    value = evaluate(parsed.body.attributes["x"], scope or Scope())
    # What is spelled out is shared by all that asks for it, so nothing may change it.
    assert shown(evaluate(parsed.body.attributes["x"], scope or Scope())) == shown(value)
    return value


def shown(value):
    return str(value) if isinstance(value, Hole) else describe(value)


# Each answer is that of `terraform console`; `!` stands for an error.
KNOWN = [
    ("a template of one expression is that expression", '"${[1]}"', "[1]"),
    ("numbers and bools become text", '"${1.50}-${true}-${1e21}"', '"1.5-true-1000000000000000000000"'),
    ("null has no text", '"a${null}"', "!"),
    ("a list has no text", '"a${[1]}"', "!"),
    ("strings become numbers", '"5" + 1', "6"),
    ("decimals stay exact", "0.1 + 0.2", "0.3"),
    ("division of whole numbers", "[10 / 5, 1 / 4]", "[2, 0.25]"),
    ("the remainder has the sign of the dividend", "[-7 % 3, 7 % -3, 7.5 % 2]", "[-1, 1, 1.5]"),
    ("comparison of numbers", '[1 < "2", 2 <= 2, 3 > 4]', "[true, true, false]"),
    ("equality does not convert", '["1" == 1, true == "true", null == "", 1 == 1.0]', "[false, false, false, true]"),
    ("different lists are not equal", "[[1] == [2], {a = 1} != {a = 2}, [1] == [1, 2]]", "[false, true, false]"),
    ("strings become conditions", '["true" ? 1 : 2, !"true"]', "[1, false]"),
    ("no other value is a condition", '"a" ? 1 : 2', "!"),
    ("a list has elements", 'local.l["0"]', '"a"'),
    ("an index outside of a list", "local.l[2]", "!"),
    ("a map has keys", "[local.m.k, {0 = 1}[0]]", '["v", 1]'),
    ("a key that is missing", "local.m.x", "!"),
    ("null has no attributes", "local.none.x", "!"),
    ("a splat over a list", "[{a = 1}, {a = 2}][*].a", "[1, 2]"),
    ("a splat over null or one value", '[null[*], "a"[*]]', '[[], ["a"]]'),
    ("an index after an attribute splat", "[{a = [1]}, {a = [2]}].*.a[0]", "[1]"),
    ("an index within a full splat", "[{a = [1]}, {a = [2]}][*].a[0]", "[1, 2]"),
    ("a splat over resources", "aws_kms_key.k[*].arn", '["arn:0", "arn:1"]'),
    ("a loop over resources", "[for k in aws_kms_key.k : k.arn]", '["arn:0", "arn:1"]'),
    ("a resource out of a function", "element(aws_kms_key.k, 3).arn", '"arn:1"'),
    ("an instance that does not exist", 'try(aws_kms_key.k[2].arn, "none")', '"none"'),
    ("a loop over a list counts", '[for i, x in ["a", "b"] : "${i}${x}"]', '["0a", "1b"]'),
    ("a loop over a map goes by key", '[for k, v in {b = 1, a = 2} : "${k}${v}"]', '["a2", "b1"]'),
    ("a loop over a set has the elements for keys", '[for k, v in toset(["b", "a"]) : "${k}${v}"]', '["aa", "bb"]'),
    ("a loop filters", "[for x in [1, 2, 3] : x if x != 2]", "[1, 3]"),
    ("a loop makes a map", '{for i, x in ["a", "b"] : x => i}', '{"a" = 0, "b" = 1}'),
    ("a loop groups", "{for k, v in {a = 1, b = 1} : v => k...}", '{"1" = ["a", "b"]}'),
    ("two equal keys are an error", '{for k in ["a", "a"] : k => 1}', "!"),
    ("a loop over text is an error", '[for x in "abc" : x]', "!"),
    ("loops nest, and see the variables around them", "[for a in [1, 2] : [for b in [10] : a + b]]", "[[11], [12]]"),
    ("a directive loops", '"%{ for k, v in {a = 1, b = 2} }${k}=${v},%{ endfor }"', '"a=1,b=2,"'),
    ("a directive chooses", '"%{ if 1 == 2 }y%{ else }n%{ endif }"', '"n"'),
    ("a branch that is not taken may fail", "true ? 1 : local.m.x", "1"),
    ("a list may be expanded into arguments", "concat([1], [[2], [3]]...)", "[1, 2, 3]"),
    ("keys may be computed", '{ "a${1}" = 2, (1 + 1) = 3 }', '{"a1" = 2, "2" = 3}'),
]


@pytest.mark.parametrize(("source", "answer"), [case[1:] for case in KNOWN], ids=[case[0] for case in KNOWN])
def test_known(source, answer):
    value = value_of(source)
    if answer == "!":
        assert isinstance(value, Hole)
        assert value_of(f"can({source})") is False
    else:
        assert describe(value) == answer


OPEN = [
    ("a reference is named as written", "var.x.y[0]", "${var.x.y[0]}"),
    ("a string keeps its holes", '"arn:${var.x}:root"', '"arn:${var.x}:root"'),
    ("known data with an open key", "local.m[var.k]", '${{"k" = "v"}[var.k]}'),
    ("an open attribute of an open value", "try(var.a, 1).b", "${var.a.b}"),
    ("names follow the values, not the words", "[for x in [var.a] : upper(x)]", "[upper(var.a)]"),
    ("arithmetic keeps its grouping", "(var.a + 1) * 2", "${(var.a + 1) * 2}"),
    ("the order of an equality does not matter", '"prod" == var.env', '${var.env == "prod"}'),
    ("an open value equals itself", "var.x == var.x", "true"),
    ("text that starts differently is not equal", '"a-${var.x}" == "b-1"', "false"),
    ("text that may be equal", '"a-${var.x}" == "a-1"', '${"a-${var.x}" == "a-1"}'),
    ("an account id is not null", "account == null", "false"),
    ("one false is enough", "var.x && false", "false"),
    ("one true is enough", "var.x || true", "true"),
    ("the other operand is left", "var.x || false", "${var.x}"),
    ("equal branches need no condition", "var.x ? local.l : local.l", '["a", "b"]'),
    ("a loop over an open list", '[for x in var.l : "a${x}"]', '[for x in var.l : "a${x}"]'),
    ("a loop over a list with an open end", "[for x in concat([1], var.l) : x + 1]", "[2, var.l[*] + 1...]"),
    ("a map made of an open list", "{for x in var.l : x => 1}", "${[for x in var.l : x, 1]}"),
    ("a splat over an open list", "var.l[*].arn", "var.l[*].arn"),
    ("a directive over an open list", '"a%{ for x in var.l }${x}%{ endfor }"', '"a${[for x in var.l : x]}"'),
    ("keys may have holes", '{ "a${var.x}" = 1 }', '{"a${var.x}" = 1}'),
    ("a map with open keys may hold any key", "{ (var.x) = 1, b = 2 }.b", '${{var.x = 1, "b" = 2}["b"]}'),
    ("division by zero", "1 / 0", "${1 / 0}"),
]


@pytest.mark.parametrize(("source", "answer"), [case[1:] for case in OPEN], ids=[case[0] for case in OPEN])
def test_open(source, answer):
    assert shown(value_of(source)) == answer


# source, the conditions it waits for, and its value in some scenarios
CHOICES = [
    ("a condition", "var.x ? 1 : 2", {"${var.x}"}, [({"${var.x}": True}, 1), ({"${var.x}": False}, 2)]),
    ("its negation", "!var.x ? 1 : 2", {"${var.x}"}, [({"${var.x}": True}, 2), ({"${var.x}": False}, 1)]),
    (
        "a conjunction asks for its parts",
        "var.a && !var.b ? 1 : 2",
        {"${var.a}", "${var.b}"},
        [({"${var.a}": False}, 2), ({"${var.a}": True, "${var.b}": False}, 1)],
    ),
    (
        "inequality is negated equality",
        '"prod" != var.env ? 1 : 2',
        {'${var.env == "prod"}'},
        [({'${var.env == "prod"}': True}, 2)],
    ),
    (
        "an inner condition waits for the outer one",
        "var.a ? (var.b ? 1 : 2) : 3",
        {"${var.a}"},
        [({"${var.a}": False}, 3), ({"${var.a}": True, "${var.b}": True}, 1)],
    ),
    ("an operation on a choice waits too", '"${var.x ? 1 : 2}" == 1', {"${var.x}"}, [({"${var.x}": False}, False)]),
    ("an element of a choice", "(var.x ? local.l : [3])[0]", {"${var.x}"}, [({"${var.x}": True}, "a")]),
    ("a directive", '"%{ if var.x }a%{ endif }"', {"${var.x}"}, [({"${var.x}": True}, "a"), ({"${var.x}": False}, "")]),
    ("a condition that is an operation", "length(var.l) > 0 ? 1 : 2", {"${length(var.l) > 0}"}, []),
]


@pytest.mark.parametrize(
    ("source", "conditions", "scenarios"), [case[1:] for case in CHOICES], ids=[case[0] for case in CHOICES]
)
def test_a_choice_names_its_conditions_and_ends_with_them(source, conditions, scenarios):
    value = value_of(source)
    assert isinstance(value, Choice)
    assert value.conditions == conditions
    for assumptions, expected in scenarios:
        assert value_of(source, Scope(assumptions)) == expected


def test_a_policy_keeps_its_structure_around_an_open_condition():
    source = 'jsonencode({Statement = concat([{Sid = "a"}], var.x ? [{Sid = "b", AWS = [var.y]}] : [])})'
    first, rest = value_of(source).value["Statement"]
    assert first == {"Sid": "a"}
    assert isinstance(rest, Rest)
    assert isinstance(rest.hole, Choice)
    assert rest.hole.conditions == {"${var.x}"}
    assert value_of(source, Scope({"${var.x}": False})) == Json({"Statement": [{"Sid": "a"}]})
    scenario = value_of(source, Scope({"${var.x}": True}))
    assert scenario == Json({"Statement": [{"Sid": "a"}, {"Sid": "b", "AWS": [Hole("${var.y}")]}]})


def test_an_element_behind_an_open_condition_may_be_missing():
    source = "[for s in [{a = 1, on = true}, {a = 2, on = var.on}] : s.a if s.on]"
    known, perhaps = value_of(source)
    assert (known, perhaps.hole.conditions) == (1, {"${var.on}"})
    assert value_of(source, Scope({"${var.on}": True})) == [1, 2]
    assert value_of(source, Scope({"${var.on}": False})) == [1]


def test_the_whole_traversal_goes_to_the_scope():
    seen = []

    class Recorder(Scope):
        def resolve(self, traversal):
            seen.append(traversal)
            return 1

    source = '[data.aws_x.d[0].json, module.m.out["k"].a, each.value, a.b[var.i].c]'
    evaluate(parse_file(f"x = {source}\n").body.attributes["x"], Recorder())
    assert seen[:3] == [("data", "aws_x", "d", 0, "json"), ("module", "m", "out", "k", "a"), ("each", "value")]
    assert seen[3:] == [("var", "i"), ("a", "b", 1, "c")]


def test_traverse_reports_what_does_not_exist():
    with pytest.raises(Failure):
        traverse({"a": 1}, ("b",), Scope())


def test_a_value_too_large_for_any_configuration_is_open():
    """Nobody knows that two such values are alike, so they are not, even if they read alike."""
    doubled = parse_file("x = [for a in range(500) : [for b in range(500) : b]]\n").body.attributes["x"]
    first, second = evaluate(doubled, Scope()), evaluate(doubled, Scope())
    assert isinstance(first, Hole)
    assert "too large to work out: [for a in range(500)" in first.source
    assert first != second


def test_a_long_chain_of_operators_does_not_exhaust_the_stack():
    assert value_of("1" + " + 1" * 150) == 151


ATOMS = st.sampled_from(
    """
    1
    null
    true
    "a"
    var.x
    local.l
    local.m
    account
    "a${var.y}"
    [var.x, 1]
    { a = var.x }
    aws_kms_key.k
    concat([1], var.l)
    "1"
    ""
    []
    {}
    tolist(["a"])
    tomap({ a = 1 })
    toset(["b", "a"])
    tostring(null)
    toset([var.x])
    tolist([var.x, 1])
    jsonencode([var.x])
    """.strip().split("\n    ")
)
FORMS = st.sampled_from(
    """
    {0} ? {1} : {2}
    {0} == {1}
    {0} != {1}
    {0} && {1}
    {0} || {1}
    !{0}
    -{0}
    {0} + {1}
    {0}[{1}]
    {0}.a
    {0}[*].a
    {0}.*.a
    [for k, v in {0} : {1} if {2}]
    [for k, v in {0} : k]
    {{for k, v in {0} : v => {1}}}
    {{for k in {0} : k => k...}}
    "<${{{0}}}>"
    "%{{ for x in {0} }}${{x}}%{{ endfor }}"
    "%{{ if {0} }}${{{1}}}%{{ endif }}"
    {0}[*]
    [for x in toset([{0}, {1}]) : x]
    alltrue({0})
    anytrue([{0}, {1}])
    can({0})
    chunklist({0}, 1)
    coalesce({0}, {1})
    coalescelist({0}, {1})
    compact({0})
    concat({0}, {1})
    contains({0}, {1})
    distinct([{0}, {1}])
    distinct({0})
    element({0}, 0)
    endswith({0}, "a")
    flatten([{0}, {1}])
    format("%s%v", {0}, {1})
    formatlist("%s-%s", {0}, {1})
    index({0}, {1})
    join("-", {0})
    jsondecode(jsonencode({0}))
    keys({0})
    length({0})
    lookup({0}, {1}, {2})
    lower({0})
    matchkeys({0}, {0}, {1})
    max({0}...)
    merge({0}, {1})
    one({0})
    replace({0}, "a", "b")
    reverse({0})
    setintersection({0}, {1})
    setproduct({0}, {1})
    setsubtract({0}, {1})
    setunion({0}, {1})
    slice({0}, 0, 1)
    sort({0})
    split("a", {0})
    startswith({0}, "a")
    strcontains({0}, "a")
    sum({0})
    tobool({0})
    tolist({0})
    tolist([{0}, {1}])
    tomap({{a = {0}, b = {1}}})
    tonumber({0})
    toset({0})
    toset([{0}, {1}])
    tostring({0})
    transpose({{a = {0}}})
    trimprefix({0}, "a")
    try({0}, {1})
    values({0})
    zipmap({0}, {1})
    """.strip().split("\n    ")
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(FORMS, inner, inner, inner).map(
        lambda drawn: "(" + drawn[0].format(*(f"({one})" for one in drawn[1:])) + ")"
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_no_expression_raises(source):
    value_of(source)


class Given(Scope):
    """The same configuration with every variable given."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def resolve(self, traversal):
        if traversal[0] == "var":
            return traverse(self.values, traversal[1:], self)
        return "123456789012" if traversal[0] == "account" else super().resolve(traversal)


def agrees(open_value, value):
    """Whether a value is one that the open value may turn out to be."""
    if isinstance(open_value, Json):
        return isinstance(value, Json) and agrees(open_value.value, value.value)
    if isinstance(open_value, (Hole, Rest)):
        return True
    if isinstance(open_value, Partial):
        pattern = "".join(".*" if isinstance(part, Hole) else re.escape(part) for part in open_value.parts)
        return (
            not isinstance(value, (list, dict, type(None)))
            and re.fullmatch(pattern, str(text(value)), re.DOTALL) is not None
        )
    if isinstance(open_value, dict) and isinstance(value, dict):
        if not all(isinstance(key, str) for key in open_value):
            return True
        return open_value.keys() == value.keys() and all(agrees(open_value[key], value[key]) for key in value)
    if isinstance(open_value, Unordered) and isinstance(value, list):
        return all(any(agrees(one, other) for one in open_value) for other in value)
    if isinstance(open_value, list) and isinstance(value, list):
        rest = next((at for at, item in enumerate(open_value) if isinstance(item, Rest)), None)
        if rest is None:
            return len(open_value) == len(value) and all(map(agrees, open_value, value))
        return all(map(agrees, open_value[:rest], value)) and len(value) >= rest
    return type(open_value) is type(value) and open_value == value


TYPED = (
    'toset(["b", "a"])',
    "tolist([1])",
    'tomap({a = "b"})',
    "tolist([])",
    "toset([])",
    "tostring(null)",
    "toset([1])",
)
GIVEN = st.sampled_from(
    [None, True, "true", "a", "", "1", 1, [], ["a"], ["", "b"], [["c"], 1], {}, {"a": "b"}, {"k": [1]}]
    + [typed_value(parse_file(f"x = {source}\n").body.attributes["x"], Scope()) for source in TYPED]
)


@given(EXPRESSIONS, st.fixed_dictionaries({"x": GIVEN, "y": GIVEN, "l": GIVEN}))
def test_what_is_known_stays_so_whatever_the_variables_turn_out_to_be(source, values):
    value = value_of(source, Given(values))
    if is_known(value):  # otherwise Terraform reports an error
        assert agrees(value_of(source), value)


@given(EXPRESSIONS)
def test_the_same_expression_has_the_same_value(source):
    assert describe(value_of(source)) == describe(value_of(source))
