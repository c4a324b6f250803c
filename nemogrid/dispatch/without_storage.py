r"""The plan of members without storage, in closed form.

Without a store nothing can be shifted: what the sun does not cover is imported, what the house
does not use is exported. With the price :math:`p^{im}` of one more imported kWh and the revenue
:math:`p^{ex}` of one more exported kWh this is the optimum of

.. math::

   \min \sum_t p^{im}_t E_t - p^{ex}_t X_t
   \quad\text{s.t.}\quad E_t - X_t = L_t - G_t \; [\lambda_t], \quad E_t, X_t \ge 0

if and only if :math:`p^{im}_t \ge p^{ex}_t`: then :math:`\lambda_t = p^{im}_t` where the net load
is positive and :math:`\lambda_t = p^{ex}_t` where it is negative is dual feasible at no gap.
Otherwise a member could import and export at once without bound.
"""

from __future__ import annotations

import numpy as np

from nemogrid.charges import Charge, Quantity, marginal_price
from nemogrid.errors import SolveError
from nemogrid.results import Certificate, Plan, Profiles


def plan_without_storage(profiles: Profiles, charges: tuple[Charge, ...]) -> Plan:
    """Use own PV first, import the shortage, export the surplus.

    Parameters
    ----------
    profiles : Profiles
        Load and PV of N members over T steps.
    charges : tuple of Charge
        Prices that the members face with the retailer.

    Returns
    -------
    Plan
        Net load [kW], shape (T, N); the certificate compares the primal with the dual objective.

    Raises
    ------
    SolveError
        If exporting pays more than importing costs, naming the member and the step.
    """
    import_price, export_price = meter_prices(charges, profiles)
    net_kwh = profiles.net_kw.to_numpy() * profiles.timeline.step_h
    imported, exported = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)
    cost = float((import_price * imported - export_price * exported).sum())
    dual_price = np.where(net_kwh > 0, import_price, export_price)
    dual = float((dual_price * net_kwh).sum())
    infeasible = np.maximum(export_price - dual_price, dual_price - import_price).max()
    certificate = Certificate(
        method="closed form without storage",
        objective=cost,
        dual_residual=max(float(infeasible), 0.0),
        gap=abs(cost - dual) / max(abs(cost), 1.0),
    )
    return Plan(net_kw=profiles.net_kw, certificate=certificate.require(1e-9))


def meter_prices(charges: tuple[Charge, ...], profiles: Profiles) -> tuple[np.ndarray, np.ndarray]:
    """Read off what a kWh through the meter costs and earns with the retailer.

    Parameters
    ----------
    charges : tuple of Charge
        Prices that the members face.
    profiles : Profiles
        For the steps and the members.

    Returns
    -------
    import_price, export_price : numpy.ndarray
        Cost of an imported and revenue of an exported kWh, broadcastable to (T, N).

    Raises
    ------
    SolveError
        If exporting pays more than importing costs, naming the member and the step.
    """
    timeline, names = profiles.timeline, list(profiles.load_kw.columns)

    def price(retail: Quantity, meter: Quantity) -> np.ndarray:
        parts = [marginal_price(charges, kind, timeline, names) for kind in (retail, meter)]
        return np.asarray(sum(parts))

    import_price = price(Quantity.RETAIL_BOUGHT, Quantity.IMPORTED)
    export_price = -price(Quantity.RETAIL_SOLD, Quantity.EXPORTED)
    require_no_arbitrage(import_price, export_price, steps=timeline.index, names=names)
    return import_price, export_price


def require_no_arbitrage(
    import_price: np.ndarray, export_price: np.ndarray, *, steps: object, names: list[str]
) -> None:
    """Refuse prices at which importing to export would pay.

    Parameters
    ----------
    import_price, export_price : numpy.ndarray
        Cost of an imported and revenue of an exported kWh, broadcastable to (T, N).
    steps : sequence of T labels
        For the message.
    names : list of str
        The N members, for the message.

    Raises
    ------
    SolveError
        Naming the first step and member.

    Examples
    --------
    >>> require_no_arbitrage(np.array([[0.2]]), np.array([[0.3]]), steps=["noon"], names=["a"])
    Traceback (most recent call last):
    nemogrid.errors.SolveError: unbounded arbitrage: member 'a' at noon is paid 0.3000 per \
exported kWh and pays 0.2000 per imported kWh; expected no more than it pays
    """
    gain = np.atleast_2d(export_price - import_price)
    if gain.max() <= 0:
        return
    row, column = (int(i) for i in np.argwhere(gain > 0)[0])
    sold, paid = (np.broadcast_to(p, gain.shape)[row, column] for p in (export_price, import_price))
    step = steps[row if gain.shape[0] > 1 else 0]  # type: ignore[index]
    raise SolveError(
        f"unbounded arbitrage: member {names[column]!r} at {step} is paid {sold:.4f} per exported "
        f"kWh and pays {paid:.4f} per imported kWh; expected no more than it pays"
    )
