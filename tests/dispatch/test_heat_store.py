"""Tests of heat pumps as flexible stores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.community import Community, HeatPump, Member
from nemogrid.dispatch.heat_store import heat_store
from nemogrid.errors import InputError
from nemogrid.profiles import heat_pump_profiles
from nemogrid.timeline import Timeline

heat_pumps = st.builds(
    HeatPump,
    power_kw=st.just(0.0) | st.floats(1e-6, 10),
    store_kwh=st.floats(0, 20),
    loss_share_per_h=st.floats(0, 0.9),
)
powers = arrays(float, st.integers(1, 60), elements=st.just(0.0) | st.floats(1e-6, 12))
steps = st.sampled_from([0.25, 0.5, 1.0])


@given(heat_pump=heat_pumps, drawn_kw=powers, step_h=steps)
def test_following_the_demand_is_a_plan_of_the_store(heat_pump, drawn_kw, step_h):
    """The store stays empty, within every bound and limit, and ends as it began."""
    store = heat_store(heat_pump, drawn_kw, step_h=step_h)
    charge_kwh = drawn_kw * step_h
    assert (charge_kwh <= store.charge_limit_kwh).all()
    np.testing.assert_array_equal(store.charge_efficiency * charge_kwh - store.used_kwh, 0.0)
    assert store.initial_kwh == 0.0
    assert (store.lower_kwh == 0).all()
    assert (store.upper_kwh == heat_pump.store_kwh).all()


@given(heat_pump=heat_pumps, drawn_kw=powers)
def test_halving_the_step_changes_nothing(heat_pump, drawn_kw):
    """Limits and demands of two half steps add up; two half steps lose what one step does."""
    whole = heat_store(heat_pump, drawn_kw, step_h=1.0)
    half = heat_store(heat_pump, np.repeat(drawn_kw, 2), step_h=0.5)
    assert half.kept_share**2 == pytest.approx(whole.kept_share, rel=1e-12)
    for name in ("charge_limit_kwh", "used_kwh"):
        np.testing.assert_allclose(
            getattr(half, name).reshape(-1, 2).sum(axis=1), getattr(whole, name), rtol=1e-12
        )


def test_heat_does_not_come_back_as_electricity():
    """The power is the larger of the rating and the profile's peak; nothing is discharged."""
    drawn_kw = np.array([0.0, 5.0, 1.0])
    assert heat_store(HeatPump(power_kw=3.0), drawn_kw, step_h=0.5).charge_limit_kwh[0] == 2.5
    assert heat_store(HeatPump(power_kw=8.0), drawn_kw, step_h=0.5).charge_limit_kwh[0] == 4.0
    assert (heat_store(HeatPump(), drawn_kw, step_h=0.5).discharge_limit_kwh == 0).all()


def test_heating_ahead_costs_the_losses():
    """Of 4 kWh made four hours early, 4 * 0.9**4 kWh are left for the demand."""
    store = heat_store(
        HeatPump(power_kw=4.0, store_kwh=4.0, loss_share_per_h=0.1),
        np.array([0.0, 0.0, 0.0, 0.0, 4.0]),
        step_h=1.0,
    )
    stored = 0.0
    for charge, used in zip([4.0, 0.0, 0.0, 0.0, 4.0 - 4 * 0.9**4], store.used_kwh, strict=True):
        stored = store.kept_share * stored + charge - used
    assert stored == pytest.approx(0.0, abs=1e-12)
    assert store.kept_share == pytest.approx(0.9)


def test_a_year_of_a_measured_heat_pump_is_a_plan_at_its_rating():
    """Profiles of this package stay within the rating, so that the limit is the rating."""
    member = Member(name="ann", bus=1, yearly_kwh=1.0, heat_pump=HeatPump(power_kw=4.0))
    year = Timeline.year(2026)
    drawn_kw = heat_pump_profiles(Community((member,)), year, seed=1)["ann"].to_numpy()
    store = heat_store(member.heat_pump, drawn_kw, step_h=0.5)
    assert (store.charge_limit_kwh == 2.0).all()
    assert store.used_kwh.sum() == pytest.approx(5000.0, rel=1e-9)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_impossible_powers_are_refused(value):
    """The message names the step."""
    with pytest.raises(InputError, match=f"heat pump: drawn_kw is {value} at step 1"):
        heat_store(HeatPump(), np.array([0.0, value]), step_h=0.5)
