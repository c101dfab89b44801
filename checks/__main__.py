"""The `ctkms` command: where the rules are, what they are, and Checkov run with them."""

# Checkov never loads this file: it skips files whose names begin with two underscores.

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

CHECKS = Path(__file__).resolve().parent
FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless")
REPORTS = ("sarif", "markdown", "gitlab", "html")
FIELDS = ("id", "severity", "name", "guideline")

USAGE = """\
ctkms                   print the directory to give to `checkov --external-checks-dir`
ctkms rules [--json]    list the rules
ctkms scan ...          run Checkov with these rules; all of Checkov's options are understood
ctkms report FILE       what `checkov -o json` wrote, as SARIF, Markdown, a GitLab report or a page of HTML
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command; the return value is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["scan"]:  # not for argparse: what follows are Checkov's options
        return scan(given[1:])
    parser = argparse.ArgumentParser(
        prog="ctkms", description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="rules|scan|report")
    rules = commands.add_parser("rules", description="List the rules.")
    rules.add_argument("--json", action="store_true", help="as JSON, for dashboards")
    _report_options(commands.add_parser("report", description="Write the results of a scan for people to read."))
    wanted = parser.parse_args(given)
    if wanted.command == "report":
        return report(wanted.results, wanted.format, wanted.output)
    if wanted.command == "rules":
        print(json.dumps(rule_list(), indent=2) if wanted.json else _table(rule_list()))
    else:
        print(CHECKS)
    return 0


def rule_list() -> List[Dict[str, str]]:
    """Every rule as a plain mapping, in the order of the ids."""
    rules = _core("cloudtrail.rules.catalogue").RULES
    return [{field: getattr(rule, field) for field in FIELDS} for rule in sorted(rules, key=lambda rule: rule.id)]


def _core(module: str) -> Any:
    # Installed, this directory is the package `ctkms_checks`, and the core below it has to be found.
    sys.path.insert(0, str(CHECKS))
    return importlib.import_module("ctkms." + module)


def _table(rows: Sequence[Dict[str, str]]) -> str:
    widths = {field: max((len(row[field]) for row in rows), default=0) for field in FIELDS[:2]}
    return "\n".join(
        "  ".join((row["id"].ljust(widths["id"]), row["severity"].ljust(widths["severity"]), row["name"]))
        for row in rows
    )


def _report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", metavar="RESULTS.json", help="what `checkov -o json` wrote; - for standard input")
    parser.add_argument("--format", choices=REPORTS, help="else the output's name says it")
    parser.add_argument("--output", metavar="FILE", help="else standard output")


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
        advice = "install checkov-cloudtrail-kms[report], or Checkov, which brings it"
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


def scan(options: Sequence[str]) -> int:
    """Run Checkov with these rules and the user's options; the result is Checkov's exit code."""
    checkov = _checkov()
    if checkov is None:
        print("ctkms: Checkov is not installed. `pip install checkov` brings it.", file=sys.stderr)
        return 2
    versions = _core("hosts.checkov_version")
    complaint = versions.complaint(versions.version_of(checkov))
    if complaint:
        print(complaint, file=sys.stderr)
        return 2
    try:
        return _run([checkov, *scan_options(options)])
    except KeyboardInterrupt:
        return 130


def _run(line: Sequence[str]) -> int:
    """Run Checkov and pass on what it says.

    A rule that does not load is only a logged error to Checkov, and the scan stays green without it.
    A Checkov whose version could not be told before (a wrapper, a shim) may still say that it is too old.
    """
    too_old = _core("hosts.checkov_version").TOO_OLD
    missing = outdated = False
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, errors="replace") as checkov:
        for message in checkov.stderr or ():
            sys.stderr.write(message)
            missing = missing or ("Cannot load external check" in message and str(CHECKS) in message)
            outdated = outdated or ("ctkms: Checkov" in message and too_old in message)
    if missing:
        print("ctkms: Checkov could not load the rules (see above), so this scan says nothing.", file=sys.stderr)
    return 2 if missing or outdated else checkov.returncode


def scan_options(options: Sequence[str]) -> List[str]:
    """The user's options, and ours wherever the user says nothing else."""
    ours = ["--external-checks-dir", str(CHECKS)]
    if not _mentions(options, "-c", "--check"):
        ours += ["--check", "CKV_CTKMS_*"]
    if not _mentions(options, "--framework"):
        ours += ["--framework", *FRAMEWORKS]
    # The rules need nothing from the network, and without it Checkov only complains.
    return [*ours, "--skip-download", *options]


def _mentions(options: Sequence[str], *names: str) -> bool:
    return any(option.partition("=")[0] in names for option in options)


def _checkov() -> Optional[str]:
    """The Checkov of this Python's own environment, else the one on the PATH."""
    return shutil.which("checkov", path=str(Path(sys.executable).parent)) or shutil.which("checkov")


if __name__ == "__main__":
    sys.exit(main())
