"""Tests of the cheapest plans by HiGHS: another formulation, enumeration, laws and hand-solved."""

import dataclasses

import numpy as np
import pytest
from dispatch.lp_instances import (
    least_cost,
    least_cost_by_enumeration,
    random_meter,
    random_stores,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nemogrid.dispatch import linear_program
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.meter import (
    MeterPrices,
    PeriodBlocks,
    PeriodPeaks,
    meter_cost,
    two_prices,
)
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, SolveError

seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def box(n_steps, **changes):
    """Make a lossless store of 10 kWh, empty, that takes and gives 10 kWh a step."""
    given = {
        "name": "battery",
        "charge_limit_kwh": np.full(n_steps, 10.0),
        "discharge_limit_kwh": np.full(n_steps, 10.0),
        "lower_kwh": np.zeros(n_steps + 1),
        "upper_kwh": np.full(n_steps + 1, 10.0),
        "initial_kwh": 0.0,
    }
    return Store(**(given | changes))


def scaled(meter, factor):
    """Multiply all prices."""
    return dataclasses.replace(
        meter,
        prices=factor * meter.prices,
        wear_per_kwh=factor * meter.wear_per_kwh,
        blocks=tuple(dataclasses.replace(b, prices=factor * b.prices) for b in meter.blocks),
        peaks=tuple(
            dataclasses.replace(p, price_per_kw=factor * p.price_per_kw) for p in meter.peaks
        ),
    )


@given(seed=seeds, number=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_cost_is_that_of_a_program_of_another_shape(seed, number):
    """Blocks of steps and periods, peaks, wear, losses, none to three stores: no MIP is needed."""
    rng = np.random.default_rng(seed)
    meter, stores = random_meter(rng, 6), random_stores(rng, 6, number)
    # An export charge may make burning pay; here the program of export alone decides.
    meter = dataclasses.replace(
        meter,
        blocks=tuple(b for b in meter.blocks if b.sign > 0),
        peaks=tuple(p for p in meter.peaks if p.sign > 0),
    )
    net = rng.uniform(-3, 3, 6)
    plan = solve_lp(meter, net, stores)
    assert plan.cost == pytest.approx(least_cost(meter, net, stores), abs=1e-7)
    assert not stores or plan.certificate.method == "HiGHS LP, ties broken"
    assert abs(plan.certificate.gap) < 1e-9
    assert plan.certificate.primal_residual < 1e-8
    discharged = sum((path.discharge_kwh for path in plan.paths), np.zeros(6))
    own_wear = sum(
        s.wear_per_kwh * p.discharge_kwh.sum() for s, p in zip(stores, plan.paths, strict=True)
    )
    assert plan.cost == pytest.approx(meter_cost(meter, plan.net_kwh, discharged) + own_wear)
    drawn = sum((path.drawn_kwh for path in plan.paths), np.zeros(6))
    assert plan.net_kwh == pytest.approx(net + drawn, abs=1e-12)


@given(seed=seeds, number=st.integers(1, 2))
@settings(max_examples=12, deadline=None)
def test_where_burning_or_crossing_would_pay_the_plan_is_the_best_of_all_directions(seed, number):
    """Negative prices, export charges and negative block prices, against enumeration."""
    rng = np.random.default_rng(seed)
    n_steps = 3 if number == 1 else 2
    meter = random_meter(rng, n_steps, lowest=-0.6, block_from=-0.5)
    stores = random_stores(rng, n_steps, number)
    net = rng.uniform(-3, 3, n_steps)
    plan = solve_lp(meter, net, stores)
    best = least_cost_by_enumeration(meter, net, stores)
    assert plan.cost == pytest.approx(best, abs=1e-7)
    assert all(np.minimum(p.charge_kwh, p.discharge_kwh).max() == 0 for p in plan.paths)


BURNING = two_prices(np.array([0.3, -0.5, 0.3]), np.array([0.1, -0.5, 0.1]), step_h=1.0)


def test_energy_is_not_burnt_where_it_would_pay():
    """A full store that is paid 0.5 to draw cannot draw, whatever the relaxed program says."""
    full = box(3, initial_kwh=10.0, charge_efficiency=0.8, lower_kwh=[0, 10, 10, 10])
    plan = solve_lp(BURNING, np.zeros(3), (full,))
    assert plan.certificate.method == "HiGHS MIP, 1 binaries"
    assert plan.certificate.gap == pytest.approx(0, abs=1e-9)
    assert plan.cost == pytest.approx(0, abs=1e-9)
    assert plan.stored_value is None
    assert plan.paths[0].drawn_kwh == pytest.approx(np.zeros(3), abs=1e-9)


def test_an_optimum_that_is_not_proven_in_time_names_the_step():
    """No time, no result."""
    full = box(3, initial_kwh=10.0, charge_efficiency=0.8, lower_kwh=[0, 10, 10, 10])
    program = linear_program.assemble(BURNING, np.zeros(3), (full,))
    relaxed = linear_program.solve_arrays(linear_program.in_arrays(program))
    with pytest.raises(SolveError, match=r"battery: at step 1 .* MIP with 1 binaries .* limit"):
        linear_program._solve_mip(BURNING, np.zeros(3), (full,), program, relaxed, 0.0)


def test_a_peak_is_shaved_to_the_mean():
    """By hand: 4 kWh in the second hour at 1 per kW become 2 and 2."""
    meter = MeterPrices(
        step_h=1.0,
        prices=np.tile([0.05, 0.1], (2, 1)),
        edges_kwh=np.zeros((2, 1)),
        peaks=(
            PeriodPeaks(
                item="peak", sign=1, period_of_step=np.zeros(2, int), price_per_kw=np.ones(1)
            ),
        ),
    )
    plan = solve_lp(meter, np.array([0.0, 4.0]), (box(2),))
    assert plan.net_kwh == pytest.approx([2, 2])
    assert plan.cost == pytest.approx(0.4 + 2.0)
    hour = dataclasses.replace(meter, step_h=0.5)
    assert solve_lp(hour, np.array([0.0, 4.0]), (box(2),)).cost == pytest.approx(0.4 + 4.0)


def test_a_cheap_block_of_a_period_is_filled_for_the_next_one():
    """By hand: 3 kWh a month at 0.1, then 0.3; loads of 2 and 6 become 3 and 5."""
    meter = MeterPrices(
        step_h=1.0,
        prices=np.zeros((2, 2)),
        edges_kwh=np.zeros((2, 1)),
        blocks=(
            PeriodBlocks(
                item="energy",
                sign=1,
                period_of_step=np.array([0, 1]),
                limits_kwh=np.full((2, 1), 3.0),
                prices=np.array([0.1, 0.3]),
            ),
        ),
    )
    plan = solve_lp(meter, np.array([2.0, 6.0]), (box(2),))
    assert plan.net_kwh == pytest.approx([3, 5])
    assert plan.cost == pytest.approx(0.3 + 0.3 + 0.6)


@given(seed=seeds)
@quick
def test_scaling_all_prices_scales_the_cost_and_not_the_plan(seed):
    """Doubling all prices doubles the cost."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 6), rng.uniform(-3, 3, 6)
    (store,) = random_stores(rng, 6, 1)
    one, two = (
        solve_lp(
            scaled(meter, f),
            net,
            (dataclasses.replace(store, wear_per_kwh=f * store.wear_per_kwh),),
        )
        for f in (1.0, 2.0)
    )
    assert two.cost == pytest.approx(2 * one.cost, abs=1e-7)


@given(seed=seeds)
@quick
def test_more_capacity_never_costs_more_and_no_power_is_no_store(seed):
    """A larger store can do all that a smaller one can; without power it does nothing."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 6), rng.uniform(-3, 3, 6)
    (store,) = random_stores(rng, 6, 1)
    larger = dataclasses.replace(store, upper_kwh=2 * store.upper_kwh)
    idle = dataclasses.replace(store, charge_limit_kwh=np.zeros(6), discharge_limit_kwh=np.zeros(6))
    small, large, none = (solve_lp(meter, net, (s,)).cost for s in (store, larger, idle))
    assert large <= small + 1e-9
    assert small <= none + 1e-9
    assert none == pytest.approx(meter_cost(meter, net), abs=1e-9)


@given(seed=seeds, shift=st.floats(0, 0.5))
@quick
def test_a_shift_of_all_prices_costs_the_net_energy_of_a_lossless_store(seed, shift):
    """What is stored comes back, so that every plan pays the shift on the same energy."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 6), rng.uniform(-3, 3, 6)
    (store,) = random_stores(rng, 6, 1, lossless=True)
    ends = store.lower_kwh.copy(), store.upper_kwh.copy()
    for end in ends:
        end[-1] = store.initial_kwh
    store = dataclasses.replace(store, lower_kwh=ends[0], upper_kwh=ends[1])
    plan = solve_lp(meter, net, (store,))
    dearer = solve_lp(dataclasses.replace(meter, prices=meter.prices + shift), net, (store,))
    assert dearer.cost == pytest.approx(plan.cost + shift * net.sum(), abs=1e-7)


@given(seed=seeds)
@quick
def test_two_equal_lossless_stores_cost_what_one_of_twice_the_size_costs(seed):
    """Halves can always share the work of the whole."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 6), rng.uniform(-3, 3, 6)
    (half,) = random_stores(rng, 6, 1, lossless=True)
    twice = {
        name: 2 * getattr(half, name)
        for name in (
            "charge_limit_kwh", "discharge_limit_kwh", "lower_kwh", "upper_kwh", "initial_kwh"
        )
    }  # fmt: skip
    whole = solve_lp(meter, net, (dataclasses.replace(half, **twice),))
    halves = solve_lp(meter, net, (half, half))
    assert halves.cost == pytest.approx(whole.cost, abs=1e-7)
    stored = sum(path.stored_kwh for path in halves.paths)
    if not meter.couples_steps:
        assert stored == pytest.approx(whole.paths[0].stored_kwh, abs=1e-6)


@given(seed=seeds)
@quick
def test_the_price_of_stored_energy_is_what_a_little_more_saves(seed):
    """A kWh that appears in the store saves its price, on one side of a kink or the other."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 5), rng.uniform(-3, 3, 5)
    (store,) = random_stores(rng, 5, 1)
    plan, step, little = solve_lp(meter, net, (store,)), int(rng.integers(5)), 1e-3
    assume(plan.stored_value is not None)
    costs = []
    for gift in (-little, little):
        used = store.used_kwh.copy()
        used[step] = -gift
        given_more = dataclasses.replace(store, used_kwh=used)
        try:
            costs.append(solve_lp(meter, net, (given_more,)).cost)
        except SolveError:
            costs.append(np.inf)
    value = plan.stored_value[step]
    assert (plan.cost - costs[1]) / little <= value + 1e-6
    assert value <= (costs[0] - plan.cost) / little + 1e-6


def test_what_cannot_be_run_is_named():
    """A store and its step; arrays that do not fit; numbers that are none."""
    meter = two_prices(np.full(3, 0.3), np.full(3, 0.1), step_h=1.0)
    car = box(3, name="vehicle", charge_limit_kwh=[2, 2, 2], lower_kwh=[0, 0, 5, 0])
    with pytest.raises(SolveError, match=r"vehicle: at the start of step 2 .* at most 4 kWh"):
        solve_lp(meter, np.zeros(3), (box(3), car))
    with pytest.raises(InputError, match=r"prices for 3 steps, but .*battery.*\(4,\)"):
        solve_lp(meter, np.zeros(3), (box(4),))
    with pytest.raises(InputError, match="net energy at step 1 is not"):
        solve_lp(meter, np.array([0, np.nan, 0]), (box(3),))
