"""The command line of `ctkms scan`: its own options, paths, and everything else for Checkov."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import List, NamedTuple, Sequence, Tuple

from ctkms.report.plain_text import visible

FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless")
# Options of Checkov's after which it scans nothing, or writes its results where and how it was told to.
_ANSWERS = ("-h", "--help", "-v", "--version", "-l", "--list", "--support", "--show-config", "--create-config")
_OUTPUTS = ("-o", "--output", "--output-file-path", "--output-baseline-as-skipped", "--create-baseline")
# What else may tell Checkov where to look.
_ELSEWHERE = ("--config-file", "--docker-image", "--add-check")
_CONFIGURATIONS = (".checkov.yaml", ".checkov.yml")


class UsageError(Exception):
    """What is wrong with a command line, in one line."""


class ScanArguments(NamedTuple):
    """What to scan, what to write, and the options that are Checkov's."""

    folders: Tuple[str, ...]
    files: Tuple[str, ...]
    options: Tuple[str, ...]  # of Checkov's, as they were given
    reports: Tuple[Tuple[str, str], ...]  # the format and the file of each
    require_key: bool

    @property
    def is_answer(self) -> bool:
        """Whether Checkov is asked about itself."""
        return mentions(self.options, *_ANSWERS)

    @property
    def has_own_output(self) -> bool:
        """Whether Checkov's output is asked for, which goes through as it is."""
        asked = [value for value in _values(self.options, "-o", "--output") if value != "cli"]
        return bool(asked) or mentions(self.options, *_OUTPUTS[2:])


def scan_arguments(given: Sequence[str], formats: Sequence[str]) -> ScanArguments:
    """Read the command line. Paths come first, after `--`, or as Checkov takes them. Raises `UsageError`."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-d", "--directory", action="append", default=[])
    parser.add_argument("-f", "--file", action="extend", nargs="+", default=[])
    parser.add_argument("--report", action="append", default=[])
    parser.add_argument("--require-key", action="store_true")
    before, after = _parted(given)
    leading = next((at for at, one in enumerate(before) if one.startswith("-")), len(before))
    own, options = parser.parse_known_args(before[leading:])
    paths = [*before[:leading], *own.directory, *own.file, *after]
    _look_for(paths, options)
    # A report is about what passed as well, and what `--quiet` leaves out nobody can count.
    kept = options if mentions(options, "-o", "--output") else [one for one in options if one != "--quiet"]
    return ScanArguments(
        folders=tuple(path for path in paths if Path(path).is_dir()),
        files=tuple(path for path in paths if not Path(path).is_dir()),
        options=tuple(kept),
        reports=tuple(_report(one, formats) for one in own.report),
        require_key=own.require_key,
    )


def _look_for(paths: Sequence[str], options: Sequence[str]) -> None:
    missing = next((path for path in paths if not Path(path).exists()), None)
    if missing is not None:
        raise UsageError(f"there is no file or folder {visible(missing)}")
    folders = sum(Path(path).is_dir() for path in paths)
    if folders + (folders < len(paths)) > 1 and mentions(options, "--output-file-path"):
        raise UsageError("each folder is a run of its own, and would overwrite --output-file-path; scan one at a time")
    if not paths and not mentions(options, *_ANSWERS, *_ELSEWHERE) and not _is_configured():
        raise UsageError("what is to be scanned? `ctkms scan .` takes the current folder")


def _is_configured() -> bool:
    """Whether there is a configuration of Checkov's, which may name folders."""
    return any((folder / name).is_file() for folder in (Path.cwd(), Path("~").expanduser()) for name in _CONFIGURATIONS)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message)


def _parted(given: Sequence[str]) -> Tuple[List[str], List[str]]:
    at = list(given).index("--") if "--" in given else len(given)
    return list(given[:at]), list(given[at + 1 :])


def _report(given: str, formats: Sequence[str]) -> Tuple[str, str]:
    format_, _, file = given.partition("=")
    if format_ not in formats or not file:
        raise UsageError(f"--report takes FORMAT=FILE, with one of {', '.join(formats)} as FORMAT; not {given}")
    return format_, file


def checkov_options(options: Sequence[str], checks: str) -> List[str]:
    """The user's options, and ours wherever the user says nothing else."""
    ours = ["--external-checks-dir", checks]
    if not mentions(options, "-c", "--check"):
        ours += ["--check", "CKV_CTKMS_*"]
    if not mentions(options, "--framework"):
        ours += ["--framework", *FRAMEWORKS]
    # The rules need nothing from the network, and without it Checkov only complains.
    return [*ours, "--skip-download", *options]


def mentions(options: Sequence[str], *names: str) -> bool:
    """Whether one of the options is given, in whatever form: `-c X`, `-cX`, `--check X`, `--check=X`."""
    return any(_is(option, name) for option in options for name in names)


def _is(option: str, name: str) -> bool:
    if name.startswith("--"):
        return option.partition("=")[0] == name
    return option.startswith(name) and not option.startswith("--")


def _values(options: Sequence[str], *names: str) -> List[str]:
    """What is given for an option, in whatever form."""
    found: List[str] = []
    for at, option in enumerate(options):
        for name in names:
            if option == name:
                found += options[at + 1 : at + 2]
            elif _is(option, name):
                found.append(option.partition("=")[2] if name.startswith("--") else option[len(name) :].lstrip("="))
    return found
