"""The `ctkms` command: where the rules are, what they are, and Checkov run with them."""

# Checkov never loads this file: it skips files whose names begin with two underscores.

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

CHECKS = Path(__file__).resolve().parent
REPORTS = ("sarif", "markdown", "gitlab", "html")
OF_POLICIES = ("policy", "judge", "ask")  # each has a parser of its own
FIELDS = ("id", "severity", "name", "guideline")
DISTRIBUTION = "checkov-cloudtrail-kms"

USAGE = """\
ctkms                        print the directory to give to `checkov --external-checks-dir`
ctkms scan [PATH ...] [...]  run Checkov with these rules and show what it found; `ctkms scan --help` says more
ctkms fix [PATH ...]         the repairs of all findings that are proved to work, as one diff that `git apply` takes
                               --write        write them into the files
                               --select IDS   only of these rules
                               --unsafe       also those that decide what is for you to decide
ctkms explain ID             print the page of a rule
ctkms rules [ID] [--json]    list the rules
ctkms report FILE            what `checkov -o json` wrote, as SARIF, Markdown, a GitLab report or a page of HTML
ctkms policy KIND [...]      print a key policy for trails, event data stores or topics; `--help` says what it takes
ctkms judge POLICY.json      judge a bare key policy
ctkms ask [...]              ask a key policy: may this principal call that action, and who may?
ctkms --version              print the version of these rules
"""
SCAN_USAGE = """\
usage: ctkms scan [PATH ...] [--report FORMAT=FILE] [--require-key] [options of Checkov]

  ctkms scan .                               the current folder
  ctkms scan plan.json                       a plan, as `terraform show -json` writes it
  ctkms scan infra --report html=keys.html   a page for people as well
  ctkms scan . -o json                       Checkov's own output, as it is

  --report FORMAT=FILE   write sarif, markdown, gitlab or html as well; repeatable
  --require-key          end with 1 where no key was judged

Exit codes are Checkov's: 1 where a rule fails, 0 where none does or with --soft-fail; 2 where it could not scan.
The following are the options of Checkov.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command; the return value is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["scan"]:  # not for argparse: what follows are Checkov's options too
            if given[1:2] in (["--help"], ["-h"]):
                print(SCAN_USAGE, flush=True)
            return int(_core("commands.scan_command").scan(given[1:], str(CHECKS)))
        if given and given[0] in OF_POLICIES:
            return int(_core(f"commands.{given[0]}_command").run(given[1:]))
        if given[:1] == ["fix"]:
            return int(_core("commands.fix_command").fix(given[1:]))
        return _run(_parser().parse_args(given))
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctkms", description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="store_true", help="print the version of these rules")
    commands = parser.add_subparsers(dest="command", metavar="scan|fix|explain|rules|report")
    commands.add_parser("scan", add_help=False)  # for messages only: see main
    commands.add_parser("fix", add_help=False)  # likewise
    rules = commands.add_parser("rules", description="List the rules, or one of them.")
    rules.add_argument("rule", nargs="?", metavar="ID", help="CKV_CTKMS_001, or 001")
    rules.add_argument("--json", action="store_true", help="as JSON, for dashboards")
    explain = commands.add_parser("explain", description="Print the page of a rule.")
    explain.add_argument("rule", metavar="ID", help="CKV_CTKMS_001, or 001")
    report_ = commands.add_parser("report", description="Write the results of a scan for people to read.")
    report_.add_argument("results", metavar="RESULTS.json", help="what `checkov -o json` wrote; - for standard input")
    report_.add_argument("--format", choices=REPORTS, help="else the output's name says it")
    report_.add_argument("--output", metavar="FILE", help="else standard output")
    return parser


def _run(wanted: argparse.Namespace) -> int:
    if wanted.version:
        print(f"ctkms {version()}")
    elif wanted.command == "report":
        return report(wanted.results, wanted.format, wanted.output)
    elif wanted.command == "explain":
        return explain(wanted.rule)
    elif wanted.command == "rules":
        return rules(wanted.rule, wanted.json)
    else:
        print(CHECKS)
    return 0


def version() -> str:
    """The version of the rules; of a checkout the one that its project file has."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        project = CHECKS.parent / "pyproject.toml"
        lines = project.read_text(encoding="utf-8").splitlines() if project.is_file() else []
        found = next((line for line in lines if line.startswith("version = ")), "")
        return found.partition("=")[2].strip().strip('"') or "of unknown version"


def rule_list() -> List[Dict[str, Any]]:
    """Every rule as a plain mapping, in the order of the ids."""
    rules = sorted(_core("cloudtrail.rules.catalogue").RULES, key=lambda rule: rule.id)
    by_framework = _core("cloudtrail.rules.related_controls").by_framework
    return [
        {**{field: getattr(rule, field) for field in FIELDS}, "controls": by_framework(rule.related)} for rule in rules
    ]


def rules(wanted: Optional[str], as_json: bool) -> int:
    """Print the rules, or one of them; the result is the exit code."""
    listed = rule_list()
    if wanted is not None:
        listed = [row for row in listed if row["id"] == _id(wanted)]
        if not listed:
            return _unknown(wanted)
    print(json.dumps(listed, indent=2) if as_json else _table(listed))
    return 0


def explain(wanted: str) -> int:
    """Print the page of a rule; the result is the exit code."""
    page = _core("report.rule_pages").page(_id(wanted))
    if not page:
        return _unknown(wanted)
    sys.stdout.write(page.encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8"))
    return 0


def _id(wanted: str) -> str:
    """The id of a rule, of which its number is enough."""
    return f"CKV_CTKMS_{wanted.zfill(3)}" if wanted.isdecimal() else wanted.upper()


def _unknown(wanted: str) -> int:
    print(f"ctkms: there is no rule {wanted!a}; `ctkms rules` lists them", file=sys.stderr)
    return 2


def _core(module: str) -> Any:
    # Installed, this directory is the package `ctkms_checks`, and the core below it has to be found.
    sys.path.insert(0, str(CHECKS))
    return importlib.import_module("ctkms." + module)


def _table(rows: Sequence[Dict[str, Any]]) -> str:
    widths = {field: max((len(row[field]) for row in rows), default=0) for field in FIELDS[:2]}
    return "\n".join(
        "  ".join((row["id"].ljust(widths["id"]), row["severity"].ljust(widths["severity"]), row["name"]))
        for row in rows
    )


def report(results: str, format_: Optional[str], output: Optional[str]) -> int:
    """Write what Checkov found in another format; the return value is the exit code."""
    reports = _core("report.reports")
    if output and Path(output).resolve() == Path(results).resolve():
        print(f"ctkms: {output} holds the results; name another file for the report.", file=sys.stderr)
        return 2
    try:
        written = reports.report(format_ or reports.format_for(output or ""), _read(results))
        _write(written, output)
    except reports.UnreadableError as error:
        print(f"ctkms: {results} is not what `checkov -o json` writes: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        advice = f"install {DISTRIBUTION}[report], or Checkov, which brings it"
        print(f"ctkms: this report needs the library {error.name}: {advice}.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"ctkms: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _read(file: str) -> str:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return content.decode("utf-8-sig", errors="replace")


def _write(text: str, file: Optional[str]) -> None:
    if file:
        Path(file).write_bytes(text.encode("utf-8"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
