"""The answer to one request, and who may call an action, for people and for programs."""

from __future__ import annotations

import textwrap
from typing import Any, Dict, Iterable, Iterator, List, Sequence

from ctkms.cloudtrail.access_requests.single_request import Asking
from ctkms.cloudtrail.access_requests.who_may import Admitted, Who
from ctkms.cloudtrail.explanations import in_words, part_of, without_contents
from ctkms.iam.decision import Decision, Trace
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.patterns import ACCOUNT, matches, settled_sections
from ctkms.iam.policy import Condition, Statement
from ctkms.iam.principals import account_of, entry_matches
from ctkms.iam.request import AwsPrincipal, Context
from ctkms.iam.verdict import Verdict
from ctkms.report.plain_text import visible
from ctkms.unknowns.quoting import LONGEST_ARN, described, is_name
from ctkms.unknowns.text import Rest, Text, readable
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN

WIDTH = 100
_APPLIES = {TRUE: "yes", FALSE: "no"}


def answer_text(asked: Asking, decision: Decision) -> str:
    """The answer, each statement's part in it, and what the call was taken to carry."""
    request = decision.request
    lines = [f"{decision.verdict.name}  {request.action} by {said(str(request.principal))}", ""]
    if asked.unread is not None:
        lines.append(f"  nothing is known of the policy: {said(_one(asked.unread))}")
    for trace in decision.traces:
        lines.extend(_folded(f"{_called(trace.statement)} {without_contents(part_of(trace, request))}", "  "))
    lines.append("")
    for label, keys in (("given", asked.given), ("filled in", asked.filled_in)):
        values = [f"{key} = {_value(request.context.get(key.lower()))}" for key in keys]
        lines.extend(line for value in values for line in _folded(value, f"  {label}: "))
    for label, keys in (("open", asked.open), ("absent", asked.absent)):
        lines.extend(_folded(", ".join(keys), f"  {label}: ") if keys else ())
    lines.extend(line for note in notes(decision) for line in _folded(note, "  note: "))
    return _text(lines)


def answer_data(asked: Asking, decision: Decision) -> Dict[str, Any]:
    """The same in plain builtins."""
    request = decision.request
    carried = [*asked.given, *asked.filled_in]
    return {
        "answer": decision.verdict.value,
        "principal": said(str(request.principal)),
        "action": request.action,
        "context": {said(key): _value(request.context.get(key.lower())) for key in carried},
        "open": list(map(said, asked.open)),
        "absent": list(map(said, asked.absent)),
        "statements": [_statement_data(trace, decision) for trace in decision.traces],
        "notes": list(notes(decision)),
    }


def _statement_data(trace: Trace, decision: Decision) -> Dict[str, Any]:
    statement = trace.statement
    return {
        "index": statement.index,
        "sid": None if statement.sid is None else said(str(statement.sid)),
        "effect": said(str(statement.effect)),
        "applies": _APPLIES.get(trace.matches, "unknown"),
        "why": said(without_contents(part_of(trace, decision.request))),
    }


def notes(decision: Decision) -> Iterator[str]:
    """What a key policy alone does not tell about this answer."""
    caller = decision.request.caller
    explicit = any(one.matches is TRUE and one.statement.effect == "Deny" for one in decision.traces)
    if decision.verdict is Verdict.DENY:
        if not explicit:
            yield "grants are not seen here; one of them may allow the call all the same"
        return
    if not isinstance(caller, AwsPrincipal):
        return
    allowing = [one for one in decision.traces if one.matches is not FALSE and one.statement.effect != "Deny"]
    if allowing and all(only_as_account(one.statement, caller) for one in allowing):
        yield "the policy names the account, so the account's IAM policies have to allow it too; they are not seen here"
    sections = settled_sections(decision.request.resource)
    same = matches(sections[ACCOUNT], caller.account, wildcards=False) if sections else FALSE
    if same is not TRUE:
        when = "the caller is of another account than the key" if same is FALSE else "if the key is another account's"
        yield f"{when}: the caller's IAM policies have to allow it too; they are not seen here"


def only_as_account(statement: Statement, caller: AwsPrincipal) -> bool:
    """Whether the statement names the caller's account rather than him."""
    if statement.open is not None or statement.principals is None or statement.principals.negated or caller.is_root:
        return False
    found = [one.value for one in statement.principals.entries if entry_matches(one, caller) is not FALSE]
    return bool(found) and all(not isinstance(one, Rest) and bool(account_of(one)) for one in found)


# Who may


def who_text(policy: Evaluator, action: str, admitted: Sequence[Admitted], account: str = "") -> str:
    """Whom the policy lets call an action, and under which conditions."""
    of_account = f" of account {account}" if account else ""
    lines = [f"Who{of_account} may call {action}, by the key policy alone:", ""]
    for one in admitted:
        lines.extend(_folded(_whom(one), "  "))
        for words in _by(policy, one):
            lines.extend(_folded(words, "      "))
        lines.append("")
    if not admitted:
        lines.extend((f"  nobody{of_account}", ""))
    lines.extend(_folded(NOT_SEEN, ""))
    return _text(lines)


