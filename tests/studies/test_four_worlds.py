"""Four worlds: the same needs, other decisions."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.errors import InputError, LabelError
from nemogrid.studies.four_worlds import (
    WORLDS,
    FourWorlds,
    four_worlds,
    season_weeks,
    summarise_worlds,
    worth_of_control,
)

ASSETS = ng.Assets(
    battery_share=0.6, vehicle_share=0.6, heat_pump_share=0.4, shiftable_share=0.4
)  # fmt: skip


@pytest.fixture(scope="module")
def worlds():
    """Two days in spring and two in winter on a small feeder."""
    weeks = {
        name: ng.Timeline(pd.Timestamp(f"{day} 10:00", tz="Europe/Zurich"), 0.5, 96)
        for name, day in (("spring", "2026-04-13"), ("winter", "2026-01-12"))
    }
    scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", assets=ASSETS)
    return four_worlds(scenario, weeks, peak_price_per_kw=0.5)


def test_there_is_a_row_for_each_week_and_world(worlds):
    """With every figure a number, and a load in each step."""
    assert list(worlds.figures.index) == [(w, v) for w in ("spring", "winter") for v in WORLDS]
    assert np.isfinite(worlds.figures.to_numpy()).all()
    assert worlds.bills.shape == (8, 13)
    assert worlds.hours == 96.0
    assert {len(load) for load in worlds.load_kw.values()} == {96}


def test_bills_rank_as_the_worlds_know_and_want(worlds):
    """Nobody pays less in any world than with its own optimum, and some pay more."""
    for week in ("spring", "winter"):
        own = worlds.bills.loc[week, "prices"]
        for world in WORLDS:
            assert (worlds.bills.loc[week, world].sum() >= own.sum() - 1e-6).all()
        assert (worlds.bills.loc[week, "no control"] >= own - 1e-6).all()
        assert (worlds.bills.loc[week, "local control"] >= own - 1e-6).all()
    pd.testing.assert_series_equal(
        worlds.figures["bills"], worlds.bills.sum(axis=1), check_names=False
    )


def test_one_for_all_has_the_lowest_objective(worlds):
    """Bills and the priced peak of the members' load are lowest in the central world."""
    # The table's peaks count losses and the program's do not: a kilowatt at most on this feeder.
    for week in ("spring", "winter"):
        figures = worlds.figures.loc[week]
        peak_kw = figures[["peak_import_kw", "peak_export_kw"]].max(axis=1)
        objective = figures["bills"] + 0.5 * peak_kw
        others = objective.drop("central")
        assert objective["central"] <= others.min() + 0.5 * 2.0
        assert peak_kw["central"] < peak_kw["no control"]


def test_all_worlds_serve_the_same_needs(worlds):
    """Energy differs by losses of stores and wires alone: by a few per cent of the demand."""
    for week in ("spring", "winter"):
        energy = worlds.figures.loc[week, "energy_kwh"]
        assert np.ptp(energy) < 0.05 * worlds.figures.loc["winter", "energy_kwh"].mean()


def made_up() -> FourWorlds:
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
    return FourWorlds(figures=figures, bills=bills, load_kw={}, hours=365.0, currency="CHF")


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


def test_no_weeks_are_refused():
    """There is nothing to compare."""
    with pytest.raises(InputError, match="no weeks"):
        four_worlds(ng.Scenario(), {})
