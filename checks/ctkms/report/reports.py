"""The formats by name, for the command: each is imported when it is asked for, since a library may be missing."""

from __future__ import annotations

import importlib
import json
from datetime import datetime, timezone
from typing import Any, Optional

from ctkms.report.results import Results, is_checkovs, read

FORMATS = ("sarif", "markdown", "gitlab", "html")
_OF_A_MOMENT = ("gitlab", "html")  # those that say when the scan was
_SUFFIXES = {".sarif": "sarif", ".md": "markdown", ".markdown": "markdown", ".json": "gitlab", ".html": "html"}


class UnreadableError(ValueError):
    """The text is no JSON, or JSON of something else."""


def report(format_: str, text: str) -> str:
    """What Checkov wrote as JSON, in one of the formats."""
    return written(format_, results_in(text))


def written(format_: str, results: Results, when: Optional[datetime] = None) -> str:
    """The results in one of the formats. A library that is missing is a ModuleNotFoundError."""
    module: Any = importlib.import_module(f"ctkms.report.to_{format_}")
    if format_ in _OF_A_MOMENT:
        return str(module.render(results, when or datetime.now(timezone.utc)))
    return str(module.render(results))


def results_in(text: str) -> Results:
    """The results in what Checkov wrote as JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error) or "nested too deeply") from None
    if not is_checkovs(data):  # that nothing was judged would be true, and no answer
        raise UnreadableError("it has neither records nor counts")
    return read(data)


def format_for(file: str) -> str:
    """The format that a file's name asks for; a comment in Markdown if it says nothing."""
    return next((name for suffix, name in _SUFFIXES.items() if file.lower().endswith(suffix)), "markdown")
