"""A household as its controller sees it: one meter, and the flexible stores behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nemogrid.dispatch.meter import MeterPrices
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, LabelError, listed

HABITS = {"vehicle": 0, "shiftable": 1, "heat_pump": 2, "battery": 3}
"""What each kind of store does in calm steps: 0 an even pace, 1 at once, 2 keep the level, 3 follow
the price."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Household:
    """What a controller has to do with: one meter and the stores behind it.

    Parameters
    ----------
    name : str
        The member.
    net_kwh : numpy.ndarray, shape (T,)
        Load less PV without what the stores draw [kWh].
    meter : MeterPrices
        What energy through the meter costs.
    stores : mapping of str to Store
        Flexible stores by kind, a key of `HABITS`; the battery acts last, on what the others
        leave.
    """

    name: str
    net_kwh: np.ndarray
    meter: MeterPrices
    stores: Mapping[str, Store] = field(default_factory=dict)

    def __post_init__(self) -> None:
        net_kwh = np.ascontiguousarray(self.net_kwh, dtype=float)
        object.__setattr__(self, "net_kwh", net_kwh)
        if net_kwh.ndim != 1 or not np.isfinite(net_kwh).all():
            raise InputError(f"member {self.name!r}: net_kwh is not a row of finite numbers")
        unknown = [kind for kind in self.stores if kind not in HABITS]
        if unknown:
            raise InputError(
                f"member {self.name!r}: store {listed(unknown)}, expected {', '.join(HABITS)}"
            )
        lengths = {kind: store.n_steps for kind, store in self.stores.items()}
        lengths = {"meter": self.meter.n_steps} | lengths
        for what, length in lengths.items():
            if length != len(net_kwh):
                raise LabelError(
                    f"member {self.name!r}: {what} has {length} steps, expected {len(net_kwh)}"
                )
