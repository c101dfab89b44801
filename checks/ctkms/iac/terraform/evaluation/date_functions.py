"""Terraform's functions on times, which are texts such as `2012-10-17T00:00:00Z`.

https://developer.hashicorp.com/terraform/language/functions/formatdate
"""

from __future__ import annotations

import datetime
import re
from typing import Callable, Dict, NamedTuple

from ctkms.budgets import Budget, TooLarge, take
from ctkms.iac.terraform.evaluation.conversion import plain
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Value, fail

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
# What `timecmp` may take besides, which Terraform's releases read in different ways.
_ALMOST = re.compile(r"\d{4}-\d\d-\d\dT\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)", re.ASCII)
_PART = re.compile(r"(\d*)\.?(\d*)([a-zµμ]+)")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_SECOND = 10**9  # nanoseconds
_LONGEST = 2**63  # nanoseconds of a duration
_MAX_DIGITS = 30  # of one number in a duration
_EPOCH = datetime.datetime(1, 1, 1)


class Time(NamedTuple):
    """Nanoseconds since the year 1, where the clock is; and how far its zone is ahead, in minutes."""

    nanoseconds: int
    zone: int

    def clock(self) -> datetime.datetime:
        """What the clock shows."""
        try:
            return _EPOCH + datetime.timedelta(seconds=self.nanoseconds // _SECOND)
        except OverflowError:
            raise TooLarge from None

    def instant(self) -> int:
        """The nanoseconds since the year 1 in Greenwich."""
        return self.nanoseconds - self.zone * 60 * _SECOND


def _time(value: Value) -> Time:
    found = _TIME.fullmatch(plain(value))
    if found is None:
        return fail("this is no time")
    if found[1].startswith("0000"):
        raise TooLarge  # Python has no such year
    try:
        day = datetime.datetime.strptime(found[1], "%Y-%m-%d")
    except ValueError:
        return fail("there is no such day")
    seconds = (day - _EPOCH).days * 86_400 + int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4])
    fraction = int((found[5] or "0")[:9].ljust(9, "0"))
    zone = (int(found[7]) * 60 + int(found[8])) * (-1 if found[6] == "-" else 1) if found[6] else 0
    return Time(seconds * _SECOND + fraction, zone)


def time_add(value: Value, duration: Value) -> Value:
    """`timeadd(time, duration)`"""
    time, added = _time(value), _duration(plain(duration))
    later = Time(time.nanoseconds + added, time.zone)
    return f"{later.clock().isoformat(timespec='seconds')}{_zone(later, ':') if later.zone else 'Z'}"


def _duration(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        return fail("this is no duration")
    total = 0
    for whole, fraction, unit in _PART.findall(found[2]):
        if len(whole) + len(fraction) > _MAX_DIGITS:
            raise TooLarge
        total += int(whole or 0) * _UNITS[unit] + int(fraction or 0) * _UNITS[unit] // 10 ** len(fraction)
    if total >= _LONGEST:
        return fail("this duration is too long")
    return -total if found[1] == "-" else total


def time_compare(one: Value, other: Value) -> Value:
    """`timecmp(one, other)`"""
    if any(_ALMOST.fullmatch(plain(time)) and not _TIME.fullmatch(plain(time)) for time in (one, other)):
        return open_call("timecmp", [one, other])
    left, right = _time(one).instant(), _time(other).instant()
    return (left > right) - (left < right)


_TOKEN = re.compile(r"''|'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']+")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

Clock = datetime.datetime
_VERBS: Dict[str, Callable[[Clock], str]] = {
    "YYYY": lambda at: f"{at.year:04}",
    "YY": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02}",
    "M": lambda at: str(at.month),
    "DD": lambda at: f"{at.day:02}",
    "D": lambda at: str(at.day),
    "EEEE": lambda at: _DAYS[at.weekday()],
    "EEE": lambda at: _DAYS[at.weekday()][:3],
    "hh": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "HH": lambda at: f"{at.hour % 12 or 12:02}",
    "H": lambda at: str(at.hour % 12 or 12),
    "AA": lambda at: "AM" if at.hour < 12 else "PM",
    "aa": lambda at: "am" if at.hour < 12 else "pm",
    "mm": lambda at: f"{at.minute:02}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
}
_ZONES: Dict[str, Callable[[Time], str]] = {
    "Z": lambda time: _zone(time, ":") if time.zone else "Z",
    "ZZZ": lambda time: _zone(time, "") if time.zone else "UTC",
    "ZZZZ": lambda time: _zone(time, ""),
    "ZZZZZ": lambda time: _zone(time, ":"),
}


def format_date(template: Value, value: Value) -> Value:
    """`formatdate(template, time)`"""
    written, time = plain(template), _time(value)
    clock = time.clock()
    pieces, end = [], 0
    for token in _TOKEN.finditer(written):
        if token.start() > end:
            break
        take(Budget.STEPS)
        end = token.end()
        pieces.append(_piece(token, time, clock))
    return "".join(pieces) if end == len(written) else fail("a quotation does not end")


def _piece(token: re.Match[str], time: Time, clock: Clock) -> str:
    if token[0] in _VERBS:
        return _VERBS[token[0]](clock)
    if token[0] in _ZONES:
        return _ZONES[token[0]](time)
    if token[2] is not None:
        return fail("formatdate knows no such verb")
    if token[0] == "''":
        return "'"
    return token[0] if token[1] is None else token[1].replace("''", "'")


def _zone(time: Time, colon: str) -> str:
    ahead = abs(time.zone)
    return f"{'-' if time.zone < 0 else '+'}{ahead // 60:02}{colon}{ahead % 60:02}"
