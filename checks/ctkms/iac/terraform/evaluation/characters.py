"""Characters as Terraform counts them: what a reader takes for one, however many code points it is made of."""

from __future__ import annotations

import unicodedata

from ctkms.budgets import Budget, take

_COMBINING = "\u0300"  # below it no character joins another, but for the end of a line
_CHECKED = 200  # characters that are looked at in the time of one step


def has_simple_characters(text: str) -> bool:
    """Whether each code point of a text is a character of its own, written in one way only."""
    if "\r\n" in text:
        return False
    if text.isascii():
        return True
    take(Budget.STEPS, len(text) // _CHECKED)
    return max(text) < _COMBINING


def composed(text: str) -> str:
    """A text as Terraform keeps it: a letter and its accent are one character where there is one."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def to_upper(text: str) -> str:
    """A text of simple characters in upper case; Terraform changes each letter by itself, so `ß` stays."""
    return text.upper() if text.isascii() else "".join(_one(letter, letter.upper()) for letter in text)


def to_lower(text: str) -> str:
    """A text of simple characters in lower case."""
    return text.lower() if text.isascii() else "".join(_one(letter, letter.lower()) for letter in text)


def _one(letter: str, changed: str) -> str:
    return changed[0] if letter == "\u0130" else changed if len(changed) == 1 else letter
