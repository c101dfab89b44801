"""`ctkms ask`: what a key policy answers to one request, and whom it lets call an action."""

from __future__ import annotations

import argparse
from typing import Dict, List, Optional, Sequence, Tuple

from ctkms.budgets import metered
from ctkms.cloudtrail.access_requests.single_request import asking, may_not_carry
from ctkms.cloudtrail.access_requests.who_may import who_may
from ctkms.commands import aws_names
from ctkms.commands.command_line import Parser, answered
from ctkms.commands.policy_source import Asked, policies_of, policy_in
from ctkms.commands.scan_arguments import UsageError
from ctkms.commands.terminal import show, show_json
from ctkms.iam.evaluate import Evaluator
from ctkms.iam.request import ContextValue
from ctkms.iam.vocabulary import is_multivalued
from ctkms.report.answer_text import answer_data, answer_text, said, who_data, who_text

_DESCRIPTION = """\
Ask a key policy one request: --principal P --action A, with what --context gives. Of the rest of the context, what AWS
documents is filled in; what it may send is open; an encryption context that is not given is absent from the call of a
user or role. Or ask whom the statements let call an action: --who A, and of which account."""


def run(given: Sequence[str]) -> int:
    """Ask a policy; the result is the exit code."""
    return answered(given, _run)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = Parser(prog="ctkms ask", description=_DESCRIPTION)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--policy", metavar="POLICY.json", help="a bare key policy; - for standard input")
    where.add_argument(
        "--key", nargs=2, metavar=("ADDRESS", "PATH"), help="a key in Terraform, a plan or a template, in or below PATH"
    )
    parser.add_argument("--key-arn", metavar="ARN", type=aws_names.key_arn, help="for the key's account and Region")
    parser.add_argument(
        "--principal", type=aws_names.caller, help="the ARN of a user, role or session; a service; an account's root"
    )
    parser.add_argument("--action", type=aws_names.action, help="kms:Decrypt, for instance")
    parser.add_argument(
        "--context",
        metavar="KEY=VALUE",
        type=aws_names.condition_value,
        action="append",
        default=[],
        help="what the call carries; repeatable, and for each value of a multivalued key",
    )
    parser.add_argument(
        "--without", metavar="KEY", type=aws_names.condition_key, action="append", default=[], help="what it does not"
    )
    parser.add_argument("--expect", choices=("allow", "deny"), help="end with 1 where the answer is another")
    parser.add_argument("--who", metavar="ACTION", type=aws_names.action, help="whom the policy lets call the action")
    parser.add_argument("--account", type=aws_names.account_id, help="with --who: only those of this account")
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _run(given: Sequence[str]) -> int:
    wanted = parser().parse_args(given)
    _check(wanted)
    arn = wanted.key_arn or ""
    policies = policies_of(wanted.key[0], wanted.key[1], arn) if wanted.key else (policy_in(wanted.policy, arn),)
    if wanted.who:
        return _who(policies, wanted)
    return _one_request(policies, wanted)


def _check(wanted: argparse.Namespace) -> None:
    of_request = {"--principal": wanted.principal, "--action": wanted.action}
    further = {"--context": wanted.context, "--without": wanted.without, "--expect": wanted.expect}
    if wanted.who:
        mixed = [name for name, value in {**of_request, **further}.items() if value]
        if mixed:
            raise UsageError(f"--who goes without {', '.join(mixed)}")
        return
    missing = [name for name, value in of_request.items() if not value]
    if missing:
        raise UsageError(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; or ask --who ACTION")
    if wanted.account:
        raise UsageError("--account goes with --who")


def _one_request(policies: Sequence[Asked], wanted: argparse.Namespace) -> int:
    given = _context(wanted.context, wanted.without)
    if may_not_carry(wanted.action, [key for key, value in given.items() if value is not None]):
        raise UsageError(f"{wanted.action} carries no encryption context, so none can be given")
    data: List[Dict[str, object]] = []
    text: List[str] = []
    for one in policies:
        asked = asking(one.document, one.key_arn, wanted.principal, wanted.action, given)
        with metered():
            decision = Evaluator(one.document).decide(asked.request)
        data.append({**answer_data(asked, decision), **_assumed(one)})
        text.append(_under(one) + answer_text(asked, decision))
    _print(data, text, wanted.json)
    return int(any(wanted.expect not in (None, one["answer"]) for one in data))


def _context(pairs: Sequence[Tuple[str, str]], without: Sequence[str]) -> Dict[str, Optional[ContextValue]]:
    """The context by condition key, as the first of them is spelled."""
    values: Dict[str, List[str]] = {}
    names: Dict[str, str] = {}
    for key, value in pairs:
        values.setdefault(names.setdefault(key.lower(), key), []).append(value)
    for key, several in values.items():
        if len(several) > 1 and not is_multivalued(key):
            raise UsageError(f"--context gives {key} {len(several)} values, and a call carries one")
    both = [key for key in without if key.lower() in names]
    if both:
        raise UsageError(f"{both[0]} is given by --context and by --without")
    found: Dict[str, Optional[ContextValue]] = dict.fromkeys(without)
    found.update((key, tuple(one) if is_multivalued(key) else one[0]) for key, one in values.items())
    return found


def _who(policies: Sequence[Asked], wanted: argparse.Namespace) -> int:
    data: List[Dict[str, object]] = []
    text: List[str] = []
    account = wanted.account or ""
    for one in policies:
        policy = Evaluator(one.document)
        with metered():
            admitted = who_may(policy, wanted.who, one.key_arn, wanted.account)
        data.append({**who_data(policy, wanted.who, admitted, account), **_assumed(one)})
        text.append(_under(one) + who_text(policy, wanted.who, admitted, account))
    _print(data, text, wanted.json)
    return 0


def _print(data: Sequence[Dict[str, object]], text: Sequence[str], as_json: bool) -> None:
    if as_json:
        show_json(list(data))
    else:
        show("\n".join(text))


def _assumed(one: Asked) -> Dict[str, str]:
    return {"assuming": said(one.scenario)} if one.scenario else {}


def _under(one: Asked) -> str:
    return f"Assuming {said(one.scenario)}:\n" if one.scenario else ""
