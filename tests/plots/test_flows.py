"""Tests of the daily flows."""

import numpy as np
import pytest
from builders import make_timeline, stored_clearing
from overlaps import outside, overlaps

from nemogrid.charges import Quantity
from nemogrid.errors import InputError
from nemogrid.outcome import Outcome
from nemogrid.plots import daily_flows, mean_day
from nemogrid.plots.flows import community_flows
from nemogrid.scenario import Scenario


def areas(ax, step_h=0.5):
    """Integrate the areas of the figure [kWh] by label."""
    kwh = {}
    for area in ax.collections:
        lower, upper = area.get_paths()[0].get_extents().get_points()[:, 1]
        data = area.get_paths()[0].vertices
        x, y = data[:, 0], data[:, 1]
        kwh[area.get_label()] = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
        assert lower <= upper
    return kwh


def test_flows_of_the_year_sum_to_the_key_figures(year):
    """The plot's table holds the energies of the outcome."""
    kwh = community_flows(year).sum() * 0.5
    kpis = year.kpis
    assert kwh["load_kw"] == pytest.approx(kpis["demand_kwh"])
    assert kwh["local_kw"] == pytest.approx(kpis["local_kwh"])
    assert kwh["retail_bought_kw"] == pytest.approx(kpis["retail_bought_kwh"])
    assert kwh["retail_sold_kw"] == pytest.approx(kpis["retail_sold_kwh"])
    assert kwh["home_kw"] == pytest.approx(kpis["pv_kwh"] - kpis["exported_kwh"])


def test_the_load_is_met_at_every_step(year):
    """Home, neighbours and the retailer add up to the load."""
    flows = community_flows(year)
    met = flows[["home_kw", "local_kw", "retail_bought_kw"]].sum(axis=1)
    assert np.abs(met - flows["load_kw"]).max() < 1e-9


def test_the_areas_are_the_energies_of_the_day(year, ax):
    """What is drawn over 48 half-hours is what flowed on that day."""
    assert daily_flows(year, "2026-06-21", ax) is ax
    day = community_flows(year).loc["2026-06-21"].sum() * 0.5
    drawn = areas(ax)
    assert len(community_flows(year).loc["2026-06-21"]) == 48
    assert drawn["PV used at home"] == pytest.approx(day["home_kw"])
    assert drawn["PV sold to neighbours"] == pytest.approx(day["local_kw"])
    assert drawn["bought from retailer"] == pytest.approx(day["retail_bought_kw"])
    assert drawn["PV sold to retailer"] == pytest.approx(day["retail_sold_kw"])
    assert day["retail_sold_kw"] > 0
    assert ax.get_ylim()[0] < 0 < ax.get_ylim()[1]


def test_axes_carry_units_and_the_day(year, ax):
    """Power in kW over the local time of a named day."""
    daily_flows(year, "2026-06-21", ax)
    assert "[kW]" in ax.get_ylabel()
    assert ax.get_xlabel() == "local time, 21 June 2026"
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "00:00", "06:00", "12:00", "18:00", "24:00"
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "steps"), [("2026-03-29", 46), ("2026-10-25", 50)])
def test_days_with_a_change_of_clocks_have_their_own_length(year, ax, day, steps):
    """Ticks stand at the local hour on days of 23 and 25 hours."""
    daily_flows(year, day, ax)
    ticks = dict(zip((t.get_text() for t in ax.get_xticklabels()), ax.get_xticks(), strict=True))
    assert ticks["24:00"] == steps / 2
    assert ticks["06:00"] == 6 + (steps - 48) / 2


def test_nothing_overlaps(year, ax):
    """All texts of the figure can be read."""
    daily_flows(year, "2026-06-21", ax)
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_a_mean_day_keeps_the_energy_of_its_months(year, ax):
    """Areas are means over the days of the months."""
    assert mean_day(year, (6, 7, 8), ax) is ax
    flows = community_flows(year)
    summer = flows[flows.index.month.isin((6, 7, 8))].sum() * 0.5 / 92
    assert areas(ax)["PV sold to neighbours"] == pytest.approx(summer["local_kw"])


def test_days_outside_the_timeline_are_refused(year, ax):
    """The message says what the timeline spans."""
    with pytest.raises(InputError, match="no steps on 2031-01-01: expected a day from 2026-01-01"):
        daily_flows(year, "2031-01-01", ax)
    with pytest.raises(InputError, match="months"):
        mean_day(year, (), ax)


@pytest.fixture
def stored():
    """Give an outcome in which batteries and cars charge, help at home and export."""
    clearing = stored_clearing(make_timeline(7), n_members=5)
    return Outcome(scenario=Scenario(), network=None, clearing=clearing, state=None, bills=None)


def test_with_storage_the_load_and_the_charging_are_met(stored):
    """PV at home is what did not pass the meter; stores first serve the house."""
    flows, clearing = community_flows(stored), stored.clearing
    met = flows[["home_kw", "from_storage_kw", "local_kw", "retail_bought_kw"]].sum(axis=1)
    assert np.abs(met - flows["load_kw"] - flows["charging_kw"]).max() < 1e-9
    assert (flows >= -1e-9).all(axis=None)
    pv_kw = clearing.profiles.pv_kw.to_numpy()
    exported_kw = clearing.energy_kwh[Quantity.EXPORTED] / 0.5
    home_kw = (pv_kw - np.minimum(pv_kw, exported_kw)).sum(axis=1)
    assert flows["home_kw"].to_numpy() == pytest.approx(home_kw)
    cars_kw = clearing.plan.drawn_kw["vehicle"].clip(lower=0.0).sum(axis=1)
    load_kw = clearing.profiles.load_kw.sum(axis=1) + cars_kw
    assert flows["load_kw"].to_numpy() == pytest.approx(load_kw.to_numpy())


def test_with_storage_the_figure_shows_what_stores_give_and_take(stored, ax):
    """Another area, and a line above the load that all areas above zero reach."""
    daily_flows(stored, "2026-03-28", ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "load", "load and charging", "PV used at home", "from storage", "sold to neighbours",
        "bought from retailer", "sold to retailer",
    ]  # fmt: skip
    day = community_flows(stored).loc["2026-03-28"].sum() * 0.5
    assert areas(ax)["from storage"] == pytest.approx(day["from_storage_kw"])
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []
