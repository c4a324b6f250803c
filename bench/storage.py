"""A year of storage on one core: the exact engine, HiGHS on arrays, and Pyomo with two solvers.

All plan the same 10 kWh battery of the same household against the same prices, and none is asked
to choose among plans of equal cost except the exact engine, which cannot help it. The time of the
exact engine includes its certificate; the time of Pyomo includes building and writing the model.
HiGHS is measured twice: as `solve_lp` runs it, from prices to a certified plan, and bare, from
ready arrays to its own answer, with the settings that were fastest. Pyomo is run once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.storage_cases import STEPS, box_store, community_year, household_kwh, meters
from bench.table import Row, fresh_process, median, one_core, seconds

GROUP = "storage of a household"
COMMUNITY = "storage of a community"
FASTEST = {"solver": "simplex", "simplex_dual_edge_weight_strategy": 1, "presolve": "off"}
"""Dual simplex with Devex prices and without presolve: the fastest of nine settings tried."""
_PLANNED = """
from bench.storage_cases import community_year
from nemogrid.dispatch import plan_members
plan_members(*community_year())
"""


def rows(runs: int) -> list[Row]:
    """Measure a year of one battery and of a community of batteries.

    Parameters
    ----------
    runs : int
        Runs of each median; Pyomo and the year with peaks are run once.

    Returns
    -------
    list of Row
    """
    table: list[Row] = []
    with one_core():
        for name, meter in meters().items():
            table += _household(name, meter, runs)
        table += _community(runs)
    return table


def bare_highs(arrays: Any, options: dict[str, Any] = FASTEST) -> float:
    """Solve a program of arrays with HiGHS on one thread: the least cost, and nothing else.

    Parameters
    ----------
    arrays : nemogrid.dispatch.lp_highs.ArrayProgram
        The program.
    options : dict
        Options of HiGHS.

    Returns
    -------
    float
    """
    import highspy

    from nemogrid.dispatch.lp_highs import _model

    highs = highspy.Highs()
    highs.silent()
    for option, value in {**options, "threads": 1}.items():
        highs.setOptionValue(option, value)
    highs.passModel(_model(arrays))
    highs.run()
    return float(highs.getInfo().objective_function_value)


def _household(name: str, meter: Any, runs: int) -> list[Row]:
    from nemogrid.dispatch.exact import solve_exact
    from nemogrid.dispatch.linear_program import solve_lp
    from nemogrid.dispatch.lp_highs import in_arrays
    from nemogrid.dispatch.lp_model import assemble

    net_kwh, store = household_kwh(), box_store()
    arrays = in_arrays(assemble(meter, net_kwh, (store,)))
    many = max(10 * runs, 20)  # of a few milliseconds each
    exact_s = median(seconds(lambda: solve_exact(meter, net_kwh, store), runs=many))
    least = solve_exact(meter, net_kwh, store).cost
    size: dict[str, Any] = {"group": GROUP, "steps": STEPS}
    table = [
        Row(
            case=f"{name}: exact engine with certificate",
            value=exact_s, unit="s", runs=many, difference=0.0, **size,
        )
    ]  # fmt: skip
    others: list[tuple[str, Callable[[], float], int, float | None]] = [
        (
            "HiGHS on arrays, certified",
            lambda: solve_lp(meter, net_kwh, (store,), tie_break=False).cost, runs, 100,
        ),
        ("HiGHS on arrays, bare", lambda: bare_highs(arrays), runs, None),
        ("Pyomo with HiGHS", lambda: _pyomo(meter, net_kwh, store, "highs"), 0, None),
        ("Pyomo with GLPK", lambda: _pyomo(meter, net_kwh, store, "glpk"), 0, 1000),
    ]  # fmt: skip
    for other, solve, times, target in others:
        spent, cost = timed(solve, times)
        once = max(times, 1)
        ratio = spent / exact_s
        table.append(
            Row(
                case=f"{name}: {other}",
                value=spent, unit="s", runs=once, difference=abs(cost - least), **size,
            )
        )  # fmt: skip
        table.append(
            Row(
                case=f"{name}: {other} / exact engine",
                value=ratio, unit="times", runs=once,
                target="" if target is None else f"at least {target:,}",
                met=None if target is None else ratio >= target,
                **size,
            )
        )  # fmt: skip
    return table


def timed(solve: Callable[[], float], runs: int) -> tuple[float, float]:
    """Time a solver: the median of some runs after a warm-up, or one run without.

    Parameters
    ----------
    solve : callable
        Returns the cost of its plan.
    runs : int
        0 for one run that is not warmed up.

    Returns
    -------
    seconds, cost : float
    """
    times = []
    for run in range(runs + 1):
        begin = time.perf_counter()
        cost = solve()
        if run or not runs:
            times.append(time.perf_counter() - begin)
    return median(times), cost


def _pyomo(meter: Any, net_kwh: np.ndarray, store: Any, engine: str) -> float:
    from nemogrid.dispatch.case_b import case_b_model, solve_case_b

    load_kwh, pv_kwh = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)
    model = case_b_model(load_kwh, pv_kwh, meter, store)
    return solve_case_b(model, engine=engine, tie_break=False).cost


def _community(runs: int) -> list[Row]:
    import nemogrid as ng
    from nemogrid.dispatch import plan_members

    year, peaks = community_year(), community_year(peaks=True)
    size: dict[str, Any] = {"group": COMMUNITY, "members": len(year[0].members), "steps": STEPS}
    plan_s = median(seconds(lambda: plan_members(*year), runs=runs))
    rich = ng.Scenario(assets=ng.Assets(pv_share=1.0, battery_share=1.0))
    whole_s = median(seconds(lambda: ng.simulate(rich), runs=runs))
    begin = time.perf_counter()
    with_peaks = plan_members(*peaks).certificate
    peaks_s = time.perf_counter() - begin
    memory = median([fresh_process(_PLANNED)[1] for _ in range(runs)])
    return [
        Row(
            case="a battery each, prices of single steps", value=plan_s, unit="s", runs=runs,
            target="below 1 s", met=plan_s < 1, **size,
        ),
        Row(
            case="the same, everybody with PV too, from the feeder to the bills",
            value=whole_s, unit="s", runs=runs, **size,
        ),
        Row(
            case=f"a battery each, peaks of each month priced ({with_peaks.method})",
            value=peaks_s, unit="s", runs=1, target="below 60 s", met=peaks_s < 60, **size,
        ),
        Row(
            case="peak memory of a process that plans a battery each",
            value=memory, unit="MB", runs=runs, target="below 500 MB", met=memory < 500, **size,
        ),
    ]  # fmt: skip
