"""Where a finding on a resource of a template stands in its text."""

from __future__ import annotations

from typing import Iterator, Optional, Tuple

from ctkms.cloudtrail.findings import Finding
from ctkms.iac.cloudformation.locations.template_nodes import template_node
from ctkms.unknowns.source_nodes import NAME, Location, Member, Node, Span, Step, find, location

_NO_VALUE = "AWS::NoValue"
_TRANSPARENT = ("Fn::ToJsonString",)  # functions whose value has the elements of their argument

Steps = Tuple[Step, ...]


class FindingLocator:
    """Locates the findings on one resource of a template; its text is read once, when the first one asks."""

    def __init__(self, file: str, text: str, logical_id: str, policy_path: str) -> None:
        self._file = file
        self._text = text
        self._logical_id = logical_id
        self._policy_path = policy_path
        self._resource: Optional[Member] = None
        self._is_read = False

    def locate(self, finding: Finding) -> Optional[Location]:
        """The narrowest part of the template that decides; None where the template has no place for it."""
        if not self._is_read:
            self._resource, self._is_read = self._declared(), True
        found = self._resource
        if found is None:
            return None
        path: Steps = tuple(one for one in finding.path.split("/") if one)
        steps, value = path, None
        if finding.place is not None:
            steps, value = (*self._policy_path.split("/"), *finding.place.steps), finding.place.value
        start, end = _found(found.node, steps, value) or (found.start, found.end)
        return location(Span(self._file, start, end), self._text)

    def _declared(self) -> Optional[Member]:
        """The resource with its logical id, in a template or in a service of the Serverless Framework."""
        root = template_node(self._text)
        for resources in () if root is None else _sections(root):
            found = resources.member(self._logical_id)
            if found is not None:
                return found
        return None


def _sections(root: Node) -> Iterator[Node]:
    """Every `Resources` section of a file."""
    service = root.member("resources")
    holders = [root]
    if service is not None:
        holders += service.node.items or (service.node,)
    for holder in holders:
        section = holder.member("Resources")
        if section is not None:
            yield section.node


def _found(node: Node, steps: Steps, value: Optional[str]) -> Optional[Tuple[int, int]]:
    """The place of an element; None where not even the first two steps lead anywhere: the property is not set."""
    taken = 0
    while True:
        node = _looked_through(node)
        if not steps:
            break
        step, rest = steps[0], steps[1:]
        found = find(node, (step, NAME) if rest == (NAME,) else (step,), None)
        if found.taken == 0:
            return (node.start, node.end) if taken > 1 else None
        if rest == (NAME,):
            return found.start, found.end
        node, steps, taken = found.node, rest, taken + 1
    last = find(node, (), value)
    return last.start, last.end


def _looked_through(node: Node) -> Node:
    """The node behind functions that hand on what they are given, and behind a choice between something and nothing."""
    for _ in range(20):
        members = node.members or ()
        if len(members) != 1:
            break
        name, inner = members[0].name, members[0].node
        if name in _TRANSPARENT:
            node = inner
        elif name == "Fn::If" and inner.items is not None and len(inner.items) == 3:
            some = [one for one in inner.items[1:] if not _is_nothing(one)]
            if len(some) != 1:
                break
            node = some[0]
        else:
            break
    return node


def _is_nothing(node: Node) -> bool:
    reference = node.member("Ref")
    return reference is not None and reference.node.text == _NO_VALUE
