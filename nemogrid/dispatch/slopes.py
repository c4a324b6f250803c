r"""One step of the exact engine laid open: the pieces of a step, and how they merge.

The cost-to-go before a step is :math:`B_t(s) = \min_x f_t(x) + B_{t+1}(\rho s + x - q_t)`. Both
terms are convex and piecewise linear, and so their pieces need only be sorted: those of
:math:`B_{t+1}` and those of the mirrored :math:`f_t`, by slope. What then lies outside the bounds
of the store is cut off. `nemogrid.dispatch.kernel` does this for all steps in compiled code; here
it is done for one, with a name for each piece.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.dispatch.exact import cost_to_go
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError

USES = ("export more", "import less", "store surplus", "import more", "later")
"""What a piece stands for: two ways to discharge, two ways to charge, and the steps after."""


def step_pieces(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, *, step: int
) -> pd.DataFrame:
    """List the pieces of what a step costs over the change of the stored energy.

    Parameters
    ----------
    meter : MeterPrices
        Prices of net energy, without charges that couple steps.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the store [kWh], import positive.
    store : Store
        What can be charged and discharged.
    step : int
        From 0 to T - 1.

    Returns
    -------
    pandas.DataFrame
        From the most discharge to the most charge: ``start_kwh``, ``end_kwh`` (change of stored
        energy), ``slope`` [money per kWh] and ``use``, one of `USES`.

    Raises
    ------
    InputError
        If there is no such step.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3]), np.array([0.1]), step_h=1.0)
    >>> store = Store(name="battery", charge_limit_kwh=[2.0], discharge_limit_kwh=[2.0],
    ...               lower_kwh=[0.0, 0.0], upper_kwh=[4.0, 4.0], initial_kwh=0.0)
    >>> step_pieces(meter, np.array([0.5]), store, step=0)
       start_kwh  end_kwh  slope          use
    0       -2.0     -0.5    0.1  export more
    1       -0.5      0.0    0.3  import less
    2        0.0      2.0    0.3  import more
    """
    if not 0 <= step < store.n_steps:
        raise InputError(f"step is {step}: expected 0 to {store.n_steps - 1}")
    net = float(net_kwh[step])
    edges = np.r_[-np.inf, meter.edges_kwh[step], np.inf]
    into, out_of = store.charge_efficiency, store.discharge_efficiency
    wear = meter.wear_per_kwh + store.wear_per_kwh
    discharge = net - store.discharge_limit_kwh[step]
    charge = net + store.charge_limit_kwh[step]
    ways = (
        (discharge, net, 1.0 / out_of, wear, ("export more", "import less")),
        (net, charge, into, 0.0, ("store surplus", "import more")),
    )
    rows = []
    for low, high, stored_per_kwh, worn, (exporting, importing) in ways:
        for k, price in enumerate(meter.prices[step]):
            start, end = max(low, edges[k]), min(high, edges[k + 1])
            if end > start:
                rows.append(
                    {
                        "start_kwh": stored_per_kwh * (start - net),
                        "end_kwh": stored_per_kwh * (end - net),
                        "slope": (float(price) - worn) / stored_per_kwh,
                        "use": exporting if edges[k + 1] <= 0 else importing,
                    }
                )
    return pd.DataFrame(rows, columns=["start_kwh", "end_kwh", "slope", "use"])


def merged_pieces(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, *, step: int
) -> pd.DataFrame:
    """Sort the pieces of a step into those of the cost-to-go after it, and cut the ends.

    Parameters
    ----------
    meter, net_kwh, store, step
        As in `step_pieces`.

    Returns
    -------
    pandas.DataFrame
        From left to right: ``start_kwh``, ``end_kwh`` (stored energy before the step), ``slope``
        of the cost-to-go [money per kWh], ``use``, one of `USES`, and ``kept``: whether the piece
        lies within the bounds of the store. The pieces kept are those of `cost_to_go`.

    Raises
    ------
    InputError
        If there is no such step.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.4]), np.array([0.1, 0.1]), step_h=1.0)
    >>> store = Store(name="battery", charge_limit_kwh=[1.0] * 2, discharge_limit_kwh=[1.0] * 2,
    ...               lower_kwh=[0.0] * 3, upper_kwh=[2.0] * 3, initial_kwh=0.0)
    >>> merged_pieces(meter, np.array([-1.0, 1.0]), store, step=0)[["slope", "use", "kept"]]
       slope            use   kept
    0   -0.4          later  False
    1   -0.1  store surplus   True
    2   -0.1    export more   True
    3   -0.0          later  False
    """
    own = step_pieces(meter, net_kwh, store, step=step)
    left, slopes, widths = cost_to_go(meter, net_kwh, store, step=step + 1)
    # The mirrored step comes in from the other side: what is charged is not needed before.
    taken = own["use"].isin(("export more", "import less"))
    pieces = pd.concat(
        [
            pd.DataFrame({"slope": slopes, "width": widths, "use": "later", "cycles": 0.0}),
            pd.DataFrame(
                {
                    "slope": -own["slope"],
                    "width": own["end_kwh"] - own["start_kwh"],
                    "use": own["use"],
                    "cycles": taken.astype(float),
                }
            ),
        ],
        ignore_index=True,
    ).sort_values(["slope", "cycles"], kind="stable")
    kept = store.kept_share
    charged = store.charge_efficiency * store.charge_limit_kwh[step]
    ends = (left - charged + store.used_kwh[step] + np.cumsum(pieces["width"].to_numpy())) / kept
    starts = ends - pieces["width"].to_numpy() / kept
    table = pd.DataFrame(
        {
            "start_kwh": starts,
            "end_kwh": ends,
            "slope": pieces["slope"].to_numpy() * kept,
            "use": pieces["use"].to_numpy(),
        }
    )
    return _cut(table, float(store.lower_kwh[step]), float(store.upper_kwh[step]))


def _cut(table: pd.DataFrame, lower: float, upper: float) -> pd.DataFrame:
    """Split the pieces at the bounds, and mark what lies between them."""
    parts = []
    for start, end, kept in ((-np.inf, lower, False), (lower, upper, True), (upper, np.inf, False)):
        part = table.assign(
            start_kwh=table["start_kwh"].clip(start, end),
            end_kwh=table["end_kwh"].clip(start, end),
            kept=kept,
        )
        parts.append(part[part["end_kwh"] - part["start_kwh"] > 1e-12])
    return pd.concat(parts, ignore_index=True)
