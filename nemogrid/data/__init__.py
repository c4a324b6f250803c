"""Published prices that the book compares: small tables, every row with its source.

=====================  =========================================================================
table                  what it holds
=====================  =========================================================================
`household_prices`     what a household pays for a kilowatt-hour, by component, country and year
`day_ahead_prices`     yearly means of the day-ahead market, by price zone
=====================  =========================================================================
"""

from __future__ import annotations

from importlib.resources import files

import pandas as pd

__all__ = ["day_ahead_prices", "household_prices", "price_table"]

KINDS = ("energy", "network", "taxes and levies")
"""The three parts into which components are grouped."""


def household_prices() -> pd.DataFrame:
    """Read what households pay for a kilowatt-hour.

    Swiss figures are medians over the network operators, without value-added tax; the medians of
    the components need not add up to the median of the total. German figures are means with
    value-added tax, and contain fixed fees.

    Returns
    -------
    pandas.DataFrame
        A row per figure: country, year, component, kind (one of `KINDS`, or ``"total"``), price
        [money per kWh], unit, household_kwh (yearly use of the household) and source.

    Examples
    --------
    >>> table = household_prices().set_index(["country", "year", "component"])
    >>> table.loc[("CH", 2026, "energy"), "price"].item()
    0.1211
    """
    return _read("household_prices.csv")


def day_ahead_prices() -> pd.DataFrame:
    """Read yearly means of day-ahead prices, without taxes.

    Returns
    -------
    pandas.DataFrame
        A row per figure: zone, year, price [money per kWh], unit and source.

    Examples
    --------
    >>> table = day_ahead_prices().set_index(["zone", "year"])
    >>> table.loc[("SE3", 2022), "price"].item()
    1.379
    """
    return _read("day_ahead_prices.csv")


def price_table(country: str, *, complete: bool = True) -> pd.DataFrame:
    """Group the components of a country's household price.

    Parameters
    ----------
    country : str
        ``"CH"``, ``"DE"`` or ``"SE"``.
    complete : bool
        Leave out years for which one of the `KINDS` or the total is missing.

    Returns
    -------
    pandas.DataFrame
        A row per year with the columns of `KINDS` and ``total`` as published [money per kWh];
        NaN where nothing was published.

    Examples
    --------
    >>> price_table("CH").loc[2026].round(4).to_dict()
    {'energy': 0.1211, 'network': 0.124, 'taxes and levies': 0.0376, 'total': 0.277}
    """
    prices = household_prices()
    rows = prices[prices["country"] == country]
    columns = [*KINDS, "total"]
    table = rows.pivot_table(index="year", columns="kind", values="price", aggfunc="sum")
    table = table.reindex(columns=columns).rename_axis(columns=None)
    return table.dropna() if complete else table


def _read(name: str) -> pd.DataFrame:
    with files(__name__).joinpath(name).open(encoding="utf-8") as source:
        return pd.read_csv(source)
