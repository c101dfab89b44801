"""Texts with holes for what reads plain text only: a mark stands for each hole."""

from __future__ import annotations

from typing import List, Sequence, Tuple, Union

from ctkms.unknowns.text import Hole, Text, join, parts_of

# Brackets for the number of a hole, from a private-use area that nothing else here uses.
_OPEN, _CLOSE = "\uf000", "\uf001"


def mark(number: int) -> str:
    """What stands for a hole."""
    return f"{_OPEN}{number}{_CLOSE}"


def marked(text: Text) -> Tuple[str, List[Hole]]:
    """The text with a mark for each hole, and the holes by their numbers."""
    pieces: List[str] = []
    holes: List[Hole] = []
    for part in parts_of(text):
        if isinstance(part, Hole):
            pieces.append(mark(len(holes)))
            holes.append(part)
        else:
            pieces.append(part)
    return "".join(pieces), holes


def unmarked(text: str, holes: Sequence[Hole]) -> Text:
    """The text with its holes in the places of their marks."""
    if _OPEN not in text:
        return text
    first, *rest = text.split(_OPEN)
    parts: List[Union[str, Hole]] = [first]
    for piece in rest:
        number, closed, after = piece.partition(_CLOSE)
        if closed and number.isdecimal() and int(number) < len(holes):
            parts += [holes[int(number)], after]
        else:
            parts.append(_OPEN + piece)  # the author's own character
    return join(parts)
