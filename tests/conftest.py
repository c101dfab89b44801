"""Scans by Checkov itself, for the tests of what ends up in its reports."""

from __future__ import annotations

import cProfile
import gc
import importlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import hypothesis
import pytest

# The tests make many objects that live long, and the collector would look through them over and over.
gc.set_threshold(400_000, 20, 20)

# Time decides no test.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

CHECKS = Path(__file__).resolve().parent.parent / "checks"
PACK = "CKV_CTKMS_"
RUNNERS = {
    "terraform": ("checkov.terraform.runner", "Runner"),
    "terraform_json": ("checkov.terraform_json.runner", "TerraformJsonRunner"),
    "terraform_plan": ("checkov.terraform.plan_runner", "Runner"),
    "cloudformation": ("checkov.cloudformation.runner", "Runner"),
    "serverless": ("checkov.serverless.runner", "Runner"),
}

Outcome = Dict[str, Dict[str, str]]


@dataclass(frozen=True)
class Scan:
    """What came of a scan."""

    records: List[Any]  # Checkov's own
    errors: List[str]  # logged at level ERROR or above
    parsing_errors: List[str]

    def within(self, folder: str) -> Scan:
        """The part that stands on the files of a folder, directly below the scanned one."""
        inside = [record for record in self.records if record.file_path.lstrip("/").split("/")[0] == folder]
        return Scan(inside, self.errors, self.parsing_errors)

    def outcome(self) -> Outcome:
        """By resource, which rules passed, failed and were skipped, without the prefix that all ids share."""
        found: Dict[str, Dict[str, List[str]]] = {}
        for record in self.records:
            results = found.setdefault(record.resource, {})
            results.setdefault(record.check_result["result"].value.lower(), []).append(record.check_id[len(PACK) :])
        return {
            resource: {result: " ".join(sorted(rules)) for result, rules in sorted(results.items())}
            for resource, results in sorted(found.items())
        }

    def results(self) -> Mapping[str, Mapping[str, str]]:
        """By resource, what each rule says: as the files with expected results have it, one line a rule."""
        found: Dict[str, Dict[str, str]] = {}
        for record in sorted(self.records, key=lambda one: (one.resource, one.check_id)):
            result = record.check_result["result"].value.lower()
            found.setdefault(record.resource, {})[record.check_id[len(PACK) :]] = result
        return found

    def reason(self, rule: str, resource: Optional[str] = None) -> str:
        """Why the rule says what it says; there is only one record of it."""
        (record,) = [
            record for record in self.records if record.check_id == PACK + rule and resource in (None, record.resource)
        ]
        return str(record.check_result["ctkms"]["reason"])


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: List[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))


def _scan(
    framework: str,
    folder: Optional[Path],
    files: Sequence[Path] = (),
    checks: Sequence[str] = (PACK + "*",),
    skipped: Sequence[str] = (),
    code_of_plans: Optional[Path] = None,
    download: bool = False,
    frameworks: Sequence[str] = (),
) -> Scan:
    # Here, since importing Checkov takes seconds that the other tests need not wait for.
    from checkov.runner_filter import RunnerFilter

    errors = _Errors()
    path = list(sys.path)  # Checkov adds every folder of the pack
    logging.getLogger().addHandler(errors)
    try:
        module, name = RUNNERS[framework]
        runner = getattr(importlib.import_module(module), name)()  # a new one for each scan: it keeps what it has read
        report = runner.run(
            root_folder=None if folder is None else str(folder),
            files=[str(file) for file in files] or None,
            external_checks_dir=[str(CHECKS)],
            runner_filter=RunnerFilter(
                framework=list(frameworks) or [framework],
                checks=list(checks),
                skip_checks=list(skipped),
                download_external_modules=download,
                repo_root_for_plan_enrichment=[str(code_of_plans)] if code_of_plans else None,
            ),
        )
    finally:
        logging.getLogger().removeHandler(errors)
        sys.path[:] = path
    records = [*report.passed_checks, *report.failed_checks, *report.skipped_checks]
    return Scan(records, errors.messages, list(report.parsing_errors))


@pytest.fixture(scope="session")
def scan() -> Callable[..., Scan]:
    """`scan(framework, folder)` has Checkov's own runner scan a folder with this pack."""
    return _scan


def _calls_in(work: Callable[[], Any]) -> int:
    profile = cProfile.Profile()
    profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.fixture(scope="session")
def calls_in() -> Callable[[Callable[[], Any]], int]:
    """`calls_in(work)` is how many functions are called: how much work it is, the same on every machine."""
    return _calls_in


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-expected", action="store_true", help="write the files expected.json anew")
