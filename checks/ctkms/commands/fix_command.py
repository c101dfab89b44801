"""`ctkms fix`: the proved repairs of all findings as one diff, or written into the files."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Tuple

from ctkms.cloudtrail.findings import one_line
from ctkms.cloudtrail.rules.catalogue import BY_ID
from ctkms.commands.progress import progress
from ctkms.repair.combined import Combined, combined
from ctkms.repair.diffs import diff, why_not_written, write
from ctkms.repair.tree import Tree, failures
from ctkms.report.plain_text import counted


def fix(given: Sequence[str]) -> int:
    """Show or write the repairs; 1 where findings are left, 2 where the command line is wrong."""
    arguments = _parser().parse_args(list(given))
    rules = tuple(_rule_id(one) for several in arguments.select for one in several.split(",") if one.strip())
    paths: List[str] = arguments.path or ["."]
    wrong = next((one for one in rules if one not in BY_ID), None)
    missing = next((one for one in paths if not Path(one).exists()), None)
    if wrong is not None or missing is not None:
        what = f"there is no rule {wrong!a}" if wrong is not None else f"there is no file or folder {missing}"
        print(f"ctkms: {what}", file=sys.stderr)
        return 2
    code = 0
    for path in paths:
        with progress(f"looking for repairs in {path}"):
            found = combined(Tree(os.path.abspath(path)), rules, arguments.unsafe)  # noqa: PTH100 - links are kept
        code = max(code, _written(found, paths) if arguments.write else _shown(found))
        _say(found, rules, arguments.write)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctkms fix", description="Show the proved repairs of all findings as one diff that `git apply` takes."
    )
    parser.add_argument("path", nargs="*", metavar="PATH", help="files and folders; else the current one")
    parser.add_argument("--write", action="store_true", help="write the repairs into the files")
    parser.add_argument("--select", action="append", default=[], metavar="IDS", help="only of these rules: 001,022")
    parser.add_argument(
        "--unsafe", action="store_true", help="also the proposed ones, which decide what is for you to decide"
    )
    return parser


def _rule_id(given: str) -> str:
    name = given.strip()
    return f"CKV_CTKMS_{name.zfill(3)}" if name.isdecimal() else name.upper()


def _changed(found: Combined) -> Iterator[Tuple[str, str, str]]:
    """Each edited file with its text before and after."""
    for file, after in sorted(found.tree.texts.items()):
        before = found.tree.original(file)
        if before is not None and before != after:
            yield file, before, after


def _shown(found: Combined) -> int:
    for file, before, after in _changed(found):
        shown = diff(_name(file), before, after)
        if sys.stdout.isatty():
            shown = "\n".join(line if line.isprintable() else _visible(line) for line in shown.split("\n"))
        sys.stdout.flush()
        sys.stdout.buffer.write(shown.encode("utf-8"))
        sys.stdout.buffer.flush()
    return 1 if found.left or found.made else 0


def _visible(line: str) -> str:
    """A line for a terminal, which its control characters must not reach."""
    return "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line)


def _name(file: str) -> str:
    """A file's name from where the command runs, else its own."""
    name = os.path.relpath(file)
    return (file.lstrip(os.sep) if name.startswith("..") else name).replace(os.sep, "/")


def _written(found: Combined, paths: Sequence[str]) -> int:
    """Write all files or none, as far as can be told before; 2 where one cannot be written."""
    changed = list(_changed(found))
    for file, before, _ in changed:
        why = why_not_written(file, list(paths), before)
        if why:
            print(f"ctkms: {_name(file)} is not changed: {why}; nothing is written", file=sys.stderr)
            return 2
    try:
        for file, _, after in changed:
            write(file, after)
    except OSError as error:
        print(f"ctkms: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 1 if found.left else 0


def _say(found: Combined, rules: Tuple[str, ...], is_written: bool) -> None:
    """What is repaired and what is left, beside the diff; after writing, by a scan of what is on the disk."""
    for ((_, address, _), rule), repair in found.made:
        print(_line("repaired" if is_written else "repair", rule, address, repair.text), file=sys.stderr)
    for ((_, address, _), rule), repair in found.left:
        said = f"{repair.status}: {' '.join(filter(None, (repair.text, repair.reason)))}"
        print(_line("left", rule, address, said), file=sys.stderr)
    if is_written:
        again = [one for one in failures(Tree(found.tree.path).seen) if not rules or one[1] in rules]
        print(f"ctkms: scanned again, {counted(len(again), 'finding')} left", file=sys.stderr)


def _line(what: str, rule: str, address: str, said: Optional[str]) -> str:
    return one_line(f"{what}  {rule}  {address}  {said or ''}".rstrip())
