"""Which Checkov the rules need, which one a program is, and what is said of an older one."""

from __future__ import annotations

import importlib.metadata
import logging
import re
import sys
from functools import cache
from pathlib import Path
from typing import Optional, Tuple

# The release before it cannot read a `.tf.json` file whose provider is one object, as most are: a scan of one
# framework ends in a traceback, and one of several may hang. The tests pass on this one; CI runs them on it.
OLDEST = "3.3.21"

TOO_OLD = "is too old for these rules"

_LOGGER = logging.getLogger("ctkms")
_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def complaint(version: Optional[str]) -> Optional[str]:
    """What to say of a Checkov that is too old; None when it is new enough, and when that cannot be told."""
    numbers = _numbers(version or "")
    if not numbers or numbers >= _numbers(OLDEST):
        return None
    return f"ctkms: Checkov {version} {TOO_OLD}; they need {OLDEST} or newer: pip install -U checkov"


def _numbers(version: str) -> Tuple[int, ...]:
    found = _NUMBERS.match(version)
    return tuple(map(int, found[0].split("."))) if found else ()


@cache  # both doors ask, and every scan of a process opens them again
def warn_if_too_old(version: str) -> None:
    """Log it if this Checkov is too old, once a process: Checkov gives each of several frameworks its own."""
    said = complaint(version)
    if said:
        _LOGGER.warning(said)


def version_of(program: str) -> Optional[str]:
    """The version of the Checkov that a program starts; None when it cannot be told without starting it.

    Starting it takes seconds. The environment that the program stands in has it in writing.
    """
    started = Path(program)
    try:
        if started.parent == Path(sys.executable).parent:
            return importlib.metadata.version("checkov")
        # pipx and uv link from a folder on the PATH to the program in an environment of its own.
        return _only_version_in(started.resolve().parent.parent)
    except Exception:  # not installed by pip, or damaged in any way
        return None


def _only_version_in(environment: Path) -> Optional[str]:
    """None when there are several: a folder such as /usr/local belongs to every Python, each with its own Checkov."""
    libraries = [*environment.glob("lib/python*/*-packages"), *environment.glob("Lib/site-packages")]
    found = importlib.metadata.distributions(name="checkov", path=[str(one) for one in libraries])
    versions = {one.version for one in found}
    return versions.pop() if len(versions) == 1 else None
