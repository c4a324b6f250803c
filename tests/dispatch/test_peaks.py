"""Tests of one store against a price on peaks."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch import peaks as module
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.meter import MeterPrices, PeriodPeaks, meter_cost, two_prices
from nemogrid.dispatch.peaks import solve_with_peaks
from nemogrid.dispatch.store import Store


def peaks_of(T, n_periods, price, *, sign=1, item="peak"):
    """Price the peaks of equal periods."""
    return PeriodPeaks(
        item=item,
        sign=sign,
        period_of_step=np.arange(T) * n_periods // T,
        price_per_kw=np.full(n_periods, price),
    )


@st.composite
def cases(draw):
    """Draw two or three periods with peaks of import, export or both."""
    T = draw(st.sampled_from([12, 30, 48]))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    import_price = rng.choice([0.2, 0.3, 0.4], T)
    meter = two_prices(import_price, np.minimum(import_price, 0.1), step_h=0.5)
    if draw(st.booleans()):
        prices = np.column_stack([meter.prices[:, 0] - 0.02, meter.prices])
        meter = MeterPrices(step_h=0.5, prices=prices, edges_kwh=np.tile([-0.7, 0.0], (T, 1)))
    n_periods, price = (
        draw(st.sampled_from([1, 2, 3])),
        draw(st.sampled_from([0.0, 0.3, 2.0, 50.0])),
    )
    signs = draw(st.sampled_from([(1,), (-1,), (1, -1)]))
    meter = dataclasses.replace(
        meter,
        peaks=tuple(peaks_of(T, n_periods, price, sign=sign) for sign in signs),
        wear_per_kwh=draw(st.sampled_from([0.0, 0.05])),
    )
    capacity = draw(st.sampled_from([0.0, 1.0, 4.0]))
    lower_kwh = np.zeros(T + 1)
    lower_kwh[-1] = capacity / 2
    store = Store(
        name="battery",
        charge_limit_kwh=np.full(T, draw(st.sampled_from([0.0, 0.5, 2.0]))),
        discharge_limit_kwh=np.full(T, draw(st.sampled_from([0.0, 0.5, 2.0]))),
        lower_kwh=lower_kwh,
        upper_kwh=np.full(T + 1, capacity),
        initial_kwh=capacity / 2,
        charge_efficiency=0.95,
        discharge_efficiency=0.9,
    )
    return meter, rng.normal(0.2, 1.0, T), store


@settings(max_examples=150)
@given(case=cases())
def test_the_optimum_is_that_of_a_linear_program(case):
    """Search and HiGHS agree, and the surcharge proves it."""
    meter, net_kwh, store = case
    plan = solve_with_peaks(meter, net_kwh, store)
    other = solve_lp(meter, net_kwh, (store,), tie_break=False)
    assert plan.cost == pytest.approx(other.cost, rel=1e-7, abs=1e-7)
    assert plan.cost == pytest.approx(
        meter_cost(meter, plan.net_kwh, plan.paths[0].discharge_kwh), rel=1e-12
    )
    assert plan.certificate.gap < 1e-7


def test_the_search_itself_proves_most_plans():
    """HiGHS is the exception: where the stored energy does not tie periods together."""
    rng = np.random.default_rng(3)
    T, proved = 48 * 6, 0
    for _ in range(10):
        meter = dataclasses.replace(
            two_prices(np.full(T, 0.3), np.full(T, 0.1), step_h=0.5), peaks=(peaks_of(T, 3, 4.0),)
        )
        store = Store(
            name="battery", charge_limit_kwh=np.full(T, 1.0), discharge_limit_kwh=np.full(T, 1.0),
            lower_kwh=np.zeros(T + 1), upper_kwh=np.full(T + 1, 3.0), initial_kwh=0.0,
            charge_efficiency=0.95,
        )  # fmt: skip
        plan = solve_with_peaks(meter, rng.gamma(2.0, 0.4, T) - 0.3, store)
        proved += plan.certificate.method.startswith("exact engine inside a search")
    assert proved >= 8


def test_a_peak_by_hand():
    """Loads 1 and 3 at one price: a lossless store makes them 2 and 2."""
    meter = dataclasses.replace(
        two_prices(np.full(2, 0.3), np.zeros(2), step_h=1.0), peaks=(peaks_of(2, 1, 5.0),)
    )
    store = Store(
        name="battery", charge_limit_kwh=np.full(2, 9.0), discharge_limit_kwh=np.full(2, 9.0),
        lower_kwh=np.zeros(3), upper_kwh=np.full(3, 9.0), initial_kwh=0.0,
    )  # fmt: skip
    plan = solve_with_peaks(meter, np.array([1.0, 3.0]), store)
    assert plan.net_kwh == pytest.approx([2.0, 2.0])
    assert plan.cost == pytest.approx(4 * 0.3 + 2 * 5.0)


def test_two_prices_on_the_same_peaks_go_to_the_linear_program():
    """A month's and a year's peak together."""
    T = 24
    both = (peaks_of(T, 2, 1.0), peaks_of(T, 1, 3.0, item="year"))
    meter = dataclasses.replace(two_prices(np.full(T, 0.3), np.zeros(T), step_h=1.0), peaks=both)
    store = Store(
        name="battery", charge_limit_kwh=np.ones(T), discharge_limit_kwh=np.ones(T),
        lower_kwh=np.zeros(T + 1), upper_kwh=np.full(T + 1, 2.0), initial_kwh=0.0,
    )  # fmt: skip
    net_kwh = np.random.default_rng(0).gamma(2.0, 1.0, T)
    plan = solve_with_peaks(meter, net_kwh, store)
    assert plan.certificate.method.startswith("HiGHS")
    assert plan.cost < meter_cost(meter, net_kwh)


def test_an_unproved_search_is_handed_on(monkeypatch):
    """Stopped after two halvings and one plane, the search cannot prove anything."""
    monkeypatch.setattr(module, "_HALVINGS", 2)
    monkeypatch.setattr(module, "_PLANES", 1)
    T = 24
    meter = dataclasses.replace(
        two_prices(np.full(T, 0.3), np.zeros(T), step_h=1.0), peaks=(peaks_of(T, 2, 5.0),)
    )
    store = Store(
        name="battery", charge_limit_kwh=np.ones(T), discharge_limit_kwh=np.ones(T),
        lower_kwh=np.zeros(T + 1), upper_kwh=np.full(T + 1, 2.0), initial_kwh=0.0,
    )  # fmt: skip
    plan = solve_with_peaks(meter, np.random.default_rng(0).gamma(2.0, 1.0, T), store)
    assert plan.certificate.method.startswith("HiGHS")
