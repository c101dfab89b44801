"""Patterns against values: wildcards, ARNs, values that are open in part, and hostile input."""

from __future__ import annotations

import itertools
import re
from typing import Any, Dict, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctkms.budgets import Budget, metered, spent
from ctkms.iam import patterns
from ctkms.iam.patterns import ESCAPED, arn_sections, matches, matches_arn, pattern_of
from ctkms.iam.walk import Wild
from ctkms.unknowns.text import OWN, STRANGE, Hole, Kind, Partial, Text, fill, holes_in, join
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

EXAMPLES = settings(max_examples=200, suppress_health_check=list(HealthCheck))
X, Y = Hole("${var.x}"), Hole("${var.y}")
ACCOUNT, REGION, NAME = Hole("${var.a}", Kind.ACCOUNT), Hole("${var.r}", Kind.REGION), Hole("${var.n}", Kind.NAME)


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", TRUE),
        ("", "a", FALSE),
        ("*", "", TRUE),
        ("*", "a:b/c\n", TRUE),
        ("**", "a", TRUE),
        ("?", "", FALSE),
        ("?", "a", TRUE),
        ("?", "ab", FALSE),
        ("?*", "a", TRUE),
        ("*?", "", FALSE),
        ("a*", "a", TRUE),
        ("a*", "ba", FALSE),
        ("*a", "ba", TRUE),
        ("*a*", "bab", TRUE),
        ("a*a", "a", FALSE),
        ("a*b*c", "a-b-b-c", TRUE),
        ("a*b*c", "a-c-b", FALSE),
        ("*ab?*", "xab", FALSE),
        ("*ab?*", "ababx", TRUE),
        ("a?c*e", "abcde", TRUE),
        ("[a-z]", "b", FALSE),
        ("a.c", "abc", FALSE),
        ("é*", "éa", TRUE),
        ("?", "😀", TRUE),
    ],
)
def test_wildcards(pattern: str, value: str, expected: Truth):
    assert matches(pattern, value) is expected


def test_without_wildcards_every_character_stands_for_itself():
    assert matches("a*", "a*", wildcards=False) is TRUE
    assert matches("a*", "ab", wildcards=False) is FALSE


def test_case_is_ignored_on_request():
    assert matches("KMS:D*", "kms:decrypt", fold=True) is TRUE
    assert matches("KMS:D*", "kms:decrypt") is FALSE
    assert matches(join(("KMS:", X)), "kms:decrypt", fold=True) is UNKNOWN
    assert matches(join(("S3:", X)), "kms:decrypt", fold=True) is FALSE


def test_escaped_wildcards_are_literal():
    assert matches(f"a{ESCAPED['*']}c", "abc") is FALSE
    assert matches(f"a{ESCAPED['*']}c", "a*c") is TRUE
    assert matches(f"a{ESCAPED['?']}*", "a?b") is TRUE


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (X, "a", UNKNOWN),
        (X, X, TRUE),
        (X, Y, UNKNOWN),
        ("*", X, TRUE),
        ("?", X, UNKNOWN),
        ("?*", X, UNKNOWN),
        ("a*", join(("a", X)), TRUE),
        ("b*", join(("a", X)), FALSE),
        ("a", join(("a", X)), UNKNOWN),
        (join(("a", X)), "b", FALSE),
        (join((X, "-", X)), join((X, "-", X)), TRUE),
        (join((X, "*")), join((X, "-", Y)), TRUE),
        ("a*c", join((X, "c")), UNKNOWN),
        (ACCOUNT, "111122223333", UNKNOWN),
        (ACCOUNT, "11112222333", FALSE),
        (ACCOUNT, "11112222333x", FALSE),
        ("????????????", ACCOUNT, UNKNOWN),
        ("*", ACCOUNT, TRUE),
        (REGION, "us-east-1", UNKNOWN),
        (REGION, "US-EAST-1", FALSE),
        (NAME, "a/b", UNKNOWN),
        (NAME, "a:b", FALSE),
        (X, STRANGE["name"], UNKNOWN),
        (ACCOUNT, STRANGE["account"] * 12, FALSE),
        (ACCOUNT, OWN[Kind.ACCOUNT] * 12, UNKNOWN),
        ("111122223333", OWN[Kind.ACCOUNT] * 12, FALSE),
        ("*", STRANGE["name"], TRUE),
    ],
    ids=str,
)
def test_open_values(pattern: Text, value: Text, expected: Truth):
    assert matches(pattern, value) is expected


