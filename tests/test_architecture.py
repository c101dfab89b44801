"""How the code is laid out: what may import what, and what Checkov's way of loading a folder demands."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Iterator, Tuple

import pytest

CHECKS = Path(__file__).parent.parent / "checks"
CORE = CHECKS / "ctkms"
SOURCES = sorted(CHECKS.rglob("*.py"))
CORE_SOURCES = sorted(CORE.rglob("*.py"))

# Each layer, and the layers it may import: the arrows point one way.
ARROWS = {"iam": ("iam",), "cloudtrail": ("iam", "cloudtrail"), "iac": ("iam", "cloudtrail", "iac")}

STANDARD_LIBRARY = frozenset(getattr(sys, "stdlib_module_names", ()))  # since Python 3.10
ALSO = ("yaml",)  # comes with Checkov, and is declared


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKS))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def imports(tree: ast.AST) -> Iterator[Tuple[str, int]]:
    """The modules that the code imports, with their line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_is_python_3_9(path: Path):
    # A file that Checkov's Python cannot parse is an error in a log, and a green scan.
    parsed(path)


@pytest.mark.parametrize("path", CORE_SOURCES, ids=name_of)
def test_the_core_imports_the_standard_library_and_itself(path: Path):
    for module, line in imports(parsed(path)):
        top = module.partition(".")[0]
        assert top, f"relative import in line {line}"
        if top != "ctkms" and STANDARD_LIBRARY:
            assert top in STANDARD_LIBRARY or top in ALSO, f"line {line} imports {module}"
        assert top != "checkov", f"line {line}"


@pytest.mark.parametrize("path", CORE_SOURCES, ids=name_of)
def test_the_layers_of_the_core_import_downwards(path: Path):
    layer = path.relative_to(CORE).parts[0]
    for module, line in imports(parsed(path)):
        parts = module.split(".")
        if parts[0] == "ctkms" and layer in ARROWS and len(parts) > 1 and parts[1] in ARROWS:
            assert parts[1] in ARROWS[layer], f"line {line}: {layer} imports {module}"


def test_only_the_two_thin_folders_and_the_command_stand_beside_the_core():
    assert {path.relative_to(CHECKS).parts[0] for path in SOURCES} <= {
        "ctkms",
        "terraform",
        "cloudformation",
        "__main__.py",
    }


def test_the_core_has_no_package_files():
    # Checkov runs every module of a package that it finds in the folder, on its own and by file name.
    assert [name_of(path) for path in CORE.rglob("__init__.py")] == []
    assert {name_of(path) for path in CHECKS.rglob("__init__.py")} == {
        "terraform/__init__.py",
        "cloudformation/__init__.py",
    }


def test_no_data_files_among_the_checks():
    # Checkov reads a YAML or JSON file in here as a policy of its own.
    assert [name_of(path) for kind in ("*.yaml", "*.yml", "*.json") for path in CHECKS.rglob(kind)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_stand_at_the_top(path: Path):
    tree = parsed(path)
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert [line for _, line in imports(function)] == [], function.name


@pytest.mark.parametrize("path", CORE_SOURCES, ids=name_of)
def test_every_module_says_what_it_is(path: Path):
    tree = parsed(path)
    assert ast.get_docstring(tree), "no docstring"
    assert any(module == "__future__" for module, _ in imports(tree)), "no `from __future__ import annotations`"


def test_no_module_shadows_another_of_that_name() -> None:
    """Checkov leaves every folder of the pack on `sys.path`, where a `requests.py` would be everybody's `requests`."""
    stems = {path.stem for path in CHECKS.rglob("*.py") if not path.stem.startswith("__")}
    elsewhere = [entry for entry in sys.path if not Path(entry or ".").resolve().is_relative_to(CHECKS)]
    assert [stem for stem in sorted(stems) if PathFinder.find_spec(stem, elsewhere)] == []
