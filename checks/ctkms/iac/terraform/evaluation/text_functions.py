"""Terraform's functions on strings; they keep what is known of a string with holes.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Callable, List, Match, Optional

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import boolean, integer, number, plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    MAX_TEXT,
    Json,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    is_text,
    joined,
)
from ctkms.unknowns.text import Hole, Kind, Rest, Text, map_literals, parts_of
from ctkms.unknowns.text import split as split_text

# The holes whose text has no upper-case letter, no blank, and none of the usual separators.
_LOWER_CASE = (Kind.ACCOUNT, Kind.REGION, Kind.PARTITION, Kind.SUFFIX)
_SEPARATORS = (":", "/", ",", ";", "|", " ", "\n")


def join_(separator: Value, *lists: Value) -> Value:
    items: List[Value] = []
    for one in lists:
        if not is_known(separator) or (isinstance(one, (Hole, Unordered)) and not is_known(one)):
            return open_call("join", [separator, *lists])
        if not isinstance(one, list):
            return fail("join takes lists")
        items.extend(one)
    if has_rest(items):
        return open_call("join", [separator, *lists])
    if len(items) * len(plain(separator)) > MAX_TEXT:
        raise TooLarge
    pieces: List[Text] = []
    for item in items:
        pieces += [text(item), plain(separator)]
    return joined(pieces[:-1])


def split(separator: Value, value: Value) -> Value:
    """The pieces of a string. From the first hole on that may hide a separator, their number is not known."""
    if not is_known(separator) or isinstance(value, Hole):
        return open_call("split", [separator, value])
    mark, whole = plain(separator), text(value)
    if isinstance(whole, str):
        if (whole.count(mark) if mark else len(whole)) > MAX_ITEMS:
            raise TooLarge
        return whole.split(mark) if mark else list(whole)
    parts = parts_of(whole)
    opaque = [isinstance(part, Hole) and not (part.kind in _LOWER_CASE and mark in _SEPARATORS) for part in parts]
    if not any(opaque):
        return list(split_text(whole, mark))
    clear = joined(parts[: opaque.index(True)])
    certain = list(split_text(clear, mark))[:-1] if mark else []
    return [*certain, Rest(open_call("split", [separator, value]))]


def lower(value: Value) -> Value:
    return _recased("lower", str.lower, value)


def upper(value: Value) -> Value:
    return _recased("upper", str.upper, value)


def _recased(name: str, change: Callable[[str], str], value: Value) -> Value:
    def part(one: Any) -> Text:
        if isinstance(one, str):
            return change(one)
        unchanged = one.kind is Kind.ACCOUNT or (name == "lower" and one.kind in _LOWER_CASE)
        return one if unchanged else open_call(name, [one])

    return joined(part(one) for one in parts_of(text(value)))


def starts_with(value: Value, prefix: Value) -> Value:
    return _edge("startswith", value, prefix, 0)


def ends_with(value: Value, suffix: Value) -> Value:
    return _edge("endswith", value, suffix, -1)


def _edge(name: str, value: Value, edge: Value, at: int) -> Value:
    whole = text(value)
    if not is_known(edge):
        return open_call(name, [value, edge])
    wanted, known = plain(edge), parts_of(whole)[at]
    if isinstance(known, Hole):
        return True if not wanted else open_call(name, [value, edge])
    if isinstance(whole, str) or len(known) >= len(wanted):
        return known.startswith(wanted) if at == 0 else known.endswith(wanted)
    agrees = wanted.startswith(known) if at == 0 else wanted.endswith(known)
    return open_call(name, [value, edge]) if agrees else False


def contains_text(value: Value, wanted: Value) -> Value:
    if is_known(wanted) and any(isinstance(part, str) and plain(wanted) in part for part in parts_of(text(value))):
        return True
    return False if is_known(value, wanted) else open_call("strcontains", [value, wanted])


def trim_prefix(value: Value, prefix: Value) -> Value:
    found = starts_with(value, prefix)
    if not isinstance(found, bool):
        return open_call("trimprefix", [value, prefix])
    first, *others = parts_of(text(value))
    return joined([first[len(plain(prefix)) :], *others]) if found and isinstance(first, str) else value


def trim_suffix(value: Value, suffix: Value) -> Value:
    found = ends_with(value, suffix)
    if not isinstance(found, bool):
        return open_call("trimsuffix", [value, suffix])
    *others, last = parts_of(text(value))
    return joined([*others, last[: len(last) - len(plain(suffix))]]) if found and isinstance(last, str) else value


def title(value: Value) -> Value:
    if not plain(value).isascii():
        return open_call("title", [value])
    take(Budget.STEPS, len(plain(value)) // 4)
    return re.sub(r"\b[a-z]", lambda found: found.group().upper(), plain(value))


def substr(value: Value, offset: Value, size: Value) -> Value:
    whole, start, count = plain(value), integer(offset), integer(size)
    start = max(start + len(whole), 0) if start < 0 else start
    return whole[start:] if count < 0 else whole[start : start + count]


def indent(spaces: Value, value: Value) -> Value:
    count = integer(spaces)
    if not 0 <= count <= 1000 or plain(value).count("\n") * count > MAX_TEXT:
        raise TooLarge
    return plain(value).replace("\n", "\n" + " " * count)


def base_name(value: Value) -> Value:
    stripped = plain(value).rstrip("/")
    return posixpath.basename(stripped) or ("/" if value else ".")


def dir_name(value: Value) -> Value:
    return posixpath.normpath(posixpath.dirname(plain(value)) or ".")


def join_arn(*fields: Value) -> Value:
    if len(fields) != 5:
        return fail("arn_build takes five arguments")
    return joined(["arn", *(piece for one in fields for piece in (":", text(one)))])


def parse_arn(value: Value) -> Value:
    whole = text(value)
    # A colon may hide in a hole, except where what follows the last colon is taken as a whole.
    if any(isinstance(part, Hole) and part.kind not in _LOWER_CASE for part in parts_of(whole)):
        return open_call("provider::aws::arn_parse", [value])
    pieces = split_text(whole, ":", 5)
    if len(pieces) != 6 or pieces[0] != "arn":
        return fail("this is no ARN")
    return dict(zip(("partition", "service", "region", "account_id", "resource"), pieces[1:]))


# Regular expressions

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
    return open_call("regexall", [pattern, value]) if found is None else [_captured(one) for one in found]


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
    clear = all(not isinstance(part, Hole) or part.kind in _LOWER_CASE for part in parts_of(whole))
    if not clear or wanted not in _SEPARATORS or not is_known(new):
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


# format

_VERB = re.compile(r"%(?:(%)|([-+# 0]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))")


def format_(template: Value, *arguments: Value) -> Value:
    if not is_known(template):
        return open_call("format", [template, *arguments])
    pieces: List[Text] = []
    form, end, used, highest = plain(template), 0, 0, 0
    for verb in _VERB.finditer(form):
        _check_literal(form[end : verb.start()])
        pieces.append(form[end : verb.start()])
        end = verb.end()
        if verb[1]:
            pieces.append("%")
            continue
        used = int(verb[5][:4]) if verb[5] else used + 1
        highest = max(highest, used)
        if not 0 < used <= len(arguments):
            return fail("format has too few arguments")
        written = _formatted(verb, arguments[used - 1])
        take(Budget.STEPS)
        take(Budget.CHARACTERS, len(written) if isinstance(written, str) else 0)
        pieces.append(written)
    _check_literal(form[end:])
    if highest < len(arguments):
        return fail("format has too many arguments")
    return joined([*pieces, form[end:]])


def _check_literal(piece: str) -> None:
    if "%" in piece:
        fail("this is no format verb")


def _formatted(verb: Match[str], value: Value) -> Text:
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
    return Rest(open_call("format", row)) if isinstance(item, Rest) else format_(*row)
