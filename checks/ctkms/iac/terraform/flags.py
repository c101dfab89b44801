"""Resources that exist only with a flag that is false by default: the scanner hands them over like any other.

A flag is a variable of the root module with the default false, which no variable file sets.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import Callable, Iterator, List, Optional, Tuple

from ctkms.iac.subjects import Unjudged, findings_on
from ctkms.iac.terraform.attributes import KEY_POLICY, KEY_TYPES
from ctkms.iac.terraform.configuration import Configuration
from ctkms.iac.terraform.reading import USER_TYPES, Find, subject_of
from ctkms.iac.terraform.resource_instance import ResourceInstance
from ctkms.iac.terraform.unseen import unseen
from ctkms.iac.terraform.users import Named, named
from ctkms.iac.worlds import every_world
from ctkms.iam.text import Hole

MAX_FLAGS = 6  # that may decide about one resource
MAX_TOGETHER = 3

_REPETITIONS = ("count", "for_each")


def only_by_flags(
    configuration: Configuration, type_: str, find: Find, called: Callable[[], bool]
) -> Optional[Unjudged]:
    """What is said of a resource that does not exist as the code stands, if flags would make it one of CloudTrail's.

    `called` is as in `judged`.
    """
    for flags in _that_may_matter(configuration, find):
        with_them = configuration.with_variables(dict.fromkeys(flags, True))
        found = list(find(with_them.world({})))
        if not found:
            continue
        if type_ in USER_TYPES:
            is_cloudtrails = any(
                _stands_for_its_key(one, configuration, called) for _, names in named(with_them, find) for one in names
            )
        else:
            is_cloudtrails = _is_cloudtrails(with_them, type_, find)
        return _unjudged(found[0], flags) if is_cloudtrails else None
    return None


def _that_may_matter(configuration: Configuration, find: Find) -> Iterator[Tuple[str, ...]]:
    """The flags, or combinations of them, on which the existence of a resource may depend; the smallest first."""
    flags = configuration.flags()
    if not flags:
        return
    with_open = configuration.with_variables({flag: Hole("${var." + flag + "}") for flag in flags})
    asked = [
        condition
        for assumed, _ in every_world(
            lambda assumed: tuple(find(with_open.world(assumed))),
            lambda found: frozenset().union(*(one.conditions for one in found)),
        )
        for condition in assumed
    ]
    named_ = dict.fromkeys(name for condition in asked for name in re.findall(r"\bvar\.([\w-]+)", condition))
    candidates = [name for name in named_ if name in flags][:MAX_FLAGS]
    for size in range(1, MAX_TOGETHER + 1):
        yield from combinations(candidates, size)


def _is_cloudtrails(configuration: Configuration, type_: str, find: Find) -> bool:
    subject = subject_of(configuration, type_, find)
    if subject is None or not findings_on(subject):
        return False
    # Where the code declares the key as well, that is the resource that speaks for both.
    return type_ != KEY_POLICY or any(key.address == key.policy_address for key in subject.worlds)


def _stands_for_its_key(one: Named, configuration: Configuration, called: Callable[[], bool]) -> bool:
    """Whether a trail speaks for its key: not where that is a resource which does not exist either."""
    if one.identity is None:
        return False
    if one.key is None:
        return not (unseen(one.instance, one.identity).is_input and called())
    address = one.key.address
    return not one.key.shown or any(
        key.address == address for key in configuration.situation({}).world.everything(*KEY_TYPES)
    )


def _unjudged(found: ResourceInstance, flags: Tuple[str, ...]) -> Unjudged:
    conditions: List[str] = [f"var.{flag}" for flag in flags]
    are = "are true; they are" if len(conditions) > 1 else "is true; it is"
    path = next((f"{name}/[0]" for name in _REPETITIONS if name in found.body.attributes), "")
    reason = f"it exists only if {' and '.join(conditions)} {are} false by default, so nothing was judged of it"
    return Unjudged(reason + "; set the variable in a .tfvars file, or scan a plan that has it", path)
