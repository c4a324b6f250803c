r"""The merit order: the cheapest plants run first, and the last one sets the price.

In each step the plants are sorted by marginal cost :math:`c_k` and used until their output
:math:`g_k \le a_k K_k` covers the demand :math:`D`. The price is the marginal cost of the dearest
plant that runs,

.. math:: p = \max \{ c_k : g_k > 0 \}.

More wind or sun moves the dearer plants out of the market and lowers the price for all; this
merit-order effect was measured first for Germany [1]_.

References
----------
.. [1] F. Sensfuß, M. Ragwitz, M. Genoese, "The merit-order effect: a detailed analysis of the
   price effect of renewable electricity generation on spot market prices in Germany", Energy
   Policy 36, 3086-3094 (2008). doi:10.1016/j.enpol.2008.03.035
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, listed

COLUMNS = ("capacity_gw", "marginal_cost")
"""What a fleet says of each of its plants."""

_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Dispatch:
    """What the plants of a fleet produce, and at what price.

    Parameters
    ----------
    price : pandas.Series, shape (T,)
        Marginal cost of the dearest plant that runs [money per kWh]; NaN where there is no
        demand.
    output_gw : pandas.DataFrame, shape (T, K)
        Output of each plant [GW]; a row sums to the demand.
    """

    price: pd.Series
    output_gw: pd.DataFrame


def stack(fleet: pd.DataFrame) -> pd.DataFrame:
    """Sort a fleet into its supply curve.

    Parameters
    ----------
    fleet : pandas.DataFrame
        A row per plant with the columns ``capacity_gw`` [GW] and ``marginal_cost`` [money per
        kWh].

    Returns
    -------
    pandas.DataFrame
        The same rows by increasing marginal cost, with the columns ``from_gw`` and ``to_gw``
        between which each plant lies.

    Raises
    ------
    InputError
        For a fleet without plants, twice the same plant, or figures that are missing or negative.

    Examples
    --------
    >>> fleet = pd.DataFrame({"capacity_gw": [20.0, 10.0], "marginal_cost": [0.09, 0.0]},
    ...                      index=["gas", "wind"])
    >>> stack(fleet)[["from_gw", "to_gw"]].to_numpy().tolist()
    [[0.0, 10.0], [10.0, 30.0]]
    """
    _require_fleet(fleet)
    ordered = fleet.sort_values("marginal_cost", kind="stable")
    to_gw = ordered["capacity_gw"].cumsum()
    return ordered.assign(from_gw=to_gw - ordered["capacity_gw"], to_gw=to_gw)


def merit_order(
    fleet: pd.DataFrame, demand_gw: pd.Series, *, availability: pd.DataFrame | None = None
) -> Dispatch:
    """Cover a demand with the cheapest plants, step by step.

    Plants of the same marginal cost share their part in proportion to what is available.

    Parameters
    ----------
    fleet : pandas.DataFrame
        K plants; see `stack`.
    demand_gw : pandas.Series, shape (T,)
        Demand of each step [GW], at least 0. It does not react to the price.
    availability : pandas.DataFrame, optional
        Share of the capacity that can run, 0..1: a row per step, a column per plant that is not
        always available.

    Returns
    -------
    Dispatch

    Raises
    ------
    LabelError
        If the availability has other steps than the demand, or plants that the fleet has not.
    InputError
        If a figure is missing or out of range, or the demand exceeds what is available; the
        message names the step.

    Examples
    --------
    >>> fleet = pd.DataFrame({"capacity_gw": [20.0, 10.0], "marginal_cost": [0.09, 0.0]},
    ...                      index=["gas", "sun"])
    >>> noon_and_night = pd.Series([9.0, 9.0], index=["noon", "night"])
    >>> sun = pd.DataFrame({"sun": [1.0, 0.0]}, index=noon_and_night.index)
    >>> merit_order(fleet, noon_and_night, availability=sun).price.tolist()
    [0.0, 0.09]
    """
    _require_fleet(fleet)
    demand = _demand(demand_gw)
    available = _available_gw(fleet, demand_gw, availability)
    total = available.sum(axis=1)
    short = np.flatnonzero(demand > total * (1 + _NOTHING))
    if short.size:
        step = int(short[0])
        raise InputError(
            f"demand of {demand[step]:.6g} GW at {demand_gw.index[step]} exceeds the "
            f"{total[step]:.6g} GW that are available"
        )
    costs, level = np.unique(fleet["marginal_cost"].to_numpy(dtype=float), return_inverse=True)
    offered = np.stack([available[:, level == i].sum(axis=1) for i in range(costs.size)], axis=1)
    before = np.cumsum(offered, axis=1) - offered
    used = np.clip(demand[:, None] - before, 0.0, offered)
    # Rounding may leave a trace of demand to a plant that is not needed: it must not set a price.
    used[used <= _NOTHING * total[:, None]] = 0.0
    runs = used > 0
    price = np.where(runs.any(axis=1), np.where(runs, costs, -np.inf).max(axis=1), np.nan)
    share = np.divide(used, offered, out=np.zeros_like(used), where=offered > 0)
    return Dispatch(
        price=pd.Series(price, index=demand_gw.index, name="price"),
        output_gw=pd.DataFrame(
            available * share[:, level], index=demand_gw.index, columns=fleet.index
        ),
    )


def _require_fleet(fleet: pd.DataFrame) -> None:
    missing = [name for name in COLUMNS if name not in fleet.columns]
    if missing or not len(fleet):
        raise InputError(f"fleet: expected rows with the columns {COLUMNS}, missing {missing}")
    if not fleet.index.is_unique:
        twice = fleet.index[fleet.index.duplicated()]
        raise InputError(f"fleet: the same plant twice: {listed(twice)}")
    for name in COLUMNS:
        values = fleet[name].to_numpy(dtype=float)
        wrong = ~np.isfinite(values) | ((values < 0) & (name == "capacity_gw"))
        if wrong.any():
            raise InputError(
                f"fleet: {name} of {listed(fleet.index[wrong])} is {values[wrong][0]}, expected a "
                "finite number" + (" of at least 0" if name == "capacity_gw" else "")
            )


def _demand(demand_gw: pd.Series) -> np.ndarray:
    demand = demand_gw.to_numpy(dtype=float)
    wrong = np.flatnonzero(~(np.isfinite(demand) & (demand >= 0)))
    if wrong.size:
        raise InputError(
            f"demand at {demand_gw.index[wrong[0]]} is {demand[wrong[0]]} GW, expected a finite "
            "number of at least 0"
        )
    return demand


def _available_gw(
    fleet: pd.DataFrame, demand_gw: pd.Series, availability: pd.DataFrame | None
) -> np.ndarray:
    shares = pd.DataFrame(1.0, index=demand_gw.index, columns=fleet.index)
    if availability is not None:
        unknown = [name for name in availability.columns if name not in fleet.index]
        if unknown:
            raise LabelError(f"availability of {listed(unknown)}: the fleet has no such plant")
        if not availability.index.equals(demand_gw.index):
            raise LabelError("availability: the steps are not those of the demand")
        values = availability.to_numpy(dtype=float)
        wrong = np.argwhere(~((values >= 0) & (values <= 1)))
        if wrong.size:
            step, column = (int(i) for i in wrong[0])
            raise InputError(
                f"availability of {availability.columns[column]!r} at "
                f"{availability.index[step]} is {values[step, column]}, expected 0 to 1"
            )
        shares[list(availability.columns)] = availability
    return shares.to_numpy(dtype=float) * fleet["capacity_gw"].to_numpy(dtype=float)
