"""The worth of flexible devices: no plan costs more than no control, and none breaks a corridor."""

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.charges import Charge
from nemogrid.community import PV, Community, ElectricVehicle, HeatPump, Member, ShiftableLoad
from nemogrid.dispatch import read_meter_prices
from nemogrid.dispatch.member_stores import KINDS, member_stores, uncontrolled
from nemogrid.errors import InputError, LabelError
from nemogrid.profiles import build_profiles
from nemogrid.studies.flexible import TOGETHER, device_values, plan_house, store_table
from nemogrid.studies.storage import home_battery

HOUSE = Member(
    name="a", bus=1, yearly_kwh=4500.0, pv=PV(peak_kw=5.0), battery=home_battery(5.0),
    vehicle=ElectricVehicle(), heat_pump=HeatPump(), shiftable=ShiftableLoad(),
)  # fmt: skip
WEEK = ng.Timeline(pd.Timestamp("2026-03-16 10:00", tz="Europe/Zurich"), 0.5, 336)


@pytest.fixture(scope="module")
def profiles():
    """A week in March."""
    return build_profiles(Community((HOUSE,)), WEEK, seed=1)


def sheet(import_price):
    """Charges of one import price, flat or by step, and a buy-back of 6 cents."""
    return (
        Charge(item="energy", quantity="imported", price=import_price, payee="retailer"),
        Charge(item="buy-back", quantity="exported", price=-0.06, payee="retailer"),
    )


TWO_LEVELS = pd.Series(np.where((WEEK.hour >= 7) & (WEEK.hour < 20), 0.35, 0.2), index=WEEK.index)


@pytest.mark.parametrize("price", [0.28, TWO_LEVELS], ids=["flat", "two levels"])
def test_a_plan_saves_and_all_together_save_no_more_than_each_alone(profiles, price):
    """Each device alone has the whole sun to itself; together they share it."""
    values = device_values(HOUSE, profiles, sheet(price))
    assert list(values.index) == [*KINDS, TOGETHER]
    assert (values["saving"] >= -1e-9).all()
    np.testing.assert_allclose(values["usual"] - values["best"], values["saving"], atol=1e-9)
    alone = values["saving"].drop(TOGETHER)
    assert alone.max() - 1e-6 <= values.loc[TOGETHER, "saving"]
    assert (values["moved_kwh"] >= 0).all()
    assert values.loc[TOGETHER, "method"] == "HiGHS LP, ties broken"
    assert set(values["method"].drop(TOGETHER)) == {"exact engine: merged slopes"}
    apart = device_values(HOUSE, profiles, sheet(price), together=False)
    pd.testing.assert_frame_equal(apart, values.drop(TOGETHER))


def test_without_sun_at_a_flat_price_nothing_is_worth_moving(profiles):
    """There is no better moment than any other."""
    dark = build_profiles(Community((Member(name="a", bus=1, yearly_kwh=4500.0),)), WEEK, seed=1)
    dark = ng.results.Profiles(
        timeline=WEEK, load_kw=dark.load_kw, pv_kw=dark.pv_kw, reactive_kvar=dark.reactive_kvar,
        vehicle_kw=profiles.vehicle_kw, heat_pump_kw=profiles.heat_pump_kw,
    )  # fmt: skip
    values = device_values(HOUSE, dark, sheet(0.28))
    np.testing.assert_allclose(values["saving"], 0.0, atol=1e-6)


def test_savings_are_per_year(profiles):
    """Twice the prices save twice as much, whatever the length of the timeline."""
    once = device_values(HOUSE, profiles, sheet(TWO_LEVELS))["saving"]
    doubled = tuple(
        Charge(item=c.item, quantity=c.quantity, price=2 * c.price, payee=c.payee)
        for c in sheet(TWO_LEVELS)
    )
    np.testing.assert_allclose(
        device_values(HOUSE, profiles, doubled)["saving"], 2 * once, rtol=1e-7, atol=1e-6
    )


def test_the_corridor_holds_what_runs(profiles):
    """Uncontrolled and best plan of each device, alone, stay between its bounds."""
    from dataclasses import replace

    meter = read_meter_prices(sheet(TWO_LEVELS), WEEK, ("a",), "a")
    for kind in KINDS:
        house = replace(HOUSE, **{k: None for k in KINDS if k != kind})
        (store,) = member_stores(house, profiles).values()
        plan = plan_house(house, profiles, meter)
        usual = uncontrolled(house, profiles)[kind] * WEEK.step_h
        usual = usual + (store.used_kwh if kind == "shiftable" else 0.0)
        drawn = {"uncontrolled": usual, "optimum": plan.paths[0].drawn_kwh}
        table = store_table(store, WEEK, drawn)
        np.testing.assert_allclose(table["optimum_kwh"], plan.paths[0].stored_kwh[1:], atol=1e-6)
        # The rule of a battery does not ask how full it ends.
        checked = ["optimum"] if kind == "battery" else ["optimum", "uncontrolled"]
        for name in checked:
            assert (table[f"{name}_kwh"] >= table["lower_kwh"] - 1e-6).all()
            assert (table[f"{name}_kwh"] <= table["upper_kwh"] + 1e-6).all()
    with pytest.raises(LabelError, match="3 steps"):
        store_table(store, WEEK, {"short": np.zeros(3)})


def test_a_house_without_anything_flexible_is_refused(profiles):
    """There is nothing to value."""
    plain = Member(name="a", bus=1, yearly_kwh=4500.0)
    with pytest.raises(InputError, match="nothing flexible"):
        device_values(plain, profiles, sheet(0.28))
