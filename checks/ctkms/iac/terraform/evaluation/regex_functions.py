"""Terraform's functions with regular expressions; none of them can take long."""

from __future__ import annotations

import re
from typing import Iterator, List, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.regex_machine import Slots, all_matches
from ctkms.iac.terraform.evaluation.regex_program import Program, compiled
from ctkms.iac.terraform.evaluation.regex_syntax import Unread
from ctkms.iac.terraform.evaluation.type_conversion import type_of
from ctkms.iac.terraform.evaluation.value_types import OPEN, list_of
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    MAX_TEXT,
    ListOf,
    Value,
    fail,
    is_known,
)
from ctkms.unknowns.text import map_literals, separates

_IGNORES_CASE = re.compile(r"\(\?[a-zA-Z]*i")


def _program(pattern: str, subject: str) -> Program:
    if _IGNORES_CASE.search(pattern) and not subject.isascii():
        raise Unread  # some letters of Unicode are those of ASCII but for their case
    return compiled(pattern)


def regex(pattern: Value, value: Value) -> Value:
    expression, subject = plain(pattern), plain(value)
    try:
        program = _with_results(_program(expression, subject))
    except Unread:
        return open_call("regex", [pattern, value])
    found = next(all_matches(program, subject), None)
    return fail("the pattern does not match") if found is None else _captured(program, found, subject)


def regex_all(pattern: Value, value: Value) -> Value:
    expression, subject = plain(pattern), plain(value)
    try:
        program = _with_results(_program(expression, subject))
    except Unread:
        return open_call("regexall", [pattern, value])
    found = _sized(_captured(program, one, subject) for one in all_matches(program, subject))
    return ListOf(found, list_of(type_of(found[0]) if found else OPEN))


def _with_results(program: Program) -> Program:
    if 0 < sum(name is None for name in program.groups) < len(program.groups):
        return fail("all groups of an expression have a name, or none has")
    return program


def _sized(found: Iterator[Value]) -> List[Value]:
    listed: List[Value] = []
    for one in found:
        listed.append(one)
        if len(listed) > MAX_ITEMS:
            raise TooLarge
    return listed


def _captured(program: Program, found: Slots, subject: str) -> Value:
    groups = [_group(found, number, subject) for number in range(len(program.groups) + 1)]
    if not program.groups:
        return groups[0]
    return list(groups[1:]) if program.groups[0] is None else dict(zip(program.groups, groups[1:]))


def _group(found: Slots, number: int, subject: str) -> Optional[str]:
    start, end = found[2 * number : 2 * number + 2]
    return None if start < 0 or end < 0 else subject[start:end]


def replace(value: Value, old: Value, new: Value) -> Value:
    if not is_known(old):
        return open_call("replace", [value, old, new])
    if not is_known(value, new):
        return _replace_open(value, old, new)
    subject, wanted, other = plain(value), plain(old), plain(new)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        try:
            return _replaced(_program(wanted[1:-1], subject), subject, other)
        except Unread:
            return open_call("replace", [value, old, new])
    if subject.count(wanted) * len(other) > MAX_TEXT:
        raise TooLarge
    return subject.replace(wanted, other)


def _replaced(program: Program, subject: str, replacement: str) -> str:
    pieces, end = [], 0
    for found in all_matches(program, subject):
        put = _expanded(replacement, program, found, subject)
        take(Budget.CHARACTERS, len(put))
        pieces += [subject[end : found[0]], put]
        end = found[1]
    return "".join([*pieces, subject[end:]])


def _replace_open(value: Value, old: Value, new: Value) -> Value:
    """A replacement of a character that no hole contains."""
    whole, wanted = text(value), plain(old)
    if len(wanted) != 1 or not separates(wanted, whole) or not is_known(new):
        return open_call("replace", [value, old, new])
    return map_literals(whole, lambda part: part.replace(wanted, plain(new)))


_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)


def _expanded(replacement: str, program: Program, found: Slots, subject: str) -> str:
    """The replacement with its `$1` and `${name}`; a group that is not there is empty."""
    groups = {str(number): _group(found, number, subject) for number in range(len(program.groups) + 1)}
    for number, name in enumerate(program.groups, 1):
        if name is not None and groups.get(name) is None:  # several may have the same name
            groups[name] = groups[str(number)]
    return _REFERENCE.sub(
        lambda reference: (groups.get(reference[1] or reference[2]) or "") if reference[0] != "$$" else "$", replacement
    )
