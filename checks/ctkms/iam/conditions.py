"""Condition operators: when a condition of a statement holds for a request.

Every operator of IAM is a row of `OPERATORS`; what they have in common (several values, missing
keys, set qualifiers, unknown values) is in `condition_holds`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import operator as compare
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Callable, Optional, Sequence, Tuple, Union

from ctkms.budgets import Budget, spend
from ctkms.iam.comparisons import compare_dates, compare_numbers, same_address, same_binary, same_bool
from ctkms.iam.patterns import is_arn, is_arn_pattern, longest_run, matches, matches_arn
from ctkms.iam.policy import Condition, Value
from ctkms.iam.request import Context, Presence
from ctkms.iam.variables import BEGIN, Unreadable, readings, speaks_of_variables, whose
from ctkms.iam.vocabulary import is_multivalued
from ctkms.unknowns.text import Hole, Rest, Text, holes_in, is_strange, join, parts_of
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth, agree, all_of, any_of, negate, truth

Sent = Union[Text, Tuple[Text, ...]]  # what a request carries for a key
Comparison = Callable[[Text, Text], Truth]  # (value of the policy, value of the request)


@dataclass(frozen=True)
class Operator:
    """One operator without its `ForAnyValue:`, `ForAllValues:` and `IfExists`.

    A `negated` one holds when none of its values compares true. `variables` says that AWS resolves
    policy variables in its values, `wildcards` that `*` and `?` have a meaning there.
    """

    name: str
    compare: Comparison
    negated: bool = False
    variables: bool = False
    wildcards: bool = False


_equal = partial(matches, wildcards=False)
_equal_in_any_case = partial(matches, wildcards=False, fold=True)

_ROWS = (
    Operator("StringEquals", _equal, variables=True),
    Operator("StringNotEquals", _equal, negated=True, variables=True),
    Operator("StringEqualsIgnoreCase", _equal_in_any_case, variables=True),
    Operator("StringNotEqualsIgnoreCase", _equal_in_any_case, negated=True, variables=True),
    Operator("StringLike", matches, variables=True, wildcards=True),
    Operator("StringNotLike", matches, negated=True, variables=True, wildcards=True),
    # ArnEquals and ArnLike behave identically, and so do their negated forms.
    Operator("ArnEquals", matches_arn, variables=True, wildcards=True),
    Operator("ArnLike", matches_arn, variables=True, wildcards=True),
    Operator("ArnNotEquals", matches_arn, negated=True, variables=True, wildcards=True),
    Operator("ArnNotLike", matches_arn, negated=True, variables=True, wildcards=True),
    Operator("NumericEquals", compare_numbers(compare.eq)),
    Operator("NumericNotEquals", compare_numbers(compare.eq), negated=True),
    Operator("NumericLessThan", compare_numbers(compare.lt)),
    Operator("NumericLessThanEquals", compare_numbers(compare.le)),
    Operator("NumericGreaterThan", compare_numbers(compare.gt)),
    Operator("NumericGreaterThanEquals", compare_numbers(compare.ge)),
    Operator("DateEquals", compare_dates(compare.eq)),
    Operator("DateNotEquals", compare_dates(compare.eq), negated=True),
    Operator("DateLessThan", compare_dates(compare.lt)),
    Operator("DateLessThanEquals", compare_dates(compare.le)),
    Operator("DateGreaterThan", compare_dates(compare.gt)),
    Operator("DateGreaterThanEquals", compare_dates(compare.ge)),
    Operator("Bool", same_bool),
    Operator("BinaryEquals", same_binary),
    Operator("IpAddress", same_address),
    Operator("NotIpAddress", same_address, negated=True),
)
OPERATORS = {row.name.lower(): row for row in _ROWS}

NULL = "null"
_QUALIFIERS = {"foranyvalue": any_of, "forallvalues": all_of}
_IF_EXISTS = "ifexists"


@dataclass(frozen=True)
class Spelling:
    """An operator as a policy writes it: `ForAllValues:StringLikeIfExists`."""

    operator: Optional[Operator]  # None for Null
    qualifier: str = ""
    if_exists: bool = False


_LONGEST = 100  # characters; no operator has as many


def read_operator(written: str) -> Optional[Spelling]:
    """What a written operator means, None when AWS knows no such operator. Case does not matter."""
    return _read_operator(written) if len(written) <= _LONGEST else None


@lru_cache(maxsize=512)
def _read_operator(written: str) -> Optional[Spelling]:
    qualifier, colon, name = written.lower().rpartition(":")
    if colon and qualifier not in _QUALIFIERS:
        return None
    if name == NULL:
        return None if colon else Spelling(None)
    if_exists = name.endswith(_IF_EXISTS)
    row = OPERATORS.get(name[: -len(_IF_EXISTS)] if if_exists else name)
    return Spelling(row, qualifier, if_exists) if row else None


_CONDITION, _VALUE = 16, 8  # steps of `Budget.COMPARISONS` for a condition, and for each value that may match


@dataclass(frozen=True)
class ReadCondition:
    """A condition, ready to be asked for many requests.

    `spelling` is None for an operator that is open or that AWS does not know, and `key`, in lower case,
    for an open one. `takes_values` says that a value may be taken from another key of the request.
    """

    written: Condition
    spelling: Optional[Spelling]
    key: Optional[str]
    takes_values: bool
    runs: Optional[Tuple[Tuple[str, str], ...]]  # see `_runs`

    @property
    def values(self) -> Tuple[Value, ...]:
        """What the key is compared with."""
        return self.written.values


def read_condition(condition: Condition) -> ReadCondition:
    """What a condition means, whatever is asked."""
    spelling = read_operator(condition.operator) if isinstance(condition.operator, str) else None
    return ReadCondition(
        condition,
        spelling,
        condition.key.lower() if isinstance(condition.key, str) else None,
        any(not isinstance(value, Rest) and speaks_of_variables(value) for value in condition.values),
        _runs(spelling.operator, condition.values) if spelling and spelling.operator else None,
    )


def condition_holds(condition: ReadCondition, context: Context, has_variables: Truth) -> Truth:
    """Whether one operator and key of a Condition block holds for a request with this context."""
    if not spend(Budget.COMPARISONS, _CONDITION + len(condition.values)):
        return UNKNOWN
    spelling, key = condition.spelling, condition.key
    if spelling is None or key is None:
        return UNKNOWN  # AWS refuses a document with an operator that it does not know
    actual = context.get(key)
    if isinstance(actual, Presence):
        # Sent or not, with any value: only an answer that is the same either way is one.
        return agree(
            _holds_if_absent(spelling, condition.values),
            UNKNOWN
            if (spelling.operator and not spelling.qualifier and is_multivalued(key))
            or _compares_with_strange(condition, context, has_variables)
            else _holds_if_sent(spelling, condition, Hole(str(condition.written.key)), context, has_variables),
        )
    if actual is None or actual == ():  # an empty set of values is as good as none
        return _holds_if_absent(spelling, condition.values)
    if spelling.operator and not spelling.qualifier and (isinstance(actual, tuple) or is_multivalued(key)):
        return UNKNOWN  # AWS does not say how an operator without a set qualifier reads a multivalued key
    return _holds_if_sent(spelling, condition, actual, context, has_variables)


def _compares_with_strange(condition: ReadCondition, context: Context, has_variables: Truth) -> bool:
    """Whether a value is taken from the request and is a stranger's: what is sent may be the same."""
    return any(
        is_strange(character)
        for value in condition.values
        if not isinstance(value, Rest) and BEGIN in str(value)
        for read in readings(value, context, has_variables)
        if read is not None and not isinstance(read, Unreadable)
        for part in parts_of(read)
        if isinstance(part, str)
        for character in part
    )


