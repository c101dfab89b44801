"""Terraform's `format` and `formatlist`."""

from __future__ import annotations

import re
from typing import Iterator, List, Sequence, Union

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.format_verbs import VERB, written
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import (
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_text,
    joined,
    plain_null,
)
from ctkms.unknowns.text import LOWER_CASE, Hole, Partial, Rest, Text, parts_of


def format_(template: Value, *arguments: Value) -> Value:
    if None in arguments:  # Terraform does not work it out, unless it knows the type
        return open_call("format", [template, *arguments])
    return _filled(template, [*map(plain_null, arguments)])


def _filled(template: Value, arguments: Sequence[Value]) -> Value:
    if not is_known(template) and not _is_template(template):
        return open_call("format", [template, *arguments])
    pieces: List[Text] = []
    used, highest = 0, 0
    for piece in _pieces(text(template)):
        if not isinstance(piece, re.Match):
            pieces.append(piece)
            continue
        used = int(piece[5][:4]) if piece[5] else used + 1
        highest = max(highest, used)
        if not 0 < used <= len(arguments):
            return fail("format has too few arguments")
        put = _formatted(piece, arguments[used - 1])
        take(Budget.STEPS)
        take(Budget.CHARACTERS, len(put) if isinstance(put, str) else 0)
        pieces.append(put)
    if highest < len(arguments):
        return fail("format has too many arguments")
    return joined(pieces)


def _is_template(template: Value) -> bool:
    """Whether every verb of a text with holes stands in what is known of it, none of them half in a hole."""
    if not isinstance(template, (Hole, Partial)):
        return False
    parts = parts_of(template)
    cut = any(isinstance(part, str) and "%" in VERB.sub("", part) for part in parts)
    return not cut and all(part.kind in LOWER_CASE for part in parts if isinstance(part, Hole))


def _pieces(template: Text) -> Iterator[Union[Text, re.Match[str]]]:
    """The verbs that take an argument, and what stands between them."""
    for part in parts_of(template):
        if isinstance(part, Hole):
            yield part
            continue
        end = 0
        for verb in VERB.finditer(part):
            yield _literal(part[end : verb.start()])
            yield "%" if verb[1] else verb
            end = verb.end()
        yield _literal(part[end:])


def _literal(piece: str) -> str:
    return fail("this is no format verb") if "%" in piece else piece


def _formatted(verb: re.Match[str], value: Value) -> Text:
    if is_known(value):
        return written(verb, value)
    is_plain = not verb[2] and not verb[3] and verb[4] is None
    whole_text = verb[6] == "s" or (verb[6] == "v" and is_text(value))
    return text(value) if is_plain and whole_text else open_call("format", [verb[0], value])


def format_list(template: Value, *arguments: Value) -> Value:
    given = [template, *arguments]
    if any(isinstance(one, Hole) and not is_text(one) for one in given):
        return open_call("formatlist", given)
    lists = [one for one in given if isinstance(one, list)]
    if any(has_rest(one) or (isinstance(one, Unordered) and not is_known(one)) for one in lists):
        return _format_open_lists(given, lists)
    lengths = {len(one) for one in lists} or {1}
    if len(lengths) > 1:
        return fail("the lists of formatlist differ in length")
    if None in given:
        return open_call("formatlist", given)
    given = [*map(plain_null, given)]
    rows = ([one[at] if isinstance(one, list) else one for one in given] for at in range(lengths.pop()))
    return [_filled(row[0], row[1:]) for row in rows]


def _format_open_lists(given: List[Value], lists: List[List[Value]]) -> Value:
    """With one open list, each known element is formatted, and the rest stays open."""
    if len(lists) != 1:
        return open_call("formatlist", given)
    made = (_format_row([item if one is lists[0] else one for one in given], item) for item in lists[0])
    return Unordered(made) if isinstance(lists[0], Unordered) else list(made)


def _format_row(row: List[Value], item: Value) -> Value:
    if not isinstance(item, Rest):
        return format_(*row)
    each = None if item.each is None else format_(*[item.each if one is item else one for one in row])
    return Rest(open_call("format", row), each)