NOT_SEEN = (
    "IAM policies and grants are not seen here. Where a statement names an account, the account's IAM policies decide "
    "which of its users and roles may; those of another account than the key's need them in any case."
)


def who_data(policy: Evaluator, action: str, admitted: Sequence[Admitted], account: str = "") -> Dict[str, Any]:
    """The same in plain builtins."""
    return {
        "action": action,
        "account": account or None,
        "who": [
            {
                "kind": one.who.name.lower(),
                "name": said(_one(one.name)) or "*",
                "denied_by": None if one.denied is None else _called(one.denied.statement),
                "allowed_by": [_grant(policy, trace, one.context) for trace in one.by],
                "unless_denied_by": [_grant(policy, trace, one.context) for trace in one.unless],
            }
            for one in admitted
        ],
        "note": NOT_SEEN,
    }


def _grant(policy: Evaluator, trace: Trace, context: Context) -> Dict[str, Any]:
    conditions = [said(without_contents(in_words(one))) for one in _that_count(policy, trace.statement, context)]
    return {"statement": _called(trace.statement), "conditions": conditions}


def _whom(admitted: Admitted) -> str:
    name = said(_one(admitted.name))
    return {
        Who.PRINCIPAL: name,
        Who.ACCOUNT: f"users and roles of account {name}",
        Who.EVERYONE: "everyone",
        Who.SERVICE: name,
        Who.OPEN: f"whomever {name} names, which the code leaves open",
    }[admitted.who]


def _by(policy: Evaluator, admitted: Admitted) -> Iterator[str]:
    if admitted.denied is not None:
        conditions = _if(policy, admitted.denied.statement, admitted.context)
        yield f"may not: {_called(admitted.denied.statement)} denies it{conditions}"
        return
    for trace in admitted.by:
        statement = trace.statement
        through = ", as far as the account's IAM policies allow" if _through_account(statement, admitted) else ""
        perhaps = "perhaps " if _is_open(trace) else ""
        everyone = _but(statement) if statement.principals is not None and statement.principals.negated else ""
        yield f"{perhaps}by {_called(statement)}{everyone}{through}{_if(policy, statement, admitted.context)}"
    for trace in admitted.unless:
        spared = _but(trace.statement)
        yield f"unless {_called(trace.statement)} applies{spared}{_if(policy, trace.statement, admitted.context)}"


def _is_open(trace: Trace) -> bool:
    """Whether it is the statement that is open, rather than what the call carries."""
    principals = trace.statement.principals
    negated = principals is not None and principals.negated
    return trace.matches is UNKNOWN and trace.element != "Condition" and not (negated and trace.element == "Principal")


def _through_account(statement: Statement, admitted: Admitted) -> bool:
    sections = settled_sections(admitted.name)
    account = admitted.name if admitted.who is Who.ACCOUNT else sections[ACCOUNT] if sections else ""
    if not account or statement.principals is None or statement.principals.negated:
        return False
    values = [one.value for one in statement.principals.entries if not isinstance(one.value, Rest)]
    named = any(matches(account_of(one), account, wildcards=False) is TRUE for one in values if account_of(one))
    return named and admitted.name not in values and "*" not in values


def _but(statement: Statement) -> str:
    principals = statement.principals
    if principals is None:
        return ""
    values = [one.value for one in principals.entries]
    if principals.negated:
        return f" to all but {_listed(values)}"
    return " to everyone" if "*" in values else f" to {_listed(values)}"


def _if(policy: Evaluator, statement: Statement, context: Context) -> str:
    conditions = [without_contents(in_words(one)) for one in _that_count(policy, statement, context)]
    return f", if {'; and '.join(conditions)}" if conditions else ""


def _that_count(policy: Evaluator, statement: Statement, context: Context) -> List[Condition]:
    """The conditions that the caller does not meet whatever his call carries."""
    return [one for one in statement.conditions if policy.holds(one, context) is not TRUE]


_MOST = 5


def _listed(values: Sequence[Any]) -> str:
    shown = [_one(value.hole if isinstance(value, Rest) else value) for value in values[:_MOST]]
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return ", ".join(shown) + more


def _one(value: Text) -> str:
    text = readable(value)
    return without_contents(f"`{text}`").strip("`") if is_name(text, LONGEST_ARN) else described(text)


# Words


def said(text: str) -> str:
    """Text of a policy in a line in which everything is seen."""
    return visible(readable(text))


def _called(statement: Statement) -> str:
    effect = statement.effect if isinstance(statement.effect, str) else "effect open"
    return f"{statement.label} ({effect})"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return _listed(value)
    return "nothing" if value is None else _one(value) if not hasattr(value, "name") else str(value)


def _folded(words: str, lead: str) -> List[str]:
    return textwrap.wrap(
        said(words),
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) - len(lead.lstrip()) + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
