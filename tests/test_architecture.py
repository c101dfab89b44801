"""How the code is laid out: what may import what, and what Checkov's way of loading a folder demands.

Every test lists those who break its rule.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Dict, FrozenSet, Iterator, List, Set, Tuple

import pytest

CHECKS = Path(__file__).parent.parent / "checks"
CORE = CHECKS / "ctkms"
SOURCES = sorted(CHECKS.rglob("*.py"))
CORE_SOURCES = sorted(CORE.rglob("*.py"))

# The rooms from the ground up: each may use what is below it.
FLOORS = (
    "ctkms.budgets",
    "ctkms.unknowns",
    "ctkms.iam",
    "ctkms.cloudtrail.resources",
    "ctkms.cloudtrail.evidence",
    "ctkms.cloudtrail.access_requests",
    "ctkms.cloudtrail.answers",
    "ctkms.cloudtrail.rules",
    "ctkms.cloudtrail.explanations",
    "ctkms.cloudtrail.places",
    "ctkms.cloudtrail.summaries",
    "ctkms.cloudtrail.findings",
    "ctkms.cloudtrail.judge",
    "ctkms.cloudtrail.subjects",
    "ctkms.cloudtrail.recommended_policy",
    "ctkms.cloudtrail.bare_policy",
    "ctkms.iac.terraform.syntax",
    "ctkms.iac.terraform.evaluation",
    "ctkms.iac.terraform.modules",
    "ctkms.iac.terraform.aws",
    "ctkms.iac.terraform.instances",
    "ctkms.iac.terraform.locations",
    "ctkms.iac.terraform.subjects",
    "ctkms.iac.terraform.plan",
    "ctkms.iac.terraform.code_scan",
    "ctkms.iac.cloudformation.aws",
    "ctkms.iac.cloudformation.templates",
    "ctkms.iac.cloudformation.locations",
    "ctkms.iac.cloudformation.evaluation",
    "ctkms.iac.cloudformation.subjects",
    "ctkms.iac.scan",
    "ctkms.repair",
    "ctkms.hosts",
    "ctkms.report",
    "ctkms.writers",
    "ctkms.commands",
    "terraform",
    "cloudformation",
    "__main__",
)
FRAMEWORKS = ("ctkms.iac.terraform", "ctkms.iac.cloudformation")
LONGEST_FILE, LONGEST_FUNCTION, MOST_ROOMS = 350, 40, 9

STANDARD_LIBRARY = frozenset(getattr(sys, "stdlib_module_names", ()))  # since Python 3.10
ALSO = ("yaml",)  # comes with Checkov, and is declared
# The reports may use what Checkov brings besides, since nothing that Checkov loads imports them.
FOR_REPORTS = ("jinja2", "markdown", "markupsafe")
REPORT, BELOW_REPORT = (
    "ctkms.report",
    ("ctkms.report", "ctkms.cloudtrail", "ctkms.iam", "ctkms.unknowns", "ctkms.budgets"),
)


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKS))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(CHECKS).with_suffix("").parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def imports(tree: ast.AST) -> Iterator[Tuple[str, int]]:
    """The modules that the code imports, with their line; those that are for types only as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


MODULES = {module_of(path): path for path in SOURCES}
USES: Dict[str, FrozenSet[str]] = {
    module: frozenset(used for used, _ in imports(parsed(path)) if used in MODULES and used != module)
    for module, path in MODULES.items()
}


def floor_of(module: str) -> int:
    return max((at for at, floor in enumerate(FLOORS) if f"{module}.".startswith(f"{floor}.")), default=-1)


def test_every_module_is_in_a_room() -> None:
    assert [module for module in MODULES if floor_of(module) < 0] == []


def test_no_arrow_runs_up() -> None:
    up = [(one, other) for one, used in USES.items() for other in used if floor_of(other) > floor_of(one)]
    assert up == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert [one for one in USES if one in _reached_from(one)] == []


def _reached_from(module: str) -> Set[str]:
    seen: Set[str] = set()
    waiting = list(USES[module])
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(USES[one])
    return seen


def test_the_frameworks_do_not_know_each_other() -> None:
    across = [
        (one, other)
        for one, used in USES.items()
        for other in used
        for framework in FRAMEWORKS
        if one.startswith(framework) and other.startswith(FRAMEWORKS) and not other.startswith(framework)
    ]
    assert across == []