def test_key_ids():
    assert matches(KEY, KEY) is TRUE
    assert matches(KEY, OTHER_KEY) is FALSE
    assert matches(SOME_KEY, SOME_KEY) is UNKNOWN  # of which key, nothing says, here or there
    assert matches(SOME_KEY, KEY) is UNKNOWN
    assert matches(NAME, KEY) is UNKNOWN
    assert matches("*", KEY) is TRUE
    assert matches("????????-*", KEY) is UNKNOWN
    assert matches(KEY, FILLINGS[Kind.KEY_ID][0]) is UNKNOWN
    assert matches(KEY, FILLINGS[Kind.KEY_ID][2]) is UNKNOWN
    assert matches(KEY, "1234abcd") is FALSE
    assert matches(KEY, "your-key-id-your-key-id-your-key-id-") is FALSE


def test_an_open_value_is_no_stranger_unless_it_may_be_a_wildcard():
    assert matches(X, STRANGE["name"], wildcards=False) is FALSE
    assert matches(X, STRANGE["name"], wildcards=True) is UNKNOWN


@pytest.mark.parametrize(
    ("arn", "sections"),
    [
        ("arn:aws:iam::1:role/a", ("arn", "aws", "iam", "", "1", "role/a")),
        ("arn:aws:logs:r:1:log-group:a:*", ("arn", "aws", "logs", "r", "1", "log-group:a:*")),
        ("arn:aws:iam::1", ()),
        ("*", ()),
        ("", ()),
        (X, ()),
        (join(("arn:aws:iam::", ACCOUNT, ":root")), ("arn", "aws", "iam", "", ACCOUNT, "root")),
        (join(("arn:aws:iam::1", X, ":r/", Y)), ("arn", "aws", "iam", "", join(("1", X)), join(("r/", Y)))),
    ],
    ids=str,
)
def test_sections_of_an_arn(arn: Text, sections: Tuple[Text, ...]):
    assert arn_sections(arn) == sections


# --- what is said of open values holds for every way to fill them ----------------------------------

FILLINGS: Dict[Kind, Tuple[str, ...]] = {
    Kind.ANY: ("", "a", "b", "ab", "*", "?", "a*", ":", "a:b", "1", "111122223333"),
    Kind.ACCOUNT: ("111122223333", "999988887777"),
    Kind.REGION: ("us-east-1", "a", "a-b"),
    Kind.PARTITION: ("aws", "a"),
    Kind.SUFFIX: ("amazonaws.com", "a"),
    Kind.NAME: ("a", "ab", "b-1", "", "12345678-1234-1234-1234-123456789012"),
    Kind.KEY_ID: (
        "12345678-1234-1234-1234-123456789012",
        "abcdefab-1234-1234-1234-123456789012",
        "mrk-12345678901234567890123456789012",
    ),
    Kind.SOME_KEY_ID: ("12345678-1234-1234-1234-123456789012", "mrk-12345678901234567890123456789012"),
}
KEY, OTHER_KEY = Hole("${aws_kms_key.a.id}", Kind.KEY_ID), Hole("${aws_kms_key.b.id}", Kind.KEY_ID)
SOME_KEY = Hole("${aws_kms_key.c[*].id}", Kind.SOME_KEY_ID)
HOLES = st.sampled_from(
    (X, X, Y, ACCOUNT, NAME, Hole("${var.p}", Kind.PARTITION), KEY, KEY, OTHER_KEY, OTHER_KEY, SOME_KEY)
)
LITERALS = st.sampled_from(("a", "b", "ab", ":", "111122223333", "1", "-", "mrk-", *FILLINGS[Kind.KEY_ID]))
VALUES = st.lists(st.one_of(LITERALS, HOLES), max_size=4).map(join)
PATTERNS = st.lists(st.one_of(LITERALS, HOLES, st.sampled_from("*?")), max_size=5).map(join)


def fillings_of(*texts: Text) -> Any:
    holes = tuple(dict.fromkeys(hole for text in texts for hole in holes_in(text)))
    for chosen in itertools.product(*(FILLINGS[hole.kind] for hole in holes)):
        filling = dict(zip(holes, chosen))
        ids = [value for hole, value in filling.items() if hole.kind is Kind.KEY_ID]
        if len(set(ids)) == len(ids):  # no two keys have the same id
            yield filling


def globbed(pattern: str, value: str) -> bool:
    """An independent opinion."""
    expression = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


