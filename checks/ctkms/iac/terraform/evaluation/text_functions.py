"""Terraform's functions on strings; they keep what is known of a string with holes.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Callable, List

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.characters import has_simple_characters, to_lower, to_upper
from ctkms.iac.terraform.evaluation.conversion import integer, plain, text
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import (
    MAX_ITEMS,
    MAX_TEXT,
    Unordered,
    Value,
    fail,
    has_rest,
    is_known,
    joined,
)
from ctkms.unknowns.text import LOWER_CASE, Hole, Kind, Rest, Text, parts_of, separates
from ctkms.unknowns.text import split as split_text


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
        pieces: List[Value] = [*(whole.split(mark) if mark else whole)]
        return pieces
    parts = parts_of(whole)
    opaque = [not separates(mark, part) for part in parts]
    if not any(opaque):
        return list(split_text(whole, mark))
    clear = joined(parts[: opaque.index(True)])
    certain = list(split_text(clear, mark))[:-1] if mark else []
    return [*certain, Rest(open_call("split", [separator, value]))]


def lower(value: Value) -> Value:
    return _recased("lower", to_lower, value)


def upper(value: Value) -> Value:
    return _recased("upper", to_upper, value)


def _recased(name: str, change: Callable[[str], str], value: Value) -> Value:
    def part(one: Any) -> Text:
        if isinstance(one, str):
            return change(one) if has_simple_characters(one) else open_call(name, [one])
        unchanged = one.kind is Kind.ACCOUNT or (name == "lower" and one.kind in LOWER_CASE)
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
    first, *rest = parts_of(text(value))
    known, *further = parts_of(text(prefix))
    if isinstance(known, Hole) and first == known and all(isinstance(one, str) for one in (*rest, *further)):
        if "/.." in "".join(map(str, rest)):  # an absolute path has none: what is open ends in a folder less
            return open_call("trimprefix", [value, prefix])
        value, prefix = joined(rest), joined(further)  # both begin with the same open value
    found = starts_with(value, prefix)
    if not isinstance(found, bool):
        return open_call("trimprefix", [value, prefix])
    first, *others = parts_of(text(value))
    return joined([first[len(plain(prefix)) :], *others]) if found and isinstance(first, str) else text(value)


def trim_suffix(value: Value, suffix: Value) -> Value:
    found = ends_with(value, suffix)
    if not isinstance(found, bool):
        return open_call("trimsuffix", [value, suffix])
    *others, last = parts_of(text(value))
    return joined([*others, last[: len(last) - len(plain(suffix))]]) if found and isinstance(last, str) else text(value)


def title(value: Value) -> Value:
    words = plain(value)
    if not has_simple_characters(words):
        return open_call("title", [value])
    take(Budget.STEPS, len(words) // 4)
    return re.sub(r"(?<!\w)\w", lambda found: to_upper(found.group()), words)


def trim(value: Value, characters: Value) -> Value:
    return plain(value).strip(plain(characters)) if characters else plain(value)


def trim_space(value: Value) -> Value:
    return plain(value).strip(_SPACE)


# https://pkg.go.dev/unicode#IsSpace
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def chomp(value: Value) -> Value:
    return plain(value).rstrip("\r\n")


def reverse(value: Value) -> Value:
    return plain(value)[::-1] if has_simple_characters(plain(value)) else open_call("strrev", [value])


def text_length(value: str) -> Value:
    return len(value) if has_simple_characters(value) else open_call("length", [value])


def substr(value: Value, offset: Value, size: Value) -> Value:
    whole, start, count = plain(value), integer(offset), integer(size)
    if not has_simple_characters(whole):
        return open_call("substr", [value, offset, size])
    if start < 0 and count == 0:
        count = -1  # so does Terraform: what is counted from the end is never empty
    start = max(start + len(whole), 0) if start < 0 else start
    return whole[start:] if count < 0 else whole[start : start + count]


def indent(spaces: Value, value: Value) -> Value:
    count = integer(spaces)
    if count < 0:
        return fail("the indentation is negative")
    if count > 1000 or plain(value).count("\n") * count > MAX_TEXT:
        raise TooLarge
    return plain(value).replace("\n", "\n" + " " * count)


def base_name(value: Value) -> Value:
    if not is_known(value):
        last = parts_of(text(value))[-1]
        known = isinstance(last, str) and "/" in last.rstrip("/") and not last.endswith("/..")
        return base_name(last) if known else open_call("basename", [value])
    stripped = plain(value).rstrip("/")
    return posixpath.basename(stripped) or ("/" if value else ".")


def dir_name(value: Value) -> Value:
    normal = posixpath.normpath(posixpath.dirname(plain(value)) or ".")
    return normal[1:] if normal.startswith("//") else normal


def join_arn(*fields: Value) -> Value:
    if len(fields) != 5:
        return fail("arn_build takes five arguments")
    return joined(["arn", *(piece for one in fields for piece in (":", text(one)))])


def parse_arn(value: Value) -> Value:
    whole = text(value)
    # A colon may hide in a hole, except where what follows the last colon is taken as a whole.
    if any(isinstance(part, Hole) and part.kind not in LOWER_CASE for part in parts_of(whole)):
        return open_call("provider::aws::arn_parse", [value])
    pieces = split_text(whole, ":", 5)
    if len(pieces) != 6 or pieces[0] != "arn":
        return fail("this is no ARN")
    return dict(zip(("partition", "service", "region", "account_id", "resource"), pieces[1:]))
