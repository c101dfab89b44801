"""What is judged of one scanned resource: a key, a key policy, a trail or an event data store."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Optional

from ctkms.cloudtrail.subjects import Judged, Unjudged, unreadable
from ctkms.iac.terraform.aws.attributes import KEY_POLICY
from ctkms.iac.terraform.locations.finding_locator import FindingLocator
from ctkms.iac.terraform.subjects.configuration import Configuration
from ctkms.iac.terraform.subjects.subjects import USER_TYPES, Find, subject_of
from ctkms.iac.terraform.subjects.switched_off import only_if_switched_on
from ctkms.iac.terraform.subjects.trail_subjects import judged_user, named


def judged(configuration: Configuration, type_: str, find: Find, called: Callable[[], bool]) -> Optional[Judged]:
    """What is judged of a resource of this type, or None when there is nothing to say.

    `find` gives the instances in one scenario that the scanner's address stands for. `called` says
    whether the code is that of a module that is called from elsewhere, and stands here by itself.
    """
    return _located(_judged(configuration, type_, find, called), configuration, find)


def _judged(configuration: Configuration, type_: str, find: Find, called: Callable[[], bool]) -> Optional[Judged]:
    if type_ in USER_TYPES:
        scenarios = named(configuration, find)
        if any(found for _, found in scenarios):
            return judged_user(configuration, scenarios, called)
    else:
        subject = subject_of(configuration, type_, find)
        if subject is not None:
            return subject
    return only_if_switched_on(configuration, type_, find, called)


def _located(subject: Optional[Judged], configuration: Configuration, find: Find) -> Optional[Judged]:
    """The subject with a way to find out where the findings on it stand."""
    if subject is None or configuration.located is None:
        return subject
    locator = FindingLocator(configuration.located, lambda: configuration.inventory({}).scenario, find, subject)
    return replace(subject, locate=locator.locate)


def not_read(address: str, type_: str, why: str) -> Judged:
    """What is said of a resource that the scanner read and that could not be read here."""
    if type_ in USER_TYPES:
        return Unjudged(f"{address} cannot be read: {why}")
    return unreadable(address, type_ != KEY_POLICY, why)
