"""Business as usual: every member buys from the retailer and sells to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.dispatch import Planning, plan_members
from nemogrid.markets.design import register
from nemogrid.results import Clearing, Profiles, Trades


@register
@dataclass(frozen=True)
class BusinessAsUsual:
    """Everyone with the retailer; no local trade and no manager.

    Examples
    --------
    >>> BusinessAsUsual().name
    'business-as-usual'
    """

    name: ClassVar[str] = "business-as-usual"

    @property
    def individually_rational(self) -> bool:
        """True: it is its own reference."""
        return True

    def clear(
        self,
        community: Community,
        profiles: Profiles,
        charges: tuple[Charge, ...],
        *,
        planning: Planning | None = None,
    ) -> Clearing:
        """Plan without trading; see `MarketDesign.clear`."""
        plan = plan_members(community, profiles, charges, planning=planning)
        nothing = pd.DataFrame(0.0, index=plan.net_kw.index, columns=plan.net_kw.columns)
        price = pd.Series(np.nan, index=plan.net_kw.index, name="price")
        return Clearing(
            market=self.name,
            community=community,
            profiles=profiles,
            plan=plan,
            trades=Trades(bought_kwh=nothing, sold_kwh=nothing, price=price),
            charges=(),
        )
