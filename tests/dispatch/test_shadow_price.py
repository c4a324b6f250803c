"""Tests of the shadow price: slopes of the cost, and the duals of a solver between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from nemogrid.dispatch.meter import (
    MeterPrices,
    PeriodBlocks,
    PeriodPeaks,
    meter_cost,
    two_prices,
)
from nemogrid.dispatch.shadow_price import shadow_prices
from nemogrid.errors import LabelError

PERIOD = np.array([0, 0, 0, 1, 1, 1])
# Whole numbers and quarters, so that net energies often lie on the kinks.
ENERGIES = st.lists(st.integers(-3, 3), min_size=6, max_size=6).map(np.array)


def full_meter(sign):
    """Blocks by the step, blocks and peaks of two periods."""
    return MeterPrices(
        step_h=0.5,
        prices=np.tile([0.02, 0.1, 0.25, 0.3], (6, 1)),
        edges_kwh=np.tile([-2.0, 0.0, 1.0], (6, 1)),
        blocks=(
            PeriodBlocks(
                item="blocks", sign=sign, period_of_step=PERIOD,
                limits_kwh=np.array([[2.0, 4.0], [3.0, 5.0]]), prices=np.array([0.0, 0.05, 0.11]),
            ),
        ),
        peaks=(
            PeriodPeaks(
                item="peak", sign=sign, period_of_step=PERIOD, price_per_kw=np.array([0.4, 0.7])
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("sign", [+1, -1])
@given(net=ENERGIES)
def test_bounds_are_the_slopes_of_the_cost(sign, net):
    """To the left and to the right of every net energy, on kinks and between them."""
    meter = full_meter(sign)
    lower, upper = shadow_prices(meter, net.astype(float))
    cost, step = meter_cost(meter, net.astype(float)), 2.0**-10
    for t in range(6):
        more, less = net.astype(float), net.astype(float)
        more[t] += step
        less[t] -= step
        assert (meter_cost(meter, more) - cost) / step == pytest.approx(upper[t], abs=1e-9)
        assert (cost - meter_cost(meter, less)) / step == pytest.approx(lower[t], abs=1e-9)


@given(net=ENERGIES)
def test_the_lower_bound_is_never_above_the_upper(net):
    """The cost is convex."""
    lower, upper = shadow_prices(full_meter(+1), net.astype(float))
    assert (lower <= upper + 1e-12).all()


@given(net=ENERGIES)
def test_the_dual_of_a_linear_program_lies_between_the_bounds(net):
    """Import, export, two blocks and the peak of one period, solved by HiGHS through scipy."""
    n = len(net)
    blocks, price_per_kw = (0.05, 0.12, 4.0), 0.3
    meter = MeterPrices(
        step_h=0.5,
        prices=np.tile([0.1, 0.25], (n, 1)),
        edges_kwh=np.zeros((n, 1)),
        blocks=(
            PeriodBlocks(
                item="b", sign=1, period_of_step=np.zeros(n, dtype=int),
                limits_kwh=np.array([[blocks[2]]]), prices=np.array(blocks[:2]),
            ),
        ),
        peaks=(
            PeriodPeaks(
                item="p", sign=1, period_of_step=np.zeros(n, dtype=int),
                price_per_kw=np.array([price_per_kw]),
            ),
        ),
    )  # fmt: skip
    # Variables: n imports, n exports, energy in two blocks, peak power.
    cost = np.r_[np.full(n, 0.25), np.full(n, -0.1), blocks[:2], price_per_kw]
    balance = np.hstack([np.eye(n), -np.eye(n), np.zeros((n, 3))])
    fill = np.r_[np.ones(n), np.zeros(n), -1.0, -1.0, 0.0]
    above = np.hstack([np.eye(n) / 0.5, np.zeros((n, n + 2)), -np.ones((n, 1))])
    bounds = [(0, None)] * (2 * n) + [(0, blocks[2]), (0, None), (0, None)]
    solved = linprog(
        cost, A_ub=above, b_ub=np.zeros(n), A_eq=np.vstack([balance, fill]), b_eq=np.r_[net, 0.0],
        bounds=bounds,
    )  # fmt: skip
    assert solved.fun == pytest.approx(meter_cost(meter, net.astype(float)), abs=1e-9)
    duals = solved.eqlin.marginals[:n]
    lower, upper = shadow_prices(meter, net.astype(float))
    assert (duals >= lower - 1e-9).all()
    assert (duals <= upper + 1e-9).all()


def test_a_block_prices_all_steps_of_the_month_at_its_end():
    """There is no cheap kilowatt-hour early in the month."""
    block = PeriodBlocks(
        item="b", sign=1, period_of_step=np.zeros(3, dtype=int), limits_kwh=np.array([[2.0]]),
        prices=np.array([0.1, 0.5]),
    )  # fmt: skip
    meter = MeterPrices(
        step_h=1.0, prices=np.zeros((3, 2)), edges_kwh=np.zeros((3, 1)), blocks=(block,)
    )
    lower, upper = shadow_prices(meter, np.array([1.0, 1.0, 1.5]))
    assert lower.tolist() == upper.tolist() == [0.5, 0.5, 0.5]


def test_one_net_energy_for_each_step_is_needed():
    """Another length is refused."""
    with pytest.raises(LabelError, match="expected \\(2,\\)"):
        shadow_prices(two_prices(np.ones(2), np.zeros(2), step_h=1.0), np.ones(3))
