"""Text of scanned code in Markdown: it is read, and does nothing.

Only plain words stand in the Markdown as they are. Everything else goes between `<code>` tags, where GitHub and
GitLab make no mentions or references, and each character of it that may be markup is a character reference,
which no Markdown takes for markup.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Tuple

from ctkms.report.plain_text import visible

# No dot, slash, colon or @ within: addresses become links by themselves.
_PLAIN = re.compile(r"""["'(]{0,2}[^\W_]+(?:['’-][^\W_]+)*["')]{0,2}[.,;:?!]{0,2}|[,;=-]|--""")
_HASH = re.compile(r"(?=\w*\d)[0-9a-f]{7,}\W*", re.IGNORECASE)  # a number of a commit becomes a link as well
_REFERENCE = re.compile(r"\W*GH-\d+\W*", re.IGNORECASE)
# What begins, ends or encloses markup. An underscore within a word does not; a colon and a dot only make an address.
_MARKUP = re.compile(r"""[][\\`*~|$&<>@#!]|(?<![^\W_])_|_(?![^\W_])|:(?=/)|(?<=www)\.""", re.IGNORECASE)


def escaped(text: str, longest: int = 4000) -> str:
    """A text in one line of Markdown, also in a table or in raw HTML."""
    shown = visible(text, longest).replace("`", "")
    words = [(_is_plain(word) and (number > 0 or _begins(word)), word) for number, word in enumerate(shown.split())]
    runs = ((plain, " ".join(word for _, word in run)) for plain, run in groupby(words, key=_kind))
    return " ".join(run if plain else _code_in_a_sentence(run) for plain, run in runs)


def _code_in_a_sentence(run: str) -> str:
    bare = run.rstrip(".,;:")
    return code(bare) + run[len(bare) :]


def code(text: str) -> str:
    """A text that is no sentence, such as a name or a path."""
    shown = _MARKUP.sub(_as_reference, visible(text))
    # An address of e-mail becomes a link even so, but not with a word joiner after its @.
    return f"<code>{shown.replace('&#64;', '&#64;&#8288;')}</code>" if shown else ""


def fenced(language: str, lines: str) -> str:
    """Lines of code, between more backticks than stand together in them."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", lines)), default=0))
    return f"{ticks}{language}\n{lines}\n{ticks}"


def _kind(word: Tuple[bool, str]) -> bool:
    return word[0]


def _is_plain(word: str) -> bool:
    return bool(_PLAIN.fullmatch(word)) and not _HASH.fullmatch(word) and not _REFERENCE.fullmatch(word)


def _begins(word: str) -> bool:
    """Whether a line may begin with the word: a number or a dash would begin a list."""
    return any(one.isalpha() for one in word[:2])


def _as_reference(found: re.Match[str]) -> str:
    return _SHORTER.get(found[0], f"&#{ord(found[0])};")


_SHORTER = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
