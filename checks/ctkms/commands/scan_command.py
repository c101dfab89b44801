"""`ctkms scan`: Checkov with these rules, and what it found for people and for the systems that they work with."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from ctkms.commands.checkov_run import Outcome, find_checkov, run_checkov, why_unusable
from ctkms.commands.progress import progress
from ctkms.commands.scan_arguments import ScanArguments, UsageError, checkov_options, scan_arguments
from ctkms.commands.terminal import colours, show
from ctkms.report.code_view import TextOf
from ctkms.report.keys import judged_keys
from ctkms.report.plain_text import visible
from ctkms.report.reports import FORMATS, written
from ctkms.report.results import Results, read
from ctkms.report.to_console import closing, render

MAX_FILE = 5_000_000  # characters of a file of which lines are shown


def scan(given: Sequence[str], checks: str) -> int:
    """Scan, show what was found, and write the reports; the result is the exit code."""
    try:
        arguments = scan_arguments(given, FORMATS)
    except UsageError as error:
        return _refuse(str(error))
    checkov = find_checkov()
    why = why_unusable(checkov)
    if checkov is None or why:
        print(why, file=sys.stderr)
        return 2
    try:
        if arguments.is_answer:
            return run_checkov([checkov, *arguments.options], checks).code
        if arguments.has_own_output and not arguments.reports and not arguments.require_key:
            return max(run_checkov(line, checks).code for line in _lines(checkov, arguments, checks))
        return _shown(checkov, arguments, checks)
    except KeyboardInterrupt:
        return 130


def _refuse(why: str) -> int:
    print(f"ctkms: {visible(why)}", file=sys.stderr)
    return 2


def _lines(checkov: str, arguments: ScanArguments, checks: str) -> List[List[str]]:
    """One run for each folder: with two, Checkov 3.3.30 may judge the first one twice and the second never."""
    options = checkov_options(arguments.options, checks)
    wheres = [["-d", folder] for folder in arguments.folders]
    wheres += [["-f", *arguments.files]] if arguments.files else []
    return [[checkov, *options, *where] for where in wheres or [[]]]


def _shown(checkov: str, arguments: ScanArguments, checks: str) -> int:
    code, goes_through = 0, arguments.has_own_output
    if goes_through:
        code = max(run_checkov(line, checks).code for line in _lines(checkov, arguments, checks))
        arguments = arguments._replace(options=_without_output(arguments.options))
    found: List[object] = []
    for line in _lines(checkov, arguments, checks):
        where = line[-1] if len(line) > 1 else "."
        with progress(f"scanning {visible(where)}"):
            outcome = run_checkov([*line, "-o", "json"], checks, captured=True)
        code = max(code, outcome.code)
        content = _json_in(outcome)
        if content is None:
            sys.stdout.write(outcome.output)
            print("ctkms: Checkov wrote no results, so this scan says nothing.", file=sys.stderr)
            return code or 2
        found += content if isinstance(content, list) else [content]
    results = read(found, str(Path.cwd()))
    text_of = cache(_text)
    if not goes_through:
        colour = colours(unwanted="--no-color" in arguments.options)
        show(render(results, colour, text_of) + closing(results, len(arguments.folders), len(arguments.files)))
    for format_, file in arguments.reports:
        why = _write(format_, file, results, text_of)
        if why:
            return _refuse(why)
    return _with_key(code, results, arguments)


def _without_output(options: Sequence[str]) -> Tuple[str, ...]:
    kept: List[str] = []
    skip = False
    for option in options:
        if skip:
            skip = False
        elif option in ("-o", "--output", "--output-file-path"):
            skip = True
        elif option != "--quiet" and (not option.startswith(("--output", "-o")) or option.startswith("--output-b")):
            kept.append(option)
    return tuple(kept)


def _with_key(code: int, results: Results, arguments: ScanArguments) -> int:
    if arguments.require_key and not any(key.is_judged for key in judged_keys(results)):
        why = "no key of CloudTrail's was judged"
        if results.unlisted:
            why = "keys that pass cannot be counted where Checkov's configuration says `quiet`"
        print(f"ctkms: {why}, and --require-key asks for one", file=sys.stderr)
        return max(code, 1)
    return code


def _json_in(outcome: Outcome) -> object:
    """What Checkov wrote as JSON; None where it wrote something else."""
    start = min((at for at in map(outcome.output.find, "[{") if at >= 0), default=-1)
    try:
        return json.loads(outcome.output[start:]) if start >= 0 else None
    except (ValueError, RecursionError):
        return None


def _text(file: str) -> Optional[str]:
    """The text of a file of the results, which name it from where Checkov was started."""
    try:
        path = Path(file)
        if not path.is_file():
            path = Path("/", file)
        if not path.is_file() or path.stat().st_size > MAX_FILE:
            return None
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return None


def _write(format_: str, file: str, results: Results, text_of: TextOf) -> str:
    """Write a report; why that is not possible, in one line, or nothing."""
    try:
        Path(file).write_bytes(written(format_, results, text_of=text_of).encode("utf-8"))
    except ModuleNotFoundError as error:
        advice = "install checkov-cloudtrail-kms[report], or Checkov into the environment of ctkms"
        return f"the report {format_} needs the library {error.name}: {advice}"
    except OSError as error:
        return f"{file}: {error.strerror}"
    return ""
