"""Tests of the study of home batteries."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.devices import Battery
from nemogrid.dispatch import optimise_storage
from nemogrid.dispatch.exact import solve_exact
from nemogrid.dispatch.meter import meter_cost, two_prices
from nemogrid.dispatch.store import battery_store
from nemogrid.economics import annuity, lcos
from nemogrid.errors import InputError
from nemogrid.studies.storage import (
    FORESIGHT,
    battery_returns,
    bid_windows,
    break_even_cost,
    foresight_costs,
    home_battery,
    plan_table,
)
from nemogrid.timeline import Timeline

DAYS = Timeline(pd.Timestamp("2026-04-01", tz="Europe/Zurich"), 0.5, 14 * 48)
RNG = np.random.default_rng(5)
NET_KWH = RNG.uniform(-1.0, 0.6, DAYS.n_steps) * np.where(np.abs(DAYS.hour - 12) < 5, 1, -0.4)
FLAT = two_prices(np.full(DAYS.n_steps, 0.27), np.full(DAYS.n_steps, 0.06), step_h=0.5)
WAVE = two_prices(
    0.27 + 0.1 * np.sin(np.pi * DAYS.hour / 6), np.full(DAYS.n_steps, 0.06), step_h=0.5
)


def test_savings_are_those_of_the_public_function():
    """Scaled to a year."""
    table = battery_returns({"flat": FLAT, "wave": WAVE}, NET_KWH, [home_battery(4.0)])
    for (_, row), meter in zip(table.iterrows(), (FLAT, WAVE), strict=True):
        plan = optimise_storage(
            NET_KWH / 0.5, home_battery(4.0), meter.prices[:, 1], meter.prices[:, 0], step_h=0.5
        )
        years = 14 / 365
        assert row["saving"] * years == pytest.approx(meter_cost(meter, NET_KWH) - plan.cost)
        back = plan.discharge_kw.sum() * 0.5
        assert row["discharged_kwh"] * years == pytest.approx(back)
        assert row["cycles"] * years == pytest.approx(back / 0.9**0.5 / 4.0)


@settings(max_examples=10)
@given(wear=st.floats(0.0, 0.4), more=st.floats(0.001, 0.2))
def test_dearer_wear_never_cycles_more(wear, more):
    """The law of demand, for cycles."""
    boxes = [home_battery(4.0, wear_per_kwh=one) for one in (wear, wear + more)]
    table = battery_returns({"wave": WAVE}, NET_KWH, boxes)
    assert table["cycles"].iloc[1] <= table["cycles"].iloc[0] + 1e-9
    assert table["saving"].iloc[1] <= table["saving"].iloc[0] + 1e-9


def test_a_larger_battery_saves_more_but_less_per_kwh():
    """Savings are concave in the capacity when power grows with it."""
    sizes = [2.0, 4.0, 8.0]
    table = battery_returns({"wave": WAVE}, NET_KWH, [home_battery(size) for size in sizes])
    assert (np.diff(table["saving"]) >= -1e-9).all()
    assert (np.diff(table["saving"] / table["capacity_kwh"]) <= 1e-9).all()


def test_at_the_break_even_cost_the_annuity_is_the_saving():
    """And the levelised cost of a discharged kWh is what it saves."""
    table = battery_returns({"wave": WAVE}, NET_KWH, [home_battery(4.0)])
    life = {"calendar_years": 15, "cycle_life": 1e6, "discount_rate": 0.03}
    (cost,) = break_even_cost(table, **life)
    (row,) = table.to_dict("records")
    assert annuity(cost * 4.0, 15, 0.03) == pytest.approx(row["saving"])
    levelised = lcos(
        capex=cost * 4.0, annual_opex=0.0, annual_discharge_kwh=row["discharged_kwh"],
        lifetime_years=15, discount_rate=0.03,
    )  # fmt: skip
    assert levelised == pytest.approx(row["saving"] / row["discharged_kwh"])
    idle = pd.DataFrame([{"saving": 0.0, "capacity_kwh": 4.0, "cycles": 0.0}])
    assert break_even_cost(idle, **life).tolist() == [0.0]


@given(
    cost=st.floats(0.0, 0.3),
    worn=st.floats(0.0, 0.5),
    energy=st.floats(0.05, 0.2),
    network=st.floats(0.01, 0.2),
    round_trip=st.floats(0.5, 1.0),
)
def test_a_window_opens_with_the_discount_that_it_needs(cost, worn, energy, network, round_trip):
    """At that discount floor and ceiling meet; without a loss the printed floor is right."""
    (row,) = bid_windows(
        {"roof": cost}, {"box": worn}, round_trip_share=round_trip, ceilings=(energy, network)
    ).to_dict("records")
    assert row["floor"] >= row["printed"]
    if row["is_open"]:
        assert row["discount"] == 0
    else:
        assert energy + row["discount"] * network == pytest.approx(row["floor"])


def test_windows_refuse_what_has_no_meaning():
    """By name."""
    with pytest.raises(InputError, match="round_trip_share is 0"):
        bid_windows({"a": 0.1}, {"b": 0.1}, round_trip_share=0.0, ceilings=(0.1, 0.1))
    with pytest.raises(InputError, match="network charge is 0"):
        bid_windows({"a": 0.1}, {"b": 0.1}, round_trip_share=0.9, ceilings=(0.1, 0.0))


def test_nobody_beats_the_best_plan():
    """Foresight is never worth less than nothing, and the rule is the best under flat prices."""
    for meter in (FLAT, WAVE):
        table = foresight_costs(meter, NET_KWH, home_battery(6.0), DAYS)
        assert list(table.index) == list(FORESIGHT)
        assert (table["lost"] >= -1e-9).all()
        assert table["lost"].iloc[0] == 0
        best = battery_returns({"": meter}, NET_KWH, [home_battery(6.0)])["saving"] * 14 / 365
        np.testing.assert_allclose(table["saving"] + table["lost"], best.item())
    rule = foresight_costs(FLAT, NET_KWH, home_battery(6.0), DAYS)["lost"].iloc[-1]
    assert rule == pytest.approx(0.0, abs=1e-9)


def test_a_plan_over_time_keeps_its_balance():
    """Net load, charge and discharge add up to the meter."""
    store = battery_store(home_battery(4.0), DAYS.n_steps, step_h=0.5)
    table = plan_table(solve_exact(WAVE, NET_KWH, store), NET_KWH, DAYS)
    drawn = table["net_kw"] + table["charge_kw"] - table["discharge_kw"]
    np.testing.assert_allclose(drawn, table["meter_kw"], atol=1e-12)
    assert table["stored_kwh"].between(-1e-9, 4.0 + 1e-9).all()
    assert table["value"].between(0.0, 0.4).all()


def test_a_home_battery_loses_alike_both_ways():
    """And its power follows from its hours."""
    box = home_battery(10.0, round_trip_share=0.81, hours=4.0, wear_per_kwh=0.02)
    assert isinstance(box, Battery)
    assert (box.power_kw, box.wear_per_kwh) == (2.5, 0.02)
    assert box.charge_efficiency == box.discharge_efficiency == pytest.approx(0.9)
