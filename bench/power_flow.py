"""A year of power flows: ours, bare power-grid-model, and pandapower's two loops.

All solve the same network with the same loads. power-grid-model runs with its own defaults and is
asked for the same outputs. pandapower is measured on the first 300 steps, with numba and after a
warm-up, and scaled by the number of steps: its time per step does not depend on how many there are.
Ours and bare power-grid-model take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import copy
import time
from typing import Any

import numpy as np
import pandas as pd

from bench.table import Row, median

FEEDER = "1-LV-semiurb4--0-no_sw"
STEPS = 17_520
SAMPLE = 300


def rows(runs: int) -> list[Row]:
    """Measure a year of power flows.

    Parameters
    ----------
    runs : int
        Runs of each median.

    Returns
    -------
    list of Row
    """
    from nemogrid.feeder import load_feeder, read_connections

    network = load_feeder(FEEDER)
    buses = read_connections(network)["bus"].unique()
    rng = np.random.default_rng(2026)
    kw = pd.DataFrame(rng.normal(0.5, 2.0, (STEPS, len(buses))), columns=buses)
    ours, bare = _year(network, kw, runs)
    runpp = _runpp(network, kw.iloc[:SAMPLE], runs) * STEPS / SAMPLE
    series = _run_timeseries(network, kw.iloc[:SAMPLE], runs) * STEPS / SAMPLE
    scaled = f"scaled from {SAMPLE} steps"
    size: dict[str, Any] = {
        "group": "power flow",
        "members": len(buses),
        "steps": STEPS,
        "runs": runs,
    }
    return [
        Row(case="run_power_flow", value=ours, unit="s", **size),
        Row(case="bare power-grid-model, same batch", value=bare, unit="s", **size),
        Row(case=f"pandapower runpp per step, {scaled}", value=runpp, unit="s", **size),
        Row(case=f"pandapower run_timeseries, {scaled}", value=series, unit="s", **size),
        Row(
            case="ours / bare power-grid-model",
            value=ours / bare,
            unit="times",
            target="at most 1.5",
            met=ours / bare <= 1.5,
            **size,
        ),
        *(
            Row(
                case=f"pandapower {name} / ours",
                value=loop / ours,
                unit="times",
                target="at least 300",
                met=loop / ours >= 300,
                **size,
            )
            for name, loop in (("runpp", runpp), ("run_timeseries", series))
        ),
    ]


def _year(network: Any, kw: pd.DataFrame, runs: int) -> tuple[float, float]:
    from nemogrid.feeder import run_power_flow
    from nemogrid.feeder.convert import to_grid_model
    from nemogrid.feeder.power_flow import OUTPUT, VOLTAGE_TOLERANCE_PU

    model = to_grid_model(network, kw.columns.to_numpy()).model
    p_w = np.ascontiguousarray(kw.to_numpy() * 1e3)
    update = {"sym_load": {"p_specified": p_w, "q_specified": 0.0 * p_w}}

    def ours() -> None:
        run_power_flow(network, kw)

    def bare() -> None:
        model.calculate_power_flow(
            update_data=update,
            output_component_types=OUTPUT,
            error_tolerance=VOLTAGE_TOLERANCE_PU,
            threading=0,
        )

    times: dict[Any, list[float]] = {ours: [], bare: []}
    for run in range(runs + 1):
        for call in times:
            begin = time.perf_counter()
            call()
            if run:  # the first is a warm-up
                times[call].append(time.perf_counter() - begin)
    return median(times[ours]), median(times[bare])


def _runpp(network: Any, kw: pd.DataFrame, runs: int) -> float:
    import pandapower as pp

    net, loads = _with_loads(network, kw)
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        for values in kw.to_numpy() / 1e3:
            net.load.loc[loads, "p_mw"] = values
            pp.runpp(net, numba=True)
        times.append(time.perf_counter() - begin)
    return median(times)


def _run_timeseries(network: Any, kw: pd.DataFrame, runs: int) -> float:
    from pandapower.control import ConstControl
    from pandapower.timeseries import DFData, OutputWriter, run_timeseries

    net, loads = _with_loads(network, kw)
    ConstControl(
        net,
        element="load",
        variable="p_mw",
        element_index=loads,
        data_source=DFData(kw / 1e3),
        profile_name=list(kw.columns),
    )
    writer = OutputWriter(net, time_steps=kw.index, log_variables=[])
    for table, column in (
        ("res_bus", "vm_pu"),
        ("res_line", "loading_percent"),
        ("res_trafo", "loading_percent"),
        ("res_line", "pl_mw"),
        ("res_trafo", "pl_mw"),
    ):
        writer.log_variable(table, column)
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        run_timeseries(net, time_steps=kw.index, verbose=False, numba=True)
        times.append(time.perf_counter() - begin)
    return median(times)


def _with_loads(network: Any, kw: pd.DataFrame) -> tuple[Any, list[int]]:
    import pandapower as pp

    net = copy.deepcopy(network)
    for table in ("load", "sgen", "storage"):
        net[table] = net[table].iloc[:0]
    loads = [int(pp.create_load(net, bus, p_mw=0.0)) for bus in kw.columns]
    pp.runpp(net, numba=True)  # compiles
    return net, loads
