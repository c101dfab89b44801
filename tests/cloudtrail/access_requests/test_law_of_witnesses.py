"""The argument by which a few values stand for all: held against every value of a small alphabet.

`witnesses.py` says that if any value is let in, one of those that it gives is. Here every policy of some shapes over
`a`, `*` and `?` is asked with every value over two letters, of which the policy knows one.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Dict, Iterator, List, Optional, Tuple

from ctkms.cloudtrail.access_requests.meeting_patterns import plainly
from ctkms.cloudtrail.access_requests.policy_values import FRESH_NAME
from ctkms.cloudtrail.access_requests.witnesses import witnesses
from ctkms.iam.document import Statement, parse
from ctkms.iam.patterns import matches
from ctkms.unknowns.truth import TRUE

KEY = "aws:useragent"
LONGEST_PATTERN, LONGEST_VALUE = 3, 5
PATTERNS = ["".join(one) for length in range(1, LONGEST_PATTERN + 1) for one in itertools.product("a*?", repeat=length)]
VALUES = [
    "".join(one)
    for length in range(1, LONGEST_VALUE + 1)
    for one in itertools.product(("a", FRESH_NAME), repeat=length)
]

# Whether the value has to match, and the pattern; None where the shape has no such condition.
Condition = Optional[Tuple[bool, str]]
Shape = Tuple[Condition, Condition, Condition]  # two of an Allow, and one of a Deny


@cache
def match(pattern: str, value: str) -> bool:
    return matches(pattern, value) is TRUE


def holds(condition: Condition, value: str) -> bool:
    return condition is None or match(condition[1], value) is condition[0]


def lets_in(shape: Shape, value: str) -> bool:
    """What IAM says: the Allow matches, and no Deny."""
    first, second, denied = shape
    return holds(first, value) and holds(second, value) and (denied is None or not holds(denied, value))


def statements(shape: Shape) -> Tuple[Statement, ...]:
    def written(conditions: List[Condition]) -> Dict[str, Dict[str, str]]:
        found: Dict[str, Dict[str, str]] = {}
        for number, condition in enumerate(conditions):
            if condition is not None:
                operator = "StringLike" if condition[0] else "StringNotLike"
                # One operator stands once in a statement; IfExists makes another one of it, of the same meaning here.
                name = operator + "IfExists" * (number if operator in found else 0)
                found[name] = {KEY: condition[1]}
        return found

    common = {"Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    allow = {"Effect": "Allow", **common, "Condition": written([shape[0], shape[1]])}
    deny = {"Effect": "Deny", **common, "Condition": written([shape[2]])}
    return parse({"Version": "2012-10-17", "Statement": [allow, *([deny] if shape[2] else [])]}).statements


def shapes() -> Iterator[Shape]:
    short = [one for one in PATTERNS if len(one) <= LONGEST_PATTERN - 1]
    conditions = [(positive, one) for one in short for positive in (True, False)]
    yield from itertools.product(conditions, (None, *conditions), (None, *conditions))
    # Longer ones, two at a time.
    longer = [(positive, one) for one in PATTERNS for positive in (True, False)]
    yield from ((first, None, denied) for first in longer for denied in longer)


def test_if_any_value_is_let_in_a_witness_is() -> None:
    missed: List[Tuple[Shape, str]] = []
    asked = 0
    for shape in shapes():
        let_in = next((value for value in VALUES if lets_in(shape, value)), None)
        if let_in is None:
            continue
        asked += 1
        found = witnesses(statements(shape), {KEY: plainly}, (("*",),), FRESH_NAME)
        assert found.complete
        if not any(lets_in(shape, str(value)) for value in found.values):
            missed.append((shape, let_in))
    assert missed == []
    assert asked > 10_000
