"""Terraform's `format` and `formatlist`."""

from __future__ import annotations

import re
from typing import Iterator, List, Optional, Union

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import boolean, integer, number, plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import (
    Json,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_text,
    joined,
)
from ctkms.unknowns.text import LOWER_CASE, Hole, Partial, Rest, Text, parts_of

_VERB = re.compile(r"%(?:(%)|([-+# 0]*)([1-9]\d*|)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))")


def format_(template: Value, *arguments: Value) -> Value:
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
        written = _formatted(piece, arguments[used - 1])
        take(Budget.STEPS)
        take(Budget.CHARACTERS, len(written) if isinstance(written, str) else 0)
        pieces.append(written)
    if highest < len(arguments):
        return fail("format has too many arguments")
    return joined(pieces)


def _is_template(template: Value) -> bool:
    """Whether every verb of a text with holes stands in what is known of it, none of them half in a hole."""
    if not isinstance(template, (Hole, Partial)):
        return False
    parts = parts_of(template)
    cut = any(isinstance(part, str) and "%" in _VERB.sub("", part) for part in parts)
    return not cut and all(part.kind in LOWER_CASE for part in parts if isinstance(part, Hole))


def _pieces(template: Text) -> Iterator[Union[Text, re.Match[str]]]:
    """The verbs that take an argument, and what stands between them."""
    for part in parts_of(template):
        if isinstance(part, Hole):
            yield part
            continue
        end = 0
        for verb in _VERB.finditer(part):
            yield _literal(part[end : verb.start()])
            yield "%" if verb[1] else verb
            end = verb.end()
        yield _literal(part[end:])


def _literal(piece: str) -> str:
    return fail("this is no format verb") if "%" in piece else piece


def _formatted(verb: re.Match[str], value: Value) -> Text:
    flags, width, precision, letter = verb[2], verb[3], verb[4], verb[6]
    if len(width) > 3 or len(precision or "") > 3:
        raise TooLarge
    if not is_known(value):
        plain_verb = not flags and not width and precision is None
        whole_text = letter in "sd" or (letter == "v" and (is_text(value) or isinstance(value, Hole)))
        return text(value) if plain_verb and whole_text else open_call("format", [verb[0], value])
    written = _write(letter, flags, precision, value)
    if not width or len(written) >= int(width):
        return written
    if "-" in flags:
        return written.ljust(int(width))
    return written.zfill(int(width)) if "0" in flags else written.rjust(int(width))


def _write(letter: str, flags: str, precision: Optional[str], value: Value) -> str:
    if letter == "v":
        if is_text(value) and "#" not in flags:
            return plain(value)
        return plain(Json(value))
    if value is None:
        return fail("format takes no null")
    if letter == "s":
        return plain(value) if precision is None else plain(value)[: int(precision or 0)]
    if letter == "q":
        return plain(Json(plain(value)))
    if letter == "t":
        return plain(boolean(value))
    if letter in "dboxX":
        return format(integer(value), ("+" if "+" in flags else "") + letter)
    if letter in "eEfF":
        return format(float(number(value)), ("+" if "+" in flags else "") + f".{int(precision or 6)}{letter}")
    if letter in "gG":
        return plain(number(value))
    return fail("format does not know this verb")


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
    return [format_(*(one[at] if isinstance(one, list) else one for one in given)) for at in range(lengths.pop())]


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
