"""Runs a regular expression over a text: all ways to match at once, so the time is that of one pass.

It gives what RE2 gives: the leftmost match, and of several there the one that Perl would prefer.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Optional, Tuple

from ctkms.budgets import Budget, take
from ctkms.iac.terraform.evaluation.regex_program import Program

Slots = Tuple[int, ...]  # where the match and each of its groups begin and end; -1 for a group that takes no part
_Threads = Dict[int, Slots]  # by instruction, the preferred one first
_PER_STEP = 5  # instructions that are looked at in the time of one step


def all_matches(program: Program, text: str) -> Iterator[Slots]:
    """Every match that begins where the one before ended or later; none that is empty right after another."""
    at, before = 0, -1
    while at <= len(text):
        found = search(program, text, at)
        if found is None:
            return
        if found[1] != at or found[0] != before:
            yield found
        before = found[1]
        at = found[1] if found[1] > at else at + 1


def search(program: Program, text: str, start: int) -> Optional[Slots]:
    """The first match that begins at a position or after it."""
    none = (-1,) * (2 * len(program.groups) + 2)
    threads: _Threads = {}
    found: Optional[Slots] = None
    for at in range(start, len(text) + 1):
        if found is None:
            _follow(program, threads, 0, none, text, at)
        elif not threads:
            break
        take(Budget.STEPS, 1 + len(threads) // _PER_STEP)
        threads, found = _advanced(program, threads, found, text, at)
    return found


def _advanced(
    program: Program, threads: _Threads, found: Optional[Slots], text: str, at: int
) -> Tuple[_Threads, Optional[Slots]]:
    """Where the threads are after the character at a position; what comes after a match is less preferred."""
    after: _Threads = {}
    for place, slots in threads.items():
        step = program.instructions[place]
        if step.name == "match":
            return after, slots
        if step.name == "class" and at < len(text) and step.argument.has(text[at]):
            _follow(program, after, step.next, slots, text, at + 1)
    return after, found


def _follow(program: Program, threads: _Threads, start: int, slots: Slots, text: str, at: int) -> None:
    """Add a thread, and all that it comes to without reading a character."""
    waiting: List[Tuple[int, Slots]] = [(start, slots)]
    looked = 0
    while waiting:
        place, slots = waiting.pop()
        if place in threads:
            continue
        looked += 1
        threads[place] = slots
        step = program.instructions[place]
        if step.name == "split":
            waiting += [(step.other, slots), (step.next, slots)]
        elif step.name == "save":
            waiting.append((step.next, (*slots[: step.argument], at, *slots[step.argument + 1 :])))
        elif step.name == "assert" and _ASSERTIONS[step.argument](text, at):
            waiting.append((step.next, slots))
    take(Budget.STEPS, looked // _PER_STEP)


def _is_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isascii() and (text[at].isalnum() or text[at] == "_")


def _boundary(text: str, at: int) -> bool:
    return _is_word(text, at - 1) is not _is_word(text, at)


_ASSERTIONS: Dict[str, Callable[[str, int], bool]] = {
    "start": lambda text, at: at == 0,
    "end": lambda text, at: at == len(text),
    "line start": lambda text, at: at == 0 or text[at - 1] == "\n",
    "line end": lambda text, at: at == len(text) or text[at] == "\n",
    "boundary": _boundary,
    "no boundary": lambda text, at: not _boundary(text, at),
}
