"""Tests of caps and surcharges."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.dispatch.exact import solve_exact
from nemogrid.dispatch.meter import PeriodPeaks, meter_cost, two_prices
from nemogrid.dispatch.peak_prices import peak_surcharges, with_caps, with_surcharges
from nemogrid.dispatch.store import Store


def peaks_of(T, n_periods, price):
    """Price the import peaks of equal periods."""
    return PeriodPeaks(
        item="peak",
        sign=1,
        period_of_step=np.arange(T) * n_periods // T,
        price_per_kw=np.full(n_periods, price),
    )


@given(kw=st.floats(-3, 3), cap=st.floats(0, 2))
def test_caps_and_surcharges_change_only_what_they_should(kw, cap):
    """Below the cap nothing changes; above it each kW costs twice; a surcharge adds to import."""
    meter = dataclasses.replace(
        two_prices(np.full(2, 0.3), np.full(2, 0.1), step_h=0.5), peaks=(peaks_of(2, 1, 5.0),)
    )
    plain = dataclasses.replace(meter, peaks=())
    net = np.full(2, 0.5 * kw)
    capped = meter_cost(with_caps(meter, (np.array([cap]),)), net)
    over = max(kw - cap, 0.0)
    # Twice the price of the peak, in each of the two steps, on every kW above the cap.
    assert capped == pytest.approx(meter_cost(plain, net) + 20.0 * over)
    dearer = meter_cost(with_surcharges(meter, (np.array([0.2, 0.0]),)), net)
    assert dearer == pytest.approx(meter_cost(plain, net) + 0.2 * max(net[0], 0.0))


def test_the_surcharge_of_a_step_on_its_cap_is_what_one_more_kwh_saves():
    """A cap of 2 on loads 1 and 3: raising it saves nothing but a detour; lowering costs losses."""
    meter = dataclasses.replace(
        two_prices(np.full(2, 0.3), np.zeros(2), step_h=1.0), peaks=(peaks_of(2, 1, 5.0),)
    )
    store = Store(
        name="battery", charge_limit_kwh=np.full(2, 9.0), discharge_limit_kwh=np.full(2, 9.0),
        lower_kwh=np.zeros(3), upper_kwh=np.full(3, 9.0), initial_kwh=0.0, charge_efficiency=0.8,
    )  # fmt: skip
    caps, net_kwh = (np.array([2.5]),), np.array([1.0, 3.0])
    plan = solve_exact(with_caps(meter, caps), net_kwh, store)
    (surcharge,) = peak_surcharges(meter, plan, store, caps)
    assert surcharge == pytest.approx([0.0, 0.3 / 0.8 - 0.3])
    higher = solve_exact(with_caps(meter, (caps[0] + 0.1,)), net_kwh, store)
    assert plan.cost - higher.cost == pytest.approx(0.1 * surcharge.sum())
