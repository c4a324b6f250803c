r"""The program of the central optimum: members side by side, tied by the feeder.

The programs of the members (`nemogrid.dispatch.lp_model`) are put side by side and tied together:

.. math::

   \min \; \sum_n K_n + \pi\, m \quad\text{s.t.}\quad
   g_t = \sum_n p_{n,t}, \qquad -m \le g_t \le m \le \overline{g}, \qquad
   \underline{u} \le u^0_{b,t} + \sum_n S_{b,n} (p_{n,t} - p^0_{n,t}) \le \overline{u}
   \;\; ((b, t) \in R) .

========================  ==========================================================
symbol                    meaning
========================  ==========================================================
:math:`K_n`               bill of member n without fees [money]
:math:`p_{n,t}`           its net load [kW]
:math:`g_t, m`            load of the community, and its peak, import or export [kW]
:math:`\pi`               price of the peak over the whole horizon [money per kW]
:math:`\overline{g}`      most that the transformer may carry [kW]
:math:`u^0, p^0`          voltages and loads of a known state, an AC power flow
:math:`S`                 sensitivities [pu per kW]
:math:`R`                 buses and steps whose voltage is bounded
========================  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nemogrid.dispatch.household import Household
from nemogrid.dispatch.lp_highs import ArrayProgram, in_arrays
from nemogrid.dispatch.lp_matrix import LinearProgram, by_step


@dataclass(frozen=True, kw_only=True, eq=False)
class VoltageRows:
    """Bounds of voltages, linear in the members' net loads.

    Parameters
    ----------
    step : numpy.ndarray of int, shape (R,)
        Step of each bounded voltage.
    base_pu : numpy.ndarray, shape (R,)
        Its value in the known state [pu].
    base_kw : numpy.ndarray, shape (R, N)
        Net loads of the known state in that step [kW].
    pu_per_kw : numpy.ndarray, shape (R, N)
        Its change with each member's net load [pu per kW].
    lower_pu, upper_pu : float
        Band [pu].
    """

    step: np.ndarray
    base_pu: np.ndarray
    base_kw: np.ndarray
    pu_per_kw: np.ndarray
    lower_pu: float
    upper_pu: float


def put_together(
    households: tuple[Household, ...],
    members: list[LinearProgram | None],
    *,
    peak_price_per_kw: float,
    transformer_kw: float | None,
    voltages: VoltageRows | None,
) -> tuple[ArrayProgram, list[slice]]:
    """Put the members' programs side by side, and tie them together.

    Parameters
    ----------
    households : tuple of Household
        N members.
    members : list of LinearProgram or None
        The program of each, None for a member without stores.
    peak_price_per_kw : float
        Price of the largest load of the community over the horizon [money per kW].
    transformer_kw : float or None
        Bound of the load of the community, each way [kW].
    voltages : VoltageRows or None
        Bounded voltages.

    Returns
    -------
    ArrayProgram
        Columns of the members, then the load of the community in each step [kW], then its peak.
        What members without stores pay is not part of it.
    list of slice
        Where the columns of each member are.
    """
    from scipy import sparse

    step_h, T = households[0].meter.step_h, households[0].meter.n_steps
    parts = [in_arrays(member) for member in members if member is not None]
    ends = np.cumsum([0 if member is None else _size(member) for member in members])
    places = [slice(first, last) for first, last in zip(np.r_[0, ends[:-1]], ends, strict=True)]
    net = [sparse.csr_array((T, 0)) if member is None else _net_of(member, T) for member in members]
    own = [part.matrix for part in parts] or [sparse.csr_array((0, 0))]
    base_kwh = np.column_stack([house.net_kwh for house in households])
    reach_kw = _reach_kwh(households) / step_h
    most_kw = float(reach_kw.max()) if transformer_kw is None else float(transformer_kw)
    eye, peak = sparse.eye_array(T, format="csr"), sparse.csr_array(np.ones((T, 1)))
    # Rows of the members; the load of the community; its peak, each way; voltages.
    rows = [
        [sparse.block_diag(own, format="csr"), None, None],
        [sparse.hstack(net), -step_h * eye, None],
        [None, eye, -peak],
        [None, eye, peak],
    ]
    total_kwh, nothing = -base_kwh.sum(axis=1), np.zeros(0)
    low = [*(part.row_lower for part in parts), total_kwh, np.full(T, -np.inf), np.zeros(T)]
    high = [*(part.row_upper for part in parts), total_kwh, np.zeros(T), np.full(T, np.inf)]
    if voltages is not None and len(voltages.step):
        matrix, without_pu = _voltage_rows(voltages, net, base_kwh, step_h)
        rows.append([matrix, None, None])
        low.append(voltages.lower_pu - without_pu)
        high.append(voltages.upper_pu - without_pu)
    program = ArrayProgram(
        matrix=sparse.block_array(rows, format="csc"),
        cost=np.concatenate([nothing, *(p.cost for p in parts), np.zeros(T), [peak_price_per_kw]]),
        lower=np.concatenate([nothing, *(p.lower for p in parts), -reach_kw, [0.0]]),
        upper=np.concatenate([nothing, *(p.upper for p in parts), reach_kw, [most_kw]]),
        row_lower=np.concatenate(low),
        row_upper=np.concatenate(high),
        integer=np.zeros(int(ends[-1]) + T + 1, dtype=bool),
        offset=float(sum(part.offset for part in parts)),
    )
    return program, places


def _size(member: LinearProgram) -> int:
    return sum(len(group.cost) for group in member.columns.values())


def _reach_kwh(households: tuple[Household, ...]) -> np.ndarray:
    """Bound the community's load, each way, by everything at once [kWh], shape (T,)."""
    reach = sum((np.abs(house.net_kwh) for house in households), start=np.zeros(1))
    for house in households:
        for store in house.stores.values():
            reach = reach + store.charge_limit_kwh + store.discharge_limit_kwh
    return np.asarray(reach)


def _net_of(member: LinearProgram, T: int) -> Any:
    """What a member's columns add to its net energy in each step, shape (T, n)."""
    from scipy import sparse

    blocks = []
    for name, group in member.columns.items():
        if name == "up":
            blocks.append(by_step(member.up, T))
        elif name == "down":
            blocks.append(-by_step(member.down, T))
        else:
            blocks.append(sparse.csr_array((T, len(group.cost))))
    return sparse.hstack(blocks, format="csr")


def _voltage_rows(
    voltages: VoltageRows, net: list[Any], base_kwh: np.ndarray, step_h: float
) -> tuple[Any, np.ndarray]:
    """Weight each member's net energy by the sensitivity; and the voltages without any store."""
    from scipy import sparse

    blocks = [
        sparse.diags_array(voltages.pu_per_kw[:, n] / step_h) @ of_member[voltages.step]
        for n, of_member in enumerate(net)
    ]
    without_kw = base_kwh[voltages.step] / step_h
    moved = (voltages.pu_per_kw * (without_kw - voltages.base_kw)).sum(axis=1)
    return sparse.hstack(blocks, format="csr"), voltages.base_pu + moved
