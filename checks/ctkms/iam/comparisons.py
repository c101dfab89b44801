"""How one value of a policy compares with one value of a request, for the types that are not strings.

A value with a hole, or one that its type cannot read, compares as UNKNOWN: AWS does not say what
becomes of it.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import re
from datetime import datetime, timezone
from functools import lru_cache
from typing import Callable, Optional, TypeVar, Union

from ctkms.unknowns.text import Text
from ctkms.unknowns.truth import UNKNOWN, Truth, truth

T = TypeVar("T")


def _typed(
    read_policy: Callable[[str], Optional[T]],
    read_request: Callable[[str], Optional[T]],
    compare: Callable[[T, T], bool],
) -> Callable[[Text, Text], Truth]:
    def comparison(policy: Text, request: Text) -> Truth:
        if not isinstance(policy, str) or not isinstance(request, str):
            return UNKNOWN
        wanted, given = read_policy(policy), read_request(request)
        return UNKNOWN if wanted is None or given is None else truth(compare(given, wanted))

    return comparison


def compare_numbers(compare: Callable[[float, float], bool]) -> Callable[[Text, Text], Truth]:
    """Numeric operators: `compare(request, policy)` on the two numbers."""
    return _typed(read_number, read_number, compare)


def compare_dates(compare: Callable[[float, float], bool]) -> Callable[[Text, Text], Truth]:
    """Date operators: ISO 8601 dates or seconds since 1970, compared as the latter."""
    return _typed(read_date, read_date, compare)


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\Z", re.ASCII | re.IGNORECASE)
_EXACT = 15  # so many digits a float keeps; how AWS rounds longer numbers is not documented


def read_number(text: str) -> Optional[float]:
    """A decimal number, or None."""
    if not _NUMBER.match(text) or sum(map(str.isdigit, text.lstrip("+-0"))) > _EXACT:
        return None
    number = float(text)
    return number if math.isfinite(number) else None


# The forms of https://www.w3.org/TR/NOTE-datetime; a time comes with its zone.
_DATE = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?\Z",
    re.ASCII | re.IGNORECASE,
)


def read_date(text: str) -> Optional[float]:
    """Seconds since 1970 of a W3C ISO 8601 date or of epoch seconds, or None."""
    return _read_date(text) if len(text) <= _LONGEST else None


_LONGEST = 80  # characters; no date or network has as many
_READ_ONCE = 4096  # a policy's values are compared with one request after the other


@lru_cache(maxsize=_READ_ONCE)
def _read_date(text: str) -> Optional[float]:
    found = _DATE.match(text)
    if not found:
        return None if len(text) == 4 else read_number(text)  # four digits are a year as well
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=timezone.utc,
        )
    except ValueError:
        return None
    seconds = moment.timestamp() + float(fraction or 0)
    if zone and zone.upper() != "Z":
        offset = 3600 * int(zone[1:3]) + 60 * int(zone[-2:])
        seconds += offset if zone[0] == "-" else -offset
    return seconds


def read_bool(text: str) -> Optional[bool]:
    """true or false in any case, or None."""
    return {"true": True, "false": False}.get(text.lower())


same_bool = _typed(read_bool, read_bool, lambda given, wanted: given is wanted)


def _read_binary(text: str) -> Optional[bytes]:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


same_binary = _typed(_read_binary, _read_binary, lambda given, wanted: given == wanted)


# What Python reads besides: a netmask in place of the prefix length, an IPv4 address in an IPv6 one, a zone.
_PLAIN_NETWORK = re.compile(r"([0-9.]+|[0-9a-f:]+)(/(0|[1-9][0-9]{0,2}))?\Z", re.ASCII | re.IGNORECASE)


Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def read_network(text: str) -> Optional[Network]:
    """An IPv4 or IPv6 network in CIDR notation, or one address; None for anything else."""
    return _read_network(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=_READ_ONCE)
def _read_network(text: str) -> Optional[Network]:
    try:
        return ipaddress.ip_network(text, strict=False) if _PLAIN_NETWORK.match(text) else None
    except ValueError:
        return None


def _within(given: object, wanted: object) -> bool:
    if isinstance(given, ipaddress.IPv4Network) and isinstance(wanted, ipaddress.IPv4Network):
        return given.subnet_of(wanted)
    if isinstance(given, ipaddress.IPv6Network) and isinstance(wanted, ipaddress.IPv6Network):
        return given.subnet_of(wanted)
    return False


same_address = _typed(read_network, read_network, _within)
