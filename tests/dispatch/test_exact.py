"""Tests of the exact engine: optimality by duals, by another solver, by laws and by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.dispatch.exact import (
    burning_steps,
    cost_to_go,
    follow_levels,
    path_residual,
    solve_exact,
    storage_levels,
    stored_value,
    with_value,
)
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.meter import MeterPrices, PeriodPeaks, meter_cost, two_prices
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, SolveError

MONEY = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5])
ENERGY = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.5, 3.0]) | st.integers(0, 300).map(
    lambda n: n / 100
)


@st.composite
def cases(draw, longest=24):
    """Draw a meter, a net load and a store that can keep its bounds; ties are frequent."""
    T = draw(st.integers(1, longest))
    series = lambda values: draw(arrays(float, T, elements=values))  # noqa: E731
    import_price = series(MONEY | st.integers(0, 1000).map(lambda n: n / 1000))
    spread = series(st.sampled_from([0.0, 0.05, 0.1]))
    meter = two_prices(import_price, np.maximum(import_price - spread, 0.0), step_h=0.5)
    if draw(st.booleans()):  # an injection block and an import block on top
        prices = np.column_stack(
            [meter.prices[:, 0] - 0.03, meter.prices, meter.prices[:, 1] + 0.04]
        )
        edges = np.tile([-1.0, 0.0, 1.25], (T, 1))
        prices = np.round(prices, 9)  # 0.05 - 0.03 is not 0.02, and would break a tie
        meter = MeterPrices(step_h=0.5, prices=prices, edges_kwh=edges)
        assume(prices.min() >= 0)
    meter = dataclasses.replace(meter, wear_per_kwh=draw(st.sampled_from([0.0, 0.02, 0.4])))
    net_kwh = series(ENERGY) - series(ENERGY)
    capacity = draw(ENERGY)
    kept = draw(st.sampled_from([1.0, 1.0, 0.99, 0.8]))
    upper_kwh = capacity * np.r_[1.0, series(st.sampled_from([1.0, 1.0, 0.5]))]
    store = Store(
        name="store",
        charge_limit_kwh=series(ENERGY),
        discharge_limit_kwh=series(ENERGY),
        lower_kwh=np.zeros(T + 1),
        upper_kwh=upper_kwh,
        initial_kwh=draw(st.sampled_from([0.0, 0.5, 1.0])) * capacity,
        charge_efficiency=draw(st.sampled_from([1.0, 0.95, 0.8])),
        discharge_efficiency=draw(st.sampled_from([1.0, 0.95, 0.8])),
        kept_share=kept,
        used_kwh=series(st.sampled_from([0.0, 0.0, 0.1])) * capacity,
        wear_per_kwh=draw(st.sampled_from([0.0, 0.01])),
    )
    # A path that the store can take, and bounds around it that bind here and there.
    stored, some = [store.initial_kwh], series(st.integers(-8, 8).map(lambda n: n / 8))
    for t in range(T):
        change = (
            some[t] * store.charge_efficiency * store.charge_limit_kwh[t]
            if some[t] > 0
            else some[t] * store.discharge_limit_kwh[t] / store.discharge_efficiency
        )
        stored.append(kept * stored[-1] + change - store.used_kwh[t])
    path = np.array(stored)
    tight = np.r_[False, series(st.sampled_from([0.0, 0.0, 0.0, 1.0])) > 0]
    lower_kwh = np.where(tight, path, np.minimum(path, 0.0))
    return (
        meter,
        net_kwh,
        dataclasses.replace(store, lower_kwh=lower_kwh, upper_kwh=np.maximum(path, upper_kwh)),
    )


@settings(max_examples=600)
@given(case=cases())
def test_the_optimum_is_that_of_a_linear_program(case):
    """Six hundred draws with ties, losses, blocks and binding bounds agree with HiGHS to 1e-7."""
    meter, net_kwh, store = case
    plan = solve_exact(meter, net_kwh, store)
    other = solve_lp(meter, net_kwh, (store,), tie_break=False)
    scale = max(1.0, abs(other.cost))
    assert plan.cost == pytest.approx(other.cost, abs=1e-7 * scale)


@settings(max_examples=300)
@given(case=cases(longest=60))
def test_the_prices_of_stored_energy_prove_every_plan(case):
    """No other solver is asked: the gap is rounding, and the store keeps all its bounds."""
    meter, net_kwh, store = case
    plan = solve_exact(meter, net_kwh, store)
    assert plan.certificate.gap < 1e-12
    assert plan.certificate.primal_residual < 1e-9
    (path,) = plan.paths
    wear = store.wear_per_kwh * path.discharge_kwh.sum()
    assert plan.cost == meter_cost(meter, net_kwh + path.drawn_kwh, path.discharge_kwh) + wear
    assert path_residual(store, path) == plan.certificate.primal_residual


@settings(max_examples=60)
@given(case=cases(longest=16), kwh=st.floats(0.01, 1.0))
def test_the_certificate_sees_a_plan_that_is_not_optimal(case, kwh):
    """Any other feasible plan has a gap of at least what it costs more."""
    meter, net_kwh, store = case
    best = solve_exact(meter, net_kwh, store)
    dull = solve_exact(
        two_prices(np.ones(store.n_steps), np.ones(store.n_steps), step_h=0.5), net_kwh, store
    ).paths[0]
    value = stored_value(meter, net_kwh, store, dull)
    assert value.shape == (store.n_steps,)
    excess = meter_cost(meter, net_kwh + dull.drawn_kwh, dull.discharge_kwh) - meter_cost(
        meter, best.net_kwh, best.paths[0].discharge_kwh
    )
    excess += store.wear_per_kwh * (dull.discharge_kwh - best.paths[0].discharge_kwh).sum()
    assert excess >= -1e-12
    if excess > 1e-4 * max(1.0, abs(best.cost), np.abs(meter.prices).max() * np.abs(net_kwh).sum()):
        with pytest.raises(SolveError, match="gap"):
            with_value(meter, net_kwh, store, dull, method="a dull plan")


@settings(max_examples=60)
@given(case=cases(longest=12))
def test_the_plan_is_the_unique_one_of_the_tie_break(case):
    """HiGHS, asked three times in a row, chooses the same plan among those of equal cost."""
    meter, net_kwh, store = case
    assume(store.kept_share == 1.0)
    (mine,) = solve_exact(meter, net_kwh, store).paths
    (other,) = solve_lp(meter, net_kwh, (store,), tie_break=True).paths
    assert mine.stored_kwh == pytest.approx(other.stored_kwh, abs=1e-6)


@settings(max_examples=60)
@given(case=cases(), factor=st.sampled_from([0.5, 2.0, 4.0]))
def test_scaling_prices_scales_the_cost_and_keeps_the_plan(case, factor):
    """Doubled prices and wear double what is paid."""
    meter, net_kwh, store = case
    dearer = dataclasses.replace(
        meter, prices=factor * meter.prices, wear_per_kwh=factor * meter.wear_per_kwh
    )
    worn = dataclasses.replace(store, wear_per_kwh=factor * store.wear_per_kwh)
    plan, scaled = solve_exact(meter, net_kwh, store), solve_exact(dearer, net_kwh, worn)
    assert scaled.cost == pytest.approx(factor * plan.cost, rel=1e-12)
    assert np.array_equal(scaled.paths[0].stored_kwh, plan.paths[0].stored_kwh)


@settings(max_examples=40)
@given(case=cases(longest=12))
def test_half_steps_cost_the_same(case):
    """Every step cut in two, with half the energy each: the same cost, where nothing decays."""
    meter, net_kwh, store = case
    assume(store.kept_share == 1.0)
    half = lambda array: np.repeat(array, 2, axis=0) / 2  # noqa: E731
    doubled = MeterPrices(
        step_h=0.25,
        prices=np.repeat(meter.prices, 2, axis=0),
        edges_kwh=half(meter.edges_kwh),
        wear_per_kwh=meter.wear_per_kwh,
    )

    def between(bounds, widest):
        fine = np.full(2 * store.n_steps + 1, widest)
        fine[::2] = bounds
        return fine

    finer = dataclasses.replace(
        store,
        charge_limit_kwh=half(store.charge_limit_kwh),
        discharge_limit_kwh=half(store.discharge_limit_kwh),
        used_kwh=half(store.used_kwh),
        lower_kwh=between(store.lower_kwh, -1e3),
        upper_kwh=between(store.upper_kwh, 1e3),
    )
    coarse, fine = solve_exact(meter, net_kwh, store), solve_exact(doubled, half(net_kwh), finer)
    assert fine.cost == pytest.approx(coarse.cost, abs=1e-9)


@given(case=cases(), more=st.floats(0, 2))
def test_a_larger_store_never_costs_more(case, more):
    """Nobody is made to use what is offered."""
    meter, net_kwh, store = case
    larger = dataclasses.replace(store, upper_kwh=store.upper_kwh + more)
    assert (
        solve_exact(meter, net_kwh, larger).cost <= solve_exact(meter, net_kwh, store).cost + 1e-9
    )


@given(case=cases())
@example(case=(two_prices(np.ones(1), np.ones(1), step_h=1.0), np.ones(1), None))
def test_without_power_nothing_happens(case):
    """A store that cannot move leaves the bill alone."""
    meter, net_kwh, _ = case
    nothing = np.zeros(len(net_kwh))
    still = Store(
        name="still", charge_limit_kwh=nothing, discharge_limit_kwh=nothing, initial_kwh=0.5,
        lower_kwh=np.zeros(len(net_kwh) + 1), upper_kwh=np.ones(len(net_kwh) + 1),
    )  # fmt: skip
    plan = solve_exact(meter, net_kwh, still)
    assert plan.cost == meter_cost(meter, net_kwh)
    assert (plan.paths[0].stored_kwh == 0.5).all()


def box(T, *, capacity=2.0, limit=1.0, initial=0.0, **more):
    """A lossless store."""
    return Store(
        name="box", charge_limit_kwh=np.full(T, limit), discharge_limit_kwh=np.full(T, limit),
        lower_kwh=np.zeros(T + 1), upper_kwh=np.full(T + 1, capacity), initial_kwh=initial, **more,
    )  # fmt: skip


def test_a_plan_by_hand():
    """Buy at 0.1 in the first step, cover the load at 0.4 in the third; sell nothing at 0."""
    meter = two_prices(np.array([0.1, 0.2, 0.4]), np.zeros(3), step_h=1.0)
    plan = solve_exact(meter, np.array([0.0, 0.0, 1.5]), box(3))
    (path,) = plan.paths
    assert path.charge_kwh.tolist() == [1.0, 0.0, 0.0]
    assert path.discharge_kwh.tolist() == [0.0, 0.0, 1.0]
    assert plan.cost == pytest.approx(0.1 + 0.5 * 0.4)
    assert plan.stored_value.tolist() == pytest.approx([0.4, 0.4, 0.4]) or plan.certificate.gap == 0


def test_among_equal_plans_the_least_cycling_then_the_earliest_is_taken():
    """Two equal surpluses for one shortage: store the first; equal prices: do not cycle at all."""
    meter = two_prices(np.full(4, 0.3), np.full(4, 0.1), step_h=1.0)
    (path,) = solve_exact(meter, np.array([-1.0, -1.0, 1.0, 0.0]), box(4)).paths
    assert path.charge_kwh.tolist() == [1.0, 0.0, 0.0, 0.0]
    equal = two_prices(np.full(4, 0.3), np.full(4, 0.3), step_h=1.0)
    full = dataclasses.replace(box(4, initial=1.0), lower_kwh=np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    (path,) = solve_exact(equal, np.array([-1.0, 1.0, -1.0, 1.0]), full).paths
    assert not path.discharge_kwh.any()
    late = two_prices(np.full(3, 0.3), np.full(3, 0.1), step_h=1.0)
    (path,) = solve_exact(late, np.ones(3), box(3, initial=1.0)).paths
    assert path.discharge_kwh.tolist() == [0.0, 0.0, 1.0]


def test_the_cost_to_go_is_made_of_slopes_and_widths():
    """One step: what is stored saves the import price up to the load, then the export price."""
    meter = two_prices(np.array([0.3]), np.array([0.1]), step_h=1.0)
    store = box(1, capacity=5.0, limit=3.0)
    left, slopes, widths = cost_to_go(meter, np.array([2.0]), store, step=0)
    assert (left, slopes.tolist(), widths.tolist()) == (0.0, [-0.3, -0.1, 0.0], [2.0, 1.0, 2.0])
    assert cost_to_go(meter, np.array([2.0]), store, step=1)[1].tolist() == [0.0]
    with pytest.raises(InputError, match="step is 2: expected 0 to 1"):
        cost_to_go(meter, np.array([2.0]), store, step=2)


@given(case=cases(longest=16), seed=st.integers(0, 9))
def test_levels_made_with_a_forecast_keep_the_bounds_of_what_comes(case, seed):
    """Whatever the meter sees, the store stays within its limits."""
    meter, net_kwh, store = case
    levels = storage_levels(meter, net_kwh, store)
    seen = net_kwh + np.random.default_rng(seed).normal(size=len(net_kwh))
    path = follow_levels(meter, seen, store, levels)
    assert path_residual(store, path) < 1e-9


def test_what_cannot_be_kept_is_named():
    """A car that must be fuller than its charger allows."""
    meter = two_prices(np.ones(3), np.zeros(3), step_h=1.0)
    store = dataclasses.replace(box(3, capacity=9.0), lower_kwh=np.array([0.0, 0.0, 5.0, 0.0]))
    with pytest.raises(SolveError, match="box.*step"):
        solve_exact(meter, np.zeros(3), store)


def test_export_above_import_is_refused_and_named():
    """Without bound on what flows through the meter there is no optimum."""
    with pytest.raises(SolveError, match="unbounded arbitrage: at step 1"):
        two_prices(np.array([0.3, 0.1]), np.array([0.1, 0.2]), step_h=1.0)


def test_burning_is_found_and_refused():
    """At a price low enough to pay for losses; wear makes it rarer; without losses never."""
    meter = two_prices(np.full(2, 0.3), np.array([0.0, -0.1]), step_h=1.0)
    net = np.array([-1.0, -1.0])
    lossy = box(2, charge_efficiency=0.9, discharge_efficiency=0.9)
    assert burning_steps(meter, net, lossy).tolist() == [1]
    assert burning_steps(meter, net, box(2)).size == 0
    limit = 0.1 * (1 / 0.9 - 0.9) / 0.9
    for wear, steps in ((0.99 * limit, [1]), (1.01 * limit, [])):
        worn = dataclasses.replace(lossy, wear_per_kwh=wear)
        assert burning_steps(meter, net, worn).tolist() == steps
    with pytest.raises(SolveError, match="at once would pay at step 1"):
        solve_exact(meter, net, lossy)


def test_wrong_arguments_are_named():
    """Lengths, and charges that couple steps."""
    meter = two_prices(np.ones(3), np.zeros(3), step_h=1.0)
    with pytest.raises(InputError, match="3 steps, but prices for 3 and net energy of shape"):
        solve_exact(meter, np.zeros(2), box(3))
    peak = PeriodPeaks(
        item="peak", sign=1, period_of_step=np.zeros(3, dtype=int), price_per_kw=np.ones(1)
    )
    with pytest.raises(SolveError, match="'peak' couple steps"):
        solve_exact(dataclasses.replace(meter, peaks=(peak,)), np.zeros(3), box(3))


def test_the_residual_sees_every_kind_of_fault():
    """Balance, start, bounds, limits, signs, and both directions at once."""
    store = box(1)
    sound = StorePath(
        charge_kwh=np.array([1.0]), discharge_kwh=np.array([0.0]), stored_kwh=np.array([0.0, 1.0])
    )
    assert path_residual(store, sound) == 0.0
    faults = {
        "charge_kwh": [0.5, 1.5, -1.0], "discharge_kwh": [0.5, -0.5],
        "stored_kwh": [[0.5, 1.5], [0.0, 3.0], [0.0, -1.0]],
    }  # fmt: skip
    for name, values in faults.items():
        for value in values:
            wrong = dataclasses.replace(sound, **{name: np.atleast_1d(np.array(value))})
            assert path_residual(store, wrong) > 0.1
