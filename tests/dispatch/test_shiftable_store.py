"""Tests of appliances that can wait, as flexible stores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.community import ShiftableLoad
from nemogrid.dispatch.shiftable_store import shiftable_store
from nemogrid.errors import InputError

loads = st.builds(
    ShiftableLoad,
    share=st.floats(0, 1),
    delay_h=st.floats(0, 30),
    power_kw=st.floats(0, 5),
)
powers = arrays(float, st.integers(1, 60), elements=st.floats(0, 12))
steps = st.sampled_from([0.25, 0.5, 1.0])


def latest_plan(store):
    """Run as late as the bounds allow, and as power allows before that."""
    stored, charge = [0.0], []
    T = store.n_steps
    # The least that may have run by each moment, so that later bounds can still be met.
    need = store.lower_kwh.copy()
    for t in range(T - 1, -1, -1):
        need[t] = max(need[t], need[t + 1] + store.used_kwh[t] - store.charge_limit_kwh[t])
    for t in range(T):
        charge.append(max(need[t + 1] - stored[-1] + store.used_kwh[t], 0.0))
        stored.append(stored[-1] + charge[-1] - store.used_kwh[t])
    return np.array(charge), np.array(stored)


@given(load=loads, load_kw=powers, step_h=steps)
def test_running_as_asked_is_a_plan_of_the_store(load, load_kw, step_h):
    """Nothing is ever owed, within every bound and limit."""
    store = shiftable_store(load, load_kw, step_h=step_h)
    np.testing.assert_allclose(store.used_kwh, load.share * load_kw * step_h)
    assert (store.used_kwh <= store.charge_limit_kwh * (1 + 1e-12)).all()
    assert (store.lower_kwh <= 0).all()
    assert (store.upper_kwh == 0).all()
    assert store.initial_kwh == 0.0


@given(load=loads, load_kw=powers, step_h=steps)
def test_shifting_never_changes_the_energy_of_the_timeline(load, load_kw, step_h):
    """The bounds of the first and the last moment leave no choice; the latest plan is one."""
    store = shiftable_store(load, load_kw, step_h=step_h)
    assert store.lower_kwh[-1] == store.upper_kwh[-1] == store.initial_kwh == 0.0
    assert store.kept_share == store.charge_efficiency == 1.0
    charge, stored = latest_plan(store)
    assert (charge <= store.charge_limit_kwh + 1e-9).all()
    assert (stored >= store.lower_kwh - 1e-9).all()
    assert (stored <= 1e-9).all()
    assert charge.sum() == pytest.approx(store.used_kwh.sum(), rel=1e-9, abs=1e-9)


@given(load=loads, load_kw=powers, step_h=steps)
def test_nothing_waits_for_longer_than_the_delay(load, load_kw, step_h):
    """First asked, first run: by each moment all has run that was asked for the delay before."""
    store = shiftable_store(load, load_kw, step_h=step_h)
    charge, _ = latest_plan(store)
    run, asked = (np.r_[0.0, np.cumsum(x)] for x in (charge, store.used_kwh))
    n = min(int(load.delay_h / step_h + 1e-9), len(load_kw))
    assert (run[n:] >= asked[: len(asked) - n] - 1e-9).all()
    assert (run <= asked + 1e-9).all()


@given(load_kw=powers, step_h=steps, share=st.floats(0, 1))
def test_without_a_delay_nothing_shifts(load_kw, step_h, share):
    """Both bounds are zero throughout; so they are for a delay below one step."""
    for delay_h in (0.0, 0.9 * step_h):
        store = shiftable_store(ShiftableLoad(share=share, delay_h=delay_h), load_kw, step_h=step_h)
        assert (store.lower_kwh == 0).all()
        assert (store.upper_kwh == 0).all()


@given(load=loads, load_kw=powers)
def test_halving_the_step_keeps_the_bounds(load, load_kw):
    """At whole hours the same energy may be owed, for delays of whole hours."""
    load = ShiftableLoad(share=load.share, delay_h=float(int(load.delay_h)))
    whole = shiftable_store(load, load_kw, step_h=1.0)
    half = shiftable_store(load, np.repeat(load_kw, 2), step_h=0.5)
    np.testing.assert_allclose(half.lower_kwh[::2], whole.lower_kwh, rtol=1e-9, atol=1e-9)


def test_a_delay_of_a_tenth_of_an_hour_too_little_is_cut_to_whole_steps():
    """0.3 h with steps of 0.1 h would be three, in spite of rounding."""
    store = shiftable_store(
        ShiftableLoad(share=1.0, delay_h=0.3), np.array([1.0, 1.0, 1.0, 1.0, 1.0]), step_h=0.1
    )
    assert store.lower_kwh == pytest.approx([0.0, -0.1, -0.2, -0.3, -0.3, 0.0])


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_impossible_loads_are_refused(value):
    """The message names the step."""
    with pytest.raises(InputError, match=f"shiftable load: load_kw is {value} at step 1"):
        shiftable_store(ShiftableLoad(), np.array([0.0, value]), step_h=0.5)