def _holds_if_absent(spelling: Spelling, values: Tuple[Value, ...]) -> Truth:
    row = spelling.operator
    if row is None:
        return _is_null(values, absent=True)
    if spelling.qualifier == "foranyvalue":
        # A set without a member has none that matches; IfExists says that the condition is true.
        # AWS does not say which of the two prevails.
        return UNKNOWN if spelling.if_exists else FALSE
    if spelling.if_exists or spelling.qualifier == "forallvalues":
        return TRUE
    return truth(row.negated)  # a key that is not there differs from every value


def _holds_if_sent(
    spelling: Spelling, condition: ReadCondition, actual: Sent, context: Context, has_variables: Truth
) -> Truth:
    row = spelling.operator
    if row is None:
        return _is_null(condition.values, absent=False)
    if not isinstance(actual, tuple):
        answer = _one_value_holds(row, condition, actual, context, has_variables)
        if spelling.qualifier != "forallvalues":
            return answer
        # An empty string is no value either: "if the key values resolve to a null data set, such as an empty string".
        return any_of((answer, _equal("", actual)))
    answers = [_one_value_holds(row, condition, item, context, has_variables) for item in actual]
    return _QUALIFIERS[spelling.qualifier](answers)


def _is_null(values: Tuple[Value, ...], absent: bool) -> Truth:
    """`Null`: "true" asks that the key is absent, "false" that it is there."""
    return any_of(same_bool(value, str(absent)) if isinstance(value, str) else UNKNOWN for value in values)


