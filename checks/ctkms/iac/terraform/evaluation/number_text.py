"""Numbers as they are written. Terraform's have all the digits that stand there; Python's fractions have not."""

from __future__ import annotations

from decimal import Decimal
from typing import Union

from ctkms.budgets import TooLarge

MAX_DIGITS = 300  # before the point or after it


def exact_number(digits: str) -> Union[int, float]:
    """The number that a decimal text writes; raises `TooLarge` for one that Python would round."""
    if len(digits) > MAX_DIGITS:
        raise TooLarge
    written = Decimal(digits)
    if not written.is_finite() or abs(written.adjusted()) > MAX_DIGITS:
        raise TooLarge
    if written == written.to_integral_value():
        return int(written)
    rounded = float(written)
    if Decimal(repr(rounded)) != written:
        raise TooLarge
    return rounded
