"""Resources that do not exist as long as some variable is as by default: the scanner hands them over like any other."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Callable, Iterator, Optional, Tuple

from ctkms.budgets import Budget, TooLarge, at_most
from ctkms.cloudtrail.subjects import Unjudged, findings_on
from ctkms.iac.terraform.aws.attributes import KEY_POLICY, KEY_TYPES
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.subjects import USER_TYPES, Find, subject_of
from ctkms.iac.terraform.subjects.switches import Switch, all_open
from ctkms.iac.terraform.subjects.trail_subjects import Named, named
from ctkms.iac.terraform.subjects.unseen_keys import unseen
from ctkms.unknowns.scenarios import every_scenario

MAX_SWITCHES = 6  # that may decide about one resource
MAX_TOGETHER = 3

_REPETITIONS = ("count", "for_each")


def only_if_switched_on(
    configuration: Configuration, type_: str, find: Find, called: Callable[[], bool]
) -> Optional[Unjudged]:
    """What is said of a resource that does not exist as the code stands, if other values would make it CloudTrail's.

    `called` is as in `judged`.
    """
    if not configuration.is_small:
        return None
    try:
        with at_most(Budget.STEPS, _MOST_STEPS):
            return _switched_on(configuration, type_, find, called)
    except TooLarge:
        configuration.is_small = False
        return None  # nothing is claimed of what does not exist


_MOST_STEPS = 10_000  # with all variables open a configuration may have no end


def _switched_on(
    configuration: Configuration, type_: str, find: Find, called: Callable[[], bool]
) -> Optional[Unjudged]:
    for switches in _that_may_matter(configuration, find):
        with_them = configuration.with_variables({one.name: one.value for one in switches})
        found = list(find(with_them.scenario({})))
        if not found:
            continue
        if type_ in USER_TYPES:
            is_cloudtrails = any(
                _stands_for_its_key(one, configuration, called) for _, names in named(with_them, find) for one in names
            )
        else:
            is_cloudtrails = _is_cloudtrails(with_them, type_, find)
        return _unjudged(found[0], switches) if is_cloudtrails else None
    return None


def _that_may_matter(configuration: Configuration, find: Find) -> Iterator[Tuple[Switch, ...]]:
    """The switches, or combinations of them, on which the existence of a resource may depend; the smallest first."""
    switches = configuration.switches()
    if not switches:
        return
    with_open = configuration.with_variables(all_open(switches.values()))
    scenarios = every_scenario(
        lambda assumed: tuple(find(with_open.scenario(assumed))),
        lambda instances: frozenset().union(*(one.conditions for one in instances)),
    )
    # A condition names what it hangs on, and so does the index of an instance that may be there.
    asked = (text for assumed, instances in scenarios for text in (*assumed, *(one.address for one in instances)))
    named_ = dict.fromkeys(name for text in asked for name in re.findall(r"\bvar\.([\w-]+)", text))
    found = [switches[name] for name in named_ if name in switches]
    candidates = sorted(found, key=lambda one: not one.is_off)[:MAX_SWITCHES]
    for size in range(1, MAX_TOGETHER + 1):
        yield from combinations(candidates, size)


def _is_cloudtrails(configuration: Configuration, type_: str, find: Find) -> bool:
    subject = subject_of(configuration, type_, find)
    if subject is None or not findings_on(subject):
        return False
    # Where the code declares the key as well, that is the resource that speaks for both.
    return type_ != KEY_POLICY or any(key.address == key.policy_address for key in subject.scenarios)


def _stands_for_its_key(one: Named, configuration: Configuration, called: Callable[[], bool]) -> bool:
    """Whether a trail speaks for its key: not where that is a resource which does not exist either."""
    if one.identity is None:
        return False
    if one.key is None:
        return not (unseen(one.instance, one.identity).is_input and called())
    address = one.key.address
    return not one.key.shown or any(
        key.address == address for key in configuration.inventory({}).scenario.everything(*KEY_TYPES)
    )


def _unjudged(found: ResourceInstance, switches: Tuple[Switch, ...]) -> Unjudged:
    conditions = " and ".join(f"var.{one.name} {one.otherwise} (the default is {one.by_default})" for one in switches)
    path = next((f"{name}/[0]" for name in _REPETITIONS if name in found.body.attributes), "")
    address = "".join(f"module.{call}." for call in found.module.path) + ".".join((found.type, found.name[-1]))
    reason = f"{address} does not exist as its variables stand, so nothing was judged of it: it would if {conditions}"
    return Unjudged(reason + "; set the variable in a .tfvars file, or scan a plan that has it", path)
