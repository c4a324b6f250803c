"""Four worlds: the same needs, other decisions."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.dispatch.local_settings import LocalControl
from nemogrid.errors import InputError
from nemogrid.studies.four_worlds import WORLDS, four_worlds, local_variants

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


def test_the_local_world_is_the_rule_of_the_default_settings(worlds):
    """A variant with those settings gives the same figures, one without gain others."""
    weeks = {"spring": ng.Timeline(pd.Timestamp("2026-04-13 10:00", tz="Europe/Zurich"), 0.5, 96)}
    scenario = ng.Scenario(feeder="1-LV-rural1--0-no_sw", assets=ASSETS)
    variants = {"usual": LocalControl(), "deaf": LocalControl(gain_per_spread=0.0)}
    found = local_variants(scenario, weeks, variants).figures
    usual = worlds.figures.loc["spring", "local control"]
    pd.testing.assert_series_equal(found.loc["spring", "usual"], usual, check_names=False)
    assert found.loc[("spring", "deaf"), "bills"] != pytest.approx(usual["bills"], abs=1e-3)
    # Whoever is deaf decides without the feeder: one power flow more shows that nothing moves.
    assert found.loc[("spring", "deaf"), "power_flows"] == 2


def test_no_weeks_are_refused():
    """There is nothing to compare."""
    with pytest.raises(InputError, match="0 weeks and 4 worlds"):
        four_worlds(ng.Scenario(), {})
