"""What is counted, and one line of every member's bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from nemogrid.charges.blocks import Blocks
from nemogrid.community import ACTORS
from nemogrid.errors import InputError, LabelError
from nemogrid.timeline import Period, Timeline


class Quantity(StrEnum):
    """What a charge counts."""

    IMPORTED = "imported"
    EXPORTED = "exported"
    RETAIL_BOUGHT = "retail_bought"
    RETAIL_SOLD = "retail_sold"
    LOCAL_BOUGHT = "local_bought"
    LOCAL_SOLD = "local_sold"
    DISCHARGED = "discharged"
    PEAK_IMPORTED = "peak_imported"
    PEAK_EXPORTED = "peak_exported"
    MEMBERSHIP = "membership"

    @property
    def is_peak(self) -> bool:
        """Whether it is the highest power of a period, and not an energy."""
        return self in (Quantity.PEAK_IMPORTED, Quantity.PEAK_EXPORTED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Charge:
    """One line of every member's bill.

    Parameters
    ----------
    item : str
        Name of the line.
    quantity : Quantity
        What is counted.
    price : float, pandas.Series or Blocks
        Price per kWh, per kW and period, or per period: one number, a Series over the steps of the
        timeline, a Series over the names of the members, or rising blocks.
    payee : str
        Who is paid: one of `nemogrid.community.ACTORS`.
    period : Period
        Span over which the quantity is counted: ``STEP`` for energy with one price; a day, month
        or year for memberships, peaks, and the blocks of an energy.

    Raises
    ------
    InputError
        For an item without a name, an unknown payee, quantity or period, a price that is not one
        finite number or a Series of them, or a fee, peak or plain price over a wrong period.
    """

    item: str
    quantity: Quantity
    price: float | pd.Series | Blocks
    payee: str
    period: Period = Period.STEP

    def __post_init__(self) -> None:
        if not isinstance(self.item, str) or not self.item.strip() or self.item == "total":
            raise InputError(
                f"charge {self.item!r}: expected an item with a name, other than 'total', which "
                "is the sum of the bill"
            )
        for name, kind in (("quantity", Quantity), ("period", Period)):
            known = [str(choice) for choice in kind]
            if getattr(self, name) not in known:
                raise InputError(
                    f"charge {self.item!r}: unknown {name} {getattr(self, name)!r}, expected one "
                    f"of {', '.join(known)}"
                )
            object.__setattr__(self, name, kind(getattr(self, name)))
        if self.payee not in ACTORS:
            raise InputError(f"charge {self.item!r} is paid to {self.payee!r}: expected {ACTORS}")
        self._require_price()
        spanning = self.quantity is Quantity.MEMBERSHIP or self.quantity.is_peak
        if spanning == (self.period is Period.STEP) and not isinstance(self.price, Blocks):
            raise InputError(
                f"charge {self.item!r} prices {self.quantity} per {self.period}: expected energy "
                "per step; peaks and membership per day, month or year"
            )
        if isinstance(self.price, Blocks) and (spanning or self.quantity is Quantity.DISCHARGED):
            raise InputError(
                f"charge {self.item!r} prices {self.quantity} in blocks: expected an energy "
                "through the meter"
            )

    def _require_price(self) -> None:
        if isinstance(self.price, Blocks):
            return
        try:
            price = np.asarray(self.price, dtype=float)
        except (TypeError, ValueError):
            price = np.array(np.nan)
        if not np.all(np.isfinite(price)):
            raise InputError(f"charge {self.item!r} has a price that is not a finite number")
        if not price.size or price.ndim > isinstance(self.price, pd.Series):
            raise InputError(
                f"charge {self.item!r}: a price of shape {price.shape}, expected one number, "
                "a Series over the steps or the members, or Blocks"
            )
        if self.quantity.is_peak and np.any(price < 0):
            raise InputError(f"charge {self.item!r} pays for a peak: expected at least 0")

    def prices(self, timeline: Timeline, names: Sequence[str]) -> np.ndarray:
        """Lay the price out over steps and members.

        Parameters
        ----------
        timeline : Timeline
            T steps.
        names : sequence of str
            N members.

        Returns
        -------
        numpy.ndarray
            Shape (1, 1), (T, 1) or (1, N) [money per kWh, or per period].

        Raises
        ------
        LabelError
            If a Series carries other labels than the steps or the members.
        InputError
            If the price rises in blocks, and is not one number.
        """
        if isinstance(self.price, Blocks):
            raise InputError(f"charge {self.item!r} is priced in blocks: expected one price")
        if not isinstance(self.price, pd.Series):
            return np.full((1, 1), float(self.price))
        values = self.price.to_numpy(dtype=float)
        if self.price.index.equals(timeline.index):
            return values[:, None]
        if list(self.price.index) == list(names):
            return values[None, :]
        raise LabelError(
            f"charge {self.item!r}: the price has {len(values)} labels from "
            f"{self.price.index[0]!r}; expected the {timeline.n_steps} steps of the timeline or "
            f"the {len(names)} members, in their order"
        )
