"""The part that the models of a household share: its demand, its sun and its meter.

The symbols are those of `nemogrid.dispatch.families`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nemogrid.dispatch.families import meter_blocks, period_blocks, period_energy, period_peaks
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.errors import InputError


def household_model(
    load_kwh: np.ndarray, pv_kwh: np.ndarray, meter: MeterPrices, *, steps_per_day: int, name: str
) -> Any:
    """Begin a Pyomo model with the meter of a household and everything that is priced there.

    Parameters
    ----------
    load_kwh, pv_kwh : numpy.ndarray, shape (T,)
        Load and PV generation of each step [kWh].
    meter : MeterPrices
        What energy through the meter costs, and fees.
    steps_per_day : int
        Number of steps t of each day d.
    name : str
        Of the model, for messages.

    Returns
    -------
    pyomo.environ.ConcreteModel
        Without an energy balance and an objective.

    Raises
    ------
    InputError
        If the lengths differ, or no edge between blocks of the meter lies at 0.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.2]), np.array([0.1, 0.1]), step_h=0.5)
    >>> ones = np.ones(2)
    >>> model = household_model(ones, ones, meter, steps_per_day=48, name="house")
    >>> list(model.steps), model.p_import[1, 2]
    ([(1, 1), (1, 2)], 0.2)
    """
    import pyomo.environ as pyo

    lengths = {"load_kwh": len(load_kwh), "pv_kwh": len(pv_kwh), "meter": meter.n_steps}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{name}: expected one number of steps, got {lengths}")
    model = pyo.ConcreteModel(name=name)
    keys = [divmod(i, steps_per_day) for i in range(meter.n_steps)]
    model.steps = pyo.Set(initialize=[(d + 1, t + 1) for d, t in keys], dimen=2, ordered=True)
    model.step_h = meter.step_h
    zero = _zero_edge(meter, name)
    add_series(model, "E_load", load_kwh)
    add_series(model, "E_pv", pv_kwh)
    add_series(model, "p_import", meter.prices[:, zero + 1])
    add_series(model, "p_export", meter.prices[:, zero])
    model.fees = pyo.Param(list(meter.fees), initialize=dict(meter.fees), within=pyo.Reals)
    model.E_import = pyo.Var(model.steps, within=pyo.NonNegativeReals)
    model.PV_exported = pyo.Var(model.steps, within=pyo.NonNegativeReals)
    _add_meter_blocks(model, meter, zero)
    _add_period_blocks(model, meter)
    _add_period_peaks(model, meter)
    model.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return model


def add_series(model: Any, name: str, values: np.ndarray) -> None:
    """Add a parameter with one value per step.

    Parameters
    ----------
    model : pyomo.environ.ConcreteModel
        With the set ``steps``.
    name : str
        Of the parameter.
    values : numpy.ndarray, shape (T,)
        Its values.
    """
    import pyomo.environ as pyo

    pairs = zip(model.steps, np.asarray(values, dtype=float).tolist(), strict=True)
    setattr(model, name, pyo.Param(model.steps, initialize=dict(pairs), within=pyo.Reals))


def values_of(component: Any) -> np.ndarray:
    """Read the values of an indexed parameter or variable in the order of its index.

    Parameters
    ----------
    component : Pyomo component
        Indexed by the steps.

    Returns
    -------
    numpy.ndarray, shape (T,)
    """
    from pyomo.environ import value

    return np.array([value(component[key]) for key in component.index_set()], dtype=float)


def _zero_edge(meter: MeterPrices, name: str) -> int:
    at_zero = np.flatnonzero((meter.edges_kwh == 0).all(axis=0))
    if not at_zero.size:
        raise InputError(f"{name}: no edge between the blocks of the meter lies at 0 kWh")
    return int(at_zero[0])


def _add_meter_blocks(model: Any, meter: MeterPrices, zero: int) -> None:
    """Lay out what is dearer above an edge, counted outwards from 0 on both sides."""
    import pyomo.environ as pyo

    rises = np.diff(meter.prices, axis=1)
    columns = {("import", k): zero + k for k in range(1, meter.edges_kwh.shape[1] - zero)}
    columns |= {("export", k): zero - k for k in range(1, zero + 1)}
    model.edges = pyo.Set(initialize=list(columns), dimen=2, ordered=True)
    edge: dict[tuple[str | int, ...], float] = {}
    surcharge: dict[tuple[str | int, ...], float] = {}
    for (way, k), column in columns.items():
        for i, step in enumerate(model.steps):
            edge[way, k, *step] = abs(float(meter.edges_kwh[i, column]))
            surcharge[way, k, *step] = float(rises[i, column])
    index = model.edges * model.steps
    model.edge = pyo.Param(index, initialize=edge, within=pyo.NonNegativeReals)
    model.surcharge = pyo.Param(index, initialize=surcharge, within=pyo.NonNegativeReals)
    model.E_above = pyo.Var(index, within=pyo.NonNegativeReals)
    model.meter_blocks = pyo.Constraint(index, rule=meter_blocks)


def _add_period_blocks(model: Any, meter: MeterPrices) -> None:
    import pyomo.environ as pyo

    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    way: dict[int, str] = {}
    first: dict[int, float] = {}
    rises: dict[tuple[int, int], float] = {}
    limits: dict[tuple[int, int, int], float] = {}
    for j, blocks in enumerate(meter.blocks, start=1):
        way[j] = "import" if blocks.sign > 0 else "export"
        first[j] = float(blocks.prices[0])
        rises |= {(j, k): float(r) for k, r in enumerate(np.diff(blocks.prices), start=1)}
        for key, period in zip(model.steps, blocks.period_of_step.tolist(), strict=True):
            steps.setdefault((j, period), []).append(key)
        for (period, k), limit in np.ndenumerate(blocks.limits_kwh):
            limits[j, period, k + 1] = float(limit)
    model.steps_of_blocks, model.way_of_blocks = steps, way
    model.p_period = pyo.Param(list(first), initialize=first, within=pyo.Reals)
    model.period_surcharge = pyo.Param(list(rises), initialize=rises, within=pyo.NonNegativeReals)
    model.limit = pyo.Param(list(limits), initialize=limits, within=pyo.NonNegativeReals)
    model.E_period = pyo.Var(list(steps), within=pyo.NonNegativeReals)
    model.E_beyond = pyo.Var(list(limits), within=pyo.NonNegativeReals)
    model.period_energy = pyo.Constraint(list(steps), rule=period_energy)
    model.period_blocks = pyo.Constraint(list(limits), rule=period_blocks)


def _add_period_peaks(model: Any, meter: MeterPrices) -> None:
    import pyomo.environ as pyo

    way: dict[int, str] = {}
    prices: dict[tuple[int, int], float] = {}
    period_of: dict[int, dict[tuple[int, int], int]] = {}
    for j, peaks in enumerate(meter.peaks, start=1):
        way[j] = "import" if peaks.sign > 0 else "export"
        prices |= {(j, period): float(p) for period, p in enumerate(peaks.price_per_kw)}
        period_of[j] = dict(zip(model.steps, peaks.period_of_step.tolist(), strict=True))
    model.way_of_peaks, model.period_of_peaks = way, period_of
    model.p_peak = pyo.Param(list(prices), initialize=prices, within=pyo.NonNegativeReals)
    model.peak_kw = pyo.Var(list(prices), within=pyo.NonNegativeReals)
    index = [(j, *step) for j in way for step in model.steps]
    model.period_peaks = pyo.Constraint(index, rule=period_peaks)
