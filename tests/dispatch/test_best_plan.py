"""Tests of the choice of the method."""

import dataclasses

import numpy as np
import pytest

from nemogrid.dispatch.best_plan import solve_member
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.meter import PeriodBlocks, PeriodPeaks, meter_cost, two_prices
from nemogrid.dispatch.store import Store

T = 48
RNG = np.random.default_rng(5)
NET = RNG.normal(0.2, 1.0, T)
METER = two_prices(RNG.choice([0.2, 0.3], T), np.full(T, 0.1), step_h=0.5)
MONTH = np.arange(T) // 24
STORE = Store(
    name="battery", charge_limit_kwh=np.ones(T), discharge_limit_kwh=np.ones(T),
    lower_kwh=np.zeros(T + 1), upper_kwh=np.full(T + 1, 3.0), initial_kwh=0.0,
    charge_efficiency=0.9,
)  # fmt: skip
PEAK = PeriodPeaks(item="peak", sign=1, period_of_step=MONTH, price_per_kw=np.array([1.0, 2.0]))
BLOCK = PeriodBlocks(
    item="block", sign=1, period_of_step=MONTH, limits_kwh=np.full((2, 1), 4.0),
    prices=np.array([0.0, 0.1]),
)  # fmt: skip
CASES = {
    "closed form": (METER, ()),
    "exact engine: merged slopes": (METER, (STORE,)),
    "exact engine inside a search": (dataclasses.replace(METER, peaks=(PEAK,)), (STORE,)),
    "HiGHS": (dataclasses.replace(METER, blocks=(BLOCK,)), (STORE,)),
    "HiGHS LP": (METER, (STORE, STORE)),
}


@pytest.mark.parametrize("method", CASES)
def test_the_certificate_names_the_method_and_the_optimum_is_that_of_a_linear_program(method):
    """Whichever way is taken, HiGHS finds nothing cheaper."""
    meter, stores = CASES[method]
    plan = solve_member(meter, NET, stores)
    assert plan.certificate.method.startswith(method)
    assert len(plan.paths) == len(stores)
    if stores:
        other = solve_lp(meter, NET, stores, tie_break=False)
        assert plan.cost == pytest.approx(other.cost, rel=1e-7)
    else:
        assert plan.cost == meter_cost(meter, NET)
