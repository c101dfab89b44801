"""The budgets, and what becomes of values beyond them: they are open, never absent, empty, false or a failure."""

from __future__ import annotations

import pytest

from ctkms.budgets import Budget, TooLarge, affords, exhausted, metered, spend, spent, take
from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import Hole


def test_nobody_counts_outside() -> None:
    take(Budget.STEPS, 10 * Budget.STEPS.amount)
    assert (spent(Budget.STEPS), exhausted(Budget.STEPS)) == (0, False)


def test_a_budget_stays_used_up() -> None:
    with metered():
        assert affords(Budget.STEPS, Budget.STEPS.amount)
        assert spend(Budget.STEPS, Budget.STEPS.amount)
        assert not exhausted(Budget.STEPS)
        with pytest.raises(TooLarge):
            take(Budget.STEPS)
        assert exhausted(Budget.STEPS)
        assert not affords(Budget.STEPS, 0)
        assert affords(Budget.CHARACTERS, 1)
    with metered():
        assert not exhausted(Budget.STEPS)


def test_the_outer_meter_counts() -> None:
    with metered():
        with metered():
            take(Budget.STEPS, 3)
        assert spent(Budget.STEPS) == 3


LARGE = "[for a in range(1000) : [for b in range(1000) : [a, b]]]"


@pytest.mark.parametrize(
    "around",
    [
        "@",
        "length(@)",
        "length(@) == 0",
        "can(@)",
        "!can(@)",
        "try(@, [])",
        "try(@[0], null)",
        "@ == []",
        "contains(@, 1)",
        "!contains(@, 1)",
        "one(@)",
        "coalesce(null, @)",
        "[for x in @ : x if false]",
        "length(@) > 0 ? 1 : 2",
        'join("", @)',
        "jsonencode(@)",
        "@ != [] || true",
        "merge({}, { a = @ })",
    ],
)
def test_what_is_too_large_is_open(around) -> None:
    """Whatever is made of it, in one expression: none of these may say anything that Terraform might not."""
    expression = parse_file(f"x = {around.replace('@', LARGE)}\n").body.attributes["x"]
    with metered():
        value = evaluate(expression, EmptyScope())
    assert isinstance(value, Hole)
    assert value.source.startswith("too large to work out: ")
    assert len(value.source) < 200


def test_what_is_plain_is_known_when_no_more_can_be_done() -> None:
    with metered():
        spend(Budget.STEPS, 2 * Budget.STEPS.amount)
        for written, value in (('"a"', "a"), ("true", True), ("1", 1)):
            assert evaluate(parse_file(f"x = {written}\n").body.attributes["x"], EmptyScope()) == value
        assert isinstance(evaluate(parse_file('x = "${1}a"\n').body.attributes["x"], EmptyScope()), Hole)
