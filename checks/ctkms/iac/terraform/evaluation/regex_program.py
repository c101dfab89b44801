"""Regular expressions as programs for `regex_machine`."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.regex_syntax import Node, Unread, read

MAX_PROGRAM = 5_000  # instructions


class Instruction(NamedTuple):
    """One step: `class` and `assert` have an argument, `save` a slot, and `split` two ways, the first preferred."""

    name: str
    argument: Any = None
    next: int = 0
    other: int = 0


class Program(NamedTuple):
    """What `regex_machine` runs, and the names of the groups; one without a name is None."""

    instructions: Tuple[Instruction, ...]
    groups: Tuple[Optional[str], ...]


def compiled(pattern: str) -> Program:
    """The program of an expression; raises `Failure` where Terraform refuses it, `Unread` where it is not known."""
    node, groups = read(pattern)
    program = _Program()
    program.add(node)
    program.instructions.append(Instruction("match"))
    return Program(tuple(program.instructions), groups)


class _Program:
    """Writes the instructions of a tree of parts."""

    def __init__(self) -> None:
        self.instructions: List[Instruction] = []

    def add(self, node: Node) -> None:
        """Append what matches this part."""
        if len(self.instructions) > MAX_PROGRAM:
            raise Unread
        take(Budget.STEPS)
        write = _WRITERS.get(node.name)
        if write is None:
            self.instructions.append(Instruction(node.name, node.argument, len(self.instructions) + 1))
        else:
            write(self, node)

    def all(self, node: Node) -> None:
        for part in node.parts:
            self.add(part)

    def either(self, node: Node) -> None:
        ends = []
        for part in node.parts[:-1]:
            start = self.split()
            self.add(part)
            ends.append(self.split())
            self.fork(start, start + 1, len(self.instructions))
        self.add(node.parts[-1])
        for end in ends:
            self.fork(end, len(self.instructions), len(self.instructions))

    def optional(self, node: Node) -> None:
        start = self.split()
        self.add(node.parts[0])
        self.fork(start, start + 1, len(self.instructions), node.argument)

    def some(self, node: Node) -> None:
        start = len(self.instructions)
        self.add(node.parts[0])
        end = self.split()
        self.fork(end, start, end + 1, node.argument)

    def any(self, node: Node) -> None:
        start = self.split()
        self.add(node.parts[0])
        end = self.split()
        self.fork(end, start, start)
        self.fork(start, start + 1, len(self.instructions), node.argument)

    def split(self) -> int:
        self.instructions.append(Instruction("split"))
        return len(self.instructions) - 1

    def fork(self, at: int, first: int, second: int, lazy: bool = False) -> None:
        self.instructions[at] = Instruction("split", None, *((second, first) if lazy else (first, second)))


_WRITERS: Dict[str, Callable[[_Program, Node], None]] = {
    "all": _Program.all,
    "either": _Program.either,
    "?": _Program.optional,
    "+": _Program.some,
    "*": _Program.any,
}
