"""Texts that are known in part: joining, splitting and filling them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctkms.unknowns.text import (
    OWN,
    OWN_ACCOUNT,
    OWN_REGION,
    OWN_SUFFIX,
    STRANGE,
    Hole,
    Kind,
    Partial,
    Text,
    fill,
    holes_in,
    join,
    map_literals,
    readable,
    separates,
    split,
)

X, Y = Hole("${var.x}"), Hole("${var.y}")
TEXTS = st.lists(st.one_of(st.sampled_from(("", "a", "b:", ":", "::", "c")), st.sampled_from((X, Y))), max_size=6)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], ""),
        (["", ""], ""),
        (["a", "b"], "ab"),
        ([X], X),
        (["", X, ""], X),
        (["a", X], Partial(("a", X))),
        (["a", "b", X, "", "c", "d"], Partial(("ab", X, "cd"))),
        ([X, Y], Partial((X, Y))),
        ([Partial(("a", X)), Partial((Y, "b")), "c"], Partial(("a", X, Y, "bc"))),
    ],
)
def test_join(pieces: list, expected: Text):
    assert join(pieces) == expected


def test_join_takes_many_pieces():
    # Merging them one by one would copy thirty gigabytes.
    assert join("ab" for _ in range(250_000)) == "ab" * 250_000


@given(TEXTS)
def test_split_is_undone_by_join(pieces):
    text = join(pieces)
    sections = split(text, ":")
    assert join(part for index, one in enumerate(sections) for part in ((":", one) if index else (one,))) == text


@given(TEXTS, st.integers(0, 3))
def test_split_agrees_with_literals(pieces, limit):
    text = join(pieces)
    values = {X: "x", Y: "y"}
    expected = str(fill(text, values)).split(":", limit)
    assert [fill(one, values) for one in split(text, ":", limit)] == expected


@given(TEXTS)
def test_a_filled_text_is_a_string(pieces):
    assert fill(join(pieces), {X: "1", Y: ""}) == "".join(str(fill(one, {X: "1", Y: ""})) for one in pieces)
    assert set(holes_in(join(pieces))) <= {X, Y}


def test_holes_are_what_their_source_says():
    assert Hole("${var.x}") == X
    assert Hole("${var.x}", Kind.ACCOUNT) != X
    assert str(Partial(("a", X))) == "a${var.x}"


def test_literal_parts_change_and_holes_stay():
    assert map_literals(Partial(("A", X, "B")), str.lower) == Partial(("a", X, "b"))
    assert map_literals("A", str.lower) == "a"


def test_placeholders_are_said_in_words():
    assert readable(f"trail/{STRANGE['name']}") == "trail/<another name>"
    assert readable(STRANGE["account"] * 12) == "<another account>"
    assert readable(OWN[Kind.ACCOUNT] * 12) == "<this account>"
    assert readable("é") == "é"


SEPARATES = {
    # sentence: the separator, the hole, whether the text can be split there as if the hole were not
    "an account has digits only": ("e", OWN_ACCOUNT, True),
    "and no sign that somebody made up as a separator": ("~#~", OWN_ACCOUNT, True),
    "but digits": ("1", OWN_ACCOUNT, False),
    "a Region has hyphens": ("-", OWN_REGION, False),
    "and no dots": (".", OWN_REGION, True),
    "the suffix has dots": (".", OWN_SUFFIX, False),
    "and may have hyphens": ("-", OWN_SUFFIX, False),
    "part of the separator may end a Region": (":a", OWN_REGION, False),
    "a name has no colon": (":", Hole("${role.name}", Kind.NAME), True),
    "and may have a path": ("/", Hole("${role.name}", Kind.NAME), False),
    "anything may be in a value of no kind": (":", X, False),
    "no separator is nowhere": ("", OWN_ACCOUNT, False),
    "and a text without holes needs nothing": ("", "abc", True),
}


@pytest.mark.parametrize(("separator", "text", "expected"), SEPARATES.values(), ids=SEPARATES)
def test_separates(separator: str, text: Text, expected: bool):
    assert separates(separator, text) is expected
