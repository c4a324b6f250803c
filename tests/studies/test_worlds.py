"""Worlds put together: the largest peaks, sums of energies, and what control is worth."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.errors import InputError, LabelError
from nemogrid.simulation import on_buses
from nemogrid.studies.worlds import (
    Life,
    Worlds,
    live,
    season_weeks,
    summarise_worlds,
    worth_of_control,
)


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


def test_figures_are_those_of_what_the_members_draw():
    """Of a power flow and the bills of the net loads that the decider chose."""
    seen = []

    def nothing_flexible(week) -> Life:
        seen.append(week)
        net_kw = week.profiles.net_kw.to_numpy()
        return Life(net_kw=net_kw, discharged_kwh=np.zeros_like(net_kw), power_flows=7)

    day = ng.Timeline(pd.Timestamp("2026-06-15 10:00", tz="Europe/Zurich"), 0.5, 48)
    scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", assets=ng.Assets(battery_share=1.0))
    worlds = live(scenario, {"day": day}, {"first": nothing_flexible, "second": nothing_flexible})
    week = seen[0]
    assert seen[1] is week
    assert {m.battery.initial_soc_share for m in week.community if m.battery} == {0.0}
    net_kw, kvar = week.profiles.net_kw, week.profiles.reactive_kvar
    state = ng.run_power_flow(
        week.network, on_buses(net_kw, week.community),
        reactive_kvar=on_buses(kvar, week.community),
    )  # fmt: skip
    load_kw = net_kw.sum(axis=1) + state.loss_kw
    figures = worlds.figures.loc["day", "first"]
    assert figures["peak_export_kw"] == pytest.approx(-load_kw.min())
    assert figures["energy_kwh"] == pytest.approx(load_kw.sum() / 2)
    assert figures["loss_kwh"] == pytest.approx(state.loss_kw.sum() / 2)
    assert figures["vm_max_pu"] == pytest.approx(
        state.vm_pu[list(week.community.buses)].to_numpy().max()
    )
    assert figures["power_flows"] == 7
    pd.testing.assert_series_equal(figures, worlds.figures.loc["day", "second"], check_names=False)
    price = 0.2662
    imported = np.maximum(net_kw, 0).sum() / 2
    exported = np.maximum(-net_kw, 0).sum() / 2
    expected = price * imported - 0.06 * exported
    np.testing.assert_allclose(worlds.bills.loc["day", "first"], expected, rtol=1e-9)


def test_nothing_to_live_is_refused():
    """No world, or no week."""
    with pytest.raises(InputError, match="0 weeks and 0 worlds"):
        live(ng.Scenario(), {}, {})
