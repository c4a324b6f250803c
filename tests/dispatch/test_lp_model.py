"""Tests of the program of a member: every plan is in it, at its cost."""

import time

import numpy as np
import pytest
from dispatch.lp_instances import random_meter, random_stores
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.lp_highs import in_arrays, primal_residual
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.meter import meter_cost, two_prices
from nemogrid.dispatch.store import Store


def random_path(rng, store):
    """Run a store at random within its limits, but not where that breaks a bound, now or later."""
    charge, discharge = np.zeros(store.n_steps), np.zeros(store.n_steps)
    stored = [store.initial_kwh]
    for t in range(store.n_steps):
        into = rng.uniform(0, store.charge_limit_kwh[t]) * (rng.random() < 0.5)
        out_of = 0.0 if into else rng.uniform(0, store.discharge_limit_kwh[t])
        change = store.charge_efficiency * into - out_of / store.discharge_efficiency
        kept = store.kept_share * stored[-1]
        left_alone = (kept + change) * store.kept_share ** (store.n_steps - 1 - t)
        if left_alone < store.lower_kwh[-1] or kept + change > store.upper_kwh[t + 1]:
            into = out_of = change = 0.0
        charge[t], discharge[t] = into, out_of
        stored.append(kept + change)
    return charge, discharge, np.array(stored)


def filled(parts, energy_kwh):
    """Fill the parts of each step in order until they hold its energy."""
    values, left = np.zeros(len(parts.step)), energy_kwh.copy()
    for i, step in enumerate(parts.step):
        values[i] = min(left[step], parts.width_kwh[i])
        left[step] -= values[i]
    assert np.abs(left).max() < 1e-9
    return values


def values_of(program, meter, net_kwh, paths):
    """Say what the columns are for given paths."""
    drawn = sum(charge - discharge for charge, discharge, _ in paths)
    values = {}
    if len(paths) == 1:
        up, down = paths[0][0], paths[0][1]
    else:
        up, down = np.maximum(drawn, 0), np.maximum(-drawn, 0)
        for k, (charge, discharge, _) in enumerate(paths):
            values |= {f"charge {k}": charge, f"discharge {k}": discharge}
    values["up"] = filled(program.up, up)
    # Parts on the way down are filled from the net load, the highest block first.
    order = np.lexsort((-np.arange(len(program.down.step)), program.down.step))
    down_parts = type(program.down)(
        **{name: getattr(program.down, name)[order] for name in program.down.__dataclass_fields__}
    )
    values["down"] = np.zeros(len(order))
    values["down"][order] = filled(down_parts, down)
    values |= {f"stored {k}": path[2][1:] for k, path in enumerate(paths)}
    for number, block in enumerate(meter.blocks):
        through = np.maximum(block.sign * (net_kwh + drawn), 0)
        energy = np.bincount(block.period_of_step, through, minlength=2)
        edges = np.column_stack([np.zeros(2), block.limits_kwh, np.full(2, np.inf)])
        parts = np.clip(energy[:, None] - edges[:, :-1], 0, np.diff(edges, axis=1))
        values[f"energy {number}"] = parts.ravel()
    for number, peak in enumerate(meter.peaks):
        power = np.maximum(peak.sign * (net_kwh + drawn), 0) / meter.step_h
        highest = [power[peak.period_of_step == p].max(initial=0) for p in range(2)]
        values[f"peak {number}"] = np.array(highest)
    return np.concatenate([values[name] for name in program.columns])


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_every_plan_is_a_point_of_the_program_and_costs_what_the_meter_says(seed, number):
    """Rows and bounds hold, and the objective is the cost of the meter and the wear."""
    rng = np.random.default_rng(seed)
    meter, stores = random_meter(rng, 8, lowest=-0.3), random_stores(rng, 8, number)
    net = rng.uniform(-3, 3, 8)
    paths = [random_path(rng, store) for store in stores]
    program = assemble(meter, net, stores)
    arrays = in_arrays(program)
    values = values_of(program, meter, net, paths)
    assert primal_residual(arrays, values) < 1e-9
    drawn = sum(charge - discharge for charge, discharge, _ in paths)
    discharged = sum(discharge for _, discharge, _ in paths)
    wear = sum(s.wear_per_kwh * p[1].sum() for s, p in zip(stores, paths, strict=True))
    expected = meter_cost(meter, net + drawn, discharged) + wear
    assert arrays.cost @ values + arrays.offset == pytest.approx(expected, abs=1e-9)


def test_a_year_has_one_row_per_step_and_is_laid_out_at_once():
    """One store needs 17,520 rows, two need a row for the meter and one for each, and no loop."""
    T = 17_520
    rng = np.random.default_rng(1)
    meter = two_prices(np.full(T, 0.3), np.full(T, 0.1), step_h=0.5)
    store = Store(
        name="battery",
        charge_limit_kwh=np.full(T, 2.0),
        discharge_limit_kwh=np.full(T, 2.0),
        lower_kwh=np.zeros(T + 1),
        upper_kwh=np.full(T + 1, 8.0),
        initial_kwh=4.0,
    )
    net = rng.uniform(-2, 2, T)
    begin = time.perf_counter()
    program = in_arrays(assemble(meter, net, (store,)))
    assert time.perf_counter() - begin < 2.0
    assert program.matrix.shape[0] == T
    assert in_arrays(assemble(meter, net, (store, store))).matrix.shape[0] == 3 * T
    assert np.isfinite(program.lower).all()
    assert np.isfinite(program.upper).all()
