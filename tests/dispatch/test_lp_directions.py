"""Tests of where a linear program may do two opposite things at once."""

import dataclasses

import numpy as np
import pytest
from dispatch.lp_instances import random_meter, random_stores
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.exact import burning_steps
from nemogrid.dispatch.lp_directions import may_burn, may_cross, with_directions
from nemogrid.dispatch.lp_highs import in_arrays, solve_arrays
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.meter import PeriodBlocks, PeriodPeaks, two_prices

seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=40, deadline=None)


@given(seed=seeds, number=st.integers(1, 3))
@some
def test_the_relaxed_program_burns_only_where_it_is_said_to(seed, number):
    """And every step that the exact engine names is among them."""
    rng = np.random.default_rng(seed)
    meter = random_meter(rng, 6, lowest=-0.6)
    stores, net = random_stores(rng, 6, number), rng.uniform(-3, 3, 6)
    program = assemble(meter, net, stores)
    values = program.split(solve_arrays(in_arrays(program)).values)
    for k, steps in enumerate(may_burn(meter, net, stores)):
        if number == 1:
            moved = [
                np.bincount(parts.step, values[name], minlength=6)
                for name, parts in (("up", program.up), ("down", program.down))
            ]
        else:
            moved = [values[f"charge {k}"], values[f"discharge {k}"]]
        assert set(np.flatnonzero(np.minimum(*moved) > 1e-7)) <= set(steps)
        if not meter.couples_steps:
            assert set(burning_steps(meter, net, stores[k])) <= set(steps)


@given(seed=seeds, number=st.integers(1, 2))
@some
def test_with_whole_numbers_every_store_and_the_meter_has_one_direction(seed, number):
    """Binaries only where they are needed, and there they bind."""
    rng = np.random.default_rng(seed)
    meter = random_meter(rng, 4, lowest=-0.6, block_from=-0.5)
    stores, net = random_stores(rng, 4, number), rng.uniform(-3, 3, 4)
    program = with_directions(assemble(meter, net, stores), meter, net, stores)
    arrays = in_arrays(program)
    needed = sum(steps.size for steps in may_burn(meter, net, stores))
    assert arrays.integer.sum() == needed + may_cross(meter).size
    values = program.split(solve_arrays(arrays).values)
    up, down = (
        [np.bincount(p.step, values[name] * side, minlength=4) for side in (p.imports, ~p.imports)]
        for name, p in (("up", program.up), ("down", program.down))
    )
    imported = np.maximum(net, 0) + up[0] - down[0]
    exported = np.maximum(-net, 0) - up[1] + down[1]
    for steps in may_burn(meter, net, stores) if number == 1 else ():
        assert np.minimum(up[0] + up[1], down[0] + down[1])[steps] == pytest.approx(0, abs=1e-6)
    assert np.minimum(imported, exported)[may_cross(meter)] == pytest.approx(0, abs=1e-6)


def test_prices_that_are_not_negative_need_no_whole_numbers():
    """Unless a charge on export makes it worth burning what would be exported."""
    meter = two_prices(np.full(2, 0.3), np.zeros(2), step_h=0.5)
    stores = random_stores(np.random.default_rng(1), 2, 1)
    net = np.array([1.0, -1.0])
    assert [steps.size for steps in may_burn(meter, net, stores)] == [0]
    peak = PeriodPeaks(
        item="feed-in", sign=-1, period_of_step=np.zeros(2, int), price_per_kw=np.array([4.0])
    )
    charged = dataclasses.replace(meter, peaks=(peak,))
    assert may_burn(charged, net, stores)[0].tolist() == [1]


def test_crossing_pays_where_the_first_imported_kwh_costs_less_than_export_earns():
    """A bonus of 0.25 on the first energy of a month turns 0.3 and 0.1 around."""
    meter = two_prices(np.array([0.3, 0.4]), np.array([0.1, 0.1]), step_h=1.0)
    assert may_cross(meter).size == 0
    bonus = PeriodBlocks(
        item="bonus",
        sign=1,
        period_of_step=np.zeros(2, int),
        limits_kwh=np.full((1, 1), 5.0),
        prices=np.array([-0.25, 0.0]),
    )
    assert may_cross(dataclasses.replace(meter, blocks=(bonus,))).tolist() == [0]
