"""Tests of how far a household sees."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.devices import Battery
from nemogrid.dispatch import Planning
from nemogrid.dispatch.exact import path_residual, solve_exact
from nemogrid.dispatch.horizons import day_spans, naive_forecast, plan_ahead
from nemogrid.dispatch.meter import PeriodPeaks, two_prices
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.errors import SolveError
from nemogrid.timeline import Timeline

TIMELINE = make_timeline(9)
T = TIMELINE.n_steps
BOX = Battery(capacity_kwh=5.0, power_kw=3.0, charge_efficiency=0.95, discharge_efficiency=0.95)
STORE = battery_store(BOX, T, step_h=0.5)
SPOT = 0.2 + 0.1 * np.sin(TIMELINE.hour / 12 * np.pi) + 0.02 * TIMELINE.day
METER = two_prices(SPOT, np.full(T, 0.05), step_h=0.5)


def net(seed=0):
    """Draw a house with PV."""
    rng = np.random.default_rng(seed)
    sun = np.clip(np.sin((TIMELINE.hour - 6) / 12 * np.pi), 0, None)
    return 0.5 * (rng.gamma(2.0, 0.4, T) - 3 * sun * rng.uniform(0, 1, T))


def test_days_are_local_and_leave_nothing_out():
    """The day of the change to summer time has 46 half-hours."""
    spans = list(day_spans(TIMELINE))
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert (spans[0][0], spans[-1][1]) == (0, T)
    lengths = [end - start for start, end in spans]
    assert sorted(set(lengths)) == [2, 46, 48]  # nine times 24 hours end an hour into a tenth day


@pytest.mark.parametrize("seed", range(4))
def test_seeing_farther_never_costs_more_and_one_day_alone_is_the_optimum_of_its_day(seed):
    """The whole timeline is the best of all; a day for itself is the engine's plan of that day."""
    net_kwh = net(seed)
    plans = {
        name: plan_ahead(METER, net_kwh, (STORE,), TIMELINE, planning=planning)
        for name, planning in {
            "whole": Planning(),
            "rolling": Planning(horizon="rolling"),
            "day": Planning(horizon="day"),
            "naive": Planning(horizon="day", foresight="naive"),
        }.items()
    }
    for plan in plans.values():
        assert plan.cost >= plans["whole"].cost - 1e-9
        assert path_residual(STORE, plan.paths[0]) < 1e-9
    first = dataclasses.replace(METER, prices=METER.prices[:48], edges_kwh=METER.edges_kwh[:48])
    alone = solve_exact(first, net_kwh[:48], battery_store(BOX, 48, step_h=0.5))
    assert plans["day"].paths[0].stored_kwh[:49] == pytest.approx(alone.paths[0].stored_kwh)
    assert "each day for itself, perfect foresight" in plans["day"].certificate.method


def test_a_battery_ends_each_day_with_what_it_began_with():
    """The rule at midnight, for the day planner."""
    plan = plan_ahead(METER, net(1), (STORE,), TIMELINE, planning=Planning(horizon="day"))
    midnight = [plan.paths[0].stored_kwh[end] for _, end in day_spans(TIMELINE)]
    assert min(midnight) >= STORE.initial_kwh - 1e-9


def test_looking_ahead_pays():
    """With 168 hours ahead it costs no more than with none."""
    short, long = (
        plan_ahead(
            METER, net(2), (STORE,), TIMELINE,
            planning=Planning(horizon="rolling", look_ahead_h=hours),
        ).cost
        for hours in (0.0, 168.0)
    )  # fmt: skip
    assert long <= short + 1e-9


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), horizon=st.sampled_from(["day", "rolling"]))
def test_a_car_is_always_ready(seed, horizon):
    """A day planner does not leave the car empty at midnight if it must be full at seven."""
    rng = np.random.default_rng(seed)
    lower_kwh = np.zeros(T + 1)
    ready = np.flatnonzero(TIMELINE.hour == 7)
    lower_kwh[ready] = 20.0
    used_kwh = np.zeros(T)
    used_kwh[ready] = rng.uniform(0, 20, len(ready))
    home = (TIMELINE.hour < 7) | (TIMELINE.hour >= 18)
    car = Store(
        name="vehicle", charge_limit_kwh=np.where(home, 1.5, 0.0),
        discharge_limit_kwh=np.zeros(T), lower_kwh=lower_kwh, upper_kwh=np.full(T + 1, 40.0),
        initial_kwh=20.0, used_kwh=used_kwh,
    )  # fmt: skip
    planning = Planning(horizon=horizon, foresight=str(rng.choice(["perfect", "naive"])))
    plan = plan_ahead(METER, net(seed), (car,), TIMELINE, planning=planning)
    assert path_residual(car, plan.paths[0]) < 1e-9


