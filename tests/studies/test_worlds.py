"""Worlds put together: the largest peaks, sums of energies, and what control is worth."""

import pandas as pd
import pytest

from nemogrid.errors import LabelError
from nemogrid.studies.worlds import Worlds, season_weeks, summarise_worlds, worth_of_control


def made_up() -> Worlds:
    """Two weeks of two worlds with figures to calculate with, for two members."""
    index = pd.MultiIndex.from_product([["a", "b"], ["no control", "central"]])
    index.names = ["week", "world"]
    figures = pd.DataFrame(
        {
            "peak_import_kw": [10.0, 8.0, 4.0, 4.0], "peak_export_kw": [1.0, 1.0, 12.0, 7.0],
            "vm_min_pu": [0.95, 0.96, 0.97, 0.94], "vm_max_pu": [1.0, 1.01, 1.05, 1.03],
            "loss_kwh": [5.0, 4.0, 5.0, 3.0], "energy_kwh": [50.0, 51.0, -20.0, -19.0],
            "bills": [100.0, 95.0, 20.0, 21.0], "power_flows": [0, 1, 0, 2],
        },
        index=index,
    )  # fmt: skip
    bills = pd.DataFrame({"x": figures["bills"] / 2, "y": figures["bills"] / 2})
    return Worlds(figures=figures, bills=bills, load_kw={}, hours=365.0, currency="CHF")


def test_the_summary_takes_the_largest_peaks_and_adds_energies():
    """Over both weeks, by world."""
    total = summarise_worlds(made_up())
    assert total.loc["no control"].tolist() == [10.0, 12.0, 0.95, 1.05, 10.0, 30.0, 120.0, 0.0]
    assert total.loc["central"].tolist() == [8.0, 7.0, 0.94, 1.03, 7.0, 32.0, 116.0, 3.0]


def test_the_worth_of_control_is_what_it_saves_per_member_and_month():
    """365 hours are half a month: 4 of bills, 3 kWh of losses and 4 kW of peak for two members."""
    worth = worth_of_control(made_up(), peak_price_per_kw_month=5.0, loss_price_per_kwh=0.1)
    assert worth.index.tolist() == ["central"]
    expected = {"bills": 4.0, "losses": 0.3, "peak": 10.0, "total": 14.3}
    assert worth.loc["central"].to_dict() == pytest.approx(expected)
    with pytest.raises(LabelError, match="no world 'chaos'"):
        worth_of_control(
            made_up(), peak_price_per_kw_month=5.0, loss_price_per_kwh=0.1, against="chaos"
        )


def test_the_weeks_of_the_seasons_begin_on_a_monday_at_ten():
    """In any year, on the local clock, and last a week."""
    for year in (2024, 2026, 2027):
        for week in season_weeks(year).values():
            assert (week.start.weekday(), week.start.hour) == (0, 10)
            assert week.hours == 168.0
            assert 12 <= week.start.day <= 18
