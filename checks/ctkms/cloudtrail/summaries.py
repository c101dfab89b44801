"""One plain sentence about a finding, for somebody who does not know IAM by heart: what goes wrong, and by what.

The exact sentence, with every value, is in `explanations.py`.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Match, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import ENCRYPTION_CONTEXT, SOURCE_ACCOUNT, SOURCE_ARN
from ctkms.cloudtrail.access_requests.policy_values import has_wildcard
from ctkms.cloudtrail.answers import Answer
from ctkms.cloudtrail.places import unasked
from ctkms.cloudtrail.rules.catalogue import Rule
from ctkms.iam.conditions import read_operator
from ctkms.iam.decision import Decision
from ctkms.iam.patterns import ACCOUNT, PARTITION, REGION, RESOURCE, arn_sections, matches
from ctkms.iam.policy import Condition, Statement
from ctkms.iam.request import ContextValue, Presence, Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.iam.vocabulary import condition_key_exists, nearest_condition_key
from ctkms.unknowns.quoting import LONGEST_ARN, is_name, shortened
from ctkms.unknowns.text import Hole, Partial, readable
from ctkms.unknowns.truth import FALSE, TRUE

MAX_SUMMARY = 160  # characters
_WIDTHS = (60, 40, 28, 20, 14, 9)  # of a name, the first that lets the sentence fit
_PREFIX = "Ensure "


def summary(rule: Rule, answer: Answer, because: str = "") -> str:
    """The sentence about a rule that is kept or not; `because` is the cause where it is not in the answer."""
    if answer.kept is not FALSE:
        return fitting(lambda width: _capital(rule.name[len(_PREFIX) :]))
    decision = answer.decisions[0] if answer.decisions and answer.note is None else None
    exposed = decision is not None and decision.verdict is Verdict.ALLOW and rule.exposed
    what = rule.exposed if exposed else rule.broken

    def sentence(width: int) -> str:
        said = what.format(trail=_trail(decision, width))
        cause = because or (_note(answer) if decision is None else _cause(decision, answer.of_other_policy, width))
        return f"{said}: {cause}" if cause else said

    return fitting(sentence)


def open_summary(reason: str, rules: int = 0) -> str:
    """The sentence about what could not be judged: how many rules, where it is not the whole, and what is open."""
    what = "Not judged" if not rules else "One rule is not decided" if rules == 1 else f"{rules} rules are not decided"
    return fitting(lambda width: f"{what}: {reason}")


def fitting(sentence: Callable[[int], str]) -> str:
    """The sentence with names as long as there is room for, and cut in the end where nothing helps."""
    for width in _WIDTHS:
        said = readable(sentence(width))
        if len(said) < MAX_SUMMARY:
            return said if said.endswith("?") else said + "."
    return said[: MAX_SUMMARY - len("...") + 1].rsplit(" ", 1)[0] + "..."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _trail(decision: Optional[Decision], width: int) -> str:
    """The trail that the call is for, by its name where the code gives it one."""
    arn = None if decision is None else decision.request.context.get(SOURCE_ARN)
    sections = arn_sections(arn) if isinstance(arn, (str, Partial)) else ()
    name = sections[RESOURCE] if sections else ""
    told = isinstance(name, str) and name.startswith("trail/") and readable(name).isascii()
    return f"trail {shortened(str(name)[len('trail/') :], width)}" if told else "the trail"


def _note(answer: Answer) -> str:
    note = answer.note
    return "" if note is None else note.short if note.short is not None else note.text


# Why a call is denied, or why it is allowed


def _cause(decision: Decision, of_other_policy: bool, width: int) -> str:
    request = decision.request
    if not decision.deciding:
        whom = "CloudTrail" if isinstance(request.caller, ServicePrincipal) else "anybody who could"
        return f"no statement speaks of {whom}"
    trace = decision.deciding[0]
    whose = "the role's trust policy" if request.action.lower().startswith("sts:") else "the reader's own policy"
    label = _label(trace.statement, width) + (f" of {whose}" if of_other_policy else "")
    if decision.verdict is Verdict.ALLOW:
        return f"{label} {_lets_in(trace.statement, request)}"
    if trace.matches is TRUE:
        return f"{label} denies it{_why_denied(trace.statement, request)}"
    if trace.condition is not None:
        return _unmet(trace.condition, trace.actual, request, label, width)
    if trace.element == "Resource":
        missing = trace.statement.resources is None
        return f"{label} has no Resource, so it does nothing" if missing else f"{label} is about another key"
    to_whom = " to CloudTrail" if isinstance(request.caller, ServicePrincipal) else ""
    return f"no statement allows {request.action}{to_whom}"


def _label(statement: Statement, width: int) -> str:
    sid = str(statement.sid or "")
    if sid and is_name(sid):
        return f'statement "{shortened(sid, width)}"'
    # In words: the reason counts from 0, as the path of an element does (`Statement[0]`).
    return f"the {_ordinal(statement.index + 1)} statement"


_FIRST = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _ordinal(place: int) -> str:
    if place <= len(_FIRST):
        return _FIRST[place - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place % 100 not in (11, 12, 13) else "th"
    return f"{place}{ending}"


def _lets_in(statement: Statement, request: Request) -> str:
    if not statement.conditions:
        return "has no condition that keeps them out"
    missing = unasked(statement, request)
    if missing:
        return f"does not ask for {missing}"
    keys = list(dict.fromkeys(_key(one) for one in statement.conditions))
    more = f" and {len(keys) - 2} more" if len(keys) > 2 else ""
    return f"lets them pass its condition on {' and '.join(keys[:2])}{more}"


_ORGANIZATION_KEYS = ("aws:principalorgid", "aws:principalorgpaths")


def _why_denied(statement: Statement, request: Request) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid"""
    keys = [str(one.key).lower() for one in statement.conditions]
    if isinstance(request.caller, ServicePrincipal) and any(key in _ORGANIZATION_KEYS for key in keys):
        return ", since CloudTrail itself belongs to no organization"
    return "" if keys else " to everyone whom it does not spare"


