"""Fail if a file below the given folders is not Python 3.9.

Checkov logs a file that its Python cannot parse and goes on: the scan is green and the rules are missing.
Ruff knows most of the newer syntax; this also knows what only fails when the file is run.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Iterator

NEWER_ARGUMENTS = {"dataclass": {"slots", "kw_only", "match_args"}, "zip": {"strict"}}


def problems(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"
        return
    for node in ast.walk(tree):
        for problem in (*_newer_arguments(node), *_union_at_run_time(node)):
            yield f"{path}:{getattr(node, 'lineno', 0)}: {problem}"
    if isinstance(tree, ast.Module) and _has_annotations(tree) and not _postpones_annotations(tree):
        yield f"{path}:1: no `from __future__ import annotations`"


def _newer_arguments(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        newer = NEWER_ARGUMENTS.get(name, set())
        yield from (f"{name}({word.arg}=...)" for word in node.keywords if word.arg in newer)


def _union_at_run_time(node: ast.AST) -> Iterator[str]:
    """`X | None` as a value: an alias, an argument. In annotations it is never run."""
    values = []
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        values = [node.value]
    elif isinstance(node, ast.Call):
        values = node.args
    if any(_is_union(value) for value in values):
        yield "`X | Y` of types at run time; write Union or Optional"


def _is_union(node: ast.AST) -> bool:
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)):
        return False
    sides = (node.left, node.right)
    return any(
        (isinstance(side, ast.Constant) and side.value is None)
        or (isinstance(side, ast.Name) and side.id in {"str", "int", "bool", "float", "bytes", "dict", "list", "tuple"})
        or _is_union(side)
        for side in sides
    )


def _has_annotations(tree: ast.Module) -> bool:
    functions = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return any(function.returns is not None for function in functions)


def _postpones_annotations(tree: ast.Module) -> bool:
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return any(name.name == "annotations" for node in imports for name in node.names)


def main() -> int:
    paths = sorted(path for folder in sys.argv[1:] for path in Path(folder).rglob("*.py"))
    found = [problem for path in paths for problem in problems(path)]
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(paths)} files, {len(found)} not for Python 3.9")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
