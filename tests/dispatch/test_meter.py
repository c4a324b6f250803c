"""Tests of what energy through one meter costs."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from charge_lists import DEAR, charge_lists
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.charges import Blocks, Charge
from nemogrid.dispatch.meter import meter_cost, read_meter_prices, two_prices
from nemogrid.errors import LabelError, SolveError

LINE = make_timeline(7)
NAMES = ("m0", "m1")


def charge(quantity, price, period="step", item="x"):
    """Make a charge to the retailer."""
    return Charge(item=item, quantity=quantity, price=price, payee="retailer", period=period)


def drawn(seed):
    """Draw net energies of a week [kWh]."""
    return np.random.default_rng(seed).normal(0.0, 1.5, LINE.n_steps)


@given(charges=charge_lists(LINE, NAMES), seeds=st.tuples(st.integers(0, 99), st.integers(0, 99)))
@settings(deadline=None, max_examples=50)
def test_the_cost_is_convex_in_the_net_energy(charges, seeds):
    """Between two ways to use the meter, the mean one costs at most the mean."""
    meter = read_meter_prices(charges, LINE, NAMES, "m1")
    one, other = (drawn(seed) for seed in seeds)
    ends = [meter_cost(meter, one), meter_cost(meter, other)]
    middle = meter_cost(meter, (one + other) / 2)
    assert middle <= np.mean(ends) + 1e-9 * np.abs(ends).sum()


@given(charges=charge_lists(LINE, NAMES))
@settings(deadline=None, max_examples=50)
def test_prices_rise_over_edges_that_increase_through_zero(charges):
    """Left of zero is export, right of it import; nothing through the meter costs nothing."""
    meter = read_meter_prices(charges, LINE, NAMES, "m0")
    assert (np.diff(meter.prices, axis=1) >= 0).all()
    assert (np.diff(meter.edges_kwh, axis=1) > 0).all()
    assert (meter.edges_kwh == 0).any(axis=1).all()
    assert meter_cost(meter, np.zeros(LINE.n_steps)) == 0
    assert all(block.prices[0] == 0 for block in meter.blocks)


def test_two_prices_are_a_flat_tariff():
    """The short way and the way through charges agree."""
    charges = (charge("imported", 0.2), charge("retail_bought", 0.1), charge("exported", -0.08))
    net = drawn(1)
    long = read_meter_prices(charges, LINE, NAMES, "m0")
    short = two_prices(
        np.full(LINE.n_steps, 0.3), np.full(LINE.n_steps, 0.08), step_h=LINE.step_h
    )  # fmt: skip
    expected = 0.3 * net.clip(min=0).sum() - 0.08 * (-net).clip(min=0).sum()
    assert meter_cost(long, net) == pytest.approx(expected)
    assert meter_cost(short, net) == pytest.approx(expected)


def test_blocks_by_the_step_add_up_over_charges():
    """Limits of 1 and 3 kW on one line, of 2 kW on another: edges at 0.5, 1 and 1.5 kWh."""
    charges = (
        charge("imported", Blocks((0.1, 0.2, 0.3), (1.0, 3.0))),
        charge("retail_bought", Blocks((0.05, 0.1), (2.0,))),
        charge("exported", Blocks((-0.06, 0.02), (4.0,))),
    )
    meter = read_meter_prices(charges, LINE, NAMES, "m0")
    assert meter.edges_kwh[7].tolist() == [-2.0, 0.0, 0.5, 1.0, 1.5]
    assert meter.prices[7].tolist() == pytest.approx([-0.02, 0.06, 0.15, 0.25, 0.3, 0.4])
    net = np.zeros(LINE.n_steps)
    net[7], net[9] = 2.0, -3.0
    assert meter_cost(meter, net) == pytest.approx(
        0.5 * (0.15 + 0.25 + 0.3 + 0.4) - 2.0 * 0.06 + 1.0 * 0.02
    )


def test_a_price_in_monthly_blocks_bounds_the_trade():
    """The first block is paid for every kWh, so an export price below it is no arbitrage."""
    energy = charge("retail_bought", Blocks((0.10, 0.20), (100.0,)), "month")
    meter = read_meter_prices((energy, charge("exported", -0.08)), LINE, NAMES, "m0")
    assert meter.prices[0].tolist() == pytest.approx([0.08, 0.10])
    with pytest.raises(SolveError, match="'m0': unbounded arbitrage: at step 0 .* 0.1100 .* 0.10"):
        read_meter_prices((energy, charge("exported", -0.11)), LINE, NAMES, "m0")


def test_periods_are_scaled_by_what_the_timeline_covers():
    """Limits, peaks and fees of March and April, of which five and two days are covered."""
    shares = [(5 * 24 - 1) / 743, (2 * 24 + 1) / 720]
    meter = read_meter_prices(
        (
            charge("imported", Blocks((0.1, 0.2), (100.0,)), "month"),
            charge("peak_imported", pd.Series(np.arange(336.0), index=LINE.index), "month"),
            charge("peak_exported", pd.Series([1.0, 2.0], index=list(NAMES)), "month"),
            charge("membership", 6.0, "month"),
            charge("membership", 2.0, "month"),
        ),
        LINE,
        NAMES,
        "m1",
    )
    (block,), (up, down) = meter.blocks, meter.peaks
    assert block.limits_kwh[:, 0].tolist() == pytest.approx([100 * s for s in shares])
    assert up.price_per_kw.tolist() == pytest.approx([0.0, shares[1] * 238.0])
    assert down.price_per_kw.tolist() == pytest.approx([2.0 * s for s in shares])
    assert (up.sign, down.sign) == (1, -1)
    assert (np.bincount(up.period_of_step) == [238, 98]).all()
    assert meter.fees == {"x": pytest.approx(8.0 * sum(shares))}
    assert meter.couples_steps
    assert not read_meter_prices((DEAR,), LINE, NAMES, "m1").couples_steps


def test_wear_is_the_members_own():
    """A price for each member; what members sell to one another is not seen."""
    wear = charge("discharged", pd.Series([0.1, 0.2], index=list(NAMES)))
    local = charge("local_bought", 7.0)
    meter = read_meter_prices((DEAR, wear, local, wear), LINE, NAMES, "m1")
    assert meter.wear_per_kwh == pytest.approx(0.4)
    assert meter_cost(meter, np.zeros(LINE.n_steps), np.full(LINE.n_steps, 0.5)) == pytest.approx(
        0.4 * 0.5 * LINE.n_steps
    )


def test_wear_that_differs_over_time_is_refused():
    """A store has one price of wear."""
    price = pd.Series(np.arange(336.0), index=LINE.index)
    with pytest.raises(SolveError, match="'x' prices discharge differently over time"):
        read_meter_prices((charge("discharged", price),), LINE, NAMES, "m0")


def test_members_that_are_not_there_are_refused():
    """With how many there are."""
    with pytest.raises(LabelError, match="no member 'm7' in the community of 2"):
        read_meter_prices((DEAR,), LINE, NAMES, "m7")


def test_prices_that_differ_by_rounding_are_one_price():
    """0.1 + 0.2 is 0.3: the tie between such prices is settled by the stated rule."""
    meter = two_prices(np.array([0.3, 0.1 + 0.2]), np.zeros(2), step_h=1.0)
    assert meter.prices[0, 1] == meter.prices[1, 1] == 0.3
