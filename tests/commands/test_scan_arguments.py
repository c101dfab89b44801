"""The command line of `ctkms scan`: what is a path, what is its own, and what is Checkov's."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from ctkms.commands.scan_arguments import UsageError, checkov_options, mentions, scan_arguments

FORMATS = ("sarif", "html")


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "code").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "plan.json").write_text("{}")


PATHS = {
    "none at all, where Checkov may know": (["--config-file", "x.yaml"], (), (), ["--config-file", "x.yaml"]),
    "folders and files, first": (
        ["code", "plan.json", "more", "--compact"],
        ("code", "more"),
        ("plan.json",),
        ["--compact"],
    ),
    "after two dashes": (["--compact", "--", "code"], ("code",), (), ["--compact"]),
    "on both sides": (
        ["code", "--framework", "terraform", "--", "more"],
        ("code", "more"),
        (),
        ["--framework", "terraform"],
    ),
    "as Checkov takes them": (
        ["-d", "code", "--compact", "-f", "plan.json", "--directory=more", "-fplan.json"],
        ("code", "more"),
        ("plan.json", "plan.json"),
        ["--compact"],
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_paths_stand_first_or_after_two_dashes(name: str) -> None:
    given, folders, files, options = PATHS[name]
    read = scan_arguments(given, FORMATS)
    assert (read.folders, read.files, list(read.options)) == (folders, files, options)


def test_its_own_options_are_not_handed_on() -> None:
    read = scan_arguments(
        ["code", "--report", "sarif=a.sarif", "--require-key", "-o", "json", "--report=html=b=c.html"], FORMATS
    )
    assert read.reports == (("sarif", "a.sarif"), ("html", "b=c.html"))
    assert read.require_key
    assert read.options == ("-o", "json")


WRONG = {
    "a path that is not there": (["nowhere", "-d", "."], "there is no file or folder nowhere"),
    "a folder of Checkov's that is not there": (["-d", "nowhere"], "there is no file or folder nowhere"),
    "a file of Checkov's that is not there": (["-f", "plan.json", "nowhere"], "there is no file or folder nowhere"),
    "no path": (["--compact"], "`ctkms scan .` takes the current folder"),
    "no path for another output": (["-o", "json"], "`ctkms scan .` takes the current folder"),
    "one file for two folders": (["code", "more", "--output-file-path", "x"], "scan one at a time"),
    "an unknown format": (["code", "--report", "pdf=x"], "not pdf=x"),
    "a report without a file": (["code", "--report", "sarif"], "not sarif"),
    "a report without anything": (["code", "--report"], "--report"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_line(name: str) -> None:
    given, said = WRONG[name]
    with pytest.raises(UsageError, match=said) as error:
        scan_arguments(given, FORMATS)
    assert "\n" not in str(error.value)


OUTPUTS = {
    "nothing": ([], False),
    "the console": (["-o", "cli"], False),
    "JSON": (["-o", "json"], True),
    "attached": (["-ojson"], True),
    "long": (["--output", "sarif"], True),
    "long and attached": (["--output=junitxml"], True),
    "several": (["-o", "cli", "-o", "json"], True),
    "a file": (["--output-file-path", "x"], True),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_of_checkovs_goes_through(name: str) -> None:
    given, expected = OUTPUTS[name]
    assert scan_arguments(["code", *given], FORMATS).has_own_output is expected


@pytest.mark.parametrize(
    ("given", "present", "absent"),
    [
        (["-d", "."], ["--check", "CKV_CTKMS_*", "--framework", "terraform", "--skip-download"], []),
        (["-d", ".", "-c", "CKV_AWS_7"], ["CKV_AWS_7", "--framework"], ["CKV_CTKMS_*"]),
        (["-d", ".", "-cCKV_AWS_7"], ["-cCKV_AWS_7", "--framework"], ["CKV_CTKMS_*"]),
        (["-d", ".", "--check=CKV_AWS_7"], ["--check=CKV_AWS_7"], ["CKV_CTKMS_*"]),
        (["-d", ".", "--compact"], ["--compact", "CKV_CTKMS_*"], []),
        (["-d", ".", "--framework=terraform"], ["CKV_CTKMS_*"], ["terraform", "cloudformation"]),
    ],
)
def test_checkov_gets_what_the_user_leaves_open(given: List[str], present: List[str], absent: List[str]) -> None:
    options = checkov_options(given, "/rules")
    assert options[:2] == ["--external-checks-dir", "/rules"]
    assert options[-len(given) :] == given
    assert set(present) <= set(options)
    assert not set(absent) & set(options)


@pytest.mark.parametrize("given", [["-h"], ["--version"], ["--list"], ["-l"]])
def test_questions_about_checkov_are_its_own(given: List[str]) -> None:
    assert scan_arguments(given, FORMATS).is_answer


def test_an_option_is_not_another_that_begins_alike() -> None:
    assert not mentions(["--check-something", "--compact"], "-c", "--check")


def test_a_configuration_may_name_what_is_scanned(tmp_path: Path) -> None:
    (tmp_path / ".checkov.yaml").write_text("directory: [code]\n")
    assert scan_arguments(["--compact"], FORMATS).options == ("--compact",)