def _unmet(condition: Condition, actual: Optional[ContextValue], request: Request, label: str, width: int) -> str:
    """Why the call does not meet a condition."""
    key, lower = _key(condition), str(condition.key).lower()
    if actual is None:
        return _absent(condition, request, label, key, lower)
    values = [value for value in condition.values if isinstance(value, (str, Hole, Partial))]
    literal = next((value for value in values if _taken_literally(condition, value, actual)), None)
    if literal is not None:
        mark = "*" if "*" in str(literal) else "?"
        return f"{condition.operator} takes the `{mark}` in {key} literally"
    plain = next((found[0] for value in values for found in _placeholders(value)), None)
    if plain is not None:
        return f"{key} has `{_name(plain, width)}` as plain text, which nothing fills in"
    if len(values) == 1:
        return _differs(condition, key, values[0], actual, label, width)
    return f"none of the {len(values)} values of {key} in {label} fits"


def _absent(condition: Condition, request: Request, label: str, key: str, lower: str) -> str:
    if not condition_key_exists(str(condition.key)):
        near = nearest_condition_key(str(condition.key))
        return f"{_name(condition.key, 50)} is no condition key" + (f"; did you mean {near}?" if near else "")
    if lower.startswith("kms:encryptioncontext") and request.action == "kms:DescribeKey":
        return f"{label} asks for an encryption context, and this call never has one"
    if lower in (SOURCE_ARN, SOURCE_ACCOUNT) and isinstance(request.caller, ServicePrincipal):
        return f"{label} asks for {key}, which CloudTrail Lake never sends"
    return f"{label} asks for {key}, which the call does not have"


_PLACEHOLDER = re.compile(r"\$\{(?!\w+:\w)[^}]*\}|<[\w -]+>")  # not `${aws:username}`, which AWS fills in


def _placeholders(value: object) -> Iterator[Match[str]]:
    """What looks like something that the code or its author was to fill in, in a text that is plain."""
    return _PLACEHOLDER.finditer(value) if isinstance(value, str) else iter(())


def _taken_literally(condition: Condition, value: object, actual: ContextValue) -> bool:
    """Whether the value would match, if the operator read its wildcards."""
    spelling = read_operator(str(condition.operator))
    if not (spelling and spelling.operator) or spelling.operator.wildcards or isinstance(actual, (Presence, tuple)):
        return False
    return isinstance(value, str) and has_wildcard(value) and matches(value, actual) is TRUE


# What an ARN may differ in, in the words of those who write one.
_PARTS = ((PARTITION, "partition"), (REGION, "Region"), (ACCOUNT, "account"))


def _differs(condition: Condition, key: str, value: object, actual: ContextValue, label: str, width: int) -> str:
    """What one value asks for, and what the call has instead; of two ARNs the part that differs."""
    spelling = read_operator(str(condition.operator))
    if spelling and spelling.operator and spelling.operator.negated:
        return f"{label} excludes `{_name(value, width)}` in {key}"
    pair = _parts_that_differ(value, actual)
    if pair is None:
        instead = "" if isinstance(actual, (Presence, tuple)) else f" instead of `{_name(actual, width)}`"
        return f"{label} asks for `{_name(value, width)}`{instead} in {key}"
    what, wanted, found = pair
    return f"{key} names {what}`{_name(wanted, width)}` instead of `{_name(found, width)}`"


def _parts_that_differ(value: object, actual: ContextValue) -> Optional[Tuple[str, object, object]]:
    if not isinstance(value, (str, Partial)) or not isinstance(actual, (str, Partial)):
        return None
    wanted, found = arn_sections(value), arn_sections(actual)
    if not wanted or not found:
        return None
    for place, what in _PARTS:
        if matches(wanted[place], found[place]) is FALSE:
            return f"the {what} ", wanted[place], found[place]
    return "", wanted[RESOURCE], found[RESOURCE]


def _key(condition: Condition) -> str:
    """A condition key as a sentence has it: what is longest is called by its name."""
    return "the encryption context" if str(condition.key).lower() == ENCRYPTION_CONTEXT else _name(condition.key, 50)


def _name(value: object, width: int) -> str:
    text = readable(value)
    return shortened(text, width) if is_name(text, LONGEST_ARN) else "..."
