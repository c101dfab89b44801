"""Names and values of scanned code, as messages quote them."""

from __future__ import annotations

LONGEST_NAME = 256  # characters of a Sid, an action, a condition key: no name of AWS's comes near
LONGEST_ARN = 700  # of a principal or a key: the path of a role has 512 at most, its name 64
_SHOWN = 60


def is_name(text: str, longest: int = LONGEST_NAME) -> bool:
    """Whether a text may be a name at all, for its length and for having nothing in it that is not printed."""
    return len(text) <= longest and text.isprintable()


def described(text: str) -> str:
    """What messages say of a text that they do not quote."""
    return f"a text of {len(text):,} characters" if len(text) != 1 else "a text of one character"


def shortened(text: str, width: int) -> str:
    """The text, with its middle left out where it is longer."""
    if len(text) <= width:
        return text
    half = (width - len("...")) // 2
    return f"{text[: width - len('...') - half]}...{text[-half:]}"


def in_short(text: str) -> str:
    """A name as messages have it."""
    return shortened(text, _SHOWN)


def quoted(text: str, longest: int = LONGEST_NAME) -> str:
    """A name as messages quote it: shortened in the middle, and only described where it is no name.

    What a scanned file says is never printed whole, and what the code reads from a file may be
    anything: a policy, or a secret.
    """
    return f'"{in_short(text)}"' if is_name(text, longest) else described(text)
