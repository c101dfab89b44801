"""Text of scanned code, as a report may show it.

A pull request decides what a Sid, a path or a value says. Control characters reach a terminal, and bidirectional
ones turn what a reader sees, so both are shown as escapes.
"""

from __future__ import annotations

LONGEST = 4000  # characters of one text; a longer one is no sentence


def visible(text: str, longest: int = LONGEST) -> str:
    """A text in one line in which every character is one that is seen."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(map(visible_character, cut))


def visible_character(character: str) -> str:
    """The character, or what stands for it where it cannot be seen."""
    if character.isprintable():
        return character
    if character in "\t\n\r\x0b\x0c\x85\u2028\u2029\xa0":
        return " "
    return character.encode("unicode_escape").decode("ascii")


def shortened(text: str, longest: int) -> str:
    """A text with its middle left out where it is longer than that."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[: longest - 1 - half]}…{text[-half:] if half else ''}"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 key`, `2 keys`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
