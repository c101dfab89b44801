"""What a check says of itself after it ran: Checkov reads it from the check, not from what `run` returns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Mapping

import pytest

from ctkms.cloudtrail.findings import FAILED, PASSED, Finding, Fix
from ctkms.hosts.checkov_records import RuleCheck, as_scanned, root_of
from ctkms.unknowns.source_nodes import Location


class Check(RuleCheck):
    """A check whose only finding names the resource."""

    id = "CKV_CTKMS_001"

    def findings_of(self, file: str, configuration: Dict[str, Any], name: str, type_: str) -> Mapping[str, Finding]:
        return {"CKV_CTKMS_001": Finding(PASSED, f"in short {name}", f"about {name}", f"path/{name}")}

    def wants_details(self) -> bool:
        return True

    def result_of(self, name: str) -> str:
        return name


def test_threads_share_a_check_and_not_what_it_says() -> None:
    """Terraform and its plans share their checks, and on macOS and Windows Checkov scans them in threads."""
    check = Check()
    names = [f"key_{number}" for number in range(8)]
    everyone_ran = threading.Barrier(len(names))

    def says(name: str) -> List[Any]:
        check.run(f"{name}.tf", {}, name, "aws_kms_key", {})
        everyone_ran.wait()
        return [check.details, check.evaluated_keys, check.entity_path]

    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        said = list(pool.map(says, names))
    assert said == [
        [[f"in short {name}", f"about {name}"], [f"path/{name}"], f"{name}.tf:aws_kms_key:{name}"] for name in names
    ]


def test_checks_of_a_thread_are_apart() -> None:
    one, other = Check(), Check()
    one.run("main.tf", {}, "one", "aws_kms_key", {})
    other.run("main.tf", {}, "other", "aws_kms_key", {})
    assert (one.details, other.details) == (["in short one", "about one"], ["in short other", "about other"])


def test_what_was_said_before_is_forgotten() -> None:
    check = Check()
    check.run("main.tf", {}, "key", "aws_kms_key", {})
    check.id = "CKV_CTKMS_002"  # has no finding here
    assert check.run("main.tf", {}, "key", "aws_kms_key", {})["result"] == "UNKNOWN"
    assert (check.details, check.evaluated_keys) == ([], [])


ROOTS = {
    "a folder is scanned": ("{here}/keys/a.tf", "/a.tf", "{here}/keys"),
    "a folder of templates": ("keys/a.yaml", "/a.yaml", "{here}/keys"),
    "a file is": ("keys/a.yaml", "/keys/a.yaml", "{here}"),
    "a file beside where it was started": ("../a.yaml", "/../a.yaml", "{here}"),
    "a file that has another name": ("/elsewhere/a.yaml", "/b.yaml", "/elsewhere"),
}


@pytest.mark.parametrize("name", ROOTS)
def test_names_of_files_start_from_where_checkov_says(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    path, scanned, root = (text.format(here=tmp_path) for text in ROOTS[name])
    assert root_of(path, scanned) == root


def test_a_record_says_that_no_repair_was_searched_for() -> None:
    """A plain scan does not pay for the search; the field is there all the same."""
    record = Check().run("main.tf", {}, "key", "aws_kms_key", {})
    assert record["ctkms"]["fix"] == {"text": "", "edits": [], "status": "not searched", "reason": ""}


def test_files_of_edits_are_named_as_checkov_names_files() -> None:
    place = Location("/scan/modules/key/main.tf", 1, 2, 3, 4)
    found = Finding(FAILED, "short", "long", "policy", fix=Fix("Do it.", ((place, "new"),), "proved"))
    scanned = as_scanned({"CKV_CTKMS_001": found}, "/scan")["CKV_CTKMS_001"]
    assert scanned.fix.plain()["edits"][0]["file"] == "/modules/key/main.tf"
