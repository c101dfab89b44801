"""Which checks Checkov runs on a resource: of this pack's, only those that have something to say about it.

Checkov writes six debug messages for every check on every resource, and makes a record that it throws
away where the check stays silent. On keys that are not CloudTrail's, where the whole pack is silent,
that is nearly all of the pack's cost.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List

from ctkms.hosts.checkov_frames import resource_at_hand
from ctkms.hosts.checkov_records import RuleCheck


class SpeakingChecks(List[Any]):
    """The checks that are registered for one type of resource.

    To a registry's `scan`, which goes through them once a resource, it gives this pack's checks only
    where they have a finding. To everybody else, and to a `scan` that is not as in Checkov 3.3, it
    is the plain list: a check that is run and has no finding leaves no record either.
    """

    def __iter__(self) -> Iterator[Any]:
        resource = resource_at_hand()
        ours = next((check for check in super().__iter__() if isinstance(check, RuleCheck)), None)
        if ours is None or resource is None:
            return super().__iter__()
        findings = ours.findings_on(*resource)
        return (check for check in super().__iter__() if not isinstance(check, RuleCheck) or check.id in findings)

    def copy(self) -> SpeakingChecks:
        """Checkov copies the list where another pack has checks for types that it names by a pattern."""
        return SpeakingChecks(self)


def let_speak(registered: Dict[str, List[Any]], types: Iterable[str]) -> None:
    """From now on, run this pack's checks on resources of these types only where they have a finding."""
    for type_ in types:
        registered[type_] = SpeakingChecks(registered[type_])
