"""What the commands share: a parser with one-line errors, and files of policies."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Callable, Sequence

from ctkms.commands.scan_arguments import UsageError
from ctkms.report.plain_text import visible

MAX_FILE = 5_000_000  # bytes; KMS takes policies of 32,768


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` instead of ending the program."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> None:  # type: ignore[override]
        """What argparse found wrong."""
        raise UsageError(message)


def answered(given: Sequence[str], work: Callable[[Sequence[str]], int]) -> int:
    """Do the work of a command; what is wrong with its arguments or files is one line and the exit code 2."""
    try:
        return work(given)
    except UsageError as error:
        print(f"ctkms: {visible(str(error))}", file=sys.stderr)
        return 2


def read_policy(file: str) -> str:
    """The JSON of a policy in a file, or on standard input for `-`; also as `aws kms get-key-policy` wraps it."""
    try:
        content = sys.stdin.buffer.read(MAX_FILE + 1) if file == "-" else _bytes(Path(file))
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{called(file)} is no text in UTF-8") from error
    if len(content) > MAX_FILE:
        raise UsageError(f"{called(file)} is too large to be a policy")
    return _unwrapped(text)


def called(file: str) -> str:
    """How messages call a file that is an argument."""
    return "standard input" if file == "-" else file


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_FILE + 1)


def _unwrapped(text: str) -> str:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text
    inner = content.get("Policy") if isinstance(content, dict) else None
    return inner if isinstance(inner, str) else text
