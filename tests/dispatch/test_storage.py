"""Tests of the battery of one household against two prices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nemogrid as ng
from nemogrid.dispatch.storage import ENGINES
from nemogrid.errors import InputError, SolveError

BOX = ng.Battery(
    capacity_kwh=6.0, power_kw=3.0, charge_efficiency=0.95, discharge_efficiency=0.92,
    wear_per_kwh=0.02,
)  # fmt: skip


def household(T, seed=0):
    """Draw a net load, prices of time of use, and a feed-in price below them."""
    rng = np.random.default_rng(seed)
    net_kw = rng.normal(0.0, 2.0, T)
    import_price = rng.choice([0.2, 0.3, 0.35], T)
    return net_kw, import_price, np.minimum(import_price, 0.08)


@pytest.mark.parametrize("seed", range(3))
def test_the_three_engines_agree_on_optimum_and_plan(seed):
    """Same cost to 1e-7 of it, same stored energy to 1e-6 kWh, all proved."""
    net_kw, import_price, export_price = household(7 * 48, seed)
    plans = {
        engine: ng.optimise_storage(
            net_kw, BOX, import_price, export_price, step_h=0.5, engine=engine
        )
        for engine in ENGINES
    }
    exact = plans["exact"]
    for plan in plans.values():
        assert plan.cost == pytest.approx(exact.cost, rel=1e-7)
        assert plan.stored_kwh == pytest.approx(exact.stored_kwh, abs=1e-6)
        assert plan.certificate.gap < 1e-6
    assert len({plan.certificate.method for plan in plans.values()}) == 3


@settings(max_examples=40)
@given(
    net_kw=arrays(float, 24, elements=st.integers(-40, 40).map(lambda n: n / 10)),
    prices=arrays(float, 24, elements=st.integers(0, 50).map(lambda n: n / 100)),
)
def test_the_plan_balances_and_costs_what_it_says(net_kw, prices):
    """Energy, limits, no both-ways steps, and the cost of the flows it implies."""
    plan = ng.optimise_storage(net_kw, BOX, prices, 0.5 * prices, step_h=0.5)
    meter_kwh = 0.5 * (net_kw + plan.charge_kw - plan.discharge_kw)
    paid = prices * np.maximum(meter_kwh, 0.0) - 0.5 * prices * np.maximum(-meter_kwh, 0.0)
    wear = BOX.wear_per_kwh * 0.5 * plan.discharge_kw.sum()
    assert plan.cost == pytest.approx(paid.sum() + wear, abs=1e-9)
    change = 0.5 * (0.95 * plan.charge_kw - plan.discharge_kw / 0.92)
    assert np.diff(plan.stored_kwh) == pytest.approx(change, abs=1e-9)
    assert (np.minimum(plan.charge_kw, plan.discharge_kw) == 0).all()
    assert max(plan.charge_kw.max(), plan.discharge_kw.max()) <= BOX.power_kw + 1e-12
    assert plan.stored_kwh.min() >= 0
    assert plan.stored_kwh.max() <= BOX.capacity_kwh
    assert plan.stored_kwh[-1] >= plan.stored_kwh[0] == 3.0


@pytest.mark.parametrize("engine", ENGINES)
def test_the_end_may_be_told_otherwise(engine):
    """Without a condition the battery ends empty where energy has a price."""
    net_kw, import_price, export_price = household(48)
    plan = ng.optimise_storage(
        net_kw, BOX, import_price, export_price, step_h=0.5, engine=engine, end_soc_share=0.0
    )
    assert plan.stored_kwh[-1] == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(InputError, match="end_soc_share is 2.0: expected 0 to 1"):
        ng.optimise_storage(
            net_kw, BOX, import_price, export_price, step_h=0.5, engine=engine, end_soc_share=2.0
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_arbitrage_within_a_step_is_refused(engine):
    """Export above import would be unbounded: the step is named."""
    with pytest.raises(SolveError, match="unbounded arbitrage: at step 1"):
        ng.optimise_storage([1.0, 1.0], BOX, [0.3, 0.2], [0.1, 0.25], step_h=1.0, engine=engine)


@pytest.mark.parametrize("engine", ["exact", "highs"])
def test_negative_prices_are_solved_without_burning(engine):
    """Where burning would pay, either way is chosen, and the best of both is found."""
    full = ng.Battery(
        capacity_kwh=1.0, power_kw=1.0, charge_efficiency=0.9, discharge_efficiency=0.9,
        initial_soc_share=1.0,
    )  # fmt: skip
    plan = ng.optimise_storage([-2.0, -2.0], full, 0.3, -0.1, step_h=1.0, engine=engine)
    assert (np.minimum(plan.charge_kw, plan.discharge_kw) <= 1e-9).all()
    # Giving away 0.81 kWh at -0.1 makes room for 1 kWh of surplus that nobody wants.
    assert plan.cost == pytest.approx(0.4 + 0.081 - 0.1, abs=1e-9)
    assert "MIP" in plan.certificate.method


@pytest.mark.parametrize("zero", ["capacity_kwh", "power_kw"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_battery_of_nothing_changes_nothing(engine, zero):
    """Zero power or zero capacity is no battery."""
    net_kw, import_price, export_price = household(24)
    sizes = {"capacity_kwh": 5.0, "power_kw": 3.0} | {zero: 0.0}
    nothing = ng.Battery(charge_efficiency=1.0, discharge_efficiency=1.0, **sizes)
    plan = ng.optimise_storage(
        net_kw, nothing, import_price, export_price, step_h=1.0, engine=engine
    )
    bought, sold = np.maximum(net_kw, 0.0), np.maximum(-net_kw, 0.0)
    assert plan.cost == pytest.approx((import_price * bought - export_price * sold).sum())
    assert np.abs(plan.charge_kw).max() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engine": "magic"}, "engine is 'magic': expected one of exact, highs, glpk"),
        ({"step_h": 0.0}, "step_h is 0.0"),
        ({"net_load_kw": [[1.0]]}, "net_load_kw has shape .*expected one dimension"),
        ({"net_load_kw": []}, "net_load_kw has shape .*expected one dimension and a step"),
        ({"net_load_kw": []}, "net_load_kw has shape"),
        ({"import_price": [0.1]}, "import_price has shape .1,.: expected shape .2,. or one"),
        ({"export_price": [0.1, np.nan]}, "export_price is nan at step 1"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    """What, where, and what was expected."""
    arguments = {
        "net_load_kw": [1.0, -1.0], "battery": BOX, "import_price": [0.3, 0.3],
        "export_price": 0.1, "step_h": 0.5,
    } | changes  # fmt: skip
    with pytest.raises(InputError, match=message):
        ng.optimise_storage(**arguments)


@pytest.mark.long
def test_a_year_agrees_with_highs():
    """All half-hours of a year at once."""
    net_kw, import_price, export_price = household(17_520)
    exact, highs = (
        ng.optimise_storage(net_kw, BOX, import_price, export_price, step_h=0.5, engine=engine)
        for engine in ("exact", "highs")
    )
    assert exact.cost == pytest.approx(highs.cost, rel=1e-7)
