r"""The community pool: one manager, one price a margin below retail.

In step :math:`t` members offer the surplus :math:`S_t = \sum_n X_{n,t}` and ask for the demand
:math:`D_t = \sum_n E_{n,t}`. The pool trades :math:`V_t = \min(S_t, D_t)`; everyone gets the same
share of what it wanted, and the retailer takes the rest:

.. math:: e^{loc}_{n,t} = E_{n,t} V_t / D_t, \qquad x^{loc}_{n,t} = X_{n,t} V_t / S_t.

The price is a stated margin below the highest price at which no buyer loses,
:math:`p_t = \min_n \overline{p}_{n,t} - m`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, Quantity, retail_window
from nemogrid.community import Community
from nemogrid.dispatch import Planning, plan_members
from nemogrid.errors import ScenarioError
from nemogrid.markets.design import register
from nemogrid.results import Clearing, Profiles, Trades
from nemogrid.timeline import Period

_ROUNDING = 1e-12


@register
@dataclass(frozen=True, kw_only=True)
class CommunityPool:
    """A community manager that buys and sells surplus just below the retail price.

    Parameters
    ----------
    margin_per_kwh : float
        How far the local price lies below the buyers' ceiling [money per kWh].
    administration_per_month : float
        Administrative fee of each member [money per month], paid to the manager.
    algorithm_per_month : float
        Cost of the algorithm for each member [money per month], paid to the manager.

    Examples
    --------
    >>> CommunityPool(margin_per_kwh=0.02).individually_rational
    False
    >>> free = CommunityPool(administration_per_month=0.0, algorithm_per_month=0.0)
    >>> free.individually_rational
    True
    """

    name: ClassVar[str] = "community-pool"
    margin_per_kwh: float = 0.01
    administration_per_month: float = 0.5
    algorithm_per_month: float = 0.25

    def __post_init__(self) -> None:
        for setting in ("margin_per_kwh", "administration_per_month", "algorithm_per_month"):
            value = getattr(self, setting)
            if not (np.isfinite(value) and value >= 0):
                raise ScenarioError(
                    f"community pool: {setting} is {value}, expected a finite number of at least 0"
                )

    @property
    def individually_rational(self) -> bool:
        """True without fees: then every trade helps both sides."""
        return self.administration_per_month == 0 and self.algorithm_per_month == 0

    def clear(
        self,
        community: Community,
        profiles: Profiles,
        charges: tuple[Charge, ...],
        *,
        planning: Planning | None = None,
    ) -> Clearing:
        """Plan, pool and price; see `MarketDesign.clear`.

        Raises
        ------
        ScenarioError
            If the margin pushes the local price out of the window between what the retailer
            pays and what it asks, in a step in which something would be traded.
        """
        plan = plan_members(community, profiles, charges, planning=planning)
        net_kwh = plan.net_kw.to_numpy() * profiles.timeline.step_h
        demand, surplus = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)
        bought, sold = share_pro_rata(demand, surplus)
        traded = bought.sum(axis=1) > 0
        price = self._price(profiles, charges, traded)
        steps, names = plan.net_kw.index, plan.net_kw.columns
        return Clearing(
            market=self.name,
            community=community,
            profiles=profiles,
            plan=plan,
            trades=Trades(
                bought_kwh=pd.DataFrame(bought, index=steps, columns=names),
                sold_kwh=pd.DataFrame(sold, index=steps, columns=names),
                price=price.where(traded),
            ),
            charges=(*local_energy(price), *self._fees()),
        )

    def _price(
        self, profiles: Profiles, charges: tuple[Charge, ...], traded: np.ndarray
    ) -> pd.Series:
        timeline = profiles.timeline
        floor, ceiling = retail_window(charges, timeline, list(profiles.load_kw.columns))
        lowest = np.broadcast_to(floor.max(axis=1), timeline.n_steps)
        highest = np.broadcast_to(ceiling.min(axis=1), timeline.n_steps)
        price = highest - self.margin_per_kwh
        outside = np.flatnonzero(traded & (price < lowest - _ROUNDING))
        if outside.size:
            step = int(outside[0])
            widest = highest[step] - lowest[step]
            raise ScenarioError(
                f"community pool: the local price of {price[step]:.4f} per kWh at "
                f"{timeline.index[step]} lies outside the window from {lowest[step]:.4f} (what "
                f"the retailer pays) to {highest[step]:.4f} (what it asks); "
                + (
                    f"expected margin_per_kwh of at most {widest:.4f}"
                    if widest >= 0
                    else "that window is empty, and no margin_per_kwh fits"
                )
            )
        return pd.Series(np.maximum(price, lowest), index=timeline.index, name="price")

    def _fees(self) -> tuple[Charge, ...]:
        fees = {
            "administration": self.administration_per_month,
            "algorithm": self.algorithm_per_month,
        }
        return tuple(
            Charge(
                item=item,
                quantity=Quantity.MEMBERSHIP,
                price=fee,
                payee="manager",
                period=Period.MONTH,
            )
            for item, fee in fees.items()
            if fee > 0
        )


def share_pro_rata(demand: np.ndarray, surplus: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share surplus among demand, each side in proportion to what it wanted.

    Parameters
    ----------
    demand, surplus : numpy.ndarray, shape (T, N)
        What members would buy and sell [kWh].

    Returns
    -------
    bought, sold : numpy.ndarray, shape (T, N)
        Local purchases and sales [kWh]; both sum to the smaller total of the step.

    Examples
    --------
    >>> bought, sold = share_pro_rata(np.array([[3.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 2.0]]))
    >>> bought.tolist(), sold.tolist()
    ([[1.5, 0.5, 0.0]], [[0.0, 0.0, 2.0]])
    """
    wanted = demand.sum(axis=1, keepdims=True)
    offered = surplus.sum(axis=1, keepdims=True)
    volume = np.minimum(wanted, offered)
    nothing = np.zeros_like(volume)
    bought = demand * np.divide(volume, wanted, out=nothing.copy(), where=wanted > 0)
    sold = surplus * np.divide(volume, offered, out=nothing, where=offered > 0)
    return bought, sold


def local_energy(price: pd.Series) -> tuple[Charge, Charge]:
    """Charge buyers and pay sellers the same local price, by way of the manager.

    Parameters
    ----------
    price : pandas.Series, shape (T,)
        Local price [money per kWh].

    Returns
    -------
    tuple of Charge
        The purchase and the sale.
    """
    return (
        Charge(
            item="local purchase", quantity=Quantity.LOCAL_BOUGHT, price=price, payee="manager"
        ),
        Charge(item="local sale", quantity=Quantity.LOCAL_SOLD, price=-price, payee="manager"),
    )  # fmt: skip
