"""Runs the commands that the documentation shows, and puts what they print below them.

    python tools/excerpts.py           rewrite the excerpts
    python tools/excerpts.py --check   only say which ones are out of date, with exit code 1

An excerpt is a code block of the language `console` whose first line begins with `$ ctkms`. A line `...` in it
stands for any number of lines that are left out, and stays where it is.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Callable, List

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```console\n\$ (ctkms [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed(command: str) -> str:
    """What a command of ours prints, run where the repository is."""
    line = [sys.executable, str(ROOT / "checks"), *shlex.split(command)[1:]]
    settings = {**os.environ, "LOG_LEVEL": "ERROR", "NO_COLOR": "1"}
    return subprocess.run(line, cwd=ROOT, env=settings, capture_output=True, text=True, check=False).stdout  # noqa: S603


def refreshed(page: str, run: Callable[[str], str] = printed) -> str:
    """The text of a page with its excerpts as the commands print them."""

    def block(found: re.Match[str]) -> str:
        return f"```console\n$ {found[1]}\n{_shortened(run(found[1]), found[2])}```"

    return _BLOCK.sub(block, page)


def _shortened(output: str, shown: str) -> str:
    """The output with what is left out of the old excerpt left out again: as many lines before and after each `...`."""
    lines, pieces = output.splitlines(), [piece.splitlines() for piece in re.split(r"^\.\.\.$\n?", shown, flags=re.M)]
    if len(pieces) == 1:
        return output
    kept: List[str] = [*lines[: len(pieces[0])], "..."]
    if len(pieces[-1]):
        kept += lines[-len(pieces[-1]) :]
    return "".join(f"{line}\n" for line in kept)


def main() -> int:
    """Rewrite or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    stale = 0
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        new = refreshed(text)
        if new != text:
            stale += 1
            print(f"{page.relative_to(ROOT)}: {'out of date' if check else 'rewritten'}")
            if not check:
                page.write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