@EXAMPLES
@given(PATTERNS, VALUES)
def test_what_is_known_of_a_match_holds_for_every_filling(pattern: Text, value: Text):
    said = matches(pattern, value)
    for filling in fillings_of(pattern, value):
        filled = globbed(str(fill(pattern, filling)), str(fill(value, filling)))
        assert said is UNKNOWN or (said is TRUE) is filled, filling


@EXAMPLES
@given(PATTERNS, VALUES)
def test_what_is_known_without_wildcards_holds_for_every_filling(pattern: Text, value: Text):
    said = matches(pattern, value, wildcards=False)
    for filling in fillings_of(pattern, value):
        filled = fill(pattern, filling) == fill(value, filling)
        assert said is UNKNOWN or (said is TRUE) is filled, filling


ARN_PARTS = st.lists(st.one_of(st.sampled_from(("a", "b", "1", "-", "111122223333")), HOLES), max_size=2).map(join)
ARN_WILD = st.lists(st.one_of(st.sampled_from(("a", "b", "*", "?")), HOLES), max_size=2).map(join)


def arns(parts: Any) -> Any:
    return st.tuples(parts, parts, parts, parts, parts).map(lambda five: join(x for one in five for x in (":", one)))


@EXAMPLES
@given(arns(ARN_WILD), arns(ARN_PARTS))
def test_what_is_known_of_arns_holds_for_every_filling(pattern: Text, value: Text):
    pattern, value = join(("arn", pattern)), join(("arn", value))
    said = matches_arn(pattern, value)
    for filling in itertools.islice(fillings_of(pattern, value), 400):
        if said is TRUE and any(":" in one for one in filling.values()):
            continue  # what stands in one section of an ARN is taken to stay there
        filled = matches_arn(fill(pattern, filling), fill(value, filling))
        assert UNKNOWN in (said, filled) or said is filled, filling


@EXAMPLES
@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab*?", max_size=8))
def test_a_literal_match_is_what_a_regular_expression_says(pattern: str, value: str):
    assert (matches(pattern, value) is TRUE) is globbed(pattern, value)


# --- hostile input: time grows with pattern times value, never faster ------------------------------

HOSTILE = ("*a*a*a*a*b", "*a?a*a?a*b", "?*?*?*?*b", "*" * 50 + "b", "a*" * 20 + "b")


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_patterns_end(pattern: str):
    value = "a" * 20_000
    assert matches(pattern, value) is FALSE
    assert matches(pattern, value + "b") is TRUE


def test_a_hostile_pattern_of_any_length_ends():
    # Every way to place a thousand stars would be more than there are atoms in the universe.
    assert matches("*a" * 1_000 + "b", "a" * 5_000) is FALSE
    assert matches("*a" * 1_000 + "b", "a" * 5_000 + "b") is TRUE
    assert matches_arn("arn:aws:s3:::" + "*a" * 500 + "b", "arn:aws:s3:::" + "a" * 2_000) is FALSE


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_patterns_with_open_parts_take_one_walk_over_the_value(pattern: str):
    value = Partial(("a" * 300, X, "a" * 299 + "c"))
    with metered():
        assert matches(join((pattern, Y, "c")), value) is UNKNOWN
        assert matches(join((pattern, ACCOUNT, "c")), value) is FALSE
        assert matches(join((pattern, ACCOUNT, "c")), "a" * 600) is FALSE
        assert spent(Budget.COMPARISONS) <= 3 * 8 * 602


def test_thousands_of_stars_and_question_marks_cost_one_walk_as_well():
    with metered():
        assert matches("*" + "a?" * 5_000 + "*b", "a" * 20_000 + "b") is TRUE
        assert matches("*" + "a?" * 5_000 + "c*b", "a" * 20_000 + "b") is FALSE
        assert spent(Budget.COMPARISONS) < Budget.COMPARISONS.amount


def test_a_comparison_beyond_the_budget_is_unknown():
    pattern, value = "*a?b*", "a" * 20_000
    with metered():
        answers = [matches(pattern, value) for _ in range(Budget.COMPARISONS.amount // len(value))]
    assert answers[0] is FALSE
    assert answers[-1] is UNKNOWN
    with metered():
        assert matches(pattern, value) is FALSE  # what one resource has spent does not bind the next


def test_long_texts_do_not_stay_in_memory():
    for known in (patterns._tokens, patterns._sections):
        assert known("arn:" * 2_000) is not known("arn:" * 2_000)
        assert known("arn:a:b:c:d:e") is known("arn:a:b:c:d:e")


def test_tokens_merge_stars():
    assert pattern_of("a***b") == ("a", Wild.MANY, "b")
    assert pattern_of("***", wildcards=False) == ("***",)
