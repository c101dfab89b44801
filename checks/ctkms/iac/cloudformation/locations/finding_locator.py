"""Where a finding on a resource of a template stands in its text."""

from __future__ import annotations

from typing import Callable, Iterator, Optional, Sequence, Tuple

from ctkms.cloudtrail.findings import Finding
from ctkms.iac.cloudformation.locations.present_items import PresentItems
from ctkms.iac.cloudformation.locations.template_nodes import template_node
from ctkms.unknowns.source_nodes import NAME, Location, Member, Node, Span, Step, find, location
from ctkms.unknowns.truth import Truth

Steps = Tuple[Step, ...]


class FindingLocator:
    """Locates the findings on one resource of a template; its text is read once, when the first one asks.

    `policy_path` leads to the policy within the resource, "" where the policy stands elsewhere. `holds` tells
    whether a condition of the template does.
    """

    def __init__(self, file: str, text: str, logical_id: str, policy_path: str, holds: Callable[[str], Truth]) -> None:
        self._items = PresentItems(holds)
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
        if finding.place is not None and self._policy_path:
            steps, value = (*self._policy_path.split("/"), *finding.place.steps), finding.place.value
        sid = (finding.statement or {}).get("sid")
        start, end = self._found(found.node, steps, value, sid) or (found.start, found.end)
        return location(Span(self._file, start, end), self._text)

    def _declared(self) -> Optional[Member]:
        """The resource with its logical id, in a template or in a service of the Serverless Framework."""
        root = template_node(self._text)
        for resources in () if root is None else _sections(root):
            found = resources.member(self._logical_id)
            if found is not None:
                return found
        return None

    def _found(self, node: Node, steps: Steps, value: Optional[str], sid: object) -> Optional[Tuple[int, int]]:
        """The place of an element; None where not even the first two steps lead anywhere: the property is not set."""
        taken = 0
        while True:
            node = self._items.behind(node)
            if not steps:
                break
            step, rest = steps[0], steps[1:]
            if isinstance(step, int) and node.items is not None:
                item = self._items.at(node.items, step) or _called(self._items.all(node.items), sid)
                if item is None:
                    return node.start, node.end
                node, steps, taken = item, rest, taken + 1
                continue
            found = find(node, (step, NAME) if rest == (NAME,) else (step,), None)
            if found.taken == 0:
                return (node.start, node.end) if taken > 1 else None
            if rest == (NAME,):
                return found.start, found.end
            node, steps, taken = found.node, rest, taken + 1
        last = node if node.items is None else _picked(node, self._items.all(node.items), value)
        return last.start, last.end


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


def _called(items: Sequence[Node], sid: object) -> Optional[Node]:
    """The only item that is a statement of this name."""
    found = [one for one in items for name in [one.member("Sid")] if name is not None and name.node.text == sid]
    return found[0] if len(found) == 1 else None


def _picked(node: Node, items: Sequence[Node], value: Optional[str]) -> Node:
    """The item of a list that decides, or the list."""
    if len(items) == 1:
        return items[0]
    return next((one for one in items if value is not None and one.text == value), node)
