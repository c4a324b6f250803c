"""Imports point down, and heavy libraries load where they are used."""

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nemogrid"
HEAVY = {
    "dask", "distributed", "eth_tester", "highspy", "matplotlib", "numba", "pandapower", "plotly",
    "power_grid_model", "pyomo", "scipy", "seaborn", "simbench", "vyper", "web3",
}  # fmt: skip
# A kernel is compiled, and therefore loads numba; whoever needs one imports it inside a function.
MODULES = sorted(
    path.relative_to(ROOT) for path in PACKAGE.rglob("*.py") if not path.stem.endswith("kernel")
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the layers of the package in a folder by the contracts of its pyproject.toml."""
    code = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def loaded_at_import(statements: list[ast.stmt]) -> Iterator[str]:
    """Name the libraries that importing a module loads: all but those in functions."""
    for statement in statements:
        match statement:
            case ast.Import(names=names):
                yield from (alias.name.split(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.split(".")[0]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from loaded_at_import(statement.orelse)
            case _:
                for part in ("body", "orelse", "finalbody"):
                    yield from loaded_at_import(getattr(statement, part, []))
                for handler in getattr(statement, "handlers", []):
                    yield from loaded_at_import(handler.body)


def heavy_at_import(source: str) -> set[str]:
    """Name the heavy libraries that importing a module's source would load."""
    return HEAVY & set(loaded_at_import(ast.parse(source).body))


def test_imports_point_down():
    """The package keeps the contract."""
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 kept, 0 broken" in answer.stdout


@pytest.mark.parametrize(
    ("module", "imports", "complaint"),
    [
        ("charges", "nemogrid.settlement", "nemogrid.charges is not allowed to import"),
        ("tariffs", "nemogrid.dispatch", "nemogrid.tariffs is not allowed to import"),
        ("timeline", "nemogrid.community", "nemogrid.timeline is not allowed to import"),
        ("helpers", "nemogrid.errors", "nemogrid.helpers"),
    ],
)
def test_an_import_that_points_up_is_found(tmp_path, module, imports, complaint):
    """The contract breaks on an upward, a sideways and an unplaced module, inside functions too."""
    package = tmp_path / "nemogrid"
    package.mkdir()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for name in ("__init__", "settlement", "dispatch", "community", "errors"):
        (package / f"{name}.py").write_text("")
    (package / f"{module}.py").write_text(f"def late():\n    import {imports}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode != 0
    assert complaint in answer.stdout + answer.stderr


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_heavy_libraries_are_imported_inside_functions(module):
    """No module of the package loads one of them when it is imported."""
    assert heavy_at_import((ROOT / module).read_text()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "import scipy.optimize as so",
        "from pandapower.networks import mv_oberrhein",
        "try:\n    import numba\nexcept ImportError:\n    numba = None",
        "class Model:\n    import pyomo",
        "if True:\n    pass\nelse:\n    with open('x') as f:\n        import seaborn",
        "try:\n    pass\nexcept OSError:\n    import matplotlib",
    ],
)
def test_a_heavy_import_at_the_top_is_found(source):
    """The check above sees through blocks."""
    assert len(heavy_at_import(source)) == 1


def test_a_heavy_import_for_types_or_in_a_function_is_not_counted():
    """Those load nothing when the module is imported."""
    source = "if TYPE_CHECKING:\n    import scipy\ndef f():\n    import pyomo\n"
    assert heavy_at_import(source) == set()


def test_importing_everything_loads_nothing_heavy():
    """Neither directly nor by way of another library."""
    names = [".".join(path.with_suffix("").parts) for path in MODULES]
    modules = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    assert "nemogrid.timeline" in modules
    code = (
        f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\n"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "[]"


def test_the_heavy_libraries_are_known_by_their_right_names():
    """A misspelt name in the list would make the checks above pass for nothing."""
    assert {name for name in HEAVY if importlib.util.find_spec(name) is None} == set()
