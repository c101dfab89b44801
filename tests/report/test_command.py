"""`ctkms report`: what it reads, where it writes, and what it says when it cannot."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from tests.report.records import record, report
from tests.test_command import command

from ctkms.report.reports import FORMATS

__all__ = ["command"]  # a fixture
BEGIN = {"sarif": "{", "markdown": "<!-- ctkms report -->", "gitlab": "{", "html": "<!doctype html>"}


@pytest.fixture
def results(tmp_path) -> str:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(report(record())), encoding="utf-8")
    return str(file)


def test_knows_the_formats(command) -> None:
    assert command.REPORTS == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_prints_a_report(command, capfdbinary, results, name) -> None:
    assert command.main(["report", results, "--format", name]) == 0
    assert capfdbinary.readouterr().out.decode("utf-8").startswith(BEGIN[name])


def test_writes_a_file_in_the_format_of_its_name(command, capsys, results, tmp_path) -> None:
    assert command.main(["report", results, "--output", str(tmp_path / "r.html")]) == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert capsys.readouterr() == ("", "")


def test_reads_standard_input(command, capfdbinary, monkeypatch) -> None:
    given: Any = io.TextIOWrapper(io.BytesIO(json.dumps(report(record())).encode("utf-8-sig")))
    monkeypatch.setattr(sys, "stdin", given)
    assert command.main(["report", "-", "--format", "markdown"]) == 0
    assert b"1 key fails" in capfdbinary.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["no such file"], "no such file: No such file or directory"),
        (["{results}", "--output", "{results}/there"], "there: Not a directory"),
        ([__file__], "is not what `checkov -o json` writes"),
        (["{results}", "--output", "{results}"], "name another file"),
    ],
    ids=["no file", "no place", "no JSON", "the results themselves"],
)
def test_says_in_a_line_what_it_cannot_do(command, capsys, results, given, said) -> None:
    assert command.main(["report", *(one.replace("{results}", results) for one in given)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("library", ["jinja2", "markdown"])
def test_says_which_library_is_missing(command, capsys, results, monkeypatch, library) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "ctkms.report.to_html", raising=False)
    assert command.main(["report", results, "--format", "html"]) == 2
    assert f"needs the library {library}: install" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sarif", "markdown", "gitlab"])
def test_only_html_needs_a_library(command, capfdbinary, results, monkeypatch, name) -> None:
    for library in ("jinja2", "markdown", "markupsafe"):
        monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"ctkms.report.to_{name}", raising=False)
    assert command.main(["report", results, "--format", name]) == 0
