"""Terraform's functions on files, in a folder that is scanned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.modules.files import Files
from ctkms.iac.terraform.modules.folder_loader import FolderLoader
from ctkms.iac.terraform.syntax.hcl_parser import parse_file
from ctkms.unknowns.text import Hole

FILES = {
    "main.tf": b"",
    "p/a.json": b"{}",
    "p/b.json": b"{}",
    "p/.dot.json": b"{}",
    "p/c.yaml": b"h\xc3\xa9\r\n",
    "p/marked.txt": b"\xef\xbb\xbf${x}\r\n",
    "p/binary": b"\xff\xfe",
    "p/sub/d.json": b"{}",
    "p/sub/deep/e.json": b"{}",
    "q/z.json": b"{}",
    ".terraform/modules/m.json": b"{}",
}

# As `terraform console` answers in that folder; None where it is open here, since what is there may change or differ.
CASES = {
    'fileset("p", "*.json")': '[".dot.json", "a.json", "b.json"]',
    'fileset("p", "**/*.json")': '[".dot.json", "a.json", "b.json", "sub/d.json", "sub/deep/e.json"]',
    'fileset("p", "**")': '[".dot.json", "a.json", "b.json", "binary", "c.yaml", "marked.txt", "sub/d.json", '
    '"sub/deep/e.json"]',
    'fileset("p", "*/*.json")': '["sub/d.json"]',
    'fileset("p", "?.json")': '["a.json", "b.json"]',
    'fileset("p", "{a,b,x}.json")': '["a.json", "b.json"]',
    'fileset("p", "**/deep/*")': '["sub/deep/e.json"]',
    'fileset("p", "../q/*")': '["../q/z.json"]',
    'fileset(".", "p/a.json")': '["p/a.json"]',
    'fileset("p", "nothing.json")': "[]",
    'fileset("p", "*.none")': "[]",
    'fileset("p", "sub")': "[]",
    'fileset("p", "")': "[]",
    'fileset("nowhere", "*.json")': None,
    'fileset("p", "nowhere/*.json")': None,
    'fileset("p", "[ab].json")': '["a.json", "b.json"]',
    'fileset("p", "[^b-z].json")': '["a.json"]',
    'fileset("p", "[!a].json")': '["a.json"]',
    'fileset("p", "{[a],b}.json")': '["a.json", "b.json"]',
    'can(fileset("p", "{a,b"))': "false",
    'fileset("p", "[a")': None,
    'fileset("p", "[a-]*")': None,
    'fileset("p", "a\\\\.json")': None,
    'fileset(".", "**/*.json")': None,
    'fileset("..", "*")': None,
    'fileset(var.x, "*")': None,
    'fileexists("p/a.json")': "true",
    'fileexists("p/nothing.json")': "false",
    'fileexists("nowhere/nothing.json")': None,
    'fileexists("/etc/hostname")': None,
    'fileexists("~/x")': None,
    'can(fileexists("p"))': "false",
    'can(file("p/nothing.json"))': "false",
    'try(file("p/nothing.json"), file("p/a.json"))': '"{}"',
    'try(file("nowhere/nothing.json"), "x")': None,
    'jsonencode(file("p/c.yaml")) == jsonencode("h\\u00e9\\r\\n")': "true",
    'file("p/marked.txt") == "\\ufeff$${x}\\r\\n"': "true",
    'templatefile("p/marked.txt", { x = 1 }) == "1\\r\\n"': "true",
    'file("p/binary")': None,
    'filebase64("p/c.yaml")': '"aMOpDQo="',
    'filemd5("p/a.json")': '"99914b932bd37a50b983c5e7c90ae93b"',
    'filesha256("p/c.yaml")': '"f001ae8f141d34c045e2b98390666681d2eecd77fa6363212da171ee18d814cc"',
    'filebase64sha256("p/marked.txt") == base64sha256(file("p/marked.txt"))': "true",
}


class Folder(EmptyScope):
    """Where the files of a folder can be read."""

    def __init__(self, root: Path) -> None:
        self.loader = FolderLoader(Files((str(root),)), str(root))

    def read_file(self, path: str) -> Any:
        return self.loader.read(path)

    def list_folder(self, path: str) -> Any:
        return self.loader.list_folder(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scan") / "root"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def value_of(source: str, folder: Path) -> Any:
    return evaluate(parse_file(f"x = {source}\n").body.attributes["x"], Folder(folder))


@pytest.mark.parametrize("source", CASES)
def test_a_file(source: str, folder: Path) -> None:
    value = value_of(source, folder)
    if CASES[source] is None:
        assert isinstance(value, Hole)
    else:
        assert describe(value) == CASES[source]


def test_a_link_may_lead_to_anything(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "out" / "a.json").write_text("{}", encoding="utf-8")
    (tmp_path / "in" / "b.json").symlink_to(tmp_path / "out" / "a.json")
    (tmp_path / "in" / "sub").symlink_to(tmp_path / "out")
    for source in ('fileexists("b.json")', 'fileset(".", "*.json")', 'fileset(".", "sub/*")', 'fileset("sub", "*")'):
        assert isinstance(value_of(source, tmp_path / "in"), Hole), source
    assert describe(value_of('fileset(".", "*.yaml")', tmp_path / "in")) == "[]"


def test_a_pattern_takes_no_longer_than_its_names(tmp_path: Path) -> None:
    (tmp_path / ("a" * 200)).write_text("", encoding="utf-8")
    assert describe(value_of('fileset(".", "' + "*a" * 100 + 'b")', tmp_path)) == "[]"
