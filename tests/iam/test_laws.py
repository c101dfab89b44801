"""What holds for every policy and every request, tried on small ones over a small alphabet.

The alphabet is small on purpose: with two accounts, a few actions and a few keys, statements match
requests often, and every branch of the evaluation is met.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.tools import tool

from ctkms.iam.conditions import OPERATORS
from ctkms.iam.document import holes_of, parse
from ctkms.iam.evaluate import decide
from ctkms.iam.lint import open_names, problems_of
from ctkms.iam.request import UNDOCUMENTED, AwsPrincipal, Request
from ctkms.iam.verdict import Verdict
from ctkms.unknowns.text import Hole, Kind, Partial, Rest, join

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))
MORE = settings(EXAMPLES, max_examples=200)

TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/a"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
SERVICE = "cloudtrail.amazonaws.com"
ROOT, OTHER_ROOT = "arn:aws:iam::111122223333:root", "arn:aws:iam::999988887777:root"
ROLE, SESSION = "arn:aws:iam::111122223333:role/a", "arn:aws:sts::111122223333:assumed-role/a/s"

ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:D*", "KMS:DECRYPT", "kms:*", "*", "kms:Encrypt", "kms:?ecrypt")
AWS_NAMES = ("*", "111122223333", "999988887777", ROOT, OTHER_ROOT, ROLE, "arn:aws:iam::999988887777:role/a", SESSION)
RESOURCES = ("*", KEY, "arn:aws:kms:us-east-1:111122223333:key/*", "arn:aws:kms:*:999988887777:key/1")
KEYS = ("aws:SourceArn", "AWS:sourcearn", "aws:SourceAccount", "aws:TagKeys", "aws:PrincipalTag/a", "aws:CurrentTime")
VALUES = (
    *("111122223333", "999988887777", "1111*", "a", "A", "*", "?", "", "a*"),
    *(TRAIL, "arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:*:999988887777:trail/?", "arn:*"),
    *(
        "true",
        "false",
        "True",
        "10",
        "10.0",
        "9",
        "2026-01-01T00:00:00Z",
        "2026-01-01",
        "203.0.113.0/24",
        "203.0.113.7",
    ),
    *("${aws:SourceAccount}", "${aws:PrincipalTag/a, 'a'}", "${*}", "x${aws:SourceArn}", "QQ=="),
)
SENT = tuple(value for value in VALUES if "${" not in value)
QUALIFIERS = ("", "", "", "ForAnyValue:", "ForAllValues:")


def one_or_more(values: Any) -> Any:
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


@st.composite
def operators(draw: Any) -> str:
    name = draw(st.sampled_from(sorted(row.name for row in OPERATORS.values())))
    return draw(st.sampled_from(QUALIFIERS)) + name + draw(st.sampled_from(("", "", "IfExists")))


CONDITIONS = st.dictionaries(
    st.one_of(operators(), st.sampled_from(("StringLike", "StringEquals", "ArnLike", "StringNotLike", "Bool"))),
    st.dictionaries(st.sampled_from(KEYS), one_or_more(st.sampled_from(VALUES)), min_size=1, max_size=2),
    min_size=1,
    max_size=2,
)
NULL_CONDITIONS = st.builds(
    lambda key, value: {"Null": {key: value}}, st.sampled_from(KEYS), st.sampled_from(("true", "false"))
)
PRINCIPALS = st.one_of(
    st.just("*"),
    st.builds(lambda names: {"AWS": names}, one_or_more(st.sampled_from(AWS_NAMES))),
    st.just({"Service": SERVICE}),
    st.just({"Service": ["logs.amazonaws.com", SERVICE], "AWS": ROOT}),
)


@st.composite
def statements(draw: Any) -> Any:
    statement = {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        draw(st.sampled_from(("Principal", "Principal", "NotPrincipal"))): draw(PRINCIPALS),
        draw(st.sampled_from(("Action", "Action", "NotAction"))): draw(one_or_more(st.sampled_from(ACTIONS))),
        draw(st.sampled_from(("Resource", "Resource", "NotResource"))): draw(one_or_more(st.sampled_from(RESOURCES))),
    }
    condition = draw(st.one_of(st.none(), CONDITIONS, NULL_CONDITIONS))
    if condition is not None:
        statement["Condition"] = condition
    return statement


VERSIONS = st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17"))
# Behind an open door, every Deny counts.
OPEN_DOOR = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
POLICIES = st.builds(
    lambda version, door, found: {"Version": version, "Statement": [*door, *found]},
    VERSIONS,
    st.sampled_from(([], [OPEN_DOOR])),
    st.lists(statements(), min_size=1, max_size=3),
)
CONTEXTS = st.dictionaries(
    st.sampled_from([key for key in KEYS if key != "AWS:sourcearn"]),
    st.one_of(st.sampled_from(SENT), st.lists(st.sampled_from(SENT), max_size=2).map(tuple)),
    max_size=4,
)
REQUESTS = st.builds(
    Request,
    principal=st.sampled_from((SERVICE, ROLE, SESSION, ROOT, OTHER_ROOT, "arn:aws:iam::999988887777:role/a")),
    action=st.sampled_from(("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "KMS:decrypt")),
    resource=st.just(KEY),
    context=CONTEXTS,
)


def verdict(policy: Any, request: Request) -> Verdict:
    return decide(parse(policy), request).verdict


# --- nothing raises ------------------------------------------------------------------------------

HOLES = st.sampled_from(
    (Hole("${var.x}"), Hole("${var.y}", Kind.ACCOUNT), Partial(("a", Hole("${var.z}"))), Rest(Hole("${var.l}")))
)
WORDS = (
    "Version",
    "Statement",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "Resource",
    "Condition",
    "AWS",
    "Allow",
)
NAMES = st.one_of(st.sampled_from((*WORDS, "StringLike", "Null", *KEYS)), st.text(max_size=3))
JSON_LIKE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), NAMES, HOLES, st.dates()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(NAMES, NAMES, st.integers(), st.none(), HOLES), inner, max_size=5),
    ),
    max_leaves=25,
)
MALFORMED = st.builds(
    lambda policy, name, value: {**policy, "Statement": [{**policy["Statement"][0], name: value}]},
    POLICIES,
    NAMES,
    JSON_LIKE,
)
ANY_CONTEXT = st.dictionaries(
    st.one_of(st.sampled_from(KEYS), st.text(max_size=5)),
    st.one_of(
        st.text(),
        HOLES.filter(lambda one: not isinstance(one, Rest)),
        st.booleans(),
        st.integers(),
        st.just(UNDOCUMENTED),
    ),
    max_size=3,
)
ANY_REQUEST = st.builds(
    Request,
    principal=st.one_of(
        st.text(max_size=5), st.sampled_from((SERVICE, ROLE)), st.builds(AwsPrincipal, st.text(max_size=5))
    ),
    action=st.text(max_size=5),
    resource=st.one_of(st.text(max_size=5), st.just(Hole("${var.x}"))),
    context=ANY_CONTEXT,
)


def ask_everything(source: Any, request: Request) -> None:
    document = parse(source)
    decision = decide(document, request)
    assert isinstance(decision.verdict, Verdict)
    assert isinstance(decision.deciding, tuple)
    for problem in problems_of(document):
        assert problem.what
        assert problem.statement is None or problem.statement >= 0
    open_names(document)
    holes_of(document)


@EXAMPLES
@given(JSON_LIKE, ANY_REQUEST)
def test_nothing_raises_on_any_json_like_value(source, request):
    ask_everything(source, request)


@EXAMPLES
@given(MALFORMED, ANY_REQUEST)
def test_nothing_raises_on_a_policy_with_one_strange_element(source, request):
    ask_everything(source, request)


@EXAMPLES
@given(st.one_of(st.text(), st.text(alphabet='{}[]":, \\\n*${}aws⟦\uf000\uf0010')), st.text(max_size=4))
def test_nothing_raises_on_any_text(text, more):
    ask_everything(text, Request(ROLE, "kms:Decrypt"))
    ask_everything(join((text, Hole("${var.x}"), more)), Request(ROLE, "kms:Decrypt"))


@EXAMPLES
@given(POLICIES, ANY_REQUEST)
def test_nothing_raises_on_any_request(policy, request):
    ask_everything(policy, request)


# --- what makes no difference --------------------------------------------------------------------


@EXAMPLES
@given(POLICIES, REQUESTS)
def test_the_order_of_statements_does_not_matter(policy, request):
    expected = verdict(policy, request)
    for order in itertools.permutations(policy["Statement"]):
        assert verdict({**policy, "Statement": list(order)}, request) is expected


def in_lists(value: Any) -> Any:
    """The policy with every single string in a list of its own."""
    return [value] if isinstance(value, str) else value


@EXAMPLES
@given(POLICIES, REQUESTS)
def test_a_single_string_and_a_list_of_one_are_the_same(policy, request):
    listed = copy.deepcopy(policy)
    for statement in listed["Statement"]:
        for name, element in statement.items():
            if name.endswith(("Action", "Resource")):
                statement[name] = in_lists(element)
            elif name.endswith("Principal") and element != "*":
                statement[name] = {kind: in_lists(names) for kind, names in element.items()}
            elif name == "Condition":
                statement[name] = {
                    operator: {key: in_lists(values) for key, values in keys.items()}
                    for operator, keys in element.items()
                }
    assert verdict(listed, request) is verdict(policy, request)


@EXAMPLES
@given(POLICIES, REQUESTS)
def test_the_case_of_actions_operators_and_keys_does_not_matter(policy, request):
    lowered = copy.deepcopy(policy)
    for statement in lowered["Statement"]:
        for name, element in statement.items():
            if name.endswith("Action"):
                statement[name] = [one.lower() for one in ([element] if isinstance(element, str) else element)]
            elif name == "Condition" and not has_twins(element):
                statement[name] = {
                    operator.lower(): {key.upper(): values for key, values in keys.items()}
                    for operator, keys in element.items()
                }
    assert verdict(lowered, request) is verdict(policy, request)


def has_twins(condition: Any) -> bool:
    """Whether lower case would make one of two keys."""
    return any(len({key.lower() for key in keys}) < len(keys) for keys in condition.values())


@EXAMPLES
@given(POLICIES, REQUESTS)
def test_json_text_says_the_same_as_a_mapping(policy, request):
    assert verdict(json.dumps(policy), request) is verdict(policy, request)


# --- what further statements can do --------------------------------------------------------------


@EXAMPLES
@given(POLICIES, statements(), REQUESTS)
def test_a_further_deny_never_allows(policy, further, request):
    before = verdict(policy, request)
    after = verdict({**policy, "Statement": [*policy["Statement"], {**further, "Effect": "Deny"}]}, request)
    assert not (before is not Verdict.ALLOW and after is Verdict.ALLOW)
    assert not (before is Verdict.DENY and after is not Verdict.DENY)


@EXAMPLES
@given(POLICIES, statements(), REQUESTS)
def test_a_further_allow_never_denies(policy, further, request):
    before = verdict(policy, request)
    after = verdict({**policy, "Statement": [*policy["Statement"], {**further, "Effect": "Allow"}]}, request)
    assert not (before is not Verdict.DENY and after is Verdict.DENY)
    assert not (before is Verdict.ALLOW and after is not Verdict.ALLOW)


@EXAMPLES
@given(POLICIES, REQUESTS)
def test_a_statement_without_resource_changes_nothing(policy, request):
    further = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    assert verdict({**policy, "Statement": [*policy["Statement"], further]}, request) is verdict(policy, request)


# --- the law: an unknown value may hide a verdict, and never flips it ------------------------------

Path = Tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in the policy where a value stands, names included."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, ("name", name))
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def replaced(value: Any, path: Path, change: Any) -> Any:
    """A copy with one place changed."""
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if isinstance(step, tuple):
        return {(change(name) if name == step[1] else name): item for name, item in value.items()}
    if isinstance(value, dict):
        return {name: (replaced(item, rest, change) if name == step else item) for name, item in value.items()}
    return [replaced(item, rest, change) if index == step else item for index, item in enumerate(value)]


def kinds_of(text: str) -> List[Kind]:
    """The kinds of hole that the text may be the value of."""
    found = [Kind.ANY]
    if text.isdigit() and len(text) == 12:
        found.append(Kind.ACCOUNT)
    if text in ("us-east-1",):
        found.append(Kind.REGION)
    if text == "aws":
        found.append(Kind.PARTITION)
    if text and not set(text) & set(":*?${}"):
        found.append(Kind.NAME)
    return found


def cut(text: str, start: int, end: int, pick: int) -> Any:
    """The text with the characters from `start` to `end` left open."""
    middle = text[start:end]
    kinds = kinds_of(middle)
    return join((text[:start], Hole("${var.cut}", kinds[pick % len(kinds)]), text[end:]))


@st.composite
def openings(draw: Any) -> Any:
    """A way to leave a value open: as a whole, as a list, or in part."""
    how = draw(st.sampled_from(("whole", "rest", "part", "section")))
    start, length, pick = draw(st.integers(0, 60)), draw(st.integers(0, 12)), draw(st.integers(0, 4))

    def change(value: Any) -> Any:
        if not isinstance(value, str):
            return Hole("${var.cut}") if how != "rest" else Rest(Hole("${var.cut}"))
        if how == "part":
            return cut(value, min(start, len(value)), min(start + length, len(value)), pick)
        if how == "section":
            sections = value.split(":")
            before = len(":".join(sections[: start % len(sections)])) + (1 if start % len(sections) else 0)
            return cut(value, before, before + len(sections[start % len(sections)]), pick)
        return cut(value, 0, len(value), pick) if how == "whole" else value

    return change


def holds(before: Verdict, after: Verdict) -> bool:
    return after is before or after is Verdict.UNKNOWN or before is Verdict.UNKNOWN


@MORE
@given(POLICIES, REQUESTS, openings(), st.data())
def test_an_open_value_in_the_policy_never_flips_a_verdict(policy, request, opening, data):
    before = verdict(policy, request)
    assume(before is not Verdict.UNKNOWN)
    path = data.draw(st.sampled_from(list(places(policy))))
    opened = replaced(policy, path, opening)
    assert holds(before, verdict(opened, request)), opened


@MORE
@given(POLICIES, REQUESTS, openings(), st.data())
def test_an_open_value_in_the_request_never_flips_a_verdict(policy, request, opening, data):
    assume(request.context)
    before = verdict(policy, request)
    assume(before is not Verdict.UNKNOWN)
    key = data.draw(st.sampled_from(sorted(request.context)))
    value = request.context[key]
    if isinstance(value, tuple):
        index = data.draw(st.integers(0, max(len(value) - 1, 0)))
        changed: Any = tuple(opening(item) if place == index else item for place, item in enumerate(value))
    else:
        changed = opening(value)
    opened = Request(request.principal, request.action, request.resource, {**request.context, key: changed})
    assert holds(before, verdict(policy, opened)), opened.context


@EXAMPLES
@given(POLICIES, REQUESTS, st.sampled_from(KEYS))
def test_an_undocumented_key_never_flips_a_verdict(policy, request, key):
    before = verdict(policy, request)
    context = {
        **{name: value for name, value in request.context.items() if name.lower() != key.lower()},
        key: UNDOCUMENTED,
    }
    assert holds(before, verdict(policy, Request(request.principal, request.action, request.resource, context)))


@EXAMPLES
@given(POLICIES, REQUESTS, openings())
def test_an_open_principal_of_the_request_never_flips_a_verdict(policy, request, opening):
    before = verdict(policy, request)
    assume(request.principal != SERVICE)
    opened = Request(
        AwsPrincipal(opening_of_arn(str(request.principal), opening)), request.action, KEY, request.context
    )
    assert holds(before, verdict(policy, opened)), opened.principal


def opening_of_arn(arn: str, opening: Any) -> Any:
    """An open part of the account or of the name; that it is an ARN stays known."""
    head, account, name = arn.rsplit(":", 2)
    changed = opening(account)
    return join((head, ":", changed if not isinstance(changed, Rest) else account, ":", name))


@MORE
@given(POLICIES, REQUESTS, st.lists(openings(), min_size=2, max_size=4), st.data())
def test_several_open_values_never_flip_a_verdict(policy, request, changes, data):
    before = verdict(policy, request)
    assume(before is not Verdict.UNKNOWN)
    opened = policy
    for change in changes:
        reachable = [path for path in places(opened) if all(not isinstance(step, (Hole, Partial)) for step in path)]
        if reachable:
            opened = replaced(
                opened, data.draw(st.sampled_from(reachable)), lambda v, c=change: v if is_open(v) else c(v)
            )
    assert holds(before, verdict(opened, request)), opened


def is_open(value: Any) -> bool:
    return isinstance(value, (Hole, Partial, Rest))


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_policy_that_is_open_as_a_whole_answers_nothing(effect):
    assert verdict(Hole("${var.policy}"), Request(ROLE, "kms:Decrypt")) is Verdict.UNKNOWN
    assert verdict(Partial(('{"Effect": "', Hole("${var.e}"), '"')), Request(ROLE, "kms:Decrypt")) is Verdict.UNKNOWN


@pytest.fixture(scope="module")
def laws() -> Any:
    """The module of `tools/laws.py`, which tries the same for as long as one likes."""
    return tool("laws")


def test_no_claim_about_hidden_values_is_refuted_by_filling_them(laws):
    check, told = laws.LAWS["evaluator"]
    results = [check(seed) for seed in range(1_200)]
    assert [told(flip) for _, flips in results for flip in flips] == []
    assert sum(count for count, _ in results) > 3_000


def test_every_kind_of_place_is_hidden_and_filled(laws):
    core = laws.laws_of_the_evaluator
    found: Dict[str, int] = {}
    for seed in range(600):
        rng = random.Random(seed)  # noqa: S311
        given = core.asked(rng)
        core.hidden(rng, given)
        statements = given.policy["Statement"]
        openings = {
            "statements": isinstance(statements, Hole) or any(is_open(one) for one in statements),
            "caller": is_open(given.caller),
            "context": any(is_open(one) or one is UNDOCUMENTED for one in given.context.values()),
            "resource": is_open(given.resource),
        }
        for one in statements if isinstance(statements, list) else ():
            for name, element in one.items() if isinstance(one, dict) else ():
                openings[name.replace("Not", "")] = openings.get(name.replace("Not", ""), False) or opened_in(element)
        for name, is_hidden in openings.items():
            found[name] = found.get(name, 0) + is_hidden
    assert {name: count for name, count in found.items() if count < 5} == {}
    assert set(found) >= {"Effect", "Principal", "Action", "Resource", "Condition", "statements", "caller", "context"}


def opened_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(opened_in(one) for pair in value.items() for one in pair)
    return any(map(opened_in, value)) if isinstance(value, list) else is_open(value)
