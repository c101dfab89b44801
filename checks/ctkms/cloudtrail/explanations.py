"""Saying why: sentences about decisions, for people who read a pull request."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Optional, Tuple

from ctkms.cloudtrail.access_requests.context import SOURCE_ACCOUNT, SOURCE_ARN
from ctkms.cloudtrail.answers import Answer
from ctkms.iam.conditions import read_operator
from ctkms.iam.context_keys import context_keys
from ctkms.iam.decision import Decision, Trace
from ctkms.iam.document import Condition, Statement
from ctkms.iam.open_values import holes_of_trace, undocumented_in
from ctkms.iam.patterns import matches
from ctkms.iam.request import ContextValue, Presence, Request, ServicePrincipal
from ctkms.iam.verdict import Verdict
from ctkms.iam.vocabulary import condition_key_exists, nearest_condition_key
from ctkms.unknowns.quoting import LONGEST_ARN, described, is_name
from ctkms.unknowns.text import Rest, readable
from ctkms.unknowns.truth import FALSE, TRUE

MAX_REQUESTS = 3  # how many requests a record lists; one that passed lists the first
_MAX_VALUES = 3  # how many values of a condition a sentence lists


def reason(answer: Answer) -> str:
    """One sentence that names the statement, the element and the value that decide."""
    further = f"; {answer.further}" if answer.further else ""
    if answer.note or not answer.decisions:
        return without_contents(readable((answer.note.text if answer.note else "") + further))
    decision = answer.decisions[0]
    asked = f"{_subject(decision.request)} {_VERBS[decision.verdict]} {decision.request.action}"
    return without_contents(readable(f"{answer.lead}{asked}: {because(decision)}{further}"))


# A trail's call has both of them, so it is an event data store's that lacks one.
_NOT_FOR_STORES = (SOURCE_ARN, SOURCE_ACCOUNT)
_VERBS = {Verdict.ALLOW: "may call", Verdict.DENY: "may not call", Verdict.UNKNOWN: "may or may not be allowed to call"}


# A value or an expression stands in backquotes; literals in it may be a policy, or a file that the code reads.
_QUOTED = re.compile(r"`([^`]*)`")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_LONGEST_LITERAL, _LONGEST_QUOTE = 60, 300


def without_contents(sentence: str) -> str:
    """The sentence with what it quotes shortened: contents of files do not belong into a report."""
    return _LITERAL.sub(_short_literal, _QUOTED.sub(_short_quote, sentence))


def _short_quote(found: re.Match[str]) -> str:
    text = _LITERAL.sub(_short_literal, found.group(1))
    return f"`{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + '...'}`"


def _short_literal(found: re.Match[str]) -> str:
    text = found.group()
    return text if len(text) <= _LONGEST_LITERAL and "\\n" not in text else '"..."'


def _subject(request: Request) -> str:
    if not request.purpose or isinstance(request.caller, ServicePrincipal):
        return f"{request.purpose or request.principal},"
    return f"{request.purpose} ({request.principal}),"


def because(decision: Decision) -> str:
    """Why the decision came out as it did."""
    request = decision.request
    if not decision.deciding:
        return f"no statement speaks of {request.principal}"
    trace = decision.deciding[0]
    label = trace.statement.label
    if decision.verdict is Verdict.ALLOW:
        return f"{label} allows it{_conditions_that_hold(trace.statement, 'let the call through')}"
    if decision.verdict is Verdict.UNKNOWN:
        return f"{label} {_open(trace, request)}"
    if trace.matches is TRUE:
        return f"{label} denies it{_conditions_that_hold(trace.statement, 'apply to the call')}"
    if trace.element == "Action" and trace.statement.actions:
        named = f"{trace.statement.actions.name} lists {_values(trace.statement.actions.values)}"
        return f"no statement about the caller covers this action; the closest, {label}, does not: its {named}"
    return f"{label} does not allow it, because {_refusal(trace, request)}"


def part_of(trace: Trace, request: Request) -> str:
    """What one statement has to do with the answer to a request; reads on from its name."""
    if trace.matches is TRUE:
        return f"applies{_conditions_that_hold(trace.statement, 'hold')}"
    if trace.matches is FALSE:
        return f"does not apply, because {_refusal(trace, request)}"
    return f"may or may not apply: it {_open(trace, request)}"


def in_words(condition: Condition) -> str:
    """A condition, with the first few of its values."""
    return f"{condition.operator} on {condition.key}: {_values(condition.values)}"


def _conditions_that_hold(statement: Statement, do: str) -> str:
    if not statement.conditions:
        return " and has no condition"
    keys = dict.fromkeys(f"{one.operator} on {one.key}" for one in statement.conditions)
    return f", and its conditions ({_listed(keys)}) {do}"


def _refusal(trace: Trace, request: Request) -> str:
    statement = trace.statement
    if trace.condition is not None:
        return _condition_refusal(trace.condition, trace.actual, request)
    if trace.element == "Action":
        element = statement.actions
        return f"its {element.name} lists {_values(element.values)}" if element else "it has no Action"
    if trace.element == "Resource":
        element = statement.resources
        if element is None:
            return "it has no Resource, and then a key policy's statement has no effect"
        return f"its {element.name} is {_values(element.values)}, which is not this key ({request.resource})"
    return "it does not speak of the caller"


def _condition_refusal(condition: Condition, actual: Optional[ContextValue], request: Request) -> str:
    key, operator = str(condition.key), str(condition.operator)
    spelling = read_operator(operator)
    values = _values(condition.values)
    if actual is None:
        if not condition_key_exists(key):
            near = nearest_condition_key(key)
            return f"{key} is no condition key, so no request ever carries it" + (
                f" (did you mean {near}?)" if near else ""
            )
        if key.lower().startswith("kms:encryptioncontext") and request.action == "kms:DescribeKey":
            return f"kms:DescribeKey carries no encryption context, so the condition {operator} on {key} is never met"
        if key.lower() in _NOT_FOR_STORES and isinstance(request.caller, ServicePrincipal):
            return (
                f"CloudTrail Lake does not support {key}: its calls do not carry it, and {operator} asks for {values}"
            )
        return f"the call carries no {key}, and {operator} on it asks for {values}"
    if spelling and spelling.operator and not spelling.operator.wildcards and _would_match(condition, actual):
        like = operator.replace("Equals", "Like")
        return f"{operator} on {key} compares the wildcard in {values} literally; {like} would read it as one"
    wanted = "anything but " if spelling and spelling.operator and spelling.operator.negated else ""
    return f"{operator} on {key} asks for {wanted}{values}, and the call carries `{_shown(_said(actual))}`"


def _would_match(condition: Condition, actual: ContextValue) -> bool:
    """Whether a value would match if its wildcards were read as such."""
    if isinstance(actual, (Presence, tuple)):
        return False
    return any(
        isinstance(value, str) and ("*" in value or "?" in value) and matches(value, actual) is TRUE
        for value in condition.values
    )


def _open(trace: Trace, request: Request) -> str:
    if trace.element == "Statement" and trace.statement.open is not None:
        return f"is not known (`{trace.statement.open}`)"
    condition = trace.condition
    if condition is not None:
        if isinstance(trace.actual, Presence):
            return f"asks for {condition.key}, and AWS does not document what the call carries there"
        carried = _shown(_said(trace.actual))
        return f"compares {condition.key} with {_values(condition.values)}, and the call carries `{carried}`"
    element = {
        "Principal": trace.statement.principals,
        "Action": trace.statement.actions,
        "Resource": trace.statement.resources,
    }
    found = element.get(trace.element)
    names = [entry.value for entry in getattr(found, "entries", ())] or list(getattr(found, "values", ()))
    return f"has the {trace.element} {_values(tuple(names))}"


def _values(values: Tuple[object, ...]) -> str:
    shown = [f"`{_shown(value.hole if isinstance(value, Rest) else value)}`" for value in values[:_MAX_VALUES]]
    more = len(values) - len(shown)
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return _listed(shown) if shown else "nothing"


def _shown(value: object) -> str:
    """A value of a policy; what is longer than any name, or has several lines, may be a file."""
    text = readable(value)
    return text if is_name(text, LONGEST_ARN) else described(text)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _said(actual: Optional[ContextValue]) -> str:
    if isinstance(actual, tuple):
        return ", ".join(str(item) for item in actual)
    return "nothing" if actual is None else str(actual)


def open_sources(answer: Answer) -> Tuple[str, ...]:
    """What leaves the answer open: references of the code, or condition keys that AWS does not document."""
    found: Dict[str, None] = dict.fromkeys(hole.source for hole in answer.holes)
    for decision in answer.decisions:
        if decision.verdict is Verdict.UNKNOWN:
            for trace in decision.deciding:
                found.update((source, None) for source in _sources(trace))
    return tuple(readable(source) for source in found)


def _sources(trace: Trace) -> List[str]:
    condition = trace.condition
    found = [hole.source for hole in holes_of_trace(trace)]
    if condition is not None and isinstance(trace.actual, Presence) and isinstance(condition.key, str):
        found.append(f"{condition.key} (undocumented for this call{_remark(condition)})")
    return [*found, *undocumented_in(trace)]


def _remark(condition: Condition) -> str:
    """https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service"""
    via_cloudtrail = str(condition.key).lower() == "kms:viaservice" and any(
        str(value).lower().startswith("cloudtrail.") for value in condition.values
    )
    return "; CloudTrail is not among the services that KMS lists for it" if via_cloudtrail else ""


def statement_of(answer: Answer) -> Optional[Tuple[int, Optional[str], str]]:
    """The deciding statement's index, its Sid and the element that decides ("" for the whole of it), if one does."""
    for decision in () if answer.of_other_policy else answer.decisions[:1]:
        for trace in decision.deciding[:1]:
            sid = trace.statement.sid
            said = readable(sid) if sid else ""
            element = "" if trace.matches is TRUE else trace.element
            return trace.statement.index, said if said and is_name(said) else None, element
    note = answer.note
    return None if note is None or note.statement is None else (note.statement, note.sid, "")


def requests_of(answer: Answer) -> List[Dict[str, object]]:
    """The first few requests in plain builtins: who asked for what, and the answer.

    Of the context, only the condition keys that the policy looks at; a key that is not there is
    absent from the call, or not known.
    """
    return [
        {
            "principal": readable(decision.request.principal),
            "action": decision.request.action,
            "context": _context_that_counts(decision),
            "answer": decision.verdict.value,
        }
        for decision in answer.decisions[: 1 if answer.kept is TRUE else MAX_REQUESTS]
    ]


def _context_that_counts(decision: Decision) -> Dict[str, str]:
    context = decision.request.context
    names = context.keys() & context_keys([trace.statement for trace in decision.traces])
    said = [(name, context[name]) for name in sorted(names) if is_name(name)]
    return {name: _shown(_said(value)) for name, value in said if not isinstance(value, Presence)}
