"""The tokens of Terraform's language, as one compiled pattern per context.

Whether a newline ends an expression depends on the innermost bracket, so there are two token
patterns: `LINES` for bodies and objects, `LOOSE` within parentheses, brackets and interpolations.
Each always matches, whatever follows, so no pattern ever backtracks over what it has skipped.
"""

from __future__ import annotations

import re
from typing import Callable, Match, Optional, Tuple

Matcher = Callable[[str, int], Optional[Match[str]]]

# The groups of a token pattern; `match.lastindex` names the kind of the token.
STRING, NAME, NUMBER, HEREDOC, OPERATOR, NEWLINE, QUOTE, END, OTHER = range(1, 10)

_NAME = r"[^\W\d][\w-]*"
_SIMPLE = r'[^"\\$%\r\n]*(?:[$%](?![{$%])[^"\\$%\r\n]*)*'  # no escape, no interpolation
_INLINE_COMMENT = r"/\*[^*]*(?:\*(?!/)[^*]*)*\*/"
_LINE_COMMENT = r"(?:#|//)[^\n]*(?=\n|\Z)"
_BLANK = rf"[ \t]*(?:{_INLINE_COMMENT}[ \t]*)*"
_WORD = rf"{_NAME}(?![\w-])"  # a whole one, so that a run of letters is read in one way only
_SKIP_LINES = rf"[ \t]*(?:(?:{_INLINE_COMMENT}|{_LINE_COMMENT})[ \t]*)*"
_SKIP_LOOSE = rf"[ \t\r\n]*(?:(?:{_INLINE_COMMENT}|{_LINE_COMMENT})[ \t\r\n]*)*"

_TOKEN = rf"""(?:"({_SIMPLE})"
|({_NAME})
|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
|(<<-?{_NAME}[ \t]*\r?\n)
|(==|!=|<=|>=|=>|&&|\|\||\.\.\.|::|~\}}|[][{{}}(),=:?.+*/%<>!-])
|(\r?\n)
|(")
|(\Z)
|((?s:.)))"""


def _compile(pattern: str) -> Matcher:
    return re.compile(pattern).match


def _tokens(skip: str) -> Matcher:
    return _compile(skip + _TOKEN.replace("\n|", "|"))


LINES: Matcher = _tokens(_SKIP_LINES)
LOOSE: Matcher = _tokens(_SKIP_LOOSE)

# An item of an object, up to its value: quoted key or bare key, and the value if it is a simple string.
# Nearly all of a policy is written so, which is why it has a pattern of its own.
OBJECT_ITEM: Matcher = _compile(
    rf'{_BLANK},?{_SKIP_LOOSE}(?:(?:"({_SIMPLE})"|({_WORD})){_BLANK}(?:=(?![=>])|:(?!:))'
    rf'(?:[ \t]*"({_SIMPLE})"(?=[ \t]*[,}}\r\n]))?|(\}})|)'
)
ITEM_QUOTED_KEY, ITEM_BARE_KEY, ITEM_VALUE, ITEM_CLOSE = range(1, 5)

# What may stand in a body: `name =`, `type "label" ... {`, or the end of the body.
BODY_ITEM: Matcher = _compile(
    rf'{_SKIP_LOOSE}(?:({_WORD}){_BLANK}(?:(=)(?![=>])|((?:(?:"{_SIMPLE}"|{_WORD}){_BLANK})*)(\{{))|(\}})|(\Z)|)'
)
BODY_NAME, BODY_EQUALS, BODY_LABELS, BODY_OPEN, BODY_CLOSE, BODY_END = range(1, 7)
_LABEL = re.compile(rf'{_INLINE_COMMENT}|"([^"]*)"|({_NAME})')

# Where reading starts again after a broken block: a block or attribute that starts its line, all of its head in it.
_IN_LINE = r"[ \t]*(?:/\*[^*\n]*(?:\*(?!/)[^*\n]*)*\*/[ \t]*)*"
RESTART = re.compile(rf'^{_WORD}{_IN_LINE}(?:=(?!=)|(?:(?:"[^"\r\n]*"|{_WORD}){_IN_LINE})*\{{)', re.MULTILINE)


def labels(head: str) -> Tuple[str, ...]:
    """The labels of a block, from what stands between its type and its `{`."""
    return tuple(found[found.lastindex] for found in _LABEL.finditer(head) if found.lastindex is not None)


# The pieces of a quoted template, and of a heredoc or template file. A heredoc's literals end with
# their line, because strip markers and indentation work by line there.
_LITERAL_DOLLAR = r"\$(?!\{|\$\{)|%(?!\{|%\{)"
QUOTED_PIECE: Matcher = _compile(
    rf'((?:[^"\\$%\r\n]+|{_LITERAL_DOLLAR})+)|(\$\$\{{|%%\{{)|([$%]\{{~?)|(")'
    r'|\\([nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(\Z)|'
)
FREE_PIECE: Matcher = _compile(
    rf"((?:[^$%\n]+|{_LITERAL_DOLLAR})+\n?|\n)|(\$\$\{{|%%\{{)|([$%]\{{~?)|(?!)()|(?!)()|(\Z)|"
)
PIECE_LITERAL, PIECE_ESCAPED, PIECE_OPEN, PIECE_CLOSE, PIECE_BACKSLASH, PIECE_END = range(1, 7)

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_REPLACEMENT = "\ufffd"  # what Terraform makes of a code point that is no character


def unescape(escape: str) -> str:
    """The character that a backslash escape stands for, given without its backslash."""
    if escape in _ESCAPES:
        return _ESCAPES[escape]
    code = int(escape[1:], 16)
    return _REPLACEMENT if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def heredoc_end(marker: str) -> re.Pattern[str]:
    """The line that closes a heredoc of that marker."""
    return re.compile(rf"^[ \t]*{re.escape(marker)}[ \t]*\r?$", re.MULTILINE)
