"""The cheapest plan of a member, by whichever method is exact and fastest for its case.

===========================================  ==================================================
the member has                               its plan comes from
===========================================  ==================================================
no store                                     the closed form: nothing to decide
one store, prices of single steps            the exact engine
one store, and a price on peaks of a period  the exact engine inside a search of the best peaks
several stores, blocks of a period, or       HiGHS on arrays
steps in which burning energy would pay
===========================================  ==================================================

The certificate of the plan names the method.
"""

from __future__ import annotations

import numpy as np

from nemogrid.dispatch.exact import burning_steps, solve_exact
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.store import Store
from nemogrid.results import Certificate


def solve_member(meter: MeterPrices, net_kwh: np.ndarray, stores: tuple[Store, ...]) -> MemberPlan:
    """Find the cheapest plan of a member.

    Parameters
    ----------
    meter : MeterPrices
        What energy through its meter costs.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the stores [kWh], import positive.
    stores : tuple of Store
        What can be shifted, none or more.

    Returns
    -------
    MemberPlan

    Raises
    ------
    SolveError
        If a store cannot keep its bounds, or no method proves its plan.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3]), np.array([0.1]), step_h=1.0)
    >>> solve_member(meter, np.array([2.0]), ()).cost
    0.6
    """
    if not stores:
        cost = meter_cost(meter, net_kwh)
        certificate = Certificate(method="closed form without storage", objective=cost)
        return MemberPlan(paths=(), net_kwh=net_kwh, cost=cost, certificate=certificate)
    if len(stores) == 1 and not meter.blocks and not burning_steps(meter, net_kwh, stores[0]).size:
        if not meter.peaks:
            return solve_exact(meter, net_kwh, stores[0])
        from nemogrid.dispatch.peaks import solve_with_peaks

        return solve_with_peaks(meter, net_kwh, stores[0])
    from nemogrid.dispatch.linear_program import solve_lp

    return solve_lp(meter, net_kwh, stores)
