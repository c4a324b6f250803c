"""Tests of one step of the exact engine, laid open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.dispatch.exact import cost_to_go, solve_exact
from nemogrid.dispatch.meter import MeterPrices, meter_cost, two_prices
from nemogrid.dispatch.slopes import USES, merged_pieces, step_pieces
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError


def instance(seed, *, kept_share=1.0):
    """A few steps with random prices, loads, limits and efficiencies."""
    rng = np.random.default_rng(seed)
    T = 7
    export = rng.uniform(0.0, 0.1, T)
    meter = MeterPrices(
        step_h=0.5,
        prices=np.column_stack([export / 2, export, export + rng.uniform(0.0, 0.4, T)]),
        edges_kwh=np.tile([-1.5, 0.0], (T, 1)),
        wear_per_kwh=float(rng.uniform(0.0, 0.05)),
    )
    used = rng.uniform(0.0, 0.2, T) if kept_share < 1 else np.zeros(T)
    store = Store(
        name="battery",
        charge_limit_kwh=rng.uniform(0.5, 2.0, T),
        discharge_limit_kwh=rng.uniform(0.5, 2.0, T),
        lower_kwh=np.zeros(T + 1),
        upper_kwh=np.full(T + 1, 5.0),
        initial_kwh=2.0,
        charge_efficiency=0.95,
        discharge_efficiency=0.9,
        kept_share=kept_share,
        used_kwh=used,
    )
    return meter, rng.uniform(-2.5, 2.5, T), store


@given(seed=st.integers(0, 10_000), step=st.integers(0, 6), kept_share=st.sampled_from([1.0, 0.98]))
def test_what_is_kept_of_the_merged_pieces_is_the_cost_to_go(seed, step, kept_share):
    """Sorting two lists of slopes and cutting the ends is the whole pass back."""
    meter, net_kwh, store = instance(seed, kept_share=kept_share)
    table = merged_pieces(meter, net_kwh, store, step=step)
    left, slopes, widths = cost_to_go(meter, net_kwh, store, step=step)
    kept = table[table["kept"]]
    corners = left + np.r_[0.0, np.cumsum(widths)]
    assert kept["start_kwh"].iloc[0] == pytest.approx(left, abs=1e-9)
    assert kept["end_kwh"].iloc[-1] == pytest.approx(corners[-1], abs=1e-9)
    middle = (kept["start_kwh"] + kept["end_kwh"]).to_numpy() / 2
    inside = np.searchsorted(corners, middle) - 1
    np.testing.assert_allclose(kept["slope"], slopes[inside], atol=1e-12)
    assert (np.diff(kept["slope"]) >= -1e-12).all()


@given(seed=st.integers(0, 10_000), step=st.integers(0, 6))
def test_the_pieces_of_a_step_are_its_cost(seed, step):
    """Their integral is what the meter and the wear cost, for any change."""
    meter, net_kwh, store = instance(seed)
    pieces = step_pieces(meter, net_kwh, store, step=step)
    np.testing.assert_allclose(pieces["start_kwh"].iloc[1:], pieces["end_kwh"].iloc[:-1])
    assert (np.diff(pieces["slope"]) >= -1e-12).all()
    one = MeterPrices(
        step_h=0.5, prices=meter.prices[[step]], edges_kwh=meter.edges_kwh[[step]],
        wear_per_kwh=meter.wear_per_kwh,
    )  # fmt: skip
    net = net_kwh[[step]]
    for change in np.linspace(pieces["start_kwh"].iloc[0], pieces["end_kwh"].iloc[-1], 9):
        charge, discharge = max(change, 0.0) / 0.95, max(-change, 0.0) * 0.9
        cost = meter_cost(one, net + charge - discharge, discharge) - meter_cost(one, net)
        high = pieces[["start_kwh", "end_kwh"]].clip(min(change, 0.0), max(change, 0.0))
        area = ((high["end_kwh"] - high["start_kwh"]) * pieces["slope"]).sum()
        assert np.sign(change) * area == pytest.approx(cost, abs=1e-12)


def test_four_uses_have_their_names():
    """With sun and without, and nothing else among them."""
    meter = two_prices(np.full(2, 0.3), np.full(2, 0.1), step_h=1.0)
    store = Store(
        name="battery", charge_limit_kwh=[2.0] * 2, discharge_limit_kwh=[2.0] * 2,
        lower_kwh=[0.0] * 3, upper_kwh=[4.0] * 3, initial_kwh=0.0,
    )  # fmt: skip
    sun, dark = (
        step_pieces(meter, np.array([-1.0, 1.0]), store, step=step)["use"].tolist()
        for step in (0, 1)
    )
    assert sun == ["export more", "store surplus", "import more"]
    assert dark == ["export more", "import less", "import more"]
    assert set(sun + dark) < set(USES)
    assert solve_exact(meter, np.array([-1.0, 1.0]), store).cost == 0.0
    with pytest.raises(InputError, match="expected 0 to 1"):
        step_pieces(meter, np.array([-1.0, 1.0]), store, step=2)
