"""The way to the terminal: characters that it does not know, and colours."""

from __future__ import annotations

import importlib
import json
import os
import sys


def show(text: str) -> None:
    """Print what may have characters that the terminal does not know."""
    stdout = sys.stdout
    stdout.flush()
    encoding = stdout.encoding or "utf-8"
    stdout.write(text.encode(encoding, errors="replace").decode(encoding))


def show_json(data: object) -> None:
    """Print plain builtins as JSON, in ASCII."""
    print(json.dumps(data, indent=2))


def colours(unwanted: bool = False) -> bool:
    """Whether there are colours on standard output: on a terminal, unless somebody does not want them."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not unwanted
    if wanted:
        _allow()
    return wanted


def _allow() -> None:
    """Consoles of Windows understand colours once they are told to; Checkov brings the library for it."""
    try:
        importlib.import_module("colorama").just_fix_windows_console()
    except ModuleNotFoundError:
        return
