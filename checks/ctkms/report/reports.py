"""The formats by name, for the command: each is imported when it is asked for, since a library may be missing."""

from __future__ import annotations

import importlib
import json
from datetime import datetime, timezone
from typing import Any, Optional

from ctkms.report.code_view import TextOf, nothing_at_hand
from ctkms.report.results import Results, is_checkovs, read

FORMATS = ("sarif", "markdown", "gitlab", "html")
_OF_A_MOMENT = ("gitlab", "html")  # those that say when the scan was
_WITH_CODE = ("markdown", "html")  # those that show what repairs change
_SUFFIXES = {".sarif": "sarif", ".md": "markdown", ".markdown": "markdown", ".json": "gitlab", ".html": "html"}


class UnreadableError(ValueError):
    """The text is no JSON, or JSON of something else."""


def report(format_: str, text: str) -> str:
    """What Checkov wrote as JSON, in one of the formats."""
    return written(format_, results_in(text))


def written(format_: str, results: Results, when: Optional[datetime] = None, text_of: TextOf = nothing_at_hand) -> str:
    """The results in one of the formats; `text_of` as `code_view.change` takes it.

    A library that is missing is a ModuleNotFoundError.
    """
    module: Any = importlib.import_module(f"ctkms.report.to_{format_}")
    moment = [when or datetime.now(timezone.utc)] if format_ in _OF_A_MOMENT else []
    return str(module.render(results, *moment, *([text_of] if format_ in _WITH_CODE else [])))


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
