"""Terraform's functions with regular expressions; none of them can take long."""

from __future__ import annotations

import re
from typing import List, Match, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.text_functions import SEPARATORS
from ctkms.iac.terraform.evaluation.type_conversion import type_of
from ctkms.iac.terraform.evaluation.value_types import OPEN, list_of
from ctkms.iac.terraform.evaluation.values import (
    MAX_TEXT,
    ListOf,
    Value,
    fail,
    is_known,
)
from ctkms.unknowns.text import LOWER_CASE, Hole, map_literals, parts_of

_RISKY = re.compile(r"\)[*+{]|\[[^\]]*\[|--|&&|\|\||~~|\(\?(?![:P]|[ims]+\))|\\[1-9pPQEzC]|[*+}?]\+")


_ESCAPED = re.compile(r"\\.|\[\^?\]?[^\]]*\]")  # characters that mean themselves, and classes


_IN_GROUP = re.compile(r"\(\?(?:P?<\w+>|[a-z]*:|[a-z]+\))")


_REPEATED = re.compile(r"[*+{]")


_CHOSEN = re.compile(r"[?|]")  # each may double the ways to read a text, also where it only makes something lazy


_MAX_PATTERN, _MAX_SUBJECT, _MAX_EFFORT = 200, 2000, 2_000_000
_MATCHING = 20  # of this effort, in the time of one step


def _matches(pattern: str, subject: str, name: str) -> Optional[List[Match[str]]]:
    """All matches; None where Python might disagree with Terraform's engine, or take too long.

    Terraform's engine runs in linear time. Python's needs at most the length of the text to the power
    of the repetitions (and of one more for where to start), times two for every choice, as long as no
    repetition is repeated.
    """
    if len(pattern) > _MAX_PATTERN or len(subject) > _MAX_SUBJECT or _RISKY.search(pattern):
        return None
    starts = 0 if pattern.startswith("^") else 1
    ways = 2 ** len(_CHOSEN.findall(_IN_GROUP.sub("(", _ESCAPED.sub("", pattern))))
    effort = ways * max(len(subject), 2) ** min(len(_REPEATED.findall(pattern)) + starts, 30)
    if effort > _MAX_EFFORT or ("$" in pattern and subject.endswith("\n")):
        return None
    take(Budget.STEPS, 1 + effort // _MATCHING)
    try:
        return list(re.finditer(pattern, subject, re.ASCII))
    except (re.error, OverflowError, RecursionError):
        return None


def regex(pattern: Value, value: Value) -> Value:
    found = _matches(plain(pattern), plain(value), "regex")
    if found is None:
        return open_call("regex", [pattern, value])
    return _captured(found[0]) if found else fail("the pattern does not match")


def regex_all(pattern: Value, value: Value) -> Value:
    found = _matches(plain(pattern), plain(value), "regexall")
    if found is None:
        return open_call("regexall", [pattern, value])
    captured = [_captured(one) for one in found]
    return ListOf(captured, list_of(type_of(captured[0]) if captured else OPEN))


def _captured(found: Match[str]) -> Value:
    names = found.groupdict()
    if names:
        return names
    return list(found.groups()) if found.groups() else found.group()


def replace(value: Value, old: Value, new: Value) -> Value:
    if not is_known(old):
        return open_call("replace", [value, old, new])
    if not is_known(value, new):
        return _replace_open(value, old, new)
    subject, wanted, other = plain(value), plain(old), plain(new)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        found = _matches(wanted[1:-1], subject, "replace")
        if found is None:
            return open_call("replace", [value, old, new])
        pieces, end = [], 0
        for one in found:
            put = _expanded(other, one)
            take(Budget.CHARACTERS, len(put))
            pieces += [subject[end : one.start()], put]
            end = one.end()
        return "".join([*pieces, subject[end:]])
    if subject.count(wanted) * len(other) > MAX_TEXT:
        raise TooLarge
    return subject.replace(wanted, other)


def _replace_open(value: Value, old: Value, new: Value) -> Value:
    """A replacement of a single character that no hole contains."""
    whole, wanted = text(value), plain(old)
    clear = all(not isinstance(part, Hole) or part.kind in LOWER_CASE for part in parts_of(whole))
    if not clear or wanted not in SEPARATORS or not is_known(new):
        return open_call("replace", [value, old, new])
    return map_literals(whole, lambda part: part.replace(wanted, plain(new)))


_GROUP = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def _expanded(replacement: str, found: Match[str]) -> str:
    def group(reference: Match[str]) -> str:
        name = reference[1] or reference[2]
        if not name:
            return "$"
        if name.isdigit():
            return (found[int(name)] or "") if int(name) <= len(found.groups()) else ""
        return found.groupdict().get(name) or ""

    return _GROUP.sub(group, replacement)
