"""Holds the reports against the programs that read them: `make test-reports`.

    python tools/report-checks/check.py BUILD

It scans all samples with Checkov, writes every format of that, of a scan with repairs and places made by hand, of a
hostile one and of an empty one into the folder BUILD, and then asks

- Microsoft's SARIF multitool, with its rules for SARIF and for GitHub: no error, no warning;
- `jsonschema` of npm with the schema of tests/data, as GitHub's upload action does: no error;
- micromark, a reader of GitHub's Markdown: no link but to AWS, no image, no heading, no script;
- GitLab's own schema: valid. It is fetched from gitlab.com, or read from the file that GITLAB_SCHEMA names;
- Chromium, by `browser.mjs`: see there. Its screenshots are in BUILD.

It needs node and npm. Chromium is installed by apt-get where there is neither it nor Chrome.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, List

import jsonschema

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "checks"), str(ROOT)]

from tests.report import records  # noqa: E402
from tests.report.test_inert import ATTACKS, hostile  # noqa: E402

from ctkms.report.reports import FORMATS, written  # noqa: E402
from ctkms.report.results import read  # noqa: E402
from ctkms.report.to_gitlab import SCHEMA as GITLAB_SCHEMA  # noqa: E402

SUFFIXES = {"sarif": "sarif", "markdown": "md", "gitlab": "gitlab.json", "html": "html"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LARGEST_PAGE = 3_000_000


def main(build: Path) -> int:
    """Write the reports and ask everybody; the number of those that object is the exit code."""
    build.mkdir(parents=True, exist_ok=True)
    for name, data in scans(build).items():
        for format_ in FORMATS:
            text = written(format_, read(data))
            (build / f"{name}.{SUFFIXES[format_]}").write_text(text, encoding="utf-8")
    for file in ("package.json", "browser.mjs", "markdown.mjs", "schema.mjs"):
        shutil.copy(HERE / file, build)
    run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], build)
    questions: Dict[str, Callable[[Path], List[str]]] = {
        "page": small_enough,
        "multitool": multitool,
        "GitHub's schema": github,
        "GitHub's Markdown": comments,
        "GitLab's schema": gitlab,
        "browser": browser,
    }
    objecting = 0
    for name, ask in questions.items():
        print(f"== {name}", flush=True)
        objections = ask(build)
        print(*objections[:50], sep="\n", end="\n" if objections else "")
        print("objects" if objections else "fine", flush=True)
        objecting += bool(objections)
    return objecting


def scans(build: Path) -> Dict[str, Any]:
    """What Checkov's JSON may hold, by name."""
    every: List[Any] = []
    for folder in ("terraform_samples", "cloudformation_samples"):
        command = [sys.executable, str(ROOT / "checks"), "scan", "-d", folder, "-o", "json", "--soft-fail"]
        found = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        every += found if isinstance(found, list) else [found]
    skipped = records.record(result="SKIPPED", comment="agreed with the auditors", resource="aws_kms_key.excused")
    other = records.record("CKV_AWS_7", ctkms=None, check_name="Ensure rotation for customer created CMKs is enabled")
    made = [records.record(), records.record("CKV_CTKMS_060", "PASSED"), records.undecided(), skipped, other]
    attacks = [report for text in ATTACKS.values() for report in hostile(text)]
    return {
        "samples": every,
        "made": [records.report(*made, unreadable=["/infra/broken.tf"])],
        "hostile": attacks,
        "nothing": [],
    }


def run(command: List[str], folder: Path) -> str:
    """What a program prints; it ends all where it fails."""
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def small_enough(build: Path) -> List[str]:
    size = (build / "samples.html").stat().st_size
    print(f"samples.html has {size:,} bytes")
    return [f"more than {LARGEST_PAGE:,}"] if size > LARGEST_PAGE else []


def multitool(build: Path) -> List[str]:
    """What it says of errors and warnings; its notes recommend what is not known here, such as the commit."""
    program = build / "node_modules" / "@microsoft" / f"sarif-multitool-{multitools_system()}" / "Sarif.Multitool"
    program.chmod(0o755)
    files = sorted(str(file) for file in build.glob("*.sarif"))
    said = subprocess.run(
        [str(program), "validate", *files, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout
    if f"{len(files)} files scanned" not in said:
        return [said]
    return [line for line in said.splitlines() if " error " in line or " warning " in line]


def multitools_system() -> str:
    return {"linux": "linux", "darwin": "darwin"}[sys.platform]


def github(build: Path) -> List[str]:
    schema = ROOT / "tests" / "data" / "sarif-schema-2.1.0.json"
    return run(["node", "schema.mjs", str(schema), *sorted(map(str, build.glob("*.sarif")))], build).splitlines()


def comments(build: Path) -> List[str]:
    return run(["node", "markdown.mjs", *sorted(map(str, build.glob("*.md")))], build).splitlines()


def gitlab(build: Path) -> List[str]:
    named = os.environ.get("GITLAB_SCHEMA")
    try:
        text = Path(named).read_text("utf-8") if named else _fetched(GITLAB_SCHEMA)
    except OSError as error:
        return [f"{named or GITLAB_SCHEMA}: {error}. GITLAB_SCHEMA may name a copy."]
    validator = jsonschema.Draft7Validator(json.loads(text))
    files = sorted(build.glob("*.gitlab.json"))
    found = ((file, error) for file in files for error in validator.iter_errors(json.loads(file.read_text("utf-8"))))
    return [f"{file.name}: {error.json_path}: {error.message[:300]}" for file, error in found]


def _fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        content: bytes = answer.read()
    return content.decode("utf-8")


def browser(build: Path) -> List[str]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None) or _installed_browser()
    done = subprocess.run(["node", "browser.mjs", program, *sys.argv[2:]], cwd=build, check=False)
    return [] if done.returncode == 0 else ["see above"]


def _installed_browser() -> str:
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    run([*as_root, "apt-get", "update", "-qq"], ROOT)
    run([*as_root, "apt-get", "install", "-qq", "-y", "chromium"], ROOT)
    return "chromium"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
