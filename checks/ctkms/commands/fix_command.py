"""`ctkms fix`: the proved repairs of all findings as one diff, or written into the files."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

from ctkms.cloudtrail.findings import PROPOSED, one_line
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
        no_rule = f"there is no rule {wrong!a}; `ctkms rules` lists them"
        what = no_rule if wrong is not None else f"there is no file or folder {missing}"
        print(f"ctkms: {what}", file=sys.stderr)
        return 2
    if arguments.select and not rules:
        print("ctkms: --select names no rule; `ctkms rules` lists them", file=sys.stderr)
        return 2
    return max(_in_path(path, paths, rules, arguments) for path in paths)


def _in_path(path: str, paths: Sequence[str], rules: Tuple[str, ...], arguments: argparse.Namespace) -> int:
    with progress(f"looking for repairs in {path}"):
        found = combined(Tree(os.path.abspath(path)), rules, arguments.unsafe)  # noqa: PTH100 - links are kept
    if not arguments.write:
        _show(found)
        _say(found, "repair", path)
        return 1 if found.left or found.made else 0
    why = _write(found, paths)
    if why:
        print(one_line(f"ctkms: {why}; nothing is written in {path}"), file=sys.stderr)
        return 2
    _say(found, "repaired", path)
    _say_again(found, rules)
    return 1 if found.left else 0


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


def _show(found: Combined) -> None:
    for file, before, after in _changed(found):
        shown = diff(_name(file), before, after)
        if sys.stdout.isatty():
            shown = "\n".join(line if line.isprintable() else _visible(line) for line in shown.split("\n"))
        sys.stdout.flush()
        sys.stdout.buffer.write(shown.encode("utf-8"))
        sys.stdout.buffer.flush()


def _visible(line: str) -> str:
    """A line for a terminal, which its control characters must not reach."""
    return "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line)


def _name(file: str) -> str:
    """A file's name from where the command runs, else its own."""
    name = os.path.relpath(file)
    return (file.lstrip(os.sep) if name.startswith("..") else name).replace(os.sep, "/")


def _write(found: Combined, paths: Sequence[str]) -> str:
    """Write all files or none, as far as can be told before; why that is not possible."""
    changed = list(_changed(found))
    for file, before, _ in changed:
        why = why_not_written(file, list(paths), before)
        if why:
            return f"{_name(file)} is not changed: {why}"
    written: List[str] = []
    for file, _, after in changed:
        try:
            write(file, after)
        except OSError as error:
            others = f" after {', '.join(written)} was written" if written else ""
            return f"{_name(file)} is not changed: {error.strerror}{others}"
        written.append(_name(file))
    return ""


def _say(found: Combined, what: str, path: str) -> None:
    """What is repaired and what is left, beside the diff."""
    for ((file, address, _), rule), repair in found.made:
        print(_line(what, rule, address, file, repair.text), file=sys.stderr)
    for (file, address, _), rule in found.with_others:
        print(_line(what, rule, address, file, "By the repairs above."), file=sys.stderr)
    for ((file, address, _), rule), repair in found.left:
        proposed = repair.status == PROPOSED
        why = f"For you to decide: {repair.reason}." if proposed else repair.reason
        told = f"{repair.text} {why}".strip()
        unsafe = " --unsafe makes this change." if proposed and repair.edits else ""
        print(_line("left", rule, address, file, told + unsafe), file=sys.stderr)
    count = len(found.made) + len(found.with_others)
    total = count + len(found.left)
    if not found.tree.seen:
        print(f"ctkms: no key of CloudTrail's was judged in {path}", file=sys.stderr)
    elif not total:
        keys = counted(len(found.tree.seen), "resource")
        print(f"ctkms: nothing to repair; {keys} judged in {path}", file=sys.stderr)
    elif what == "repair":
        print(f"ctkms: {counted(total, 'finding')}; the diff repairs {count}, {len(found.left)} left", file=sys.stderr)


def _say_again(found: Combined, rules: Tuple[str, ...]) -> None:
    """What a scan of what is on the disk finds now."""
    tree = Tree(found.tree.path)
    again = [rule for _, rule in failures(tree.seen)]
    chosen = sum(not rules or rule in rules for rule in again)
    others = f" of these rules, {len(again) - chosen} of others" if rules else ""
    if tree.seen:
        print(f"ctkms: scanned again, {counted(chosen, 'finding')} left{others}", file=sys.stderr)


def _line(what: str, rule: str, address: str, file: str, said: str) -> str:
    return one_line(f"{what}  {rule}  {address} in {_name(file)}: {said}".rstrip())
