"""Which entries of a principal list stand for a whole account."""

from __future__ import annotations

import pytest

from ctkms.iam.document import PrincipalEntry
from ctkms.iam.principals import account_of, entry_matches, names_account
from ctkms.iam.request import AwsPrincipal
from ctkms.unknowns.text import Hole, Kind, Text, join
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

X = Hole("${var.x}")
ACCOUNT = Hole("${var.account}", Kind.ACCOUNT)
NAME = Hole("${var.name}", Kind.NAME)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("111122223333", TRUE),
        ("arn:aws:iam::111122223333:root", TRUE),
        (ACCOUNT, TRUE),
        (join(("arn:aws:iam::", ACCOUNT, ":root")), TRUE),
        (join(("arn:aws:iam::", X, ":root")), TRUE),
        (join(("arn:", X, ":iam::111122223333:root")), TRUE),
        ("*", FALSE),
        ("arn:aws:iam::111122223333:role/root", FALSE),
        (join(("arn:aws:iam::111122223333:role/", X)), FALSE),
        (join(("arn:aws:iam::", ACCOUNT, ":user/", NAME)), FALSE),
        (join(("arn:aws:sts::111122223333:", X)), FALSE),
        (X, UNKNOWN),
        (join((X, ":root")), UNKNOWN),
        (join(("arn:aws:iam::", X)), UNKNOWN),
        (join(("arn:aws:iam::111122223333:", X)), UNKNOWN),
        (join(("arn:aws:iam::1111", X, ":root")), UNKNOWN),
        (join(("1111", X)), UNKNOWN),
    ],
    ids=str,
)
def test_whether_an_entry_names_an_account(entry: Text, expected: Truth):
    assert names_account(entry) is expected
    assert bool(account_of(entry)) is (expected is TRUE)


def test_a_session_may_be_of_what_may_turn_out_to_be_a_role():
    session = AwsPrincipal("arn:aws:sts::111122223333:assumed-role/a/s")
    entry = PrincipalEntry("AWS", join(("arn:aws:iam::111122223333:", NAME, "/path/a")))
    assert entry_matches(entry, session) is UNKNOWN
    assert entry_matches(PrincipalEntry("AWS", "arn:aws:iam::111122223333:role/path/a"), session) is TRUE
