r"""The linear program of a member with stores, as arrays.

A step begins at the net load :math:`n_t`. What stores draw moves the meter up from there, through
the rest of its block and then the dearer ones, and what they give moves it down through the
cheaper ones: one variable for each block that is within reach, each way. The cheaper parts are
used first because prices do not fall from block to block.

=========================  ==================================================  ==================
symbol                     meaning                                             name
=========================  ==================================================  ==================
:math:`u_{t,m}`            energy that stores draw in block m [kWh]            ``"up"``
:math:`v_{t,m}`            energy that stores give in block m [kWh]            ``"down"``
:math:`c_{k,t}, d_{k,t}`   charge and discharge of store k [kWh]               ``"charge"``, ...
:math:`s_{k,t+1}`          its stored energy after the step [kWh]              ``"stored"``
:math:`x_{P,j}`            energy of period P in block j of its price [kWh]    ``"energy"``
:math:`m_P`                peak of period P [kW]                               ``"peak"``
:math:`p_{t,m}`            price of the block [money per kWh]                  ``meter.prices``
=========================  ==================================================  ==================

With one store :math:`c_t = \sum_m u_{t,m}` and :math:`d_t = \sum_m v_{t,m}`, and the program has a
row per step. With several, a row per step ties them to the meter. Other symbols are those of
`nemogrid.dispatch.store`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nemogrid.dispatch.lp_matrix import Columns, LinearProgram, Parts, by_step, selection
from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks, meter_cost
from nemogrid.dispatch.store import Store


def assemble(meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...]) -> LinearProgram:
    """Lay out the program of one member.

    Parameters
    ----------
    meter : MeterPrices
        What energy through its meter costs.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the stores [kWh], import positive.
    stores : tuple of Store
        One or more.

    Returns
    -------
    LinearProgram

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=1.0)
    >>> store = Store(name="battery", charge_limit_kwh=[2.0, 2.0], discharge_limit_kwh=[2.0, 2.0],
    ...               lower_kwh=[0.0] * 3, upper_kwh=[2.0] * 3, initial_kwh=0.0)
    >>> program = assemble(meter, np.array([-1.0, 3.0]), (store,))
    >>> program.up.price.tolist(), program.matrix().shape
    ([0.1, 0.3, 0.3], (2, 7))
    """
    up = _parts(meter, net_kwh, sum(store.charge_limit_kwh for store in stores), +1)
    down = _parts(meter, net_kwh, sum(store.discharge_limit_kwh for store in stores), -1)
    program = LinearProgram(
        columns={
            "up": Columns(cost=up.price, lower=0 * up.width_kwh, upper=up.width_kwh),
            "down": Columns(cost=-down.price, lower=0 * down.width_kwh, upper=down.width_kwh),
        },
        row_bounds={},
        up=up,
        down=down,
        offset=meter_cost(replace(meter, blocks=(), peaks=()), net_kwh),
    )
    program = _one_store(program, meter, stores[0]) if len(stores) == 1 else program
    program = _several_stores(program, meter, stores) if len(stores) > 1 else program
    for number, block in enumerate(meter.blocks):
        program = _period_energy(program, net_kwh, block, f"{number}")
    for number, peak in enumerate(meter.peaks):
        program = _period_peak(program, net_kwh, peak, step_h=meter.step_h, number=f"{number}")
    return program


def _one_store(program: LinearProgram, meter: MeterPrices, store: Store) -> LinearProgram:
    r"""Balance the only store, which draws and gives all that moves the meter.

    .. math:: s_{t+1} - \rho s_t - \eta^c \sum_m u_{t,m} + \sum_m v_{t,m} / \eta^d = -q_t
    """
    charge, discharge = (by_step(parts, store.n_steps) for parts in (program.up, program.down))
    stored, bounds = _stored(store)
    wear = meter.wear_per_kwh + store.wear_per_kwh
    up, down = program.columns["up"], program.columns["down"]
    columns = {
        "up": replace(up, rows={"store 0": -store.charge_efficiency * charge}),
        "down": replace(
            down,
            cost=down.cost + wear,
            rows={"store 0": discharge / store.discharge_efficiency},
        ),
        "stored 0": replace(stored, rows={"store 0": stored.rows["store"]}),
    }
    return replace(program, columns=columns, row_bounds={"store 0": bounds})


def _several_stores(
    program: LinearProgram, meter: MeterPrices, stores: tuple[Store, ...]
) -> LinearProgram:
    r"""Balance every store, and what they draw together with what moves the meter.

    .. math::

       s_{k,t+1} - \rho_k s_{k,t} - \eta^c_k c_{k,t} + d_{k,t} / \eta^d_k = -q_{k,t}, \qquad
       \sum_k (c_{k,t} - d_{k,t}) - \sum_m (u_{t,m} - v_{t,m}) = 0
    """
    from scipy import sparse

    T = stores[0].n_steps
    each = sparse.eye_array(T, format="csr")
    columns = {
        "up": replace(program.columns["up"], rows={"meter": -by_step(program.up, T)}),
        "down": replace(program.columns["down"], rows={"meter": by_step(program.down, T)}),
    }
    row_bounds = {"meter": (np.zeros(T), np.zeros(T))}
    for k, store in enumerate(stores):
        stored, row_bounds[f"store {k}"] = _stored(store)
        wear = np.full(T, meter.wear_per_kwh + store.wear_per_kwh)
        columns[f"charge {k}"] = Columns(
            cost=np.zeros(T),
            lower=np.zeros(T),
            upper=store.charge_limit_kwh,
            rows={"meter": each, f"store {k}": -store.charge_efficiency * each},
        )
        columns[f"discharge {k}"] = Columns(
            cost=wear,
            lower=np.zeros(T),
            upper=store.discharge_limit_kwh,
            rows={"meter": -each, f"store {k}": each / store.discharge_efficiency},
        )
        columns[f"stored {k}"] = replace(stored, rows={f"store {k}": stored.rows["store"]})
    return replace(program, columns=columns, row_bounds=row_bounds)


def _period_energy(
    program: LinearProgram, net_kwh: np.ndarray, block: PeriodBlocks, number: str
) -> LinearProgram:
    r"""Fill the blocks of a period with its energy, :math:`e^\pm_t` counted from the net load.

    .. math:: \sum_j x_{P,j} - \sum_{t \in P} e^\pm_t = 0
    """
    from scipy import sparse

    base, most, up, down = _counted(program, net_kwh, block.sign)
    periods, J = len(block.limits_kwh), len(block.prices)
    total = np.bincount(block.period_of_step, most, minlength=periods)
    ends = np.column_stack([block.limits_kwh, np.full(periods, np.inf)])
    widths = np.diff(np.minimum(ends, total[:, None]), axis=1, prepend=0.0)
    of_period = selection(block.period_of_step, periods)
    row = f"energy {number}"
    columns = _with_rows(program, row, up=-of_period @ up, down=-of_period @ down)
    columns[row] = Columns(
        cost=np.tile(block.prices, periods),
        lower=np.zeros(periods * J),
        upper=widths.ravel(),
        rows={row: sparse.csr_array(selection(np.repeat(np.arange(periods), J), periods))},
    )
    energy = of_period @ base
    return replace(
        program, columns=columns, row_bounds=program.row_bounds | {row: (energy, energy)}
    )


def _period_peak(
    program: LinearProgram, net_kwh: np.ndarray, peak: PeriodPeaks, *, step_h: float, number: str
) -> LinearProgram:
    r"""Hold the peak of a period above the mean power of its steps that can reach any.

    .. math:: h \, m_P - e^\pm_t \ge 0 \quad (t \in P)
    """
    base, most, up, down = _counted(program, net_kwh, peak.sign)
    steps = np.flatnonzero(most > 0)
    highest = np.zeros(len(peak.price_per_kw))
    np.maximum.at(highest, peak.period_of_step, most / step_h)
    row = f"peak {number}"
    columns = _with_rows(program, row, up=-up[steps], down=-down[steps])
    of_step = selection(peak.period_of_step[steps], len(highest)).T
    columns[row] = Columns(
        cost=np.asarray(peak.price_per_kw, dtype=float),
        lower=np.zeros(len(highest)),
        upper=highest,
        rows={row: step_h * of_step},
    )
    bounds = (base[steps], np.full(len(steps), np.inf))
    return replace(program, columns=columns, row_bounds=program.row_bounds | {row: bounds})


def _parts(meter: MeterPrices, net_kwh: np.ndarray, reach_kwh: Any, direction: int) -> Parts:
    far = net_kwh + direction * reach_kwh
    edges = np.pad(meter.edges_kwh, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    low, high = (
        np.clip(energy[:, None], edges[:, :-1], edges[:, 1:])
        for energy in (np.minimum(net_kwh, far), np.maximum(net_kwh, far))
    )
    step, block = np.nonzero(high > low)
    return Parts(
        step=step,
        price=meter.prices[step, block],
        width_kwh=(high - low)[step, block],
        imports=edges[step, block] >= 0,
    )


def _stored(store: Store) -> tuple[Columns, tuple[np.ndarray, np.ndarray]]:
    """Make the columns of the stored energy after each step, and the right-hand side."""
    from scipy import sparse

    T = store.n_steps
    right = -np.asarray(store.used_kwh, dtype=float)
    right[:1] += store.kept_share * store.initial_kwh
    chain = sparse.diags_array(
        [np.ones(T), np.full(max(T - 1, 0), -store.kept_share)], offsets=[0, -1], shape=(T, T)
    )
    columns = Columns(
        cost=np.zeros(T),
        lower=store.lower_kwh[1:],
        upper=store.upper_kwh[1:],
        rows={"store": sparse.csr_array(chain)},
    )
    return columns, (right, right)


def _counted(
    program: LinearProgram, net_kwh: np.ndarray, sign: int
) -> tuple[np.ndarray, np.ndarray, Any, Any]:
    """Count the import or export of each step: at the net load, at most, and per column."""
    base, most = np.maximum(sign * net_kwh, 0.0), np.maximum(sign * net_kwh, 0.0)
    matrices = []
    for parts, direction in ((program.up, +1), (program.down, -1)):
        counts = (parts.imports == (sign > 0)).astype(float)
        matrices.append(by_step(parts, len(net_kwh), sign * direction * counts))
        if sign * direction > 0:
            most += np.bincount(parts.step, counts * parts.width_kwh, minlength=len(net_kwh))
    return base, most, matrices[0], matrices[1]


def _with_rows(program: LinearProgram, row: str, *, up: Any, down: Any) -> dict[str, Columns]:
    columns = dict(program.columns)
    for name, part in (("up", up), ("down", down)):
        columns[name] = replace(columns[name], rows=columns[name].rows | {row: part})
    return columns
