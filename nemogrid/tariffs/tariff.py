"""A tariff is a list of rates; a rate is a charge with the source of its figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.community import Community
from nemogrid.errors import InputError
from nemogrid.results import FeederState
from nemogrid.timeline import Period, Timeline


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One figure of a price sheet.

    Parameters
    ----------
    item : str
        Name of the line on the bill.
    quantity : Quantity
        What is counted.
    price : float or Blocks
        Price per kWh, per kW for a peak, or per period for a membership; negative when the member
        is paid. An energy may have rising blocks.
    payee : str
        Who is paid.
    source : str
        Where the figure was read, with its year.
    period : Period
        ``STEP`` for energy; day, month or year for a membership, a peak, and an energy in blocks.
    """

    item: str
    quantity: Quantity
    price: float | Blocks
    payee: str
    source: str
    period: Period = Period.STEP

    def __post_init__(self) -> None:
        if not self.source:
            raise InputError(f"rate {self.item!r} has no source: expected where it was read")
        if isinstance(self.price, bool) or not isinstance(
            self.price, int | float | np.number | Blocks
        ):
            raise InputError(
                f"rate {self.item!r} has the price {self.price!r}: expected a number, or Blocks"
            )
        charge = self.charge()
        object.__setattr__(self, "quantity", charge.quantity)
        object.__setattr__(self, "period", charge.period)

    def charge(self) -> Charge:
        """Turn the rate into a charge."""
        return Charge(
            item=self.item,
            quantity=self.quantity,
            price=self.price if isinstance(self.price, Blocks) else float(self.price),
            payee=self.payee,
            period=self.period,
        )


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """A complete price sheet for the members of one feeder.

    Parameters
    ----------
    name : str
        Name of the tariff.
    currency : str
        ISO code of the prices.
    rates : tuple of Rate
        The figures.

    Examples
    --------
    >>> from nemogrid.tariffs import preset
    >>> swiss = preset("CH-2026")
    >>> swiss.currency, round(swiss.volumetric_price("imported", "retail_bought"), 4)
    ('CHF', 0.2662)
    """

    name: str
    currency: str
    rates: tuple[Rate, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", tuple(self.rates))
        lines = [(rate.item, rate.quantity) for rate in self.rates]
        if len(set(lines)) < len(lines):
            raise InputError(f"tariff {self.name!r} prices the same item and quantity twice")

    # The arguments of ex_ante and ex_post belong to the interface: rates of one number need none.
    def ex_ante(
        self,
        community: Community,
        timeline: Timeline,
    ) -> tuple[Charge, ...]:
        """List the charges that members know before they act.

        Parameters
        ----------
        community : Community
            The members.
        timeline : Timeline
            The steps.

        Returns
        -------
        tuple of Charge
        """
        return tuple(rate.charge() for rate in self.rates)

    def ex_post(self, state: FeederState) -> tuple[Charge, ...]:
        """List the charges that depend on what happened on the feeder.

        Parameters
        ----------
        state : FeederState
            Voltages and loadings.

        Returns
        -------
        tuple of Charge
            Empty: none of the rates reads the state of the feeder.
        """
        return ()

    def volumetric_price(self, *quantities: str) -> float:
        """Add up the rates on the given quantities [money per kWh].

        Of a price in blocks the first counts: the least that a kWh bought from the retailer costs,
        so that a buyer who pays less than that elsewhere cannot lose.

        Parameters
        ----------
        *quantities : str
            Names of energies, for example ``"imported"``.

        Returns
        -------
        float
        """
        wanted = {Quantity(quantity) for quantity in quantities}
        return float(np.sum([_blocks(r).prices[0] for r in self.rates if r.quantity in wanted]))

    def table(self) -> pd.DataFrame:
        """Lay the rates out as a table.

        Returns
        -------
        pandas.DataFrame
            A row per rate, and one per block of a rate: item, quantity, period, price, payee,
            source. Where there are blocks, a column ``above`` says where each begins: the energy
            of the period [kWh], or, by the step, the mean power [kW].
        """
        rows = [
            {
                "item": rate.item,
                "quantity": str(rate.quantity),
                "period": str(rate.period),
                "above": start,
                "price": price,
                "payee": rate.payee,
                "source": rate.source,
            }
            for rate in self.rates
            for start, price in zip((0.0, *_blocks(rate).limits), _blocks(rate).prices, strict=True)
        ]
        in_blocks = any(isinstance(rate.price, Blocks) for rate in self.rates)
        return pd.DataFrame(rows if in_blocks else [_without(row, "above") for row in rows])


def _blocks(rate: Rate) -> Blocks:
    """Read the price of a rate as blocks, of which a plain price has one."""
    return rate.price if isinstance(rate.price, Blocks) else Blocks((rate.price,), ())


def _without(row: dict[str, Any], column: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != column}
