"""A sign of life while a scan takes long, on terminals only."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import Iterator

_AFTER, _EVERY = 1.0, 0.2  # seconds
_SIGNS = "|/-\\"


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Say what is being done, and for how long, until it is done."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(what, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(what: str, done: threading.Event) -> None:
    began = time.monotonic()
    turn = 0
    shown = False
    while not done.wait(_EVERY):
        passed = time.monotonic() - began
        if passed >= _AFTER:
            sys.stderr.write(f"\r{_SIGNS[turn % len(_SIGNS)]} {what}, {passed:.0f} s")
            sys.stderr.flush()
            turn, shown = turn + 1, True
    if shown:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
