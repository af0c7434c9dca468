"""The house keeps its shape: layers, sizes, docstrings, one clock, explained suppressions."""

from __future__ import annotations

import ast
import io
import re
import shutil
import statistics
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE_LINES = 400
FUNCTION_LINES = 60
FUNCTION_MEDIAN = 8
PACKAGE = ROOT / "compliance"
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common_utils"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)")
EXPLAINED = re.compile(r"#\s*(noqa:\s*[A-Z0-9, ]+|type:\s*ignore\[[a-z0-9, -]+\]|pragma:[^-–#]+)\s*(-|–|—|#)\s*\S.+")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[FUNCTION]:
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTION))


def length(node: FUNCTION) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


# ------------------------------------------------------------------------------------- layers


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts of a project folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    return subprocess.run(
        [*command, "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "LANG": "C.UTF-8", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_imports_point_one_way() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("core/stray_test.py", "import sqlalchemy"),
        ("kernel/stray_test.py", "import compliance.rulebase"),
        ("web/stray_test.py", "import compliance.adapters"),
        ("adapters/stray_test.py", "import compliance.web"),
        ("helpers.py", ""),
    ],
)
def test_the_contracts_notice_a_breach(tmp_path: Path, place: str, line: str) -> None:
    shutil.copytree(PACKAGE, tmp_path / "compliance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "compliance" / place).write_text(f"{line}\n", encoding="utf-8")
    assert lint_imports(tmp_path).returncode == 1


# -------------------------------------------------------------------------------------- sizes


#: A migration is history: it is as long as the tables it made, and is never edited.
SIZED = [path for path in MODULES if path.parent.parts[-2:] != ("migrations", "versions")]


@pytest.mark.parametrize("path", SIZED, ids=name_of)
def test_a_module_fits_in_a_head(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES, f"{lines} lines: make it a package"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    long = {node.name: length(node) for node in functions(tree_of(path)) if length(node) > FUNCTION_LINES}
    assert not long


def test_most_functions_are_short() -> None:
    lengths = [length(node) for path in MODULES for node in functions(tree_of(path))]
    assert statistics.median(lengths) <= FUNCTION_MEDIAN


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_named_for_nothing(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


# --------------------------------------------------------------------- docstrings and headers


def undocumented(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """Public classes, functions and methods without a docstring."""
    for node in body:
        if not isinstance(node, ast.ClassDef | FUNCTION) or node.name.startswith("_"):
            continue
        overload = any("overload" in ast.unparse(d) for d in node.decorator_list)
        if not overload and ast.get_docstring(node) is None:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_names_say_what_they_are(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    assert not list(undocumented(tree.body))


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=name_of)
def test_annotations_are_never_evaluated_at_import(path: Path) -> None:
    tree = tree_of(path)
    body = tree.body[1:] if ast.get_docstring(tree) else tree.body
    if body:
        first = body[0]
        assert isinstance(first, ast.ImportFrom)
        assert first.module == "__future__"
        assert [name.name for name in first.names] == ["annotations"]


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=name_of)
def test_a_suppression_says_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    comments = [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and SUPPRESSION.search(token.string)
    ]
    assert not [(line, comment) for line, comment in comments if not EXPLAINED.search(comment)]


# ------------------------------------------------------------------- what must not be reached

#: The wall clock's one caller; what measures a duration uses time.monotonic.
CLOCK = PACKAGE / "kernel" / "clock.py"
CLOCK_CALLS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|time\.time_ns)\(")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_wall_clock_has_one_caller(path: Path) -> None:
    calls = [ast.unparse(node.func) + "(" for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    found = [call for call in calls if CLOCK_CALLS.search(call)]
    assert bool(found) == (path == CLOCK), found


#: Floats that are no quantity of the standard: file name → why.
FLOATS_ALLOWED: dict[str, str] = {}
QUANTITY_ROOMS = ("kernel", "rulebase", "core")


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(PACKAGE).parts[0] in QUANTITY_ROOMS], ids=name_of)
def test_no_float_meets_a_quantity(path: Path) -> None:
    found = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]
    assert not found or name_of(path) in FLOATS_ALLOWED, f"float in lines {found}"


#: Nothing that a browser loads comes from elsewhere: the program works without internet.
OUTSIDE = re.compile(r"""(?:src|href|url|from|import|@import)\s*[=(]?\s*["']?(?:https?:)?//""", re.IGNORECASE)
SERVED = sorted(p for p in (PACKAGE / "web").rglob("*") if p.suffix in {".html", ".css", ".js", ".svg"})


def test_pages_load_nothing_from_elsewhere() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in SERVED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OUTSIDE.search(line) and "xmlns" not in line
    ]
    assert not found


def test_the_check_for_foreign_parts_would_notice() -> None:
    assert OUTSIDE.search('<script src="https://cdn.example.org/x.js">')
    assert OUTSIDE.search("@import url(//fonts.example.org/x.css)")
