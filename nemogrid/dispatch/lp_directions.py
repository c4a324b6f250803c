r"""Where a linear program would do two opposite things at once, and whole numbers that forbid it.

A store that charges and discharges in one step burns energy. Let :math:`p` be the price of net
energy with what blocks and peaks of periods may add to it, and :math:`w` the wear; burning pays
in the linear program only if

.. math:: p \, (1 - \eta^c \eta^d) + w \, \eta^c \eta^d < 0 .

And where the first kWh exported earns more than the first kWh imported costs, because a block
price of a period is negative, it would pay to do both. Then, with binaries :math:`y_{k,t}`
(charging) and :math:`z_t` (importing),

.. math:: c_{k,t} \le C_{k,t} \, y_{k,t}, \quad d_{k,t} \le D_{k,t} (1 - y_{k,t}), \qquad
          z_t = 1 \Rightarrow e_t \ge 0, \quad z_t = 0 \Rightarrow e_t \le 0 .
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nemogrid.dispatch.lp_matrix import Columns, LinearProgram, Parts, by_step, selection
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.dispatch.store import Store


def may_burn(
    meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...]
) -> tuple[np.ndarray, ...]:
    """Find the steps in which the program may charge and discharge a store at once.

    Parameters
    ----------
    meter : MeterPrices
        Prices.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the stores [kWh].
    stores : tuple of Store
        One or more.

    Returns
    -------
    tuple of numpy.ndarray of int
        Positions of the steps, for each store.
    """
    # With one store, burning begins at the net load; several may already have lowered it.
    given = sum(store.discharge_limit_kwh for store in stores) if len(stores) > 1 else 0.0
    lowest_kwh = net_kwh - given
    block = np.count_nonzero(meter.edges_kwh < lowest_kwh[:, None], axis=1)
    price = meter.prices[np.arange(meter.n_steps), block]
    first_import, _ = _added(meter, +1)
    _, last_export = _added(meter, -1)
    price = price + np.where(lowest_kwh > 0, first_import, -last_export)
    crossing = np.isin(np.arange(meter.n_steps), may_cross(meter))
    found = []
    for store in stores:
        kept = store.charge_efficiency * store.discharge_efficiency
        wear = meter.wear_per_kwh + store.wear_per_kwh
        pays = crossing | (price * (1 - kept) + wear * kept < 0)
        both = (store.charge_limit_kwh > 0) & (store.discharge_limit_kwh > 0)
        found.append(np.flatnonzero(pays & both))
    return tuple(found)


def may_cross(meter: MeterPrices) -> np.ndarray:
    """Find the steps in which it would pay to import and export at once.

    Parameters
    ----------
    meter : MeterPrices
        Prices of steps and of periods.

    Returns
    -------
    numpy.ndarray of int
        Positions.
    """
    edges = np.pad(meter.edges_kwh, ((0, 0), (1, 0)), constant_values=-np.inf)
    first = np.count_nonzero(edges < 0, axis=1)
    steps = np.arange(meter.n_steps)
    earned = meter.prices[steps, first - 1] - _added(meter, -1)[0]
    paid = meter.prices[steps, first] + _added(meter, +1)[0]
    return np.flatnonzero(earned > paid)


def with_directions(
    program: LinearProgram, meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...]
) -> LinearProgram:
    """Add the whole numbers that forbid two directions at once.

    Parameters
    ----------
    program : LinearProgram
        From `assemble`.
    meter, net_kwh, stores
        What it was assembled from.

    Returns
    -------
    LinearProgram
    """
    one = len(stores) == 1
    for k, (store, steps) in enumerate(zip(stores, may_burn(meter, net_kwh, stores), strict=True)):
        rows: dict[str, Any] = {
            name: by_step(parts, store.n_steps)[steps] if one else _picked(steps, store.n_steps)
            for name, parts in (("up", program.up), ("down", program.down))
        }
        charge, discharge = ("up", "down") if one else (f"charge {k}", f"discharge {k}")
        most_in, most_out = store.charge_limit_kwh[steps], store.discharge_limit_kwh[steps]
        name, zero = f"charging {k}", np.zeros(len(steps))
        program = _with_binaries(program, name, len(steps))
        program = _with_row(program, f"in {k}", name, {charge: rows["up"]}, -most_in, (None, zero))
        program = _with_row(
            program, f"out {k}", name, {discharge: rows["down"]}, most_out, (None, most_out)
        )
    return _with_crossing(program, may_cross(meter), meter.n_steps)


def _with_crossing(program: LinearProgram, steps: np.ndarray, n_steps: int) -> LinearProgram:
    program = _with_binaries(program, "importing", len(steps))
    zero = np.zeros(len(steps))

    def part(parts: Parts, imports: bool) -> tuple[Any, np.ndarray]:
        counts = (parts.imports == imports).astype(float)
        most = np.bincount(parts.step, counts * parts.width_kwh, minlength=n_steps)
        return by_step(parts, n_steps, counts)[steps], most[steps]

    draws_import, most = part(program.up, True)
    program = _with_row(
        program, "up import", "importing", {"up": draws_import}, -most, (None, zero)
    )
    saves_export, most = part(program.up, False)
    program = _with_row(
        program, "up export", "importing", {"up": saves_export}, -most, (zero, None)
    )
    gives_export, most = part(program.down, False)
    program = _with_row(
        program, "down export", "importing", {"down": gives_export}, most, (None, most)
    )
    saves_import, most = part(program.down, True)
    return _with_row(
        program, "down import", "importing", {"down": saves_import}, most, (most, None)
    )


def _with_binaries(program: LinearProgram, name: str, number: int) -> LinearProgram:
    group = Columns(
        cost=np.zeros(number), lower=np.zeros(number), upper=np.ones(number), integer=True
    )
    return replace(program, columns=program.columns | {name: group})


def _with_row(
    program: LinearProgram,
    row: str,
    binary: str,
    parts: dict[str, Any],
    weight: np.ndarray,
    bounds: tuple[np.ndarray | None, np.ndarray | None],
) -> LinearProgram:
    """Add ``bounds[0] <= parts + weight * binary <= bounds[1]``, one row for each binary."""
    columns = dict(program.columns)
    for name, matrix in (
        *parts.items(),
        (binary, selection(np.arange(len(weight)), len(weight), weight)),
    ):
        columns[name] = replace(columns[name], rows=columns[name].rows | {row: matrix})
    low = np.full(len(weight), -np.inf) if bounds[0] is None else bounds[0]
    high = np.full(len(weight), np.inf) if bounds[1] is None else bounds[1]
    return replace(program, columns=columns, row_bounds=program.row_bounds | {row: (low, high)})


def _picked(steps: np.ndarray, n_steps: int) -> Any:
    from scipy import sparse

    entries = (np.ones(len(steps)), (np.arange(len(steps)), steps))
    return sparse.csr_array(entries, shape=(len(steps), n_steps))


def _added(meter: MeterPrices, sign: int) -> tuple[float, float]:
    """What periods add to the price of a kWh of import or export, at least and at most."""
    blocks = [block.prices for block in meter.blocks if block.sign == sign]
    peaks = [peak.price_per_kw.max(initial=0.0) for peak in meter.peaks if peak.sign == sign]
    least = float(sum(prices[0] for prices in blocks))
    most = float(sum(prices[-1] for prices in blocks) + sum(peaks) / meter.step_h)
    return least, most
