"""Checkov run with the rules of this pack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

from ctkms.hosts.checkov_version import TOO_OLD, complaint, version_of
from ctkms.repair.of_findings import ASKED_FOR
from ctkms.report.plain_text import visible_character

_UNLOADED = "ctkms: Checkov could not load the rules (see above), so this scan says nothing."


class Outcome(NamedTuple):
    """How a run ended, and what it wrote to the standard output, if that was asked for."""

    code: int
    output: str = ""


def find_checkov() -> Optional[str]:
    """The Checkov of this Python's own environment, else the one on the PATH."""
    return shutil.which("checkov", path=str(Path(sys.executable).parent)) or shutil.which("checkov")


def why_unusable(checkov: Optional[str]) -> str:
    """Why there is no Checkov to run, in one line with what to do about it; empty where there is one."""
    if checkov is None:
        return f"ctkms: Checkov is not installed. {_advice()} brings it."
    return complaint(version_of(checkov)) or ""


def _advice() -> str:
    """How Checkov comes into the environment that this command was started from."""
    home = Path(sys.prefix)
    if "pipx" in home.parts:
        return "`pipx inject checkov-cloudtrail-kms checkov`"
    if "uv" in home.parts and "tools" in home.parts:
        return "`uv tool install --with checkov checkov-cloudtrail-kms`"
    if "uv" in home.parts:  # the cache of uvx
        return "`uvx --with checkov --from checkov-cloudtrail-kms ctkms`"
    return "`pip install checkov`"


def _harmless(character: str) -> str:
    return character if character in "\n\t" else visible_character(character)


def run_checkov(line: Sequence[str], checks: str, captured: bool = False) -> Outcome:
    """Run Checkov and pass on what it says.

    A rule that does not load is only a logged error to Checkov, and the scan stays green without it.
    A Checkov whose version could not be told before (a wrapper, a shim) may still say that it is too old.
    """
    bad: List[str] = []
    stdout = subprocess.PIPE if captured else None
    environment = {ASKED_FOR: "1", **os.environ}  # whoever runs it by this command wants to see repairs
    with subprocess.Popen(
        line, stdout=stdout, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
    ) as checkov:

        def listen() -> None:
            for message in checkov.stderr or ():
                sys.stderr.write("".join(map(_harmless, message)))  # it quotes what is scanned
                if "Cannot load external check" in message and checks in message:
                    bad.append(_UNLOADED)
                elif "ctkms: Checkov" in message and TOO_OLD in message:
                    bad.append("")

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        output = checkov.stdout.read() if checkov.stdout is not None else ""
        listener.join()
    for why in dict.fromkeys(filter(None, bad)):
        print(why, file=sys.stderr)
    return Outcome(2 if bad else checkov.returncode, output)