def test_several_stores_are_planned_day_by_day_too():
    """By HiGHS, and the energy balances."""
    net_kwh = net(3)
    plan = plan_ahead(METER, net_kwh, (STORE, STORE), TIMELINE, planning=Planning(horizon="day"))
    drawn = sum(path.drawn_kwh for path in plan.paths)
    assert plan.net_kwh == pytest.approx(net_kwh + drawn)
    one = plan_ahead(METER, net_kwh, (STORE,), TIMELINE, planning=Planning(horizon="day"))
    assert plan.cost <= one.cost + 1e-9
    assert "HiGHS" in plan.certificate.method


def test_the_naive_forecast_knows_nothing_of_the_day():
    """It is the same whatever the day brings, and exact where days repeat."""
    quiet, changed = net(4), net(4)
    changed[3 * 48 :] += 1.0
    day = slice(3 * 48, 4 * 48)
    assert np.array_equal(
        naive_forecast(quiet, TIMELINE)[day], naive_forecast(changed, TIMELINE)[day]
    )
    steady = Timeline(pd.Timestamp("2026-01-01", tz="UTC"), 1.0, 240)
    same = np.tile(np.arange(24.0), 10)
    assert np.array_equal(naive_forecast(same, steady), same)


@pytest.mark.parametrize("start", ["2026-03-24", "2026-10-20", "2026-07-07 13:00"])
@pytest.mark.parametrize(
    "planning",
    [
        Planning(horizon="day", foresight="naive"),
        Planning(horizon="rolling", foresight="naive", look_ahead_h=48.0),
    ],
    ids=lambda planning: planning.horizon,
)
def test_a_naive_plan_does_not_depend_on_what_comes_later(start, planning):
    """Neither in the day nor in the look ahead, also where a day has 25 hours."""
    days = Timeline(pd.Timestamp(start, tz="Europe/Zurich"), 0.5, 10 * 48)
    rng = np.random.default_rng(1)
    net_kwh, later_kwh = rng.normal(0.0, 1.0, (2, days.n_steps))
    spot = rng.uniform(0.1, 0.3, days.n_steps)
    store = battery_store(BOX, days.n_steps, step_h=0.5)
    meter = two_prices(spot, 0.3 * spot, step_h=0.5)
    for stores in ((store,), (store, store)):
        known = plan_ahead(meter, net_kwh, stores, days, planning=planning)
        for _, until in list(day_spans(days))[2:-1:3]:
            changed = np.r_[net_kwh[:until], later_kwh[until:]]
            plan = plan_ahead(meter, changed, stores, days, planning=planning)
            for path, before in zip(plan.paths, known.paths, strict=True):
                assert path.drawn_kwh[:until] == pytest.approx(before.drawn_kwh[:until], abs=1e-9)
            if len(stores) == 1:  # which acts on what the meter sees, up to the last step
                changed = np.r_[net_kwh[: until - 9], later_kwh[until - 9 :]]
                (path,) = plan_ahead(meter, changed, stores, days, planning=planning).paths
                before = known.paths[0].drawn_kwh[: until - 9]
                assert path.drawn_kwh[: until - 9] == pytest.approx(before, abs=1e-9)


def test_charges_beyond_the_horizon_are_refused():
    """A day cannot see the peak of a month."""
    peak = PeriodPeaks(
        item="peak", sign=1, period_of_step=np.zeros(T, dtype=int), price_per_kw=np.ones(1)
    )
    with pytest.raises(SolveError, match="single days cannot see 'peak'"):
        plan_ahead(
            dataclasses.replace(METER, peaks=(peak,)), net(), (STORE,), TIMELINE,
            planning=Planning(horizon="day"),
        )  # fmt: skip
