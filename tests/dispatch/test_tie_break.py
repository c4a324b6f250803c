"""Tests of the plan that is chosen among many of equal cost."""

import dataclasses

import numpy as np
import pytest
from dispatch.lp_instances import random_meter, random_stores
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.exact import burning_steps, solve_exact
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.lp_highs import in_arrays, primal_residual, solve_arrays
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.meter import two_prices
from nemogrid.dispatch.store import Store
from nemogrid.dispatch.tie_break import on_face

seeds = st.integers(0, 2**32 - 1)


def rounded(meter, net, store):
    """Draw ties: prices in steps of 0.1, energies of 1 kWh, no losses."""
    whole = {
        name: np.round(getattr(store, name))
        for name in ("charge_limit_kwh", "discharge_limit_kwh", "upper_kwh")
    }
    store = dataclasses.replace(
        store, **whole, lower_kwh=np.zeros_like(store.lower_kwh), initial_kwh=0.0, wear_per_kwh=0.0
    )
    meter = dataclasses.replace(
        meter, prices=np.round(meter.prices, 1), edges_kwh=np.round(meter.edges_kwh) * 1.0
    )
    return meter, np.round(net), store


@given(seed=seeds, ties=st.booleans())
@settings(max_examples=60, deadline=None)
def test_one_store_runs_as_the_exact_engine_runs_it(seed, ties):
    """Two algorithms that share nothing choose the same plan, with many ties and with few."""
    rng = np.random.default_rng(seed)
    meter, net = random_meter(rng, 10, coupled=False), rng.uniform(-3, 3, 10)
    (store,) = random_stores(rng, 10, 1, lossless=ties)
    if ties:
        meter, net, store = rounded(meter, net, store)
        assume((np.diff(meter.edges_kwh[0]) > 0).all())
    assert not burning_steps(meter, net, store).size
    plan, exact = solve_lp(meter, net, (store,)), solve_exact(meter, net, store)
    assert plan.cost == pytest.approx(exact.cost, abs=1e-8)
    assert plan.paths[0].stored_kwh == pytest.approx(exact.paths[0].stored_kwh, abs=1e-6)


@given(seed=seeds, number=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_the_chosen_plan_costs_no_more_cycles_no_more_and_holds_no_less(seed, number):
    """Against the optimum that the simplex method happens to end in."""
    rng = np.random.default_rng(seed)
    meter, stores = random_meter(rng, 8), random_stores(rng, 8, number, lossless=True)
    net = np.round(rng.uniform(-3, 3, 8))
    some, chosen = (solve_lp(meter, net, stores, tie_break=b) for b in (False, True))
    assert chosen.cost == pytest.approx(some.cost, abs=1e-8)
    assume(chosen.certificate.method == "HiGHS LP, ties broken")
    taken = [sum(p.discharge_kwh.sum() for p in plan.paths) for plan in (chosen, some)]
    held = [sum(p.stored_kwh.sum() for p in plan.paths) for plan in (chosen, some)]
    assert taken[0] <= taken[1] + 1e-7
    assert taken[0] < taken[1] - 1e-7 or held[0] >= held[1] - 1e-7


def box(n_steps, **changes):
    """Make a lossless store of 2 kWh, empty, that takes and gives 1 kWh a step."""
    given = {
        "name": "battery",
        "charge_limit_kwh": np.ones(n_steps),
        "discharge_limit_kwh": np.ones(n_steps),
        "lower_kwh": np.zeros(n_steps + 1),
        "upper_kwh": np.full(n_steps + 1, 2.0),
        "initial_kwh": 0.0,
    }
    return Store(**(given | changes))


def test_the_earliest_charging_and_the_latest_discharging_are_chosen():
    """By hand: four hours of surplus for two of four hours of shortage."""
    net = np.array([-1.0, -1, -1, -1, 1, 1, 1, 1])
    meter = two_prices(np.full(8, 0.3), np.full(8, 0.1), step_h=1.0)
    plan = solve_lp(meter, net, (box(8),))
    assert plan.paths[0].drawn_kwh == pytest.approx([1, 1, 0, 0, 0, 0, -1, -1])


def test_nothing_moves_that_earns_nothing():
    """At one price for both ways a lossless store is idle, though running it would cost nothing."""
    meter = two_prices(np.full(4, 0.2), np.full(4, 0.2), step_h=1.0)
    plan = solve_lp(meter, np.array([1.0, -1, 1, -1]), (box(4),))
    assert plan.paths[0].drawn_kwh == pytest.approx(np.zeros(4))


def test_of_several_stores_the_first_holds_most():
    """Two boxes could share 1 kWh of surplus as they like."""
    meter = two_prices(np.full(2, 0.3), np.full(2, 0.1), step_h=1.0)
    plan = solve_lp(meter, np.array([-1.0, 1.0]), (box(2), box(2)))
    assert [path.stored_kwh[1] for path in plan.paths] == pytest.approx([1, 0])


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_the_face_holds_every_optimum_and_nothing_else(seed):
    """Any aim on the face keeps the cost; the optimum itself is on it."""
    rng = np.random.default_rng(seed)
    meter, stores = random_meter(rng, 6), random_stores(rng, 6, 2, lossless=True)
    program = in_arrays(assemble(meter, np.round(rng.uniform(-3, 3, 6)), stores))
    best = solve_arrays(program)
    face = on_face(program, best)
    assert primal_residual(face, best.values) < 1e-8
    aim = rng.normal(size=len(program.cost))
    moved = solve_arrays(dataclasses.replace(face, cost=aim)).values
    assert program.cost @ moved == pytest.approx(program.cost @ best.values, abs=1e-8)
