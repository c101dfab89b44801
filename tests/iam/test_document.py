"""Reading policy documents: what is accepted, what is refused and why, and that nothing raises or stalls."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Dict

import pytest

from ctkms.iam.document import Document, holes_of, parse
from ctkms.iam.evaluate import decide
from ctkms.iam.request import Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole, Kind, Partial, Rest, join
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN

STATEMENT: Dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
X = Hole("${var.x}")


def policy(*statements: Any, **elements: Any) -> Dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements or (STATEMENT,)), **elements}


def changed(**elements: Any) -> Dict[str, Any]:
    """The policy of one statement, with elements replaced; None takes one away."""
    return policy({name: value for name, value in {**STATEMENT, **elements}.items() if value is not None})


def _with_a_number_for_a_name() -> Dict[Any, Any]:
    return {**policy(), 1: 2}


def only_problem(source: Any) -> str:
    (problem,) = parse(source).problems
    return problem.what


# --- what is accepted ----------------------------------------------------------------------------


def test_mapping_and_text_say_the_same():
    assert parse(json.dumps(policy())) == parse(policy())
    assert parse(policy()).problems == ()


def test_a_statement_need_not_stand_in_a_list():
    assert parse({"Version": "2012-10-17", "Statement": STATEMENT}).statements == parse(policy()).statements


def test_a_string_and_a_list_of_one_are_the_same():
    listed = {**STATEMENT, "Principal": {"AWS": ["*"]}, "Action": ["kms:Decrypt"], "Resource": ["*"]}
    assert parse(policy(listed)).statements == parse(policy()).statements


def test_numbers_and_booleans_become_text():
    document = parse(changed(Condition={"Bool": {"a:b": True}, "NumericEquals": {"a:c": [1, 2.5]}}))
    assert [condition.values for condition in document.statements[0].conditions] == [("true",), ("1", "2.5")]


def test_a_version_that_yaml_reads_as_a_date_is_a_version():
    assert parse(policy(Version=date(2012, 10, 17))).has_variables is TRUE


def test_variables_depend_on_the_version():
    assert parse(policy()).has_variables is TRUE
    assert parse(policy(Version="2008-10-17")).has_variables is FALSE
    assert parse({"Statement": [STATEMENT]}).has_variables is FALSE
    assert parse(policy(Version=X)).has_variables is UNKNOWN


def test_a_missing_version_is_told_and_not_refused():
    document = parse({"Statement": [STATEMENT]})
    assert [(problem.where, problem.refused) for problem in document.problems] == [("Version", False)]
    assert not document.refused


def test_text_around_the_json_does_not_matter():
    assert parse("\n\t " + json.dumps(policy()) + "\r\n").problems == ()


def test_size_is_that_of_compact_json():
    assert parse(json.dumps(policy(), indent=4)).size == len(json.dumps(policy(), separators=(",", ":")))
    assert parse(policy(Id="é")).size == len(
        json.dumps(policy(Id="é"), separators=(",", ":"), ensure_ascii=False).encode()
    )


# --- JSON that is none ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the policy is empty text"),
        (" \n", "the policy is empty text"),
        ("policy.json", "no valid JSON"),
        ("{", "no valid JSON"),
        ("{\n", "at line 2, column 1"),
        ("{\r\n", "at line 2"),
        ('{"Version": "2012-10-17",}', "no valid JSON"),
        ('{"Statement": [{"Sid": "a"\n"Effect": "Allow"}]}', "expecting ',' delimiter at line 2, column 1"),
        ('{"Statement": [\u2028{]}', "no valid JSON"),
        ("{'Version': '2012-10-17'}", "no valid JSON"),
        ('{"Version": NaN}', "no valid JSON"),
        ('{"Version": Infinity}', "no valid JSON"),
        ('{"Version": "a\nb"}', "no valid JSON"),
        ('\ufeff{"Version": "2012-10-17"}', "no valid JSON"),
        ("1" * 5_000, "no valid JSON"),
        ('{"a": 1} {"b": 2}', "no valid JSON"),
        ('"text"', "the policy is a JSON string, not an object"),
        ("[]", "the policy is a list, not a JSON object"),
        ("12", "the policy is a number, not a JSON object"),
        ("true", "the policy is a boolean, not a JSON object"),
        ("null", "the policy is null, not a JSON object"),
    ],
)
def test_text_that_is_no_policy(text: str, expected: str):
    assert expected in only_problem(text)
    assert parse(text).refused


def test_a_name_that_stands_twice_is_refused():
    assert "two is lost" in only_problem('{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}')
    inner = '{"Effect": "Allow", "Action": "a", "Action": "b"}'
    assert '"Action" stands twice' in only_problem('{"Version": "2012-10-17", "Statement": [' + inner + "]}")


@pytest.mark.parametrize("source", [None, 12, True, 1.5, [], (), b"{}", object(), {1}, Rest(X)])
def test_what_is_no_policy_at_all(source: Any):
    assert parse(source).refused
    assert "not a JSON object" in only_problem(source)


# --- elements ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "where", "expected"),
    [
        ({}, "Statement", 'the policy has no "Statement"'),
        ({"Version": "2012-10-17", "Statement": "Allow"}, "Statement", "a string, not an object or a list"),
        ({"Version": "2012-10-17", "Statement": 5}, "Statement", "a number, not an object or a list"),
        ({"Version": "2012-10-17", "Statement": []}, "Statement", "an empty list"),
        (policy("Allow"), "Statement/[0]", "the statement is a string, not an object"),
        (policy(STATEMENT, None), "Statement/[1]", "the statement is null, not an object"),
        (policy(Version="2012-10-18"), "Version", "AWS knows 2012-10-17 and 2008-10-17"),
        (policy(Version="2012-10-17T00:00:00Z"), "Version", "write the date in quotes"),
        (policy(Version="2012-10-17 "), "Version", "AWS knows"),
        (policy(Version=["2012-10-17"]), "Version", "AWS knows"),
        (policy(statement=[]), "statement", 'the element is spelled "Statement"'),
        (policy(Comment="x"), "Comment", '"Comment" is no element of a policy'),
        ({"version": "2012-10-17", "Version": "2012-10-17", "Statement": [STATEMENT]}, "version", 'spelled "Version"'),
        (policy(**{"1": 2}), "1", "no element of a policy"),
        (_with_a_number_for_a_name(), "1", "no element of a policy"),
        (changed(effect="Allow"), "Statement/[0]/effect", 'the element is spelled "Effect"'),
        (changed(Actions="kms:*"), "Statement/[0]/Actions", '"Actions" is no element of a statement'),
        (changed(Conditions={}), "Statement/[0]/Conditions", "no element of a statement"),
        (changed(Effect=None), "Statement/[0]/Effect", 'the statement has no "Effect"'),
        (changed(Effect="allow"), "Statement/[0]/Effect", '"Effect" is "allow"; it is "Allow" or "Deny"'),
        (changed(Effect=["Allow"]), "Statement/[0]/Effect", '"Effect" is a list; it is "Allow" or "Deny"'),
        (changed(Principal=None), "Statement/[0]/Principal", 'no "Principal"'),
        (changed(Principal="arn:aws:iam::111122223333:root"), "Statement/[0]/Principal", 'write "*" or an object'),
        (changed(Principal=["*"]), "Statement/[0]/Principal", 'write "*" or an object'),
        (changed(Principal={}), "Statement/[0]/Principal", "names nobody"),
        (changed(Principal={"AWS": []}), "Statement/[0]/Principal", "names nobody"),
        (changed(Principal={"aws": "*"}), "Statement/[0]/Principal/aws", '"aws" is no principal type'),
        (changed(Principal={"AWS": {"a": "b"}}), "Statement/[0]/Principal/AWS", "where a string belongs"),
        (changed(NotPrincipal="*"), "Statement/[0]", 'both "Principal" and "NotPrincipal"'),
        (changed(NotAction="kms:*"), "Statement/[0]", 'both "Action" and "NotAction"'),
        (changed(NotResource="*"), "Statement/[0]", 'both "Resource" and "NotResource"'),
        (changed(Action=[]), "Statement/[0]/Action", '"Action" is empty'),
        (changed(Action=[None]), "Statement/[0]/Action", "null stands where a string belongs"),
        (changed(Action=[["kms:Decrypt"]]), "Statement/[0]/Action", "a list stands where a string belongs"),
        (changed(Resource=[]), "Statement/[0]/Resource", '"Resource" is empty'),
        (changed(Condition="x"), "Statement/[0]/Condition", '"Condition" is a string, not an object'),
        (changed(Condition=[]), "Statement/[0]/Condition", '"Condition" is a list, not an object'),
        (
            changed(Condition={"StringEquals": "x"}),
            "Statement/[0]/Condition/StringEquals",
            "not an object of condition keys",
        ),
        (
            changed(Condition={"StringEquals": {"aws:SourceArn": {"a": 1}}}),
            "Statement/[0]/Condition/StringEquals/aws:SourceArn",
            "where a string belongs",
        ),
    ],
)
def test_refused_elements(source: Any, where: str, expected: str):
    document = parse(source)
    assert document.refused
    found = [problem for problem in document.problems if problem.refused and problem.where == where]
    assert any(expected in problem.what for problem in found), document.problems
    assert decide(document, Request("arn:aws:iam::1:root", "kms:Decrypt")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("name", ["Action", "Resource"])
def test_kms_takes_a_statement_that_has_no_effect(name: str):
    document = parse(changed(**{name: None}))
    assert [(problem.where, problem.refused) for problem in document.problems] == [(f"Statement/[0]/{name}", False)]
    assert "no effect" in document.problems[0].what


def test_a_problem_knows_its_statement():
    (problem,) = parse(policy(STATEMENT, {**STATEMENT, "Effect": "allow"})).problems
    assert problem.statement == 1
    assert parse({}).problems[0].statement is None


def test_problems_stay_short():
    for problem in parse({**changed(Effect="x" * 5_000), "y" * 5_000: 1}).problems:
        assert len(problem.what) < 200
        assert len(problem.where) < 100


# --- holes ---------------------------------------------------------------------------------------

REQUEST = Request("arn:aws:iam::111122223333:role/a", "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1")


def test_a_hole_is_a_document_that_nothing_is_known_of():
    document = parse(X)
    assert document.open == X
    assert holes_of(document) == (X,)


def text(*parts: Any) -> Any:
    return join(parts)


def test_a_hole_within_a_json_string_is_part_of_the_string():
    source = json.dumps(changed(Principal={"AWS": ["arn:aws:iam::@:root"]})).split("@")
    document = parse(text(source[0], Hole("${var.a}", Kind.ACCOUNT), source[1]))
    (entry,) = document.statements[0].principals.entries
    assert entry.value == Partial(("arn:aws:iam::", Hole("${var.a}", Kind.ACCOUNT), ":root"))


def test_a_hole_in_the_place_of_a_json_value_is_the_value():
    document = parse(text('{"Version": "2012-10-17", "Statement": ', X, "}"))
    assert document.open is None
    assert [statement.open for statement in document.statements] == [X]


def test_a_hole_among_statements_is_a_statement_that_may_say_anything():
    document = parse(text('{"Version": "2012-10-17", "Statement": [', json.dumps(STATEMENT), ", ", X, "]}"))
    assert [statement.open for statement in document.statements] == [None, X]
    assert decide(document, REQUEST).verdict is Verdict.UNKNOWN


def test_a_hole_that_the_structure_depends_on_leaves_everything_open():
    document = parse(text('{"Version": "2012-10-17", "Statement": [', X, json.dumps(STATEMENT), "]}"))
    assert document.open == X
    assert not document.problems


def test_a_hole_in_a_string_does_not_excuse_broken_json():
    document = parse(text('{"Version": "', X, '",}'))
    assert document.refused
    assert "no valid JSON" in document.problems[0].what


def test_escaped_quotes_do_not_end_a_string():
    document = parse(
        text('{"Version": "2012-10-17", "Id": "a\\"', X, '\\"", "Statement": [', json.dumps(STATEMENT), "]}")
    )
    assert document.problems == ()


def test_a_hole_in_a_name_is_part_of_the_name():
    condition = '{"StringEquals": {"aws:PrincipalTag/' + "@" + '": "x"}}'
    source = json.dumps(changed(Condition=json.loads(condition))).split("@")
    (condition_,) = parse(text(source[0], X, source[1])).statements[0].conditions
    assert condition_.key == Partial(("aws:PrincipalTag/", X))


def test_the_authors_own_private_use_characters_are_no_holes():
    before, after = json.dumps(policy({**STATEMENT, "Sid": "@"}, Id="#"), ensure_ascii=False).split("@")
    document = parse(text(before.replace("#", "\uf0007\uf001 \uf000x \uf001"), X, after))
    assert document.problems == ()
    assert document.statements[0].sid == X


def test_an_open_element_name_leaves_the_statement_open():
    statement = parse(policy({**STATEMENT, X: "x"})).statements[0]
    assert statement.open == X
    assert parse(policy(**{})).open is None
    partly: Dict[Any, Any] = {**policy(), Partial(("a", X)): "x"}
    assert parse(partly).open == X


def test_an_open_value_in_the_place_of_a_list_may_be_any_number_of_values():
    statement = parse(changed(Action=X, Resource=[X])).statements[0]
    assert statement.actions.values == (Rest(X),)
    assert statement.resources.values == (X,)


def test_a_value_of_a_known_kind_is_one_value():
    account = Hole("${var.a}", Kind.ACCOUNT)
    assert parse(changed(Principal={"AWS": account})).statements[0].principals.entries[0].value == account


def test_an_open_condition_stands_for_any_condition():
    for condition in (X, {"StringEquals": X}, {X: {"aws:SourceArn": "x"}}, {"StringEquals": {X: "x"}}):
        document = parse(changed(Condition=condition))
        assert len(document.statements[0].conditions) == 1
        assert decide(document, REQUEST).verdict is Verdict.UNKNOWN


def test_holes_are_listed_once_each_in_order():
    other = Hole("${var.y}")
    document = parse(changed(Action=[X, other], Resource=X, Condition={"StringEquals": {"aws:SourceArn": [X]}}))
    assert holes_of(document) == (X, other)


# --- hostile input -------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [60, 1_000, 100_000])
def test_deep_nesting_is_refused(depth: int):
    assert "too deeply" in only_problem("[" * depth + "]" * depth)
    assert "too deeply" in only_problem('{"a":' * depth + "1" + "}" * depth)
    assert "too deeply" in only_problem(policy(Id=nested(depth)))


def test_aliases_that_stand_for_billions_of_values_are_refused():
    value: Any = ["x"] * 10
    for _ in range(10):
        value = [value] * 10
    assert "too many values" in only_problem(policy(Id=value))


def test_a_mapping_that_holds_itself_is_refused():
    source = policy()
    source["Id"] = [source, source]
    assert "too" in only_problem(source)


def test_two_megabytes_of_text():
    action = "kms:" + "x" * 2_000_000
    document = parse(json.dumps(changed(Action=action)))
    assert document.size > 2_000_000
    assert decide(document, REQUEST).verdict is Verdict.DENY
    assert "no valid JSON" in only_problem(action)
    assert "no valid JSON" in only_problem('{"a": "' + "\\\\" * 1_000_000)


def test_ten_thousand_statements():
    document = parse(policy(*({**STATEMENT, "Sid": f"s{index}"} for index in range(10_000))))
    assert len(document.statements) == 10_000
    assert decide(document, REQUEST).verdict is Verdict.ALLOW
    assert decide(parse(policy(*[{**STATEMENT, "Effect": "deny"}] * 10_000)), REQUEST).verdict is Verdict.UNKNOWN


def test_a_hundred_thousand_names_of_which_one_stands_twice():
    names = ", ".join(f'"n{index}": 1' for index in range(100_000))
    assert '"n5" stands twice' in only_problem("{" + names + ', "n5": 2}')
    twice = ", ".join(f'"n{index}": 1' for index in range(50_000))
    assert "stands twice" in only_problem("{" + twice + ", " + twice + "}")


def test_a_hundred_thousand_holes():
    parts = [part for index in range(20_000) for part in ("a", Hole(f"${{var.x{index}}}"))]
    document = parse(join(('{"Version": "2012-10-17", "Statement": [], "Id": "', *parts, '"}')))
    assert [problem.what for problem in document.problems] == ['"Statement" is an empty list']


VARIABLES = {
    "begun again and again": "${" * 50_000,
    "spaces": "${ " + " " * 100_000,
    "quotes": "${a, '" * 30_000,
    "spaces before a default": "${a," + " " * 100_000,
    "many": "${*}" * 30_000,
}


@pytest.mark.parametrize("value", VARIABLES.values(), ids=VARIABLES)
def test_hostile_policy_variables(value: str):
    document = parse(changed(Condition={"StringLike": {"aws:SourceArn": value}}))
    request = Request(REQUEST.principal, REQUEST.action, REQUEST.resource, {"aws:SourceArn": "arn:x"})
    assert decide(document, request).verdict in (Verdict.DENY, Verdict.UNKNOWN)


HUGE = {"long": 10**5_000, "negative": -(10**5_000), "float": 1e308, "infinite": float("inf"), "none": float("nan")}


@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_numbers_of_any_size(value: Any):
    for source in (policy(Version=value), changed(Effect=value), changed(Action=value), policy(Id=[value])):
        assert isinstance(parse(source), Document)
    document = parse(changed(Condition={"NumericEquals": {"aws:MultiFactorAuthAge": value}}))
    request = Request(REQUEST.principal, REQUEST.action, REQUEST.resource, {"aws:MultiFactorAuthAge": "1"})
    assert decide(document, request).verdict in (Verdict.DENY, Verdict.UNKNOWN)
    numbered: Dict[Any, Any] = {**policy(), 10**5_000: 1}
    assert isinstance(parse(numbered), Document)
