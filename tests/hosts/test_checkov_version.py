"""The Checkov that the rules need: one version, stated the same everywhere, and what an older one is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Callable, Iterator, List, Tuple

import pytest

from ctkms.hosts import checkov_version
from ctkms.hosts.checkov_version import OLDEST, complaint, version_of, warn_if_too_old

ROOT = Path(__file__).resolve().parents[2]

# Where somebody looks for the oldest version, and for the one that the pack is developed with.
STATED_OLDEST = {
    "pyproject.toml": r'^checkov = \["checkov>=([\d.]+),<4"\]$',
    "README.md": r"\(([\d.]+) or newer,",
    "CONTRIBUTING.md": r"`CHECKOV=checkov==([\d.]+)`",
    "docs/ci.md": r"Checkov ([\d.]+) or newer",
    ".github/workflows/ci.yml": r'checkov: "checkov==([\d.]+)" \} # the oldest',
}
STATED_DEVELOPED = {
    "Makefile": r"^CHECKOV \?= checkov==([\d.]+)$",
    "README.md": r"developed with ([\d.]+)\)",
    ".github/workflows/ci.yml": r'checkov: \["checkov==([\d.]+)"\]',
}
# All that speaks of the project as it is; the changelog speaks of what it was.
SPEAKING = ("*.md", "Makefile", "pyproject.toml", ".ci/*", ".github/workflows/*", "docs/**/*.md", "checks/**/*.py")


def stated(file: str, pattern: str) -> List[str]:
    return re.findall(pattern, (ROOT / file).read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("file", "pattern"), STATED_OLDEST.items())
def test_the_oldest_version_is_the_same_in(file, pattern) -> None:
    assert stated(file, pattern) == [OLDEST]


@pytest.mark.parametrize(("file", "pattern"), STATED_DEVELOPED.items())
def test_the_version_developed_with_is_the_same_in(file, pattern) -> None:
    assert stated(file, pattern) == stated("Makefile", STATED_DEVELOPED["Makefile"])


def named_versions() -> Iterator[Tuple[str, str]]:
    for file in {file for pattern in SPEAKING for file in ROOT.glob(pattern)} - {ROOT / "CHANGELOG.md"}:
        for version in re.findall(r"[Cc]heckov(?:[ =>~]*| and )v?(\d+\.[\d.]*\d)", file.read_text("utf-8")):
            yield str(file.relative_to(ROOT)), version


def test_nothing_speaks_of_another_version() -> None:
    """A version that nobody tests is not to be promised; `3.3` is both."""
    (developed,) = stated("Makefile", STATED_DEVELOPED["Makefile"])
    found = list(named_versions())
    assert len(found) >= len(STATED_OLDEST)
    other = [one for one in found if not any(f"{known}.".startswith(f"{one[1]}.") for known in (OLDEST, developed))]
    assert other == []


# --- What is too old ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.3.20", "3.2.500", "2.0", "3.3", "3.3.2", "3.3.20.post1"])
def test_an_older_version_is_too_old(version) -> None:
    assert complaint(version) == (
        f"ctkms: Checkov {version} is too old for these rules; they need {OLDEST} or newer: pip install -U checkov"
    )


@pytest.mark.parametrize("version", [OLDEST, "3.3.30", "3.3.100", "3.4", "3.4.0rc1", "4.0.0", "10.0"])
def test_this_version_and_newer_ones_are_not(version) -> None:
    assert complaint(version) is None


@pytest.mark.parametrize("version", [None, "", "unknown", "v", "9" * 5000])
def test_nothing_is_said_of_a_version_that_is_none(version) -> None:
    assert complaint(version) is None


# --- Which version a program is -------------------------------------------------------------------


@pytest.fixture
def environment(tmp_path) -> Callable[..., Path]:
    """Makes what pip leaves of a Checkov; answers with its program."""

    def install(name: str, version: str, libraries: str = "lib/python3.11/site-packages") -> Path:
        information = tmp_path / name / libraries / f"checkov-{version}.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: checkov\nVersion: {version}\n")
        program = tmp_path / name / "bin" / "checkov"
        program.parent.mkdir(exist_ok=True)
        program.write_text("")
        return program

    return install


def test_knows_the_checkov_of_this_environment() -> None:
    from checkov.version import version

    assert version_of(str(Path(sys.executable).parent / "checkov")) == version


@pytest.mark.parametrize(
    "libraries",
    ["lib/python3.9/site-packages", "lib/python3/dist-packages", "lib/python/site-packages", "Lib/site-packages"],
)
def test_knows_the_checkov_of_another_environment(environment, libraries) -> None:
    assert version_of(str(environment("venv", "3.2.500", libraries))) == "3.2.500"


def test_knows_the_checkov_behind_a_link(environment, tmp_path) -> None:
    environment("local", "3.3.30")
    link = tmp_path / "local" / "bin" / "linked"
    link.symlink_to(environment("pipx", "3.2.500"))
    assert version_of(str(link)) == "3.2.500"


def test_does_not_choose_between_the_checkovs_of_several_pythons(environment) -> None:
    environment("usr", "3.2.500", "lib/python3.9/site-packages")
    assert version_of(str(environment("usr", "3.3.30", "lib/python3.12/site-packages"))) is None


@pytest.mark.parametrize("metadata", ["", "Version", "\x00"])
def test_does_not_know_a_checkov_whose_metadata_is_damaged(environment, metadata) -> None:
    program = environment("venv", "3.2.500")
    (program.parent.parent / "lib/python3.11/site-packages/checkov-3.2.500.dist-info/METADATA").write_text(metadata)
    assert complaint(version_of(str(program))) is None


def test_does_not_know_a_program_that_stands_alone(tmp_path) -> None:
    assert version_of(str(tmp_path / "shims" / "checkov")) is None


# --- What the rules say when an older Checkov loads them -------------------------------------------


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What was warned of is forgotten before and after."""
    warn_if_too_old.cache_clear()
    yield
    warn_if_too_old.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("framework", ["terraform", "cloudformation"])
def test_an_older_checkov_is_told_once(framework, scan, tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr("checkov.version.version", "3.2.500")
    scan(framework, tmp_path)
    assert [(record.name, record.levelname, record.getMessage()) for record in caplog.records if _is_ours(record)] == [
        ("ctkms", "WARNING", complaint("3.2.500"))
    ]


@pytest.mark.usefixtures("forgotten")
def test_this_checkov_is_told_nothing(scan, tmp_path, caplog) -> None:
    scan("terraform", tmp_path)
    assert [record for record in caplog.records if _is_ours(record)] == []


def _is_ours(record) -> bool:
    return checkov_version.TOO_OLD in record.getMessage()
