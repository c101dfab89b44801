"""What is there in the text of a template, its conditions being answered: `AWS::NoValue` takes items out of lists."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence

from ctkms.unknowns.source_nodes import Node
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN, Truth

MAX_DEPTH = 20  # of functions within functions
_NO_VALUE = "AWS::NoValue"
_TRANSPARENT = ("Fn::ToJsonString",)  # functions whose value has the elements of their argument


class PresentItems:
    """The items of lists, as far as `holds` answers the conditions on them."""

    def __init__(self, holds: Callable[[str], Truth]) -> None:
        self._holds = holds
        self._answers: Dict[str, Truth] = {}
        self._there: Dict[Node, Truth] = {}  # an anchor is one node in many places

    def all(self, items: Sequence[Node]) -> List[Node]:
        """All items that may be there, each behind the functions that hand it on."""
        return [self.behind(one) for one in items if self._is_there(one) is not FALSE]

    def at(self, items: Sequence[Node], position: int) -> Optional[Node]:
        """The item at a position of those that are there; None where nobody can tell."""
        passed = 0
        for one in items:
            there = self._is_there(one)
            if there is UNKNOWN:
                return None
            if there is TRUE and passed == position:
                return one
            passed += there is TRUE
        return None

    def behind(self, node: Node) -> Node:
        """The node behind functions that hand on what they are given.

        A choice that is open hands on what it chooses where the other branch is nothing.
        """
        for _ in range(MAX_DEPTH):
            members = node.members or ()
            if len(members) != 1:
                break
            branches = self._branches(node)
            some = [one for one in branches if self._is_there(one) is not FALSE]
            if members[0].name in _TRANSPARENT:
                node = members[0].node
            elif len(some) == 1:
                node = some[0]
            else:
                break
        return node

    def _branches(self, node: Node) -> Sequence[Node]:
        """What a choice may give; nothing where the node is none."""
        choice = node.member("Fn::If") if len(node.members or ()) == 1 else None
        items = choice.node.items if choice is not None else None
        if items is None or len(items) != 3 or items[0].text is None:
            return ()
        name = items[0].text
        if name not in self._answers:
            self._answers[name] = self._holds(name)
        answer = self._answers[name]
        return items[1:] if answer is UNKNOWN else (items[1 if answer is TRUE else 2],)

    def _is_there(self, node: Node, depth: int = 0) -> Truth:
        if node not in self._there:
            self._there[node] = UNKNOWN if depth > MAX_DEPTH else self._answer(node, depth)
        return self._there[node]

    def _answer(self, node: Node, depth: int) -> Truth:
        reference = node.member("Ref") if len(node.members or ()) == 1 else None
        if reference is not None:
            return FALSE if reference.node.text == _NO_VALUE else TRUE
        answers = {self._is_there(one, depth + 1) for one in self._branches(node)}
        return TRUE if not answers else answers.pop() if len(answers) == 1 else UNKNOWN