def _one_value_holds(
    row: Operator, condition: ReadCondition, actual: Text, context: Context, has_variables: Truth
) -> Truth:
    values = _worth_comparing(condition, row, actual)
    if not spend(Budget.COMPARISONS, _VALUE * len(values)):
        return UNKNOWN
    found = any_of([_compares(row, value, actual, context, has_variables) for value in values])
    if not row.negated:
        return found
    # AWS does not say what differs from an empty list.
    return UNKNOWN if all(isinstance(value, Rest) for value in condition.values) else negate(found)


def _worth_comparing(condition: ReadCondition, row: Operator, actual: Text) -> Sequence[Value]:
    """The values that do not differ from the request's at a glance, since what they have between wildcards is in it."""
    if not isinstance(actual, str) or (row.compare is matches_arn and not is_arn(actual)):
        return condition.values
    runs = condition.runs
    return condition.values if runs is None else [value for run, value in runs if run in actual]


def _runs(row: Operator, values: Tuple[Value, ...]) -> Optional[Tuple[Tuple[str, str], ...]]:
    """The longest run of each value with the value; None where the values cannot be told apart by them."""
    if row.compare not in (_equal, matches, matches_arn):
        return None
    spelled = [value for value in values if isinstance(value, str) and BEGIN not in value]
    if len(spelled) < len(values) or (row.compare is matches_arn and not all(map(is_arn_pattern, spelled))):
        return None
    return tuple([(longest_run(value) if row.wildcards else value, value) for value in spelled])


def _compares(row: Operator, value: Value, actual: Text, context: Context, has_variables: Truth) -> Truth:
    if isinstance(value, Rest):
        # None of any number of unknown values may be the one; but if no value at all can match, neither do these.
        if row.variables and speaks_of_variables(value.like):
            return UNKNOWN
        return FALSE if row.compare(value.like, actual) is FALSE else UNKNOWN
    if not row.variables or (isinstance(value, str) and BEGIN not in value):
        return row.compare(value, actual)
    # A variable without a value matches nothing, and "might cause the entire statement to be invalid":
    # then a negated operator does not hold either.
    nothing = UNKNOWN if row.negated else FALSE
    found = [
        nothing if read is None else UNKNOWN if isinstance(read, Unreadable) else _read_compares(row, read, actual)
        for read in readings(value, context, has_variables, row.wildcards)
    ]
    return found[0] if len(found) == 1 else agree(*found)


def _read_compares(row: Operator, read: Text, actual: Text) -> Truth:
    found = row.compare(read, actual)
    if found is FALSE and _may_be_the_callers(read):
        # An undocumented value of the request may be a stranger's as well, unlike a value of the code.
        return UNKNOWN if row.compare(read, _strangers_open(actual)) is not FALSE else FALSE
    return found


def _may_be_the_callers(read: Text) -> bool:
    keys = [whose(hole) for hole in holes_in(read)]
    return any(key and not key.startswith("aws:resource") for key in keys)


def _strangers_open(actual: Text) -> Text:
    """The value with a hole wherever it is a stranger's choice."""
    return join(
        piece if isinstance(piece, Hole) or not is_strange(piece[:1]) else Hole("<a stranger's choice>")
        for part in parts_of(actual)
        for piece in ([part] if isinstance(part, Hole) else _STRANGE.split(part))
        if piece
    )


_STRANGE = re.compile("([\ue000-\ue0ff]+)")