def test_the_core_imports_the_standard_library_and_itself() -> None:
    foreign = [
        (name_of(path), line, module)
        for path in CORE_SOURCES
        for module, line in imports(parsed(path))
        for top in [module.partition(".")[0]]
        if not top or top == "checkov" or (STANDARD_LIBRARY and top not in (*STANDARD_LIBRARY, *allowed_in(path)))
    ]
    assert foreign == []


def allowed_in(path: Path) -> Tuple[str, ...]:
    return (*ALSO, "ctkms", *(FOR_REPORTS if module_of(path).startswith(f"{REPORT}.to_html") else ()))


def test_only_the_command_knows_the_reports() -> None:
    """So Checkov needs none of their libraries, and nothing that makes text runs in it."""
    knowing = [module_of(path) for path in SOURCES if REPORT not in module_of(path) and names_the_reports(path)]
    assert [one for one in knowing if one != "__main__" and not one.startswith("ctkms.commands.")] == []
    beyond = [
        (one, other)
        for one in USES
        if one.startswith(REPORT)
        for other in USES[one]
        if not other.startswith(BELOW_REPORT)
    ]
    assert beyond == []


def names_the_reports(path: Path) -> bool:
    """By an import, or by a name that is imported when it is needed."""
    tree = parsed(path)
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    imported = any(module.startswith(REPORT) for module, _ in imports(tree))
    return imported or any(re.match(r"(ctkms\.)?report\.\w", text) for text in texts)


def test_one_file_looks_at_frames() -> None:
    frames = re.compile(r"\b(_getframe|currentframe|f_locals|f_back)\b")
    looking = [name_of(path) for path in SOURCES if frames.search(path.read_text("utf-8"))]
    assert looking == ["ctkms/hosts/checkov_frames.py"]


def test_every_file_and_function_fits_in_the_head() -> None:
    long_files = [name_of(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE]
    assert long_files == []
    assert [one for path in SOURCES for one in _long_functions(path)] == []
    assert len([one for one in (CORE / "iac" / "terraform").iterdir() if one.name[0] != "_"]) <= MOST_ROOMS


def _long_functions(path: Path) -> List[Tuple[str, str, int]]:
    functions = [one for one in ast.walk(parsed(path)) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lengths = [(one.name, (one.end_lineno or one.lineno) - one.lineno + 1) for one in functions]
    return [(name_of(path), name, length) for name, length in lengths if length > LONGEST_FUNCTION]


def test_only_the_two_thin_folders_and_the_command_stand_beside_the_core() -> None:
    beside = {path.relative_to(CHECKS).parts[0] for path in SOURCES}
    assert beside <= {"ctkms", "terraform", "cloudformation", "__main__.py"}


def test_the_core_has_no_package_files() -> None:
    # Checkov runs every module of a package that it finds in the folder, on its own and by file name.
    assert [name_of(path) for path in CORE.rglob("__init__.py")] == []
    assert {name_of(path) for path in CHECKS.rglob("__init__.py")} == {
        "terraform/__init__.py",
        "cloudformation/__init__.py",
    }


def test_no_data_files_among_the_checks() -> None:
    # Checkov reads a YAML or JSON file in here as a policy of its own.
    assert [name_of(path) for kind in ("*.yaml", "*.yml", "*.json") for path in CHECKS.rglob(kind)] == []


def test_imports_stand_at_the_top() -> None:
    within = [
        (name_of(path), function.name)
        for path in SOURCES
        for function in ast.walk(parsed(path))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and list(imports(function))
    ]
    assert within == []


def test_every_module_says_what_it_is() -> None:
    silent = [name_of(path) for path in CORE_SOURCES if not ast.get_docstring(parsed(path))]
    assert silent == []
    eager = [
        name_of(path)
        for path in CORE_SOURCES
        if not any(module == "__future__.annotations" for module, _ in imports(parsed(path)))
    ]
    assert eager == []


@pytest.mark.parametrize("stem", sorted({path.stem for path in SOURCES if not path.stem.startswith("__")}))
def test_no_module_shadows_another_of_that_name(stem: str) -> None:
    """Checkov leaves every folder of the pack on `sys.path`, where a `requests.py` would be everybody's `requests`."""
    elsewhere = [entry for entry in sys.path if not Path(entry or ".").resolve().is_relative_to(CHECKS)]
    assert PathFinder.find_spec(stem, elsewhere) is None
