"""Tests of the published prices."""

import pandas as pd
import pytest

from nemogrid.data import KINDS, day_ahead_prices, household_prices, price_table
from nemogrid.tariffs import preset


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (household_prices(), ["country", "year", "component"]),
        (day_ahead_prices(), ["zone", "year"]),
    ],
    ids=["household", "day-ahead"],
)
def test_each_figure_stands_once_with_year_unit_and_source(table, key):
    """Nothing without a source."""
    assert not table.duplicated(key).any()
    filled = [c for c in table.columns if c != "household_kwh"]
    assert table[filled].notna().all().all()
    assert table["year"].between(2015, 2026).all()
    assert table["unit"].isin(["CHF/kWh", "EUR/kWh", "SEK/kWh"]).all()
    assert (table["source"].str.contains(r"20\d\d")).all()
    assert (table["price"] > 0).all()


def test_prices_are_per_kilowatt_hour():
    """A figure in cents, or per megawatt-hour, would stand out."""
    euros = pd.concat([household_prices(), day_ahead_prices()]).query("unit != 'SEK/kWh'")
    assert euros["price"].max() < 0.5
    assert set(household_prices()["kind"]) == {*KINDS, "total"}


@pytest.mark.parametrize(("country", "tolerance"), [("CH", 0.03), ("DE", 0.001)])
def test_the_parts_add_up_to_the_published_total(country, tolerance):
    """Within rounding for means, and within what medians allow for medians."""
    table = price_table(country)
    assert len(table)
    assert table[list(KINDS)].sum(axis=1).to_numpy() == pytest.approx(
        table["total"].to_numpy(), rel=tolerance
    )


@pytest.mark.parametrize(
    ("name", "country", "year"), [("CH-2019", "CH", 2019), ("CH-2026", "CH", 2026),
                                  ("DE-2025", "DE", 2025)]
)  # fmt: skip
def test_the_preset_tariffs_say_the_same(name, country, year):
    """One figure, one value in the package."""
    rows = household_prices().query("country == @country and year == @year")
    published = rows.set_index("component")["price"].drop(["total", "metering"], errors="ignore")
    rates = {r.item: r.price for r in preset(name).rates if r.item in published.index}
    assert rates == published.to_dict()


def test_years_without_all_parts_are_left_out_unless_asked_for():
    """A stack of some parts would look like a low price."""
    assert 2023 not in price_table("DE").index
    assert price_table("DE", complete=False).at[2023, "energy"] == pytest.approx(0.2508)
    assert price_table("SE").empty
